//! Others, doing the same job. None of them seals or proves anything.

use std::path::Path;

use anyhow::Result;
use redb::{Database, TableDefinition};

use crate::workload::{Event, KINDS, Names};

/// `SQLite` as an agent developer would set it up who wants to lose nothing: write-ahead log, every
/// commit on the disk, one row an event, three indexes.
pub(crate) fn sqlite(file: &Path, events: &[Event], batch: usize) -> Result<()> {
    let names = Names::new();
    let mut connection = create(file)?;
    for batch in events.chunks(batch) {
        let transaction = connection.transaction()?;
        let mut insert = transaction.prepare_cached(INSERT)?;
        for event in batch {
            insert.execute(rusqlite::params![
                names.traces[event.session],
                names.agents[event.session],
                names.sessions[event.session],
                KINDS[event.kind],
                event.time,
                names.actions[event.action],
                names.intents[event.intent],
                event.confidence,
                format!("{{\"count\":{},\"amount\":{}}}", event.count, event.amount),
                event.text,
            ])?;
        }
        drop(insert);
        transaction.commit()?;
    }
    // A normal close puts the write-ahead log back into the file.
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// A file with the table of events and its indexes.
pub(crate) fn create(file: &Path) -> Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE events (
             id INTEGER PRIMARY KEY, trace TEXT, agent TEXT, session TEXT, kind TEXT, time INTEGER,
             action TEXT, intent TEXT, confidence REAL, parameters TEXT, content TEXT);
         CREATE INDEX by_trace ON events(trace);
         CREATE INDEX by_agent ON events(agent, time);
         CREATE INDEX by_intent ON events(intent, confidence);",
    )?;
    Ok(connection)
}

/// A row.
pub(crate) const INSERT: &str =
    "INSERT INTO events (trace, agent, session, kind, time, action, intent, confidence, parameters, content)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const ROWS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("events");

/// redb with one row an event, as JSON.
pub(crate) fn redb_rows(file: &Path, events: &[Event], batch: usize) -> Result<()> {
    let names = Names::new();
    let mut database = Database::create(file)?;
    let mut row = Vec::new();
    for (number, batch) in events.chunks(batch).enumerate() {
        let mut transaction = database.begin_write()?;
        transaction.set_two_phase_commit(true);
        {
            let mut table = transaction.open_table(ROWS)?;
            for (place, event) in batch.iter().enumerate() {
                row.clear();
                json_row(&mut row, event, &names)?;
                table.insert((number * batch.len() + place) as u64, row.as_slice())?;
            }
        }
        transaction.commit()?;
    }
    database.compact()?;
    Ok(())
}

fn json_row(row: &mut Vec<u8>, event: &Event, names: &Names) -> Result<()> {
    let value = serde_json::json!({
        "trace": names.traces[event.session],
        "agent": names.agents[event.session],
        "session": names.sessions[event.session],
        "type": KINDS[event.kind],
        "time": event.time,
        "action": names.actions[event.action],
        "intent": names.intents[event.intent],
        "confidence": event.confidence,
        "parameters": { "count": event.count, "amount": event.amount },
        "content": event.text,
    });
    Ok(serde_json::to_writer(row, &value)?)
}
