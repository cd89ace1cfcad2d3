//! JSON, as the runtime reads and writes it: one record at a time, every value with its place in
//! the source, every number as it was written, and nothing hostile beyond [`limits`].
//!
//! Reading and writing tokens is `struson`'s. This module adds what it leaves to its users: bounds
//! on memory, the refusal of duplicate keys, exact numbers, and the way between a tree and the
//! leaves that the log keeps ([`crate::document::Leaf`]).
//!
//! What comes back is the same JSON up to whitespace and the spelling of strings: escapes are
//! normalised (`\u0041` is written `A`, `\/` is `/`). Numbers are byte for byte what they were.

mod error;
pub mod limits;
mod members;
mod meter;
mod number;
mod reader;
mod tree;
mod writer;

pub use error::{Error, Fault, Position};
pub use limits::Budget;
pub(crate) use members::is_under;
pub use members::{member_text, object_without, texts_text, wholes_text};
pub use reader::{Record, Records, parse};
pub use tree::{Node, Object, Tree};
pub(crate) use writer::canonical;
pub use writer::{ObjectWriter, WriteError, object_text};
