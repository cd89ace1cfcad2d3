//! What lies in the cold store. Where the tables are sound, their rows are taken as they are, and nothing is
//! fetched. Where they are not, only the packs themselves tell whether the rows are right: they are fetched,
//! as far as they come, and what no row leads to any more is looked for by the names of the objects.

use std::collections::HashSet;

use activemirror_core::limits::{PACK_BLOCKS_MAX, PACK_BYTES_MAX};
use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::log::pack::StoredPack;
use activemirror_core::log::reader::OpenBlock;
use activemirror_core::trace::SubjectRef;

use super::super::moved::{Form, Moved};
use super::super::{Progress, Stage};
use super::Choosing;
use super::judging::judge;
use crate::append::Pending;
use crate::tier::cold::Object;
use crate::tier::span::{Place, Span};

/// What a pack that was fetched says of its blocks.
struct Fetched {
    found: Vec<Pending>,
    /// Who was erased, though the keys do not say so.
    erased: HashSet<SubjectRef>,
    /// Whose content it holds that nothing opens any more.
    closed: HashSet<SubjectRef>,
    /// Where it is, as the row should say.
    place: Place,
}

impl Choosing<'_> {
    /// Takes the rows of what is cold.
    pub(super) fn look_at_cold_rows(&mut self, progress: &mut dyn FnMut(Progress)) {
        for log in self.logs.clone() {
            for (first, span) in self.source.spans_of(log) {
                if matches!(span.place, Place::Cold { .. }) && self.are_open(log, first, span.blocks) {
                    self.look_at_cold_row(log, first, &span);
                    progress(Progress(Stage::Cold, span.blocks));
                }
            }
        }
    }

    fn look_at_cold_row(&mut self, log: LogId, first: u64, span: &Span) {
        let Place::Cold { bytes, digest, .. } = span.place else { return };
        let blocks = span.blocks;
        let as_it_is = || Moved { blocks, form: Form::Cold { place: span.place.clone(), found: None } };
        if self.sound && self.keys_whole {
            self.save((log, first), as_it_is());
            return;
        }
        // Each own log's folder is asked for it.
        let object = Object { folder: log, log, first, blocks, digest };
        match self.cabinet.fetch(&object, bytes) {
            Ok(pack) => self.save_fetched(&object, &pack),
            // Where nothing of this store lies, it is the wrong place, and not a wrong row.
            Err(why) if !why.is_loss() || self.cabinet.objects().is_empty() => {
                self.cabinet.trouble.get_or_insert(why);
                self.save((log, first), as_it_is());
            }
            Err(_) => {}
        }
    }

    /// Whether so many blocks can be in the cold store: each has a header, and nothing of it is saved.
    fn are_open(&self, log: LogId, first: u64, blocks: u64) -> bool {
        let is_open = |at| self.found.headers.contains_key(&at) && self.is_open(at);
        blocks <= PACK_BLOCKS_MAX as u64
            && (first..first.saturating_add(blocks)).all(|block| is_open((log, block)))
    }

    fn save_fetched(&mut self, object: &Object, pack: &[u8]) {
        let Some(fetched) = self.examine(object, pack) else { return };
        let form = Form::Cold { place: fetched.place, found: Some(fetched.found) };
        self.found.erased.extend(fetched.erased);
        self.found.closed.extend(fetched.closed);
        self.save((object.log, object.first), Moved { blocks: object.blocks, form });
    }

    /// Looks in the cold store for what is not saved and may lie there.
    pub(super) fn look_in_the_cold_store(&mut self, progress: &mut dyn FnMut(Progress)) {
        let may_lie_there = self.cabinet.cold.is_some() || !self.sound;
        if !may_lie_there || !self.found.headers.keys().any(|at| self.is_open(*at)) {
            return;
        }
        for object in self.cabinet.objects() {
            if self.are_open(object.log, object.first, object.blocks)
                && let Ok(pack) = self.cabinet.fetch(&object, PACK_BYTES_MAX as u64)
            {
                self.save_fetched(&object, &pack);
                progress(Progress(Stage::Cold, object.blocks));
            }
        }
    }

    /// Opens a pack that was fetched; `None` where it does not prove all of its blocks.
    fn examine(&self, object: &Object, bytes: &[u8]) -> Option<Fetched> {
        let Object { log, first, blocks, digest, .. } = *object;
        let headers = (first..first + blocks).map(|block| self.found.headers.get(&(log, block)).copied());
        let headers = headers.collect::<Option<Vec<Header>>>()?;
        let ring = self.keys.ring(log);
        let pack = StoredPack::read(&headers, bytes).ok()?;
        let stale = pack.sealed().any(|subject| self.keys.may_have_been_erased(subject));
        // Whose key is gone counts as erased in it, since the leaf hashes are there.
        let closed = pack.sealed().filter(|it| !self.keys.has(*it) && !self.keys.may_have_been_erased(*it));
        let closed: HashSet<SubjectRef> = closed.collect();
        let (mut found, mut erased) = (Vec::new(), HashSet::new());
        for open in pack.open(&headers, &ring).ok()? {
            let judged = judge(self.keys, self.keys_gone, &open)?;
            erased.extend(judged.erased.difference(&closed));
            found.push(self.pending(&open)?);
        }
        let place = Place::Cold { bytes: bytes.len() as u64, digest, stale };
        Some(Fetched { found, erased, closed, place })
    }

    /// What leads to a block's records.
    fn pending(&self, open: &OpenBlock) -> Option<Pending> {
        let mut pending = Pending::default();
        for entry in open.entries().ok()? {
            pending.note_under(self.tree, entry.sequence, &entry.structure, entry.place);
        }
        Some(pending)
    }
}
