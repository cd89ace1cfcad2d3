//! An agent that records what it does, and reads it back after a restart.

use activemirror::document::Event;
use activemirror::{Options, Reveal, Runtime, Scope, Start};

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let folder = tempfile::tempdir()?;
    let open = || {
        let (data, key_file) = (folder.path().join("data"), folder.path().join("keys/device.key"));
        Runtime::open(Options { data, key_file, ..Options::default() })
    };

    let runtime = open()?;
    let mut trace = runtime.begin(Start { agent: "librarian".into(), ..Start::default() })?;
    trace.record(Event::observation("Do you have anything on lighthouses?").from_user())?;
    let ruled = trace.record(Event::action("search").with("/parameters/query", "lighthouses"))?;
    if ruled.may_proceed() {
        let found = Event::observation("3 books").from_tool().with("/data/count", 3_i64);
        trace.record(found)?;
    }
    trace.record(Event::decision("Offer the newest one.").intent("recommend", 0.8))?;
    trace.record(Event::output("Yes: the newest is from 2024."))?;
    let id = trace.trace().to_owned();
    trace.end()?;
    runtime.close()?;

    let runtime = open()?;
    let stored = runtime.read(&id, Reveal::Masked, "example")?;
    for stored in &stored.events {
        let event = &stored.event;
        let text = event.text.as_deref().or(event.action.as_deref());
        let kind = event.kind.event_name().unwrap_or("?");
        println!("#{} {kind}: {}", stored.sequence, text.unwrap_or(""));
    }
    let report = runtime.verify(Scope::Everything, || ())?;
    println!("the log holds: {}", report.fault().is_none());
    Ok(())
}
