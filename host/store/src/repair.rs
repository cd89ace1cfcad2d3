//! Saving what is intact of a damaged store into a new one.
//!
//! The damaged store is only read. A block is saved where it proves itself whole: its digest fits its
//! header, every seal opens, and the leaves are those that the header commits. A header whose block is
//! gone is saved as well, so the tree over what is left is still the one that was signed. What is gone
//! is listed, and said in the first records of a new own log, which names the damaged one as its
//! parent: from then on [`Store::verify`] tells what a repair could not save from what somebody took
//! away.
//!
//! | step | module |
//! |---|---|
//! | what the keys' file holds | `keys/salvage.rs` |
//! | what the tables, or the raw file, hold | `source.rs`, `carving.rs` |
//! | what of it is whole | `choice.rs` |
//! | the new store | `writing.rs` |
//!
//! Of blocks that retention moved:
//!
//! | tier | what is saved |
//! |---|---|
//! | warm | A pack of which every block proves itself, as it is: out of the tables, whatever they say of it, or out of the raw file. Of a damaged pack the blocks that prove themselves, packed anew. |
//! | cold | The rows that say where packs lie. Where every page of the file is what was written they are right, and nothing is fetched. Where one is not, only the packs tell: they are fetched, and looked for by the names of the objects where no row leads to them. From a cold store that cannot be reached rows are taken over as they are, and [`Repaired::cold`] says so; blocks of which even the row is lost are listed as gone, and repairing again finds them there. |
//! | gone | What an own log says went, by which rule and when: a row alone is not believed, and what the raw file still has of such blocks stays there. |
//!
//! What leads to records is made anew where they are opened, and taken over where they are not.

mod carving;
mod choice;
mod moved;
mod overlay;
mod source;
mod writing;

use core::fmt;
use core::ops::Range;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Lost, SubjectRef};
use activemirror_core::vault::{Key, KeyTree};

use crate::error::StoreError;
use crate::keys::salvage::salvage;
use crate::open::{KEYS_FILE, LOG_FILE, Store, lock, sync_folder};
use crate::tier::Tier;
use crate::tier::cold::{Cold, ColdFault};

use choice::Choice;
use source::Source;

/// What is to be repaired, and how.
pub struct Repair<'r> {
    /// The data directory that is damaged. It is only read.
    pub from: &'r Path,
    /// Where the new one is made; there must be nothing.
    pub into: &'r Path,
    /// The device's root key.
    pub root: &'r Key,
    /// Fills its argument with cryptographic random bytes; `false` where there are none.
    pub entropy: fn(&mut [u8]) -> bool,
    /// Checkpoints that were kept elsewhere: how long the logs were.
    pub seen: &'r [(LogId, String)],
    /// The person whose data the notices are.
    pub owner: &'r str,
    /// The cold store, where it can be reached.
    pub cold: Option<&'r dyn Cold>,
    /// Names of other files of the data directory, which go along as they are.
    pub besides: &'r [&'r str],
    /// When it is repaired.
    pub time: Timestamp,
}

impl fmt::Debug for Repair<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repair").field("from", &self.from).field("into", &self.into).finish_non_exhaustive()
    }
}

/// What a repair is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Looking through the raw file for headers: bytes.
    Headers,
    /// Looking through the raw file for blocks: bytes.
    Blocks,
    /// Looking through the raw file for packs: bytes.
    Packs,
    /// Looking at what is in the cold store: blocks.
    Cold,
    /// Looking whether blocks are whole: blocks.
    Checking,
    /// Writing the new store: blocks.
    Writing,
}

/// So much more is done of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress(pub Stage, pub u64);

/// What a repair saved, and what is gone.
#[derive(Clone, Debug)]
pub struct Repaired {
    /// The log that is written from now on.
    pub log: LogId,
    /// The log that it goes on from.
    pub parent: LogId,
    /// What became of each log.
    pub logs: Vec<RepairedLog>,
    /// Slots of the keys' file that were saved.
    pub keys: usize,
    /// Slots of the keys' file that were damaged and could be put right.
    pub keys_mended: usize,
    /// Slots of the keys' file that are gone.
    pub keys_gone: usize,
    /// Whose records are here and cannot be read any more, since their key is gone.
    pub closed: Vec<SubjectRef>,
    /// Whether the tables could not be read, and the raw file was looked through.
    pub carved: bool,
    /// Why something that only the cold store could tell did not come from there: rows that lead there were
    /// taken over unproven, and blocks whose row is lost are listed as gone. Another repair of the same store
    /// finds them, once it can be reached.
    pub cold: Option<ColdFault>,
    /// Other files that could not be read.
    pub besides_gone: Vec<String>,
}

