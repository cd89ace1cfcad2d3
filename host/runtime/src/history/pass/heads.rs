//! What a pass remembers of traces: few of them at a time, since there may be millions.
//!
//! A trace that was forgotten is looked up again, and that somebody looks at it noted again: rather
//! twice than never.

use std::collections::HashMap;

use activemirror_core::filter::{Filter, Name, Test};
use activemirror_core::log::LogId;
use activemirror_core::trace::Kind;
use activemirror_store::Order;

use super::super::kept::kept;
use super::super::shown::{see, take_user};
use super::Reveal;
use crate::error::Error;
use crate::runtime::Inner;

/// Traces of one generation; two are kept.
const GENERATION: usize = 8_192;

/// A trace: its log, and its id there.
type Key = (LogId, String);

/// What is known of traces.
#[derive(Debug, Default)]
pub(super) struct Heads {
    young: HashMap<Key, Head>,
    old: HashMap<Key, Head>,
}

#[derive(Clone, Debug, Default)]
struct Head {
    /// Whose data it is, once that was looked up.
    user: Option<Option<String>>,
    /// Whether the log knows that somebody looks at it.
    noted: bool,
}

impl Heads {
    /// A trace begins.
    pub(super) fn begin(&mut self, log: LogId, id: &str, user: Option<String>) {
        self.of(log, id).user = Some(user);
    }

    /// Whose data a trace is, as far as that may be seen.
    pub(super) fn user(
        &mut self,
        inner: &Inner,
        reveal: Reveal,
        log: LogId,
        id: &str,
    ) -> Result<Option<String>, Error> {
        if let Some(user) = &self.of(log, id).user {
            return Ok(user.clone());
        }
        let user = look_up(inner, reveal, log, id)?;
        self.of(log, id).user = Some(user.clone());
        Ok(user)
    }

    /// Whether nobody has noted yet that somebody looks at a trace; from here on somebody has.
    pub(super) fn note(&mut self, log: LogId, id: &str) -> bool {
        !core::mem::replace(&mut self.of(log, id).noted, true)
    }

    fn of(&mut self, log: LogId, id: &str) -> &mut Head {
        let key = (log, id.to_owned());
        if !self.young.contains_key(&key) {
            let before = self.old.remove(&key).unwrap_or_default();
            if self.young.len() >= GENERATION {
                self.old = core::mem::take(&mut self.young);
            }
            self.young.insert(key.clone(), before);
        }
        self.young.entry(key).or_default()
    }
}

/// The person of a trace that begins where the pass does not remember, or does not look.
fn look_up(inner: &Inner, reveal: Reveal, log: LogId, id: &str) -> Result<Option<String>, Error> {
    let start = Filter::named(Name::Trace, id).and(Test::Log(log).into()).and(Filter::of(Kind::TraceStart));
    let mut user = None;
    // That its block is gone, the pass says when it comes by.
    inner.search_in(Order::OldestFirst, Some(1), &start, true, &mut |record| {
        let tags = |text: &str| inner.store().token_tag(record.structure.subject, text);
        user = take_user(&mut see(&kept(record).draft, reveal, &tags));
        Ok(())
    })?;
    Ok(user)
}
