//! An event on its way into the log: the document's event, and what policies have marked in it.

use activemirror_core::limits::CATEGORY_BYTES_MAX;
use activemirror_core::many::Many;
use activemirror_core::trace::{Content, Kind, Mark as LogMark, Place};
use activemirror_core::value::Leaf as LogLeaf;
use activemirror_engine::{Point, Source};

use crate::document::{Event, Leaf, Value};

/// A stretch of an event that a policy found; as [`LogMark`], but its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where.
    pub place: Place,
    /// First byte of the original.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// What it is.
    pub category: String,
    /// Whether the original was dropped, for good.
    pub dropped: bool,
    /// The number of the plugin that found it.
    pub plugin: u16,
}

impl Mark {
    /// The same, borrowed, as the log has it.
    #[must_use]
    pub fn as_log(&self) -> LogMark<'_> {
        LogMark {
            place: self.place,
            start: self.start,
            end: self.end,
            category: &self.category,
            dropped: self.dropped,
            plugin: self.plugin,
        }
    }
}

impl From<&LogMark<'_>> for Mark {
    fn from(mark: &LogMark<'_>) -> Self {
        Self {
            place: mark.place,
            start: mark.start,
            end: mark.end,
            category: mark.category.to_owned(),
            dropped: mark.dropped,
            plugin: mark.plugin,
        }
    }
}

/// An event and its marks, sorted by place and start; none overlaps another.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The event.
    pub event: Event,
    /// What policies have found in it so far.
    pub marks: Vec<Mark>,
}

impl From<Event> for Draft {
    fn from(event: Event) -> Self {
        Self { event, marks: Vec::new() }
    }
}

impl Draft {
    /// The half of it that is sealed, as the log has it.
    #[must_use]
    pub fn content(&self) -> Content<'_> {
        Content {
            text: self.event.text.as_deref(),
            leaves: borrowed(&self.event.leaves),
            marks: self.marks.iter().map(Mark::as_log).collect(),
        }
    }

    /// Who it comes from.
    #[must_use]
    pub fn source(&self) -> Source {
        if self.event.kind != Kind::Observation {
            return Source::Unknown;
        }
        match self.text_at("/metadata/source") {
            Some("user") => Source::User,
            Some("tool") => Source::Tool,
            _ if self.text_at("/metadata/tool_call_id").is_some() => Source::Tool,
            _ => Source::Unknown,
        }
    }

    /// At which point policies are asked about it.
    #[must_use]
    pub fn point(&self) -> Point {
        match self.event.kind {
            Kind::Action => Point::PreToolCall,
            Kind::Output => Point::Output,
            Kind::Thought | Kind::Decision => Point::PostModelCall,
            Kind::Observation if self.source() == Source::User => Point::Input,
            _ => Point::PostToolCall,
        }
    }

    /// Marks these bytes, where nothing is marked yet. Returns whether that changed anything.
    pub fn mask(&mut self, place: Place, range: core::ops::Range<u32>, category: &str, plugin: u16) -> bool {
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
    pub(crate) fn mask_everything(&mut self, category: &str, plugin: u16) {
        let text = self.event.text.as_ref().map(|text| (Place::Text, text.len()));
        let leaves = (0..).zip(&self.event.leaves).flat_map(|(index, leaf)| {
            let value = if let Value::Text(text) = &leaf.value { text.len() } else { 0 };
            [(Place::LeafPath(index), leaf.path.len()), (Place::LeafValue(index), value)]
        });
        let places: Vec<(Place, usize)> = text.into_iter().chain(leaves).collect();
        for (place, bytes) in places {
            let start = u32::from(matches!(place, Place::LeafPath(_)));
            self.mask(place, start..bytes as u32, category, plugin);
        }
    }

    /// Takes these bytes out of the event, for good. Returns whether that changed anything.
    pub fn drop_range(
        &mut self,
        place: Place,
        range: core::ops::Range<u32>,
        category: &str,
        plugin: u16,
    ) -> bool {
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

    fn take_out(&mut self, place: Place, range: &core::ops::Range<u32>, put: &str) -> bool {
        let bytes = range.start as usize..range.end as usize;
        match place {
            Place::Text => self.event.text.as_mut().is_some_and(|text| cut(text, bytes, put)),
            Place::LeafPath(index) => {
                let leaf = self.event.leaves.get_mut(index as usize);
                leaf.is_some_and(|leaf| cut(&mut leaf.path, bytes, put))
            }
            Place::LeafValue(index) => match self.event.leaves.get_mut(index as usize) {
                None => false,
                Some(Leaf { value: Value::Text(text), .. }) => cut(text, bytes, put),
                Some(Leaf { value: Value::Null, .. }) => false,
                Some(leaf) => {
                    leaf.value = Value::Null;
                    true
                }
            },
        }
    }

    /// The parts of `range` that no mark covers. A value that is no text is one empty range.
    fn unmarked(&self, place: Place, range: core::ops::Range<u32>) -> Vec<(u32, u32)> {
        let here = || self.marks.iter().filter(|mark| mark.place == place && !mark.dropped);
        if range.is_empty() {
            return if here().next().is_none() { vec![(range.start, range.end)] } else { Vec::new() };
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

    fn text_at(&self, path: &str) -> Option<&str> {
        let leaf = self.event.leaves.iter().find(|leaf| leaf.path == path)?;
        match &leaf.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Leaves as the log has them.
pub(crate) fn borrowed(leaves: &[Leaf]) -> Many<'_, LogLeaf<'_>> {
    leaves.iter().map(Leaf::as_leaf).collect()
}

/// Leaves of the log, with texts of their own.
pub(crate) fn owned(leaves: &[LogLeaf<'_>]) -> Vec<Leaf> {
    leaves.iter().copied().map(Leaf::from).collect()
}

/// Replaces bytes of a text, if they are there and lie between characters.
fn cut(text: &mut String, bytes: core::ops::Range<usize>, with: &str) -> bool {
    let there = !bytes.is_empty() && text.get(bytes.clone()).is_some();
    if there {
        text.replace_range(bytes, with);
    }
    there
}

/// Moves a mark to where its bytes are once so many others stand in the place of `gone`.
fn follow(mark: &mut Mark, gone: &core::ops::Range<u32>, put: u32) {
    let moved = |at: u32| match at.checked_sub(gone.end) {
        Some(past) => gone.start + put + past,
        None => at.min(gone.start),
    };
    (mark.start, mark.end) = (moved(mark.start), moved(mark.end));
}
