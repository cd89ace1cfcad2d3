//! What is done to hostile bytes: one target for every parser of them, and one that plays a hostile
//! device against a store.
//!
//! A target is a function of bytes that must come back. What it asserts beside that holds for all
//! bytes: what was read is written again equal, an erased block still verifies. `cargo xtask fuzz`
//! lets libFuzzer look for bytes that break one (`driver/`); the tests of this package run every
//! target on its seeds and on every finding of the past, which lie in `findings/`.

mod blocks;
mod bytes;
mod device;
mod documents;
mod packs;
mod pieces;
mod seeds;

/// One target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called; its file in `driver/fuzz_targets` and its folder in `findings/` are too.
    pub name: &'static str,
    /// What it does.
    pub run: fn(&[u8]),
    /// What to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets, the innermost parsers first.
pub const TARGETS: &[Target] = &[
    Target { name: "path", run: pieces::path, seeds: seeds::paths },
    Target { name: "header", run: pieces::header, seeds: seeds::headers },
    Target { name: "zone", run: pieces::zone, seeds: seeds::zones },
    Target { name: "checkpoint", run: pieces::checkpoint, seeds: seeds::checkpoints },
    Target { name: "seal", run: pieces::seal, seeds: seeds::seals },
    Target { name: "block", run: blocks::block, seeds: seeds::blocks },
    Target { name: "block_sealed", run: blocks::sealed, seeds: seeds::forgeries },
    Target { name: "pack", run: packs::pack, seeds: packs::packs },
    Target { name: "pack_sealed", run: packs::sealed, seeds: packs::forgeries },
    Target { name: "stream", run: pieces::stream, seeds: seeds::streams },
    Target { name: "session_record", run: pieces::session_record, seeds: seeds::contents },
    Target { name: "json", run: documents::json, seeds: seeds::json },
    Target { name: "mirrordna", run: documents::mirrordna, seeds: seeds::mirrordna },
    Target { name: "tau_bench", run: documents::tau_bench, seeds: seeds::tau_bench },
    Target { name: "session_json", run: documents::session_json, seeds: seeds::session_json },
    Target { name: "device_log", run: device::log, seeds: seeds::device_logs },
];

/// Runs the target of this name.
///
/// # Panics
///
/// Where there is none, and where the bytes break it.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of this name");
    (target.run)(bytes);
}
