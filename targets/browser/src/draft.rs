//! An event on its way into the log, with what the policy has marked in it so far.
//!
//! The rules are the host's: a mask covers what is not covered yet, a drop takes the bytes out for
//! good and moves the marks behind them.

use core::cmp::Reverse;
use core::ops::Range;

use activemirror_core::limits::CATEGORY_BYTES_MAX;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Content, Kind, Mark as LogMark, Place, Structure};
use activemirror_core::value::{OwnedLeaf, OwnedValue};

/// The category of what no policy has looked at.
const UNCHECKED: &str = "unchecked";

/// What this package writes itself, and needs to tell a message from another.
pub(crate) const OWN_LEAVES: [&str; 3] = ["/message/id", "/message/timestamp", "/metadata/source"];

/// A stretch of an event and what was found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) place: Place,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) category: String,
}

#[derive(Clone, Debug)]
struct Mark {
    found: Found,
    dropped: bool,
}

impl From<&LogMark<'_>> for Mark {
    fn from(mark: &LogMark<'_>) -> Self {
        let LogMark { place, start, end, category, dropped, .. } = *mark;
        Self { found: Found { place, start, end, category: category.to_owned() }, dropped }
    }
}

/// An event and its marks.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    pub(crate) time: Timestamp,
    pub(crate) alias: String,
    pub(crate) text: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) intent: Option<String>,
    pub(crate) confidence: Option<f64>,
    pub(crate) leaves: Vec<OwnedLeaf>,
    marks: Vec<Mark>,
}

impl Draft {
    /// An event of this kind, with nothing in it yet.
    pub(crate) fn new(kind: Kind, time: Timestamp, alias: String) -> Self {
        let (text, action, intent, confidence) = (None, None, None, None);
        Self { kind, time, alias, text, action, intent, confidence, leaves: Vec::new(), marks: Vec::new() }
    }

    /// An event as the log has it.
    pub(crate) fn stored(structure: &Structure<'_>, content: &Content<'_>) -> Self {
        let alias = structure.alias.unwrap_or_default().to_owned();
        Self {
            text: content.text.map(str::to_owned),
            action: structure.action.map(str::to_owned),
            intent: structure.intent.map(str::to_owned),
            confidence: structure.confidence,
            leaves: content.leaves.iter().copied().map(OwnedLeaf::from).collect(),
            marks: content.marks.iter().map(Mark::from).collect(),
            ..Self::new(structure.kind, structure.time, alias)
        }
    }

