//! Events that the tests of several plugins are shown: short constructors, and recorded runs.

pub mod airline;
pub mod events;
mod masks;
