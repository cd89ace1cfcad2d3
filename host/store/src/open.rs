//! Opening a store: the format, the device key and the keys' file have to fit together.

use core::sync::atomic::AtomicBool;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use activemirror_core::log::LogId;
use activemirror_core::log::tree::Frontier;
use activemirror_core::trace::SubjectRef;
use activemirror_core::vault::{KeyTree, Salt};
use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, WriteTransaction};

use crate::catalog::Catalog;
use crate::error::StoreError;
use crate::fill::Filling;
use crate::keys::Keys;
use crate::losses::Losses;
use crate::medium::Medium;
use crate::own::{FIRST, OwnLog};
use crate::pages::guarded;
use crate::tables::{CHECKPOINTS, FORMAT, HEADERS, INDEX, LOGS, META, PACKS, PAYLOADS, SPANS, TRACES, ZONES};
use crate::tier::Tiers;

/// The store's file in a data directory.
pub(crate) const LOG_FILE: &str = "log.redb";
/// The subjects' keys in a data directory.
pub(crate) const KEYS_FILE: &str = "subjects.keys";

/// How to open a store.
pub struct Options {
    /// What grows from the device's root key.
    pub keys: KeyTree,
    /// Fills its argument with cryptographic random bytes; `false` where there are none.
    pub entropy: fn(&mut [u8]) -> bool,
    /// Bytes of pages that redb may keep in memory.
    pub cache_bytes: usize,
}

impl core::fmt::Debug for Options {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Options").field("cache_bytes", &self.cache_bytes).finish_non_exhaustive()
    }
}

/// An open store. Threads share it: one writes at a time, and readers wait for nobody.
#[derive(Debug)]
pub struct Store {
    pub(crate) db: Database,
    pub(crate) tree: Arc<KeyTree>,
    keys: RwLock<Keys>,
    pub(crate) entropy: fn(&mut [u8]) -> bool,
    /// The log that is written.
    pub(crate) log: LogId,
    /// This device's logs, oldest first; the last one is written.
    pub(crate) own: Vec<OwnLog>,
    /// What repairs said is gone.
    pub(crate) losses: Losses,
    head: Mutex<Head>,
    filling: Mutex<Filling>,
    /// Room for blocks, used again.
    spare: Mutex<Vec<Vec<u8>>>,
    /// Whether the note of an erasure may still be in the log.
    pub(crate) erasing: AtomicBool,
    pub(crate) tiers: Tiers,
    /// What was read of headers and zones.
    pub(crate) catalog: Catalog,
}

/// Where the own log ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub(crate) tree: Frontier,
    pub(crate) next_sequence: u64,
}

impl Store {
    /// Whether there is a store in the data directory `dir`.
    #[must_use]
    pub fn exists(dir: &Path) -> bool {
        dir.join(LOG_FILE).exists() || dir.join(KEYS_FILE).exists()
    }

    /// Opens the store of the data directory `dir`, or makes one where there is none.
    ///
    /// The directory must exist. A store without keys, or keys without a store, is an error:
    /// never an empty store.
    pub fn open(dir: &Path, options: Options) -> Result<Self, StoreError> {
        guarded(|| Self::open_files(dir, options))
    }

    fn open_files(dir: &Path, options: Options) -> Result<Self, StoreError> {
        let log = dir.join(LOG_FILE);
        let mut open = std::fs::OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
        let file = open.read(true).write(true).create(true).truncate(false).open(dir.join(KEYS_FILE))?;
        // Held until the store is closed: whoever reads the keys must be who writes them.
        lock(&file)?;
        // Asked now, since whoever held the keys until now may have made the store.
        let fresh = !log.try_exists()?;
        if fresh {
            sync_folder(dir)?;
        }
        // The keys' file is read first: a wrong device key must leave the store untouched.
        let keys = Keys::open(options.keys, Box::new(file), fresh)?;
        if !fresh && keys.is_new() {
            discard_half_made(&FileBackend::new(
                std::fs::File::options().read(true).write(true).open(&log)?,
            )?)?;
        }
        let db = Database::builder().set_cache_size(options.cache_bytes).create(log)?;
        // What is in the log must be found again as well, whoever made the file.
        sync_folder(dir)?;
        Self::with(db, keys, options.entropy)
    }

    /// Opens a store on other media than files. `fresh` says whether it is to be made.
    pub fn open_on(
        backend: impl StorageBackend,
        medium: impl Medium + 'static,
        fresh: bool,
        options: Options,
    ) -> Result<Self, StoreError> {
        let keys = Keys::open(options.keys, Box::new(medium), fresh)?;
        if keys.is_new() {
            discard_half_made(&backend)?;
        }
        guarded(|| {
            let db = Database::builder().set_cache_size(options.cache_bytes).create_with_backend(backend)?;
            Self::with(db, keys, options.entropy)
        })
    }

