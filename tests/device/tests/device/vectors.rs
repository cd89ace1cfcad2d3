//! One truth: the device computes the golden vectors, byte for byte.

use activemirror_vectors::{GOLDEN, HOST};

use crate::run;

#[test]
fn the_device_computes_the_golden_vectors() {
    let run = run("vectors");
    let device: Vec<&str> = run.said.lines().collect();
    let golden: Vec<&str> = GOLDEN.lines().filter(|line| !line.starts_with(HOST)).collect();
    for (device, golden) in device.iter().zip(&golden) {
        assert_eq!(device, golden);
    }
    assert_eq!(device.len(), golden.len());
    println!("{} vectors, all golden", device.len());
}
