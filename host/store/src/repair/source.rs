//! What a damaged store still holds: through its tables where they can be read, out of the raw file
//! where not.

mod moved;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};

use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::StoredBlock;
use redb::{ReadOnlyTable, ReadableMultimapTable, ReadableTable};

use self::moved::Moves;
pub(super) use self::moved::PackPlace;
use super::carving::{self, Found, Place};
use super::choice::one_bit_off;
use super::overlay::{Tables, read_at};
use super::{Progress, Stage};
use crate::error::StoreError;
use crate::pages::guarded;
use crate::tables::{CHECKPOINTS, HEADERS, INDEX, LOGS, LogNumber, META, PAYLOADS};
use crate::tier::RAN;

type Payloads = ReadOnlyTable<(LogNumber, u64), &'static [u8]>;

/// A damaged store, to read from.
pub(super) struct Source {
    path: PathBuf,
    file: File,
    /// The logs that there is a key for.
    logs: Vec<LogId>,
    tables: Option<Tables>,
    /// The number of each log in the tables, as far as that can be read.
    numbers: HashMap<LogId, LogNumber>,
    /// Headers and checkpoints.
    pub(super) found: Found,
    /// Logs whose key is gone, so that nothing of them opens: how many blocks and records they had.
    pub(super) strangers: BTreeMap<LogId, (u64, u64)>,
    /// Headers in the tables that cannot be read, with the number of their log and their block.
    damaged: Vec<(LogNumber, u64, Vec<u8>)>,
    /// Where the blocks lie that the tables do not lead to.
    carved: HashMap<Header, Vec<Place>>,
    /// What is known of blocks that moved.
    moves: Moves,
    /// Whether the raw file was looked through.
    pub(super) was_carved: bool,
    /// What the tables say besides.
    pub(super) notes: Notes,
}

/// What the tables say besides blocks.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Whose keys were about to be destroyed.
    pub(super) erasing: Option<Vec<u8>>,
    /// When retention was last looked to.
    pub(super) ran: Option<Vec<u8>>,
    /// How far devices' logs were looked at.
    pub(super) looked: HashMap<LogId, Vec<u8>>,
}

impl Source {
    pub(super) fn open(log: &Path, logs: &HashMap<LogId, [u8; 32]>) -> Result<Self, StoreError> {
        let tables = Tables::open(File::open(log)?).ok();
        let mut source = Self {
            path: log.to_owned(),
            file: File::open(log)?,
            logs: logs.keys().copied().collect(),
            tables,
            numbers: HashMap::new(),
            found: Found::default(),
            strangers: BTreeMap::new(),
            damaged: Vec::new(),
            carved: HashMap::new(),
            moves: Moves::default(),
            was_carved: false,
            notes: Notes::default(),
        };
        source.read_logs();
        source.read_checkpoints(logs);
        source.read_headers(logs);
        source.read_notes();
        source.read_moved();
        Ok(source)
    }

    /// Does this with the tables; nothing where they cannot be read. What was read before stays.
    fn with_tables(
        &mut self,
        read: impl FnOnce(&mut Self, &redb::ReadTransaction) -> Result<(), StoreError>,
    ) {
        let Some(tables) = self.tables.take() else { return };
        let _ = guarded(|| read(self, &tables.begin_read()?));
        self.tables = Some(tables);
    }

    fn read_logs(&mut self) {
        self.with_tables(|source, transaction| {
            for row in transaction.open_table(LOGS)?.iter()? {
                let (number, key) = row?;
                source.numbers.insert(LogId::of(key.value()), number.value());
            }
            Ok(())
        });
    }

    fn read_checkpoints(&mut self, logs: &HashMap<LogId, [u8; 32]>) {
        self.with_tables(|source, transaction| {
            for row in transaction.open_table(CHECKPOINTS)?.iter()? {
                let note = row?.1.value().to_owned();
                let signed = logs.iter().find_map(|(log, key)| checkpoint::open(&note, *log, key).ok());
                if let Some(signed) = signed {
                    source.found.note(signed, &note);
                }
            }
            Ok(())
        });
    }

