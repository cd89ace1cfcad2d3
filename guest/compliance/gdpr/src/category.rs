//! Kinds of personal data, as far as the rules tell them apart.

use serde::{Deserialize, Serialize};

use crate::words::{List, Words, words};

/// A kind of personal data. The number is its place in a [`Kinds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Email,
    Phone,
    Address,
    BirthDate,
    Card,
    SecurityCode,
    BankAccount,
    StateId,
    MedicalId,
    Network,
    Name,
    Other,
}

impl Kind {
    /// How many there are.
    pub(crate) const COUNT: usize = 12;

    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::BirthDate,
        Self::Card,
        Self::SecurityCode,
        Self::BankAccount,
        Self::StateId,
        Self::MedicalId,
        Self::Network,
        Self::Name,
        Self::Other,
    ];

    /// The kind that a mark's category belongs to.
    pub(crate) fn of_category(category: &str) -> Self {
        match category {
            "email" => Self::Email,
            "phone" => Self::Phone,
            "street-address" | "postal-code" => Self::Address,
            "date-of-birth" => Self::BirthDate,
            "payment-card" => Self::Card,
            "card-security-code" => Self::SecurityCode,
            "iban" | "bank-account" | "bank-routing" => Self::BankAccount,
            "national-id" | "passport" | "driver-license" => Self::StateId,
            "medical-id" => Self::MedicalId,
            "ip-address" => Self::Network,
            "person-name" => Self::Name,
            _ => Self::Other,
        }
    }

    /// As a message names it.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Email => "an address",
            Self::Phone => "a phone number",
            Self::Address => "a postal address",
            Self::BirthDate => "a date of birth",
            Self::Card => "a payment card's number",
            Self::SecurityCode => "a card's security code",
            Self::BankAccount => "a bank account's number",
            Self::StateId => "an identity document's number",
            Self::MedicalId => "a medical number",
            Self::Network => "an IP address",
            Self::Name => "a name",
            Self::Other => "other personal data",
        }
    }

    /// Whether a thief could use it as it is.
    pub(crate) const fn is_identifier(self) -> bool {
        matches!(self, Self::Card | Self::BankAccount | Self::StateId | Self::MedicalId)
    }

    /// Whether an operator has one too, and tells it to users.
    pub(crate) const fn is_contact(self) -> bool {
        matches!(self, Self::Email | Self::Phone | Self::Address | Self::BankAccount | Self::Network)
    }

    /// Words by which a person speaks of their own.
    const fn topic(self) -> &'static List {
        match self {
            Self::Email => words![email mail emails],
            Self::Phone => words![phone telephone mobile number call contact],
            Self::Address => {
                words![address addresses street zip postal postcode live ship deliver]
            }
            Self::BirthDate => words![birth birthday birthdate born dob age],
            Self::Card => words![card cards payment pay paid visa mastercard amex],
            Self::SecurityCode => words![cvv cvc security],
            Self::BankAccount => words![bank iban account routing],
            Self::StateId => words![passport ssn license licence id identity social],
            Self::MedicalId => words![medical insurance patient health],
            Self::Network => words![ip network],
            Self::Name => words![name names],
            Self::Other => words![],
        }
    }
}

/// A set of [`Kind`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kinds(u16);

impl Kinds {
    /// The kinds that words speak of.
    pub(crate) fn spoken_of(words: &Words) -> Self {
        Kind::ALL.into_iter().filter(|kind| words.any(kind.topic())).collect()
    }

    pub(crate) fn contains(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// Adds a kind; whether it was not there yet.
    pub(crate) fn insert(&mut self, kind: Kind) -> bool {
        let is_new = !self.contains(kind);
        self.0 |= 1 << kind as u16;
        is_new
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }

    /// As a message names them.
    pub(crate) fn nouns(self) -> String {
        self.iter().map(Kind::noun).collect::<Vec<_>>().join(", ")
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        let mut set = Self::default();
        kinds.into_iter().for_each(|kind| {
            set.insert(kind);
        });
        set
    }
}
