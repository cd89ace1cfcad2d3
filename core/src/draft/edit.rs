//! Masking and dropping.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::{ACTION, At, Draft, INTENT, Mark, UNCHECKED};
use crate::limits::CATEGORY_BYTES_MAX;
use crate::trace::Place;
use crate::value::{OwnedLeaf, OwnedValue};

/// Fields whose name the formats give; what lies below is the source's own.
const FIELDS: [&str; 5] = ["/parameters", "/data", "/semantics", "/metadata", "/message"];

/// Paths that the formats give as a whole.
const PATHS: [&str; 11] = [
    ACTION,
    INTENT,
    "/metadata/source",
    "/message/id",
    "/message/timestamp",
    "/title",
    "/user_id",
    "/parent_session_id",
    "/status",
    "/created_at",
    "/updated_at",
];

/// Words that the formats give, and what they say nobody's secret: without them a message has no
/// role and a session no status.
const WORDS: [(&str, [&str; 3]); 2] =
    [("/metadata/source", ["user", "tool", "system"]), ("/status", ["active", "paused", "completed"])];

impl Draft {
    /// Marks these bytes, where nothing is marked yet; a value that is no text is marked as a
    /// whole, `0..0`. Returns whether that changed anything.
    pub fn mask(&mut self, at: impl Into<At>, range: Range<u32>, category: &str, plugin: u16) -> bool {
        let Some((place, range)) = self.settle(at.into(), range, category) else { return false };
        let free = self.unmarked(place, range);
        let changed = !free.is_empty();
        let category: String = category.chars().take(CATEGORY_BYTES_MAX).collect();
        self.marks.extend(free.into_iter().map(|(start, end)| Mark {
            place,
            start,
            end,
            category: category.clone(),
            dropped: false,
            plugin,
        }));
        self.sort();
        changed
    }

    /// Marks all of it: nobody could say what in it is personal.
    pub fn mask_everything(&mut self, plugin: u16) {
        for at in [At::Action, At::Intent] {
            let bytes = self.name(at).map_or(0, str::len);
            self.mask(at, 0..bytes as u32, UNCHECKED, plugin);
        }
        let text = self.text.as_ref().map(|text| (Place::Text, 0..text.len()));
        let leaves = (0..).zip(&self.leaves).flat_map(|(index, leaf)| {
            let path = (Place::LeafPath(index), own_bytes(&leaf.path)..leaf.path.len());
            let known = |(path, words): &(&str, [&str; 3])| {
                leaf.path == *path && leaf.value.as_value().as_text().is_some_and(|it| words.contains(&it))
            };
            let value = leaf.value.as_value().as_text().map_or(0, str::len);
            let value = (!WORDS.iter().any(known)).then_some((Place::LeafValue(index), 0..value));
            [Some(path), value].into_iter().flatten()
        });
        let places: Vec<(Place, Range<usize>)> = text.into_iter().chain(leaves).collect();
        for (place, bytes) in places {
            let whole_value = matches!(place, Place::LeafValue(index) if !self.is_text(index));
            if whole_value || !bytes.is_empty() {
                self.mask(place, bytes.start as u32..bytes.end as u32, UNCHECKED, plugin);
            }
        }
    }

    /// Takes these bytes out, for good. Returns whether that changed anything.
    pub fn drop_range(&mut self, at: impl Into<At>, range: Range<u32>, category: &str, plugin: u16) -> bool {
        let Some((place, range)) = self.settle(at.into(), range, category) else { return false };
        let gone = Mark {
            place,
            start: range.start,
            end: range.start,
            category: category.to_owned(),
            dropped: true,
            plugin,
        };
        if self.marks.contains(&gone) && range.is_empty() {
            return false;
        }
        // A key cannot be empty and must stay apart from its neighbours.
        let put = if let Place::LeafPath(index) = place { format!("dropped-{index}") } else { String::new() };
        if !self.take_out(place, &range, &put) {
            return false;
        }
        let here = self.marks.iter_mut().filter(|mark| mark.place == place);
        here.for_each(|mark| follow(mark, &range, put.len() as u32));
        self.marks.retain(|mark| mark.dropped || mark.place != place || mark.start < mark.end);
        self.marks.push(gone);
        self.sort();
        true
    }

    /// Whether there is such a place, and the range lies on its characters; the whole of a value
    /// that is no text is `0..0`.
    #[must_use]
    pub fn holds(&self, at: At, range: &Range<u32>) -> bool {
        let place = match at {
            At::Place(place) => place,
            name => return self.name(name).is_some_and(|name| on_characters(name, range)),
        };
        let leaf = |index: u32| self.leaves.get(index as usize);
        match place {
            Place::Text => self.text.as_deref().is_some_and(|text| on_characters(text, range)),
            Place::LeafPath(index) => leaf(index).is_some_and(|leaf| on_characters(&leaf.path, range)),
            Place::LeafValue(index) => leaf(index).is_some_and(|leaf| match &leaf.value {
                OwnedValue::Text(text) => on_characters(text, range),
                _ => *range == (0..0),
            }),
        }
    }

