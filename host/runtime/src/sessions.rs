//! Sessions: a head that says what a conversation is about, and messages that are events of the
//! session's own trace. So what is said in a session is governed, sealed and proven like anything
//! else, and survives a restart without a state of its own.

use std::collections::HashSet;

use activemirror_core::draft::Draft;
use activemirror_core::filter::{Filter, Kinds, Name};
use activemirror_core::session::{Fold, Message, Role, Session, Status, Transcript};
use activemirror_core::trace::{Body, Kind};
use activemirror_store::{Found, FoundBody};
use indexmap::IndexSet;

use crate::document::{Event, Leaf, Trace};
use crate::error::Error;
use crate::find::Noted;
use crate::history::{Reveal, see};
use crate::plan::{Context, Plan, Planned};
use crate::recorder::{Recorded, Recorder, Ruled};
use crate::runtime::{Inner, Runtime, now, random_id};

/// The agent of sessions that name none.
const AGENT: &str = "session";

impl Runtime {
    /// Creates a session and returns its id.
    pub fn create_session(&self, title: &str, user: Option<&str>) -> Result<String, Error> {
        let id = random_id()?;
        let time = print_time(now().as_millis());
        let session = Session {
            id: id.clone(),
            title: title.to_owned(),
            user: user.map(str::to_owned),
            parent: None,
            status: Status::Active,
            created: time.clone(),
            updated: time,
            leaves: Vec::new(),
        };
        self.record_session(Transcript { session, messages: Vec::new() })?;
        self.flush()?;
        Ok(id)
    }

    /// Adds a message to a session. It meets the policies as any event does.
    pub fn send(&self, session: &str, role: Role, text: &str) -> Result<Ruled, Error> {
        // What was said before must be there to be read.
        self.flush()?;
        let Standing { transcript, context, past } = self.inner().session(session)?;
        let mut head = transcript.session;
        let message = Message {
            id: random_id()?,
            role,
            text: text.to_owned(),
            time: print_time(now().as_millis()),
            leaves: Vec::new(),
        };
        head.updated.clone_from(&message.time);
        self.inner().announce()?;
        let mut recorder = Recorder::resume(self, context.clone(), past);
        let ruled = recorder.record(event(&message))?;
        let inner = self.inner();
        let mut plan = Plan::default();
        plan.records.extend((!inner.plugins.govern()).then_some(Planned::Ungoverned));
        let tags = |text: &str| inner.store().token_tag(context.subject, text);
        plan.head(&inner.plugins, &tags, head_draft(&head));
        inner.append(context, plan.records)?;
        Ok(ruled)
    }

    /// A session and its messages, with originals or tokens; with originals, the log notes
    /// `request` as who asked for them.
    pub fn session(&self, id: &str, reveal: Reveal, request: &str) -> Result<Transcript, Error> {
        let inner = self.inner();
        let transcript = inner.fold(id, reveal)?.ok_or_else(|| Error::UnknownSession(id.to_owned()))?;
        if reveal == Reveal::Originals {
            let context = inner.session(id)?.context;
            inner.append(context, vec![Planned::Revealed { request: request.to_owned() }])?;
        }
        Ok(transcript)
    }

    /// The heads of all sessions, newest first, with tokens in the masked places.
    pub fn sessions(&self) -> Result<Vec<Session>, Error> {
        self.heads(Reveal::Masked)
    }

    /// The same with originals, of which the log was told.
    pub fn sessions_noted(&self, _: &Noted) -> Result<Vec<Session>, Error> {
        self.heads(Reveal::Originals)
    }

    fn heads(&self, reveal: Reveal) -> Result<Vec<Session>, Error> {
        let inner = self.inner();
        let mut ids = inner.session_ids()?;
        ids.reverse();
        let heads = ids.iter().map(|id| inner.fold(id, reveal));
        let heads = heads.filter_map(|folded| Some(folded.transpose()?.map(|transcript| transcript.session)));
        heads.collect()
    }

