//! One runnable idea per file: `cargo run --release -p activemirror-examples --example NAME`.
//!
//! | example | shows |
//! |---|---|
//! | `recorded_agent` | an agent that records what it does, and reads it back after a restart |
//! | `erase_a_person` | one person erased, everybody else intact, the log still proven |
//! | `overhead` | what recording costs an agent, ungoverned and governed, in time and memory |
