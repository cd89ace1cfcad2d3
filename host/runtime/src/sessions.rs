//! Sessions: a head that says what a conversation is about, and messages that are events of the
//! session's own trace. So what is said in a session is governed, sealed and proven like anything
//! else, and survives a restart without a state of its own.

use activemirror_core::draft::Draft;
use activemirror_core::log::reader::{Entry, EntryBody};
use activemirror_core::session::{Fold, Message, Role, Session, Status, Transcript};
use activemirror_core::trace::{Body, Kind};
use activemirror_store::TraceStart;

use crate::document::{Event, Leaf, Trace};
use crate::error::Error;
use crate::history::{Reveal, entries, see};
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
        let inner = self.inner();
        let mut sessions = Vec::new();
        for start in inner.store().traces()? {
            if let Some(id) = inner.session_at(start)? {
                sessions.extend(inner.fold(&id, Reveal::Masked)?.map(|transcript| transcript.session));
            }
        }
        Ok(sessions)
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
        // Other devices have sessions of their own, which nobody here goes on with.
        for at in self.store().blocks_of_session(id)?.into_iter().filter(|at| self.store().is_own(*at)) {
            let Some(block) = self.open(at)? else { continue };
            for entry in entries(&block, at)? {
                if entry.structure.trace == Some(id) {
                    self.fold_one(&mut fold, &entry, reveal)?;
                }
            }
        }
        Ok(fold.finish())
    }

    /// Adds a record to a session, as it may be seen.
    fn fold_one(&self, fold: &mut Fold, entry: &Entry<'_>, reveal: Reveal) -> Result<(), Error> {
        let EntryBody::Open(Body::Event(content) | Body::Session(content)) = &entry.body else {
            return Ok(());
        };
        let tags = |text: &str| self.store().token_tag(entry.structure.subject, text);
        let shown = see(&Draft::stored(&entry.structure, content), reveal, &tags);
        let body = match entry.structure.kind {
            Kind::Session => Body::Session(shown.content()),
            _ => Body::Event(shown.content()),
        };
        fold.push(&entry.structure, &body).map_err(|error| Error::Session(error.to_string()))
    }

    /// The id of the session whose own trace begins here, if one does.
    fn session_at(&self, start: TraceStart) -> Result<Option<String>, Error> {
        let Some(block) = self.open(start.at)? else { return Ok(None) };
        let entries = entries(&block, start.at)?;
        let first = entries.iter().find(|entry| entry.sequence == start.sequence);
        let own = first.filter(|entry| entry.structure.trace == entry.structure.session);
        let head = |id: &&str| {
            let is_head = |kind| kind == Kind::Session;
            entries.iter().any(|entry| is_head(entry.structure.kind) && entry.structure.session == Some(id))
        };
        Ok(own.and_then(|entry| entry.structure.session).filter(head).map(str::to_owned))
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
