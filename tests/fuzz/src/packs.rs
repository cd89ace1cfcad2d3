//! Packs: as bytes, and as whoever holds the keys could forge them.

use activemirror_core::hash::sha256;
use activemirror_core::log::block::{Content, ContentState, Position};
use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::log::pack::{self, Leaves, Packed, StoredPack};
use activemirror_core::log::reader::{OpenBlock, Room, StoredBlock};
use activemirror_core::log::tree::Frontier;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content as Said, Kind, Record, SubjectRef};
use activemirror_core::vault::{Key, KeyRing, seal};

use crate::blocks::{Ring, built, columns, salts, structure, subject};
use crate::bytes::{Bytes, piece};

/// Blocks of one run: more say nothing new.
const BLOCKS_MAX: usize = 4;

/// How many headers there are, the headers, and a stored form, as they come; past the digest too.
pub(crate) fn pack(bytes: &[u8]) {
    let ring = Ring::new();
    let Some((count, rest)) = bytes.split_first() else { return };
    let count = usize::from(*count) % BLOCKS_MAX + 1;
    let Some((heads, stored)) = rest.split_at_checked(count * Header::BYTES) else { return };
    let headers = heads.chunks(Header::BYTES).map(Header::from_bytes).collect::<Result<Vec<_>, _>>();
    let Ok(headers) = headers else { return };
    if let Ok(pack) = StoredPack::read(&headers, stored) {
        let _ = pack.open(&headers, &ring);
    }
    let stored = [stored, &sha256(&[heads, stored].concat())].concat();
    if let Ok(pack) = StoredPack::read(&headers, &stored) {
        assert!(pack.sealed().count() <= 255);
        let _ = pack.open(&headers, &ring);
        let _ = pack.erase(&headers, &ring, &[subject(0), subject(1)]);
        let _ = pack.settle(&headers, &ring, |_| true);
    }
}

/// A pack whose seals fit, around plaintexts as they come.
struct Forgery<'f> {
    codec: Codec,
    /// Of each block, how many records, the earliest and the latest time.
    blocks: Vec<(u32, i64, i64)>,
    structure: &'f [u8],
    /// Whose, whether it is erased, and the segment.
    contents: Vec<(SubjectRef, bool, &'f [u8])>,
    leaves: &'f [u8],
}

impl<'f> Forgery<'f> {
    fn read(bytes: &mut Bytes<'f>) -> Self {
        let flags = bytes.byte();
        let codec = match flags & 3 {
            0 => Codec::Rows,
            1 => Codec::RowsLz4,
            _ => Codec::Columns,
        };
        let block = |_| {
            let count = u32::from(u16::from_le_bytes(bytes.array()));
            (count, i64::from_le_bytes(bytes.array()), i64::from_le_bytes(bytes.array()))
        };
        let blocks = (0..=usize::from(flags >> 2) % BLOCKS_MAX).map(block).collect();
        let (structure, leaves) = (bytes.piece(), bytes.piece());
        let content = |_| {
            let tag = bytes.byte();
            (subject(tag >> 1), tag & 1 == 1, bytes.piece())
        };
        Self { codec, blocks, structure, contents: (0..flags >> 5).map(content).collect(), leaves }
    }

