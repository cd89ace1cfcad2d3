//! The tables that a query can read, and their columns.

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    Traces,
    Events,
    Sessions,
    Findings,
    Verdicts,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Text,
    Whole,
    Float,
    /// An object or a list, as JSON text: what follows a dot is a field of it.
    Json,
}

/// A column: its name and what it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) holds: Holds,
}

const fn text(name: &'static str) -> Column {
    Column { name, holds: Holds::Text }
}

const fn whole(name: &'static str) -> Column {
    Column { name, holds: Holds::Whole }
}

const fn float(name: &'static str) -> Column {
    Column { name, holds: Holds::Float }
}

const fn json(name: &'static str) -> Column {
    Column { name, holds: Holds::Json }
}

/// The column of an object that holds what an agent meant.
pub(crate) const SEMANTICS: &str = "semantics";

/// Fields of `semantics` that are columns of their own.
pub(crate) const SEMANTIC_COLUMNS: [&str; 2] = ["intent", "confidence"];

const TRACES: &[Column] = &[
    text("trace_id"),
    text("agent_id"),
    text("session_id"),
    text("user_id"),
    text("timestamp"),
    whole("time_ms"),
    text("log"),
    whole("sequence"),
    text("readable"),
    whole("governed"),
    whole("event_count"),
    text("system"),
    json("metadata"),
    json("other"),
];

const EVENTS: &[Column] = &[
    text("trace_id"),
    text("agent_id"),
    text("session_id"),
    text("event_id"),
    text("type"),
    text("timestamp"),
    whole("time_ms"),
    text("log"),
    whole("sequence"),
    text("readable"),
    text("action"),
    text("intent"),
    float("confidence"),
    text("content"),
    json("parameters"),
    json("data"),
    json(SEMANTICS),
    json("metadata"),
    json("other"),
];

const SESSIONS: &[Column] = &[
    text("session_id"),
    text("title"),
    text("user_id"),
    text("parent_session_id"),
    text("status"),
    text("created"),
    text("updated"),
    json("metadata"),
    json("other"),
];

const FINDINGS: &[Column] = &[
    text("trace_id"),
    text("timestamp"),
    whole("time_ms"),
    text("log"),
    whole("sequence"),
    text("readable"),
    text("plugin"),
    text("control"),
    text("state"),
    text("severity"),
    text("message"),
    json("evidence"),
];

const VERDICTS: &[Column] = &[
    text("trace_id"),
    text("agent_id"),
    text("session_id"),
    text("timestamp"),
    whole("time_ms"),
    text("log"),
    whole("sequence"),
    whole("record"),
    text("readable"),
    text("plugin"),
    text("outcome"),
    text("reason"),
    whole("fuel"),
];

impl Table {
    /// All of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::Traces, Self::Events, Self::Sessions, Self::Findings, Self::Verdicts];

    /// What queries call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Events => "events",
            Self::Sessions => "sessions",
            Self::Findings => "findings",
            Self::Verdicts => "verdicts",
        }
    }

    /// The table of this name; SQL does not care for large letters.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name().eq_ignore_ascii_case(name))
    }

    /// Its columns, in order.
    pub(crate) const fn columns(self) -> &'static [Column] {
        match self {
            Self::Traces => TRACES,
            Self::Events => EVENTS,
            Self::Sessions => SESSIONS,
            Self::Findings => FINDINGS,
            Self::Verdicts => VERDICTS,
        }
    }

    /// The column of this name.
    pub(crate) fn column(self, name: &str) -> Option<&'static Column> {
        self.columns().iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Which of its columns this is.
    pub(crate) fn place(self, name: &str) -> Option<usize> {
        self.columns().iter().position(|column| column.name == name)
    }

    /// How SQLite is told of it.
    pub(crate) fn declaration(self) -> String {
        let column = |column: &Column| {
            let holds = match column.holds {
                Holds::Text | Holds::Json => "TEXT",
                Holds::Whole => "INTEGER",
                Holds::Float => "REAL",
            };
            format!("\"{}\" {holds}", column.name)
        };
        let columns: Vec<String> = self.columns().iter().map(column).collect();
        format!("CREATE TABLE x({})", columns.join(", "))
    }
}
