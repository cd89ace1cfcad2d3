//! A device that does what the fuzzer says, and a store that takes its log: whatever was taken,
//! the store verifies, and nothing of who was erased is in it.

use activemirror_core::log::block::Position;
use activemirror_core::log::checkpoint::Checkpoint;
use activemirror_core::log::codec::Codec;
use activemirror_core::log::reader::EntryBody;
use activemirror_core::log::stream::{Frame, FrameReader};
use activemirror_core::log::tree::Frontier;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Record, SubjectRef};
use activemirror_core::vault::{Key, KeyTree, SubjectKey};
use activemirror_store::{Accepted, InMemoryBackend, Memory, Options, Scope, Store};

use crate::blocks::{Forgery, Ring, built, structure, subject};
use crate::bytes::Bytes;

/// Steps of one run: more say nothing new and take time.
const STEPS_MAX: usize = 40;

/// Constant, so that a run can be repeated; nothing here needs secrets.
fn entropy(bytes: &mut [u8]) -> bool {
    bytes.fill(7);
    true
}

struct World {
    store: Store,
    ring: Ring,
    by: SubjectRef,
    /// The device's blocks, and how many of them the store took.
    blocks: Vec<(Vec<u8>, Vec<u8>)>,
    taken: usize,
    tree: Frontier,
    next: u64,
}

/// Plays the steps that the bytes say.
pub(crate) fn log(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let mut world = World::new();
    for _ in 0..STEPS_MAX {
        if bytes.is_empty() {
            break;
        }
        world.step(&mut bytes);
    }
    world.check();
}

impl World {
    fn new() -> Self {
        let options = Options { keys: KeyTree::new(&Key::new([9; 32])), entropy, cache_bytes: 1 << 20 };
        let store = Store::open_on(InMemoryBackend::new(), Memory::default(), true, options);
        let store = store.expect("a fresh store in memory");
        let by = store.ensure_subject("namespace").expect("memory takes a key");
        store.enrol(&Key::new([1; 32])).expect("memory takes a device");
        let (blocks, tree) = (Vec::new(), Frontier::new());
        Self { store, ring: Ring::new(), by, blocks, taken: 0, tree, next: 0 }
    }

    fn step(&mut self, bytes: &mut Bytes<'_>) {
        match bytes.byte() % 9 {
            0 => {
                let public_key = self.ring.tree.public_key();
                self.send(&Frame::Hello { version: bytes.byte() % 2, public_key });
            }
            1 => self.bring_key(bytes.byte()),
            2 => self.write(bytes),
            3 => self.send_next(),
            4 => self.forge(bytes),
            5 => {
                let erased = self.store.erase(subject(bytes.byte()), self.by, Timestamp::from_millis(1));
                let _ = erased;
            }
            6 => self.store.end_stream(),
            7 => {
                let log = self.ring.tree.log_id();
                let head = Checkpoint { log, size: self.tree.size(), root: self.tree.root() };
                let note = head.sign(self.ring.tree.signing());
                self.send(&Frame::Checkpoint { note: &note });
            }
            _ => self.send_raw(bytes.piece()),
        }
    }

    fn send(&self, frame: &Frame<'_>) -> Option<Accepted> {
        self.store.accept(Some(self.ring.tree.log_id()), frame).ok()
    }

    /// A person's key, or now and then another one for them.
    fn bring_key(&self, which: u8) {
        let (person, other) = (which % 3, which >> 7);
        let key = SubjectKey::new([11 + person + other; 32]);
        let wrapped = self.ring.tree.wrap(subject(person), &key, &[3; 24]);
        self.send(&Frame::Key { subject: subject(person), wrapped: &wrapped });
    }

    /// The device writes a block, which it sends later.
    fn write(&mut self, bytes: &mut Bytes<'_>) {
        let text = String::from_utf8_lossy(bytes.piece()).into_owned();
        let count = 1 + bytes.byte() % 3;
        let start = Body::TraceStart(Content::default());
        let start = Record { structure: structure(Kind::TraceStart, subject(count % 3), 1), body: start };
        let said = |number: u8| Record {
            structure: structure(Kind::Thought, subject((number + count) % 3), i64::from(number)),
            body: Body::Event(Content { text: Some(&text), ..Content::default() }),
        };
        let records: Vec<Record<'_>> = [start].into_iter().chain((0..count).map(said)).collect();
        let position = Position { log: self.ring.tree.log_id(), block: self.tree.size(), first: self.next };
        let (header, stored) = built(&self.ring, position, &records, Codec::RowsLz4);
        self.tree.push(header.leaf_hash());
        self.next = header.end();
        self.blocks.push((header.to_bytes().to_vec(), stored));
    }

    fn send_next(&mut self) {
        let Some((header, stored)) = self.blocks.get(self.taken).cloned() else { return };
        if self.send(&Frame::Block { header: &header, stored: &stored }).is_some() {
            self.taken += 1;
        }
    }

    /// A block that is not of the device's history, where the next one would be.
    fn forge(&self, bytes: &mut Bytes<'_>) {
        let log = self.ring.tree.log_id();
        let first = self.store.end(log).expect("it is enrolled");
        let position = Position { log, block: self.taken as u64, first };
        let forgery = Forgery::read(bytes);
        let (header, stored) = forgery.at(&self.ring, position, bytes.array());
        self.send(&Frame::Block { header: &header.to_bytes(), stored: &stored });
    }

    fn send_raw(&self, bytes: &[u8]) {
        let (log, store) = (self.ring.tree.log_id(), &self.store);
        let fed: Result<(), ()> = FrameReader::new().feed(bytes, |frame| {
            if let Ok(frame) = frame {
                let _ = store.accept(Some(log), &frame);
            }
            Ok(())
        });
        assert!(fed.is_ok());
    }

    fn check(&self) {
        let report = self.store.verify(Scope::Everything, || ()).expect("memory can be read");
        assert_eq!(report.fault().map(|(_, fault)| fault.clone()), None);
        let (_, erased) = self.store.subjects();
        for at in self.store.blocks().expect("memory can be read") {
            let block = self.store.open_block(at).expect("it verifies");
            for entry in block.entries().expect("it verifies") {
                let gone = erased.contains(&entry.structure.subject);
                assert_eq!(gone, matches!(entry.body, EntryBody::Erased(_)));
            }
        }
    }
}