    /// The pack whose headers commit these roots.
    fn with(&self, ring: &Ring, leaves: &[u8], root: impl Fn(usize) -> [u8; 32]) -> (Vec<Header>, Vec<u8>) {
        let (mut headers, mut first, mut tree) = (Vec::new(), 77, Frontier::new());
        for (number, (count, earliest, latest)) in self.blocks.iter().enumerate() {
            let header = Header {
                log: ring.tree.log_id(),
                block: 5 + number as u64,
                first,
                count: *count,
                time_min: Timestamp::from_millis(*earliest),
                time_max: Timestamp::from_millis(*latest),
                events_root: root(number),
            };
            first = header.end();
            tree.push(header.leaf_hash());
            headers.push(header);
        }
        let sealed = |key: &Key, place: [u8; 17], plain: &[u8]| {
            let context = [&b"AMPACK01/seal/"[..], &[self.codec as u8], &place, &tree.root()].concat();
            let framed = (self.codec == Codec::Columns).then(|| columns(plain));
            let mut sealed = Vec::new();
            let plain = framed.as_deref().unwrap_or(plain);
            assert!(seal::seal(key, &[0; 24], &[&context], plain, &mut sealed).is_ok());
            sealed
        };
        let segment = |(subject, erased, plain): &(SubjectRef, bool, &[u8])| {
            let mut place = [1; 17];
            place[1..].copy_from_slice(&subject.0);
            match ring.subject(*subject) {
                Some(key) if !erased => sealed(key.sealing(), place, plain),
                _ => plain.to_vec(),
            }
        };
        let segments: Vec<Vec<u8>> = self.contents.iter().map(segment).collect();
        let contents = self.contents.iter().zip(&segments).map(|((subject, erased, _), segment)| Content {
            subject: *subject,
            state: if *erased { ContentState::Erased(segment) } else { ContentState::Sealed(segment) },
        });
        let structure = sealed(ring.structure(), [0; 17], self.structure);
        let packed = Packed { structure: &structure, contents: contents.collect(), leaves };
        let mut bytes = vec![0x80 | self.codec as u8];
        bytes.extend(postcard::to_allocvec(&packed).expect("a Vec takes it"));
        let heads: Vec<u8> = headers.iter().flat_map(Header::to_bytes).collect();
        bytes.extend(sha256(&[&*heads, &*bytes].concat()));
        (headers, bytes)
    }
}

/// A forged pack opens or does not; one that opens can be erased from and packed anew, and its blocks
/// verify.
pub(crate) fn sealed(bytes: &[u8]) {
    let ring = Ring::new();
    let forgery = Forgery::read(&mut Bytes(bytes));
    let opened = |headers: &[Header], bytes: &[u8]| StoredPack::read(headers, bytes)?.open(headers, &ring);
    let (headers, stored) = forgery.with(&ring, forgery.leaves, |_| [0; 32]);
    let _ = (opened(&headers, &stored), outline(&headers, &stored, &ring));
    let (headers, stored) = forgery.with(&ring, &[], |_| [0; 32]);
    if headers.iter().any(|header| Header::from_bytes(&header.to_bytes()).is_err()) {
        return;
    }
    let outlined = outline(&headers, &stored, &ring);
    let Ok(blocks) = opened(&headers, &stored) else { return };
    let entries = blocks.iter().flat_map(|block| block.entries().expect("opening looked at them"));
    let rows = entries.map(|entry| format!("{} {:?}", entry.sequence, entry.structure));
    assert_eq!(outlined, Some(rows.collect()), "what is found is what is verified");
    let leaves: Option<Vec<Vec<[u8; 32]>>> =
        blocks.iter().map(|block| block.leaves(&ring).expect("opening looked at them")).collect();
    let Some(leaves) = leaves else { return };
    let root = |block: usize| Frontier::over(&leaves[block]).root();
    for kept in [Vec::new(), leaves.concat().concat()] {
        let (headers, stored) = forgery.with(&ring, &kept, root);
        let blocks = opened(&headers, &stored).expect("the roots alone are others");
        verify(&blocks, &ring);
        let pack = StoredPack::read(&headers, &stored).expect("it was read");
        if let Some(erased) = pack.erase(&headers, &ring, &[subject(0), subject(2)]).expect("it opens") {
            verify(&opened(&headers, &erased).expect("what is erased from opens"), &ring);
        }
        let again = pack::write(&blocks, Leaves::Kept, Codec::RowsLz4, &ring, salts()).expect("it opens");
        verify(&opened(&headers, &again).expect("what was written is read"), &ring);
    }
}

/// Looks at a pack as a search does; the structures, where they agree with the headers.
fn outline(headers: &[Header], stored: &[u8], ring: &Ring) -> Option<Vec<String>> {
    let (pack, mut room) = (StoredPack::read(headers, stored).ok()?, Room::default());
    let outline = pack.outline(headers, ring.structure(), &mut room).ok()?;
    let (mut rows, mut structures) = (outline.rows().ok()?, Vec::new());
    while let Some(row) = rows.next().ok()? {
        structures.push(format!("{} {:?}", row.sequence, row.structure));
    }
    for (person, records) in (0..).zip(rows.counts()) {
        let content = pack.content_of(&outline, ring, person, &mut room);
        let _ = content.map(|content| content.bodies(*records).is_ok());
    }
    Some(structures)
}

