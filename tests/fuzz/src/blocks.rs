//! Blocks: as bytes, and as whoever holds the keys could forge them.

use activemirror_core::hash::sha256;
use activemirror_core::log::block::{BlockBuilder, Buffers, Content, ContentState, Position, Stored};
use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{EntryBody, OpenBlock, Room, StoredBlock};
use activemirror_core::log::tree::Frontier;
use activemirror_core::log::zone::Zone;
use activemirror_core::mask;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Kind, Record, Structure, SubjectRef};
use activemirror_core::vault::{Key, KeyRing, KeyTree, Salt, SubjectKey, seal};

use crate::bytes::Bytes;

/// The keys of a device, and those of three of its four people.
#[derive(Debug)]
pub(crate) struct Ring {
    pub(crate) tree: KeyTree,
    keys: [SubjectKey; 3],
}

impl Ring {
    pub(crate) fn new() -> Self {
        let keys = [11, 12, 13].map(|byte| SubjectKey::new([byte; 32]));
        Self { tree: KeyTree::new(&Key::new([1; 32])), keys }
    }
}

impl KeyRing for Ring {
    fn structure(&self) -> &Key {
        self.tree.structure()
    }

    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey> {
        self.keys.get(usize::from(subject.0[0]))
    }
}

/// One of the device's people.
pub(crate) const fn subject(number: u8) -> SubjectRef {
    SubjectRef([number % 4; 16])
}

pub(crate) fn structure<'s>(kind: Kind, subject: SubjectRef, time: i64) -> Structure<'s> {
    Structure { trace: Some("t"), ..Structure::new(kind, Timestamp::from_millis(time), subject) }
}

/// Salts that differ.
pub(crate) fn salts() -> impl FnMut() -> Salt {
    let mut salt = [0; 24];
    move || {
        salt[0] += 1;
        salt
    }
}

