//! The conversation so far, as far as consent goes: what was said, what was asked, what the user
//! agreed to, and which writes have used that up.
//!
//! It is the state between two calls. An *episode* is what was said since the last write that
//! succeeded was reported; an *offer* is what the agent said since the user last spoke. A
//! [`Consent`] comes from one exchange, an offer and the reply to it, and later exchanges may
//! complete it ("which card?" "the Visa") or take it back.

use activemirror_guest::policy::{Event, PluginError};
use serde::{Deserialize, Serialize};

use crate::memory::Memory;
use crate::proposal::{self, Proposal, topics};
use crate::reply::{self, Act, Reply};
use crate::term::{Term, Terms};
use crate::values::{Class, Value};
use crate::vocabulary::{Topics, Vocabulary};

/// Bytes of the largest state that a host keeps.
pub const STATE_MAX: usize = 4096;

/// The first byte of a state: which layout follows.
const VERSION: u8 = 1;

/// The conversation so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dialogue {
    /// What the tools said.
    pub(crate) memory: Memory,
    /// What both sides said in this episode.
    pub(crate) episode: Episode,
    /// What they said in the one before.
    pub(crate) past: Terms<150>,
    /// What the agent said last.
    pub(crate) offer: Offer,
    /// What the user agreed to.
    pub(crate) consent: Option<Consent>,
    /// The writes under this consent.
    pub(crate) writes: Writes,
}

/// What both sides said since the last write was reported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Episode {
    /// The agent's values.
    pub(crate) agent: Terms<256>,
    /// The user's values.
    pub(crate) user: Terms<112>,
    /// What the agent spoke of.
    pub(crate) agent_topics: Topics,
    /// What the user spoke of.
    pub(crate) user_topics: Topics,
    /// Card and account numbers that were named by their end.
    pub(crate) endings: Terms<6>,
    /// What the user wants left alone.
    pub(crate) excluded: Terms<8>,
    /// Things of which only some people are concerned, and by what.
    pub(crate) parts: Vec<Part>,
    /// Whether the agent set out terms.
    pub(crate) set_out: bool,
}

/// A thing of which only some people are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// The thing.
    pub(crate) owner: Term,
    /// By what they are concerned.
    pub(crate) topics: Topics,
}

/// What the agent said since the user last spoke.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offer {
    confirmation: bool,
    detail: bool,
    announced: bool,
    answered: bool,
    topics: Topics,
    core_topics: Topics,
    core: Terms<32>,
    identifiers: Terms<32>,
    families: Terms<12>,
}

/// What the user agreed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Consent {
    /// What the offer and the reply spoke of.
    pub(crate) topics: Topics,
    /// Identifiers in the question itself and in the reply.
    pub(crate) core: Terms<40>,
    /// Identifiers anywhere in the offer or the reply.
    pub(crate) identifiers: Terms<40>,
    /// The families of these.
    pub(crate) families: Terms<12>,
    /// Values that the reply put in place of what was proposed.
    pub(crate) demands: Terms<8>,
    /// Whether the episode it was given in is past.
    pub(crate) past: bool,
}

/// The writes under the present consent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Writes {
    /// What marks those that succeeded.
    pub(crate) done: Terms<24>,
    /// What marks those that have no answer yet.
    pub(crate) pending: Terms<12>,
    /// Whether one succeeded since the user last agreed to something.
    pub(crate) settled: bool,
}

impl Dialogue {
    /// Reads a state; an empty one is a conversation that begins.
    pub(crate) fn decode(state: &[u8]) -> Result<Self, PluginError> {
        match state.split_first() {
            None => Ok(Self::default()),
            Some((&VERSION, bytes)) if state.len() <= STATE_MAX => match postcard::take_from_bytes(bytes) {
                Ok((dialogue, [])) if Self::bounded(&dialogue) => Ok(dialogue),
                _ => Err(PluginError::UnreadableState),
            },
            Some(_) => Err(PluginError::UnreadableState),
        }
    }

