//! GDPR-12.3 with GDPR-15, GDPR-17 and GDPR-20: what people ask about their own data, and whether
//! they get an answer.
//!
//! A request is a finding of its article at once, not assessable, since the month that Art. 12(3)
//! gives has only begun. The end of the trace says what became of it, as GDPR-12.3: satisfied
//! where an action did it and a tool answered, not satisfied where the agent refused, else not
//! assessable.
//!
//! Overlooked: questions about an order or a booking, which are no request under Art. 15.

use activemirror_guest::compliance::Severity;
use serde::{Deserialize, Serialize};

use crate::control::{Control, Report};
use crate::rule::Rule;
use crate::seen::{Seen, Voice};
use crate::settings::Settings;
use crate::words::{List, Phrases, phrases, words};

/// The requests of a trace, one of each kind.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Requests([Option<Request>; 3]);

/// A request, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Request {
    at: u64,
    tried: Option<u64>,
    handled: Option<u64>,
    passed_on: Option<u64>,
    refused: Option<u64>,
}

impl Request {
    const fn new(at: u64) -> Self {
        Self { at, tried: None, handled: None, passed_on: None, refused: None }
    }

    fn follow(&mut self, right: &Right, seen: &Seen<'_>) {
        let at = Some(seen.sequence());
        match seen.voice {
            Voice::Action if seen.name_has(right.actions) && seen.name_has(OBJECTS) => self.tried = at,
            Voice::Action if seen.name_has(PASSING_ON) => self.passed_on = at,
            Voice::Action | Voice::Error => self.tried = None,
            Voice::Tool if self.tried.is_some() => self.answer(seen),
            Voice::Answer if seen.words.say_literally(&right.refusals) => self.refused = at,
            _ => {}
        }
    }

    /// The tool that was asked to do it has answered.
    fn answer(&mut self, seen: &Seen<'_>) {
        let failed = seen.event.content.as_deref().is_some_and(starts_with_error)
            || seen.leaves_named(words![error errors]).next().is_some();
        self.handled = self.tried.take().filter(|_| !failed).map(|_| seen.sequence()).or(self.handled);
    }

    fn report(&self, right: &Right, report: &mut Report) {
        let (control, wish) = (Control::OneMonth, right.wish);
        match *self {
            Self { at, handled: Some(handled), .. } => {
                report.satisfied(control, format!("The request for {wish} was carried out."), &[at, handled]);
            }
            Self { at, passed_on: Some(passed_on), .. } => {
                let message =
                    format!("The request for {wish} was passed on; the answer is not in the trace.");
                report.not_assessable(control, Severity::Low, message, &[at, passed_on]);
            }
            Self { at, refused: Some(refused), .. } => {
                let message = format!("The request for {wish} was turned down and not passed on.");
                report.not_satisfied(control, Severity::High, message, &[at, refused]);
            }
            Self { at, .. } => {
                let message = format!("The request for {wish} is open at the end of the trace.");
                report.not_assessable(control, Severity::Medium, message, &[at]);
            }
        }
    }
}

impl Rule for Requests {
    fn observe(&mut self, seen: &Seen<'_>, _: &Settings, report: &mut Report) {
        for (right, request) in RIGHTS.iter().zip(&mut self.0) {
            match request {
                Some(request) => request.follow(right, seen),
                None if seen.voice == Voice::User && seen.words.say(&right.phrases) => {
                    *request = Some(Request::new(seen.sequence()));
                    let message =
                        format!("The user asks for {}; an answer is due within one month.", right.wish);
                    report.not_assessable(right.control, Severity::Medium, message, &[seen.sequence()]);
                }
                None => {}
            }
        }
    }

    fn finish(&self, report: &mut Report) {
        for (right, request) in RIGHTS.iter().zip(&self.0) {
            if let Some(request) = request {
                request.report(right, report);
            }
        }
    }
}

/// How agents say that one of these cannot be done.
macro_rules! refusals {
    ($verbs:expr) => {
        phrases![
            [cannot | unable, 3, ($verbs), 4, (REFUSED)],
            [can, not | t, 2, ($verbs), 4, (REFUSED)],
            [not, able | possible | allowed, 3, ($verbs), 4, (REFUSED)],
        ]
    };
}

/// A right of the person, and how it shows.
struct Right {
    control: Control,
    wish: &'static str,
    /// How people ask for it.
    phrases: Phrases,
    /// Words of the actions that do it.
    actions: &'static List,
    /// How agents turn it down.
    refusals: Phrases,
}

const RIGHTS: &[Right; 3] = &[
    Right {
        control: Control::Access,
        wish: "access to their data",
        phrases: phrases![
            [copy, of, 2, (MY), 1, data],
            [copy, of, 2, (MY), (PERSONAL), (DATA)],
            [(WHAT), 2, (DATA), 3, (YOU), 1, (HOLD), 1, about | on, (ME)],
            [access, to, 1, (MY), 1, (PERSONAL), (DATA)],
            [data, subject, access, request],
            [dsar],
            [all | everything, 3, (YOU), (HOLD), 1, about | on, (ME)],
        ],
        actions: words![export download copy report dsar disclose access],
        refusals: refusals!(words![access provide share give send show disclose]),
    },
    Right {
        control: Control::Erasure,
        wish: "erasure of their data",
        phrases: phrases![
            [(ERASE), 2, (MY), 1, account | profile | data],
            [(ERASE), 2, (MY), (PERSONAL), (DATA)],
            [(ERASE), 3, (DATA), 3, about | on | of, (ME)],
            [right, to, be, forgotten],
            [right, to, erasure],
        ],
        actions: ERASE,
        refusals: refusals!(ERASE),
    },
    Right {
        control: Control::Portability,
        wish: "a portable copy of their data",
        phrases: phrases![
            [(CARRY), 2, (MY), 1, data],
            [(CARRY), 2, (MY), (PERSONAL), (DATA)],
            [(MY), 1, data, 3, machine | portable],
            [data, portability],
        ],
        actions: words![export download transfer port portability],
        refusals: refusals!(words![export download transfer provide send]),
    },
];

const MY: &List = words![my our];
const WHAT: &List = words![what which];
const YOU: &List = words![you company];
const HOLD: &List = words![hold have store stored keep collect collected saved know];
const ME: &List = words![me us myself];
const PERSONAL: &List = words![personal private];
const CARRY: &List = words![export download transfer port];
const DATA: &List = words![data information details records];
const ERASE: &List = words![delete erase forget wipe remove anonymize anonymise];

/// What an action has to be about, to be about somebody's data.
const OBJECTS: &List = words![
    user account data profile customer personal record records subject gdpr privacy dsar history
    memory information
];
const REFUSED: &List = words![data information details records account profile it them that this];
const PASSING_ON: &List = words![human humans escalate ticket dpo privacy dsar handover];

fn starts_with_error(text: &str) -> bool {
    text.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("error"))
}
