//! Numbers, as they were written: a value stands for a number only if it gives back its text.
//!
//! `1` is signed, `0.1` a float; `1.0` is a float too, since that is how the shortest text of the
//! float is spelled; `1e5`, `-0` and forty digits stay decimal text.

use crate::document::Value;

/// Longer texts are no shortest text of an `i64`, `u64` or `f64` (at most 25 characters).
const MACHINE_BYTES_MAX: usize = 32;

/// The value of a JSON number.
pub(super) fn read(text: &str) -> Value {
    machine_number(text).unwrap_or_else(|| Value::Decimal(text.to_owned()))
}

fn machine_number(text: &str) -> Option<Value> {
    if text.len() > MACHINE_BYTES_MAX {
        return None;
    }
    let signed = || text.parse().ok().filter(|number: &i64| number.to_string() == text).map(Value::Signed);
    let unsigned =
        || text.parse().ok().filter(|number: &u64| number.to_string() == text).map(Value::Unsigned);
    let float = || text.parse().ok().filter(|number| write_float(*number) == text).map(Value::Float);
    signed().or_else(unsigned).or_else(float)
}

/// The shortest text of a float that reads back as the same; no JSON if it is not finite.
pub(super) fn write_float(number: f64) -> String {
    zmij::Buffer::new().format(number).to_owned()
}
