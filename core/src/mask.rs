//! Masks are a view: what an event looks like to whoever may not see what policies marked.
//!
//! A token stands in each marked place, `⟦email·3fa90c⟧`: the category, and six digits that are
//! equal for equal originals of one person and tell nothing without that person's key. What was
//! dropped shows as `⟦card-security-code·dropped⟧`. Nothing ever reads a token back: revealing
//! goes by the marks, so a text that imitates a token is just a text.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::trace::{Content, Mark, Place};
use crate::value::Value;

/// An event's content with tokens in the marked places.
#[derive(Clone, Debug, PartialEq)]
pub struct View<'a> {
    /// Its text.
    pub text: Option<Cow<'a, str>>,
    /// Its leaves.
    pub leaves: Vec<ViewLeaf<'a>>,
    /// Where the tokens stand.
    pub tokens: Vec<Token<'a>>,
}

/// A leaf with tokens in the marked places.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewLeaf<'a> {
    /// Its path.
    pub path: Cow<'a, str>,
    /// Its value, where nothing in it is marked; else see `masked`.
    pub value: Value<'a>,
    /// What is shown in place of the value.
    pub masked: Option<String>,
}

impl ViewLeaf<'_> {
    /// What is shown: the value, or the text with tokens.
    #[must_use]
    pub fn shown(&self) -> Value<'_> {
        self.masked.as_deref().map_or(self.value, Value::Text)
    }
}

/// A token in a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// The mark it stands for.
    pub mark: Mark<'a>,
    /// The bytes of the view that it takes up.
    pub shown: Range<usize>,
}

/// What `content` looks like with its marks masked. `tag` gives the six digits' three bytes for an
/// original text; `None` where the person's key is gone.
#[must_use]
pub fn view<'a>(content: &'a Content<'_>, tag: &dyn Fn(&str) -> Option<[u8; 3]>) -> View<'a> {
    let mut tokens = Vec::new();
    let mut masked = |place, original: &'a str| {
        let marks = content.marks.iter().filter(|mark| mark.place == place);
        let (shown, placed) = replace(original, marks, tag);
        tokens.extend(placed);
        shown
    };
    let text = content.text.map(|text| masked(Place::Text, text));
    let mut leaves = Vec::with_capacity(content.leaves.len());
    for (index, leaf) in (0..).zip(content.leaves.iter()) {
        let path = masked(Place::LeafPath(index), leaf.path);
        let text = leaf.value.as_text().map(|text| masked(Place::LeafValue(index), text));
        let partly = text.and_then(|shown| match shown {
            Cow::Borrowed(_) => None,
            Cow::Owned(shown) => Some(shown),
        });
        leaves.push(ViewLeaf { path, value: leaf.value, masked: partly });
    }
    for mark in content.marks.iter() {
        mask_whole_value(mark, &mut leaves, &mut tokens, tag);
    }
    View { text, leaves, tokens }
}

/// A value that is no text is masked as a whole.
fn mask_whole_value<'a>(
    mark: &Mark<'a>,
    leaves: &mut [ViewLeaf<'_>],
    tokens: &mut Vec<Token<'a>>,
    tag: &dyn Fn(&str) -> Option<[u8; 3]>,
) {
    let Place::LeafValue(index) = mark.place else { return };
    let Some(leaf) = leaves.get_mut(index as usize) else { return };
    if leaf.value.as_text().is_none() && leaf.masked.is_none() {
        let shown = token(mark, &format!("{:?}", leaf.value), tag);
        tokens.push(Token { mark: *mark, shown: 0..shown.len() });
        leaf.masked = Some(shown);
    }
}

/// `original` with a token for each mark. Marks that do not fit the text, which no policy of ours
/// writes but a forged block may hold, hide all of it.
fn replace<'a, 'm>(
    original: &'a str,
    marks: impl Iterator<Item = &'m Mark<'m>>,
    tag: &dyn Fn(&str) -> Option<[u8; 3]>,
) -> (Cow<'a, str>, Vec<Token<'m>>) {
    let mut marks: Vec<&Mark<'_>> = marks.collect();
    if marks.is_empty() {
        return (Cow::Borrowed(original), Vec::new());
    }
    marks.sort_by_key(|mark| (mark.start, mark.end));
    let (mut shown, mut tokens, mut done) = (String::new(), Vec::new(), 0);
    for mark in &marks {
        let (start, end) = (mark.start as usize, mark.end as usize);
        let (Some(before), Some(hidden)) = (original.get(done..start), original.get(start..end)) else {
            return hide_all(original, marks[0], tag);
        };
        shown.push_str(before);
        let at = shown.len();
        shown.push_str(&token(mark, hidden, tag));
        tokens.push(Token { mark: **mark, shown: at..shown.len() });
        done = end;
    }
    shown.push_str(&original[done..]);
    (Cow::Owned(shown), tokens)
}

fn hide_all<'a, 'm>(
    original: &str,
    mark: &'m Mark<'m>,
    tag: &dyn Fn(&str) -> Option<[u8; 3]>,
) -> (Cow<'a, str>, Vec<Token<'m>>) {
    let shown = token(mark, original, tag);
    let all = Token { mark: *mark, shown: 0..shown.len() };
    (Cow::Owned(shown), Vec::from([all]))
}

fn token(mark: &Mark<'_>, original: &str, tag: &dyn Fn(&str) -> Option<[u8; 3]>) -> String {
    let category = mark.category;
    match tag(original).filter(|_| !mark.dropped) {
        Some([a, b, c]) => format!("⟦{category}·{a:02x}{b:02x}{c:02x}⟧"),
        None if mark.dropped => format!("⟦{category}·dropped⟧"),
        None => format!("⟦{category}⟧"),
    }
}

/// The original's bytes that `shown` bytes of a place in a view stand for: shifted past the
/// tokens before them, and widened to a whole original where they cut into its token.
#[must_use]
pub fn original_range(place: Place, shown: &Range<usize>, tokens: &[Token<'_>]) -> Range<usize> {
    let here = || tokens.iter().filter(move |token| token.mark.place == place);
    original_at(shown.start, here(), |mark| mark.start)..original_at(shown.end, here(), |mark| mark.end)
}

fn original_at<'t>(
    at: usize,
    tokens: impl Iterator<Item = &'t Token<'t>>,
    widen: impl Fn(&Mark<'_>) -> u32,
) -> usize {
    let (mut shown_end, mut original_end) = (0, 0);
    for token in tokens.take_while(|token| token.shown.start < at) {
        if at < token.shown.end {
            return widen(&token.mark) as usize;
        }
        (shown_end, original_end) = (token.shown.end, token.mark.end as usize);
    }
    original_end + (at - shown_end)
}
