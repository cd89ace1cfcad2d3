//! What the tools' answers said: which things there are, what they are made of, and by what
//! people call them.
//!
//! An answer is an object, or a list of objects. The first key that ends in `id`, one of
//! the user only where there is no other, names the thing it is about, its *owner*. Kept are links, each a hash of its parts:
//!
//! | link | of | answers |
//! |---|---|---|
//! | `r` | owner, key, value | is this argument what the thing has already? |
//! | `a` | identifier, value | is `card_19` the card that ends in 7447? |
//! | `n` | identifier, word | is `5031` the desk lamp? |
//! | `k` | identifier, number | how many words has that name? |
//! | `m` | owner, number, first name | whom of the thing's people does this name mean? |
//! | `l` | owner, list, count | how many are on the thing's list? |
//!
//! Beside the links it keeps which words are chosen from (module `choices`).

mod choices;
mod entry;
mod keys;

use activemirror_guest::policy::{Event, EventKind, Value as LeafValue};
use serde::{Deserialize, Serialize};

use crate::datum::{Datum, name_words};
use crate::term::{Term, Terms};
use crate::values::family;
use crate::vocabulary::Vocabulary;
use choices::Choices;
use entry::Entry;

pub(crate) use choices::{chosen, joined};
pub(crate) use keys::{is_code, is_id, is_identity, key_term, kind_words};

/// What the tools' answers said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Memory {
    links: Terms,
    owners: Vec<Owner>,
    accounts: Vec<Account>,
    facts: Terms,
    sought: Terms,
    pub(crate) choices: Choices,
}

/// A thing that a tool told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    /// The key that its identifier stood under.
    pub(crate) key: Term,
    /// Its identifier.
    pub(crate) id: Term,
    /// How many people belong to it.
    pub(crate) members: u8,
}

/// An identifier that stands for something people call by other names, such as a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// The identifier.
    pub(crate) id: Term,
    /// What its kind has in common.
    pub(crate) family: Term,
    /// What its kind is: the `card` of `gift_card_12`.
    pub(crate) head: Term,
    /// What tells it from others of that: the `gift`.
    pub(crate) sort: Term,
}

impl Account {
    fn new(datum: &Datum) -> Option<Self> {
        let Datum::Identifier(text) = datum else { return None };
        let words = kind_words(text);
        let (sort, head) = (*words.first()?, *words.last()?);
        Some(Self { id: datum.term()?, family: family(text)?, head, sort })
    }
}

impl Memory {
    /// Whether the memory is within its bounds, as one read from a state may not be.
    pub(crate) fn bounded(&self) -> bool {
        let lists = self.owners.len() <= OWNERS_MAX && self.accounts.len() <= ACCOUNTS_MAX;
        let [links, facts, sought] =
            [(&self.links, LINKS_MAX), (&self.facts, FACTS_MAX), (&self.sought, SOUGHT_MAX)]
                .map(|(terms, max)| terms.bounded(max));
        lists && links && facts && sought && self.choices.bounded()
    }

    /// Takes in the answer of a tool.
    pub(crate) fn observe(&mut self, event: &Event, vocabulary: &Vocabulary) {
        let leaves = event.leaves.iter().filter(|leaf| leaf.path.starts_with("/data"));
        let leaves: Vec<Entry<'_>> =
            leaves.take(LEAVES_MAX).map(|leaf| Entry::new(leaf, vocabulary)).collect();
        for answer in leaves.chunk_by(|a, b| a.root == b.root) {
            self.learn(answer);
        }
    }

    /// Takes in what the agent looks up: codes that the user said in other words.
    pub(crate) fn look_up(&mut self, event: &Event, vocabulary: &Vocabulary) {
        let leaves =
            event.leaves.iter().filter(|leaf| leaf.path.starts_with("/parameters")).take(LOOKED_UP_MAX);
        for value in leaves.filter_map(|leaf| Datum::new(&leaf.value, vocabulary).term()) {
            self.sought.insert(value, SOUGHT_MAX);
        }
    }

    /// Whether the agent looked something up by this value.
    pub(crate) fn sought(&self, value: Term) -> bool {
        self.sought.contains(value)
    }

    /// The things told about, oldest first.
    pub(crate) fn owners(&self) -> &[Owner] {
        &self.owners
    }

    /// The accounts told about.
    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Whether the thing has this value under this key.
    pub(crate) fn has(&self, owner: Term, key: Term, value: Term) -> bool {
        self.links.contains(Term::row(b'r', &[owner, key, value]))
    }