    /// The id of the log that this device writes.
    #[must_use]
    pub const fn log_id(&self) -> LogId {
        self.log
    }

    /// The public half of the key that signs its checkpoints.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.tree.public_key()
    }

    /// The sequence that the next record will get.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.head().next_sequence
    }

    /// How many blocks the own log has.
    #[must_use]
    pub fn block_count(&self) -> u64 {
        self.head().tree.size()
    }

    /// What this person is called in blocks; they need not have a key.
    #[must_use]
    pub fn subject_ref(&self, name: &str) -> SubjectRef {
        self.tree.subject_ref(name)
    }

    /// Whether this person's key is here.
    #[must_use]
    pub fn has_key(&self, subject: SubjectRef) -> bool {
        self.keys().has(subject)
    }

    /// What this person is called in the logs of enrolled devices, as far as their keys are here.
    #[must_use]
    pub fn subject_refs_on_devices(&self, name: &str) -> Vec<SubjectRef> {
        let keys = self.keys();
        keys.on_devices(name).filter(|subject| keys.has(*subject)).collect()
    }

    /// The same, whether or not their keys are here.
    #[must_use]
    pub fn subject_refs_ever_on_devices(&self, name: &str) -> Vec<SubjectRef> {
        self.keys().on_devices(name).collect()
    }

    /// What this person is called in blocks; a key is made for them where they have none.
    pub fn ensure_subject(&self, name: &str) -> Result<SubjectRef, StoreError> {
        let subject = self.subject_ref(name);
        self.settle_erasure()?;
        if !self.has_key(subject) {
            let (random, salt) = (self.random()?, self.random()?);
            self.change_keys().ensure(subject, random, &salt)?;
        }
        Ok(subject)
    }

    /// What tells equal masked texts of this person apart from others; `None` without their key.
    #[must_use]
    pub fn token_tag(&self, subject: SubjectRef, masked: &str) -> Option<[u8; 3]> {
        use activemirror_core::vault::KeyRing;
        Some(self.keys().ring(self.log).subject(subject)?.token_tag(masked))
    }

    /// Everybody whose key is here, and everybody whose key was destroyed.
    #[must_use]
    pub fn subjects(&self) -> (Vec<SubjectRef>, Vec<SubjectRef>) {
        let keys = self.keys();
        (keys.live().collect(), keys.erased().collect())
    }

    /// Looks whether the file's own pages are what was written, also those that hold no block: the ones
    /// that [`Store::verify`] does not come to. Reads all of the file.
    pub fn check_pages(&mut self) -> Result<(), StoreError> {
        // What differs and can be made anew from the rest, is made anew.
        guarded(|| self.db.check_integrity().map(drop).map_err(StoreError::from))
    }

    /// Gives back the room that freed pages take, and closes the store.
    pub fn close(mut self) -> Result<(), StoreError> {
        self.db.compact().map(drop).map_err(|error| match error {
            redb::CompactionError::Storage(error) => error.into(),
            other => StoreError::NotAStore(other.to_string()),
        })
    }

    /// The keys, to read. A panic elsewhere leaves them whole: each change is one insertion.
    pub(crate) fn keys(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys, to change.
    pub(crate) fn change_keys(&self) -> RwLockWriteGuard<'_, Keys> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the own log ends. Whoever holds this is the only one who writes; it changes once what
    /// was written is durable, so a panic before leaves it right.
    pub(crate) fn head(&self) -> MutexGuard<'_, Head> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When blocks of the own log are full.
    pub(crate) fn filling(&self) -> MutexGuard<'_, Filling> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for blocks of the own log.
    pub(crate) fn spare(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N], StoreError> {
        let mut bytes = [0; N];
        if (self.entropy)(&mut bytes) { Ok(bytes) } else { Err(StoreError::NoEntropy) }
    }

    /// Salts for one block. Each is random; where the source fails midway, the caller must not
    /// commit, which [`Salts::all_random`] tells.
    pub(crate) const fn salts(&self) -> Salts {
        Salts { entropy: self.entropy, failed: false }
    }

    /// A write that is durable when it returns from `commit`: two-phase, since block bytes may be
    /// an attacker's choice, and with quick repair, since a device may lose power at any time.
    pub(crate) fn begin_write(&self) -> Result<WriteTransaction, StoreError> {
        let mut transaction = self.db.begin_write()?;
        transaction.set_two_phase_commit(true);
        transaction.set_quick_repair(true);
        Ok(transaction)
    }

    fn with(db: Database, keys: Keys, entropy: fn(&mut [u8]) -> bool) -> Result<Self, StoreError> {
        let (tree, log) = (keys.tree(), keys.tree().log_id());
        let own = vec![OwnLog { number: FIRST, log, public_key: tree.public_key(), replaced: false }];
        let mut store = Self {
            db,
            tree,
            keys: RwLock::new(keys),
            entropy,
            log,
            own,
            losses: Losses::default(),
            head: Mutex::default(),
            filling: Mutex::default(),
            spare: Mutex::default(),
            erasing: AtomicBool::new(true),
            tiers: Tiers::default(),
            catalog: Catalog::default(),
        };
        store.check_format()?;
        store.find_own()?;
        *store.head() = store.read_head()?;
        store.finish_erasure()?;
        store.change_keys().settle()?;
        Ok(store)
    }

    /// Writes the format into a new store; refuses any other than this version's.
    fn check_format(&self) -> Result<(), StoreError> {
        let transaction = self.begin_write()?;
        {
            let mut meta = transaction.open_table(META)?;
            let known = meta.get("format")?.map(|value| value.value().try_into().map(u32::from_le_bytes));
            match known {
                Some(Ok(FORMAT)) => return Ok(()),
                Some(Ok(newer)) => return Err(StoreError::NewerFormat(newer)),
                Some(Err(_)) => return Err(StoreError::NotAStore("its format is no number".into())),
                // An emptied file looks new, but the keys remember that there were people in it.
                None if !self.keys().is_new() => return Err(StoreError::StoreMissing),
                None => meta.insert("format", FORMAT.to_le_bytes().as_slice())?,
            };
            transaction.open_table(LOGS)?.insert(FIRST, &self.public_key())?;
            transaction.open_table(HEADERS)?;
            transaction.open_table(PAYLOADS)?;
            transaction.open_table(SPANS)?;
            transaction.open_table(PACKS)?;
            transaction.open_table(ZONES)?;
            transaction.open_table(CHECKPOINTS)?;
            transaction.open_table(TRACES)?;
            transaction.open_multimap_table(INDEX)?;
        }
        Ok(transaction.commit()?)
    }

    pub(crate) fn read_head(&self) -> Result<Head, StoreError> {
        let headers = self.db.begin_read()?.open_table(HEADERS)?;
        let mut head = Head::default();
        let own = self.own_number();
        for row in headers.range((own, 0)..=(own, u64::MAX))? {
            let bytes = row?.1;
            head.tree.push(activemirror_core::hash::leaf(bytes.value()));
            // A header that cannot be read is for `verify` to name; appending goes on after it.
            if let Ok(header) = activemirror_core::log::header::Header::from_bytes(bytes.value()) {
                head.next_sequence = header.end();
            }
        }
        Ok(head)
    }
}

