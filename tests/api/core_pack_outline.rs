//! A pack's structure without anybody's content, as a search opens it.

use activemirror_core::log::codec::Codec;
use activemirror_core::log::pack::{Leaves, StoredPack};
use activemirror_core::log::reader::{EntryBody, PersonBodies, PersonState, Room};
use activemirror_core::vault::KeyRing;

use crate::core_pack::{KEYS, SPEAKERS, blocks, headers, open, packed, ring};

#[test]
fn its_structure_opens_alone_and_each_persons_content_behind_it() {
    let ring = ring(&KEYS);
    let blocks = blocks(&ring, &SPEAKERS);
    let heads = headers(&blocks);
    let opened = open(&blocks, &ring);
    let entries: Vec<_> = opened.iter().flat_map(|block| block.entries().unwrap()).collect();
    for (codec, leaves) in [(Codec::Rows, Leaves::Kept), (Codec::Columns, Leaves::Derived)] {
        let bytes = packed(&blocks, &ring, leaves, codec);
        let (pack, mut room) = (StoredPack::read(&heads, &bytes).unwrap(), Room::default());
        let outline = pack.outline(&heads, ring.structure(), &mut room).unwrap();
        let mut rows = outline.rows().unwrap();
        let mut given = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            given.push(row);
        }
        assert_eq!(given.len(), entries.len());
        let contents: Vec<_> = (0..rows.counts().len() as u8)
            .map(|person| pack.content_of(&outline, &ring, person, &mut room).unwrap())
            .collect();
        for (row, entry) in given.iter().zip(&entries) {
            assert_eq!((row.sequence, row.structure), (entry.sequence, entry.structure));
            let block = &heads[row.block as usize];
            assert!((block.first..block.end()).contains(&row.sequence));
            let person = usize::from(row.person);
            let PersonBodies::Open(bodies) = contents[person].bodies(rows.counts()[person]).unwrap() else {
                panic!("it is open")
            };
            let EntryBody::Open(body) = &entry.body else { panic!("it is open") };
            assert_eq!(&bodies[row.before as usize], body);
        }
        // Whoever has no key is erased as far as the pack can prove it, and else closed.
        let absent = super::core_pack::ring(&KEYS[1..]);
        let due = if leaves == Leaves::Kept { PersonState::Erased } else { PersonState::Sealed };
        let place = outline.subjects().iter().position(|subject| absent.subject(*subject).is_none());
        assert_eq!(pack.state_of(&absent, place.unwrap() as u8), due);
    }
}