    /// Writes the state.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, PluginError> {
        let state = postcard::to_extend(self, vec![VERSION]).map_err(|_| PluginError::StateTooLarge)?;
        if state.len() <= STATE_MAX { Ok(state) } else { Err(PluginError::StateTooLarge) }
    }

    /// The agent says something to the user.
    pub(crate) fn say(&mut self, content: &str, vocabulary: &Vocabulary) {
        let proposal = proposal::read(content, vocabulary);
        if self.writes.settled && self.offer.answered {
            self.turn_the_page();
        }
        self.episode.agent.extend(proposal.values.iter().map(|value| value.term));
        self.episode.agent_topics |= topics(&proposal.values);
        self.episode.set_out |= proposal.terms;
        self.episode.hear_endings(&proposal.values);
        if proposal.ask.confirmation {
            self.episode.parts.clear();
        }
        self.note_parts(&proposal.values);
        self.offer.add(&proposal);
    }

    /// The user says something.
    pub(crate) fn hear(&mut self, content: &str, vocabulary: &Vocabulary) {
        let reply = reply::read(content, vocabulary);
        let answer = self.answer(&reply);
        let news: Vec<Term> = self.news(&reply).collect();
        match answer {
            Answer::Agrees => self.consent = Some(Consent::new(&self.offer, &reply, &news)),
            Answer::Completes => self.complete(&reply),
            Answer::Nothing => self.consent = None,
        }
        if answer == Answer::Agrees {
            self.writes = Writes::default();
        }
        self.episode.user.extend(reply.values.iter().map(|value| value.term));
        self.episode.user_topics |= topics(&reply.values);
        self.episode.hear_endings(&reply.values);
        self.episode.hear_exclusions(&reply.values);
        self.note_parts(&reply.values);
        self.offer.answered = true;
    }

    /// A tool answers.
    pub(crate) fn observe(&mut self, event: &Event, failed: bool, vocabulary: &Vocabulary) {
        if failed {
            self.writes.pending.clear();
        } else {
            self.settle();
        }
        self.memory.observe(event, vocabulary);
    }

    /// A write is about to happen; `marks` are what tells it from others.
    pub(crate) fn write(&mut self, marks: &[Term]) {
        self.settle();
        self.writes.pending.extend(marks.iter().copied());
    }

    /// Whether somebody spoke of the value, as far as it belongs to the present consent.
    pub(crate) fn spoken(&self, value: Term) -> bool {
        let past = self.consent.as_ref().is_some_and(|consent| consent.past);
        self.episode.agent.contains(value) || self.episode.user.contains(value) || (past && self.past.contains(value))
    }

    /// What was spoken of in this episode.
    pub(crate) fn topics(&self) -> Topics {
        self.episode.agent_topics | self.episode.user_topics
    }

    fn bounded(&self) -> bool {
        self.memory.bounded() && self.episode.parts.len() <= PARTS_MAX
    }

    /// What of an answer the reply is.
    fn answer(&self, reply: &Reply) -> Answer {
        let offer = &self.offer;
        let open = !offer.answered;
        let follows = open && offer.announced && self.episode.set_out;
        let live = self.consent.is_some() && !self.writes.settled;
        match reply.act {
            Act::Refuse | Act::Ask => Answer::Nothing,
            Act::Affirm if open && (offer.confirmation || follows) => Answer::Agrees,
            Act::Tell if reply.amends => Answer::Nothing,
            Act::Tell if open && ((offer.confirmation && offer.detail) || follows) => Answer::Agrees,
            Act::Tell if open && offer.confirmation && self.repeats(reply) => Answer::Agrees,
            _ if live && open && offer.confirmation => Answer::Nothing,
            _ if live => Answer::Completes,
            _ => Answer::Nothing,
        }
    }

    /// Whether the reply names the proposed action and nothing new.
    fn repeats(&self, reply: &Reply) -> bool {
        let said = reply::topics(reply).named();
        let asked = self.offer.core_topics;
        said.any() && said & asked == said && self.news(reply).next().is_none()
    }

    /// The values in the reply that nobody spoke of before.
    fn news<'a>(&'a self, reply: &'a Reply) -> impl Iterator<Item = Term> + 'a {
        let new = |value: &&Value| is_solid(value.class) && !self.spoken(value.term);
        reply.values.iter().filter(new).map(|value| value.term)
    }

    fn complete(&mut self, reply: &Reply) {
        if let Some(consent) = &mut self.consent {
            consent.add(&self.offer, reply);
        }
    }

    /// The last write was reported; what was said before belongs to it.
    fn turn_the_page(&mut self) {
        let episode = core::mem::take(&mut self.episode);
        self.past.extend(episode.agent.iter().chain(episode.user.iter()));
        if let Some(consent) = &mut self.consent {
            consent.past = true;
        }
    }

    fn settle(&mut self) {
        let pending = core::mem::take(&mut self.writes.pending);
        self.writes.settled |= !pending.is_empty();
        self.writes.done.extend(pending.iter());
    }

    /// Remembers where some of a thing's people are named beside an action, and not all.
    fn note_parts(&mut self, values: &[Value]) {
        let said = topics(values).named().verbs();
        if !said.any() {
            return;
        }
        for owner in self.memory.owners().iter().filter(|owner| owner.members > 1) {
            let named = |index: &u8| values.iter().any(|value| self.memory.member(owner.id, *index, value.term));
            let count = (0..owner.members).filter(named).count();
            let partial = count > 0 && count < usize::from(owner.members);
            if partial && self.episode.parts.len() < PARTS_MAX {
                self.episode.parts.push(Part { owner: owner.id, topics: said });
            }
        }
    }
}

