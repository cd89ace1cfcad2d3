//! The golden inputs: keys, salts and records, chosen for what programs get wrong.
//!
//! Constants only, so that a device carries them in flash. To add one, add it at the end of its
//! list and bless (`BLESS=1`); to change one is to change the format's own test, so never do.

use activemirror_core::log::LogId;
use activemirror_core::many::Many;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{
    Body, Content, ControlState, Finding, Holding, Kind, Mark, Notice, Outcome, Place, Record, Severity,
    Structure, SubjectRef, USER, Verdict,
};
use activemirror_core::value::{Leaf, Value};
use activemirror_core::vault::Salt;

/// The root key of the golden device: the bytes 0 to 31.
pub const ROOT: [u8; 32] = counting(0);

/// A person in the golden records.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// What the source calls them.
    pub name: &'static str,
    /// How the golden blocks call them: fixed, so that a record is a constant.
    pub subject: SubjectRef,
    /// Their key; random, outside of tests.
    pub key: [u8; 32],
}

/// A customer.
pub const ADA: Person =
    Person { name: "Ada Lovelace", subject: SubjectRef(*b"golden: customer"), key: counting(32) };
/// Somebody whose name is not ASCII.
pub const LI: Person =
    Person { name: "李小龙", subject: SubjectRef(*b"golden: operator"), key: counting(64) };
/// What belongs to nobody.
pub const NAMESPACE: Person = Person { name: "namespace", subject: SubjectRef([0; 16]), key: counting(96) };

/// Everybody, in the order of their first record.
pub const PEOPLE: [Person; 3] = [ADA, LI, NAMESPACE];

/// The salt with this number.
#[must_use]
pub const fn salt(number: u8) -> Salt {
    let mut salt = [0xa5; 24];
    salt[23] = number;
    salt
}

/// Lengths around the edges of a sealed message's chunks of 16 KiB.
pub const SEALED_LENGTHS: [usize; 6] = [0, 1, 16_383, 16_384, 16_385, 32_768];

/// A text longer than a chunk.
pub const LONG_TEXT: &str = match core::str::from_utf8(PRINTABLE.split_at(20_000).0) {
    Ok(text) => text,
    Err(_) => panic!("printable ASCII is UTF-8"),
};

/// The name of the record that holds it.
pub const LONG_TEXT_NAME: &str = "text-longer-than-a-chunk";

/// A path of as many steps as there may be.
pub const DEEP_PATH: &str = match core::str::from_utf8(&STEPS) {
    Ok(text) => text,
    Err(_) => panic!("slashes and letters are UTF-8"),
};

/// What the longest sealed message is made of.
pub static PRINTABLE: [u8; 32_768] = {
    let (mut text, mut at) = ([0; 32_768], 0);
    while at < text.len() {
        text[at] = b' ' + ((at * 7 + at / 95) % 95) as u8;
        at += 1;
    }
    text
};

const STEPS: [u8; 256] = {
    let (mut path, mut at) = ([b'/'; 256], 1);
    while at < path.len() {
        path[at] = b'a' + (at / 2 % 26) as u8;
        at += 2;
    }
    path
};

const fn counting(from: u8) -> [u8; 32] {
    let (mut bytes, mut at) = ([0; 32], 0);
    while at < 32 {
        bytes[at] = from + at as u8;
        at += 1;
    }
    bytes
}

/// A record and what is tricky about it.
#[derive(Clone, Debug)]
pub struct Golden {
    /// What is tricky.
    pub name: &'static str,
    /// The record.
    pub record: Record<'static>,
}

const fn golden(name: &'static str, structure: Structure<'static>, body: Body<'static>) -> Golden {
    Golden { name, record: Record { structure, body } }
}

const fn at(kind: Kind, millis: i64, person: Person) -> Structure<'static> {
    let mut structure = Structure::new(kind, Timestamp::from_millis(millis), person.subject);
    structure.trace = Some("trace_001");
    structure.agent = Some("support");
    structure.session = Some("session_001");
    structure
}

const fn text(text: &'static str) -> Body<'static> {
    event(Some(text), &[], &[])
}

const fn event(
    text: Option<&'static str>,
    leaves: &'static [Leaf<'static>],
    marks: &'static [Mark<'static>],
) -> Body<'static> {
    Body::Event(Content { text, leaves: Many::Borrowed(leaves), marks: Many::Borrowed(marks) })
}

const fn content(leaves: &'static [Leaf<'static>]) -> Content<'static> {
    Content { text: None, leaves: Many::Borrowed(leaves), marks: Many::Borrowed(&[]) }
}

const fn leaf(path: &'static str, value: Value<'static>) -> Leaf<'static> {
    Leaf { path, value }
}

