//! The rules of this house, each a function from what it judges to the violations it finds.
//!
//! | module | keeps |
//! |---|---|
//! | [`arrows`] | which package may depend on which, and where the big dependencies live |
//! | [`source`] | how a Rust file opens, is named, and how long it and its functions may be |
//! | [`text`] | what no file says: where somebody's machine keeps things, what is left to do |
//! | [`core_walls`] | what core promises at its top, and that its bare WebAssembly imports nothing |
//! | [`licences`] | under which terms the dependencies come |
//!
//! They live here and not in the tests so that the tests can show each of them a violation, too.

pub mod arrows;
pub mod core_walls;
pub mod exceptions;
pub mod files;
pub mod licences;
pub mod source;
pub mod text;
