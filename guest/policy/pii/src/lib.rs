//! Skeleton.
use activemirror_guest::policy::{Decision, Description, Event, Guest, PluginError, Point, Verdict};

struct Policy;

impl Guest for Policy {
    fn describe() -> Description {
        Description { name: "x".into(), version: "1.0.0".into(), summary: "x".into(), wants_personal_data: true }
    }

    fn decide(state: Vec<u8>, _point: Point, events: Vec<Event>) -> Result<Decision, PluginError> {
        Ok(Decision { verdicts: events.iter().map(|_| Verdict::Allow).collect(), state })
    }
}

activemirror_guest::policy::export!(Policy);
