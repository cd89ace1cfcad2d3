//! What a power cut, a killed process or a failing disk may do to a store, and what must be left
//! of it afterwards.
//!
//! A [`disk::Disk`] is the store's two files in memory. It keeps every change of either in one
//! order, and fails where it is told to. A [`player::Player`] plays a workload on it, drawn from a
//! seed, and writes into a [`ledger::Ledger`] what was acknowledged, and after which change. An
//! [`image::Walk`] makes every disk that a power cut could have left behind, and [`check::check`]
//! opens the store on it and holds it to the ledger.
//!
//! Beside that, a process that writes to real files is killed ([`kills`]).
//!
//! # What a power cut may do here
//!
//! Up to a sync of a file, all of its changes are on the disk. Of those after it any may be there
//! and any may not, and one of them may be there in part: up to some byte, from some byte on, or
//! some of its 512-byte sectors. That is every order in which a disk may write them: what comes late
//! and what comes never look the same, and a page that was written twice is not written backwards.
//!
//! # What it may not do
//!
//! What redb and the keys' file both rely on: a sync that returned did sync; bytes outside of a
//! write stay what they are; one byte is written or it is not. A file's name is there once the folder
//! was synced, which disks in memory do not have. Bytes that rot are the business of `verify` and its
//! own tests.

pub mod check;
pub mod disk;
pub mod image;
pub mod kills;
pub mod ledger;
pub mod load;
pub mod pages;
pub mod player;
pub mod shelf;
