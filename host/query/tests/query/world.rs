//! A log with a few traces in it, and queries on it.

use std::io;

use activemirror::format::Reader;
use activemirror::{Options, Reveal, Runtime};
use activemirror_query::{Ask, Limits, Output, QueryError, Report, Value, run};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// A runtime without policies.
pub(crate) struct World {
    pub(crate) runtime: Runtime,
    _folder: TempDir,
}

/// Rows as JSON lists, under the names of their columns.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Json>>,
}

impl Output for Table {
    fn columns(&mut self, names: &[String]) -> io::Result<()> {
        self.columns = names.to_vec();
        Ok(())
    }

    fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        let cell = |value: &Value<'_>| match *value {
            Value::Null => Json::Null,
            Value::Whole(number) => number.into(),
            Value::Float(number) => number.into(),
            Value::Text(text) => text.into(),
            Value::Bytes(bytes) => format!("{bytes:x?}").into(),
        };
        self.rows.push(values.iter().map(cell).collect());
        Ok(())
    }
}

impl World {
    /// A log with these MirrorDNA traces.
    pub(crate) fn with(traces: &[Json]) -> Self {
        let lines: Vec<String> = traces.iter().map(Json::to_string).collect();
        Self::reading(lines.join("\n").as_bytes())
    }

    /// A log with what this file holds.
    pub(crate) fn reading(file: impl io::Read) -> Self {
        let world = Self::opened(Options::default());
        world.read(file);
        world
    }

    /// An empty log.
    pub(crate) fn opened(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, key_file) = (folder.path().join("data"), folder.path().join("keys/device.key"));
        let runtime = Runtime::open(Options { data, key_file, ..options }).unwrap();
        Self { runtime, _folder: folder }
    }

    /// Records what this file holds.
    pub(crate) fn read(&self, file: impl io::Read) {
        Reader::new(file, None).for_each(|trace| {
            self.runtime.record_trace(trace.unwrap()).unwrap();
        });
        self.runtime.flush().unwrap();
    }

    /// Runs a query within these limits.
    pub(crate) fn ask(&self, sql: &str, limits: Limits) -> (Table, Result<Report, QueryError>) {
        let mut table = Table::default();
        let ask = Ask { sql, reveal: Reveal::Masked, request: "a test", limits };
        let report = run(&self.runtime, &ask, &mut table);
        (table, report)
    }

    /// The rows of a query.
    #[track_caller]
    pub(crate) fn rows(&self, sql: &str) -> Vec<Vec<Json>> {
        match self.ask(sql, Limits::default()) {
            (table, Ok(_)) => table.rows,
            (_, Err(error)) => panic!("{sql}: {error}\n{}", error.place_in(sql).unwrap_or_default()),
        }
    }

    /// The one column of a query's result, in alphabetical order.
    #[track_caller]
    pub(crate) fn set(&self, sql: &str) -> Vec<String> {
        let mut found: Vec<String> =
            self.rows(sql).iter().map(|row| row[0].as_str().unwrap().to_owned()).collect();
        found.sort();
        found
    }

    /// The one value of a query's result.
    #[track_caller]
    pub(crate) fn value(&self, sql: &str) -> Json {
        let rows = self.rows(sql);
        assert_eq!((rows.len(), rows[0].len()), (1, 1), "{sql}: {rows:?}");
        rows[0][0].clone()
    }

    /// Why a query was refused, or stopped.
    #[track_caller]
    pub(crate) fn refused(&self, sql: &str) -> QueryError {
        match self.ask(sql, Limits::default()) {
            (table, Ok(_)) => panic!("{sql}: was not refused, and gave {:?}", table.rows),
            (_, Err(error)) => error,
        }
    }
}

/// A trace of `support-bot` with these events.
pub(crate) fn trace(id: &str, time: &str, events: &[Json]) -> Json {
    json!({
        "trace_id": id, "agent_id": "support-bot", "session_id": format!("session-{id}"),
        "user_id": format!("user-{id}"), "timestamp": time, "events": events,
    })
}

/// A decision with this intent and confidence.
pub(crate) fn decision(intent: &str, confidence: f64) -> Json {
    json!({
        "event_id": format!("{intent}-{confidence}"), "type": "decision",
        "timestamp": "2024-05-01T10:00:00.000Z", "content": format!("I {intent} it"),
        "semantics": { "intent": intent, "confidence": confidence },
    })
}

/// An action with these parameters.
pub(crate) fn action(name: &str, parameters: Json) -> Json {
    json!({
        "event_id": name, "type": "action", "timestamp": "2024-05-01T10:00:01.000Z",
        "action": name, "parameters": parameters,
    })
}
