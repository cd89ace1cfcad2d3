//! The persona's behaviour through its public functions.

mod airline;
mod events;
mod frames;
mod recorded;
mod reviews;
