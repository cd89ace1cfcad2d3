//! Events that are recorded together are ruled on as if they had come one by one.

use activemirror::document::Event;
use activemirror::{Found, Outcome, Recorder, Reveal, Ruled, Ruling};

use crate::governed::Place;

/// What is shown of the conversation, and what was, each event as text.
fn shown(place: &Place, recorder: &Recorder) -> [Vec<String>; 2] {
    recorder.flush().unwrap();
    [Reveal::Masked, Reveal::Originals].map(|reveal| {
        let stored = place.runtime.read(recorder.trace(), reveal, "test").unwrap();
        let events = stored.document().trace.events.into_iter();
        // Times are those of the test.
        events.map(|event| format!("{:?} {:?} {:?}", event.text, event.action, event.leaves)).collect()
    })
}

/// A conversation with something to mask, to drop, to ask for and to find.
fn conversation() -> Vec<Event> {
    vec![
        Event::observation("Hi, my e-mail address is mia@example.com. Please delete my account.").from_user(),
        Event::thought("She wants her account deleted."),
        Event::action("get_account").with("/parameters/email", "mia@example.com"),
        Event::observation("found")
            .from_tool()
            .with("/data/account_id", "acc_4410")
            .with("/data/phone", "+1 (212) 555-0142"),
        Event::output("Shall I delete the account acc_4410 of mia@example.com?"),
        Event::observation("No, wait. My card is 4111 1111 1111 1111, CVV 123.").from_user(),
        Event::decision("Delete it all the same.").intent("delete_account", 0.2),
        Event::action("delete_account").with("/parameters/account_id", "acc_4410"),
        Event::error("Error: not allowed"),
        Event::output("Shall I close the account acc_4410?"),
        Event::observation("Yes, please do.").from_user(),
        Event::action("close_account").with("/parameters/account_id", "acc_4410"),
        Event::output("Your account acc_4410 is closed; your phone is +1 (212) 555-0142."),
    ]
}

/// What became of an event, without numbers of the log.
#[derive(Debug, PartialEq)]
struct Told {
    outcome: Outcome,
    rulings: Vec<String>,
}

impl Told {
    fn of(ruled: &Ruled) -> Self {
        let ruling = |r: &Ruling| format!("{} {:?} {:?}", r.policy, r.outcome, r.reason);
        Self { outcome: ruled.outcome, rulings: ruled.rulings.iter().map(ruling).collect() }
    }
}

fn finding(found: &Found) -> String {
    format!("{} {:?} {}", found.finding.control, found.finding.state, found.finding.message)
}

/// What became of the conversation.
#[derive(Debug)]
struct Whole {
    told: Vec<Told>,
    found: Vec<String>,
    masked: Vec<String>,
    originals: Vec<String>,
}

/// The conversation, recorded in groups of so many events.
fn recorded(together: usize) -> Whole {
    let place = Place::new();
    let mut recorder = place.recorder();
    let mut ruled = Vec::new();
    for events in conversation().chunks(together) {
        ruled.extend(recorder.record_all(events.to_vec()).unwrap());
    }
    let [masked, originals] = shown(&place, &recorder);
    let mut found: Vec<String> = recorder.found().unwrap().iter().map(finding).collect();
    found.extend(recorder.end().unwrap().iter().map(finding));
    Whole { told: ruled.iter().map(Told::of).collect(), found, masked, originals }
}

#[test]
fn events_together_are_ruled_on_as_one_by_one() {
    let alone = recorded(1);
    for expected in [Outcome::Allow, Outcome::Mask, Outcome::Drop, Outcome::RequireApproval] {
        assert!(alone.told.iter().any(|told| told.outcome == expected), "{expected:?}: {:?}", alone.told);
    }
    assert!(!alone.found.is_empty());
    assert!(!alone.masked.concat().contains("mia@example.com"));
    assert!(alone.originals.concat().contains("mia@example.com"));
    for together in [2, 3, 7, 64] {
        let whole = recorded(together);
        assert_eq!(whole.told, alone.told, "{together} together");
        assert_eq!(whole.found, alone.found, "{together} together");
        assert_eq!(whole.originals, alone.originals, "{together} together");
        assert_eq!(whole.masked.len(), alone.masked.len());
    }
}

#[test]
fn nothing_is_recorded_of_no_events() {
    let place = Place::new();
    let mut recorder = place.recorder();
    assert_eq!(recorder.record_all([]).unwrap(), []);
    assert_eq!(shown(&place, &recorder)[0].len(), 0);
}
