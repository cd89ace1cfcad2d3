//! Finding records: a typed filter in, rows out as their reader may see them, and how the search
//! went.
//!
//! Rows are records of every kind: events, what begins a trace or a session, verdicts with the
//! event that they rule on, findings. Each block is opened as far as the filter and the wanted
//! columns ask for ([`activemirror_store::Store::find`]), one at a time.

use core::ops::ControlFlow;

use activemirror_core::draft::Draft;
use activemirror_core::filter::{Filter, Shown, Sieve};
use activemirror_core::log::LogId;
use activemirror_core::trace::{Body, Content, Notice, Structure, SubjectRef};
use activemirror_store::{Explain, Found, FoundBody, Order, Search, Unread};

use crate::document::Event;
use crate::error::Error;
use crate::history::{Readable, Reveal, StoredFinding, StoredVerdict, readable, see};
use crate::plan::Planned;
use crate::runtime::{Inner, Runtime};

/// What is looked for. The default is everything, masked, oldest first.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which records.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// No more than so many.
    pub limit: Option<u64>,
    /// Whether rows have content. Without it they have what a block's structure says, and where the
    /// filter does not ask for content, nobody's is opened.
    pub content: bool,
    /// Whether the filter and the rows see originals; the log notes `request` as who asked for them,
    /// before the first row.
    pub reveal: Reveal,
    /// The command or the call that asks.
    pub request: String,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            filter: Filter::EVERYTHING,
            order: Order::OldestFirst,
            limit: None,
            content: true,
            reveal: Reveal::Masked,
            request: String::new(),
        }
    }
}

/// A record that was found.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The log that holds it.
    pub log: LogId,
    /// Its number there: with the log, its address.
    pub sequence: u64,
    /// The trace it belongs to.
    pub trace: Option<&'a str>,
    /// The agent that acted.
    pub agent: Option<&'a str>,
    /// The session it belongs to.
    pub session: Option<&'a str>,
    /// Whose data it is.
    pub subject: SubjectRef,
    /// Whether its content can be read.
    pub readable: Readable,
    /// The rest of its structure, and its content if it is wanted and there: an event, or what
    /// begins a trace or a session in the form of one.
    pub event: Event,
    /// What it says that is no event's.
    pub said: Said,
}

/// What a record says that is no event's.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Nothing, or it cannot be read, or is not wanted.
    Nothing,
    /// It rules on the record with this number of the same log.
    Verdict(u64, StoredVerdict),
    /// It finds something in its trace.
    Finding(StoredFinding),
    /// What follows in its trace met no policy.
    Ungoverned,
}

/// That the log was told of somebody who sees originals: [`Runtime::note_revealed`].
#[derive(Debug)]
pub struct Noted(());