    /// Whether anything has this value under this key.
    pub(crate) fn anything_has(&self, key: Term, value: Term) -> bool {
        self.owners.iter().any(|owner| self.has(owner.id, key, value))
    }

    /// Whether an answer about nothing in particular, such as the user's profile, held the value.
    pub(crate) fn knows(&self, value: Term) -> bool {
        self.facts.contains(value)
    }

    /// Whether people may call the identifier by this value.
    pub(crate) fn called(&self, id: Term, value: Term) -> bool {
        self.links.contains(call_link(id, value))
    }

    /// Whether so many of these words are all words of a name of the identifier.
    pub(crate) fn named(&self, id: Term, words: impl Iterator<Item = Term>) -> bool {
        let known = words.filter(|word| self.links.contains(name_link(id, *word))).count();
        (2..=known.min(NAME_WORDS_MAX)).any(|length| self.links.contains(length_link(id, length)))
    }

    /// Whether this word is the name of the thing's nth person.
    pub(crate) fn member(&self, owner: Term, index: u8, word: Term) -> bool {
        self.links.contains(member_link(owner, index, word))
    }

    /// How many elements the thing's list of this name has.
    pub(crate) fn length(&self, owner: Term, list: Term) -> usize {
        let is = |count: &usize| self.links.contains(list_link(owner, list, *count));
        (1..=LIST_MAX).find(is).unwrap_or(0)
    }

