//! The host's vectors are the golden ones. `BLESS=1` makes them so.

use std::path::Path;
use std::{env, fs};

use activemirror_core::log::codec::Codec;
use activemirror_core::log::pack::Leaves;
use activemirror_vectors::{
    BUFFERS, COLUMNS, COLUMNS_PACK, GOLDEN, HOST, PACKED, Ring, golden_block, golden_pack, pack_as_rows,
    packed, run, unpacked,
};

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
        bless_packed("packed.block", PACKED, Codec::RowsLz4);
        bless_packed("columns.block", COLUMNS, Codec::Columns);
        bless_pack();
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
fn bless_packed(file: &str, known: &[u8], codec: Codec) {
    let ring = Ring::new();
    let (header, _) = golden_block(&ring, &mut Vec::new).expect("a Vec has room");
    if unpacked(&ring, &header, known).is_err() {
        let packed = packed(&ring, codec).expect("the golden block opens");
        fs::write(folder().join(file), packed).expect("the folder can be written to");
        panic!("{file} is written; bless again to read it");
    }
}

/// The same of the pack.
fn bless_pack() {
    let ring = Ring::new();
    if pack_as_rows(&ring, COLUMNS_PACK).is_err() {
        let packed = golden_pack(&ring, Leaves::Derived, Codec::Columns).expect("the golden blocks open");
        fs::write(folder().join("columns.pack"), packed).expect("the folder can be written to");
        panic!("columns.pack is written; bless again to read it");
    }
}

#[test]
fn a_pack_in_columns_is_the_same_as_rows() {
    let ring = Ring::new();
    let pack = |codec| golden_pack(&ring, Leaves::Derived, codec).expect("the golden blocks open");
    let rows = pack_as_rows(&ring, &pack(Codec::Columns)).expect("what was packed here is unpacked");
    assert_eq!(rows, pack(Codec::Rows));
}

#[test]
fn columns_packed_here_are_unpacked_to_the_same_rows() {
    let ring = Ring::new();
    let (header, stored) = golden_block(&ring, &mut Vec::new).expect("a Vec has room");
    let columns = packed(&ring, Codec::Columns).expect("the golden block opens");
    assert_eq!(unpacked(&ring, &header, &columns).as_deref(), Ok(&*stored));
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