impl Runtime {
    /// Hands every record that is wanted to `found`, until that has enough.
    ///
    /// What is not durable yet is not found: [`Runtime::flush`] comes first where that matters. The
    /// answer says how the search went; where [`Explain::unread`] has blocks in it, what was found
    /// may not be all there is.
    pub fn find(
        &self,
        query: &Query,
        found: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<Explain, Error> {
        // First, so that nothing is noted where nothing is shown.
        Sieve::new(&query.filter)?;
        if query.reveal == Reveal::Originals {
            self.note_revealed(&query.request)?;
        }
        self.find_as(query, query.reveal, found)
    }

    /// Tells the log that originals are shown to who asked for `request`, once for several searches
    /// that belong together.
    pub fn note_revealed(&self, request: &str) -> Result<Noted, Error> {
        let inner = self.inner();
        let revealed = Planned::Revealed { request: request.to_owned() };
        inner.append(inner.runtime_context(), vec![revealed])?;
        Ok(Noted(()))
    }

    /// The same as [`Runtime::find`], with originals, of which the log was told.
    pub fn find_noted(
        &self,
        query: &Query,
        _: &Noted,
        found: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<Explain, Error> {
        self.find_as(query, Reveal::Originals, found)
    }

    fn find_as(
        &self,
        query: &Query,
        reveal: Reveal,
        found: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<Explain, Error> {
        let inner = self.inner();
        let sieve = Sieve::new(&query.filter)?;
        let show =
            |structure: &Structure<'_>, content: &Content<'_>| inner.shown_draft(structure, content, reveal);
        let search = Search {
            sieve: &sieve,
            order: query.order,
            limit: query.limit,
            content: query.content,
            show: &|structure, content| {
                // What hides nothing is compared as it lies there.
                let plain = content.marks.is_empty() && !structure.has_stand_in();
                if plain {
                    Shown::originals(structure, content)
                } else {
                    Shown::draft(show(structure, content))
                }
            },
        };
        let explain = inner.store().find(&search, &mut |record| found(&inner.row(record, &show)))?;
        explain.unread.iter().for_each(|unread| {
            inner.note_left_out(unread);
        });
        Ok(explain)
    }
}

impl Inner {
    /// Hands every record that passes a filter on structure to `each`, oldest first, with its
    /// originals if `content` is wanted. What is gone or does not come from the cold store is noted
    /// as left out; any other block that cannot be read is an error.
    pub(crate) fn search(
        &self,
        filter: &Filter,
        content: bool,
        each: &mut dyn FnMut(&Found<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.search_in(Order::OldestFirst, None, filter, content, each)
    }

    /// The same, in this order, and no more than so many.
    pub(crate) fn search_in(
        &self,
        order: Order,
        limit: Option<u64>,
        filter: &Filter,
        content: bool,
        each: &mut dyn FnMut(&Found<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let unread = self.search_readable(order, limit, filter, content, each)?;
        unread.into_iter().try_for_each(|unread| self.leave_out(unread))
    }

    /// The same, and which blocks could not be read.
    pub(crate) fn search_readable(
        &self,
        order: Order,
        limit: Option<u64>,
        filter: &Filter,
        content: bool,
        each: &mut dyn FnMut(&Found<'_>) -> Result<(), Error>,
    ) -> Result<Vec<Unread>, Error> {
        let show = |structure: &Structure<'_>, content: &Content<'_>| {
            self.shown_draft(structure, content, Reveal::Masked)
        };
        let search = Search {
            sieve: &Sieve::new(filter)?,
            order,
            limit,
            content,
            show: &|structure, content| Shown::draft(show(structure, content)),
        };
        let mut failed = None;
        let explain = self.store().find(&search, &mut |record| match each(record) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failed.map_or(Ok(explain.unread), Err)
    }

    fn shown_draft(&self, structure: &Structure<'_>, content: &Content<'_>, reveal: Reveal) -> Draft {
        let tags = |text: &str| self.store().token_tag(structure.subject, text);
        see(&Draft::stored(structure, content), reveal, &tags)
    }

    fn row<'f>(&self, record: &Found<'f>, show: &dyn Fn(&Structure<'_>, &Content<'_>) -> Draft) -> Row<'f> {
        let structure = record.structure;
        let nothing = Content::default();
        let (content, said) = match record.body {
            FoundBody::Open(
                Body::Event(content)
                | Body::TraceStart(content)
                | Body::System(content)
                | Body::Session(content),
            ) => (content, Said::Nothing),
            FoundBody::Open(Body::Verdict(verdict)) => {
                let on = record.sequence.saturating_sub(verdict.back.into());
                (&nothing, Said::Verdict(on, self.verdict(record.log, verdict)))
            }
            FoundBody::Open(Body::Finding(finding)) => {
                (&nothing, Said::Finding(self.finding(record, finding)))
            }
            FoundBody::Open(Body::Notice(Notice::Ungoverned)) => (&nothing, Said::Ungoverned),
            _ => (&nothing, Said::Nothing),
        };
        Row {
            log: record.log,
            sequence: record.sequence,
            trace: structure.trace,
            agent: structure.agent,
            session: structure.session,
            subject: structure.subject,
            readable: readable(record.body),
            event: Event::from(show(structure, content)),
            said,
        }
    }
}
