//! What the runtime has said in the log of itself, and that has to be at hand for as long as the log is:
//! which plugin a number stands for, who was erased, what is held, which blocks went.
//!
//! These notices lie in one trace of the own log, in blocks among others. Before such a block leaves,
//! they are said again at the log's end, in the transaction in which it leaves.

use activemirror_core::log::LogId;
use activemirror_core::log::reader::{Entry, EntryBody, OpenBlock};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Holding, Kind, Notice, Record, Structure, SubjectRef};

use super::{Tier, Unit};
use crate::error::StoreError;
use crate::open::Store;

/// In whose name something is said in the log, and when.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// Whose content it is: somebody who is not erased.
    pub by: SubjectRef,
    /// The trace that it belongs to; all that has to be at hand belongs to one.
    pub trace: &'a str,
    /// When.
    pub time: Timestamp,
}

impl<'a> Author<'a> {
    /// A notice of this author.
    pub(super) fn says(&self, notice: Notice<'a>) -> Record<'a> {
        let structure = Structure::new(Kind::Notice, self.time, self.by);
        Record { structure: Structure { trace: Some(self.trace), ..structure }, body: Body::Notice(notice) }
    }

    /// Whether this author said this.
    fn said(&self, entry: &Entry<'_>) -> bool {
        entry.structure.trace == Some(self.trace) && entry.structure.subject == self.by
    }
}

/// What a hold keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldOn {
    /// All that there is.
    Namespace,
    /// A trace, by its id.
    Trace(String),
    /// A session, by its id.
    Session(String),
    /// A person, by name.
    Subject(String),
}

impl HoldOn {
    fn of(on: Holding<'_>) -> Self {
        match on {
            Holding::Namespace => Self::Namespace,
            Holding::Trace(id) => Self::Trace(id.to_owned()),
            Holding::Session(id) => Self::Session(id.to_owned()),
            Holding::Subject(name) => Self::Subject(name.to_owned()),
        }
    }

    /// The same, as the log has it.
    fn holding(&self) -> Holding<'_> {
        match self {
            Self::Namespace => Holding::Namespace,
            Self::Trace(id) => Holding::Trace(id),
            Self::Session(id) => Holding::Session(id),
            Self::Subject(name) => Holding::Subject(name),
        }
    }
}

/// A notice of retention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Blocks went.
    Gone {
        /// Of which log.
        log: LogId,
        /// The first of them.
        first: u64,
        /// The one after the last.
        end: u64,
        /// By which rule.
        rule: String,
    },
    /// Something is held.
    Held {
        /// What the hold is called.
        hold: String,
        /// What it keeps.
        on: HoldOn,
        /// Why.
        reason: String,
    },
    /// A hold ended.
    Released {
        /// What it was called.
        hold: String,
        /// Why.
        reason: String,
    },
}

impl Fact {
    fn of(notice: &Notice<'_>) -> Option<Self> {
        Some(match *notice {
            Notice::Gone { log, first, end, rule } => Self::Gone { log, first, end, rule: rule.to_owned() },
            Notice::Held { hold, on, reason } => {
                Self::Held { hold: hold.to_owned(), on: HoldOn::of(on), reason: reason.to_owned() }
            }
            Notice::Released { hold, reason } => {
                Self::Released { hold: hold.to_owned(), reason: reason.to_owned() }
            }
            _ => return None,
        })
    }

    fn notice(&self) -> Notice<'_> {
        match self {
            Self::Gone { log, first, end, rule } => {
                Notice::Gone { log: *log, first: *first, end: *end, rule }
            }
            Self::Held { hold, on, reason } => Notice::Held { hold, on: on.holding(), reason },
            Self::Released { hold, reason } => Notice::Released { hold, reason },
        }
    }
}

impl Store {
    /// What was said of retention, oldest first, with its time. What was said again is there once.
    pub fn facts(&self, author: &Author<'_>) -> Result<Vec<(Timestamp, Fact)>, StoreError> {
        let mut facts: Vec<(Timestamp, Fact)> = Vec::new();
        for at in self.blocks_of_trace(author.trace)?.into_iter().filter(|at| self.is_own(*at)) {
            let block = match self.open_block(at) {
                // It was said again before that block left.
                Err(StoreError::Gone { .. } | StoreError::Cold { .. }) => continue,
                other => other?,
            };
            for entry in entries(&block)? {
                if let EntryBody::Open(Body::Notice(notice)) = &entry.body
                    && author.said(&entry)
                    && let Some(fact) = Fact::of(notice)
                {
                    let fact = (entry.structure.time, fact);
                    if !facts.contains(&fact) {
                        facts.push(fact);
                    }
                }
            }
        }
        Ok(facts)
    }

    /// Says something of retention in the log; it is durable when this returns.
    pub fn say(&self, author: &Author<'_>, fact: &Fact) -> Result<(), StoreError> {
        self.append([&author.says(fact.notice())]).map(drop)
    }

    /// The blocks with what has to be said again before these units leave. What lies in the cold store
    /// was said again when it went there.
    pub(super) fn to_say_again(
        &self,
        author: &Author<'_>,
        units: &[Unit],
    ) -> Result<Vec<OpenBlock>, StoreError> {
        let leave =
            |unit: &&Unit| self.is_own_number(unit.at.log) && matches!(unit.tier, Tier::Hot | Tier::Warm);
        let own = self.blocks_of_trace(author.trace)?.into_iter();
        let here = own.filter(|at| units.iter().filter(leave).any(|unit| unit.holds(*at)));
        here.map(|at| self.open_block(at)).collect()
    }
}

/// The records in these blocks that have to be said again, each once, as they stand.
pub(super) fn lasting<'b>(
    author: &Author<'_>,
    blocks: &'b [OpenBlock],
) -> Result<Vec<Record<'b>>, StoreError> {
    let mut records: Vec<Record<'b>> = Vec::new();
    for block in blocks {
        for entry in entries(block)? {
            if !author.said(&entry) {
                continue;
            }
            let structure = entry.structure;
            if let EntryBody::Open(Body::Notice(notice)) = entry.body
                && lasts(&notice)
            {
                let record = Record { structure, body: Body::Notice(notice) };
                if !records.contains(&record) {
                    records.push(record);
                }
            }
        }
    }
    Ok(records)
}

const fn lasts(notice: &Notice<'_>) -> bool {
    matches!(
        notice,
        Notice::Plugin { .. } | Notice::Gone { .. } | Notice::Held { .. } | Notice::Released { .. }
    )
}

fn entries(block: &OpenBlock) -> Result<Vec<Entry<'_>>, StoreError> {
    block.entries().map_err(|error| StoreError::Block(block.header().block, error))
}
