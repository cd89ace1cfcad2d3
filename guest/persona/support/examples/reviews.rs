//! Prints what the persona would have said to the answers of the recorded airline runs, and how it
//! would have gone about the users' messages, for reading: `cargo run --release -p
//! activemirror-persona-support --example reviews`.

use activemirror_guest::persona::{Event, EventKind, Review, Source};
use activemirror_guests_tests::airline;
use activemirror_persona_support::{Settings, frame, review};

fn main() {
    let Some(runs) = airline::runs() else {
        println!("the recorded runs are not at hand");
        return;
    };
    let settings = Settings::default();
    for run in runs {
        for (number, event) in run.events.iter().enumerate() {
            let text = event.content.as_deref().unwrap_or_default();
            print(&run.id, number, &run.events[..number], event, text, &settings);
        }
    }
}

fn print(id: &str, number: usize, context: &[Event], event: &Event, text: &str, settings: &Settings) {
    match (event.kind, event.source) {
        (EventKind::Output, _) => match review(context, text, settings) {
            Review::Accept => println!("{id} {number} accept"),
            review => println!("{id} {number} {review:?}"),
        },
        (EventKind::Observation, Source::User) => {
            println!("{id} {number} frame {:?}", frame(context, text, settings).pattern);
        }
        _ => {}
    }
}
