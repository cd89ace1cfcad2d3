//! What is personal in an event: in its content, in the values of its leaves and in their paths.

use core::ops::Range;

use activemirror_guest::policy::{Event, Leaf, Mark, Place, Span, Value};

use crate::category::Category;
use crate::character::is_letter_or_digit;
use crate::label::{self, Label};
use crate::order::order_by;
use crate::scan::{Finding, Scanner};
use crate::settings::Settings;

/// A finding and where in the event it lies.
pub(crate) struct Located {
    place: Place,
    finding: Finding,
}

impl Located {
    pub(crate) fn category(&self) -> Category {
        self.finding.category
    }

    pub(crate) fn into_mark(self) -> Mark {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span =
            Span { place: self.place, start: offset(self.finding.start), end: offset(self.finding.end) };
        Mark { span, category: self.finding.category.name().into() }
    }
}

/// Everything personal in the event that no earlier mark covers.
pub(crate) fn find(event: &Event, settings: &Settings, scanner: &mut Scanner) -> Vec<Located> {
    let marked = Marked::of(event);
    let mut located = Vec::new();
    let mut add = |place: Place, text: &str, findings: Vec<Finding>| {
        if findings.is_empty() {
            return;
        }
        let wanted = findings.into_iter().filter(|finding| settings.wants(text, finding));
        located.extend(marked.without(place, text, wanted).map(|finding| Located { place, finding }));
    };
    if let Some(content) = &event.content {
        add(Place::Content, content, scanner.find(content));
    }
    for (index, leaf) in (0..).zip(&event.leaves) {
        add(Place::LeafPath(index), &leaf.path, in_path(&leaf.path, scanner));
        let label = || label_of(&event.leaves, index as usize).filter(|&label| settings.looks_for(label));
        match &leaf.value {
            Value::Text(text) => add(Place::LeafValue(index), text, in_text(text, label(), scanner)),
            value => add(Place::LeafValue(index), "", in_number(value, label, scanner)),
        }
    }
    for (place, name) in [(Place::Action, &event.action), (Place::Intent, &event.intent)] {
        if let Some(name) = name {
            add(place, name, in_name(name, scanner));
        }
    }
    located
}

/// What is personal in a name beyond doubt. People's names and places are guessed from words, and
/// a masked action is one that nobody knows any more.
fn in_name(name: &str, scanner: &mut Scanner) -> Vec<Finding> {
    if !may_identify(name) {
        return Vec::new();
    }
    let guessed = [Category::PersonName, Category::StreetAddress, Category::PostalCode, Category::IpAddress];
    let found = scanner.find(name).into_iter();
    found.filter(|finding| !guessed.contains(&finding.category)).collect()
}

/// Whether a name has an at sign, or the digits of anything that is looked for in it. Three are a
/// card's security code, and every word for that has a `c`.
fn may_identify(name: &str) -> bool {
    match name.bytes().filter(u8::is_ascii_digit).take(4).count() {
        4 => true,
        3 if name.contains(['c', 'C']) => true,
        _ => name.contains('@') || !name.is_ascii(),
    }
}

/// What is personal in a text: all of it where its label says so, though a security code inside
/// is told apart, since it must not be stored.
fn in_text(text: &str, label: Option<Category>, scanner: &mut Scanner) -> Vec<Finding> {
    let findings = scanner.find(text);
    let holds_code = findings.iter().any(|finding| finding.category == Category::CardSecurityCode);
    match label.filter(|&category| label::fits(category, text)) {
        Some(category) if !holds_code => vec![Finding { start: 0, end: text.len(), category }],
        _ => findings,
    }
}

/// What is personal in a number, which is marked as a whole or not at all.
fn in_number(value: &Value, label: impl FnOnce() -> Option<Category>, scanner: &mut Scanner) -> Vec<Finding> {
    let digits = match value {
        Value::Signed(number) => number.to_string(),
        Value::Unsigned(number) => number.to_string(),
        Value::Decimal(number) => number.clone(),
        _ => return Vec::new(),
    };
    let labelled = label().filter(|&category| label::fits(category, &digits));
    let long = digits.len() >= NUMBER_BYTES_MIN;
    let found = || long.then(|| scanner.find(&digits).first().map(|finding| finding.category))?;
    labelled.or_else(found).map(|category| Finding { start: 0, end: 0, category }).into_iter().collect()
}

/// No number is personal by itself with fewer digits; a test tries them all.
const NUMBER_BYTES_MIN: usize = 7;

/// What is personal in a path, step by step: keys have no words around them, so only what is
/// personal by its form counts.
fn in_path(path: &str, scanner: &mut Scanner) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !path.bytes().any(tells) {
        return findings;
    }
    let mut start = 0;
    for step in path.split_inclusive(['/', '[']) {
        let key = step.trim_end_matches(['/', '[']);
        if key.len() >= KEY_BYTES_MIN && key.bytes().any(tells) {
            let found =
                scanner.find(key).into_iter().filter(|finding| finding.category != Category::PersonName);
            findings.extend(found.map(|f| Finding { start: start + f.start, end: start + f.end, ..f }));
        }
        start += step.len();
    }
    findings
}

