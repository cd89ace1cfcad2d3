//! Queries over blocks that were moved: what is in reach is found, and what is not is said.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use activemirror::retention::{Asked, Moves, Rule};
use activemirror::{Cold, ColdError, Options, Runtime, Timestamp};
use activemirror_query::{Limits, Report};

use crate::world::{World, decision, trace};

/// A cold store in memory.
#[derive(Clone, Debug, Default)]
struct Shelf(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    objects: BTreeMap<String, Vec<u8>>,
    /// What it says instead of what it has.
    mood: Mood,
}

#[derive(Clone, Copy, Debug, Default)]
enum Mood {
    #[default]
    Right,
    Slow,
    Gone,
    WrongBytes,
}

impl Cold for Shelf {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), ColdError> {
        self.0.lock().unwrap().objects.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn get(&self, name: &str, _: u64) -> Result<Vec<u8>, ColdError> {
        let kept = self.0.lock().unwrap();
        let object = kept.objects.get(name).cloned().ok_or(ColdError::Missing);
        match kept.mood {
            Mood::Right => object,
            Mood::Slow => Err(ColdError::Timeout),
            Mood::Gone => Err(ColdError::Missing),
            Mood::WrongBytes => object.map(|bytes| vec![7; bytes.len()]),
        }
    }

    fn delete(&self, name: &str) -> Result<(), ColdError> {
        self.0.lock().unwrap().objects.remove(name);
        Ok(())
    }

    fn list(&self, _: &str) -> Result<Vec<String>, ColdError> {
        Ok(self.0.lock().unwrap().objects.keys().cloned().collect())
    }
}

/// Three traces in three blocks, and a place for them to go.
fn world() -> (World, Shelf) {
    let shelf = Shelf::default();
    let cold: Arc<dyn Cold> = Arc::new(shelf.clone());
    let world = World::opened(Options { cold: Some(cold), ..Options::default() });
    for id in ["first", "second", "third"] {
        world.read(trace(id, "2024-05-01T10:00:00.000Z", &[decision("refund", 0.5)]).to_string().as_bytes());
    }
    (world, shelf)
}

fn move_all(runtime: &Runtime, moves: Moves) {
    let asked = Asked { moves, now: Timestamp::from_millis(1_800_000_000_000), clock_is_right: true };
    runtime.run_retention(&asked, |_| ()).unwrap();
}

const ALL: Option<Rule> = Some(Rule { after: None, over: Some(0) });

fn ask(world: &World, sql: &str) -> (Vec<String>, Report) {
    let (rows, report) = world.ask(sql, Limits::default());
    (rows.rows.iter().map(|row| row[0].as_str().unwrap().to_owned()).collect(), report.unwrap())
}

const EVENTS: &str = "SELECT trace_id FROM events WHERE intent = 'refund' ORDER BY sequence";
const TRACES: &str = "SELECT trace_id FROM traces WHERE events.confidence < 0.7";

#[test]
fn what_is_packed_or_cold_is_found_where_it_is() {
    let (world, _shelf) = world();
    for moves in [Moves { warm: ALL, ..Moves::default() }, Moves { cold: ALL, ..Moves::default() }] {
        move_all(&world.runtime, moves);
        for sql in [EVENTS, TRACES] {
            let (found, report) = ask(&world, sql);
            assert_eq!(found, ["first", "second", "third"], "{sql}");
            assert!(report.scans.iter().all(|scan| scan.left_out == 0) && report.unread().is_empty());
        }
    }
}

#[test]
fn what_does_not_come_is_left_out_and_said() {
    let (world, shelf) = world();
    move_all(&world.runtime, Moves { warm: ALL, ..Moves::default() });
    move_all(&world.runtime, Moves { cold: ALL, ..Moves::default() });
    for mood in [Mood::Slow, Mood::Gone, Mood::WrongBytes] {
        shelf.0.lock().unwrap().mood = mood;
        let (found, report) = ask(&world, EVENTS);
        assert_eq!(found, [""; 0], "{mood:?}");
        let told: u64 = report.scans.iter().map(|scan| scan.left_out + scan.unread.len() as u64).sum();
        assert!(told > 0, "{mood:?}: {report:?}");
        // What the zones rule out is not asked for.
        let (_, report) = ask(&world, "SELECT trace_id FROM events WHERE intent = 'another'");
        assert!(report.scans.iter().all(|scan| scan.left_out == 0), "{mood:?}: {report:?}");
    }
    shelf.0.lock().unwrap().mood = Mood::Right;
    assert_eq!(ask(&world, TRACES).0, ["first", "second", "third"], "nothing wrong is kept in mind");
}

#[test]
fn what_went_is_left_out_and_said() {
    let (world, _shelf) = world();
    move_all(&world.runtime, Moves { gone: ALL, ..Moves::default() });
    world
        .read(trace("fourth", "2024-05-01T10:00:00.000Z", &[decision("refund", 0.5)]).to_string().as_bytes());
    let (found, report) = ask(&world, EVENTS);
    assert_eq!(found, ["fourth"]);
    let scan = &report.scans[0];
    assert!(scan.left_out > 0 && scan.to_string().contains("went by retention"), "{scan}");
}
