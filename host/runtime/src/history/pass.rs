//! One pass over the log, block by block: records on their own, as their reader may see them, each
//! with what others say of it.
//!
//! [`Runtime::read`](crate::Runtime::read) puts a trace together and so holds all of it; this holds
//! the records of two blocks, however long a trace is. What says something of a record before it (a
//! verdict, a trace's system text) stands close behind that record in the log, so a record is handed
//! out once the block after its own has been seen. [`Runtime::find`](crate::Runtime::find) hands each
//! out at once, and without that.
//!
//! A trace's id means something within its log only, so nothing is told twice where two logs share
//! one, and nothing left out.

mod heads;

use core::ops::ControlFlow;
use std::collections::BTreeSet;

use activemirror_core::draft::Draft;
use activemirror_core::filter::{Filter, Kinds, Name, Shown, Sieve, Test, Words};
use activemirror_core::log::LogId;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Kind, Notice, Outcome, Verdict};
use activemirror_store::{BlockRef, Found, FoundBody, Order, Search};

use self::heads::Heads;
use super::kept::{kept, readable};
use super::shown::{see, take_user};
use super::{Readable, Reveal, StoredFinding, StoredVerdict};
use crate::document::{Event, Leaf};
use crate::error::Error;
use crate::govern::stronger;
use crate::runtime::{Inner, Runtime};

/// What a pass is to meet.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Only records of these kinds. Without verdicts no outcome is known, and without what begins a
    /// trace its person is looked up.
    pub kinds: Kinds,
    /// Only records of the traces of these ids; of all where it is empty.
    pub traces: &'a [String],
    /// Whether originals are shown. The log notes it of each trace, before anything of it is.
    pub reveal: Reveal,
    /// Who asks, as the log notes it.
    pub request: &'a str,
}

/// A record that a pass has met.
#[derive(Clone, Debug)]
pub struct Met {
    /// The log that holds it.
    pub log: LogId,
    /// Its sequence there.
    pub sequence: u64,
    /// Its time.
    pub time: Timestamp,
    /// The trace that it belongs to.
    pub trace: Option<String>,
    /// The agent.
    pub agent: Option<String>,
    /// The session.
    pub session: Option<String>,
    /// Whether its content can be read.
    pub readable: Readable,
    /// What it is.
    pub what: What,
}

/// What a met record is. What cannot be read of it is not there.
#[derive(Clone, Debug)]
pub enum What {
    /// A trace begins.
    Start(Box<MetStart>),
    /// An event.
    Event(Box<MetEvent>),
    /// What a policy decided on another record.
    Verdict {
        /// The sequence of that record.
        of: Option<u64>,
        /// The verdict.
        verdict: Option<StoredVerdict>,
    },
    /// What was found in a trace.
    Finding(Option<StoredFinding>),
}

/// How a trace begins.
#[derive(Clone, Debug)]
pub struct MetStart {
    /// The person whose data it is.
    pub user: Option<String>,
    /// Its system text.
    pub system: Option<String>,
    /// Every other field of it, in document order.
    pub leaves: Vec<Leaf>,
    /// The categories of what policies marked in it.
    pub marked: Vec<String>,
    /// The strongest of what policies decided on it; of those in this and the next block.
    pub outcome: Option<Outcome>,
    /// Whether it was recorded without policies.
    pub ungoverned: bool,
}

/// An event.
#[derive(Clone, Debug)]
pub struct MetEvent {
    /// The person whose data its trace is.
    pub user: Option<String>,
    /// The event.
    pub event: Event,
    /// The categories of what policies marked in it.
    pub marked: Vec<String>,
    /// The strongest of what policies decided on it; of those in this and the next block.
    pub outcome: Option<Outcome>,
}

