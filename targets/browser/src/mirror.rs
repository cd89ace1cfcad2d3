//! The open store, as the Worker holds it.

use activemirror_core::log::reader::EntryBody;
use activemirror_core::session::Session;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Kind, Notice, Record, Structure, SubjectRef};
use activemirror_core::vault::{Key, KeyTree};
use activemirror_store::{Options, Scope, Store, StoreError};
use js_sys::Array;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FileSystemSyncAccessHandle, WorkerGlobalScope};
use zeroize::Zeroizing;

use crate::entry::{Context, Entry, Item, receipt};
use crate::failure::Failure;
use crate::history::Reveal;
use crate::opfs::File;
use crate::report;
use crate::request::{Request, subject};

/// Pages that redb keeps: its default of a gigabyte would fill a tab's memory after one scan.
const CACHE_BYTES: usize = 8 << 20;

/// What belongs to nobody; as on hosts.
const NAMESPACE: &str = "namespace:default";

/// The pseudo-trace of what the runtime says of itself; as on hosts.
const RUNTIME_TRACE: &str = "activemirror/runtime";

/// Bytes that browsers give at once.
const RANDOM_BYTES_MAX: usize = 65_536;

/// The open store. One writer, and nobody else meanwhile.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Mirror {
    pub(crate) store: Store,
    namespace: SubjectRef,
    /// What the log calls its policies, by number.
    known: Vec<(u16, String)>,
    /// The one that rules from here on.
    policy: u16,
}

#[wasm_bindgen]
impl Mirror {
    /// Opens the store on these two files, or makes one where the log is empty.
    pub fn open(
        log: FileSystemSyncAccessHandle,
        keys: FileSystemSyncAccessHandle,
        root: Vec<u8>,
    ) -> Result<Self, JsValue> {
        let root = Zeroizing::new(root);
        let root = root.first_chunk().ok_or_else(|| Failure::bad_value("a root key has 32 bytes"))?;
        File::Log.attach(log);
        File::Keys.attach(keys);
        Ok(Self::open_files(KeyTree::new(&Key::new(*root)))?)
    }

    /// Tells the log which policy the verdicts from here on are by, unless it knows.
    pub fn introduce(&mut self, name: &str, version: &str, sha256: &[u8], now: f64) -> Result<(), JsValue> {
        let sha256 = sha256.try_into().map_err(|_| Failure::bad_value("a SHA-256 has 32 bytes"))?;
        Ok(self.introduce_policy(name, version, sha256, Timestamp::from_millis(now as i64))?)
    }

    /// A trace that begins.
    pub fn start(&self, request: JsValue) -> Result<Entry, JsValue> {
        Ok(Request(request).start()?)
    }

    /// An event of a trace.
    pub fn event(&self, request: JsValue) -> Result<Entry, JsValue> {
        Ok(Request(request).event()?)
    }

    /// A session's head.
    pub fn head(&self, request: JsValue) -> Result<Entry, JsValue> {
        let request = Request(request);
        let id = request.required("id")?;
        let known = self.session_head(&id)?;
        if known.is_none() && self.has(&id)? {
            return Err(Failure::unknown("session", &id).into());
        }
        Ok(request.session(known)?)
    }

    /// A message of a session.
    pub fn message(&self, request: JsValue) -> Result<Entry, JsValue> {
        let request = Request(request);
        let session = request.required("sessionId")?;
        let head = self.session_head(&session)?.ok_or_else(|| Failure::unknown("session", &session))?;
        Ok(request.message(&head)?)
    }

    /// The note that somebody asked for originals; `id` tells it from others of its trace.
    pub fn revealed(&self, trace: &str, request: &str, id: &str, now: f64) -> Entry {
        let context = Context {
            trace: Some(trace.to_owned()),
            agent: None,
            session: None,
            subject: NAMESPACE.to_owned(),
        };
        let time = Timestamp::from_millis(now as i64);
        Entry::new(context, Item::Revealed { request: request.to_owned(), alias: id.to_owned(), time })
    }

