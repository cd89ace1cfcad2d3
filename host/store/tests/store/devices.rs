//! Other devices' logs: only enrolled ones, only unchanged, block by block.

use activemirror_core::log::block::{BlockBuilder, Buffers, Position};
use activemirror_core::log::checkpoint::Checkpoint;
use activemirror_core::log::codec::Codec;
use activemirror_core::log::stream::Frame;
use activemirror_core::log::tree::Frontier;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Record, Structure, SubjectRef};
use activemirror_core::vault::{Key, KeyRing, KeyTree, SubjectKey};
use activemirror_store::{Accepted, DeviceError, Scope, Store};

use crate::world::{Disk, entropy};

pub(crate) const ROOT: [u8; 32] = [42; 32];
/// Whom the device works for.
pub(crate) const OPERATOR: &str = "operator";

/// A device that writes blocks of one record.
pub(crate) struct Device {
    pub(crate) tree: KeyTree,
    pub(crate) subject: SubjectRef,
    pub(crate) key: SubjectKey,
    log: Frontier,
}

impl KeyRing for Device {
    fn structure(&self) -> &Key {
        self.tree.structure()
    }

    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey> {
        (subject == self.subject).then_some(&self.key)
    }
}

impl Device {
    pub(crate) fn new() -> Self {
        let tree = KeyTree::new(&Key::new(ROOT));
        let subject = tree.subject_ref(OPERATOR);
        Self { tree, subject, key: SubjectKey::new([5; 32]), log: Frontier::new() }
    }

    pub(crate) fn wrapped(&self) -> Vec<u8> {
        self.tree.wrap(self.subject, &self.key, &[9; 24]).to_vec()
    }

    pub(crate) fn block(&mut self, text: &str) -> (Vec<u8>, Vec<u8>) {
        let position = Position { log: self.tree.log_id(), block: self.log.size(), first: self.log.size() };
        let mut builder: BlockBuilder<Vec<u8>, 1> = BlockBuilder::new(position, Buffers::default());
        let structure = Structure {
            trace: Some("mission"),
            ..Structure::new(Kind::Observation, Timestamp::from_millis(1), self.subject)
        };
        let body = Body::Event(Content { text: Some(text), ..Content::default() });
        builder.push(&Record { structure, body }, self).unwrap();
        let mut stored = Vec::new();
        let salts = || {
            let mut salt = [0; 24];
            assert!(entropy(&mut salt));
            salt
        };
        let header = builder.finish(Codec::Rows, self, salts, &mut stored);
        let header = header.unwrap().unwrap();
        self.log.push(header.leaf_hash());
        (header.to_bytes().to_vec(), stored)
    }

    pub(crate) fn checkpoint(&self) -> String {
        let head = Checkpoint { log: self.tree.log_id(), size: self.log.size(), root: self.log.root() };
        head.sign(self.tree.signing()).as_str().to_owned()
    }
}

/// A store that has enrolled the device and holds its keys.
pub(crate) fn enrolled(device: &Device) -> (Disk, Store) {
    let disk = Disk::default();
    let store = disk.open().unwrap();
    let log = store.enrol(&Key::new(ROOT)).unwrap();
    let wrapped = device.wrapped();
    let key = Frame::Key { subject: device.subject, wrapped: &wrapped };
    assert_eq!(store.accept(Some(log), &key).unwrap(), Accepted::Key);
    (disk, store)
}

pub(crate) fn accept(
    store: &mut Store,
    device: &Device,
    block: &(Vec<u8>, Vec<u8>),
) -> Result<Accepted, DeviceError> {
    store.accept(Some(device.tree.log_id()), &Frame::Block { header: &block.0, stored: &block.1 })
}

#[test]
fn a_device_that_nobody_enrolled() {
    let device = Device::new();
    let store = Disk::default().open().unwrap();
    let hello = Frame::Hello { version: 1, public_key: device.tree.public_key() };
    assert!(matches!(store.accept(None, &hello), Err(DeviceError::NotEnrolled(_))));
    assert!(matches!(
        store.accept(None, &Frame::Hello { version: 9, public_key: [0; 32] }),
        Err(DeviceError::Version(9))
    ));
}

#[test]
fn blocks_come_in_and_survive_a_restart() {
    let mut device = Device::new();
    let (disk, mut store) = enrolled(&device);
    let blocks = [device.block("one"), device.block("two")];
    for block in &blocks {
        assert_eq!(accept(&mut store, &device, block).unwrap(), Accepted::Block(1));
    }
    let note = device.checkpoint();
    let log = Some(device.tree.log_id());
    assert_eq!(store.accept(log, &Frame::Checkpoint { note: &note }).unwrap(), Accepted::Checkpoint(2));
    drop(store);
    let mut store = disk.open().unwrap();
    assert_eq!(accept(&mut store, &device, &blocks[0]).unwrap(), Accepted::Known);
    assert_eq!(store.blocks_of_trace("mission").unwrap().len(), 2);
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert_eq!(report.fault().map(|(_, fault)| fault), None);
    assert_eq!((report.logs[1].blocks, report.logs[1].covered), (2, 2));
}