impl Runtime {
    /// Meets the records that `ask` asks for, in the order of the logs: starts of traces, events,
    /// verdicts and findings. `progress` is told after each block that held any how many of how many
    /// blocks are done.
    ///
    /// Blocks that went by retention or do not come from the cold store are left out
    /// ([`Runtime::left_out`]); any other that cannot be read is an error.
    pub fn pass<E: From<Error>>(
        &self,
        ask: &Ask<'_>,
        take: impl FnMut(Met) -> Result<(), E>,
        progress: impl FnMut(u64, u64),
    ) -> Result<(), E> {
        let inner = self.inner();
        let sieve = Sieve::new(&ask.filter()).map_err(Error::from)?;
        let search = Search {
            sieve: &sieve,
            order: Order::OldestFirst,
            limit: None,
            content: true,
            show: &|structure, content| Shown::originals(structure, content),
        };
        let blocks = self.block_count()?;
        let pass = Pass { inner, ask, heads: Heads::default(), held: Vec::new(), before: 0, at: None };
        let mut given = Giving { pass, take, progress, done: 0, blocks };
        let mut failed = None;
        let explain = inner.store().find(&search, &mut |record| match given.meet(record) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        });
        match failed {
            Some(error) => return Err(error),
            None => given.end()?,
        }
        let unread = explain.map_err(Error::from)?.unread;
        Ok(unread.into_iter().try_for_each(|unread| inner.leave_out(unread))?)
    }
}

impl Ask<'_> {
    /// Nothing in it asks for content, so what a mask hides is not asked for either.
    fn filter(&self) -> Filter {
        let kinds = Filter::from(Test::Kind(self.kinds));
        match self.traces {
            [] => kinds,
            ids => kinds.and(Test::Name(Name::Trace, Words::OneOf(ids.to_vec())).into()),
        }
    }
}

/// A pass, and whom it gives to.
struct Giving<'p, T, P> {
    pass: Pass<'p>,
    take: T,
    progress: P,
    done: u64,
    blocks: u64,
}

impl<E: From<Error>, T: FnMut(Met) -> Result<(), E>, P: FnMut(u64, u64)> Giving<'_, T, P> {
    fn meet(&mut self, record: &Found<'_>) -> Result<(), E> {
        if self.pass.at != Some(record.at) {
            self.end_block()?;
            self.pass.at = Some(record.at);
        }
        Ok(self.pass.look_at(record)?)
    }

    /// Gives out what stood before the block that ends here.
    fn end_block(&mut self) -> Result<(), E> {
        self.pass.note_looks()?;
        self.pass.held.drain(..self.pass.before).try_for_each(&mut self.take)?;
        self.pass.before = self.pass.held.len();
        self.done += u64::from(self.pass.at.is_some());
        (self.progress)(self.done, self.blocks);
        Ok(())
    }

    fn end(&mut self) -> Result<(), E> {
        self.end_block()?;
        self.pass.held.drain(..).try_for_each(&mut self.take)?;
        (self.progress)(self.blocks, self.blocks);
        Ok(())
    }
}

/// What was met, and not given out yet.
struct Pass<'p> {
    inner: &'p Inner,
    ask: &'p Ask<'p>,
    heads: Heads,
    /// Records that may still be added to, in order.
    held: Vec<Met>,
    /// How many of them stood before the block that is looked at.
    before: usize,
    /// That block.
    at: Option<BlockRef>,
}

