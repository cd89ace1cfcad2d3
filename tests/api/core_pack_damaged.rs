//! Packs that are damaged: what of them proves itself comes out, and nothing else.

use std::collections::BTreeSet;

use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::log::pack::{self, Leaves};

use crate::core_pack::{KEYS, Ring, SPEAKERS, blocks, headers, open, packed, ring};

/// The blocks of a damaged pack that prove themselves, by number.
fn saved(headers: &[Header], bytes: &[u8], ring: &Ring) -> Vec<(u64, String)> {
    let opened = pack::salvage(headers, bytes, ring).unwrap_or_default();
    let whole = opened.iter().filter(|block| block.verify(ring) == Ok(true));
    whole.map(|block| (block.header().block, format!("{:?}", block.entries().unwrap()))).collect()
}

#[test]
fn of_a_damaged_pack_what_proves_itself_is_saved() {
    let ring = ring(&KEYS);
    let blocks = blocks(&ring, &SPEAKERS);
    let headers = headers(&blocks);
    let whole: Vec<(u64, String)> = open(&blocks, &ring)
        .iter()
        .map(|block| (block.header().block, format!("{:?}", block.entries().unwrap())))
        .collect();
    for leaves in [Leaves::Derived, Leaves::Kept] {
        let bytes = packed(&blocks, &ring, leaves, Codec::Columns);
        assert_eq!(saved(&headers, &bytes, &ring), whole);
        let mut found = BTreeSet::new();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let saved = saved(&headers, &flipped, &ring);
            assert!(saved.iter().all(|block| whole.contains(block)), "bit {bit}");
            found.insert(saved.into_iter().map(|(block, _)| block).collect::<Vec<_>>());
        }
        // Who speaks where: 0, 1 and 2 in block 5, 1 in block 6, 2 and 0 in block 7, 0 in block 8.
        let due: [&[u64]; 5] = [&[], &[5, 6, 7, 8], &[6], &[7, 8], &[6, 8]];
        assert_eq!(found, due.into_iter().map(<[u64]>::to_vec).collect());
    }
}
