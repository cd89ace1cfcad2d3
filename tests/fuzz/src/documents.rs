//! The formats that people and programs hand to the runtime.

use activemirror::document::{Leaf, Trace};
use activemirror::format::{Format, Reader, WriteError, mirrordna::Writer};
use activemirror::json::{self, Budget, limits};
use activemirror::session_json::{self, Spelling};

/// A text is read into leaves; they are written as a text that is read into the same leaves.
pub(crate) fn json(bytes: &[u8]) {
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    let leaves = |text: &str| -> Option<Vec<Leaf>> {
        let node = json::parse(text, limits::NESTING_MAX, &mut Budget::of_record()).ok()?;
        let mut leaves = Vec::new();
        node.flatten("", &mut leaves);
        Some(leaves)
    };
    let Some(first) = leaves(text) else { return };
    if first.iter().all(|leaf| leaf.path.starts_with('/')) && !first.is_empty() {
        let written = json::object_text(&first).expect("what was read can be written");
        assert_eq!(leaves(&written), Some(first));
    }
}

/// What is read is written, and what is written is read as the same.
pub(crate) fn mirrordna(bytes: &[u8]) {
    for trace in Reader::new(bytes, Some(Format::MirrorDna)).flatten() {
        written_and_read(&trace);
    }
    Reader::new(bytes, None).for_each(drop);
}

/// Runs become traces that MirrorDNA can say.
pub(crate) fn tau_bench(bytes: &[u8]) {
    for trace in Reader::new(bytes, Some(Format::TauBench)).flatten() {
        written_and_read(&trace);
    }
}

fn written_and_read(trace: &Trace) {
    let mut writer = Writer::new(Vec::new());
    match writer.write(trace, &[], &[]) {
        Ok(()) => {}
        Err(WriteError::Io(_)) => return,
        Err(error) => panic!("{error}: {trace:?}"),
    }
    let line = writer.finish().expect("a Vec takes it");
    let mut again = Reader::new(line.as_slice(), Some(Format::MirrorDna));
    let read = again.next().expect("a trace").expect("what is written can be read");
    let mut writer = Writer::new(Vec::new());
    assert!(writer.write(&read, &[], &[]).is_ok());
    let twice = writer.finish().expect("a Vec takes it");
    assert_eq!(String::from_utf8_lossy(&line), String::from_utf8_lossy(&twice));
}

/// What is read is written in both spellings, and read from both as the same.
pub(crate) fn session_json(bytes: &[u8]) {
    let Ok(transcript) = session_json::read(bytes) else { return };
    for spelling in [Spelling::Python, Spelling::JavaScript] {
        let written = session_json::write(&transcript, spelling).expect("what was read can be written");
        let again = session_json::read(written.as_bytes()).expect("what is written can be read");
        assert_eq!(again, transcript);
    }
}
