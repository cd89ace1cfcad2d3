//! What a reader may see of a record's content: the only form in which a filter looks at it.

use crate::draft::Draft;
use crate::trace::{Content, Structure};
use crate::value::{Leaf, OwnedLeaf};

/// A record's content, masked or revealed.
#[derive(Clone, Debug)]
pub struct Shown<'a>(Seen<'a>);

#[derive(Clone, Debug)]
enum Seen<'a> {
    /// Nothing is hidden in it.
    Whole(&'a Content<'a>),
    /// As it is shown.
    Draft(Draft),
    /// It is sealed under a key that is not here, its person was erased, or it has none.
    Nothing,
}

impl<'a> Shown<'a> {
    /// As whoever may not see what is marked sees it; `tag` is as for
    /// [`mask::view`](crate::mask::view).
    #[must_use]
    pub fn masked(
        structure: &Structure<'_>,
        content: &'a Content<'a>,
        tag: &dyn Fn(&str) -> Option<[u8; 3]>,
    ) -> Self {
        if hides_nothing(structure, content) {
            return Self(Seen::Whole(content));
        }
        Self(Seen::Draft(Draft::stored(structure, content).masked(tag)))
    }

    /// As whoever may see all of it sees it.
    #[must_use]
    pub fn originals(structure: &Structure<'_>, content: &'a Content<'a>) -> Self {
        if hides_nothing(structure, content) {
            return Self(Seen::Whole(content));
        }
        Self(Seen::Draft(Draft::stored(structure, content).revealed()))
    }

    /// As it was put together for its reader already.
    #[must_use]
    pub const fn draft(shown: Draft) -> Self {
        Self(Seen::Draft(shown))
    }

    /// There is no content that could be read.
    #[must_use]
    pub const fn nothing() -> Self {
        Self(Seen::Nothing)
    }

    pub(super) const fn is_readable(&self) -> bool {
        !matches!(self.0, Seen::Nothing)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.0 {
            Seen::Whole(content) => content.text,
            Seen::Draft(draft) => draft.text.as_deref(),
            Seen::Nothing => None,
        }
    }

    /// The action and the intent, where they left the structure.
    pub(super) fn names(&self) -> [Option<&str>; 2] {
        match &self.0 {
            Seen::Draft(draft) => [draft.action.as_deref(), draft.intent.as_deref()],
            _ => [None, None],
        }
    }

    pub(super) fn leaves(&self) -> impl Iterator<Item = Leaf<'_>> {
        let (whole, shown): (&[Leaf<'_>], &[OwnedLeaf]) = match &self.0 {
            Seen::Whole(content) => (&content.leaves, &[]),
            Seen::Draft(draft) => (&[], &draft.leaves),
            Seen::Nothing => (&[], &[]),
        };
        whole.iter().copied().chain(shown.iter().map(OwnedLeaf::as_leaf))
    }
}

fn hides_nothing(structure: &Structure<'_>, content: &Content<'_>) -> bool {
    content.marks.is_empty() && !structure.has_stand_in()
}
