//! What a fuzzer begins with: what core and the runtime write, and the golden inputs.

use activemirror_core::log::block::Position;
use activemirror_core::log::checkpoint::Checkpoint;
use activemirror_core::log::codec::Codec;
use activemirror_core::log::stream::{self, Frame};
use activemirror_core::log::zone::Zone;
use activemirror_core::many::Many;
use activemirror_core::trace::{
    Body, Content, ControlState, Finding, Kind, Mark, Notice, Outcome, Place, Record, Severity, Structure,
    Verdict,
};
use activemirror_core::value::{Leaf, Value};
use activemirror_core::vault::{SubjectKey, seal};
use activemirror_vectors::{PACKED, inputs};

use crate::blocks::{Ring, built, structure, subject};
use crate::bytes::piece;

const DOCUMENT_MIRRORDNA: &str = include_str!("../../api/fixtures/mirrordna.jsonl");
const DOCUMENT_TAU_BENCH: &str = include_str!("../../api/fixtures/tau-bench.json");
const SESSION_PYTHON: &str = include_str!("../../api/fixtures/session/python.json");
const SESSION_JAVASCRIPT: &str = include_str!("../../api/fixtures/session/javascript.json");

pub(crate) fn paths() -> Vec<Vec<u8>> {
    ["/a", "/data/x~1y~0[0]/~2", "[4294967295]", inputs::DEEP_PATH].map(Into::into).to_vec()
}

pub(crate) fn headers() -> Vec<Vec<u8>> {
    blocks().into_iter().map(|block| block[..112].to_vec()).collect()
}

pub(crate) fn zones() -> Vec<Vec<u8>> {
    let mut zone = Zone::default();
    let mut noted = |name, confidence| {
        let named = Structure {
            agent: name,
            action: name,
            intent: name,
            confidence,
            ..structure(Kind::Action, subject(0), 1)
        };
        zone.note(&named);
        zone.to_bytes()
    };
    vec![noted(None, None), noted(Some("support-bot"), Some(0.5)), noted(Some("⟦name⟧"), Some(0.75))]
}

pub(crate) fn checkpoints() -> Vec<Vec<u8>> {
    let tree = Ring::new().tree;
    let note = Checkpoint { log: tree.log_id(), size: 3, root: [5; 32] }.sign(tree.signing());
    vec![note.as_bytes().to_vec(), [note.as_bytes(), "— other AAAA\n".as_bytes()].concat()]
}

pub(crate) fn seals() -> Vec<Vec<u8>> {
    let ring = Ring::new();
    let key = activemirror_core::vault::Key::new([1; 32]);
    let sealed = |length: usize| {
        let mut sealed = Vec::new();
        assert!(seal::seal(&key, &[4; 24], &[b"context"], &vec![1; length], &mut sealed).is_ok());
        sealed
    };
    let wrapped = ring.tree.wrap(subject(0), &SubjectKey::new([2; 32]), &[3; 24]);
    vec![sealed(0), sealed(100), sealed(16_384), wrapped.to_vec()]
}

/// Headers and stored forms without their digests.
pub(crate) fn blocks() -> Vec<Vec<u8>> {
    let ring = Ring::new();
    let position = Position { log: ring.tree.log_id(), block: 0, first: 0 };
    let of = |codec| {
        let (header, stored) = with_records(|records| built(&ring, position, records, codec));
        [&header.to_bytes(), &stored[..stored.len() - 32]].concat()
    };
    let golden = [&[0; 112], PACKED].concat();
    vec![of(Codec::Rows), of(Codec::RowsLz4), of(Codec::Columns), golden]
}

/// What [`crate::blocks::Forgery`] reads, of records of every kind.
pub(crate) fn forgeries() -> Vec<Vec<u8>> {
    with_records(|records| {
        [Codec::Rows, Codec::RowsLz4, Codec::Columns].map(|codec| forgery(records, codec)).to_vec()
    })
}

