//! The open runtime: one data directory, one device key, the plugins that govern it.

mod begun;
mod numbers;
mod opening;
mod room;

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use activemirror_core::log::LogId;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::SubjectRef;
use activemirror_engine::Compiler;
use activemirror_store::group::{Group, Limits};
use activemirror_store::{Cold, Report, Scope, Standing, Store, StoreError};

use self::begun::Begun;
use self::numbers::{Known, known_plugins, number_plugins};
use self::opening::{HOLDER_FILE, load_plugins};
pub(crate) use self::opening::{fill_random, holder, load_key, open_store};
pub use self::room::Room;
use crate::error::Error;
use crate::left_out::LeftOut;
use crate::plan::{Context, Planned, RUNTIME_TRACE};
use crate::plugins::{PluginFile, Plugins};
use crate::seen::Seen;
use crate::watch::Watch;

/// Who owns what is nobody's.
pub(crate) const NAMESPACE: &str = "namespace:default";

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
    /// How much may be on its way to the disk, and for how long.
    pub limits: Limits,
    /// Where cold blocks lie, if anywhere.
    pub cold: Option<Arc<dyn Cold>>,
    /// Opened to be checked: also where a copy was put back that is older than what this device has
    /// seen, which [`Runtime::check_seen`] then says.
    pub to_check: bool,
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
pub struct Runtime(Arc<Inner>);

/// What the clones share.
#[derive(Debug)]
pub(crate) struct Inner {
    /// Ends before the group, which it records into.
    pub(crate) watch: Watch,
    pub(crate) group: Arc<Group>,
    pub(crate) plugins: Plugins,
    pub(crate) data: PathBuf,
    /// What this device has seen of its logs.
    seen: Seen,
    to_check: bool,
    /// Whose data is nobody's: system texts, the runtime's own notices.
    pub(crate) namespace: SubjectRef,
    /// Plugins that the log that is written knows.
    pub(crate) known: Known,
    /// Plugins that the logs before it know.
    pub(crate) known_before: HashMap<LogId, Known>,
    /// Which of the plugins the log has yet to be told of.
    unannounced: Mutex<Vec<u16>>,
    /// Traces that began and may not be durable yet.
    begun: Mutex<Begun>,
    /// What was asked for and could not be read.
    pub(crate) left_out: Mutex<LeftOut>,
}

