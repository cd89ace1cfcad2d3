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
    assert_eq!(Size { flash: said("flash"), ram: said("static RAM") }, size);
}

/// What is reached, so that it is not lost again; the goals are 2 KiB of stack and 3,200 instructions
/// a record. HKDF-SHA-512 alone takes 3 KiB of stack, and a record's seven SHA-256 compressions
/// 34,000 instructions in the small build.
#[test]
fn stack_and_instructions_stay_what_they_are() {
    let reached = [
        ("stack, starting", 9 * KIB),
        ("stack, recording", 4 * KIB + KIB / 8),
        ("stack, signing", 4 * KIB + KIB / 2),
        ("a record, in all", 68_000),
        ("a checkpoint, signed and sent", 2_100_000),
    ];
    for (what, most) in reached {
        let took = said(what);
        println!("{what}: {took} of {most}");
        assert!(took > 0 && took <= most, "{what}: {took}, and it was at most {most}");
    }
}

/// The number that the robot's report gives.
#[track_caller]
fn said(what: &str) -> u64 {
    let line = ROBOT.said.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(": "));
    let number = line.and_then(|line| line.split(' ').next()?.parse().ok());
    number.unwrap_or_else(|| panic!("no `{what}` in:\n{}", ROBOT.said))
}
