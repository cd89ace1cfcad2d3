//! The host's vectors are the golden ones. `BLESS=1` makes them so.

use std::path::Path;
use std::{env, fs};

use activemirror_vectors::{BUFFERS, GOLDEN, HOST, PACKED, Ring, golden_block, packed, run, unpacked};

fn lines() -> Vec<String> {
    let (mut lines, mut buffers) = (Vec::new(), 0);
    let mut fresh = || {
        buffers += 1;
        Vec::new()
    };
    run(&mut fresh, &mut |vector| lines.push(vector.to_string())).expect("a Vec has room");
    assert_eq!(buffers, BUFFERS, "what a device sets aside");
    lines
}

#[test]
fn the_host_computes_the_golden_vectors() {
    if env::var_os("BLESS").is_some() {
        bless_packed();
        return bless(&lines());
    }
    let lines = lines();
    let golden: Vec<&str> = GOLDEN.lines().collect();
    for (line, golden) in lines.iter().zip(&golden) {
        assert_eq!(line, golden, "a changed line is a changed format");
    }
    assert_eq!(lines.len(), golden.len(), "vectors came or went");
}

#[test]
fn names_are_unique_and_enough_of_them_need_no_heap() {
    let mut names: Vec<&str> = GOLDEN.lines().filter_map(|line| line.split(" = ").next()).collect();
    let bare = names.iter().filter(|name| !name.starts_with(HOST)).count();
    assert!(bare >= 100, "only {bare} vectors run on a device");
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

fn bless(lines: &[String]) {
    let golden = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    fs::write(folder().join("golden.txt"), golden).expect("golden.txt can be written");
}

/// What was packed once stays as it is, as long as it can be unpacked.
fn bless_packed() {
    let ring = Ring::new();
    let (header, _) = golden_block(&ring, &mut Vec::new).expect("a Vec has room");
    if unpacked(&ring, &header, PACKED).is_err() {
        let packed = packed(&ring).expect("the golden block opens");
        fs::write(folder().join("packed.block"), packed).expect("packed.block can be written");
        panic!("packed.block is written; bless again to read it");
    }
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