impl Runtime {
    /// Opens the data directory, or makes one.
    pub fn open(options: Options) -> Result<Self, Error> {
        let key = load_key(&options)?;
        let Options { data, key_file, plugins, compiler, limits, cold, to_check } = options;
        let mut plugins = load_plugins(&data, &key, plugins, compiler)?;
        let (store, seen) = open_store(&data, &key_file, &key)?;
        if !to_check {
            seen.check(&store)?;
        }
        let namespace = store.ensure_subject(NAMESPACE)?;
        let mut known_before = known_plugins(&store, namespace)?;
        let mut known = known_before.remove(&store.log_id()).unwrap_or_default();
        // What plugins are called was read by now: nothing that is cold has to be fetched for it.
        if let Some(cold) = cold {
            store.attach_cold(cold);
        }
        let unannounced = Mutex::new(number_plugins(&mut plugins, &mut known));
        let group = Arc::new(Group::start(store, limits).map_err(StoreError::Io)?);
        let watch = Watch::start(&plugins.compliance, &group).map_err(StoreError::Io)?;
        let begun = Mutex::default();
        let left_out = Mutex::default();
        let inner = Inner {
            watch,
            group,
            plugins,
            data,
            seen,
            to_check,
            namespace,
            known,
            known_before,
            unannounced,
            begun,
            left_out,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// The id of this device's log.
    pub fn log_id(&self) -> Result<LogId, Error> {
        Ok(self.inner().store().log_id())
    }

    /// The data directory.
    pub fn data(&self) -> Result<PathBuf, Error> {
        Ok(self.inner().data.clone())
    }

    /// Recomputes the log; see [`Store::verify`].
    pub fn verify(&self, scope: Scope, progress: impl FnMut()) -> Result<Report, Error> {
        Ok(self.inner().store().verify(scope, progress)?)
    }

    /// Whether the store goes on from where this device has seen it last.
    pub fn check_seen(&self) -> Result<(), Error> {
        self.inner().seen.check(self.inner().store())
    }

    /// The logs of which this device has seen more blocks than are here, or others.
    pub fn seen_otherwise(&self) -> Result<Vec<(LogId, Standing)>, Error> {
        self.inner().seen.otherwise(self.inner().store())
    }

    /// How many blocks all logs have, for progress.
    pub fn block_count(&self) -> Result<u64, Error> {
        Ok(self.inner().store().blocks()?.len() as u64)
    }

    /// Bytes of all stored blocks, without the file's own overhead.
    pub fn stored_bytes(&self) -> Result<u64, Error> {
        Ok(self.inner().store().stored_bytes()?)
    }

    /// How many people's keys are here.
    pub fn subjects(&self) -> Result<Subjects, Error> {
        let (live, erased) = self.inner().store().subjects();
        Ok(Subjects { live: live.len(), erased: erased.len() })
    }

    /// Erases a person, by the name that traces give them, and whatever session of that id stands
    /// for a person; in this log and in those of enrolled devices. Returns how many blocks held
    /// content of theirs. A hold that keeps something of theirs has to be released first.
    ///
    /// What the cold store has of theirs is taken out of it as well, as far as it can be reached now;
    /// [`Runtime::stale_cold`] says what is left. No key opens that, here or elsewhere.
    pub fn erase(&self, name: &str) -> Result<usize, Error> {
        let inner = self.inner();
        let subjects = inner.subjects_named(name);
        if subjects.is_empty() {
            return Err(Error::UnknownSubject(name.to_owned()));
        }
        inner.refuse_held(name, &subjects)?;
        // What they said is not to be looked at afterwards.
        inner.watch.look_at_all()?;
        let blocks = inner.exclusively(|store| store.erase_all(&subjects, inner.namespace, now()))?;
        inner.renew_cold()?;
        Ok(blocks)
    }

    /// Returns once everything that was recorded so far is durable, and what compliance packs find in it:
    /// it survives a loss of power.
    pub fn flush(&self) -> Result<(), Error> {
        self.0.watch.look_at_all()?;
        self.0.group.flush()?;
        self.0.keep_seen();
        Ok(())
    }

    /// Returns once the record with this sequence is durable.
    pub fn wait(&self, sequence: u64) -> Result<(), Error> {
        Ok(self.0.group.wait(sequence)?)
    }

    /// Makes everything durable, merges the small blocks of a log that has grown ([`Limits::merge_after`]),
    /// gives back the room that freed pages take, and closes the runtime. Other clones must be gone;
    /// where they are not, it closes with the last of them, and merges nothing.
    ///
    /// With [`GroupError::Unmerged`] it is closed and everything is stored: some small blocks could not be
    /// merged, now or earlier, and stay as they were written.
    ///
    /// [`GroupError::Unmerged`]: activemirror_store::group::GroupError::Unmerged
    pub fn close(self) -> Result<(), Error> {
        self.flush()?;
        let Some(inner) = Arc::into_inner(self.0) else { return Ok(()) };
        let (holder, merged) = (inner.data.join(HOLDER_FILE), inner.group.merge());
        if let Some(store) = inner.stop()? {
            store.close()?;
        }
        // A stale holder's file is harmless: it is read only while somebody holds the store.
        let _ = fs::remove_file(holder);
        Ok(merged?)
    }

    /// Looks whether the file's own pages are what was written, and closes the runtime. Other clones must
    /// be gone; where they are not, nothing is looked at.
    pub fn check_pages(self) -> Result<(), Error> {
        match Arc::into_inner(self.0).map(Inner::stop).transpose()?.flatten() {
            Some(mut store) => Ok(store.check_pages()?),
            None => Ok(()),
        }
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }
}

impl Inner {
    /// Ends all threads and gives the store back, if nobody else has it.
    fn stop(self) -> Result<Option<Store>, Error> {
        let Self { watch, group, .. } = self;
        drop(watch);
        Ok(Arc::into_inner(group).map(Group::stop).transpose()?.flatten())
    }

    /// What the person `name` is called in each log that knows them. A device without sessions has
    /// no need to tell people from sessions, and calls them by their name alone.
    fn subjects_named(&self, name: &str) -> Vec<SubjectRef> {
        let [user, session] = [user_subject(name), session_subject(name)];
        let (live, _) = self.store().subjects();
        let own = [&*user, &*session].map(|name| self.store().subject_ref(name));
        let own = own.into_iter().filter(|subject| live.contains(subject));
        own.chain([name, &user, &session].iter().flat_map(|name| self.store().subject_refs_on_devices(name)))
            .collect()
    }

    /// What the person `name` is called in each log, whether or not they have a key there: also who was
    /// erased.
    pub(crate) fn subjects_ever_named(&self, name: &str) -> Vec<SubjectRef> {
        let names = [name, &user_subject(name), &session_subject(name)];
        let own = names[1..].iter().map(|name| self.store().subject_ref(name));
        own.chain(names.iter().flat_map(|name| self.store().subject_refs_ever_on_devices(name))).collect()
    }

    /// Tells the log of plugins that it does not know yet; before their first verdict.
    pub(crate) fn announce(&self) -> Result<(), Error> {
        let mut unannounced = self.unannounced.lock().unwrap_or_else(PoisonError::into_inner);
        if unannounced.is_empty() {
            return Ok(());
        }
        let plugin = |number: &u16| Planned::Plugin { number: *number, identity: self.known[number].clone() };
        let planned: Vec<Planned> = unannounced.iter().map(plugin).collect();
        self.record(&Arc::new(self.runtime_context()), planned)?;
        unannounced.clear();
        Ok(())
    }

    /// Keeps what this device has seen, unless that would make it forget something newer.
    pub(crate) fn keep_seen(&self) {
        if !self.to_check {
            self.seen.keep(self.store());
        }
    }

    /// The store, to read from.
    pub(crate) fn store(&self) -> &Store {
        self.group.store()
    }

    /// Does something that appends to the store by itself, while nothing is on its way.
    pub(crate) fn exclusively<R>(
        &self,
        work: impl FnOnce(&Store) -> Result<R, StoreError>,
    ) -> Result<R, Error> {
        Ok(self.group.exclusively(work)?)
    }

    /// Takes a trace's id, unless it is taken; `begin` records its beginning.
    pub(crate) fn begin_trace<R>(
        &self,
        id: &str,
        begin: impl FnOnce() -> Result<(u64, R), Error>,
    ) -> Result<Option<R>, Error> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.holds(id) || self.has_trace(id)? {
            return Ok(None);
        }
        let (sequence, value) = begin()?;
        begun.insert(id, sequence, || self.group.durable());
        Ok(Some(value))
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

/// Agents record from several threads.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Runtime>();
};
