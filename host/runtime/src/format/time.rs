//! Times in their many spellings, read to milliseconds.
//!
//! Whoever reads a time keeps its spelling beside it where [`print`] would not give it back.

use activemirror_core::time::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::Offset;

use crate::document::Value;

/// RFC 3339 with milliseconds, as JavaScript prints it.
const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// A number below this counts seconds since the Unix epoch (until the year 5138); each further
/// unit begins a thousand times higher: milliseconds, microseconds, nanoseconds.
const SECONDS_END: f64 = 1e11;

/// The time that a value spells.
///
/// A time without a zone is taken as UTC: the zone it was written in is not in the file, and the
/// same file must mean the same everywhere.
pub(super) fn read(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Text(text) => read_text(text),
        Value::Signed(number) => read_number(*number as f64),
        Value::Unsigned(number) => read_number(*number as f64),
        Value::Float(number) => read_number(*number),
        Value::Decimal(text) => read_number(text.parse().ok()?),
        _ => None,
    }
}

/// How formats spell a time: RFC 3339 in UTC, with milliseconds; `None` beyond the year 9999.
#[must_use]
pub fn print(time: Timestamp) -> Option<String> {
    let instant = jiff::Timestamp::from_millisecond(time.as_millis()).ok()?;
    Some(PRINTER.timestamp_to_string(&instant))
}

fn read_text(text: &str) -> Option<Timestamp> {
    let zoned = text.parse::<jiff::Timestamp>();
    let naive = || Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    let instant = zoned.ok().or_else(naive)?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

fn read_number(number: f64) -> Option<Timestamp> {
    let mut millis = number * 1e3;
    let mut end = SECONDS_END;
    while number.abs() >= end && end < 1e20 {
        millis /= 1e3;
        end *= 1e3;
    }
    // A cast saturates, and what is no time is refused here.
    let time = Timestamp::from_millis(millis.round() as i64);
    (millis.is_finite() && print(time).is_some()).then_some(time)
}
