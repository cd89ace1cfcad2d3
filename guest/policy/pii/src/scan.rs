//! Reads a text of any length with bounded memory: page by page, each page with a margin to both
//! sides so that a finding and the words around it are seen whole; and settles which reading of
//! a stretch counts where several compete.

use core::ops::Range;

use crate::category::Category;
use crate::character::is_letter_or_digit;
use crate::detect;
use crate::order::order_by;
use crate::page::{PAGE_BYTES_MAX, Page, Token};

/// A stretch of a text and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// What it is.
    pub category: Category,
}

/// Scans texts, one after another, in the same memory.
#[derive(Debug, Default)]
pub struct Scanner {
    tokens: Vec<Token>,
    readings: Vec<Finding>,
    covered: Vec<bool>,
    work: u64,
}

impl Scanner {
    /// A scanner.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything personal in a text: in order, without overlaps, on character boundaries. Where
    /// there are more than [`FINDINGS_MAX`] findings the last one takes the rest of the text with
    /// it, but for security codes, which stay apart.
    pub fn find(&mut self, text: &str) -> Vec<Finding> {
        self.find_in_pages(text, CORE_BYTES)
    }

    /// The same with pages of another size, for tests.
    fn find_in_pages(&mut self, text: &str, core: usize) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut start = 0;
        while start < text.len() {
            let end = boundary(text, start + core);
            self.page(text, start..end, &mut findings);
            start = end;
        }
        with_rest(findings, text.len())
    }

    /// Adds the findings that start within the page's core.
    fn page(&mut self, text: &str, core: Range<usize>, findings: &mut Vec<Finding>) {
        let from = boundary(text, core.start.saturating_sub(MARGIN_BYTES));
        let to = boundary(text, core.end + MARGIN_BYTES);
        let page = Page::new(text.get(from..to).unwrap_or_default(), &mut self.tokens);
        self.readings.clear();
        detect::find(&page, &mut self.readings);
        self.readings.retain(|reading| reading.end - reading.start <= detect::REACH_BYTES_MAX);
        self.work += page.reads();
        settle(&mut self.readings, page.text(), &mut self.covered, |reading, piece| {
            let begun = findings.last().map_or(0, |last| last.end);
            let (start, end) = ((from + piece.start).max(begun), from + piece.end);
            let told_apart = findings.len() <= FINDINGS_MAX || reading.category == Category::CardSecurityCode;
            if core.contains(&(from + reading.start)) && start < end && told_apart {
                findings.push(Finding { start, end, category: reading.category });
            }
        });
    }

    /// How many tokens were read so far; it grows with the length of the texts and with nothing
    /// else.
    pub fn work(&self) -> u64 {
        self.work
    }
}

/// Everything personal in one text.
pub fn find(text: &str) -> Vec<Finding> {
    Scanner::new().find(text)
}

/// The findings, where there are too many with everything between the last ones in them.
fn with_rest(mut findings: Vec<Finding>, end: usize) -> Vec<Finding> {
    if findings.len() <= FINDINGS_MAX {
        return findings;
    }
    let codes = findings.split_off(FINDINGS_MAX);
    let Some(mut rest) = findings.pop() else { return codes };
    for code in codes.into_iter().filter(|finding| finding.category == Category::CardSecurityCode) {
        if rest.start < code.start {
            findings.push(Finding { end: code.start, ..rest });
        }
        findings.push(code);
        rest.start = code.end;
    }
    rest.end = end;
    findings.extend((rest.start < end).then_some(rest));
    findings
}

/// How many findings of one text are told apart.
pub const FINDINGS_MAX: usize = 1024;

/// How much text is read at once: so much that the margins, which are read twice, do not matter.
const CORE_BYTES: usize = 32_768;

/// What a detector may see beyond the core: from the end of a finding as long as its reach.
const MARGIN_BYTES: usize = 2 * detect::REACH_BYTES_MAX;

const _: () =
    assert!(CORE_BYTES + 2 * MARGIN_BYTES + 8 <= PAGE_BYTES_MAX, "a page holds its core and its margins");

/// The character boundary at this byte or after it.
fn boundary(text: &str, at: usize) -> usize {
    text.ceil_char_boundary(at.min(text.len()))
}

/// Settles competing readings: by precedence of category, then by place and length. What overlaps
/// a reading that counts is dropped, or where it stays meaningful loses the part in question.
/// Calls `keep` with each reading and each piece of it that counts, in order of the text.
fn settle(
    readings: &mut Vec<Finding>,
    text: &str,
    covered: &mut Vec<bool>,
    mut keep: impl FnMut(&Finding, Range<usize>),
) {
    if readings.is_empty() {
        return;
    }
    covered.clear();
    covered.resize(text.len(), false);
    order_by(readings, |reading| {
        let brevity = PAGE_BYTES_MAX - (reading.end - reading.start);
        (reading.category as u64) << 40 | (reading.start as u64) << 20 | brevity as u64
    });
    let mut pieces: Vec<(usize, usize, usize)> = Vec::new();
    for (index, &Finding { start, end, category }) in readings.iter().enumerate() {
        if !covered[start..end].contains(&true) {
            pieces.push((start, end, index));
        } else if category.divisible() {
            pieces.extend(
                free_pieces(&covered[start..end], start, text).map(|piece| (piece.start, piece.end, index)),
            );
        } else {
            continue;
        }
        covered[start..end].fill(true);
    }
    order_by(&mut pieces, |piece| piece.0 as u64);
    pieces.iter().for_each(|&(start, end, index)| keep(&readings[index], start..end));
}

/// The stretches that nothing covers and that say something.
fn free_pieces<'c>(
    covered: &'c [bool],
    offset: usize,
    text: &'c str,
) -> impl Iterator<Item = Range<usize>> + 'c {
    let runs = covered.chunk_by(|a, b| a == b).scan(offset, |at, run| {
        let start = *at;
        *at += run.len();
        Some((run[0], start..*at))
    });
    runs.filter(|(covered, _)| !covered).filter_map(|(_, run)| trimmed(text, run))
}

/// The stretch without what is no letter or digit at its ends; `None` if nothing else is left.
fn trimmed(text: &str, run: Range<usize>) -> Option<Range<usize>> {
    let head = text.get(run.clone())?.trim_start_matches(|c| !is_letter_or_digit(c));
    let start = run.end - head.len();
    let end = start + head.trim_end_matches(|c| !is_letter_or_digit(c)).len();
    (start < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_any_size_hold_the_same() {
        let sentence = "Mia Li, born on 4/5/1990, lives at 975 Sunset Drive, Suite 217, Austin, TX 78750 and pays \
                        with 4111 1111 1111 1111 12/27 123; her e-mail address is mia.li@example.com, call \
                        +1 (212) 555-0142 x12.\n{\"name\": \"Omar Rossi\", \"dob\": \"1970-06-06\"}\n";
        let text = sentence.repeat(12);
        let mut scanner = Scanner::new();
        let whole = scanner.find_in_pages(&text, 50_000);
        assert_eq!(whole.len(), 12 * 8);
        for core in [1, 7, 64, 333, 4096] {
            assert_eq!(scanner.find_in_pages(&text, core), whole, "pages of {core} bytes");
        }
    }

    #[test]
    fn a_page_boundary_inside_a_character_moves() {
        let text = "é".repeat(3000) + " mia@example.com";
        for core in [1, 3, 4096] {
            assert_eq!(Scanner::new().find_in_pages(&text, core).len(), 1);
        }
    }
}
