//! The store, from outside and from below: what it keeps, what it notices, what it gives away.
//!
//! These tests live here and not in `tests/api` because some of them open the tables with redb
//! itself, as an attacker would, and only this package names redb.

#[path = "store/at_rest.rs"]
mod at_rest;
#[path = "store/broken.rs"]
mod broken;
#[path = "store/bytes.rs"]
mod bytes;
#[path = "store/cold_erasure.rs"]
mod cold_erasure;
#[path = "store/device_erasure.rs"]
mod device_erasure;
#[path = "store/devices.rs"]
mod devices;
#[path = "store/erasure.rs"]
mod erasure;
#[path = "store/find.rs"]
mod find;
#[path = "store/flips.rs"]
mod flips;
#[path = "store/group.rs"]
mod group;
#[path = "store/kinds.rs"]
mod kinds;
#[path = "store/merge.rs"]
mod merge;
#[path = "store/opening.rs"]
mod opening;
#[path = "store/own.rs"]
mod own;
#[path = "store/repair.rs"]
mod repair;
#[path = "store/repair_moved.rs"]
mod repair_moved;
#[path = "store/shelf.rs"]
mod shelf;
#[path = "store/tampering.rs"]
mod tampering;
#[path = "store/tiers.rs"]
mod tiers;
#[path = "store/tiers_tampered.rs"]
mod tiers_tampered;
#[path = "store/world.rs"]
mod world;
