//! A mission, told as it happens: what the robot was asked, sensed, decided, did and said.
//!
//! | record | subject | content |
//! |---|---|---|
//! | trace start | operator | who asked, which robot, which boot |
//! | observation, `/metadata/source` = `user` | operator | what the operator said |
//! | observation | robot | `/data/distance_mm`, `/data/left_mm`, at times `/data/battery_mv` |
//! | decision | robot | intent and confidence |
//! | thought | robot | why, where the robot was unsure |
//! | action `drive` | robot | `/parameters/left_mm_s`, `/parameters/right_mm_s` |
//! | error | robot | the wheels slipped |
//! | output | operator | what the robot said |

use activemirror_core::log::block::PushError;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Record, Structure, USER};
use activemirror_core::value::{Leaf, Value};

use crate::enrolment::{DEVICE, EPOCH_SECONDS, OPERATOR, Person};
use crate::pilot::{Intent, Pilot, TICK_MS};
use crate::recorder::Log;
use crate::world::{STEP_MS, Senses, Wheels, World};

/// The agent's name.
pub const AGENT: &str = "corridor-robot";

/// Ticks between two readings of the battery.
const BATTERY_TICKS: u32 = 8;
/// A robot that drives straight does not get this much nearer to the wall in one tick.
const SLIP_MM: i32 = 18;
/// No mission takes longer.
const TICKS_MAX: u32 = 1000;

/// What the operator asks of the robot.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// In their words.
    pub words: &'static str,
    /// Seed of the world that it is carried out in.
    pub seed: u32,
    /// Voltage at the start.
    pub battery_mv: i32,
}

/// When and as what a mission runs.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The number of this boot.
    pub boot: u32,
    /// The session: one a boot.
    pub session: &'a str,
    /// The trace: one a mission.
    pub trace: &'a str,
    /// Milliseconds since enrolment at which it starts.
    pub start_ms: u32,
}

impl Scene<'_> {
    /// The time so many milliseconds into it.
    #[must_use]
    pub const fn time(&self, millis: u32) -> Timestamp {
        Timestamp::from_millis(EPOCH_SECONDS as i64 * 1000 + self.start_ms as i64 + millis as i64)
    }

    /// The second it is in, since the Unix epoch.
    #[must_use]
    pub const fn unix_seconds(&self, millis: u32) -> u32 {
        EPOCH_SECONDS + (self.start_ms + millis) / 1000
    }
}

/// Carries an order out and says how many milliseconds it took.
pub fn run(order: &Order, scene: &Scene<'_>, log: &mut dyn Log) -> Result<u32, PushError> {
    let mut world = World::new(order.seed, order.battery_mv);
    let mut telling = Telling { scene, log, now_ms: 0 };
    telling.begin(order)?;
    let (mut pilot, mut last) = (Pilot::new(), Last::default());
    for tick in 0..TICKS_MAX {
        telling.now_ms = world.time_ms();
        let senses = world.sense();
        telling.sensed(&senses, tick.is_multiple_of(BATTERY_TICKS))?;
        let intent = pilot.decide(&senses);
        let wheels = pilot.drive(&senses);
        telling.did(intent, wheels, &senses, &mut last)?;
        if intent == Intent::Dock {
            break;
        }
        (0..TICK_MS / STEP_MS).for_each(|_| world.step(wheels));
    }
    Ok(world.time_ms())
}

/// What was told last: only changes are told.
#[derive(Debug, Default)]
struct Last {
    intent: Option<Intent>,
    wheels: Wheels,
    left_mm: Option<i32>,
}

/// Tells a mission to a log.
struct Telling<'t> {
    scene: &'t Scene<'t>,
    log: &'t mut dyn Log,
    now_ms: u32,
}

