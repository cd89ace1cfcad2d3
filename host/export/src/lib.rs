//! The log as tables for analysts: one row a record, in Parquet, CSV or JSON Lines.
//!
//! [`activemirror::Runtime::pass`] meets every record; a [`Writer`] takes those that its [`Table`]
//! is made of and writes each as a row. It holds one row of CSV or JSON and one row group of
//! Parquet, never a trace.
//!
//! | module | what it decides |
//! |---|---|
//! | [`Table`] | which columns there are, and what a record puts into them |
//! | [`cell`] | what a value can be |
//! | [`group`] | how rows become a Parquet file |
//! | [`sheet`] | how they become CSV: what NULL is, and what a spreadsheet must not run |
//! | [`lines`] | how they become JSON Lines |
//!
//! It is a package of its own since Parquet is a large dependency, and who embeds the runtime should
//! not have to build it. The exchange format (MirrorDNA, one trace a line) is the runtime's
//! own: [`activemirror::format::mirrordna`].
#![deny(missing_docs)]

pub mod cell;
mod error;
pub mod group;
pub mod lines;
pub mod sheet;
mod table;
mod writer;

pub use error::{Unwritable, WriteError};
pub use table::Table;
pub use writer::{Format, Writer};
