//! Scores findings against the labels of presidio-research. Shared by the example `evaluate` and
//! the tests, which hold the scores to a floor.

use std::collections::BTreeMap;
use std::fmt;

use activemirror_policy_pii::{Category, Finding, find};
use serde_json::Value;

/// One text and its labels.
pub(crate) struct Labelled {
    pub(crate) text: String,
    pub(crate) labels: Vec<Finding>,
}

/// Reads a dataset.
pub(crate) fn read(json: &str) -> Result<Vec<Labelled>, String> {
    let items: Vec<Value> = serde_json::from_str(json).map_err(|error| error.to_string())?;
    items
        .iter()
        .map(|item| labelled(item).ok_or_else(|| "no dataset of presidio-research".to_string()))
        .collect()
}

fn labelled(item: &Value) -> Option<Labelled> {
    let text = item.get("full_text")?.as_str()?.to_string();
    let spans = item.get("spans")?.as_array()?;
    let labels = spans.iter().filter_map(|span| label(&text, span)).collect();
    Some(Labelled { text, labels })
}

/// A label as a finding: positions are in characters there and in bytes here.
fn label(text: &str, span: &Value) -> Option<Finding> {
    let byte = |field: &str| {
        let position = usize::try_from(span.get(field)?.as_u64()?).ok()?;
        Some(text.char_indices().nth(position).map_or(text.len(), |(at, _)| at))
    };
    let (start, end) = (byte("start_position")?, byte("end_position")?);
    let category = category(span.get("entity_type")?.as_str()?, &text[..start])?;
    Some(Finding { start, end, category })
}

/// The kind that a label stands for, from its type and the text before it.
fn category(entity: &str, before: &str) -> Option<Category> {
    Some(match entity {
        "EMAIL_ADDRESS" => Category::Email,
        "PHONE_NUMBER" => Category::Phone,
        "CREDIT_CARD" => Category::PaymentCard,
        "IBAN_CODE" => Category::Iban,
        "US_SSN" => Category::NationalId,
        "IP_ADDRESS" => Category::IpAddress,
        "STREET_ADDRESS" => Category::StreetAddress,
        "ZIP_CODE" => Category::PostalCode,
        "US_DRIVER_LICENSE" => Category::DriverLicense,
        "PERSON" => Category::PersonName,
        "DATE_TIME" if speaks_of_birth(before) => Category::DateOfBirth,
        _ => return None,
    })
}

fn speaks_of_birth(before: &str) -> bool {
    let window = &before[before.ceil_char_boundary(before.len().saturating_sub(40))..].to_lowercase();
    window.contains("born") || window.contains("birth")
}

/// How often findings and labels met, by kind.
#[derive(Default, Clone, Copy)]
pub(crate) struct Score {
    pub(crate) labels: u32,
    pub(crate) findings: u32,
    pub(crate) found: u32,
    pub(crate) right: u32,
    pub(crate) exact: u32,
    pub(crate) masked: u32,
}

impl Score {
    pub(crate) fn precision(&self) -> f64 {
        ratio(self.right, self.findings)
    }

    pub(crate) fn recall(&self) -> f64 {
        ratio(self.found, self.labels)
    }

    /// Recall counts four times as much as precision.
    pub(crate) fn f2(&self) -> f64 {
        f2(self.precision(), self.recall())
    }

    pub(crate) fn exact_f2(&self) -> f64 {
        f2(ratio(self.exact, self.findings), ratio(self.exact, self.labels))
    }

    fn add(&mut self, other: &Self) {
        self.labels += other.labels;
        self.findings += other.findings;
        self.found += other.found;
        self.right += other.right;
        self.exact += other.exact;
        self.masked += other.masked;
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

fn f2(precision: f64, recall: f64) -> f64 {
    if precision + recall == 0.0 { 0.0 } else { 5.0 * precision * recall / (4.0 * precision + recall) }
}

/// The scores of all kinds.
pub(crate) struct Scores(pub(crate) BTreeMap<Category, Score>);

impl Scores {
    /// Of all texts, or of those whose index leaves this rest when halved.
    pub(crate) fn of(texts: &[Labelled], half: Option<usize>) -> Self {
        let mut scores = BTreeMap::<Category, Score>::new();
        let chosen = texts.iter().enumerate().filter(|(index, _)| half.is_none_or(|half| index % 2 == half));
        for (_, labelled) in chosen {
            let findings = find(&labelled.text);
            for category in Category::ALL {
                scores.entry(category).or_default().add(&score(labelled, &findings, category));
            }
        }
        Self(scores)
    }

    /// All kinds but names together.
    pub(crate) fn total(&self) -> Score {
        let mut total = Score::default();
        self.0
            .iter()
            .filter(|(category, _)| **category != Category::PersonName)
            .for_each(|(_, score)| total.add(score));
        total
    }
}

fn score(labelled: &Labelled, findings: &[Finding], category: Category) -> Score {
    let labels = || labelled.labels.iter().filter(|label| label.category == category);
    let masked = |label: &&Finding| is_masked(&labelled.text, label, findings);
    let findings = || findings.iter().filter(|finding| finding.category == category);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Score {
        labels: count(labels().count()),
        findings: count(findings().count()),
        found: count(labels().filter(|label| findings().any(|finding| meet(label, finding))).count()),
        right: count(findings().filter(|finding| labels().any(|label| meet(label, finding))).count()),
        exact: count(labels().filter(|label| findings().any(|finding| finding == *label)).count()),
        masked: count(labels().filter(masked).count()),
    }
}

/// Whether every letter and digit of the label lies in some finding.
fn is_masked(text: &str, label: &Finding, findings: &[Finding]) -> bool {
    let hidden = |at: usize| findings.iter().any(|finding| (finding.start..finding.end).contains(&at));
    let shown = |(at, c): (usize, char)| c.is_alphanumeric() && !hidden(label.start + at);
    !text[label.start..label.end].char_indices().any(shown)
}

/// Whether two findings share a byte.
pub(crate) fn meet(a: &Finding, b: &Finding) -> bool {
    a.start < b.end && b.start < a.end
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<20} labels  found  wrong  precision  recall     F2  exact F2  masked", "kind")?;
        let shown = self.0.iter().filter(|(_, score)| score.labels + score.findings > 0);
        for (category, score) in shown {
            row(f, category.name(), score)?;
        }
        row(f, "all but names", &self.total())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, score: &Score) -> fmt::Result {
    let (labels, found, wrong) = (score.labels, score.found, score.findings - score.right);
    let (precision, recall, f2, exact) = (score.precision(), score.recall(), score.f2(), score.exact_f2());
    let masked = ratio(score.masked, score.labels);
    writeln!(
        f,
        "{name:<20} {labels:>6} {found:>6} {wrong:>6} {precision:>10.3} {recall:>7.3} {f2:>6.3} {exact:>9.3} {masked:>7.3}"
    )
}
