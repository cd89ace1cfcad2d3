//! What compliance packs find in what was recorded: nobody waits for it, and none of it is lost.

use core::time::Duration;
use std::time::Instant;

use activemirror::document::Event;
use activemirror::{Error, Found, GroupError, Limits, Recorder, WhenFull};

use crate::governed::Place;

/// What is done to a person by a machine that is not sure of it.
fn unsure() -> Event {
    Event::action("suspend_account").intent("suspend_account", 0.2)
}

/// Records so many; returns their sequences.
fn record(recorder: &mut Recorder, events: usize) -> Vec<u64> {
    (0..events).map(|_| recorder.record(unsure()).unwrap().sequence).collect()
}

/// What was found in each, in order.
fn evidence(found: &[Found]) -> Vec<u64> {
    found.iter().flat_map(|found| found.finding.evidence.clone()).collect()
}

/// How many findings the log has.
fn kept(place: &Place) -> usize {
    place.runtime.findings().unwrap().iter().filter(|finding| finding.control.starts_with("GDPR-22")).count()
}

#[test]
fn what_was_found_is_handed_out_once() {
    let place = Place::new();
    let mut recorder = place.recorder();
    for events in [1, 5, 16, 40] {
        let recorded = record(&mut recorder, events);
        assert_eq!(evidence(&recorder.found().unwrap()), recorded, "{events} events");
        assert_eq!(recorder.found().unwrap(), []);
    }
}

#[test]
fn the_log_has_what_nobody_asked_for() {
    let place = Place::new();
    let mut recorder = place.recorder();
    record(&mut recorder, 3);
    let begun = Instant::now();
    while kept(&place) < 3 {
        assert!(begun.elapsed() < Duration::from_secs(60), "nobody looked at what was recorded");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn whoever_flushes_has_all_findings() {
    let place = Place::new();
    let mut recorders = [place.recorder(), place.recorder()];
    recorders.iter_mut().for_each(|recorder| drop(record(recorder, 5)));
    recorders[0].flush().unwrap();
    assert_eq!(kept(&place), 10);
}

#[test]
fn a_runtime_that_ends_leaves_nothing_to_be_found() {
    for again in [Place::reopened, Place::dropped] {
        let place = Place::new();
        record(&mut place.recorder(), 5);
        assert_eq!(kept(&again(place)), 5);
    }
}

#[test]
fn a_recorder_keeps_the_newest_and_the_log_all() {
    let place = Place::new();
    let mut recorder = place.recorder();
    let recorded = record(&mut recorder, 300);
    assert_eq!(evidence(&recorder.found().unwrap()), recorded[300 - 256..]);
    recorder.flush().unwrap();
    assert_eq!(kept(&place), 300);
}

#[test]
fn findings_are_recorded_where_events_are_refused() {
    let limits = Limits { bytes: 1, when_full: WhenFull::Refuse, ..Limits::default() };
    let place = Place::with(limits);
    // To begin is refused as well while anything waits.
    let mut recorder = (0..100).find_map(|_| {
        place.runtime.flush().unwrap();
        place.begin().ok()
    });
    let recorder = recorder.as_mut().expect("a conversation that begins");
    let (mut recorded, mut refused) = (0, 0);
    while recorded < 100 {
        match recorder.record(unsure()) {
            Ok(_) => recorded += 1,
            Err(Error::Recording(GroupError::Full)) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    recorder.flush().unwrap();
    assert_eq!(kept(&place), recorded, "{refused} were refused");
}

#[test]
fn what_is_found_goes_with_its_person() {
    let place = Place::new();
    let mut recorder = place.recorder();
    record(&mut recorder, 5);
    place.runtime.erase("ada").unwrap();
    recorder.record(unsure()).expect_err("she was erased");
    recorder.flush().unwrap();
    assert_eq!(kept(&place), 0);
    assert!(place.runtime.verify(activemirror::Scope::Everything, || ()).unwrap().fault().is_none());
}
