//! What can be found. The order of the variants is their precedence: where two readings of one
//! stretch of text compete, the earlier variant wins.

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// The three or four digits that prove a card is at hand. Never stored.
    CardSecurityCode,
    /// A payment card's number.
    PaymentCard,
    /// An international bank account number.
    Iban,
    /// A number that a state gave a person.
    NationalId,
    /// A number of a medical record, of an insured person or of a health care provider.
    MedicalId,
    /// A passport's number.
    Passport,
    /// A driving licence's number.
    DriverLicense,
    /// A bank's routing number.
    BankRouting,
    /// A domestic bank account number.
    BankAccount,
    /// An e-mail address.
    Email,
    /// An IPv4 or IPv6 address.
    IpAddress,
    /// The day a person was born.
    DateOfBirth,
    /// A telephone or fax number.
    Phone,
    /// Where a person lives or receives mail.
    StreetAddress,
    /// A postal code that stands alone.
    PostalCode,
    /// A person's name.
    PersonName,
}

impl Category {
    /// Every category, in order of precedence.
    pub const ALL: [Self; 16] = [
        Self::CardSecurityCode,
        Self::PaymentCard,
        Self::Iban,
        Self::NationalId,
        Self::MedicalId,
        Self::Passport,
        Self::DriverLicense,
        Self::BankRouting,
        Self::BankAccount,
        Self::Email,
        Self::IpAddress,
        Self::DateOfBirth,
        Self::Phone,
        Self::StreetAddress,
        Self::PostalCode,
        Self::PersonName,
    ];

    /// The name that marks carry.
    pub fn name(self) -> &'static str {
        match self {
            Self::CardSecurityCode => "card-security-code",
            Self::PaymentCard => "payment-card",
            Self::Iban => "iban",
            Self::NationalId => "national-id",
            Self::MedicalId => "medical-id",
            Self::Passport => "passport",
            Self::DriverLicense => "driver-license",
            Self::BankRouting => "bank-routing",
            Self::BankAccount => "bank-account",
            Self::Email => "email",
            Self::IpAddress => "ip-address",
            Self::DateOfBirth => "date-of-birth",
            Self::Phone => "phone",
            Self::StreetAddress => "street-address",
            Self::PostalCode => "postal-code",
            Self::PersonName => "person-name",
        }
    }

    /// The category with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }

    /// Whether a stretch keeps its meaning when another finding takes a part of it: a postal
    /// address without the telephone number inside it is still one, half a card number is not.
    pub(crate) fn divisible(self) -> bool {
        matches!(self, Self::StreetAddress | Self::PersonName)
    }
}
