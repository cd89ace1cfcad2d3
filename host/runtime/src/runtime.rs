//! The open runtime: one data directory, one device key, the plugins that govern it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use activemirror_core::log::LogId;
use activemirror_core::log::reader::EntryBody;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Notice, Record, SubjectRef};
use activemirror_core::vault::{Key, KeyTree};
use activemirror_engine::{Cache, Compiler, Engine, Setup};
use activemirror_store::{BlockRef, Options as StoreOptions, Report, Scope, Store, StoreError};

use crate::device_key;
use crate::error::Error;
use crate::plan::{Context, Planned, RUNTIME_TRACE};
use crate::plugins::{Identity, PluginFile, Plugins};

/// Pages that a host keeps in memory: the working set of a few open blocks.
const CACHE_BYTES: usize = 32 << 20;

/// Where a process that holds a data directory says who it is.
const HOLDER_FILE: &str = "holder";

/// Where compiled plugins are kept.
const COMPILED_FOLDER: &str = "compiled-plugins";

/// What a runtime is opened with. The default is the working directory, ungoverned.
#[derive(Debug, Default)]
pub struct Options {
    /// Where everything of the runtime lies, but the device key. Made if need be.
    pub data: PathBuf,
    /// The device key's file, outside of `data`. Made if there is no store yet.
    pub key_file: PathBuf,
    /// What governs it; nothing where it is empty, and the log says so.
    pub plugins: Vec<PluginFile>,
    /// Where plugins are compiled.
    pub compiler: Compiler,
}

/// How many subjects a runtime knows; the namespace is one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subjects {
    /// Whose keys are here.
    pub live: usize,
    /// Whose keys were destroyed.
    pub erased: usize,
}

/// An open runtime. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Runtime(Arc<Mutex<Inner>>);

/// What the clones share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) plugins: Plugins,
    pub(crate) data: PathBuf,
    /// Whose data is nobody's: system texts, the runtime's own notices.
    pub(crate) namespace: SubjectRef,
    /// Plugins that this log knows, by number.
    pub(crate) known: HashMap<u16, Identity>,
    /// Which of the plugins the log has yet to be told of.
    unannounced: Vec<u16>,
}

impl Runtime {
    /// Opens the data directory, or makes one.
    pub fn open(options: Options) -> Result<Self, Error> {
        let Options { data, key_file, plugins, compiler } = options;
        fs::create_dir_all(&data).map_err(|error| Error::Data(data.clone(), error))?;
        let key = device_key::load(&key_file, &data, Store::exists(&data))?;
        let plugins = load_plugins(&data, &key, plugins, compiler)?;
        let store_options =
            StoreOptions { keys: KeyTree::new(&key), entropy: fill_random, cache_bytes: CACHE_BYTES };
        let store = Store::open(&data, store_options).map_err(|error| match error {
            StoreError::Held => Error::Held(data.clone(), holder(&data)),
            other => Error::Store(other),
        })?;
        say_who(&data)?;
        Inner::new(store, plugins, data).map(|inner| Self(Arc::new(Mutex::new(inner))))
    }

    /// The id of this device's log.
    pub fn log_id(&self) -> Result<LogId, Error> {
        Ok(self.lock()?.store.log_id())
    }

    /// The data directory.
    pub fn data(&self) -> Result<PathBuf, Error> {
        Ok(self.lock()?.data.clone())
    }

    /// Recomputes the log; see [`Store::verify`].
    pub fn verify(&self, scope: Scope, progress: impl FnMut()) -> Result<Report, Error> {
        Ok(self.lock()?.store.verify(scope, progress)?)
    }

    /// How many blocks all logs have, for progress.
    pub fn block_count(&self) -> Result<u64, Error> {
        Ok(self.lock()?.store.blocks()?.len() as u64)
    }

    /// Bytes of all stored blocks, without the file's own overhead.
    pub fn stored_bytes(&self) -> Result<u64, Error> {
        Ok(self.lock()?.store.stored_bytes()?)
    }

    /// How many people's keys are here.
    pub fn subjects(&self) -> Result<Subjects, Error> {
        let (live, erased) = self.lock()?.store.subjects();
        Ok(Subjects { live: live.len(), erased: erased.len() })
    }

    /// Erases a person, by the name that traces give them, and whatever session of that id stands
    /// for a person; in this log and in those of enrolled devices. Returns how many blocks held
    /// content of theirs.
    pub fn erase(&self, name: &str) -> Result<usize, Error> {
        let mut inner = self.lock()?;
        let subjects = inner.subjects_named(name);
        if subjects.is_empty() {
            return Err(Error::UnknownSubject(name.to_owned()));
        }
        let by = inner.namespace;
        Ok(inner.store.erase_all(&subjects, by, now())?)
    }

    /// Gives back the room that freed pages take, and closes the runtime. Other clones must be
    /// gone; where they are not, it closes with the last of them.
    pub fn close(self) -> Result<(), Error> {
        let Ok(inner) = Arc::try_unwrap(self.0).map(Mutex::into_inner) else { return Ok(()) };
        let Inner { store, data, .. } = inner.map_err(|_| Error::Poisoned)?;
        store.close()?;
        // A stale holder's file is harmless: it is read only while somebody holds the store.
        fs::remove_file(data.join(HOLDER_FILE)).or(Ok(()))
    }

    pub(crate) fn lock(&self) -> Result<MutexGuard<'_, Inner>, Error> {
        self.0.lock().map_err(|_| Error::Poisoned)
    }
}

impl Inner {
    fn new(mut store: Store, plugins: Plugins, data: PathBuf) -> Result<Self, Error> {
        let namespace = store.ensure_subject("namespace:default")?;
        let known = known_plugins(&store, namespace)?;
        let mut inner = Self { store, plugins, data, namespace, known, unannounced: Vec::new() };
        inner.number_plugins();
        Ok(inner)
    }

