//! The robot, run in QEMU: what it sends, what it says of itself, and the golden vectors.

mod damage;
mod robot;
mod size;
mod vectors;

use std::sync::LazyLock;
use std::{env, fs};

use activemirror_device_tests::qemu::{self, Run};
use activemirror_device_tests::stream::{Received, receive};

/// One run of the robot, for all that only read it.
static ROBOT: LazyLock<Run> = LazyLock::new(|| run("robot"));

#[track_caller]
fn run(name: &str) -> Run {
    let run = qemu::run(name, &tag()).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    assert_eq!(run.code, Some(0), "{name} said:\n{}", run.said);
    run
}

/// Tells runs of one process apart.
fn tag() -> String {
    format!("{:?}", std::thread::current().id()).replace(['(', ')'], "-")
}

/// The device's root key: the one that the firmware was built with.
fn root() -> [u8; 32] {
    let test_root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../targets/firmware/test-root.hex");
    let text = env::var("ACTIVEMIRROR_DEVICE_ROOT")
        .unwrap_or_else(|_| fs::read_to_string(test_root).expect("the firmware has a test root"));
    let digits = text.trim();
    assert_eq!(digits.len(), 64, "a root key has 64 hex digits");
    core::array::from_fn(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("hex digits"))
}

/// The whole stream, which has no fault.
#[track_caller]
fn received(stream: &[u8]) -> Received {
    let (received, refusal) = receive(root(), stream);
    assert_eq!(refusal, None, "after {} blocks", received.blocks.len());
    received
}
