//! Something on its way into the log: what it is, and what the policy made of it.

use activemirror_core::many::Many;
use activemirror_core::session::{Session, Stamp};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{
    Body, Kind, Notice, Outcome, Record, Structure, SubjectRef, Verdict as LogVerdict,
};
use activemirror_core::value::OwnedLeaf;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::draft::Draft;
use crate::failure::Failure;
use crate::sight::{Verdict, outcome_name, sentence};

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
    Start { user: Option<String>, time: Timestamp, leaves: Vec<OwnedLeaf> },
    Head(Box<Head>),
    Event(Box<Draft>, Ruling),
    Revealed { request: String, alias: String, time: Timestamp },
}

/// A session's head.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) session: Session,
    pub(crate) time: Timestamp,
    /// Whether the session's own trace begins with it.
    pub(crate) first: bool,
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

    pub(crate) fn event(context: Context, draft: Draft) -> Self {
        let ruling = Ruling { edit: Outcome::Allow, last: Outcome::Allow, reason: None };
        Self::new(context, Item::Event(Box::new(draft), ruling))
    }

    /// What was ruled, where there was something to rule on.
    pub(crate) fn ruled(&self) -> Option<(Outcome, Option<&str>)> {
        match &self.item {
            Item::Event(_, ruling) => Some((ruling.outcome(), ruling.reason.as_deref())),
            _ => None,
        }
    }

    /// Its records, in the form of the log. A verdict follows its event.
    pub(crate) fn records(&self, subject: SubjectRef, policy: u16, now: Timestamp) -> Vec<Record<'_>> {
        match &self.item {
            Item::Start { user, time, leaves } => {
                let leaves = leaves.iter().map(OwnedLeaf::as_leaf).collect();
                let body = Body::TraceStart { user: user.as_deref(), leaves };
                vec![Record { structure: self.structure(Kind::TraceStart, *time, subject), body }]
            }
            Item::Head(head) => self.head_records(head, subject),
            Item::Revealed { request, alias, time } => {
                let structure = self.structure(Kind::Notice, *time, subject);
                let structure = Structure { alias: Some(alias), ..structure };
                vec![Record { structure, body: Body::Notice(Notice::Revealed { request }) }]
            }
            Item::Event(draft, ruling) => {
                let structure = self.structure(draft.kind, draft.time, subject);
                let verdict = LogVerdict {
                    back: 1,
                    plugin: policy,
                    outcome: ruling.outcome(),
                    // Nothing meters a plugin in a browser; every metered verdict burns some.
                    fuel: 0,
                    reason: ruling.reason.as_deref(),
                };
                let event = Record {
                    structure: Structure {
                        alias: Some(&draft.alias),
                        action: draft.action.as_deref(),
                        intent: draft.intent.as_deref(),
                        confidence: draft.confidence,
                        ..structure
                    },
                    body: Body::Event(draft.content(policy)),
                };
                let structure = self.structure(Kind::Verdict, now, subject);
                vec![event, Record { structure, body: Body::Verdict(verdict) }]
            }
        }
    }

    fn head_records<'e>(&'e self, head: &'e Head, subject: SubjectRef) -> Vec<Record<'e>> {
        let Head { session, time, first } = head;
        let Context { trace, agent, .. } = &self.context;
        let mut newest = session.head(Stamp { time: *time, subject, agent: agent.as_deref() });
        newest.structure.trace = trace.as_deref();
        let start = || Record {
            structure: self.structure(Kind::TraceStart, *time, subject),
            body: Body::TraceStart { user: session.user.as_deref(), leaves: Many::default() },
        };
        first.then(start).into_iter().chain([newest]).collect()
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
        match &self.item {
            Item::Event(draft, _) => Some(draft.point().to_owned()),
            _ => None,
        }
    }

    /// The trace it belongs to.
    #[wasm_bindgen(getter)]
    pub fn trace(&self) -> Option<String> {
        self.context.trace.clone()
    }

    /// What the policy is shown.
    pub fn seen(&self, sequence: f64) -> JsValue {
        match &self.item {
            Item::Event(draft, _) => draft.seen(sequence),
            _ => JsValue::UNDEFINED,
        }
    }

    /// Applies a verdict. Returns whether it changed the event, which is then to be decided again;
    /// throws where it is no verdict on this event.
    pub fn rule(&mut self, verdict: &JsValue) -> Result<bool, JsValue> {
        let Item::Event(draft, ruling) = &mut self.item else { return Ok(false) };
        let verdict = draft.verdict(verdict).ok_or_else(|| Failure::bad_value("its verdict is none"))?;
        ruling.reason = None;
        Ok(match verdict {
            Verdict::Allow => ruling.note(Outcome::Allow, false),
            Verdict::Mask(found) => ruling.note(Outcome::Mask, draft.mask(found)),
            Verdict::Drop(found) => ruling.note(Outcome::Drop, draft.take(found)),
            Verdict::Stop(outcome, reason) => {
                ruling.reason = Some(reason);
                ruling.note(outcome, false)
            }
        })
    }

    /// No policy could decide: the event is denied, and all of it is masked.
    pub fn fail(&mut self, reason: &str) {
        if let Item::Event(draft, ruling) = &mut self.item {
            draft.mask_all();
            (ruling.last, ruling.reason) = (Outcome::Deny, Some(sentence(reason)));
        }
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
