//! Something on its way into the log: what it is, and what the policy made of it.

use activemirror_core::draft::Draft;
use activemirror_core::session::Session;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{
    Body, Content, Kind, Mark, Notice, Outcome, Place, Record, Structure, SubjectRef, USER,
    Verdict as LogVerdict,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::failure::Failure;
use crate::sight::{self, Found, Verdict, outcome_name, sentence};

/// What marks carry until the log has a number for the policy.
const UNNUMBERED: u16 = 0;

/// Where records belong, and whose they are.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) trace: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) session: Option<String>,
    /// The subject's name.
    pub(crate) subject: String,
}

#[derive(Debug)]
pub(crate) enum Item {
    /// An event, or what begins a trace, or a session's head.
    Draft(Box<Draft>, Ruling),
    /// A session's head with which the session's own trace begins.
    First(Box<Draft>, Ruling),
    Revealed {
        request: String,
        alias: String,
        time: Timestamp,
    },
}

/// What the policy said of an event, over all rounds.
#[derive(Debug)]
pub(crate) struct Ruling {
    /// The strongest edit of any round: an edit that was applied is not asked for again.
    edit: Outcome,
    /// What the last round said.
    last: Outcome,
    reason: Option<String>,
}

/// Something on its way into the log.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Entry {
    pub(crate) context: Context,
    pub(crate) item: Item,
}

impl Entry {
    pub(crate) const fn new(context: Context, item: Item) -> Self {
        Self { context, item }
    }

    pub(crate) fn draft(context: Context, draft: Draft) -> Self {
        Self::new(context, Item::Draft(Box::new(draft), Ruling::default()))
    }

    pub(crate) fn first(context: Context, head: Draft) -> Self {
        Self::new(context, Item::First(Box::new(head), Ruling::default()))
    }

    /// What was ruled, where there was something to rule on.
    pub(crate) fn ruled(&self) -> Option<(Outcome, Option<&str>)> {
        match &self.item {
            Item::Draft(_, ruling) | Item::First(_, ruling) => {
                Some((ruling.outcome(), ruling.reason.as_deref()))
            }
            Item::Revealed { .. } => None,
        }
    }

    /// How many of its records stand before the one that its receipt is for.
    pub(crate) fn before(&self) -> u64 {
        u64::from(matches!(self.item, Item::First(..)))
    }

    /// The session of which this is a head, if it is one.
    pub(crate) fn session(&self) -> Option<Session> {
        let (Item::Draft(draft, _) | Item::First(draft, _)) = &self.item else { return None };
        let id = self.context.session.as_deref()?;
        (draft.kind == Kind::Session).then(|| Session::from_leaves(id, &draft.content().leaves).ok())?
    }

    /// Its records, in the form of the log. A verdict follows what it is on.
    pub(crate) fn records(&self, subject: SubjectRef, policy: u16, now: Timestamp) -> Vec<Record<'_>> {
        match &self.item {
            Item::Draft(draft, ruling) => self.decided(draft, ruling, subject, policy, now).into(),
            Item::First(head, ruling) => {
                let structure = self.structure(Kind::TraceStart, head.time, subject);
                let start = Record { structure, body: Body::TraceStart(user_of(head, policy)) };
                [start].into_iter().chain(self.decided(head, ruling, subject, policy, now)).collect()
            }
            Item::Revealed { request, alias, time } => {
                let structure = self.structure(Kind::Notice, *time, subject);
                let structure = Structure { alias: Some(alias), ..structure };
                vec![Record { structure, body: Body::Notice(Notice::Revealed { request }) }]
            }
        }
    }

    fn decided<'e>(
        &'e self,
        draft: &'e Draft,
        ruling: &'e Ruling,
        subject: SubjectRef,
        policy: u16,
        now: Timestamp,
    ) -> [Record<'e>; 2] {
        let structure = draft.structure(self.structure(draft.kind, draft.time, subject));
        let content = content(draft, policy);
        let body = match draft.kind {
            Kind::TraceStart => Body::TraceStart(content),
            Kind::Session => Body::Session(content),
            _ => Body::Event(content),
        };
        let verdict = LogVerdict {
            back: 1,
            plugin: policy,
            outcome: ruling.outcome(),
            // Nothing meters a plugin in a browser; every metered verdict burns some.
            fuel: 0,
            reason: ruling.reason.as_deref(),
        };
        let verdict =
            Record { structure: self.structure(Kind::Verdict, now, subject), body: Body::Verdict(verdict) };
        [Record { structure, body }, verdict]
    }

    fn structure(&self, kind: Kind, time: Timestamp, subject: SubjectRef) -> Structure<'_> {
        let Context { trace, agent, session, .. } = &self.context;
        Structure {
            trace: trace.as_deref(),
            agent: agent.as_deref(),
            session: session.as_deref(),
            ..Structure::new(kind, time, subject)
        }
    }
}