fn verify(blocks: &[OpenBlock], ring: &Ring) {
    blocks.iter().for_each(|block| assert_eq!(block.verify(ring), Ok(true)));
}

/// Packs of two blocks without their digests, behind their headers.
pub(crate) fn packs() -> Vec<Vec<u8>> {
    let ring = Ring::new();
    let blocks = two(&ring);
    let open: Vec<OpenBlock> = blocks
        .iter()
        .map(|(header, stored)| StoredBlock::read(header, stored).and_then(|block| block.open(header, &ring)))
        .collect::<Result<_, _>>()
        .expect("they were just built");
    let heads: Vec<u8> = blocks.iter().flat_map(|(header, _)| header.to_bytes()).collect();
    let of = |(codec, leaves)| {
        let pack = pack::write(&open, leaves, codec, &ring, salts()).expect("they open");
        [&[1], &*heads, &pack[..pack.len() - 32]].concat()
    };
    [
        (Codec::Rows, Leaves::Derived),
        (Codec::RowsLz4, Leaves::Kept),
        (Codec::Columns, Leaves::Derived),
        (Codec::Columns, Leaves::Kept),
    ]
    .map(of)
    .to_vec()
}

fn two(ring: &Ring) -> [(Header, Vec<u8>); 2] {
    let said = |number: u8| Record {
        structure: structure(Kind::Thought, subject(number % 3), i64::from(number)),
        body: Body::Event(Said { text: Some("hello"), ..Said::default() }),
    };
    let log = ring.tree.log_id();
    let one = built(ring, Position { log, block: 0, first: 0 }, &[said(0), said(1), said(2)], Codec::Rows);
    let first = one.0.end();
    [one, built(ring, Position { log, block: 1, first }, &[said(4), said(0)], Codec::Rows)]
}

/// What [`Forgery`] reads: two blocks of two people.
pub(crate) fn forgeries() -> Vec<Vec<u8>> {
    let row = |segment: u8, time: u8| [0, 2 * time, segment, 1, 0, 0, 0, 0, 0, 0];
    let rows = [row(0, 5), row(1, 1), row(0, 0)].concat();
    let structure = [&[1, 1, b't', 3][..], &rows].concat();
    let body = [0, 1, 1, b'x', 0, 0];
    let two = [&[2][..], &body, &body].concat();
    let one = [&[1][..], &body].concat();
    [Codec::Rows, Codec::RowsLz4, Codec::Columns]
        .map(|codec| forgery(codec, &structure, [&two, &one]))
        .to_vec()
}

fn forgery(codec: Codec, structure: &[u8], bodies: [&[u8]; 2]) -> Vec<u8> {
    let packed = |plain: &[u8]| match codec {
        Codec::Rows => plain.to_vec(),
        Codec::RowsLz4 => lz4_flex::compress_prepend_size(plain),
        // The plaintext itself, in a frame.
        Codec::Columns => [&[0], plain].concat(),
    };
    // Two people, two blocks.
    let mut bytes = vec![codec as u8 | 1 << 2 | 2 << 5];
    for (count, earliest, latest) in [(2_u16, 5_i64, 6_i64), (1, 6, 6)] {
        bytes.extend(count.to_le_bytes());
        bytes.extend(earliest.to_le_bytes());
        bytes.extend(latest.to_le_bytes());
    }
    bytes.extend(piece(&packed(structure)));
    bytes.extend(piece(&[]));
    for (person, bodies) in bodies.iter().enumerate() {
        bytes.push((person as u8) << 1);
        bytes.extend(piece(&packed(bodies)));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A seed that is refused at once leads nowhere.
    #[test]
    fn forgeries_open() {
        let ring = Ring::new();
        for seed in forgeries() {
            let (headers, stored) = Forgery::read(&mut Bytes(&seed)).with(&ring, &[], |_| [0; 32]);
            let blocks = StoredPack::read(&headers, &stored).and_then(|pack| pack.open(&headers, &ring));
            let records =
                blocks.map(|blocks| blocks.iter().map(|block| block.header().count).collect::<Vec<_>>());
            assert_eq!(records, Ok(vec![2, 1]));
        }
    }
}