    /// The place in the content that is meant. A name goes there now; one that went before was
    /// seen as a stand-in, so that all of it is meant.
    fn settle(&mut self, at: At, range: Range<u32>, category: &str) -> Option<(Place, Range<u32>)> {
        let (path, name) = match at {
            At::Place(place) => return Some((place, range)),
            At::Action => (ACTION, self.action.as_mut()?),
            At::Intent => (INTENT, self.intent.as_mut()?),
        };
        let apart = self.leaves.iter().position(|leaf| leaf.path == path);
        if let Some(index) = apart {
            let all = self.leaves[index].value.as_value().as_text().map_or(0, str::len);
            return Some((Place::LeafValue(index as u32), 0..all as u32));
        }
        if range.is_empty() || !on_characters(name, &range) {
            return None;
        }
        let original = core::mem::replace(name, format!("⟦{category}⟧"));
        self.leaves.push(OwnedLeaf { path: path.to_owned(), value: OwnedValue::Text(original) });
        Some((Place::LeafValue(self.leaves.len() as u32 - 1), range))
    }

    fn name(&self, at: At) -> Option<&str> {
        match at {
            At::Action => self.action.as_deref(),
            At::Intent => self.intent.as_deref(),
            At::Place(_) => None,
        }
    }

    fn is_text(&self, leaf: u32) -> bool {
        self.leaves.get(leaf as usize).is_some_and(|leaf| matches!(leaf.value, OwnedValue::Text(_)))
    }

    fn take_out(&mut self, place: Place, range: &Range<u32>, put: &str) -> bool {
        let bytes = range.start as usize..range.end as usize;
        match place {
            Place::Text => self.text.as_mut().is_some_and(|text| cut(text, bytes, put)),
            Place::LeafPath(index) => {
                let leaf = self.leaves.get_mut(index as usize);
                leaf.is_some_and(|leaf| cut(&mut leaf.path, bytes, put))
            }
            Place::LeafValue(index) => match self.leaves.get_mut(index as usize) {
                None => false,
                Some(OwnedLeaf { value: OwnedValue::Text(text), .. }) => cut(text, bytes, put),
                Some(OwnedLeaf { value: OwnedValue::Null, .. }) => false,
                Some(leaf) => {
                    leaf.value = OwnedValue::Null;
                    true
                }
            },
        }
    }

    /// The parts of `range` that no mark covers. A value that is no text is one empty range.
    fn unmarked(&self, place: Place, range: Range<u32>) -> Vec<(u32, u32)> {
        let here = || self.marks.iter().filter(|mark| mark.place == place && !mark.dropped);
        if range.is_empty() {
            return if here().next().is_none() { Vec::from([(range.start, range.end)]) } else { Vec::new() };
        }
        let (mut free, mut from) = (Vec::new(), range.start);
        for mark in here().filter(|mark| mark.start < range.end && mark.end > range.start) {
            free.push((from, mark.start.max(from)));
            from = from.max(mark.end);
        }
        free.push((from, range.end.max(from)));
        free.retain(|(start, end)| start < end);
        free
    }

    fn sort(&mut self) {
        let order = |place| match place {
            Place::Text => (0, 0),
            Place::LeafPath(index) => (1 + index, 0),
            Place::LeafValue(index) => (1 + index, 1),
        };
        self.marks.sort_by_key(|mark| (order(mark.place), mark.start, mark.end));
    }
}

/// Bytes of a path that the formats give.
fn own_bytes(path: &str) -> usize {
    if PATHS.contains(&path) {
        return path.len();
    }
    let end = path.get(1..).and_then(|rest| rest.find(['/', '['])).map_or(path.len(), |end| end + 1);
    let key = path.as_bytes().get(end).is_some_and(|byte| *byte == b'/');
    // Behind a field's name comes its step's own slash; an index is nobody's name.
    if FIELDS.contains(&&path[..end]) { (end + usize::from(key)).min(path.len()) } else { 1.min(path.len()) }
}

fn on_characters(text: &str, range: &Range<u32>) -> bool {
    !range.is_empty() && text.get(range.start as usize..range.end as usize).is_some()
}

/// Replaces bytes of a text, if they are there and lie between characters.
fn cut(text: &mut String, bytes: Range<usize>, with: &str) -> bool {
    let there = !bytes.is_empty() && text.get(bytes.clone()).is_some();
    if there {
        text.replace_range(bytes, with);
    }
    there
}

/// Moves a mark to where its bytes are once so many others stand in the place of `gone`.
fn follow(mark: &mut Mark, gone: &Range<u32>, put: u32) {
    let moved = |at: u32| match at.checked_sub(gone.end) {
        Some(past) => gone.start + put + past,
        None => at.min(gone.start),
    };
    (mark.start, mark.end) = (moved(mark.start), moved(mark.end));
}
