//! Packs that prove themselves: all of their blocks, or of a damaged one those that do.

use std::collections::BTreeSet;

use activemirror_core::limits::PACK_BLOCKS_MAX;
use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::log::pack::{StoredPack, salvage};
use activemirror_core::log::reader::OpenBlock;

use super::super::moved::{Form, Moved};
use super::super::source::PackPlace;
use super::Choosing;
use super::judging::{Judged, judge};

/// Where nothing says how many blocks a pack holds, no more than so many bytes are hashed to find out.
const HASHED_MAX: usize = 256 << 20;

/// A pack that begins with a block, before it is known what it holds.
struct Begins {
    at: (LogId, u64),
    /// The headers from there on.
    headers: Vec<Header>,
    /// How many blocks it may hold, the likeliest first.
    likely: Vec<usize>,
}

impl Begins {
    /// The headers that a pack of so many bytes may have.
    fn ways(&self, bytes: usize) -> impl Iterator<Item = &[Header]> {
        let most = self.headers.len();
        let any = if bytes.saturating_mul(most) > HASHED_MAX { 0 } else { most };
        self.likely.iter().copied().chain(1..=any).map(|count| &self.headers[..count])
    }
}

impl Choosing<'_> {
    /// Looks at every pack with blocks that are not saved.
    pub(super) fn look_at_packs(&mut self) {
        let firsts = self.source.pack_firsts();
        for at in firsts.iter().copied() {
            if !self.is_open(at) {
                continue;
            }
            let begins = self.beginning(at, self.run_from(at), &firsts);
            let places = self.source.packs_at(at);
            let whole = places.iter().find_map(|place| Some((place, self.whole_pack(&begins, place)?)));
            if let Some((place, opened)) = whole {
                let blocks = opened.len() as u64;
                for (open, judged) in opened {
                    self.take(&open, judged);
                }
                self.save(at, Moved { blocks, form: Form::Pack(place.clone()) });
            }
        }
    }

    /// Saves of damaged packs what proves itself.
    pub(super) fn look_at_damaged_packs(&mut self) {
        let firsts = self.source.pack_firsts();
        for at in firsts.iter().copied() {
            let begins = self.beginning(at, self.headers_from(at), &firsts);
            for place in self.source.packs_at(at) {
                self.save_parts(&begins, &place);
            }
        }
    }

    /// The headers from a block on, as far as they are there and their blocks are not saved.
    fn run_from(&self, at: (LogId, u64)) -> Vec<Header> {
        let free = |header: &Header| !self.is_saved((header.log, header.block));
        self.headers_from(at).into_iter().take_while(free).collect()
    }

    /// The headers from a block on, as far as they follow each other: no more than a pack has.
    fn headers_from(&self, (log, first): (LogId, u64)) -> Vec<Header> {
        let row = self.found.headers.range((log, first)..=(log, u64::MAX)).map(|(_, header)| *header);
        (first..)
            .zip(row.take(PACK_BLOCKS_MAX))
            .take_while(|(due, it)| it.block == *due)
            .map(|(_, it)| it)
            .collect()
    }

    /// What is known of a pack that begins with this block.
    fn beginning(&self, at: (LogId, u64), headers: Vec<Header>, firsts: &BTreeSet<(LogId, u64)>) -> Begins {
        let said = self.source.span_at(at).map(|span| span.blocks as usize);
        let next = firsts.range((at.0, at.1 + 1)..).next().filter(|(log, _)| *log == at.0);
        let next = next.map(|(_, next)| (next - at.1) as usize);
        let likely = said.into_iter().chain(next).chain([headers.len()]);
        let likely = likely.filter(|count| (1..=headers.len()).contains(count)).collect();
        Begins { at, headers, likely }
    }

    /// A pack that is whole, with what there is to say of each of its blocks.
    fn whole_pack(&self, begins: &Begins, place: &PackPlace) -> Option<Vec<(OpenBlock, Judged)>> {
        let bytes = self.source.pack(place)?;
        let mut ways = begins.ways(bytes.len());
        let (headers, pack) =
            ways.find_map(|headers| Some((headers, StoredPack::read(headers, &bytes).ok()?)))?;
        let opened = pack.open(headers, &self.keys.ring(begins.at.0)).ok()?.into_iter();
        opened.map(|open| judge(self.keys, self.keys_gone, &open).map(|judged| (open, judged))).collect()
    }

    fn save_parts(&mut self, begins: &Begins, place: &PackPlace) {
        let Some(bytes) = self.source.pack(place) else { return };
        let (log, first) = begins.at;
        let opened = {
            let ring = self.keys.ring(log);
            begins.ways(bytes.len()).find_map(|headers| salvage(headers, &bytes, &ring).ok())
        };
        let Some(opened) = opened else { return };
        let blocks = opened.len() as u64;
        let whole = opened.into_iter().filter_map(|open| {
            let header = open.header();
            let judged = judge(self.keys, self.keys_gone, &open)?;
            // A segment that does not open may be a damaged one, and is nobody's whose key is gone.
            let whole = judged.closed.is_empty() && self.is_open((header.log, header.block));
            whole.then_some((open, judged))
        });
        let whole: Vec<(OpenBlock, Judged)> = whole.collect();
        let follows = |(one, _): &(OpenBlock, _), (next, _): &(OpenBlock, _)| {
            one.header().block + 1 == next.header().block
        };
        for row in whole.chunk_by(follows) {
            let Some((open, _)) = row.first() else { continue };
            let form = Form::Part { of: place.clone(), first, blocks };
            self.save((log, open.header().block), Moved { blocks: row.len() as u64, form });
        }
        for (open, judged) in whole {
            self.take(&open, judged);
        }
    }
}