#[wasm_bindgen]
impl Entry {
    /// At which point the policy is asked about it; undefined where it need not be.
    #[wasm_bindgen(getter)]
    pub fn point(&self) -> Option<String> {
        self.open().map(|draft| draft.point().name().to_owned())
    }

    /// The trace it belongs to.
    #[wasm_bindgen(getter)]
    pub fn trace(&self) -> Option<String> {
        self.context.trace.clone()
    }

    /// What the policy is shown.
    pub fn seen(&self, sequence: f64) -> JsValue {
        self.open().map_or(JsValue::UNDEFINED, |draft| sight::seen(draft, sequence))
    }

    /// Applies a verdict. Returns whether it changed the event, which is then to be decided again;
    /// throws where it is no verdict on this event.
    pub fn rule(&mut self, verdict: &JsValue) -> Result<bool, JsValue> {
        let (Item::Draft(draft, ruling) | Item::First(draft, ruling)) = &mut self.item else {
            return Ok(false);
        };
        let verdict =
            sight::verdict(draft, verdict).ok_or_else(|| Failure::bad_value("its verdict is none"))?;
        ruling.reason = None;
        Ok(match verdict {
            Verdict::Allow => ruling.note(Outcome::Allow, false),
            Verdict::Mask(found) => ruling.note(Outcome::Mask, mask(draft, found)),
            Verdict::Drop(found) => ruling.note(Outcome::Drop, take_out(draft, found)),
            Verdict::Stop(outcome, reason) => {
                ruling.reason = Some(reason);
                ruling.note(outcome, false)
            }
        })
    }

    /// No policy could decide: the event is denied, and all of it is masked.
    pub fn fail(&mut self, reason: &str) {
        if let Item::Draft(draft, ruling) | Item::First(draft, ruling) = &mut self.item {
            draft.mask_everything(UNNUMBERED);
            (ruling.last, ruling.reason) = (Outcome::Deny, Some(sentence(reason)));
        }
    }
}

impl Entry {
    /// What a policy rules on.
    const fn open(&self) -> Option<&Draft> {
        match &self.item {
            Item::Draft(draft, _) | Item::First(draft, _) => Some(draft),
            Item::Revealed { .. } => None,
        }
    }
}

/// The sealed half of a draft, with the policy's number in its marks.
fn content(draft: &Draft, policy: u16) -> Content<'_> {
    let Content { text, leaves, marks } = draft.content();
    let marks = marks.iter().map(|mark| Mark { plugin: policy, ..*mark }).collect();
    Content { text, leaves, marks }
}

/// What the start of a session's own trace says of it: whose it is.
fn user_of(head: &Draft, policy: u16) -> Content<'_> {
    let Content { leaves, marks, .. } = content(head, policy);
    let Some(place) = leaves.iter().position(|leaf| leaf.path == USER) else { return Content::default() };
    let here = marks.iter().filter(|mark| mark.place == Place::LeafValue(place as u32));
    let marks = here.map(|mark| Mark { place: Place::LeafValue(0), ..*mark }).collect();
    Content { text: None, leaves: [leaves[place]].into_iter().collect(), marks }
}

fn mask(draft: &mut Draft, found: Vec<Found>) -> bool {
    found.into_iter().fold(false, |changed, Found { at, range, category }| {
        changed | draft.mask(at, range, &category, UNNUMBERED)
    })
}

/// From the last to the first, so that none moves another.
fn take_out(draft: &mut Draft, found: Vec<Found>) -> bool {
    found.into_iter().rev().fold(false, |changed, Found { at, range, category }| {
        changed | draft.drop_range(at, range, &category, UNNUMBERED)
    })
}

impl Default for Ruling {
    fn default() -> Self {
        Self { edit: Outcome::Allow, last: Outcome::Allow, reason: None }
    }
}

impl Ruling {
    fn note(&mut self, outcome: Outcome, changed: bool) -> bool {
        self.last = outcome;
        if matches!(outcome, Outcome::Mask | Outcome::Drop) {
            self.edit = stronger(self.edit, outcome);
        }
        changed
    }

    fn outcome(&self) -> Outcome {
        stronger(self.edit, self.last)
    }
}

/// What became of an event, as the tab that recorded it is told.
pub(crate) fn receipt(sequence: u64, ruled: Option<(Outcome, Option<&str>)>) -> JsValue {
    let (outcome, reason) = ruled.unwrap_or((Outcome::Allow, None));
    crate::failure::object([
        ("sequence", (sequence as f64).into()),
        ("outcome", outcome_name(outcome).into()),
        ("reason", reason.into()),
    ])
}

/// Deny before approval before drop before mask.
const fn stronger(one: Outcome, other: Outcome) -> Outcome {
    if (one as u8) < (other as u8) { other } else { one }
}