impl Pass<'_> {
    fn look_at(&mut self, record: &Found<'_>) -> Result<(), Error> {
        let structure = record.structure;
        let what = match structure.kind {
            Kind::TraceStart => What::Start(Box::new(self.start(record))),
            kind if kind.event_name().is_some() => What::Event(Box::new(self.event(record)?)),
            Kind::Verdict => self.verdict(record),
            Kind::Finding => What::Finding(match record.body {
                FoundBody::Open(Body::Finding(finding)) => Some(self.inner.finding(record, finding)),
                _ => None,
            }),
            _ => {
                self.add_to_start(record);
                return Ok(());
            }
        };
        let name = |name: Option<&str>| name.map(str::to_owned);
        self.held.push(Met {
            log: record.log,
            sequence: record.sequence,
            time: structure.time,
            trace: name(structure.trace),
            agent: name(structure.agent),
            session: name(structure.session),
            readable: readable(record.body),
            what,
        });
        Ok(())
    }

    fn start(&mut self, record: &Found<'_>) -> MetStart {
        let draft = kept(record).draft;
        let mut start = self.shown(record, &draft);
        let user = take_user(&mut start);
        if let Some(id) = record.structure.trace {
            self.heads.begin(record.log, id, user.clone());
        }
        let leaves = start.leaves;
        MetStart { user, system: None, leaves, marked: marked(&draft), outcome: None, ungoverned: false }
    }

    fn event(&mut self, record: &Found<'_>) -> Result<MetEvent, Error> {
        let draft = kept(record).draft;
        let event = Event::from(self.shown(record, &draft));
        let user = match record.structure.trace {
            Some(id) => self.heads.user(self.inner, self.ask.reveal, record.log, id)?,
            None => None,
        };
        Ok(MetEvent { user, event, marked: marked(&draft), outcome: None })
    }

    fn verdict(&mut self, record: &Found<'_>) -> What {
        let FoundBody::Open(Body::Verdict(verdict)) = record.body else {
            return What::Verdict { of: None, verdict: None };
        };
        let of = record.sequence.checked_sub(u64::from(verdict.back));
        if let Some(met) = of.and_then(|of| self.held_at(record.log, of)) {
            met.what.ruled(verdict);
        }
        What::Verdict { of, verdict: Some(self.inner.verdict(record.log, verdict)) }
    }

    /// What follows a trace's beginning and is part of it.
    fn add_to_start(&mut self, record: &Found<'_>) {
        let system = match record.body {
            FoundBody::Open(Body::System(content)) => Some(Draft::stored(record.structure, content)),
            FoundBody::Open(Body::Notice(Notice::Ungoverned)) => None,
            _ => return,
        };
        let shown = system.as_ref().map(|draft| (self.shown(record, draft).text, marked(draft)));
        let of_trace =
            |met: &&mut Met| met.log == record.log && met.trace.as_deref() == record.structure.trace;
        let mut starts = self.held.iter_mut().rev().filter(of_trace).filter_map(|met| match &mut met.what {
            What::Start(start) => Some(start),
            _ => None,
        });
        match (starts.next(), shown) {
            (Some(start), Some((text, marked))) => {
                start.system = text;
                start.marked.extend(marked);
            }
            (Some(start), None) => start.ungoverned = true,
            (None, _) => {}
        }
    }

    fn shown(&self, record: &Found<'_>, draft: &Draft) -> Draft {
        let tags = |text: &str| self.inner.store().token_tag(record.structure.subject, text);
        see(draft, self.ask.reveal, &tags)
    }

    fn held_at(&mut self, log: LogId, sequence: u64) -> Option<&mut Met> {
        let from = self.held.partition_point(|met| met.log != log);
        let own = self.held.get_mut(from..)?;
        let place = own.binary_search_by_key(&sequence, |met| met.sequence).ok()?;
        own.get_mut(place)
    }

    /// Notes in the log whose originals are about to be shown.
    fn note_looks(&mut self) -> Result<(), Error> {
        if self.ask.reveal == Reveal::Masked {
            return Ok(());
        }
        let shown = self.held.get(self.before..).into_iter().flatten().filter(|met| met.what.has_content());
        let traces: BTreeSet<_> = shown.filter_map(|met| Some((met.log, met.trace.as_deref()?))).collect();
        let new: Vec<_> = traces.into_iter().filter(|(log, id)| self.heads.note(*log, id)).collect();
        let ids: Vec<&str> = new.iter().map(|(_, id)| *id).collect();
        self.inner.note_reveals(&ids, self.ask.request)
    }
}

impl What {
    /// Takes note of a verdict on this.
    fn ruled(&mut self, verdict: &Verdict<'_>) {
        let outcome = match self {
            Self::Start(start) => &mut start.outcome,
            Self::Event(event) => &mut event.outcome,
            _ => return,
        };
        *outcome = Some(outcome.map_or(verdict.outcome, |known| stronger(known, verdict.outcome)));
    }

    /// Whether there is something in it that a policy may have masked.
    const fn has_content(&self) -> bool {
        matches!(self, Self::Start(_) | Self::Event(_))
    }
}

/// What was marked, by category, each once.
fn marked(draft: &Draft) -> Vec<String> {
    let categories: BTreeSet<&str> = draft.marks.iter().map(|mark| &*mark.category).collect();
    categories.into_iter().map(str::to_owned).collect()
}