    /// What the person `name` is called in each log that knows them. A device without sessions has
    /// no need to tell people from sessions, and calls them by their name alone.
    fn subjects_named(&self, name: &str) -> Vec<SubjectRef> {
        let [user, session] = [user_subject(name), session_subject(name)];
        let (live, _) = self.store.subjects();
        let own = [&*user, &*session].map(|name| self.store.subject_ref(name));
        let own = own.into_iter().filter(|subject| live.contains(subject));
        own.chain([name, &user, &session].iter().flat_map(|name| self.store.subject_refs_on_devices(name)))
            .collect()
    }

    /// Gives each plugin the number that the log knows it by, or the next free one.
    fn number_plugins(&mut self) {
        let mut next = self.known.keys().max().map_or(1, |last| last.saturating_add(1));
        for (identity, number) in self.plugins.identities() {
            let known = self.known.iter().find(|(_, known)| *known == identity).map(|(number, _)| *number);
            *number = known.unwrap_or(next);
            if known.is_none() {
                self.known.insert(next, identity.clone());
                self.unannounced.push(next);
                next = next.saturating_add(1);
            }
        }
    }

    /// Tells the log of plugins that it does not know yet; before their first verdict.
    pub(crate) fn announce(&mut self) -> Result<(), Error> {
        if self.unannounced.is_empty() {
            return Ok(());
        }
        let plugin = |number: &u16| Planned::Plugin { number: *number, identity: self.known[number].clone() };
        let planned: Vec<Planned> = self.unannounced.iter().map(plugin).collect();
        let context = self.runtime_context();
        self.append(&context, &planned)?;
        self.unannounced.clear();
        Ok(())
    }

    /// Appends records to the own log; they are durable when this returns.
    pub(crate) fn append(
        &mut self,
        context: &Context,
        planned: &[Planned],
    ) -> Result<core::ops::Range<u64>, Error> {
        let now = now();
        let records: Vec<Record<'_>> = planned.iter().map(|planned| planned.record(context, now)).collect();
        Ok(self.store.append(&records)?)
    }

    /// What the runtime's own notices share.
    pub(crate) fn runtime_context(&self) -> Context {
        Context {
            trace: RUNTIME_TRACE.to_owned(),
            agent: None,
            session: None,
            subject: self.namespace,
            namespace: self.namespace,
        }
    }
}

/// The plugins that the own log was told of, by this runtime. A block that cannot be read is for
/// `verify` to name.
fn known_plugins(store: &Store, namespace: SubjectRef) -> Result<HashMap<u16, Identity>, Error> {
    let mut known = HashMap::new();
    let own = store.blocks_of_trace(RUNTIME_TRACE)?.into_iter().filter(BlockRef::is_own);
    for block in own.filter_map(|at| store.open_block(at).ok()) {
        let Ok(entries) = block.entries() else { continue };
        for entry in entries {
            let ours = entry.structure.trace == Some(RUNTIME_TRACE) && entry.structure.subject == namespace;
            if let EntryBody::Open(Body::Notice(notice)) = entry.body
                && ours
            {
                known.extend(identity(&notice));
            }
        }
    }
    Ok(known)
}

fn identity(notice: &Notice<'_>) -> Option<(u16, Identity)> {
    let Notice::Plugin { number, world, name, version, sha256, config } = *notice else { return None };
    let world = ["persona", "policy", "compliance"].into_iter().find(|known| *known == world)?;
    Some((number, Identity { world, name: name.to_owned(), version: version.to_owned(), sha256, config }))
}

/// How a person's name becomes the name of a subject; a session's id cannot collide with it.
pub(crate) fn user_subject(name: &str) -> String {
    format!("user:{name}")
}

/// How a session without a known user becomes the name of a subject.
pub(crate) fn session_subject(id: &str) -> String {
    format!("session:{id}")
}

/// The wall clock; before 1970 it is 1970.
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp::from_millis(since.map_or(0, |since| since.as_millis().try_into().unwrap_or(i64::MAX)))
}

/// A random UUID.
pub(crate) fn random_id() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::NoEntropy)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

fn fill_random(bytes: &mut [u8]) -> bool {
    getrandom::fill(bytes).is_ok()
}

/// Loads plugins through the gate; their compiled code is kept in the data directory, under a key
/// that only this device has.
fn load_plugins(
    data: &Path,
    key: &Key,
    files: Vec<PluginFile>,
    compiler: Compiler,
) -> Result<Plugins, Error> {
    if files.is_empty() {
        return Ok(Plugins::default());
    }
    let folder = data.join(COMPILED_FOLDER);
    let cache = Cache::open(&folder, *key.derive("plugin-cache").expose())
        .map_err(|error| Error::Data(folder, error))?;
    let engine = Engine::new(Setup { compiler, cache: Some(cache), ..Setup::default() })?;
    Ok(Plugins::load(&engine, files)?)
}

fn say_who(data: &Path) -> Result<(), Error> {
    let program = std::env::args_os().next().unwrap_or_default();
    let program = Path::new(&program).file_name().map(|name| name.to_string_lossy().into_owned());
    let who = format!("{} (process {})", program.unwrap_or_default(), std::process::id());
    let path = data.join(HOLDER_FILE);
    fs::write(&path, who).map_err(|error| Error::Data(path, error))
}

fn holder(data: &Path) -> Option<String> {
    fs::read_to_string(data.join(HOLDER_FILE)).ok().filter(|who| !who.is_empty() && who.len() < 256)
}

/// Agents record from several threads.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Runtime>();
};
