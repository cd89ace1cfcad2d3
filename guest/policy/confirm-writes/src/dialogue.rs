//! The conversation so far, as far as consent goes: what was said, what was asked, what the user
//! agreed to, and which writes have used that up.
//!
//! It is the state between two calls: one byte for the layout, then the fields of [`Dialogue`] as
//! postcard writes them. An *episode* is what was said since the last write that succeeded was
//! reported; an *offer* is what the agent said since the user last spoke. A [`Consent`] comes from
//! one exchange, an offer and the reply to it; later exchanges may complete it ("which card?" "the
//! Visa") or take it back.

mod answer;
mod notes;

use activemirror_guest::policy::{Event, PluginError};
use serde::{Deserialize, Serialize};

use crate::call::{Call, Role};
use crate::memory::{self, Memory};
use crate::proposal::{self, Ask, Proposal};
use crate::reply::{self, Act, Reply};
use crate::talk::{Marks, Talk};
use crate::term::{Term, Terms};
use crate::values::{Class, Value, topics};
use crate::vocabulary::{Topics, Vocabulary};
use answer::Answer;

/// Bytes of the largest state that a host keeps.
pub const STATE_MAX: usize = 4096;

/// The first byte of a state: which layout follows.
const VERSION: u8 = 4;

/// The conversation so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dialogue {
    /// What the tools said.
    pub(crate) memory: Memory,
    /// What both sides spoke of.
    pub(crate) talk: Talk,
    /// What both sides said in this episode.
    pub(crate) episode: Episode,
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
    /// What the agent spoke of.
    pub(crate) agent: Topics,
    /// What the user spoke of.
    pub(crate) user: Topics,
    /// Things of which only some people are concerned, and by what.
    pub(crate) parts: Vec<Part>,
    /// Whether the agent named an amount, or a thing that the user had not named.
    set_out: bool,
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
    ask: Ask,
    answered: bool,
    topics: Topics,
    asked: Topics,
    free: bool,
}

/// What the user agreed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Consent {
    /// What the offer and the reply spoke of.
    pub(crate) topics: Topics,
    /// What the question itself and the reply spoke of.
    pub(crate) asked: Topics,
    /// Whether the offer said that nothing is to be paid.
    pub(crate) free: bool,
    /// Whether the episode it was given in is past.
    past: bool,
}

/// The writes under the present consent, each as one term.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Writes {
    /// Those that succeeded.
    pub(crate) done: Terms,
    /// Those that have no answer yet.
    pending: Terms,
    /// The accounts that calls took since the user last spoke.
    pub(crate) charged: Terms,
    /// Whether the last of these was stopped, so that only an answer shows that it happened.
    stopped: bool,
    /// Whether one succeeded that the agent has not reported yet.
    settled: bool,
}