    fn learn(&mut self, answer: &[Entry<'_>]) {
        let mut ids = answer.iter().filter(|entry| entry.object == entry.root && is_id(entry.key));
        let owner = ids.clone().find(|entry| !is_identity(entry.key)).or_else(|| ids.next());
        match owner.and_then(|owner| Some((owner, owner.datum().term()?))) {
            Some((entry, id)) => self.learn_of(key_term(entry.key), id, answer),
            None if answer.iter().all(|entry| entry.root == "/data") => {
                let own = answer.iter().filter(|entry| !entry.names_somebody_listed());
                for fact in own.take(RECORD_MAX).filter_map(|entry| entry.datum().term()) {
                    self.facts.insert(fact, FACTS_MAX);
                }
            }
            None => {}
        }
        for object in answer.chunk_by(|a, b| a.object == b.object) {
            self.learn_names(object);
            self.learn_choices(object);
        }
    }

    /// Numbers that stand together: the prices of what can be chosen, by its name.
    fn learn_choices(&mut self, object: &[Entry<'_>]) {
        let [first, _, ..] = object else { return };
        let (_, set) = first.object.rsplit_once('/').unwrap_or_default();
        let named = object.iter().all(|entry| entry.is_number() && !is_id(entry.key));
        if named && first.object != first.root {
            for entry in object.iter().take(CHOICES_OF_ONE) {
                let words: Vec<Term> = name_words(entry.key).iter().map(|word| Term::word(word)).collect();
                self.choices.learn(key_term(set), joined(&words));
            }
        }
    }

    fn learn_of(&mut self, key: Term, id: Term, answer: &[Entry<'_>]) {
        let mut members = 0;
        self.learn_lists(id, answer);
        let (ids, others): (Vec<_>, Vec<_>) = answer.iter().partition(|entry| is_id(entry.key));
        for entry in ids.into_iter().chain(others).take(RECORD_MAX) {
            let datum = entry.datum();
            let Some(value) = datum.term() else { continue };
            self.link(Term::row(b'r', &[id, key_term(entry.key), value]));
            if entry.object != entry.root && is_id(entry.key) {
                self.accounts_of(Account::new(&datum));
            }
            let plain = entry.object == entry.root && !entry.is_code();
            if matches!(&datum, Datum::Words(words) if plain && words.len() <= NAME_WORDS_MAX) {
                self.choices.learn(key_term(entry.key), value);
            }
            if let Some((index, name)) = entry.member(&datum) {
                members = members.max(index + 1);
                self.link(member_link(id, index, name));
            }
        }
        self.own(Owner { key, id, members });
    }

    /// How long the thing's lists are.
    fn learn_lists(&mut self, id: Term, answer: &[Entry<'_>]) {
        let within = |entry: &&Entry<'_>| entry.object != entry.root;
        let places = answer.iter().filter(within).filter_map(|entry| list_of(entry.object));
        for (list, index) in places.filter(|(_, index)| *index < LIST_MAX) {
            let link = |count| list_link(id, list_term(list), count);
            (1..=LIST_MAX).for_each(|count| self.links.remove(link(count)));
            self.link(link(index + 1));
        }
    }

    /// The values beside an identifier, by which people call it.
    fn learn_names(&mut self, object: &[Entry<'_>]) {
        let Some(named) = object.iter().find_map(Entry::identified) else { return };
        let Some(id) = named.term() else { return };
        let sort = match &named {
            Datum::Identifier(text) => kind_words(text),
            _ => Vec::new(),
        };
        for entry in object.iter().take(RECORD_MAX) {
            match entry.datum() {
                Datum::Words(words) if words.iter().all(|word| sort.contains(word)) => {}
                Datum::Words(words) if words.iter().all(|word| entry.is_about_payment(*word)) => {}
                Datum::Words(words) if words.len() > 1 => self.learn_name(id, &words),
                datum => datum
                    .term()
                    .filter(|value| *value != id)
                    .into_iter()
                    .for_each(|value| self.link(call_link(id, value))),
            }
        }
        self.accounts_of(Account::new(&named));
    }

    /// A name of several words: each of them, and how many they are.
    fn learn_name(&mut self, id: Term, words: &[Term]) {
        if words.len() <= NAME_WORDS_MAX {
            words.iter().for_each(|word| self.link(name_link(id, *word)));
            self.link(length_link(id, words.len()));
        }
    }

    fn link(&mut self, link: Term) {
        self.links.insert(link, LINKS_MAX);
    }

    fn own(&mut self, owner: Owner) {
        self.owners.retain(|known| known.id != owner.id);
        if self.owners.len() >= OWNERS_MAX {
            self.owners.remove(0);
        }
        self.owners.push(owner);
    }

    fn accounts_of(&mut self, account: Option<Account>) {
        let Some(account) = account.filter(|account| !self.accounts.contains(account)) else { return };
        if self.accounts.len() >= ACCOUNTS_MAX {
            self.accounts.remove(0);
        }
        self.accounts.push(account);
    }
}

fn call_link(id: Term, value: Term) -> Term {
    Term::row(b'a', &[id, value])
}

fn name_link(id: Term, word: Term) -> Term {
    Term::row(b'n', &[id, word])
}

fn length_link(id: Term, length: usize) -> Term {
    Term::row(b'k', &[id, Term::number(&length.to_string())])
}

fn list_link(owner: Term, list: Term, count: usize) -> Term {
    Term::row(b'l', &[owner, list, Term::number(&count.to_string())])
}

/// The path of the list that an object is an element of, and its place there, from 0.
pub(crate) fn list_of(object: &str) -> Option<(&str, usize)> {
    let (list, index) = object.strip_suffix(']')?.rsplit_once('[')?;
    Some((list, index.parse().ok()?))
}

/// The name of a list, by its path.
pub(crate) fn list_term(path: &str) -> Term {
    key_term(path.rsplit_once('/').map_or(path, |(_, name)| name))
}

fn member_link(owner: Term, index: u8, word: Term) -> Term {
    Term::row(b'm', &[owner, Term::number(&index.to_string()), word])
}

/// Elements of a list that are counted.
const LIST_MAX: usize = 12;
/// Links remembered, the newest.
const LINKS_MAX: usize = 300;
/// Values of the user's profile and its like remembered, the newest.
const FACTS_MAX: usize = 64;
/// Values that the agent looked up remembered, the newest.
const SOUGHT_MAX: usize = 16;
/// Things remembered, the newest.
const OWNERS_MAX: usize = 16;
/// Accounts remembered, the newest.
const ACCOUNTS_MAX: usize = 16;
/// Choices of one object that are remembered.
const CHOICES_OF_ONE: usize = 8;
/// Leaves of one answer that are read; search results run to thousands.
const LEAVES_MAX: usize = 512;
/// Arguments of one look-up that are remembered.
const LOOKED_UP_MAX: usize = 8;
/// Words of the longest name of a thing.
const NAME_WORDS_MAX: usize = 5;
/// Leaves of one thing that are remembered.
const RECORD_MAX: usize = 48;

/// Whether a tool says that what it was asked to do did not happen.
pub(crate) fn has_failed(event: &Event) -> bool {
    let says =
        |text: &str| text.trim_start().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("error"));
    let told = event.leaves.iter().any(|leaf| match (leaf.path.as_str(), &leaf.value) {
        ("/data/error", LeafValue::Null | LeafValue::Boolean(false)) => false,
        ("/data/error" | "/data/error/message" | "/data/error/code", _) => true,
        ("/data/ok" | "/data/success", LeafValue::Boolean(ok)) => !ok,
        ("/data/status", LeafValue::Text(status)) => {
            matches!(status.as_str(), "error" | "failed" | "failure")
        }
        _ => false,
    });
    event.kind == EventKind::Error || event.content.as_deref().is_some_and(says) || told
}
