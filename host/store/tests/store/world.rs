//! A store in memory, and a way into its tables past it.

use std::io;
use std::sync::{Arc, Mutex};

use activemirror_core::many::Many;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Record, Structure, SubjectRef, USER};
use activemirror_core::value::{Leaf, Value};
use activemirror_core::vault::{Key, KeyTree};
use activemirror_store::{Medium, Memory, Options, StorageBackend, Store, StoreError};
use redb::{Database, ReadableDatabase, TableDefinition};

pub(crate) const HEADERS: TableDefinition<'_, (u32, u64), &[u8]> = TableDefinition::new("headers");
pub(crate) const PAYLOADS: TableDefinition<'_, (u32, u64), &[u8]> = TableDefinition::new("payloads");
pub(crate) const ZONES: TableDefinition<'_, (u32, u64), &[u8]> = TableDefinition::new("zones");
pub(crate) const CHECKPOINTS: TableDefinition<'_, u32, &str> = TableDefinition::new("checkpoints");
pub(crate) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

/// The texts that the store is filled with; none of them may be readable at rest.
pub(crate) const TEXT: &str = "the kettle leaks and my e-mail is mara@example.org";
pub(crate) const ACTION: &str = "issue_refund_to_customer";
pub(crate) const INTENT: &str = "refund-of-a-kettle";
pub(crate) const AGENT: &str = "support-bot-of-the-kitchen-shop";
pub(crate) const DATE: &str = "1987-03-14";

/// A disk in memory. Clones are the same disk, as a file opened twice is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    pub(crate) log: Arc<Mutex<Vec<u8>>>,
    pub(crate) keys: Memory,
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.log.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (log, start) = (self.log.lock().unwrap(), offset as usize);
        let end = start.checked_add(out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(log.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.log.lock().unwrap().resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let start = offset as usize;
        let mut log = self.log.lock().unwrap();
        let place = log.get_mut(start..start + data.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        place.copy_from_slice(data);
        Ok(())
    }
}

impl Disk {
    /// A copy that changes by itself.
    pub(crate) fn fork(&self) -> Self {
        let log = Arc::new(Mutex::new(self.log.lock().unwrap().clone()));
        Self { log, keys: self.keys.clone() }
    }

    /// A disk with these two files.
    pub(crate) fn holding(log: &[u8], keys: &[u8]) -> Self {
        let disk = Self { log: Arc::new(Mutex::new(log.to_vec())), keys: Memory::default() };
        Medium::write(&mut disk.keys.clone(), 0, keys).unwrap();
        disk
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.log.lock().unwrap().clone()
    }

    /// Opens the tables with redb alone.
    pub(crate) fn tables(&self) -> Database {
        Database::builder().create_with_backend(self.clone()).unwrap()
    }

    /// Changes a value in a table, past the store.
    pub(crate) fn change(&self, change: impl FnOnce(&redb::WriteTransaction)) {
        let database = self.tables();
        let transaction = database.begin_write().unwrap();
        change(&transaction);
        transaction.commit().unwrap();
    }

    /// A block's stored form.
    pub(crate) fn payload(&self, at: (u32, u64)) -> Vec<u8> {
        let database = self.tables();
        let transaction = database.begin_read().unwrap();
        transaction.open_table(PAYLOADS).unwrap().get(at).unwrap().unwrap().value().to_vec()
    }

    pub(crate) fn open(&self) -> Result<Store, StoreError> {
        self.open_with([7; 32])
    }

    pub(crate) fn open_with(&self, root: [u8; 32]) -> Result<Store, StoreError> {
        let fresh = self.log.lock().unwrap().is_empty();
        Store::open_on(self.clone(), self.keys.clone(), fresh, options(root))
    }
}

pub(crate) fn options(root: [u8; 32]) -> Options {
    Options { keys: KeyTree::new(&Key::new(root)), entropy, cache_bytes: 1 << 20 }
}

pub(crate) fn entropy(bytes: &mut [u8]) -> bool {
    getrandom::fill(bytes).is_ok()
}

/// A store with one block for each of these people, who all said [`TEXT`].
pub(crate) fn filled(people: &[&str]) -> Disk {
    let disk = Disk::default();
    let mut store = disk.open().unwrap();
    for person in people {
        say(&mut store, person);
    }
    disk
}

/// Appends one trace of this person, in a block of its own.
pub(crate) fn say(store: &mut Store, person: &str) {
    let subject = store.ensure_subject(person).unwrap();
    let trace = trace_of(person);
    let leaves = leaves();
    let records = records(subject, &trace, person, &leaves);
    store.append(&records).unwrap();
}

pub(crate) fn trace_of(person: &str) -> String {
    format!("trace-of-{person}")
}

fn leaves() -> [Leaf<'static>; 2] {
    [
        Leaf { path: "/data/customer/dob", value: Value::Text(DATE) },
        Leaf { path: "/data/amount", value: Value::Float(59.9) },
    ]
}

fn records<'a>(
    subject: SubjectRef,
    trace: &'a str,
    person: &'a str,
    leaves: &'a [Leaf<'a>],
) -> [Record<'a>; 3] {
    let structure = |kind, time| Structure {
        trace: Some(trace),
        agent: Some(AGENT),
        session: Some(person),
        ..Structure::new(kind, Timestamp::from_millis(time), subject)
    };
    let start = Body::TraceStart(Content::of(vec![Leaf { path: USER, value: Value::Text(person) }]));
    let said = Content { text: Some(TEXT), leaves: leaves.into(), marks: Many::default() };
    let act = Structure { action: Some(ACTION), intent: Some(INTENT), ..structure(Kind::Action, 1_002) };
    [
        Record { structure: structure(Kind::TraceStart, 1_000), body: start },
        Record { structure: structure(Kind::Observation, 1_001), body: Body::Event(said) },
        Record { structure: act, body: Body::Event(Content::default()) },
    ]
}