    /// Makes all of it durable in one commit. Returns a receipt for each, in order; where one of
    /// them can never be stored, the others are, and `{code, message}` stands in its place.
    pub fn append(&mut self, entries: Vec<Entry>, now: f64) -> Result<Array, JsValue> {
        Ok(self.append_entries(&entries, Timestamp::from_millis(now as i64))?)
    }

    /// Whether this trace has begun.
    pub fn has(&self, trace: &str) -> Result<bool, JsValue> {
        Ok(!self.store.blocks_of_trace(trace).map_err(Failure::from)?.is_empty())
    }

    /// The receipt of the record of this trace with this id, or of the trace's start; undefined
    /// where there is none.
    pub fn receipt(&self, trace: &str, id: Option<String>) -> Result<JsValue, JsValue> {
        Ok(self.receipt_of(trace, |entry| match &id {
            Some(id) => entry.structure.alias == Some(id),
            None => entry.structure.kind == Kind::TraceStart,
        })?)
    }

    /// The receipt of this very head of a session; undefined where it was not stored.
    pub fn known(&self, entry: &Entry) -> Result<JsValue, JsValue> {
        let Some(head) = entry.session() else { return Ok(JsValue::UNDEFINED) };
        Ok(self.receipt_of(&head.id, |known| match &known.body {
            EntryBody::Open(Body::Session(content)) => {
                Session::from_leaves(&head.id, &content.leaves).is_ok_and(|known| known == head)
            }
            _ => false,
        })?)
    }

    /// The trace's events as the policy saw them.
    pub fn past(&self, trace: &str) -> Result<Array, JsValue> {
        Ok(self.past_of(trace)?)
    }

    /// The user of this session, if the store knows.
    pub fn user(&self, session: &str) -> Result<Option<String>, JsValue> {
        Ok(self.session_head(session)?.and_then(|head| head.user))
    }

    /// A line for each trace, newest first.
    pub fn traces(&self) -> Result<Array, JsValue> {
        Ok(self.trace_lines()?)
    }

    /// A trace as a document, with tokens in the masked places.
    pub fn read(&self, trace: &str) -> Result<JsValue, JsValue> {
        Ok(self.trace_document(trace, Reveal::Masked)?)
    }

    /// A trace as a document, with originals. The caller records that it asked, before.
    #[wasm_bindgen(js_name = readOriginals)]
    pub fn read_originals(&self, trace: &str) -> Result<JsValue, JsValue> {
        Ok(self.trace_document(trace, Reveal::Originals)?)
    }

    /// The newest head of each session.
    pub fn sessions(&self) -> Result<Array, JsValue> {
        Ok(self.session_lines()?)
    }

    /// A session and its messages, with tokens in the masked places.
    pub fn session(&self, id: &str) -> Result<JsValue, JsValue> {
        Ok(self.session_document(id, Reveal::Masked)?)
    }

    /// A session and its messages, with originals. The caller records that it asked, before.
    #[wasm_bindgen(js_name = sessionOriginals)]
    pub fn session_originals(&self, id: &str) -> Result<JsValue, JsValue> {
        Ok(self.session_document(id, Reveal::Originals)?)
    }

    /// Recomputes everything, and says what holds.
    pub fn verify(&self) -> Result<JsValue, JsValue> {
        let report = self.store.verify(Scope::Everything, || ()).map_err(Failure::from)?;
        Ok(report::document(&report))
    }

    /// Destroys a person's key. Returns how many blocks held content of theirs.
    pub fn erase(&mut self, user: &str, now: f64) -> Result<f64, JsValue> {
        let person = self.store.subject_ref(&subject(Some(user), ""));
        let blocks = self.store.erase(person, self.namespace, Timestamp::from_millis(now as i64));
        Ok(blocks.map_err(Failure::from)? as f64)
    }
}

