//! The built-in policy `pii`.

pub mod category;
mod character;
mod check_digits;
mod detect;
mod event;
mod label;
mod order;
mod page;
mod policy;
mod scan;
mod settings;
mod table;
mod words;

pub use category::Category;
pub use policy::{MARKS_MAX, Policy, decide};
pub use scan::{FINDINGS_MAX, Finding, Scanner, find};
pub use settings::Settings;

activemirror_guest::policy::export!(Policy);