/// A block of these records, as a device writes it.
pub(crate) fn built(
    ring: &Ring,
    position: Position,
    records: &[Record<'_>],
    codec: Codec,
) -> (Header, Vec<u8>) {
    let mut builder: BlockBuilder<Vec<u8>, 3> = BlockBuilder::new(position, Buffers::default());
    for record in records {
        builder.push(record, ring).expect("the ring has their keys");
    }
    let mut stored = Vec::new();
    let header = builder.finish(codec, ring, salts(), &mut stored).expect("a Vec takes it");
    (header.expect("there are records"), stored)
}

/// A header and a stored form, as they come; past the digest, as whoever can compute one gets.
pub(crate) fn block(bytes: &[u8]) {
    let ring = Ring::new();
    let Some((head, stored)) = bytes.split_at_checked(Header::BYTES) else { return };
    let Ok(header) = Header::from_bytes(head) else { return };
    if let Ok(block) = StoredBlock::read(&header, stored) {
        let _ = block.open(&header, &ring);
    }
    let digest = sha256(&[head, stored].concat());
    let stored = [stored, &digest].concat();
    if let Ok(block) = StoredBlock::read(&header, &stored) {
        assert!(block.subjects().count() <= 255);
        let _ = block.open(&header, &ring);
        let _ = block.erase(&header, &ring, &[subject(0), subject(1)]);
    }
}

/// A block whose seals fit, around plaintexts as they come.
#[derive(Debug)]
pub(crate) struct Forgery<'f> {
    pub(crate) codec: Codec,
    pub(crate) count: u32,
    pub(crate) times: [i64; 2],
    pub(crate) structure: &'f [u8],
    /// Whose, whether it is erased, and the segment.
    pub(crate) contents: Vec<(SubjectRef, bool, &'f [u8])>,
}

impl<'f> Forgery<'f> {
    pub(crate) fn read(bytes: &mut Bytes<'f>) -> Self {
        let flags = bytes.byte();
        let codec = match flags & 3 {
            0 => Codec::Rows,
            1 => Codec::RowsLz4,
            _ => Codec::Columns,
        };
        let count = u32::from(u16::from_le_bytes(bytes.array()));
        let times = [i64::from_le_bytes(bytes.array()), i64::from_le_bytes(bytes.array())];
        let structure = bytes.piece();
        let content = |_| {
            let tag = bytes.byte();
            (subject(tag >> 1), tag & 1 == 1, bytes.piece())
        };
        Self { codec, count, times, structure, contents: (0..flags >> 5).map(content).collect() }
    }

    /// The block at `position` whose header commits this root.
    pub(crate) fn at(&self, ring: &Ring, position: Position, events_root: [u8; 32]) -> (Header, Vec<u8>) {
        let header = Header {
            log: position.log,
            block: position.block,
            first: position.first,
            count: self.count,
            time_min: Timestamp::from_millis(self.times[0]),
            time_max: Timestamp::from_millis(self.times[1]),
            events_root,
        };
        let sealed = |key: &Key, place: [u8; 17], plain: &[u8]| {
            let mut sealed = Vec::new();
            let codec = [self.codec as u8];
            let context = [&b"AMBLOCK1/seal/"[..], &codec, &place, &header.leaf_hash()].concat();
            let framed = (self.codec == Codec::Columns).then(|| columns(plain));
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
        let stored = Stored { structure: &structure, contents: contents.collect() };
        let mut bytes = vec![self.codec as u8];
        bytes.extend(postcard::to_allocvec(&stored).expect("a Vec takes it"));
        bytes.extend(sha256(&[&header.to_bytes(), &*bytes].concat()));
        (header, bytes)
    }
}

/// Where a byte that says what columns hold is this or more, what follows is a frame already.
const FRAMED: u8 = 0x80;

/// A segment of columns: what the first byte says, and the rest in a frame that compresses nothing,
/// so that bytes go through it to the columns as they come.
pub(crate) fn columns(plain: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 128 << 10;
    let Some((form, plain)) = plain.split_first() else { return Vec::new() };
    if *form >= FRAMED {
        return [&[form - FRAMED], plain].concat();
    }
    // A single segment whose length takes four bytes.
    let mut frame = vec![*form, 0xa0];
    frame.extend((plain.len() as u32).to_le_bytes());
    let blocks = plain.len().div_ceil(BLOCK).max(1);
    for (number, block) in plain.chunks(BLOCK).chain(plain.is_empty().then_some(plain)).enumerate() {
        let last = u32::from(number + 1 == blocks);
        frame.extend(&((block.len() as u32) << 3 | last).to_le_bytes()[..3]);
        frame.extend(block);
    }
    frame
}

/// A forged block opens or does not; one that opens can be erased from, encoded anew and masked,
/// and still verifies.
pub(crate) fn sealed(bytes: &[u8]) {
    let ring = Ring::new();
    let forgery = Forgery::read(&mut Bytes(bytes));
    let position = Position { log: ring.tree.log_id(), block: 5, first: 77 };
    let (header, stored) = forgery.at(&ring, position, [0; 32]);
    if Header::from_bytes(&header.to_bytes()).is_err() {
        return;
    }
    let Ok(block) = StoredBlock::read(&header, &stored) else { return };
    let outlined = outline(&header, &block, &ring);
    let Ok(open) = block.open(&header, &ring) else { return };
    let rows = open.entries().expect("opening looked at them");
    let rows: Vec<String> = rows.iter().map(|entry| format!("{:?}", entry.structure)).collect();
    assert_eq!(outlined, Some(rows), "what is found is what is verified");
    show(&open);
    let Ok(Some(leaves)) = open.leaves(&ring) else { return };
    let mut tree = Frontier::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    let (header, stored) = forgery.at(&ring, position, tree.root());
    let block = StoredBlock::read(&header, &stored).expect("the root alone is another");
    verifies(&header, &stored, &ring);
    let erased = block.erase(&header, &ring, &[subject(0), subject(2)]).expect("it opens");
    if let Some(erased) = erased {
        verifies(&header, &erased, &ring);
    }
    for codec in [Codec::Rows, Codec::RowsLz4] {
        let again = block.recode(codec, &header, &ring, salts()).expect("it opens");
        verifies(&header, &again, &ring);
    }
}

/// Looks at a block as a search does; the structures, where they agree with the header.
fn outline(header: &Header, block: &StoredBlock<'_>, ring: &Ring) -> Option<Vec<String>> {
    let mut room = Room::default();
    let outline = block.outline(header, ring.structure(), &mut room).ok()?;
    let mut rows = outline.rows().ok()?;
    let (mut structures, mut zone) = (Vec::new(), Zone::default());
    while let Some(row) = rows.next().ok()? {
        zone.note(&row.structure);
        structures.push(format!("{:?}", row.structure));
    }
    for (person, records) in (0..).zip(rows.counts()) {
        let content = block.content_of(header, ring, person, &mut room);
        let _ = content.map(|content| content.bodies(*records).is_ok());
    }
    assert_eq!(Zone::from_bytes(&zone.to_bytes()), Ok(zone));
    Some(structures)
}

fn verifies(header: &Header, stored: &[u8], ring: &Ring) {
    let open = StoredBlock::read(header, stored).and_then(|block| block.open(header, ring));
    assert_eq!(open.and_then(|open| open.verify(ring)), Ok(true));
}

/// What a reader of the records does with them.
fn show(open: &OpenBlock) {
    for entry in open.entries().expect("opening looked at them") {
        if let EntryBody::Open(
            Body::Event(content) | Body::TraceStart(content) | Body::System(content) | Body::Session(content),
        ) = &entry.body
        {
            let view = mask::view(content, &|_| Some([1, 2, 3]));
            for token in &view.tokens {
                let _ = mask::original_range(token.mark.place, &token.shown, &view.tokens);
                let inside = token.shown.start + 1..token.shown.end;
                let _ = mask::original_range(token.mark.place, &inside, &view.tokens);
            }
        }
    }
}