impl Mirror {
    fn open_files(keys: KeyTree) -> Result<Self, Failure> {
        let fresh = File::Log.size().map_err(StoreError::from)? == 0;
        let options = Options { keys, entropy: fill_random, cache_bytes: CACHE_BYTES };
        let store = Store::open_on(File::Log, File::Keys, fresh, options)?;
        let namespace = store.ensure_subject(NAMESPACE)?;
        Ok(Self { store, namespace, known: Vec::new(), policy: 0 })
    }

    fn introduce_policy(
        &mut self,
        name: &str,
        version: &str,
        sha256: [u8; 32],
        time: Timestamp,
    ) -> Result<(), Failure> {
        // It may see personal data, and has no settings: the digest as hosts compute it.
        let config = activemirror_core::hash::sha256(&[0]);
        let mut number = None;
        let mut known = Vec::new();
        self.each_of(RUNTIME_TRACE, |entry| {
            if let EntryBody::Open(Body::Notice(Notice::Plugin {
                number: its,
                name: by,
                version: of,
                sha256: file,
                config: with,
                ..
            })) = &entry.body
            {
                known.push((*its, [*by, *of].join("@")));
                if (*by, *of, *file, *with) == (name, version, sha256, config) {
                    number = Some(*its);
                }
            }
            Ok(())
        })?;
        self.known = known;
        let new = self.known.iter().map(|(number, _)| number + 1).max().unwrap_or(1);
        if number.is_none() {
            let notice = Notice::Plugin { number: new, world: "policy", name, version, sha256, config };
            let structure = Structure::new(Kind::Notice, time, self.namespace);
            let structure = Structure { trace: Some(RUNTIME_TRACE), ..structure };
            self.store.append(&[Record { structure, body: Body::Notice(notice) }])?;
            self.known.push((new, [name, version].join("@")));
        }
        self.policy = number.unwrap_or(new);
        Ok(())
    }

    /// What the log calls the policy with this number.
    pub(crate) fn policy_name(&self, number: u16) -> String {
        let known = self.known.iter().find(|(its, _)| *its == number);
        known.map_or_else(|| format!("plugin {number}"), |(_, name)| name.clone())
    }

    fn append_entries(&mut self, entries: &[Entry], now: Timestamp) -> Result<Array, Failure> {
        match self.append_once(entries, now) {
            Ok(receipts) => Ok(receipts),
            Err(StoreError::Record(_)) => entries.iter().map(|entry| self.append_one(entry, now)).collect(),
            Err(other) => Err(other.into()),
        }
    }

    fn append_one(&mut self, entry: &Entry, now: Timestamp) -> Result<JsValue, Failure> {
        match self.append_once(core::slice::from_ref(entry), now) {
            Ok(receipts) => Ok(receipts.get(0)),
            Err(refused @ StoreError::Record(_)) => Ok(Failure::from(refused).into()),
            Err(other) => Err(other.into()),
        }
    }

    fn append_once(&mut self, entries: &[Entry], now: Timestamp) -> Result<Array, StoreError> {
        let (mut records, mut offsets) = (Vec::new(), Vec::new());
        for entry in entries {
            let subject = self.store.ensure_subject(&entry.context.subject)?;
            offsets.push(records.len() as u64 + entry.before());
            records.extend(entry.records(subject, self.policy, now));
        }
        let first = self.store.append(&records)?.start;
        let told = entries.iter().zip(offsets);
        Ok(told.map(|(entry, offset)| receipt(first + offset, entry.ruled())).collect())
    }
}

fn fill_random(bytes: &mut [u8]) -> bool {
    let Ok(worker) = js_sys::global().dyn_into::<WorkerGlobalScope>() else { return false };
    let Ok(crypto) = worker.crypto() else { return false };
    bytes.chunks_mut(RANDOM_BYTES_MAX).all(|part| crypto.get_random_values_with_u8_array(part).is_ok())
}
