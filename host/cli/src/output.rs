//! Printing for people and for programs: tables and colours on a terminal, JSON where asked.

use core::time::Duration;
use std::io::{self, Write};

use activemirror::{Outcome, Severity, Timestamp};
use anstyle::{AnsiColor, Color, Style};
use comfy_table::{Table, presets};
use indicatif::{ProgressBar, ProgressStyle};

/// Tokens, as they stand in a masked text.
pub(crate) const TOKEN: Style = colour(AnsiColor::Magenta);
/// What is there but of little weight.
pub(crate) const DIM: Style = Style::new().dimmed();
/// Headings.
pub(crate) const BOLD: Style = Style::new().bold();
/// What is well.
pub(crate) const GOOD: Style = colour(AnsiColor::Green);
/// What is not.
pub(crate) const BAD: Style = colour(AnsiColor::Red);

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

/// A table with these heads; without lines, so that it can be piped.
pub(crate) fn table<S: ToString>(heads: impl IntoIterator<Item = S>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(heads.into_iter().map(|head| head.to_string()));
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    table
}

/// Prints a table.
pub(crate) fn print_table(table: &Table) -> io::Result<()> {
    let mut out = anstream::stdout();
    table.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

/// Prints one JSON object on a line of its own.
pub(crate) fn print_json(value: &serde_json::Value) -> io::Result<()> {
    writeln!(io::stdout(), "{value}")
}

/// A bar for work of known length that may take longer than a second; hidden off a terminal.
pub(crate) fn bar(length: u64, template: &str, what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(length).with_style(style).with_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// A bar that counts things.
pub(crate) fn counting_bar(length: u64, what: &str) -> ProgressBar {
    bar(length, "{msg} [{bar:30}] {pos}/{len} {elapsed}", what)
}

/// A bar that counts bytes.
pub(crate) fn byte_bar(length: u64, what: &str) -> ProgressBar {
    bar(length, "{msg} [{bar:30}] {bytes}/{total_bytes} {elapsed}", what)
}

/// RFC 3339 in UTC; the number itself where it is out of the calendar's range.
pub(crate) fn time(time: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(time.as_millis()) {
        Ok(time) => format!("{time:.3}"),
        Err(_) => time.as_millis().to_string(),
    }
}

/// Bytes as people read them.
pub(crate) fn bytes(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}

/// The colour of an outcome.
pub(crate) const fn outcome_style(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Allow => DIM,
        Outcome::Mask | Outcome::Drop => TOKEN,
        Outcome::RequireApproval => colour(AnsiColor::Yellow),
        Outcome::Deny => BAD,
    }
}

/// The colour of a finding.
pub(crate) const fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Info => DIM,
        Severity::Low => Style::new(),
        Severity::Medium => colour(AnsiColor::Yellow),
        Severity::High => BAD,
    }
}

/// Text that somebody else wrote, fit for a terminal: no control characters but line breaks.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c })
        .filter(|c| !matches!(*c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect()
}
