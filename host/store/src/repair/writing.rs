//! The new store: what was chosen, and a log that says where it comes from.

mod moved;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::Path;

use activemirror_core::hash::leaf;
use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::log::tree::Frontier;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Lost, Notice, Reason};
use activemirror_core::vault::KeyTree;
use redb::Database;

use super::choice::Choice;
use super::source::Source;
use super::{Gone, Progress, Repair, Repaired, RepairedLog, Saved, Stage};
use crate::append::Pending;
use crate::error::StoreError;
use crate::keys::salvage::SalvagedKeys;
use crate::open::{KEYS_FILE, LOG_FILE, Options, Store};
use crate::own::{FIRST, OWN, Parent};
use crate::tables::{
    CHECKPOINTS, FORMAT, HEADERS, INDEX, LOGS, LogNumber, META, PACKS, PAYLOADS, SPANS, TRACES, ZONES,
};
use crate::tier::{RAN, Tier};

/// Bytes of blocks that are written at once.
const AT_ONCE: usize = 4 << 20;

/// Writes the new store into the folder `part`.
pub(super) fn write(
    repair: &Repair<'_>,
    salvaged: &SalvagedKeys,
    source: &mut Source,
    choice: Choice,
    tree: &KeyTree,
    part: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Repaired, StoreError> {
    // A log of which nothing is known was never begun, or nothing of it is left: it is only named.
    let (logs, unfound): (Vec<_>, Vec<_>) = {
        let known = |log: &LogId| choice.sizes.iter().any(|(of, size)| of == log && *size > 0);
        let device = |log: &LogId| salvaged.devices.iter().any(|device| device.log_id() == *log);
        let all = salvaged.logs(tree).into_iter().enumerate();
        all.partition(|(place, (log, _))| *place == 0 || known(log) || device(log))
    };
    let logs: Vec<(LogId, [u8; 32])> = logs.into_iter().map(|(_, log)| log).collect();
    let numbers: HashMap<LogId, LogNumber> = logs.iter().map(|(log, _)| *log).zip(FIRST..).collect();
    begin(part, salvaged, source, &logs, &numbers)?;
    let options = Options { keys: KeyTree::new(repair.root), entropy: repair.entropy, cache_bytes: 16 << 20 };
    let store = Store::open(part, options)?;
    let mut writing = Writing {
        store: &store,
        source,
        choice: &choice,
        numbers: &numbers,
        names: Names::default(),
        saved: HashMap::new(),
    };
    let gone_rows = writing.look_for_names();
    writing.blocks(progress)?;
    writing.moved(progress)?;
    writing.checkpoints()?;
    let counts = writing.saved;
    let names = writing.names;
    let parent = as_left(store.log_id(), &choice);
    look_for_head(&store, &numbers)?;
    let owner = store.ensure_subject(repair.owner)?;
    let notices = notices(&choice, parent.log);
    let store = store.go_on_from(parent, &notices, owner, repair.time)?;
    let own = store.own_logs();
    let reports = logs.iter().map(|(log, _)| {
        let saved = counts.get(log).copied().unwrap_or_default();
        let gone = gone(*log, &choice, &gone_rows, &names);
        let named_by_the_next = own.contains(log) && *log != parent.log;
        let end_known = named_by_the_next || source.found.notes.contains_key(log);
        RepairedLog { log: *log, own: own.contains(log), saved, gone, end_known }
    });
    let unfound = unfound.into_iter().map(|(_, (log, _))| unfound_log(log));
    let strangers = source.strangers.iter().map(|(log, end)| strange_log(*log, *end));
    let repaired = Repaired {
        log: store.log_id(),
        parent: parent.log,
        logs: reports.chain(unfound).chain(strangers).collect(),
        keys: salvaged.saved,
        keys_mended: salvaged.mended,
        keys_gone: salvaged.lost,
        closed: choice.closed.iter().copied().collect(),
        carved: source.was_carved,
        cold: choice.cold.clone(),
        besides_gone: take_along(repair, part)?,
    };
    store.close()?;
    Ok(repaired)
}

/// Makes both files, so that the store opens with all of its logs, and no block yet.
fn begin(
    part: &Path,
    salvaged: &SalvagedKeys,
    source: &Source,
    logs: &[(LogId, [u8; 32])],
    numbers: &HashMap<LogId, LogNumber>,
) -> Result<(), StoreError> {
    let mut open = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    let mut keys = open.write(true).create_new(true).open(part.join(KEYS_FILE))?;
    std::io::Write::write_all(&mut keys, &salvaged.bytes)?;
    keys.sync_all()?;
    let db = Database::create(part.join(LOG_FILE))?;
    let transaction = db.begin_write()?;
    {
        let mut meta = transaction.open_table(META)?;
        meta.insert("format", FORMAT.to_le_bytes().as_slice())?;
        if let Some(erasing) = &source.notes.erasing {
            meta.insert("erasing", erasing.as_slice())?;
        }
        if let Some(ran) = &source.notes.ran {
            meta.insert(RAN, ran.as_slice())?;
        }
        for (log, looked) in &source.notes.looked {
            if let Some(number) = numbers.get(log) {
                meta.insert(&*format!("looked/{number}"), looked.as_slice())?;
            }
        }
        if let Some(newest) = salvaged.branches.iter().rev().find(|it| numbers.contains_key(&it.log)) {
            meta.insert(OWN, newest.id.as_slice())?;
        }
        let mut table = transaction.open_table(LOGS)?;
        for (log, key) in logs {
            table.insert(numbers[log], key)?;
        }
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

/// An own log that there is a key for, and nothing else.
const fn unfound_log(log: LogId) -> RepairedLog {
    RepairedLog {
        log,
        own: true,
        saved: [Saved { blocks: 0, records: 0 }; 4],
        gone: Vec::new(),
        end_known: false,
    }
}

/// A log of so many blocks and records that there is no key for.
fn strange_log(log: LogId, (blocks, records): (u64, u64)) -> RepairedLog {
    let gone = Gone {
        blocks: 0..blocks,
        what: Lost::Everything,
        sequences: 0..records,
        times: None,
        traces: Vec::new(),
    };
    RepairedLog { log, own: false, saved: [Saved::default(); 4], gone: vec![gone], end_known: false }
}

/// Copies the other files; gives the names of those that cannot be read.
fn take_along(repair: &Repair<'_>, part: &Path) -> Result<Vec<String>, StoreError> {
    let mut gone = Vec::new();
    for name in repair.besides {
        match fs::read(repair.from.join(name)) {
            Ok(bytes) => {
                fs::write(part.join(name), bytes)?;
                fs::File::open(part.join(name))?.sync_all()?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(_) => gone.push((*name).to_owned()),
        }
    }
    Ok(gone)
}

/// Looks where the own logs end, after blocks were put in past the store.
fn look_for_head(store: &Store, numbers: &HashMap<LogId, LogNumber>) -> Result<(), StoreError> {
    let mut head = store.read_head()?;
    for log in store.own_logs() {
        head.next_sequence = head.next_sequence.max(store.end_of(numbers[&log])?.1);
    }
    *store.head() = head;
    Ok(())
}

/// Names of traces that lost records.
#[derive(Default)]
struct Names {
    wanted: HashSet<[u8; 16]>,
    known: HashMap<[u8; 16], String>,
}

/// Rows of the index, by what they lead to.
type Rows = BTreeMap<(LogId, u64), Vec<[u8; 16]>>;

struct Writing<'w> {
    store: &'w Store,
    source: &'w mut Source,
    choice: &'w Choice,
    numbers: &'w HashMap<LogId, LogNumber>,
    names: Names,
    /// What was written of each log, by tier.
    saved: HashMap<LogId, [Saved; 4]>,
}

impl Writing<'_> {
    /// Asks the old index which keys led to what is gone.
    fn look_for_names(&mut self) -> Rows {
        let ranges = self.choice.losses.ranges();
        let gone: BTreeSet<(LogId, u64)> =
            ranges.flat_map(|(log, _, first, end)| (first..end).map(move |block| (log, block))).collect();
        let mut rows = Rows::new();
        if gone.is_empty() {
            return rows;
        }
        for (key, blocks) in self.source.index_of(&gone) {
            self.names.wanted.insert(key);
            blocks.into_iter().for_each(|at| rows.entry(at).or_default().push(key));
        }
        rows
    }

    /// Writes every header, and every block that is as it was written.
    fn blocks(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<(), StoreError> {
        let mut headers =
            self.choice.headers.values().filter(|it| self.numbers.contains_key(&it.log)).peekable();
        while headers.peek().is_some() {
            let transaction = self.store.begin_write()?;
            let mut written = 0;
            while let Some(header) = headers.next_if(|_| written < AT_ONCE) {
                let number = self.numbers[&header.log];
                let whole = self.choice.hot.contains(&(header.log, header.block));
                let found = if whole { self.choice.whole(self.source, header) } else { None };
                match found {
                    Some((stored, whole)) => {
                        let pending = self.pending(header, &whole.open)?;
                        self.store.insert(&transaction, number, header, &stored, pending)?;
                        self.count(Tier::Hot, header);
                        written += stored.len();
                    }
                    None => {
                        let at = (number, header.block);
                        transaction.open_table(HEADERS)?.insert(at, header.to_bytes().as_slice())?;
                        written += Header::BYTES;
                    }
                }
                progress(Progress(Stage::Writing, 1));
            }
            transaction.commit()?;
        }
        Ok(())
    }

    fn count(&mut self, tier: Tier, header: &Header) {
        let saved = &mut self.saved.entry(header.log).or_default()[tier as usize];
        saved.blocks += 1;
        saved.records += u64::from(header.count);
    }

    /// What the index will say of a block; names what is wanted on the way.
    fn pending(
        &mut self,
        header: &Header,
        open: &activemirror_core::log::reader::OpenBlock,
    ) -> Result<Pending, StoreError> {
        let mut pending = Pending::default();
        let entries = open.entries().map_err(|error| StoreError::Block(header.block, error))?;
        for entry in entries {
            pending.note_entry(self.store, &entry);
            if let Some(trace) = entry.structure.trace.filter(|_| !self.names.wanted.is_empty()) {
                let key = self.store.tree.keyed_hash("trace", trace.as_bytes());
                if self.names.wanted.contains(&key) {
                    self.names.known.entry(key).or_insert_with(|| trace.to_owned());
                }
            }
        }
        Ok(pending)
    }

    fn checkpoints(&self) -> Result<(), StoreError> {
        let transaction = self.store.begin_write()?;
        for (log, (_, note)) in &self.source.found.notes {
            if let Some(number) = self.numbers.get(log) {
                transaction.open_table(CHECKPOINTS)?.insert(*number, &**note)?;
            }
        }
        Ok(transaction.commit()?)
    }
}

/// A log as it is left: its tree, with the leaf of no bytes in the place of each lost header.
fn as_left(log: LogId, choice: &Choice) -> Parent {
    let size = choice.sizes.iter().find(|(of, _)| *of == log).map_or(0, |(_, size)| *size);
    let mut tree = Frontier::new();
    for block in 0..size {
        tree.push(choice.headers.get(&(log, block)).map_or_else(|| leaf(&[]), Header::leaf_hash));
    }
    Parent { log, blocks: size, root: tree.root(), reason: Reason::Repaired }
}

/// What the new log says is gone.
fn notices(choice: &Choice, parent: LogId) -> Vec<Notice<'static>> {
    let holed =
        choice.sizes.iter().filter(|(log, size)| *log != parent && choice.losses.headers_of(*log, *size));
    let left = holed.map(|(log, _)| {
        let Parent { log, blocks, root, reason } = as_left(*log, choice);
        Notice::Parent { log, blocks, root, reason }
    });
    let lost = choice.losses.ranges().map(|(log, what, first, end)| Notice::Lost {
        log,
        first,
        blocks: end - first,
        what,
    });
    let keys = choice.closed.iter().map(|subject| Notice::KeyLost { subject: *subject });
    left.chain(lost).chain(keys).collect()
}

/// What is gone of a log, in order.
fn gone(log: LogId, choice: &Choice, rows: &Rows, names: &Names) -> Vec<Gone> {
    let ranges = choice.losses.ranges().filter(|(of, ..)| *of == log);
    let mut gone: Vec<Gone> = ranges
        .map(|(_, what, first, end)| {
            let here = || (first..end).filter_map(|block| choice.headers.get(&(log, block)));
            let before = first
                .checked_sub(1)
                .map_or(Some(0), |before| Some(choice.headers.get(&(log, before))?.end()));
            let start = here().next().map(|header| header.first).or(before).unwrap_or(0);
            let last = here().next_back().map(Header::end);
            let next = choice.headers.get(&(log, end)).map(|header| header.first);
            let traces: BTreeSet<&String> = (first..end)
                .filter_map(|block| rows.get(&(log, block)))
                .flatten()
                .filter_map(|key| names.known.get(key))
                .collect();
            Gone {
                blocks: first..end,
                what,
                sequences: start..last.or(next).unwrap_or(start).max(start),
                times: times(here()).filter(|_| what == Lost::Records),
                traces: traces.into_iter().cloned().collect(),
            }
        })
        .collect();
    gone.sort_by_key(|gone| gone.blocks.start);
    gone
}

fn times<'h>(headers: impl Iterator<Item = &'h Header> + Clone) -> Option<(Timestamp, Timestamp)> {
    let min = headers.clone().map(|header| header.time_min).min()?;
    Some((min, headers.map(|header| header.time_max).max()?))
}
