//! Events from a seed: the same ones for every system that is measured.
//!
//! **S** are structured events of 32 interleaved sessions; **T** are the same with a text of about
//! the length of a real user's turn.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// Sessions that are recorded at the same time; each has a trace and a person of its own.
pub(crate) const SESSIONS: usize = 32;

const AGENTS: usize = 8;
const ACTIONS: usize = 20;
const INTENTS: usize = 50;

/// Milliseconds at which the first event happens.
const BEGIN: i64 = 1_767_225_600_000;

/// Which workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    /// Structured events.
    Structured,
    /// The same, with texts.
    Texts,
}

impl Workload {
    /// Its letter.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Structured => "S",
            Self::Texts => "T",
        }
    }
}

/// One event. Names are numbers here; [`Names`] spells them.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Which session it is of, below [`SESSIONS`].
    pub(crate) session: usize,
    /// Which of the six kinds.
    pub(crate) kind: usize,
    /// Milliseconds since the epoch.
    pub(crate) time: i64,
    /// Which action.
    pub(crate) action: usize,
    /// Which intent.
    pub(crate) intent: usize,
    /// How sure the agent is, in hundredths.
    pub(crate) confidence: f64,
    /// A whole parameter.
    pub(crate) count: i64,
    /// A parameter in hundredths.
    pub(crate) amount: f64,
    /// What was said.
    pub(crate) text: Option<String>,
}

/// `count` events of a workload.
pub(crate) fn events(workload: Workload, count: usize, seed: u64) -> Vec<Event> {
    stream(workload, count, seed).collect()
}

/// The same, one by one.
pub(crate) fn stream(workload: Workload, count: usize, seed: u64) -> impl Iterator<Item = Event> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut time = BEGIN;
    let event = move |_| {
        time += random.random_range(0..40_i64);
        Event {
            session: random.random_range(0..SESSIONS),
            kind: [1, 1, 1, 2, 2, 2, 0, 0, 3, 4][random.random_range(0..10_usize)],
            time,
            action: random.random_range(0..ACTIONS),
            intent: random.random_range(0..INTENTS),
            confidence: f64::from(random.random_range(0..=100_u32)) / 100.0,
            count: random.random_range(1..=1_000_i64),
            amount: f64::from(random.random_range(0..50_000_u32)) / 100.0,
            text: (workload == Workload::Texts).then(|| text(&mut random)),
        }
    };
    (0..count).map(event)
}

/// Words of an invented conversation: as many as make 101 characters on average, which is the mean
/// of the user turns in `tau-airline`.
fn text(random: &mut Xoshiro256PlusPlus) -> String {
    let words = random.random_range(4..=32_usize);
    let mut text = String::new();
    for _ in 0..words {
        if !text.is_empty() {
            text.push(' ');
        }
        // Words are used as in language: few of them often, most of them seldom.
        let rank: f64 = random.random();
        text.push_str(WORDS[((rank * rank * WORDS.len() as f64) as usize).min(WORDS.len() - 1)]);
    }
    text
}

/// How the numbers of events are spelled.
#[derive(Debug)]
pub(crate) struct Names {
    /// Agents, by session.
    pub(crate) agents: Vec<String>,
    /// Sessions.
    pub(crate) sessions: Vec<String>,
    /// Traces, by session.
    pub(crate) traces: Vec<String>,
    /// Actions.
    pub(crate) actions: Vec<String>,
    /// Intents.
    pub(crate) intents: Vec<String>,
}

/// The names of all kinds of events.
pub(crate) const KINDS: [&str; 6] = ["thought", "action", "observation", "decision", "output", "error"];

impl Names {
    /// The names that every system stores.
    pub(crate) fn new() -> Self {
        let named = |prefix: &str, count: usize| (0..count).map(|n| format!("{prefix}_{n:03}")).collect();
        Self {
            agents: (0..SESSIONS).map(|session| format!("support-agent-{}", session % AGENTS)).collect(),
            sessions: named("sess", SESSIONS),
            traces: (0..SESSIONS).map(|n| format!("7d3c1f60-0000-4000-8000-{n:012}")).collect(),
            actions: named("tool", ACTIONS),
            intents: named("intent", INTENTS),
        }
    }
}

const WORDS: &[&str] = &[
    "I",
    "to",
    "the",
    "my",
    "you",
    "a",
    "and",
    "for",
    "is",
    "it",
    "can",
    "please",
    "would",
    "like",
    "yes",
    "that",
    "on",
    "flight",
    "have",
    "with",
    "this",
    "of",
    "in",
    "order",
    "me",
    "need",
    "do",
    "be",
    "are",
    "change",
    "number",
    "thank",
    "want",
    "not",
    "if",
    "account",
    "one",
    "also",
    "from",
    "your",
    "will",
    "cancel",
    "refund",
    "there",
    "help",
    "date",
    "any",
    "what",
    "just",
    "or",
    "but",
    "so",
    "could",
    "how",
    "address",
    "time",
    "card",
    "make",
    "sure",
    "at",
    "get",
    "know",
    "because",
    "payment",
    "class",
    "return",
    "hello",
    "before",
    "ticket",
    "all",
    "more",
    "today",
    "instead",
    "was",
    "seat",
    "booking",
    "two",
    "gift",
    "name",
    "available",
    "economy",
    "business",
    "insurance",
    "morning",
    "cheaper",
    "delivery",
    "size",
    "colour",
    "different",
    "actually",
    "friend",
    "airport",
    "luggage",
    "confirm",
    "details",
    "earliest",
    "purchase",
    "wondering",
    "exchange",
    "possible",
    "lamp",
    "keyboard",
    "Thursday",
    "certificate",
    "membership",
    "reservation",
    "passenger",
    "upgrade",
    "connection",
    "compensation",
    "backpack",
];
