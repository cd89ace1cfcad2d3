//! One person erased, everybody else intact, the log still proven.

use activemirror::document::Event;
use activemirror::{Options, Readable, Reveal, Runtime, Scope, Start};

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let folder = tempfile::tempdir()?;
    let (data, key_file) = (folder.path().join("data"), folder.path().join("keys/device.key"));
    let runtime = Runtime::open(Options { data, key_file, ..Options::default() })?;

    let (ann, ben) =
        (say(&runtime, "ann", "My cat is called Io.")?, say(&runtime, "ben", "I collect stamps.")?);
    let blocks = runtime.erase("ann")?;
    println!("{blocks} blocks held content of ann, and keep hashes of it only");

    for (name, id) in [("ann", ann), ("ben", ben)] {
        let trace = runtime.read(&id, Reveal::Originals, "example")?;
        let readable = trace.events.iter().all(|event| event.readable == Readable::Open);
        println!("{name}: {}", if readable { "readable" } else { "erased" });
    }
    println!("the log holds: {}", runtime.verify(Scope::Everything, || ())?.fault().is_none());
    Ok(())
}

/// Records one remark of a person and returns its trace.
fn say(runtime: &Runtime, user: &str, text: &str) -> Result<String, activemirror::Error> {
    let start = Start { agent: "diary".into(), user: Some(user.into()), ..Start::default() };
    let mut trace = runtime.begin(start)?;
    trace.record(Event::observation(text).from_user())?;
    Ok(trace.trace().to_owned())
}
