//! The persona's behaviour through its public functions.

mod frames;
mod recorded;
mod reviews;