impl Repaired {
    /// Whether nothing is gone.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.keys_gone == 0
            && self.closed.is_empty()
            && self.besides_gone.is_empty()
            && self.logs.iter().all(RepairedLog::is_whole)
    }
}

/// What became of a log.
#[derive(Clone, Debug)]
pub struct RepairedLog {
    /// The log.
    pub log: LogId,
    /// Whether it is this device's own.
    pub own: bool,
    /// What was saved, by tier.
    pub saved: [Saved; 4],
    /// What is gone.
    pub gone: Vec<Gone>,
    /// Whether something signed says where it ended. If nothing does, it may have been longer than
    /// what is left of it, and nobody can tell.
    pub end_known: bool,
}

/// What was saved of a log in one tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// Blocks.
    pub blocks: u64,
    /// Records in them.
    pub records: u64,
}

impl RepairedLog {
    /// What was saved in this tier. In the cold store it is what the tables said lies there; of what went
    /// by a rule there are the headers, and what the log tells.
    #[must_use]
    pub const fn saved(&self, tier: Tier) -> Saved {
        self.saved[tier as usize]
    }

    /// Blocks whose records are somewhere.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.somewhere().map(|saved| saved.blocks).sum()
    }

    /// Records in them.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.somewhere().map(|saved| saved.records).sum()
    }

    fn somewhere(&self) -> impl Iterator<Item = Saved> {
        [Tier::Hot, Tier::Warm, Tier::Cold].into_iter().map(|tier| self.saved(tier))
    }

    /// Whether nothing of it is gone.
    fn is_whole(&self) -> bool {
        self.gone.is_empty() && (self.end_known || !self.own)
    }
}

/// Blocks in a row that are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Their numbers.
    pub blocks: Range<u64>,
    /// What of them is gone.
    pub what: Lost,
    /// The sequences of their records, as far as headers around them tell: where one is lost at the
    /// log's end, nobody knows how many there were.
    pub sequences: Range<u64>,
    /// The earliest and the latest time in them, where their headers are left.
    pub times: Option<(Timestamp, Timestamp)>,
    /// The traces whose records they held, by id; those that nothing else here names are not in it.
    pub traces: Vec<String>,
}

impl Repair<'_> {
    /// Saves what is intact. The new store appears whole or not at all.
    pub fn run(&self, mut progress: impl FnMut(Progress)) -> Result<Repaired, StoreError> {
        let part = self.part()?;
        let tree = KeyTree::new(self.root);
        let file = fs::File::open(self.from.join(KEYS_FILE)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => StoreError::KeysMissing,
            _ => error.into(),
        })?;
        // Whoever writes the store has this lock.
        lock(&file)?;
        let mut keys = salvage(&fs::read(self.from.join(KEYS_FILE))?, &tree)?;
        let logs: HashMap<LogId, [u8; 32]> = keys.logs(&tree).into_iter().collect();
        let mut source = Source::open(&self.from.join(LOG_FILE), &logs)?;
        for (log, note) in self.seen {
            let signed = logs.get(log).and_then(|key| checkpoint::open(note, *log, key).ok());
            signed.iter().for_each(|signed| source.found.saw(signed));
        }
        let choice = Choice::make(self, &mut keys, &mut source, &tree, &mut progress)?;
        let repaired = writing::write(self, &keys, &mut source, choice, &tree, &part, &mut progress)?;
        fs::rename(&part, self.into)?;
        sync_folder(self.into.parent().filter(|it| *it != Path::new("")).unwrap_or(Path::new(".")))?;
        Ok(repaired)
    }

    /// Where the new store is made, until it is whole.
    fn part(&self) -> Result<PathBuf, StoreError> {
        if self.into.read_dir().is_ok_and(|mut files| files.next().is_some()) {
            return Err(StoreError::Io(std::io::Error::other(format!(
                "{} is not empty, and what is saved goes into a new folder",
                self.into.display()
            ))));
        }
        let mut part = self.into.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        if Store::exists(&part) {
            // What an earlier repair left that was stopped.
            fs::remove_dir_all(&part)?;
        }
        fs::create_dir_all(&part)?;
        Ok(part)
    }
}
