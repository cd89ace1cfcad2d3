//! The fields of an event that a filter can ask for.

use activemirror_core::filter::Name;
use activemirror_core::value::path::write_key;
use sqlparser::ast::{Expr, Ident};

use super::wrong;
use crate::error::{QueryError, Wrong};
use crate::near::near;
use crate::schema::{Holds, SEMANTICS, Table};
use crate::spot::Spot;

/// A field of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Name(Name),
    Type,
    Time,
    Millis,
    Log,
    Sequence,
    Confidence,
    Text,
    /// A field within an object, by its path.
    Leaf(String),
}

/// Columns of events that are no field of their own: what can be read is for the store to say.
const NO_FIELDS: [&str; 2] = ["readable", "other"];

impl Field {
    /// The field that an expression names.
    pub(super) fn of(expression: &Expr) -> Result<Self, QueryError> {
        let path = match expression {
            Expr::Nested(inner) => return Self::of(inner),
            Expr::Identifier(name) => core::slice::from_ref(name),
            Expr::CompoundIdentifier(path) => path.as_slice(),
            other => return Err(wrong(other, "a field stands on the left, as in `type = decision`")),
        };
        match path {
            // `events.type` is what SQL calls it.
            [events, rest @ ..] if events.value.eq_ignore_ascii_case("events") && !rest.is_empty() => {
                Self::at(rest)
            }
            path => Self::at(path),
        }
    }

    fn at(path: &[Ident]) -> Result<Self, QueryError> {
        let [first, rest @ ..] = path else { return Err(unknown(path)) };
        let name = first.value.to_ascii_lowercase();
        match (&*name, rest) {
            (_, []) => Self::column(&name).ok_or_else(|| unknown(path)),
            (SEMANTICS, [one]) if one.value == "intent" => Ok(Self::Name(Name::Intent)),
            (SEMANTICS, [one]) if one.value == "confidence" => Ok(Self::Confidence),
            ("other", rest) => Ok(Self::Leaf(leaf_path(rest))),
            (name, _) => match Table::Events.column(name) {
                Some(column) if column.holds == Holds::Json => {
                    Ok(Self::Leaf(format!("/{name}{}", leaf_path(rest))))
                }
                Some(column) => Err(Wrong::NoFields(column.name.to_owned()).at(Spot::of(rest[0].span))),
                None => Err(unknown(path)),
            },
        }
    }

    fn column(name: &str) -> Option<Self> {
        Some(match name {
            "trace_id" => Self::Name(Name::Trace),
            "agent_id" => Self::Name(Name::Agent),
            "session_id" => Self::Name(Name::Session),
            "event_id" => Self::Name(Name::Alias),
            "action" => Self::Name(Name::Action),
            "intent" => Self::Name(Name::Intent),
            "type" => Self::Type,
            "timestamp" => Self::Time,
            "time_ms" => Self::Millis,
            "log" => Self::Log,
            "sequence" => Self::Sequence,
            "confidence" => Self::Confidence,
            "content" => Self::Text,
            "parameters" | "data" | SEMANTICS | "metadata" => Self::Leaf(format!("/{name}")),
            _ => return None,
        })
    }
}

fn leaf_path(keys: &[Ident]) -> String {
    let mut path = String::new();
    for key in keys {
        write_key(&mut path, &key.value).expect("invariant: a String takes what is written");
    }
    path
}

fn unknown(path: &[Ident]) -> QueryError {
    let written: Vec<&str> = path.iter().map(|part| part.value.as_str()).collect();
    let first = written.first().copied().unwrap_or_default();
    let columns = Table::Events.columns().iter().map(|column| column.name);
    let known = columns.filter(|name| !NO_FIELDS.contains(name));
    let near = near(first, known.chain(["semantics.intent", "semantics.confidence"]));
    Wrong::Column { name: written.join("."), table: Some("an event".to_owned()), near }
        .at(path.first().and_then(|part| Spot::of(part.span)))
}
