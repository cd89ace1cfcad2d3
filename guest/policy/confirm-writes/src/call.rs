//! A call of an action that writes: its name's words, and its arguments as values.

use activemirror_guest::policy::{Event, Leaf};

use crate::datum::{Datum, name_words, split};
use crate::memory::{is_code, is_id, is_identity, key_term, kind_words};
use crate::term::Term;
use crate::values::{date_kind, family, is_stop_word};
use crate::vocabulary::{Topics, Vocabulary};

/// A call of an action that writes.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The words of the action's name: a verb, as a rule, and what it is done to.
    pub(crate) words: Vec<Term>,
    /// What the first of them speaks of.
    pub(crate) verb: Topics,
    /// What the others speak of; after a verb that says what is done no other action, as `booking`
    /// in `cancel_booking` would be.
    pub(crate) nouns: Topics,
    /// Its arguments.
    pub(crate) arguments: Vec<Argument>,
    /// Whether it has more arguments than are read.
    pub(crate) unread: bool,
}

/// One argument, or one leaf of it.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    /// Its name in words, for people: `payment id`.
    pub(crate) name: String,
    /// The last key of its path.
    pub(crate) key: Term,
    /// The last word of that key.
    pub(crate) label: Term,
    /// The object that holds it, by its path.
    pub(crate) object: String,
    /// Whether it is a short code, such as `JFK`.
    pub(crate) code: bool,
    /// The words of that key which mean something by themselves.
    pub(crate) words: Vec<Term>,
    /// What they speak of.
    pub(crate) topics: Topics,
    /// What it identifies, by its key.
    pub(crate) role: Role,
    /// The value.
    pub(crate) datum: Datum,
    /// What it has in common with the values that may take its place.
    pub(crate) kind: Option<Term>,
    /// Whether its key says that it is an amount.
    pub(crate) amount: bool,
    /// Whether its key says that it counts what is to be paid for, as `nonfree_bags` does.
    pub(crate) charged: bool,
}

/// What an argument stands for, by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The user, or the user's account.
    Identity,
    /// What the money comes from or goes to.
    Payment,
    /// The thing that is written to.
    Object,
    /// Who somebody is: a name, a date of birth.
    Person,
    /// A term like any other.
    Term,
}

impl Call {
    /// Reads an action.
    pub(crate) fn new(event: &Event, vocabulary: &Vocabulary) -> Self {
        let name = event.action.as_deref().unwrap_or_default();
        let words: Vec<Term> = name_words(local_name(name)).iter().map(|word| Term::word(word)).collect();
        let topics =
            |words: &[Term]| words.iter().fold(Topics::default(), |all, word| all | vocabulary.topics(*word));
        let (verb, nouns) = words.split_at(words.len().min(1));
        let leaves = event.leaves.iter().filter(|leaf| leaf.path.starts_with("/parameters"));
        let arguments = leaves.clone().take(ARGUMENTS_MAX);
        let verb = topics(verb).named();
        let nouns = topics(nouns).named();
        Self {
            nouns: if verb.deeds().any() { nouns.things() } else { nouns },
            verb,
            arguments: arguments.map(|leaf| Argument::new(leaf, &words, vocabulary)).collect(),
            unread: leaves.count() > ARGUMENTS_MAX,
            words,
        }
    }

    /// The things that the call names by identifier.
    pub(crate) fn objects(&self) -> impl Iterator<Item = Term> + '_ {
        self.with_role(Role::Object).filter_map(|argument| argument.datum.term())
    }

    /// The arguments with a role.
    pub(crate) fn with_role(&self, role: Role) -> impl Iterator<Item = &Argument> + '_ {
        self.arguments.iter().filter(move |argument| argument.role == role)
    }

    /// What tells this call from another of the same action: what it is done to and how, but not
    /// how much of it, nor who pays.
    pub(crate) fn mark(&self) -> Term {
        let tells = |argument: &&Argument| {
            !matches!(argument.role, Role::Identity | Role::Payment)
                && !matches!(argument.datum, Datum::Number(_))
        };
        let values = self.arguments.iter().filter(tells).filter_map(|argument| argument.datum.term());
        let mark: Vec<Term> = self.words.iter().copied().chain(values).collect();
        Term::row(b'c', &mark)
    }
}

impl Argument {
    fn new(leaf: &Leaf, action: &[Term], vocabulary: &Vocabulary) -> Self {
        let (object, key) = split(leaf);
        let names = name_words(key);
        let words: Vec<Term> =
            names.iter().filter(|word| !is_empty_word(word)).map(|word| Term::word(word)).collect();
        let datum = Datum::new(&leaf.value, vocabulary);
        let datum = if is_id(key) { datum.identifying() } else { datum };
        let speak =
            |words: &[Term]| words.iter().fold(Topics::default(), |all, word| all | vocabulary.topics(*word));
        let topics = speak(&words);
        let (sort, kind) = match &datum {
            Datum::Identifier(text) => (speak(&kind_words(text)), family(text)),
            Datum::Date(_) => (Topics::default(), Some(date_kind())),
            _ => (Topics::default(), None),
        };
        let role = role(key, &names, topics | sort, action);
        Self {
            kind: kind.filter(|_| role != Role::Person),
            role,
            amount: words.is_empty() || names.iter().any(|name| AMOUNTS[..MONEY].contains(&name.as_str())),
            charged: names.iter().any(|name| CHARGED.contains(&name.as_str())),
            key: key_term(key),
            label: Term::word(names.last().map(String::as_str).unwrap_or_default()),
            object: object.into(),
            code: is_code(&leaf.value),
            name: key.chars().map(|c| if c == '_' { ' ' } else { c }).take(NAME_MAX).collect(),
            words,
            topics,
            datum,
        }
    }
}

/// What an argument stands for. What the action's name speaks of is what is written to: the
/// account in `close_account`.
fn role(key: &str, names: &[String], topics: Topics, action: &[Term]) -> Role {
    let has = |list: &[&str]| names.iter().any(|name| list.contains(&name.as_str()));
    let object = is_id(key) && names.iter().any(|name| name != "id" && action.contains(&Term::word(name)));
    if object {
        Role::Object
    } else if is_identity(key) {
        Role::Identity
    } else if topics.meet(Topics::PAYMENT | Topics::INSTRUMENT) && !has(&AMOUNTS) {
        Role::Payment
    } else if is_id(key) {
        Role::Object
    } else if has(&["name", "dob", "birth", "birthdate", "birthday", "email", "phone", "address"]) {
        Role::Person
    } else {
        Role::Term
    }
}

/// The name without what qualifies it: `shop.orders.cancel_order` is `cancel_order`.
fn local_name(action: &str) -> &str {
    action.rsplit(['.', '/', ':']).next().unwrap_or(action)
}

fn is_empty_word(word: &str) -> bool {
    is_stop_word(word) || AMOUNTS.contains(&word) || matches!(word, "id" | "number" | "no" | "new" | "type")
}

/// Words for how much, which say nothing of what; first those of money.
const AMOUNTS: [&str; 14] = [
    "amount", "price", "cost", "sum", "value", "fee", "balance", "total", "quantity", "qty", "count", "num",
    "limit", "size",
];

/// How many of them are of money.
const MONEY: usize = 7;

/// Words for what is to be paid for.
const CHARGED: [&str; 7] = ["nonfree", "paid", "charged", "chargeable", "billable", "extra", "additional"];

/// Characters of a name that people are shown.
const NAME_MAX: usize = 40;

/// Arguments of one call that are read.
const ARGUMENTS_MAX: usize = 192;
