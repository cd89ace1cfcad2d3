//! One boot of the device, from its greeting to the journal it leaves: one session, one mission.

use core::convert::Infallible;

use activemirror_core::log::block::PushError;
use activemirror_core::trace::{Body, Content, Kind, Record, Structure};
use activemirror_core::value::{Leaf, Value};
use embedded_io::Write;

use crate::enrolment::OPERATOR;
use crate::journal::Journal;
use crate::mission::{self, AGENT, Order, Scene};
use crate::notary::Notary;
use crate::recorder::{Log, Recorder};

/// What the operator asks for, one order a boot.
pub const ORDERS: [Order; 2] = [
    Order {
        words: "Please see whether the far door is closed, then come back to the dock.",
        seed: 0x5eed_0001,
        battery_mv: 12_600,
    },
    Order { words: "Have another look at the far door.", seed: 0x5eed_0002, battery_mv: 11_380 },
];

/// A name that ends in a number.
type Name = heapless::String<22>;

/// What follows a boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The journal is written; restart.
    Restart,
    /// There are no more orders.
    Rest,
    /// The journal could not be written: a restart would repeat this boot.
    Halt,
}

/// Lives one boot.
pub fn live<L, N>(recorder: &mut Recorder<'_, L, N>, journal: &Journal) -> Result<Then, PushError>
where
    L: Write<Error = Infallible>,
    N: Notary,
{
    let boot = journal.boot;
    let Some(order) = ORDERS.get(boot as usize) else { return Ok(Then::Rest) };
    let (session, trace) = (numbered("boot-", boot), numbered("mission-", boot));
    let scene = Scene { boot, session: &session, trace: &trace, start_ms: journal.elapsed_ms };
    recorder.greet();
    tell_session(recorder, &scene, "active", 0)?;
    let took_ms = mission::run(order, &scene, recorder)?;
    tell_session(recorder, &scene, "completed", took_ms)?;
    recorder.write_block()?;
    recorder.write_checkpoint();
    if boot as usize + 1 == ORDERS.len() {
        return Ok(Then::Rest);
    }
    let elapsed_ms = journal.elapsed_ms.saturating_add(took_ms);
    let written = Journal::write(boot + 1, recorder.next(), elapsed_ms, recorder.notary().subtrees());
    Ok(if written { Then::Restart } else { Then::Halt })
}

/// The session's head, as core's `session` reads it.
fn tell_session(log: &mut dyn Log, scene: &Scene<'_>, status: &str, now_ms: u32) -> Result<(), PushError> {
    let seconds = |at: u32| numbered("unix:", scene.unix_seconds(at));
    let (created, updated) = (seconds(0), seconds(now_ms));
    let leaves = [
        leaf("/title", "Corridor patrol"),
        leaf("/user_id", OPERATOR.name),
        leaf("/status", status),
        leaf("/created_at", &created),
        leaf("/updated_at", &updated),
    ];
    let plain = Structure::new(Kind::Session, scene.time(now_ms), OPERATOR.subject());
    let structure = Structure { agent: Some(AGENT), session: Some(scene.session), ..plain };
    log.record(&Record { structure, body: Body::Session(Content::of(&leaves[..])) })
}

const fn leaf<'a>(path: &'a str, text: &'a str) -> Leaf<'a> {
    Leaf { path, value: Value::Text(text) }
}

/// `prefix` and a decimal number. `core::fmt` would do it too, in two kilobytes of flash.
fn numbered(prefix: &str, number: u32) -> Name {
    let mut name = Name::new();
    let mut divisor = 10_u32.pow(number.checked_ilog10().unwrap_or(0));
    let mut fits = name.push_str(prefix).is_ok();
    while divisor > 0 {
        fits &= name.push(char::from(b'0' + (number / divisor % 10) as u8)).is_ok();
        divisor /= 10;
    }
    debug_assert!(fits, "a prefix has at most twelve letters");
    name
}
