//! Skeleton.

pub mod document;