#[test]
fn any_changed_byte_of_a_block_is_refused() {
    let mut device = Device::new();
    let (_, mut store) = enrolled(&device);
    let block = device.block("the corridor is clear");
    for at in 0..block.0.len() + block.1.len() {
        let mut changed = block.clone();
        match at.checked_sub(block.0.len()) {
            None => changed.0[at] ^= 1,
            Some(at) => changed.1[at] ^= 1,
        }
        assert!(accept(&mut store, &device, &changed).is_err(), "byte {at}");
    }
    assert_eq!(accept(&mut store, &device, &block).unwrap(), Accepted::Block(1));
}

#[test]
fn a_second_history_is_evidence_not_data() {
    let (mut one, mut other) = (Device::new(), Device::new());
    let (_, mut store) = enrolled(&one);
    let left = one.block("went left");
    accept(&mut store, &one, &left).unwrap();
    let forked = other.block("went right");
    assert!(matches!(accept(&mut store, &other, &forked), Err(DeviceError::Fork(0))));
}

#[test]
fn a_block_out_of_order() {
    let mut device = Device::new();
    let (_, mut store) = enrolled(&device);
    device.block("lost");
    let second = device.block("came");
    assert!(matches!(accept(&mut store, &device, &second), Err(DeviceError::OutOfOrder(0))));
}

#[test]
fn a_checkpoint_over_other_blocks() {
    let (mut one, mut other) = (Device::new(), Device::new());
    let (_, mut store) = enrolled(&one);
    let left = one.block("went left");
    accept(&mut store, &one, &left).unwrap();
    other.block("went right");
    let note = other.checkpoint();
    let refused = store.accept(Some(one.tree.log_id()), &Frame::Checkpoint { note: &note });
    assert!(matches!(refused, Err(DeviceError::Root(1))));
}

#[test]
fn a_key_that_is_not_the_devices() {
    let device = Device::new();
    let (_, store) = enrolled(&device);
    let stranger = KeyTree::new(&Key::new([1; 32]));
    let wrapped = stranger.wrap(SubjectRef([3; 16]), &SubjectKey::new([4; 32]), &[2; 24]);
    let frame = Frame::Key { subject: SubjectRef([3; 16]), wrapped: &wrapped };
    assert!(matches!(store.accept(Some(device.tree.log_id()), &frame), Err(DeviceError::Key)));
}

#[test]
fn another_key_for_a_person_whose_key_is_known() {
    let mut device = Device::new();
    let (_, mut store) = enrolled(&device);
    let wrapped = device.tree.wrap(device.subject, &SubjectKey::new([6; 32]), &[2; 24]);
    let frame = Frame::Key { subject: device.subject, wrapped: &wrapped };
    let refused = store.accept(Some(device.tree.log_id()), &frame);
    assert!(matches!(refused, Err(DeviceError::OtherKey(subject)) if subject == device.subject));
    let block = device.block("under the key that was known first");
    assert_eq!(accept(&mut store, &device, &block).unwrap(), Accepted::Block(1));
}

/// The header is the block, so the rest of one that is known is not looked at, and not taken: it may
/// rightly differ in codec and seal, and here in what was erased.
#[test]
fn a_known_block_with_other_bytes_changes_nothing() {
    let mut device = Device::new();
    let (disk, mut store) = enrolled(&device);
    let block = device.block("the corridor is clear");
    accept(&mut store, &device, &block).unwrap();
    drop(store);
    let before = disk.payload((1, 0));
    let mut store = disk.open().unwrap();
    for changed in [vec![], vec![0; 40], [&*block.1, &[0]].concat()] {
        let again = (block.0.clone(), changed);
        assert_eq!(accept(&mut store, &device, &again).unwrap(), Accepted::Known);
    }
    drop(store);
    assert_eq!(disk.payload((1, 0)), before);
}

#[test]
fn how_far_a_log_was_looked_at_is_kept_with_what_was_found() {
    let mut device = Device::new();
    let (disk, mut store) = enrolled(&device);
    let log = device.tree.log_id();
    for text in ["one", "two", "three"] {
        let block = device.block(text);
        accept(&mut store, &device, &block).unwrap();
    }
    assert_eq!((store.looked(log).unwrap(), store.end(log).unwrap()), (0, 3));
    let found = |subject| Record {
        structure: Structure::new(Kind::Observation, Timestamp::from_millis(1), subject),
        body: Body::Event(Content::default()),
    };
    assert!(store.append_looked(log, 2, [&found(SubjectRef([1; 16]))]).is_err(), "nobody has this key");
    assert_eq!((store.looked(log).unwrap(), store.next_sequence()), (0, 0), "neither");
    store.append_looked(log, 2, [&found(device.subject)]).unwrap();
    drop(store);
    let store = disk.open().unwrap();
    assert_eq!((store.looked(log).unwrap(), store.next_sequence()), (2, 1), "both");
    let rest: Vec<u64> = store.blocks_from(log, 2).unwrap().iter().map(|at| at.block).collect();
    assert_eq!(rest, [2]);
    assert_eq!(store.blocks_from(log, 0).unwrap().len(), 3);
    assert!(store.verify(Scope::Everything, || ()).unwrap().fault().is_none());
}

#[test]
fn the_own_log_is_no_devices() {
    let mut store = Disk::default().open_with(ROOT).unwrap();
    assert!(matches!(store.enrol(&Key::new(ROOT)), Err(activemirror_store::StoreError::OwnLog)));
    let mut device = Device::new();
    let block = device.block("me");
    assert!(matches!(accept(&mut store, &device, &block), Err(DeviceError::Own)));
}