/// What of an answer a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// A yes to the offer.
    Agrees,
    /// What was missing from a yes already given.
    Completes,
    /// No consent, or none any more.
    Nothing,
}

impl Episode {
    fn hear_endings(&mut self, values: &[Value]) {
        let endings = values.iter().filter(|value| value.class == Class::Ending);
        self.endings.extend(endings.map(|value| value.term));
    }

    /// "All except B", "but keep B".
    fn hear_exclusions(&mut self, values: &[Value]) {
        let keeps = ["except", "excluding", "keep"].map(Term::word);
        for (at, value) in values.iter().enumerate().filter(|(_, value)| keeps.contains(&value.term)) {
            let after = values[at..].iter().take_while(|other| other.clause == value.clause);
            let kept = after.filter(|other| matches!(other.class, Class::Identifier | Class::Number));
            self.excluded.extend(kept.map(|other| other.term));
        }
    }
}

impl Offer {
    fn add(&mut self, proposal: &Proposal) {
        if self.answered {
            *self = Self::default();
        }
        self.confirmation |= proposal.ask.confirmation;
        self.detail |= proposal.ask.detail;
        self.announced |= proposal.ask.announced;
        self.topics |= topics(&proposal.values);
        self.core_topics |= topics(&proposal.core);
        self.core.extend(identifiers(&proposal.core));
        self.identifiers.extend(identifiers(&proposal.values));
        self.families.extend(proposal.values.iter().filter_map(|value| value.family));
    }
}

impl Consent {
    fn new(offer: &Offer, reply: &Reply, news: &[Term]) -> Self {
        let mut consent = Self::default();
        consent.add(offer, reply);
        if reply.amends {
            consent.demands.extend(news.iter().copied());
        }
        consent
    }

    fn add(&mut self, offer: &Offer, reply: &Reply) {
        self.topics |= offer.topics | reply::topics(reply);
        self.core.extend(offer.core.iter().chain(identifiers(&reply.values)));
        self.identifiers.extend(offer.identifiers.iter().chain(identifiers(&reply.values)));
        self.families.extend(offer.families.iter().chain(reply.values.iter().filter_map(|value| value.family)));
    }
}

fn identifiers(values: &[Value]) -> impl Iterator<Item = Term> + '_ {
    let identifies = |value: &&Value| matches!(value.class, Class::Identifier | Class::Number);
    values.iter().filter(identifies).map(|value| value.term)
}

fn is_solid(class: Class) -> bool {
    matches!(class, Class::Identifier | Class::Date | Class::Quantity | Class::Ending)
}

/// Parts remembered in one episode.
const PARTS_MAX: usize = 4;