    /// Records a whole session, unless one of its id is here already.
    pub fn record_session(&self, transcript: Transcript) -> Result<Recorded, Error> {
        let Transcript { session, messages } = transcript;
        let trace = Trace {
            id: session.id.clone(),
            agent: AGENT.to_owned(),
            session: Some(session.id.clone()),
            user: session.user.clone(),
            time: now(),
            system: None,
            leaves: Vec::new(),
            events: messages.iter().map(event).collect(),
        };
        self.record_with(trace, Some(head_draft(&session)))
    }
}

/// A session as it stands.
struct Standing {
    transcript: Transcript,
    /// What its records share.
    context: Context,
    /// Its events, by sequence.
    past: Vec<(u64, Draft)>,
}

impl Inner {
    /// A session as it stands.
    fn session(&self, id: &str) -> Result<Standing, Error> {
        let unknown = || Error::UnknownSession(id.to_owned());
        let transcript = self.fold(id, Reveal::Originals)?.ok_or_else(unknown)?;
        let trace = self.read(id).map_err(|_| unknown())?;
        let user = transcript.session.user.as_deref();
        let context = self.context(id.to_owned(), trace.agent, Some(id.to_owned()), user)?;
        let past = trace.events.into_iter().map(|event| (event.sequence, event.draft)).collect();
        Ok(Standing { transcript, context, past })
    }

    fn fold(&self, id: &str, reveal: Reveal) -> Result<Option<Transcript>, Error> {
        let mut fold = Fold::new(id);
        let own = Filter::named(Name::Trace, id).and(Filter::named(Name::Session, id));
        // Other devices have sessions of their own, which nobody here goes on with.
        let filter = own.and(self.own());
        self.search(&filter, true, &mut |record| self.fold_one(&mut fold, record, reveal))?;
        Ok(fold.finish())
    }

    /// Adds a record to a session, as it may be seen.
    fn fold_one(&self, fold: &mut Fold, record: &Found<'_>, reveal: Reveal) -> Result<(), Error> {
        let FoundBody::Open(Body::Event(content) | Body::Session(content)) = record.body else {
            return Ok(());
        };
        let tags = |text: &str| self.store().token_tag(record.structure.subject, text);
        let shown = see(&Draft::stored(record.structure, content), reveal, &tags);
        let body = match record.structure.kind {
            Kind::Session => Body::Session(shown.content()),
            _ => Body::Event(shown.content()),
        };
        fold.push(record.structure, &body).map_err(|error| Error::Session(error.to_string()))
    }

    /// The ids of sessions that have a head, in the order in which their own traces begin.
    fn session_ids(&self) -> Result<IndexSet<String>, Error> {
        let (mut begun, mut headed) = (IndexSet::new(), HashSet::new());
        let kinds = Kinds::of(&[Kind::TraceStart, Kind::Session]);
        self.search(&self.own().and(Filter::of(kinds)), false, &mut |record| {
            let structure = record.structure;
            let Some(id) = structure.session else { return Ok(()) };
            if structure.kind == Kind::Session {
                headed.insert(id.to_owned());
            } else if structure.trace == Some(id) {
                begun.insert(id.to_owned());
            }
            Ok(())
        })?;
        begun.retain(|id| headed.contains(id));
        Ok(begun)
    }
}

fn event(message: &Message) -> Event {
    let leaves = message.leaves().into_iter().map(Leaf::from).collect();
    let plain = Event::new(message.kind()).text(&message.text);
    Event { alias: Some(message.id.clone()), leaves, ..plain }
}

fn head_draft(session: &Session) -> Draft {
    let leaves = session.leaves().into_iter().map(Leaf::from).collect();
    Draft { leaves, ..Draft::new(Kind::Session, now()) }
}

/// RFC 3339 in UTC, milliseconds.
fn print_time(millis: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{time:.3}")
}