fn forgery(records: &[Record<'_>], codec: Codec) -> Vec<u8> {
    let mut time = 0;
    let rows: Vec<_> = records
        .iter()
        .map(|record| {
            let structure = &record.structure;
            let since = structure.time.as_millis() - time;
            time = structure.time.as_millis();
            let names = (1u32, 0u32, 2u32, 0u32, 0u32);
            (structure.kind, since, structure.subject.0[0], names, structure.alias, structure.confidence)
        })
        .collect();
    let packed = |plain: Vec<u8>| match codec {
        Codec::Rows => plain,
        Codec::RowsLz4 => lz4_flex::compress_prepend_size(&plain),
        // The plaintext itself, in a frame.
        Codec::Columns => [&[0], &*plain].concat(),
    };
    let times = records.iter().map(|record| record.structure.time.as_millis());
    let mut bytes = vec![codec as u8 | 3 << 5];
    bytes.extend((records.len() as u16).to_le_bytes());
    bytes.extend(times.clone().min().unwrap_or_default().to_le_bytes());
    bytes.extend(times.max().unwrap_or_default().to_le_bytes());
    bytes.extend(piece(&packed(postcard(&(["t", "s"].to_vec(), rows)))));
    for person in 0..3 {
        let of_person = |record: &&Record<'_>| record.structure.subject == subject(person);
        let bodies: Vec<&Body<'_>> = records.iter().filter(of_person).map(|record| &record.body).collect();
        bytes.push(person << 1);
        bytes.extend(piece(&packed(postcard(&bodies))));
    }
    bytes
}

/// Whole streams, with all kinds of frames.
pub(crate) fn streams() -> Vec<Vec<u8>> {
    let ring = Ring::new();
    let wrapped = ring.tree.wrap(subject(0), &SubjectKey::new([11; 32]), &[3; 24]);
    let note = checkpoints().remove(0);
    let position = Position { log: ring.tree.log_id(), block: 0, first: 0 };
    let (header, stored) = with_records(|records| built(&ring, position, records, Codec::Rows));
    let mut bytes = Vec::new();
    for frame in [
        Frame::Hello { version: stream::VERSION, public_key: ring.tree.public_key() },
        Frame::Key { subject: subject(0), wrapped: &wrapped },
        Frame::Block { header: &header.to_bytes(), stored: &stored },
        Frame::Checkpoint { note: core::str::from_utf8(&note).unwrap_or_default() },
    ] {
        assert!(stream::write(&frame, &mut bytes).is_ok());
    }
    vec![bytes]
}

/// A kind, and a body in postcard.
pub(crate) fn contents() -> Vec<Vec<u8>> {
    with_records(|records| {
        records.iter().map(|record| [&[2][..], &postcard(&record.body)].concat()).collect()
    })
}

pub(crate) fn json() -> Vec<Vec<u8>> {
    let small =
        ["{\"a\":[1,-0.5e3,\"\\u00e9\",null,{},[]],\"b~/[\":18446744073709551616}", "[[[]]]", "\"x\""];
    [&small[..], &[SESSION_PYTHON]].concat().into_iter().map(Into::into).collect()
}

pub(crate) fn mirrordna() -> Vec<Vec<u8>> {
    let lines = DOCUMENT_MIRRORDNA.lines().map(Into::into);
    lines.chain([DOCUMENT_MIRRORDNA.into()]).collect()
}

pub(crate) fn tau_bench() -> Vec<Vec<u8>> {
    vec![DOCUMENT_TAU_BENCH.into()]
}

pub(crate) fn session_json() -> Vec<Vec<u8>> {
    vec![SESSION_PYTHON.into(), SESSION_JAVASCRIPT.into()]
}

/// Steps of [`crate::device`]: keys, blocks, an erasure between them, a forgery, a raw stream.
pub(crate) fn device_logs() -> Vec<Vec<u8>> {
    let keys = [1, 0, 1, 1, 1, 2];
    let block = [&[2][..], &piece(b"hello"), &[2]].concat();
    let plain = [&keys[..], &block, &[3, 7], &block, &[3, 7]].concat();
    let erased = [&plain[..], &[5, 0], &block, &[3], &keys, &[3, 6, 3, 7]].concat();
    let forged = [&keys[..], &[4], &forgeries()[0], &[0; 32], &[5, 1]].concat();
    let raw = [&keys[..], &[8], &piece(&streams()[0])].concat();
    vec![plain, erased, forged, raw]
}

fn postcard(value: &impl serde::Serialize) -> Vec<u8> {
    postcard::to_allocvec(value).expect("a Vec takes it")
}

/// A record of every kind.
fn with_records<R>(then: impl FnOnce(&[Record<'_>]) -> R) -> R {
    let leaves = [
        Leaf { path: "/data/who/mail", value: Value::Text("ann@example.org") },
        Leaf { path: "/message/session_id", value: Value::Text("s") },
        Leaf { path: "/n", value: Value::Decimal("1e400") },
    ];
    let mark = |place, end| Mark { place, start: 1, end, category: "email", dropped: false, plugin: 1 };
    let marks = [mark(Place::Text, 4), mark(Place::LeafPath(0), 5), mark(Place::LeafValue(2), 1)];
    let content = Content { text: Some("grüße 🦀"), leaves: leaves[..].into(), marks: marks[..].into() };
    let session = [
        Leaf { path: "/title", value: Value::Text("Garden") },
        Leaf { path: "/created_at", value: Value::Text("2025-03-02T09:15:07") },
        Leaf { path: "/updated_at", value: Value::Text("2025-03-02T09:15:07") },
        Leaf { path: "/status", value: Value::Text("active") },
    ];
    let evidence = [40];
    let finding = Finding {
        plugin: 4,
        control: "GDPR-5.1.c",
        state: ControlState::Satisfied,
        severity: Severity::Low,
        message: "m",
        evidence: Many::Borrowed(&evidence),
    };
    let verdict = Verdict { back: 1, plugin: 2, outcome: Outcome::Deny, fuel: 9, reason: Some("no") };
    let bodies = [
        (Kind::TraceStart, Body::TraceStart(content.clone())),
        (Kind::System, Body::System(Content { text: Some("be kind"), ..Content::default() })),
        (Kind::Observation, Body::Event(content.clone())),
        (Kind::Verdict, Body::Verdict(verdict)),
        (Kind::Action, Body::Event(content)),
        (Kind::Finding, Body::Finding(finding)),
        (Kind::Session, Body::Session(Content::of(&session[..]))),
        (Kind::Notice, Body::Notice(Notice::Erased { subject: subject(1) })),
    ];
    let mut records = Vec::new();
    for (number, (kind, body)) in (0..).zip(bodies) {
        let mut structure = structure(kind, subject(number % 3), i64::from(number) - 2);
        structure.session = Some("s");
        records.push(Record { structure, body });
    }
    then(&records)
}

#[cfg(test)]
mod tests {
    use activemirror_core::log::reader::StoredBlock;

    use super::*;
    use crate::blocks::Forgery;
    use crate::bytes::Bytes;

    /// A seed that is refused at once leads nowhere.
    #[test]
    fn forgeries_open() {
        let ring = Ring::new();
        let position = Position { log: ring.tree.log_id(), block: 0, first: 0 };
        for seed in forgeries() {
            let (header, stored) = Forgery::read(&mut Bytes(&seed)).at(&ring, position, [0; 32]);
            let open = StoredBlock::read(&header, &stored).and_then(|block| block.open(&header, &ring));
            assert_eq!(open.map(|open| open.entries().map(|entries| entries.len())), Ok(Ok(8)));
        }
    }

    #[test]
    fn sessions_are_read() {
        let session = contents().into_iter().find(|content| content[1] == 5).unwrap();
        let (body, _) = postcard::take_from_bytes::<Body<'_>>(&session[1..]).unwrap();
        let Body::Session(head) = body else { panic!("{body:?}") };
        activemirror_core::session::Session::from_leaves("s", &head.leaves).unwrap();
    }
}