/// Whether personal data that is recognised by its form has this byte.
fn tells(byte: u8) -> bool {
    byte == b'@' || byte.is_ascii_digit()
}

/// No personal data that is recognised by its form is shorter.
const KEY_BYTES_MIN: usize = 6;

/// What the name of a leaf says of its value; a `name` is a person's beside personal fields.
fn label_of(leaves: &[Leaf], index: usize) -> Option<Category> {
    match Label::of(field(&leaves[index].path))? {
        Label::Personal(category) => Some(category),
        Label::Beside(category) => has_company(leaves, index).then_some(category),
    }
}

/// Whether a personal field lies near this one in the same object. Leaves are in the order of the
/// tree, so the fields of an object are close to each other.
fn has_company(leaves: &[Leaf], index: usize) -> bool {
    let home = object(&leaves[index].path);
    let near = &leaves[index.saturating_sub(COMPANY_LEAVES)..leaves.len().min(index + COMPANY_LEAVES)];
    near.iter().any(|leaf| {
        object(&leaf.path) == home
            && Label::of(field(&leaf.path)).is_some_and(|label| label.personal().is_some())
    })
}

const COMPANY_LEAVES: usize = 24;

/// The path of the object that holds the leaf.
fn object(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(object, _)| object)
}

/// The last two steps of a path, which together name a field: `card/number`.
fn field(path: &str) -> &str {
    let parent = object(path);
    path.get(parent.rfind('/').map_or(0, |slash| slash + 1)..).unwrap_or(path)
}

/// What earlier marks cover.
struct Marked<'e>(Vec<&'e Span>);

impl<'e> Marked<'e> {
    fn of(event: &'e Event) -> Self {
        let mut spans: Vec<&Span> = event.marks.iter().map(|mark| &mark.span).collect();
        order_by(&mut spans, |span| u64::from(span.start));
        order_by(&mut spans, |span| key(span.place));
        Self(spans)
    }

    /// The parts of findings that no earlier mark covers, if they say something.
    fn without(
        &self,
        place: Place,
        text: &str,
        findings: impl Iterator<Item = Finding>,
    ) -> impl Iterator<Item = Finding> {
        let covered = self.covered(place, text);
        findings
            .flat_map(move |finding| rest(finding, &covered))
            .filter(move |rest| says_something(text, rest))
    }

    /// The stretches of this place that are covered, in order and apart. A mark that does not lie
    /// on characters covers nothing.
    fn covered(&self, place: Place, text: &str) -> Vec<Range<usize>> {
        let first = self.0.partition_point(|span| key(span.place) < key(place));
        let mut covered: Vec<Range<usize>> = Vec::new();
        for span in self.0[first..].iter().take_while(|span| key(span.place) == key(place)) {
            let (start, end) = (span.start as usize, span.end as usize);
            match covered.last_mut() {
                _ if text.get(start..end).is_none() => {}
                Some(last) if start <= last.end => last.end = last.end.max(end),
                _ => covered.push(start..end),
            }
        }
        covered
    }
}

/// A place as a number.
fn key(place: Place) -> u64 {
    match place {
        Place::Content => 0,
        Place::LeafValue(index) => 1 << 32 | u64::from(index),
        Place::LeafPath(index) => 2 << 32 | u64::from(index),
        Place::Action => 3 << 32,
        Place::Intent => 4 << 32,
    }
}

/// What is left of a finding outside the covered stretches. A number, whose stretch is empty, is
/// left unless there is any.
fn rest(finding: Finding, covered: &[Range<usize>]) -> Vec<Finding> {
    if finding.start == finding.end {
        return if covered.is_empty() { vec![finding] } else { Vec::new() };
    }
    let first = covered.partition_point(|stretch| stretch.end <= finding.start);
    let within = covered[first..].iter().take_while(|stretch| stretch.start < finding.end);
    let mut rest = Vec::new();
    let mut start = finding.start;
    for stretch in within {
        rest.extend((start < stretch.start).then_some(Finding { start, end: stretch.start, ..finding }));
        start = stretch.end;
    }
    rest.extend((start < finding.end).then_some(Finding { start, ..finding }));
    rest
}

/// Whether a finding is a number's or has a letter or digit: what stands between two marks
/// often has none.
fn says_something(text: &str, finding: &Finding) -> bool {
    let said = text.get(finding.start..finding.end).unwrap_or_default();
    finding.start == finding.end || said.chars().any(is_letter_or_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_short_number_is_personal_by_itself() {
        let mut scanner = Scanner::new();
        for number in 0..1_000_000_u32 {
            assert_eq!(scanner.find(&number.to_string()), [], "{number}");
        }
    }

    #[test]
    fn names_that_hold_nothing_are_told_from_those_that_may() {
        for name in ["tool_003", "get_order", "v2_2025"] {
            let found = Scanner::new().find(name);
            assert!(may_identify(name) || found.is_empty(), "{name}");
        }
        for name in ["cvc 123", "mail_mia@example.com", "pay 4111111111111111"] {
            assert!(may_identify(name), "{name}");
            assert!(!in_name(name, &mut Scanner::new()).is_empty(), "{name}");
        }
    }
}
