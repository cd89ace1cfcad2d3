//! What the programs take, against what they may take.

use activemirror_device_tests::image::{self, Size};

use crate::ROBOT;

const KIB: u64 = 1 << 10;

#[test]
fn the_tiers_fit_their_flash_and_ram() {
    check("tier-sealed", Size { flash: 24 * KIB, ram: 4 * KIB });
    check("tier-signed", Size { flash: 46 * KIB, ram: 8 * KIB });
}

#[track_caller]
fn check(name: &str, most: Size) {
    let size = image::size(name).unwrap_or_else(|error| panic!("{error:#}"));
    println!("{name}: {} of {} bytes of flash, {} of {} of RAM", size.flash, most.flash, size.ram, most.ram);
    let compact = "--cfg sha2_backend=\"soft\" --cfg sha2_backend_soft=\"compact\"";
    assert!(size.flash <= most.flash, "too much flash; is it built with RUSTFLAGS='{compact}'?");
    assert!(size.ram <= most.ram, "too much static RAM");
}

#[test]
fn the_robot_counts_its_flash_and_ram_right() {
    let size = image::size("robot").unwrap_or_else(|error| panic!("{error:#}"));
    let says = |what: &str, bytes: u64| ROBOT.said.contains(&format!("{what}: {bytes} bytes\n"));
    assert!(says("flash", size.flash) && says("static RAM", size.ram), "{size:?}, it says\n{}", ROBOT.said);
}
