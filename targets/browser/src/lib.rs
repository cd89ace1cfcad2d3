//! Core and store for a browser's Worker: the Rust half of the npm package `activemirror`.
//!
//! A Worker (`ts/worker.ts`) owns one [`Mirror`]. It turns a request into an [`Entry`], lets the
//! policy rule on it, and appends: the same steps as on a host, with the same records. What a
//! browser does otherwise (files, keys, tabs, plugins) is told where it is done:
//!
//! | module | question it answers |
//! |---|---|
//! | [`opfs`] | how does redb reach the origin-private file system? |
//! | [`value`] | what do JavaScript's values become? |
//! | [`request`], [`entry`], [`draft`] | how does a request become records? |
//! | [`sight`] | what does the policy see, and what may it answer? |
//! | [`history`], [`report`] | how do they come back? |

#![deny(unsafe_code)]
// Whoever reads this crate reads its source: it has no Rust users.
#![allow(rustdoc::private_intra_doc_links, reason = "the map above leads through private modules")]

mod entry;
mod failure;
mod history;
mod mirror;
mod opfs;
mod report;
mod request;
mod sight;
mod value;

pub use entry::Entry;
pub use mirror::Mirror;