    fn read_headers(&mut self, logs: &HashMap<LogId, [u8; 32]>) {
        self.with_tables(|source, transaction| {
            for row in transaction.open_table(HEADERS)?.iter()? {
                let (at, bytes) = row?;
                let (number, block) = at.value();
                let header = Header::from_bytes(bytes.value()).ok();
                match header.filter(|header| header.block == block && logs.contains_key(&header.log)) {
                    Some(header) => {
                        source.numbers.entry(header.log).or_insert(number);
                        source.found.headers.entry((header.log, block)).or_default().push(header);
                    }
                    None => source.take_other(number, block, bytes.value()),
                }
            }
            Ok(())
        });
    }

    /// Takes a header that is of none of the logs that open, or of none at all.
    fn take_other(&mut self, number: LogNumber, block: u64, bytes: &[u8]) {
        let listed =
            |header: &Header| self.numbers.get(&header.log) == Some(&number) && header.block == block;
        match Header::from_bytes(bytes).ok().filter(listed) {
            Some(header) => {
                let known = self.strangers.entry(header.log).or_default();
                *known = (known.0.max(block + 1), known.1.max(header.end()));
            }
            None => self.damaged.push((number, block, bytes.to_vec())),
        }
    }

    fn read_notes(&mut self) {
        self.with_tables(|source, transaction| {
            let meta = transaction.open_table(META)?;
            source.notes.erasing = meta.get("erasing")?.map(|note| note.value().to_vec());
            source.notes.ran = meta.get(RAN)?.map(|note| note.value().to_vec());
            for (log, number) in source.numbers.clone() {
                if let Some(value) = meta.get(&*format!("looked/{number}"))? {
                    source.notes.looked.insert(log, value.value().to_vec());
                }
            }
            Ok(())
        });
    }

    /// Whether anything is missing in the tables: a header, or what says how many there are.
    pub(super) fn has_gaps(&self) -> bool {
        let logs: BTreeSet<LogId> = self.found.headers.keys().map(|(log, _)| *log).collect();
        let whole = |log: &LogId| {
            let headers = self.found.headers.range((*log, 0)..=(*log, u64::MAX)).count() as u64;
            self.found.notes.contains_key(log) && headers >= self.found.signed(*log)
        };
        self.tables.is_none() || !self.damaged.is_empty() || logs.is_empty() || !logs.iter().all(whole)
    }

    /// Headers that one bit makes right: the digest of their block says which.
    pub(super) fn mended(&self, is_whole: impl Fn((LogId, u64)) -> bool) -> Vec<((LogId, u64), Header)> {
        let numbers = &self.numbers;
        let unread = self.damaged.iter().map(|(number, block, bytes)| (*number, *block, bytes.clone()));
        let open = self.found.headers.iter().filter(|(at, _)| !is_whole(**at));
        let read = open.filter_map(|((log, block), headers)| {
            Some((*numbers.get(log)?, *block, headers.first()?.to_bytes().to_vec()))
        });
        let mended = unread.chain(read).filter_map(|(number, block, bytes)| {
            let stored = self.row(number, block)?;
            let header = mend(&bytes, &stored)?;
            Some(((header.log, header.block), header))
        });
        mended.collect()
    }

    /// What there is of a block's header, right or wrong.
    pub(super) fn header_bytes(&self, at: (LogId, u64)) -> Vec<Vec<u8>> {
        let read = self.found.headers.get(&at).into_iter().flatten().map(|it| it.to_bytes().to_vec());
        let number = self.numbers.get(&at.0).copied();
        let is_it = |(of, block, _): &&(LogNumber, u64, Vec<u8>)| Some(*of) == number && *block == at.1;
        read.chain(self.damaged.iter().filter(is_it).map(|(_, _, bytes)| bytes.clone())).collect()
    }

