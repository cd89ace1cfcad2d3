//! Reading back: traces as MirrorDNA documents, sessions as the JavaScript SDK spells them; masked,
//! unless originals are asked for.

use activemirror_core::draft::Draft;
use activemirror_core::log::reader::{Entry as LogEntry, EntryBody};
use activemirror_core::session::{Fold, Message, Session, Transcript};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Structure, USER};
use activemirror_core::value::OwnedLeaf;
use activemirror_core::value::{Leaf, Value};
use activemirror_store::BlockRef;
use js_sys::{Array, Date};
use wasm_bindgen::JsValue;

use crate::entry::receipt;
use crate::failure::{Failure, object};
use crate::mirror::Mirror;
use crate::sight::{outcome_name, seen};
use crate::value::members;

/// Whether originals are shown behind masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reveal {
    Masked,
    Originals,
}

type Members = Vec<(String, JsValue)>;

impl Mirror {
    /// Hands over every record of these blocks that `take` wants, in order.
    pub(crate) fn each(
        &self,
        blocks: Vec<BlockRef>,
        mut take: impl FnMut(&LogEntry<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for at in blocks {
            let block = self.store.open_block(at)?;
            let entries = block.entries().map_err(|error| Failure::block(at.block, error))?;
            entries.iter().try_for_each(&mut take)?;
        }
        Ok(())
    }

    /// Every record of one trace.
    pub(crate) fn each_of(
        &self,
        trace: &str,
        mut take: impl FnMut(&LogEntry<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.each(self.store.blocks_of_trace(trace)?, |entry| {
            if entry.structure.trace == Some(trace) { take(entry) } else { Ok(()) }
        })
    }

    /// A line for each trace, newest first.
    pub(crate) fn trace_lines(&self) -> Result<Array, Failure> {
        let lines = Array::new();
        for start in self.store.traces()? {
            self.each(vec![start.at], |entry| {
                if entry.sequence == start.sequence {
                    let (line, _) = self.start_of(entry, Reveal::Masked);
                    lines.push(&plain(line));
                }
                Ok(())
            })?;
        }
        Ok(lines)
    }

    /// The trace as a document; its verdicts stand beside its events.
    pub(crate) fn trace_document(&self, id: &str, reveal: Reveal) -> Result<JsValue, Failure> {
        let mut document = Members::new();
        let (events, verdicts) = (Array::new(), Array::new());
        let mut names: Vec<(u64, String)> = Vec::new();
        self.each_of(id, |entry| {
            if entry.structure.kind == Kind::TraceStart && document.is_empty() {
                let (line, leaves) = self.start_of(entry, reveal);
                document = line;
                document.extend(leaves);
            } else if entry.structure.kind.event_name().is_some() {
                names.push((entry.sequence, entry.structure.alias.unwrap_or_default().to_owned()));
                events.push(&self.event_document(entry, reveal));
            } else if let EntryBody::Open(Body::Verdict(verdict)) = &entry.body {
                let of = entry.sequence.checked_sub(u64::from(verdict.back));
                let event = names.iter().rev().find(|(sequence, _)| Some(*sequence) == of);
                verdicts.push(&self.verdict(verdict, event.map(|(_, name)| name.as_str())));
            }
            Ok(())
        })?;
        if document.is_empty() {
            return Err(Failure::unknown("trace", id));
        }
        document.push(("events".to_owned(), events.into()));
        document.push(("verdicts".to_owned(), verdicts.into()));
        Ok(plain(document))
    }

    /// What was ruled on the last record of this trace that is wanted; undefined where there is none.
    pub(crate) fn receipt_of(
        &self,
        trace: &str,
        wanted: impl Fn(&LogEntry<'_>) -> bool,
    ) -> Result<JsValue, Failure> {
        let (mut found, mut told) = (None, JsValue::UNDEFINED);
        self.each_of(trace, |entry| {
            match &entry.body {
                EntryBody::Open(Body::Verdict(verdict))
                    if found == entry.sequence.checked_sub(u64::from(verdict.back)) =>
                {
                    told = receipt(found.unwrap_or_default(), Some((verdict.outcome, verdict.reason)));
                }
                _ if wanted(entry) => {
                    found = Some(entry.sequence);
                    told = receipt(entry.sequence, None);
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(told)
    }

    /// The trace's events as the policy saw them: `{point, event}`, to be replayed.
    pub(crate) fn past_of(&self, trace: &str) -> Result<Array, Failure> {
        let past = Array::new();
        self.each_of(trace, |entry| {
            if let EntryBody::Open(Body::Event(content)) = &entry.body {
                let draft = Draft::stored(&entry.structure, content);
                let event = seen(&draft, f64::from(past.length()));
                past.push(&object([("point", draft.point().name().into()), ("event", event)]));
            }
            Ok(())
        })?;
        Ok(past)
    }

    /// The newest head of each session, newest session first.
    pub(crate) fn session_lines(&self) -> Result<Array, Failure> {
        let mut heads: Vec<Session> = Vec::new();
        self.each(self.store.blocks()?, |entry| {
            let (Some(id), EntryBody::Open(Body::Session(content))) = (entry.structure.session, &entry.body)
            else {
                return Ok(());
            };
            let shown = self.shown(&entry.structure, content, Reveal::Masked);
            let head = Session::from_leaves(id, &shown.content().leaves)?;
            match heads.iter_mut().find(|known| known.id == id) {
                Some(known) => *known = head,
                None => heads.push(head),
            }
            Ok(())
        })?;
        Ok(heads.iter().rev().map(|head| plain(session(head))).collect())
    }

    /// The session's newest head; `None` where there is none.
    pub(crate) fn session_head(&self, id: &str) -> Result<Option<Session>, Failure> {
        Ok(self.transcript(id, Reveal::Originals)?.map(|transcript| transcript.session))
    }

    /// The session and its messages.
    pub(crate) fn session_document(&self, id: &str, reveal: Reveal) -> Result<JsValue, Failure> {
        let transcript = self.transcript(id, reveal)?.ok_or_else(|| Failure::unknown("session", id))?;
        let messages: Array = transcript.messages.iter().map(|it| message(it, id)).collect();
        let mut document = session(&transcript.session);
        document.push(("messageCount".to_owned(), messages.length().into()));
        document.push(("messages".to_owned(), messages.into()));
        Ok(plain(document))
    }

    fn transcript(&self, id: &str, reveal: Reveal) -> Result<Option<Transcript>, Failure> {
        let mut fold = Fold::new(id);
        self.each(self.store.blocks_of_session(id)?, |entry| {
            let EntryBody::Open(Body::Event(content) | Body::Session(content)) = &entry.body else {
                return Ok(());
            };
            let shown = self.shown(&entry.structure, content, reveal);
            let body = match entry.structure.kind {
                Kind::Session => Body::Session(shown.content()),
                _ => Body::Event(shown.content()),
            };
            Ok(fold.push(&entry.structure, &body)?)
        })?;
        Ok(fold.finish())
    }

    fn event_document(&self, entry: &LogEntry<'_>, reveal: Reveal) -> JsValue {
        let structure = &entry.structure;
        let mut event = vec![
            ("event_id".to_owned(), structure.alias.into()),
            ("type".to_owned(), structure.kind.event_name().into()),
            ("timestamp".to_owned(), (structure.time.as_millis() as f64).into()),
        ];
        match &entry.body {
            EntryBody::Open(Body::Event(content)) => {
                let shown = self.shown(structure, content, reveal);
                event.extend(shown.text.as_deref().map(|text| ("content".to_owned(), text.into())));
                event.extend(shown.action.as_deref().map(|action| ("action".to_owned(), action.into())));
                event.extend(members(&with_semantics(&shown)));
            }
            EntryBody::Erased(_) => event.push(("erased".to_owned(), true.into())),
            _ => event.push(("sealed".to_owned(), true.into())),
        }
        plain(event)
    }

    /// What the log holds, with tokens in the marked places unless originals are wanted.
    fn shown(&self, structure: &Structure<'_>, content: &Content<'_>, reveal: Reveal) -> Draft {
        let draft = Draft::stored(structure, content);
        match reveal {
            Reveal::Originals => draft.revealed(),
            Reveal::Masked => draft.masked(&|text| self.store.token_tag(structure.subject, text)),
        }
    }

    /// What a trace's first record says: a line of a list, and every other field.
    fn start_of(&self, entry: &LogEntry<'_>, reveal: Reveal) -> (Members, Members) {
        let structure = &entry.structure;
        let shown = match &entry.body {
            EntryBody::Open(Body::TraceStart(content)) => self.shown(structure, content, reveal),
            _ => Draft::new(structure.kind, structure.time),
        };
        let content = shown.content();
        let others: Vec<Leaf<'_>> = content.leaves.iter().filter(|leaf| leaf.path != USER).copied().collect();
        let line = [
            ("trace_id", structure.trace.into()),
            ("agent_id", structure.agent.into()),
            ("session_id", structure.session.into()),
            ("user_id", content.user().into()),
            ("timestamp", iso(structure.time)),
        ];
        let present = line.into_iter().filter(|(_, value): &(_, JsValue)| !value.is_undefined());
        (present.map(|(key, value)| (key.to_owned(), value)).collect(), members(&others))
    }

    fn verdict(&self, verdict: &activemirror_core::trace::Verdict<'_>, event: Option<&str>) -> JsValue {
        object([
            ("event_id", event.into()),
            ("policy", self.policy_name(verdict.plugin).into()),
            ("outcome", outcome_name(verdict.outcome).into()),
            ("fuel", verdict.fuel.into()),
            ("unmetered", (verdict.fuel == 0).into()),
            ("reason", verdict.reason.into()),
        ])
    }
}

fn session(session: &Session) -> Members {
    let known = [
        ("id", Some(&*session.id)),
        ("title", Some(&*session.title)),
        ("userId", session.user.as_deref()),
        ("parentSessionId", session.parent.as_deref()),
        ("status", Some(session.status.name())),
        ("createdAt", Some(&*session.created)),
        ("updatedAt", Some(&*session.updated)),
    ];
    let known = known.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into())));
    let leaves: Vec<Leaf<'_>> = session.leaves.iter().map(OwnedLeaf::as_leaf).collect();
    known.chain(members(&leaves)).collect()
}

fn message(message: &Message, session: &str) -> JsValue {
    let known = [
        ("id", &*message.id),
        ("sessionId", session),
        ("role", message.role.name()),
        ("content", &message.text),
        ("timestamp", &message.time),
    ];
    let leaves: Vec<Leaf<'_>> = message.leaves.iter().filter_map(below_message).collect();
    let known = known.into_iter().map(|(key, value)| (key.to_owned(), value.into()));
    plain(known.chain(members(&leaves)).collect())
}

fn below_message(leaf: &OwnedLeaf) -> Option<Leaf<'_>> {
    Some(Leaf { path: leaf.path.strip_prefix("/message")?, value: leaf.value.as_value() })
}

/// Intent and confidence are leaves of a document, before the others of its semantics.
fn with_semantics(draft: &Draft) -> Vec<Leaf<'_>> {
    let leaves: Vec<Leaf<'_>> = draft.leaves.iter().map(OwnedLeaf::as_leaf).collect();
    let intent = draft.intent.as_deref().map(|intent| ("/semantics/intent", Value::Text(intent)));
    let confidence = draft.confidence.map(|sure| ("/semantics/confidence", Value::Float(sure)));
    let own = intent.into_iter().chain(confidence).map(|(path, value)| Leaf { path, value });
    let place = leaves.iter().position(|leaf| leaf.path.starts_with("/semantics")).unwrap_or(leaves.len());
    let (before, after) = leaves.split_at(place);
    before.iter().copied().chain(own).chain(after.iter().copied()).collect()
}

fn iso(time: Timestamp) -> JsValue {
    let date = Date::new(&(time.as_millis() as f64).into());
    if date.get_time().is_nan() { JsValue::NULL } else { date.to_iso_string().into() }
}

fn plain(members: Members) -> JsValue {
    object(members.iter().map(|(key, value)| (key.as_str(), value.clone())))
}