/// A row of random salts.
pub(crate) struct Salts {
    entropy: fn(&mut [u8]) -> bool,
    failed: bool,
}

impl Salts {
    pub(crate) fn next(&mut self) -> Salt {
        let mut salt = Salt::default();
        self.failed |= !(self.entropy)(&mut salt);
        salt
    }

    pub(crate) const fn all_random(&self) -> Result<(), StoreError> {
        if self.failed { Err(StoreError::NoEntropy) } else { Ok(()) }
    }
}

/// Empties a log that power loss left half made: redb writes its magic number last. To be asked only
/// where nobody has a key yet, since then nothing was ever in it.
fn discard_half_made(backend: &impl StorageBackend) -> Result<(), StoreError> {
    const MAGIC: [u8; 9] = *b"redb\x1a\x0a\xa9\x0d\x0a";
    let mut begins = [0; MAGIC.len()];
    let len = backend.len()?.min(begins.len() as u64) as usize;
    backend.read(0, &mut begins[..len])?;
    let begun = begins.iter().zip(MAGIC).all(|(byte, due)| *byte == due || *byte == 0);
    if len > 0 && begun && begins != MAGIC {
        backend.set_len(0)?;
    }
    Ok(())
}

/// The keys' file must be found again after a power loss, or the store that it opens is closed for
/// good.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Nobody else may use the subjects' keys meanwhile.
pub(crate) fn lock(file: &std::fs::File) -> Result<(), StoreError> {
    use std::fs::TryLockError;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StoreError::Held,
        TryLockError::Error(error) => error.into(),
    })
}