    /// Whether the tables hold a payload of this block.
    pub(super) fn has_row(&self, log: LogId, block: u64) -> bool {
        self.numbers.get(&log).is_some_and(|number| self.row(*number, block).is_some())
    }

    /// Looks through the raw file for headers and checkpoints of these logs.
    pub(super) fn carve(
        &mut self,
        logs: &HashMap<LogId, [u8; 32]>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), StoreError> {
        self.was_carved = true;
        let found = carving::find(&self.file, logs, &mut |bytes| progress(Progress(Stage::Headers, bytes)))?;
        for (at, headers) in found.headers {
            // What the tables lead to comes first.
            let known = self.found.headers.entry(at).or_default();
            let new: Vec<Header> = headers.into_iter().filter(|header| !known.contains(header)).collect();
            known.extend(new);
        }
        for (checkpoint, note) in found.notes.into_values() {
            self.found.note(checkpoint, &note);
        }
        Ok(())
    }

    /// Looks through the raw file for the blocks of these headers.
    pub(super) fn carve_stored(
        &mut self,
        wanted: &[Header],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), StoreError> {
        self.was_carved = true;
        let each = &mut |bytes| progress(Progress(Stage::Blocks, bytes));
        self.carved = carving::find_stored(&self.file, wanted, each)?;
        Ok(())
    }

    /// The stored forms of a block whose digest fits: that of the tables first.
    pub(super) fn stored(&self, header: &Header) -> Vec<Vec<u8>> {
        let mut stored: Vec<Vec<u8>> = self.in_tables(header).into_iter().collect();
        for place in self.carved.get(header).into_iter().flatten() {
            let mut bytes = vec![0; place.len];
            if read_at(&self.file, place.offset, &mut bytes).is_ok() && !stored.contains(&bytes) {
                stored.push(bytes);
            }
        }
        stored.retain(|stored| StoredBlock::read(header, stored).is_ok());
        stored
    }

    fn in_tables(&self, header: &Header) -> Option<Vec<u8>> {
        self.row(*self.numbers.get(&header.log)?, header.block)
    }

    /// The stored form that the tables hold of a block.
    fn row(&self, number: LogNumber, block: u64) -> Option<Vec<u8>> {
        let tables = self.tables.as_ref()?;
        let read = || -> Result<Option<Vec<u8>>, StoreError> {
            let payloads: Payloads = tables.begin_read()?.open_table(PAYLOADS)?;
            let value = payloads.get((number, block))?;
            Ok(value.map(|value| value.value().to_vec()))
        };
        guarded(read).ok().flatten()
    }

    /// The rows of the index that lead to these blocks, as far as they can be read.
    pub(super) fn index_of(
        &mut self,
        blocks: &BTreeSet<(LogId, u64)>,
    ) -> BTreeMap<[u8; 16], Vec<(LogId, u64)>> {
        let mut rows: BTreeMap<[u8; 16], Vec<(LogId, u64)>> = BTreeMap::new();
        self.with_tables(|source, transaction| {
            let by_number = source.by_number();
            for row in transaction.open_multimap_table(INDEX)?.iter()? {
                let (key, places) = row?;
                for at in places {
                    let (number, block) = at?.value();
                    let at = by_number.get(&number).map(|log| (*log, block));
                    if let Some(at) = at.filter(|at| blocks.contains(at)) {
                        rows.entry(*key.value()).or_default().push(at);
                    }
                }
            }
            Ok(())
        });
        rows
    }
}

/// The header that these bytes are but for one bit, by the digest of its stored block. Nothing where
/// the header is right as it is.
fn mend(bytes: &[u8], stored: &[u8]) -> Option<Header> {
    let fits = |bytes: &[u8]| {
        let header = Header::from_bytes(bytes).ok()?;
        StoredBlock::read(&header, stored).is_ok().then_some(header)
    };
    if fits(bytes).is_some() {
        return None;
    }
    one_bit_off(bytes).find_map(|flipped| fits(&flipped))
}
