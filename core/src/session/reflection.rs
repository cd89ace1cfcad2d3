//! Reflective patterns and uncertainty markers: how a reply goes about its subject, and how sure
//! it is. The signs and the rules are those of the first SDKs.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// How a reply goes about its subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Opens the question up.
    #[default]
    Exploratory,
    /// Takes it apart.
    Analytical,
    /// Turns it around.
    Creative,
    /// Plans.
    Strategic,
}

impl Pattern {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Exploratory, Self::Analytical, Self::Creative, Self::Strategic];

    /// The SDKs' name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exploratory => "exploratory",
            Self::Analytical => "analytical",
            Self::Creative => "creative",
            Self::Strategic => "strategic",
        }
    }

    /// The pattern with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pattern| pattern.name() == name)
    }

    /// Its sign.
    #[must_use]
    pub const fn glyph(self) -> char {
        match self {
            Self::Exploratory => '◊',
            Self::Analytical => '✦',
            Self::Creative => '★',
            Self::Strategic => '⬢',
        }
    }
}

/// How unsure a reply is, from its markers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Uncertainty {
    /// It has no marker.
    #[default]
    Confident,
    /// A little.
    Low,
    /// Fairly.
    Medium,
    /// Very.
    High,
}

impl Uncertainty {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confident => "confident",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The marker that says so.
    #[must_use]
    pub const fn marker(self) -> &'static str {
        match self {
            Self::Confident => "",
            Self::Low => "⟨low⟩",
            Self::Medium => "⟨medium⟩",
            Self::High => "⟨⟨high⟩⟩",
        }
    }

    /// What a marker with this inside says; anything that is neither high nor medium is low.
    fn of_marker(inside: &str) -> Self {
        let says = |word: &str| {
            inside.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
        };
        match () {
            () if says("high") => Self::High,
            () if says("medium") => Self::Medium,
            () => Self::Low,
        }
    }
}

/// How deep a reply goes, by its length and its questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// At most 50 words, and no question.
    Surface,
    /// More than that.
    Moderate,
    /// More than 100 words, and more than two questions.
    Deep,
}

impl Depth {
    /// The SDKs' name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Surface => "surface",
            Self::Moderate => "moderate",
            Self::Deep => "deep",
        }
    }

    fn of(response: &str) -> Self {
        let words = response.split_whitespace().count();
        let questions = response.matches('?').count();
        match () {
            () if words > 100 && questions > 2 => Self::Deep,
            () if words > 50 || questions > 0 => Self::Moderate,
            () => Self::Surface,
        }
    }
}

/// A sign that stands before and after a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Glyph {
    /// Emphasis.
    Marker,
    /// Something is not sure.
    Uncertain,
    /// Something became clear.
    Insight,
    /// Something is asked.
    Question,
}

impl Glyph {
    /// The sign.
    #[must_use]
    pub const fn sign(self) -> char {
        match self {
            Self::Marker => '◈',
            Self::Uncertain => '◊',
            Self::Insight => '✦',
            Self::Question => '⬡',
        }
    }

    /// The text between two of these signs.
    ///
    /// ```
    /// # use activemirror_core::session::Glyph;
    /// assert_eq!(Glyph::Insight.format_with_glyphs("It is late."), "✦ It is late. ✦");
    /// ```
    #[must_use]
    pub fn format_with_glyphs(self, text: &str) -> String {
        let sign = self.sign();
        format!("{sign} {text} {sign}")
    }
}

/// What a reply says beside its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reflection {
    /// The reply without its uncertainty markers.
    pub response: String,
    /// How unsure it is: its strongest marker.
    pub uncertainty: Uncertainty,
    /// The reflective signs in it, each once, in the order in which they come first.
    pub glyphs: Vec<char>,
    /// How deep it goes.
    pub depth: Depth,
}

impl Reflection {
    /// Reads a reply.
    ///
    /// ```
    /// # use activemirror_core::session::{Reflection, Uncertainty};
    /// let reflection = Reflection::parse("◊ It may ⟨medium⟩ rain.");
    /// assert_eq!(reflection.uncertainty, Uncertainty::Medium);
    /// assert_eq!(reflection.response, "◊ It may  rain.");
    /// ```
    #[must_use]
    pub fn parse(response: &str) -> Self {
        let mut cleaned = String::with_capacity(response.len());
        let mut uncertainty = Uncertainty::Confident;
        let mut rest = response;
        while let Some(marker) = Marker::find(rest) {
            cleaned.push_str(marker.before);
            uncertainty = uncertainty.max(Uncertainty::of_marker(marker.inside));
            rest = marker.after;
        }
        cleaned.push_str(rest);
        Self {
            response: cleaned.trim().to_owned(),
            uncertainty,
            glyphs: glyphs(response),
            depth: Depth::of(response),
        }
    }
}

