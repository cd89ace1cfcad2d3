//! Recorded runs of an airline agent, where they are at hand.

use activemirror_guest::persona::{Event, EventKind, Review, Source};
use activemirror_persona_support::{Settings, review};

use activemirror_guests_tests::airline::{Run, runs};

/// The reviews of a run's answers, each with as much of what came before as `keep` leaves.
fn reviews(run: &Run, keep: impl Fn(&Event) -> bool) -> Vec<Review> {
    let answers = run.events.iter().enumerate().filter(|(_, event)| event.kind == EventKind::Output);
    let review = |(number, event): (usize, &Event)| {
        let context: Vec<Event> = run.events[..number].iter().filter(|event| keep(event)).cloned().collect();
        review(&context, event.content.as_deref().unwrap_or_default(), &Settings::default())
    };
    answers.map(review).collect()
}

/// How many answers there are, and the runs of those that are stopped.
fn stopped(runs: &[Run], keep: impl Fn(&Event) -> bool) -> (usize, Vec<&str>) {
    let reviews = |run| reviews(run, &keep).into_iter().map(|review| (&*run.id, review));
    let reviews: Vec<(&str, Review)> = runs.iter().flat_map(reviews).collect();
    let stopped = reviews.iter().filter(|(_, review)| *review != Review::Accept);
    (reviews.len(), stopped.map(|(id, _)| *id).collect())
}

#[test]
fn recorded_answers_pass_with_their_deeds_and_not_without() {
    let Some(runs) = runs() else {
        println!("not run on tau-airline: ../shared/data is not there");
        return;
    };
    let (answers, wrongly) = stopped(&runs, |_| true);
    let (_, without_actions) = stopped(&runs, |event| event.kind != EventKind::Action);
    let (_, without_tools) = stopped(&runs, |event| event.source == Source::User);
    println!(
        "of {answers} answers, {} are stopped; {} without actions, {} without any tool",
        wrongly.len(),
        without_actions.len(),
        without_tools.len()
    );
    assert!(answers > 600 && wrongly.len() <= 2, "{wrongly:?}");
    assert!(without_actions.len() >= 35 && without_tools.len() >= 55);
}