const fn verdict(back: u32, outcome: Outcome, fuel: u32, reason: Option<&'static str>) -> Body<'static> {
    Body::Verdict(Verdict { back, plugin: 1, outcome, fuel, reason })
}

/// The golden records, of every kind. They are one block, in this order.
pub static RECORDS: [Golden; 34] = [
    golden(
        "trace-start",
        at(Kind::TraceStart, 1_700_000_000_000, ADA),
        Body::TraceStart(content(&[
            leaf(USER, Value::Text(ADA.name)),
            leaf("/metadata/reward", Value::Float(1.0)),
        ])),
    ),
    golden(
        "trace-start-of-nobody",
        Structure::new(Kind::TraceStart, Timestamp::from_millis(0), NAMESPACE.subject),
        Body::TraceStart(content(&[])),
    ),
    golden(
        "system-text",
        at(Kind::System, 1_700_000_000_000, NAMESPACE),
        Body::System(Content {
            text: Some("Be kind.\r\n\tAlways."),
            leaves: Many::Borrowed(&[]),
            marks: Many::Borrowed(&[]),
        }),
    ),
    golden("thought-of-ascii", at(Kind::Thought, 1_700_000_000_001, ADA), text("look up the order")),
    golden("text-that-is-empty", at(Kind::Thought, 1_700_000_000_001, ADA), text("")),
    golden("text-that-is-absent", at(Kind::Thought, 1_700_000_000_001, ADA), event(None, &[], &[])),
    golden(
        "text-of-unicode",
        // Composed and decomposed é stay different; a joined emoji; right to left; the last
        // scalar value; a NUL; a byte-order mark.
        at(Kind::Output, 1_700_000_000_002, LI),
        text("é e\u{301} 👩🏽\u{200d}🚀 שלום \u{10ffff} \0 \u{feff}"),
    ),
    golden(
        "text-that-imitates-a-token",
        at(Kind::Output, 1_700_000_000_002, LI),
        text("[email·a1b2c3] «pii»"),
    ),
    golden(LONG_TEXT_NAME, at(Kind::Output, 1_700_000_000_003, ADA), text(LONG_TEXT)),
    golden(
        "numbers-at-their-edges",
        Structure { action: Some("refund"), ..at(Kind::Action, 1_700_000_000_004, ADA) },
        event(
            None,
            &[
                leaf("/parameters/zero", Value::Signed(0)),
                leaf("/parameters/minus_one", Value::Signed(-1)),
                leaf("/parameters/i64_min", Value::Signed(i64::MIN)),
                leaf("/parameters/i64_max", Value::Signed(i64::MAX)),
                leaf("/parameters/u64_above_i64", Value::Unsigned(1 << 63)),
                leaf("/parameters/u64_max", Value::Unsigned(u64::MAX)),
                leaf("/parameters/negative_zero", Value::Float(-0.0)),
                leaf("/parameters/tenth", Value::Float(0.1)),
                leaf("/parameters/smallest", Value::Float(5e-324)),
                leaf("/parameters/largest", Value::Float(f64::MAX)),
            ],
            &[],
        ),
    ),
    golden(
        "numbers-only-text-can-hold",
        Structure { action: Some("refund"), ..at(Kind::Action, 1_700_000_000_004, ADA) },
        event(
            None,
            &[
                leaf("/parameters/trailing_zero", Value::Decimal("10.50")),
                leaf("/parameters/exponent", Value::Decimal("1E400")),
                leaf("/parameters/beyond_u64", Value::Decimal("18446744073709551616")),
                leaf("/parameters/minus_zero", Value::Decimal("-0")),
            ],
            &[],
        ),
    ),
    golden(
        "leaves-that-would-vanish",
        at(Kind::Observation, 1_700_000_000_005, NAMESPACE),
        event(
            None,
            &[
                leaf("/data/null", Value::Null),
                leaf("/data/no", Value::Bool(false)),
                leaf("/data/yes", Value::Bool(true)),
                leaf("/data/empty_text", Value::Text("")),
                leaf("/data/empty_object", Value::EmptyObject),
                leaf("/data/empty_list", Value::EmptyList),
                leaf("/data", Value::EmptyObject),
            ],
            &[],
        ),
    ),
    golden(
        "paths-that-need-escapes",
        at(Kind::Observation, 1_700_000_000_005, NAMESPACE),
        event(
            None,
            &[
                leaf("/data/", Value::Text("the empty key")),
                leaf("/data/a~1b~0c~2d", Value::Text("a/b~c[d")),
                leaf("/data/list[0]", Value::Signed(1)),
                leaf("/data/list[4294967295]", Value::Signed(2)),
                leaf("/data/0", Value::Text("a key that looks like a position")),
                leaf("/data/ключ", Value::Text("значение")),
            ],
            &[],
        ),
    ),
    golden(
        "path-as-deep-as-may-be",
        at(Kind::Observation, 1_700_000_000_006, LI),
        event(Some("deep"), &[leaf(DEEP_PATH, Value::Bool(true))], &[]),
    ),
    golden(
        "marks-at-every-place",
        at(Kind::Observation, 1_700_000_000_007, ADA),
        event(
            Some("write to ada@example.org"),
            &[leaf("/data/card", Value::Text("")), leaf("/data/dob", Value::Signed(18_151_210))],
            &[
                Mark { place: Place::Text, start: 9, end: 24, category: "email", dropped: false, plugin: 1 },
                Mark {
                    place: Place::LeafValue(0),
                    start: 0,
                    end: 0,
                    category: "card",
                    dropped: true,
                    plugin: 1,
                },
                Mark {
                    place: Place::LeafPath(1),
                    start: 6,
                    end: 9,
                    category: "date-of-birth",
                    dropped: false,
                    plugin: u16::MAX,
                },
            ],
        ),
    ),
    golden(
        "decision-with-confidence",
        Structure {
            alias: Some("evt_016"),
            intent: Some("ask_consent"),
            confidence: Some(0.1 + 0.2),
            ..at(Kind::Decision, 1_700_000_000_008, ADA)
        },
        text("ask first"),
    ),
    golden(
        "clock-that-jumped-back",
        Structure { confidence: Some(0.0), ..at(Kind::Error, -1, ADA) },
        text("the clock jumped"),
    ),
    golden("time-at-its-minimum", at(Kind::Error, i64::MIN, ADA), text("min")),
    golden("time-at-its-maximum", at(Kind::Error, i64::MAX, ADA), text("max")),
    golden("verdict-allow", at(Kind::Verdict, 1_700_000_000_009, ADA), verdict(1, Outcome::Allow, 0, None)),
    golden("verdict-mask", at(Kind::Verdict, 1_700_000_000_009, ADA), verdict(127, Outcome::Mask, 127, None)),
    golden("verdict-drop", at(Kind::Verdict, 1_700_000_000_009, ADA), verdict(128, Outcome::Drop, 128, None)),
    golden(
        "verdict-require-approval",
        at(Kind::Verdict, 1_700_000_000_009, ADA),
        verdict(16_384, Outcome::RequireApproval, 16_383, Some("no consent to this refund yet")),
    ),
    golden(
        "verdict-deny",
        at(Kind::Verdict, 1_700_000_000_009, ADA),
        verdict(u32::MAX, Outcome::Deny, u32::MAX, Some("")),
    ),
    golden(
        "finding-with-evidence",
        at(Kind::Finding, 1_700_000_000_010, NAMESPACE),
        Body::Finding(Finding {
            plugin: 2,
            control: "GDPR-5.1.c",
            state: ControlState::NotAssessable,
            severity: Severity::High,
            message: "asked for more than the purpose needs",
            evidence: Many::Borrowed(&[0, 127, 128, u64::MAX]),
        }),
    ),
    golden(
        "session-head",
        at(Kind::Session, 1_700_000_000_011, ADA),
        Body::Session(content(&[leaf("/messages[0]/content", Value::Text("hello"))])),
    ),
    golden(
        "notice-of-a-plugin",
        Structure::new(Kind::Notice, Timestamp::from_millis(1_700_000_000_012), NAMESPACE.subject),
        Body::Notice(Notice::Plugin {
            number: u16::MAX,
            world: "policy",
            name: "pii",
            version: "0.1.0",
            sha256: [0x00; 32],
            config: [0xff; 32],
        }),
    ),
    golden(
        "notice-of-an-erasure",
        Structure::new(Kind::Notice, Timestamp::from_millis(1_700_000_000_012), NAMESPACE.subject),
        Body::Notice(Notice::Erased { subject: LI.subject }),
    ),
    golden(
        "notice-of-a-reveal",
        Structure::new(Kind::Notice, Timestamp::from_millis(1_700_000_000_012), NAMESPACE.subject),
        Body::Notice(Notice::Revealed { request: "show trace_001 --reveal" }),
    ),
    golden(
        "notice-of-no-governance",
        Structure::new(Kind::Notice, Timestamp::from_millis(1_700_000_000_012), NAMESPACE.subject),
        Body::Notice(Notice::Ungoverned),
    ),
    golden(
        "finding-without-evidence",
        at(Kind::Finding, 1_700_000_000_013, NAMESPACE),
        Body::Finding(Finding {
            plugin: 2,
            control: "GDPR-7.1",
            state: ControlState::Satisfied,
            severity: Severity::Info,
            message: "",
            evidence: Many::Borrowed(&[]),
        }),
    ),
    golden(
        "notice-of-what-went",
        Structure::new(Kind::Notice, Timestamp::from_millis(1_700_000_000_012), NAMESPACE.subject),
        Body::Notice(Notice::Gone { log: LogId([0x11; 32]), first: 0, end: 130, rule: "after 365d" }),
    ),
    golden(
        "notice-of-a-hold",
        Structure::new(Kind::Notice, Timestamp::from_millis(1_700_000_000_012), NAMESPACE.subject),
        Body::Notice(Notice::Held { hold: "case 7", on: Holding::Session("s-1"), reason: "a letter" }),
    ),
    golden(
        "notice-of-a-release",
        Structure::new(Kind::Notice, Timestamp::from_millis(1_700_000_000_012), NAMESPACE.subject),
        Body::Notice(Notice::Released { hold: "case 7", reason: "settled" }),
    ),
];