/// The prompt that asks a model for a reply of this pattern.
#[must_use]
pub fn prompt(pattern: Pattern, text: &str, context: Option<&str>) -> String {
    let pattern = pattern.name();
    let context = context.map(|context| format!("\n\nContext: {context}\n")).unwrap_or_default();
    format!(
        "Reflect on this {pattern}ly:\n\n{text}\n\nIn your reply:\n\
         1. Say what lies beneath the question\n\
         2. Put ⟨low⟩, ⟨medium⟩ or ⟨⟨high⟩⟩ where you are not sure\n\
         3. Say what you notice about your own reasoning\n{context}"
    )
}

/// An uncertainty marker in a text.
struct Marker<'a> {
    /// What stands before it.
    before: &'a str,
    /// What stands between its brackets.
    inside: &'a str,
    /// What stands after it.
    after: &'a str,
}

impl<'a> Marker<'a> {
    /// The first match of `⟨+([^⟩]+)⟩+`, as a regular expression finds it.
    fn find(text: &'a str) -> Option<Self> {
        let mut from = 0;
        loop {
            let start = from + text[from..].find(OPEN)?;
            let close = start + text[start..].find(CLOSE)?;
            let inside = inside(&text[start..close]);
            if !inside.is_empty() {
                let after = text[close..].trim_start_matches(CLOSE);
                return Some(Self { before: &text[..start], inside, after });
            }
            from = close;
        }
    }
}

/// What a marker holds that is `opened` and then closed. A marker has something inside, so of
/// nothing but brackets the last one is it, unless it is the only one.
fn inside(opened: &str) -> &str {
    match opened.trim_start_matches(OPEN) {
        "" => {
            opened.strip_prefix(OPEN).map_or("", |rest| &rest[rest.len().saturating_sub(OPEN.len_utf8())..])
        }
        inside => inside,
    }
}

fn glyphs(response: &str) -> Vec<char> {
    let mut found = Vec::new();
    for glyph in response.chars().filter(|c| GLYPHS.contains(c)) {
        if !found.contains(&glyph) {
            found.push(glyph);
        }
    }
    found
}

const OPEN: char = '⟨';
const CLOSE: char = '⟩';
const GLYPHS: [char; 12] = ['◈', '◊', '⬡', '⬢', '◇', '◆', '▰', '▱', '✦', '✧', '★', '☆'];

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::{Depth, Reflection, Uncertainty};

    #[track_caller]
    fn check(response: &str, cleaned: &str, uncertainty: Uncertainty) {
        let reflection = Reflection::parse(response);
        assert_eq!((&*reflection.response, reflection.uncertainty), (cleaned, uncertainty));
    }

    #[test]
    fn markers_are_read_and_removed() {
        check("It ⟨⟨high⟩⟩ depends.", "It  depends.", Uncertainty::High);
        check("⟨medium⟩ Perhaps. ⟨low⟩", "Perhaps.", Uncertainty::Medium);
        check("⟨low⟩ Surely ⟨ HIGH ⟩ not", "Surely  not", Uncertainty::High);
        check("⟨perhaps⟩ yes", "yes", Uncertainty::Low);
        check("  Yes. ", "Yes.", Uncertainty::Confident);
        check("⟨high\nor low⟩x", "x", Uncertainty::High);
    }

    #[test]
    fn brackets_match_as_the_regular_expression_does() {
        check("⟨⟩ ⟨low", "⟨⟩ ⟨low", Uncertainty::Confident);
        check("a⟩ b", "a⟩ b", Uncertainty::Confident);
        check("⟨⟨⟩ x", "x", Uncertainty::Low);
        check("⟨a ⟨medium⟩⟩⟩ x", "x", Uncertainty::Medium);
        check("⟨⟩high⟨low⟩", "⟨⟩high", Uncertainty::Low);
        check("", "", Uncertainty::Confident);
    }

    #[test]
    fn unclosed_brackets_take_linear_time() {
        let hostile = "⟨a".repeat(1 << 20);
        assert_eq!(Reflection::parse(&hostile).uncertainty, Uncertainty::Confident);
        assert_eq!(Reflection::parse(&"⟨⟩".repeat(1 << 20)).uncertainty, Uncertainty::Confident);
    }

    #[test]
    fn glyphs_are_named_once_in_order() {
        assert_eq!(Reflection::parse("✦ a ◊ b ✦ c ⬢").glyphs, vec!['✦', '◊', '⬢']);
        assert_eq!(Reflection::parse("a → b").glyphs, vec![]);
    }

    #[test]
    fn depth_counts_words_and_questions() {
        let depth = |words: usize, questions: usize| {
            let words = vec!["word"; words].join(" ");
            Depth::of(&(words.to_string() + &"?".repeat(questions)))
        };
        assert_eq!(depth(50, 0), Depth::Surface);
        assert_eq!(depth(51, 0), Depth::Moderate);
        assert_eq!(depth(1, 1), Depth::Moderate);
        assert_eq!(depth(101, 2), Depth::Moderate);
        assert_eq!(depth(100, 3), Depth::Moderate);
        assert_eq!(depth(101, 3), Depth::Deep);
    }
}