impl Telling<'_> {
    fn begin(&mut self, order: &Order) -> Result<(), PushError> {
        let leaves = [
            leaf(USER, Value::Text(OPERATOR.name)),
            leaf("/metadata/robot", Value::Text(DEVICE.name)),
            leaf("/metadata/boot", Value::Signed(i64::from(self.scene.boot))),
        ];
        let body = Body::TraceStart(Content::of(&leaves[..]));
        self.tell(self.structure(Kind::TraceStart, &OPERATOR), body)?;
        let source = [leaf("/metadata/source", Value::Text("user"))];
        self.event(Kind::Observation, &OPERATOR, Some(order.words), &source)
    }

    fn sensed(&mut self, senses: &Senses, with_battery: bool) -> Result<(), PushError> {
        let leaves = [
            leaf("/data/distance_mm", number(senses.distance_mm)),
            leaf("/data/left_mm", number(senses.left_mm)),
            leaf("/data/battery_mv", number(senses.battery_mv)),
        ];
        let shown = if with_battery { &leaves[..] } else { &leaves[..2] };
        self.event(Kind::Observation, &DEVICE, None, shown)
    }

    fn did(
        &mut self,
        intent: Intent,
        wheels: Wheels,
        senses: &Senses,
        last: &mut Last,
    ) -> Result<(), PushError> {
        let straight =
            last.intent == Some(intent) && intent != Intent::TurnBack && intent != Intent::SavePower;
        let moved = last.left_mm.replace(senses.left_mm).unwrap_or(senses.left_mm) - senses.left_mm;
        if straight && moved > SLIP_MM {
            self.event(Kind::Error, &DEVICE, Some("the left wheel slipped"), &[])?;
        }
        if last.intent.replace(intent) != Some(intent) {
            self.decided(intent)?;
        }
        if last.wheels != wheels {
            last.wheels = wheels;
            self.drove(wheels)?;
        }
        Ok(())
    }

    fn decided(&mut self, intent: Intent) -> Result<(), PushError> {
        let (name, confidence) = intent.told();
        let plain = self.structure(Kind::Decision, &DEVICE);
        let structure = Structure { intent: Some(name), confidence: Some(confidence), ..plain };
        self.tell(structure, Body::Event(Content::default()))?;
        match intent {
            Intent::WaitForPerson => {
                self.think("Something is nearer than the door can be. I wait until it is gone.")
            }
            Intent::TurnBack => self.say("The far door is closed. I come back."),
            Intent::SavePower => self.say("My battery is low. I turn back before the door."),
            Intent::Dock => self.say("I am at the dock again."),
            Intent::Cruise | Intent::ReturnToDock => Ok(()),
        }
    }

    fn drove(&mut self, wheels: Wheels) -> Result<(), PushError> {
        let leaves = [
            leaf("/parameters/left_mm_s", number(wheels.left_mm_s)),
            leaf("/parameters/right_mm_s", number(wheels.right_mm_s)),
        ];
        let structure = Structure { action: Some("drive"), ..self.structure(Kind::Action, &DEVICE) };
        self.tell(structure, content(None, &leaves))
    }

    fn think(&mut self, text: &str) -> Result<(), PushError> {
        self.event(Kind::Thought, &DEVICE, Some(text), &[])
    }

    fn say(&mut self, text: &str) -> Result<(), PushError> {
        self.event(Kind::Output, &OPERATOR, Some(text), &[])
    }

    fn event(
        &mut self,
        kind: Kind,
        person: &Person,
        text: Option<&str>,
        leaves: &[Leaf<'_>],
    ) -> Result<(), PushError> {
        self.tell(self.structure(kind, person), content(text, leaves))
    }

    fn tell(&mut self, structure: Structure<'_>, body: Body<'_>) -> Result<(), PushError> {
        self.log.record(&Record { structure, body })
    }
}

impl<'t> Telling<'t> {
    const fn structure(&self, kind: Kind, person: &Person) -> Structure<'t> {
        let plain = Structure::new(kind, self.scene.time(self.now_ms), person.subject());
        Structure {
            trace: Some(self.scene.trace),
            agent: Some(AGENT),
            session: Some(self.scene.session),
            ..plain
        }
    }
}

fn content<'a>(text: Option<&'a str>, leaves: &'a [Leaf<'a>]) -> Body<'a> {
    Body::Event(Content { text, leaves: leaves.into(), ..Content::default() })
}

const fn leaf<'a>(path: &'a str, value: Value<'a>) -> Leaf<'a> {
    Leaf { path, value }
}

const fn number(number: i32) -> Value<'static> {
    Value::Signed(number as i64)
}