impl Dialogue {
    /// Reads a state; an empty one is a conversation that begins.
    pub(crate) fn decode(state: &[u8]) -> Result<Self, PluginError> {
        match state.split_first() {
            None => Ok(Self::default()),
            Some((&VERSION, bytes)) if state.len() <= STATE_MAX => {
                match postcard::take_from_bytes::<Self>(bytes) {
                    Ok((dialogue, [])) if dialogue.bounded() => Ok(dialogue),
                    _ => Err(PluginError::UnreadableState),
                }
            }
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
        if self.offer.answered {
            self.begin_offer();
        }
        let introduces = |value: &Value| is_identifier(value.class) && !self.spoken(value.term);
        self.episode.set_out |= proposal.priced || proposal.values().any(introduces);
        self.episode.agent |= topics(proposal.values());
        if proposal.ask.confirmation {
            self.episode.parts.clear();
        }
        self.note_parts(&proposal.sentences);
        self.note(proposal.values(), Marks::AGENT | Marks::OFFERED);
        self.note_choices(&proposal.sentences, &proposal.sharing, Marks::AGENT | Marks::OFFERED);
        self.note_shares(&proposal.sentences, &proposal.sharing, Marks::AGENT);
        self.note(&proposal.core, Marks::ASKED);
        self.note(&proposal.paying, Marks::PAY_OFFERED);
        for term in &proposal.ruled_out {
            self.talk.unmark(*term, Marks::OFFERED | Marks::ASKED);
        }
        self.offer.add(&proposal);
    }

    /// The user says something.
    pub(crate) fn hear(&mut self, content: &str, vocabulary: &Vocabulary) {
        let reply = reply::read(content, vocabulary);
        match self.answer(&reply) {
            Answer::Agrees => self.agree(&reply),
            Answer::Completes => self.complete(&reply),
            Answer::Leaves => {}
            Answer::Nothing => self.consent = None,
        }
        self.settle_payment(&reply);
        self.note(reply.values(), Marks::USER);
        self.note_choices(&reply.sentences, &reply.sharing, Marks::USER);
        self.note_shares(&reply.sentences, &reply.sharing, Marks::USER);
        self.episode.user |= reply.topics();
        reply.sentences.iter().for_each(|sentence| self.note_exclusions(sentence));
        self.note_parts(&reply.sentences);
        self.offer.answered = true;
        self.writes.charged.clear();
    }

    /// A tool answers.
    pub(crate) fn observe(&mut self, event: &Event, vocabulary: &Vocabulary) {
        if memory::has_failed(event) {
            self.writes.pending.clear();
        } else {
            self.settle();
        }
        self.memory.observe(event, vocabulary);
    }

    /// A write is about to be judged: those before it that were let through have happened.
    pub(crate) fn begin_write(&mut self) {
        if self.writes.stopped {
            self.writes.pending.clear();
        }
        self.settle();
    }

    /// The write was judged.
    pub(crate) fn end_write(&mut self, call: &Call, stopped: bool) {
        self.writes.pending.insert(call.mark(), PENDING_MAX);
        let payments = call.with_role(Role::Payment).filter_map(|payment| payment.datum.term());
        for account in payments.filter(|_| !stopped) {
            self.writes.charged.insert(account, CHARGED_MAX);
        }
        self.writes.stopped = stopped;
    }

    fn settle(&mut self) {
        for mark in self.writes.pending.take() {
            self.writes.settled = true;
            self.writes.done.insert(mark, DONE_MAX);
        }
    }

    /// The consent, unless the agent asked something since that has no answer.
    pub(crate) fn standing_consent(&self) -> Option<&Consent> {
        let waits = !self.offer.answered && (self.offer.ask.confirmation || self.offer.ask.detail);
        self.consent.as_ref().filter(|_| !waits)
    }

    /// The consent, unless it led to a write.
    fn live_consent(&self) -> Option<&Consent> {
        self.consent.as_ref().filter(|consent| !consent.past && !self.writes.settled)
    }

    /// Whether somebody spoke of the value, as far as it belongs to the present consent.
    pub(crate) fn spoken(&self, value: Term) -> bool {
        self.talk.has(value, self.present())
    }

    /// Whether somebody spoke of the value, be it before a write that was reported since.
    pub(crate) fn known(&self, value: Term) -> bool {
        self.talk.has(value, self.present() | Marks::PAST)
    }

    /// The values that belong to the present consent.
    pub(crate) fn present(&self) -> Marks {
        let marks = Marks::AGENT | Marks::USER | Marks::AGREED;
        if self.consent.as_ref().is_some_and(|consent| consent.past) { marks | Marks::PAST } else { marks }
    }

    /// What was spoken of in this episode.
    pub(crate) fn topics(&self) -> Topics {
        self.episode.agent | self.episode.user
    }

    fn bounded(&self) -> bool {
        let writes = self.writes.done.bounded(DONE_MAX)
            && self.writes.pending.bounded(PENDING_MAX)
            && self.writes.charged.bounded(CHARGED_MAX);
        self.memory.bounded() && self.talk.bounded() && self.episode.parts.len() <= PARTS_MAX && writes
    }

    fn begin_offer(&mut self) {
        if self.writes.settled {
            self.turn_the_page();
        }
        self.offer = Offer::default();
        self.talk.begin_turn();
        self.talk.wipe(Marks::OFFERED | Marks::ASKED | Marks::PAY_OFFERED);
    }

    /// The last write is being reported; what was said before belongs to it.
    fn turn_the_page(&mut self) {
        self.episode = Episode::default();
        self.writes.settled = false;
        self.talk.spread(Marks::AGENT | Marks::USER, Marks::PAST);
        self.talk.wipe(Marks::AGENT | Marks::USER | Marks::EXCLUDED);
        if let Some(consent) = &mut self.consent {
            consent.past = true;
        }
    }

    /// A yes. Where one was given before and led to no write, this is to the same matter.
    fn agree(&mut self, reply: &Reply) {
        let topics = self.live_consent().map(|before| before.topics).unwrap_or_default();
        self.consent = Some(Consent { topics, ..Consent::default() });
        self.writes = Writes::default();
        let news = self.news(reply);
        self.talk.wipe(Marks::AGREED | Marks::AFFIRMED | Marks::DEMANDED | Marks::CHOSEN);
        self.complete(reply);
        for term in news.into_iter().filter(|_| reply.amends) {
            self.talk.note(term, Marks::DEMANDED);
        }
    }

    fn complete(&mut self, reply: &Reply) {
        self.talk.spread(Marks::OFFERED, Marks::AGREED);
        self.talk.spread(Marks::ASKED, Marks::AFFIRMED);
        self.note(reply.values(), Marks::AGREED | Marks::AFFIRMED | Marks::CHOSEN);
        self.note_choices(&reply.sentences, &reply.sharing, Marks::AGREED);
        if let Some(consent) = &mut self.consent {
            consent.topics |= self.offer.topics | reply.topics();
            consent.asked |= self.offer.asked | reply.topics();
            consent.free |= self.offer.free;
        }
    }

    /// What is to be paid with: as the user says, or as the offer says that the user answers.
    fn settle_payment(&mut self, reply: &Reply) {
        if !reply.paying.is_empty() {
            if !reply.adds_payment {
                self.talk.wipe(Marks::PAYING);
            }
            self.note(&reply.paying, Marks::PAYING);
        } else if self.answers_how_to_pay(reply) {
            self.talk.wipe(Marks::PAYING);
            self.note(reply.values(), Marks::PAYING);
        } else if reply.act == Act::Affirm && self.talk.any(Marks::PAY_OFFERED) {
            self.talk.wipe(Marks::PAYING);
            self.talk.spread(Marks::PAY_OFFERED, Marks::PAYING);
        }
        self.talk.wipe(Marks::PAY_OFFERED);
    }

    /// "The one I booked with", to the question how to pay.
    fn answers_how_to_pay(&self, reply: &Reply) -> bool {
        let asked = self.offer.ask.detail && self.offer.topics.meet(Topics::PAYMENT);
        asked && reply.act == Act::Tell && reply.topics().meet(Topics::SAME)
    }
}

impl Offer {
    fn add(&mut self, proposal: &Proposal) {
        self.ask = self.ask | proposal.ask;
        self.topics |= proposal.topics;
        self.free |= proposal.free;
        self.asked |= topics(&proposal.core);
    }
}

fn is_identifier(class: Class) -> bool {
    matches!(class, Class::Identifier | Class::Number)
}

/// Writes remembered under one consent.
const DONE_MAX: usize = 24;
/// Writes remembered that have no answer yet.
const PENDING_MAX: usize = 8;
/// Accounts remembered that calls took.
const CHARGED_MAX: usize = 8;
/// Parts remembered in one episode.
const PARTS_MAX: usize = 4;