    /// The half of it that is sealed, as the log has it.
    pub(crate) fn content(&self, plugin: u16) -> Content<'_> {
        let marks = self.marks.iter().map(|mark| LogMark {
            place: mark.found.place,
            start: mark.found.start,
            end: mark.found.end,
            category: &mark.found.category,
            dropped: mark.dropped,
            plugin,
        });
        Content {
            text: self.text.as_deref(),
            leaves: self.leaves.iter().map(OwnedLeaf::as_leaf).collect(),
            marks: marks.collect(),
        }
    }

    /// What is marked and still there.
    pub(crate) fn marked(&self) -> impl Iterator<Item = &Found> {
        self.marks.iter().filter(|mark| !mark.dropped).map(|mark| &mark.found)
    }

    /// Whether the place is there, and the range lies on its characters; the whole of a value that
    /// is no text is `0..0`.
    pub(crate) fn holds(&self, found: &Found) -> bool {
        let range = found.start as usize..found.end as usize;
        match self.text_at(found.place) {
            None => false,
            Some(None) => range == (0..0),
            Some(Some(text)) => !range.is_empty() && text.get(range).is_some(),
        }
    }

    /// Masks what was found, as far as it is not masked yet. Returns whether that changed anything.
    pub(crate) fn mask(&mut self, found: Vec<Found>) -> bool {
        settle(found).into_iter().fold(false, |changed, found| changed | self.mask_one(found))
    }

    /// Takes out what was found, for good. Returns whether that changed anything.
    pub(crate) fn take(&mut self, found: Vec<Found>) -> bool {
        // From the last to the first, so that none moves another.
        settle(found).into_iter().rev().fold(false, |changed, found| changed | self.drop_one(found))
    }

    /// Masks everything that a mask can cover: nobody has looked at it.
    pub(crate) fn mask_all(&mut self) {
        let others = || (0..).zip(&self.leaves).filter(|(_, leaf)| !OWN_LEAVES.contains(&&*leaf.path));
        let paths = others().filter_map(|(index, leaf)| {
            let key = leaf.path.match_indices('/').nth(1)?.0 + 1;
            (key < leaf.path.len()).then_some((Place::LeafPath(index), key..leaf.path.len()))
        });
        let values = others().filter_map(|(index, leaf)| match &leaf.value {
            OwnedValue::Text(text) if text.is_empty() => None,
            OwnedValue::Text(text) => Some((Place::LeafValue(index), 0..text.len())),
            _ => Some((Place::LeafValue(index), 0..0)),
        });
        let text = self.text.as_deref().filter(|text| !text.is_empty());
        let text = text.map(|text| (Place::Text, 0..text.len()));
        let found = |(place, range): (Place, Range<usize>)| Found {
            place,
            start: range.start as u32,
            end: range.end as u32,
            category: UNCHECKED.to_owned(),
        };
        let all = text.into_iter().chain(paths).chain(values).map(found).collect();
        self.mask(all);
    }

    /// The text at a place; `Some(None)` where the place holds a value that is no text.
    fn text_at(&self, place: Place) -> Option<Option<&str>> {
        let leaf = |index: u32| self.leaves.get(index as usize);
        match place {
            Place::Text => self.text.as_deref().map(Some),
            Place::LeafPath(index) => leaf(index).map(|leaf| Some(&*leaf.path)),
            Place::LeafValue(index) => leaf(index).map(|leaf| match &leaf.value {
                OwnedValue::Text(text) => Some(&**text),
                _ => None,
            }),
        }
    }

    fn mask_one(&mut self, found: Found) -> bool {
        let free = self.unmarked(&found);
        let changed = !free.is_empty();
        for (start, end) in free {
            self.insert(Mark { found: Found { start, end, ..found.clone() }, dropped: false });
        }
        changed
    }

    /// The parts that no mark covers.
    fn unmarked(&self, found: &Found) -> Vec<(u32, u32)> {
        let here = || self.marked().filter(|mark| mark.place == found.place);
        if found.start == found.end {
            return if here().next().is_none() { vec![(found.start, found.end)] } else { Vec::new() };
        }
        let (mut free, mut from) = (Vec::new(), found.start);
        for mark in here().filter(|mark| mark.start < found.end && mark.end > found.start) {
            free.push((from, mark.start.max(from)));
            from = from.max(mark.end);
        }
        free.push((from, found.end.max(from)));
        free.retain(|(start, end)| start < end);
        free
    }

    fn drop_one(&mut self, found: Found) -> bool {
        let gone = found.start..found.end;
        let Some(put) = self.take_out(found.place, &gone) else { return false };
        for mark in self.marks.iter_mut().filter(|mark| mark.found.place == found.place) {
            let moved =
                |at: u32| if at < gone.end { at.min(gone.start) } else { gone.start + put + at - gone.end };
            (mark.found.start, mark.found.end) = (moved(mark.found.start), moved(mark.found.end));
        }
        self.marks.retain(|mark| {
            mark.dropped || mark.found.place != found.place || mark.found.start < mark.found.end
        });
        let end = found.start;
        self.insert(Mark { found: Found { end, ..found }, dropped: true });
        true
    }

    /// Takes bytes out; how many were put in their place, or `None` where nothing was there.
    fn take_out(&mut self, place: Place, gone: &Range<u32>) -> Option<u32> {
        match place {
            Place::Text => cut(self.text.as_mut()?, gone, ""),
            // A path stays one, and different from its neighbours'.
            Place::LeafPath(index) => {
                cut(&mut self.leaves.get_mut(index as usize)?.path, gone, &format!("dropped-{index}"))
            }
            Place::LeafValue(index) => match &mut self.leaves.get_mut(index as usize)?.value {
                OwnedValue::Null => None,
                OwnedValue::Text(text) => cut(text, gone, ""),
                value => {
                    *value = OwnedValue::Null;
                    Some(0)
                }
            },
        }
    }

    fn insert(&mut self, mark: Mark) {
        let order = |mark: &Mark| (order(mark.found.place), mark.found.start, mark.found.end);
        let at = self.marks.partition_point(|known| order(known) <= order(&mark));
        self.marks.insert(at, mark);
    }
}

/// Whether this is a category as plugins write them.
pub(crate) fn is_category(text: &str) -> bool {
    (1..=CATEGORY_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// In order, and where two overlap, one that covers both under the category of the first.
fn settle(found: Vec<Found>) -> Vec<Found> {
    let order = |it: &Found| (order(it.place), it.start, Reverse(it.end));
    let mut settled: Vec<Found> = Vec::with_capacity(found.len());
    for it in found {
        let at = settled.partition_point(|known| order(known) <= order(&it));
        settled.insert(at, it);
    }
    settled.dedup_by(|next, before| {
        let overlap = next.place == before.place && (next.start < before.end || before.end == 0);
        if overlap {
            before.end = before.end.max(next.end);
        }
        overlap
    });
    settled
}

const fn order(place: Place) -> (u32, u8) {
    match place {
        Place::Text => (0, 0),
        Place::LeafPath(index) => (1 + index, 0),
        Place::LeafValue(index) => (1 + index, 1),
    }
}

fn cut(text: &mut String, gone: &Range<u32>, put: &str) -> Option<u32> {
    let bytes = gone.start as usize..gone.end as usize;
    text.get(bytes.clone()).filter(|gone| !gone.is_empty())?;
    text.replace_range(bytes, put);
    Some(put.len() as u32)
}
