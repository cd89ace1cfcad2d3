//! What the name of a field says of its value: `dob`, `customerEmail`, `shipping/address1`.

use crate::category::Category;
use crate::character::{digit_value, is_capital, is_letter};
use crate::table::{Row, Table, WordHash};

/// What a field's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// Its value is personal.
    Personal(Category),
    /// Its value is personal beside a personal field: `name`, `city`.
    Beside(Category),
}

impl Label {
    /// Reads a field's name, however it is spelled, or the last steps of a path to the field.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let words = Words::of(name);
        let known = |first: usize| TABLE.value(words.joined_from(first));
        let label = (0..words.count).map(known).find(|&value| value != 0).and_then(Self::from_value)?;
        let whole = || TABLE.value(Words::of(last_step(name)).joined_from(0)) & BESIDE != 0;
        (label.personal().is_some() || whole()).then_some(label)
    }

    fn from_value(value: u32) -> Option<Self> {
        let category = *Category::ALL.get((value & CATEGORY) as usize - 1)?;
        Some(if value & BESIDE != 0 { Self::Beside(category) } else { Self::Personal(category) })
    }

    /// The category if the field is personal on its own.
    pub(crate) fn personal(self) -> Option<Category> {
        match self {
            Self::Personal(category) => Some(category),
            Self::Beside(_) => None,
        }
    }
}

/// Whether a value can be what its label says: `"phone": "none"` is no telephone number.
pub(crate) fn fits(category: Category, value: &str) -> bool {
    let digits = value.chars().filter_map(digit_value).take(20).count();
    let letters = value.chars().filter(|&c| is_letter(c)).take(3).count();
    match category {
        Category::CardSecurityCode => matches!(digits, 3 | 4) && value.trim().len() == digits,
        Category::PaymentCard => digits >= 12,
        Category::Iban => digits >= 10 && letters >= 2,
        Category::NationalId | Category::BankRouting => digits >= 5,
        Category::Email => value.contains('@'),
        Category::Phone => digits >= 6,
        Category::DateOfBirth => digits >= 4,
        Category::IpAddress => false,
        Category::Passport | Category::DriverLicense | Category::MedicalId | Category::BankAccount => {
            digits >= 4
        }
        Category::PostalCode => digits >= 3 || digits >= 1 && letters >= 1 && value.len() <= 10,
        Category::StreetAddress => is_place(value) && letters + digits >= 2,
        Category::PersonName => letters >= 1 && digits == 0 && !value.contains(['_', '/', ':', '=', '{']),
    }
}

/// The name itself, without the path to it: `service.name` is not called `name`.
fn last_step(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Whether a value may be a place that people go to: not an address of a machine.
fn is_place(value: &str) -> bool {
    let coded = value.starts_with("0x") || value.contains('@');
    !coded && (value.contains(' ') || !value.contains(['.', ':', '/', '_']))
}

/// The words of a name, the last ones if there are many: letters only, split at everything else
/// and before capitals; without the words that end a name and say nothing.
struct Words<'n> {
    words: [&'n str; WORDS_MAX],
    count: usize,
}

const WORDS_MAX: usize = 5;

impl<'n> Words<'n> {
    fn of(name: &'n str) -> Self {
        let mut words = Self { words: [""; WORDS_MAX], count: 0 };
        let mut rest = name;
        while words.count < WORDS_MAX
            && let Some((before, word)) = last_word(rest)
        {
            let silent = words.count == 0 && SILENT.iter().any(|silent| word.eq_ignore_ascii_case(silent));
            if !silent {
                words.count += 1;
                words.words[WORDS_MAX - words.count] = word;
            }
            rest = before;
        }
        words
    }

    /// The hash of the words, without the first ones, as one word.
    fn joined_from(&self, first: usize) -> WordHash {
        let words = &self.words[WORDS_MAX - self.count + first..];
        WordHash::of(words.iter().flat_map(|word| word.bytes()))
    }
}

/// The last word of a name and what stands before it.
fn last_word(name: &str) -> Option<(&str, &str)> {
    let name = name.trim_end_matches(|c| !is_letter(c));
    let (mut start, mut later) = (name.len(), None);
    for (at, letter) in name.char_indices().rev() {
        let begins_later =
            later.is_some_and(is_capital) && (!is_capital(letter) || has_small(name.get(start..)));
        if !is_letter(letter) || begins_later {
            break;
        }
        (start, later) = (at, Some(letter));
    }
    name.split_at_checked(start).filter(|(_, word)| !word.is_empty())
}

/// Whether a word goes on in small letters: the `N` of `SSNNumber` begins one, that of `SSN` not.
fn has_small(word: Option<&str>) -> bool {
    word.and_then(|word| word.chars().nth(1)).is_some_and(|letter| !is_capital(letter))
}

/// Words at the end of a name that do not change what the field is.
const SILENT: [&str; 14] = [
    "number", "numbers", "no", "num", "nr", "value", "text", "raw", "line", "field", "is", "string",
    "digits", "primary",
];

const CATEGORY: u32 = 0xff;
const BESIDE: u32 = 0x100;

const fn personal(category: Category) -> u32 {
    category as u32 + 1
}

static TABLE: Table<512> = Table::new(ROWS);

/// Names of fields, without blanks. A longer one beats a shorter one that it ends with, so rows
/// of the last kind only keep others from matching.
const ROWS: &[Row] = &[
    (
        personal(Category::CardSecurityCode),
        "cvv cvc csc cvn cvvcode cvccode securitycode cardsecuritycode cardcode cardverification \
         cardverificationcode verificationvalue",
    ),
    (
        personal(Category::PaymentCard),
        "card creditcard debitcard paymentcard cardnum ccnumber cc ccnum pan accountpan primaryaccount cardpan",
    ),
    (personal(Category::Iban), "iban accountiban"),
    (
        personal(Category::NationalId),
        "ssn socialsecurity socialsecuritynumber sin socialinsurance nin nino nationalinsurance nationalid \
         nationalidentity nationalidentification identitycard personalid taxid taxpayerid tin itin aadhaar bsn cpf \
         curp dni nie nif nir pesel personnummer nhs idcard citizenid rut steuerid taxidentification",
    ),
    (
        personal(Category::MedicalId),
        "mrn medicalrecord medicalrecordnumber npi mbi medicare medicaid patientid healthid healthinsurance \
         insurancemember healthplan beneficiary beneficiaryid healthcard",
    ),
    (personal(Category::Passport), "passport passportid passportno passports"),
    (
        personal(Category::DriverLicense),
        "driverlicense driverlicence driverslicense driverslicence drivinglicense drivinglicence dl dlnumber \
         driverlicensenumber driverslicensenumber",
    ),
    (personal(Category::BankRouting), "routing abarouting aba bankrouting rtn sortcode"),
    (personal(Category::BankAccount), "bankaccount bankaccountnumber checkingaccount savingsaccount"),
    (BESIDE | personal(Category::BankAccount), "account accountnumber acct"),
    (personal(Category::Email), "email emails mail emailaddress emailaddresses emailid contactemail"),
    (
        personal(Category::DateOfBirth),
        "dob dobs dateofbirth birthdate birthday birthdays bday birthyear birthdates dateborn geburtsdatum \
         datedenaissance fechadenacimiento",
    ),
    (
        personal(Category::Phone),
        "phone phones telephone tel mobile mobiles cell cellphone fax phonenumber phonenumbers contactphone \
         homephone workphone contact callback telefon handy whatsapp landline msisdn",
    ),
    (
        personal(Category::StreetAddress),
        "address addresses addr street streetaddress streetname homeaddress postaladdress mailingaddress \
         billingaddress shippingaddress deliveryaddress residence addresscity addressstreet housenumber \
         addressstate addressesstate apartment addressapt suite anschrift adresse",
    ),
    (BESIDE | personal(Category::StreetAddress), "city town"),
    (
        personal(Category::PostalCode),
        "zip zipcode postal postalcode postcode postcodes zippostal plz postleitzahl addresspostalcode",
    ),
    (
        personal(Category::PersonName),
        "firstname lastname fullname surname givenname familyname middlename maidenname forename lname fname \
         passengername passengersname customername patientname clientname guestname employeename cardholder \
         cardholdername nameoncard accountholder accountholdername contactname recipientname sendername \
         personname legalname namefirst namelast nachname vorname travelername payeename ownername holdername \
         mothername fathername spousename namefull passenger passengers patient",
    ),
    (BESIDE | personal(Category::PersonName), "name recipient"),
    (
        OTHER,
        "ipaddress macaddress walletaddress contractaddress webaddress serveraddress bindaddress memoryaddress urladdress \
         hostaddress username filename hostname productname giftcard giftcards scorecard simcard boardingcard \
         reportcard postcard wildcard dashboardcard keyboard streetview emailsubject isemail airportcity origincity \
         destinationcity departurecity arrivalcity",
    ),
];

/// The value of names that are known to be nothing personal.
const OTHER: u32 = CATEGORY;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<Label>) {
        assert_eq!(Label::of(name), expected, "{name}");
    }

    #[test]
    fn a_name_is_read_in_every_spelling() {
        let email = Some(Label::Personal(Category::Email));
        for name in
            ["email", "Email", "E-mail", "customer_email", "customerEmail", "CUSTOMER-EMAIL", "emailAddress"]
        {
            check(name, email);
        }
        check("date_of_birth", Some(Label::Personal(Category::DateOfBirth)));
        check("dateOfBirth", Some(Label::Personal(Category::DateOfBirth)));
        check("his Date of Birth", Some(Label::Personal(Category::DateOfBirth)));
        check("address/address1", Some(Label::Personal(Category::StreetAddress)));
        check("card/number", Some(Label::Personal(Category::PaymentCard)));
        check("CVV2", Some(Label::Personal(Category::CardSecurityCode)));
        check("userSSN", Some(Label::Personal(Category::NationalId)));
        check("passengers[0]/first_name", Some(Label::Personal(Category::PersonName)));
    }

    #[test]
    fn a_name_beside_is_no_personal_one() {
        check("name", Some(Label::Beside(Category::PersonName)));
        check("address/city", Some(Label::Personal(Category::StreetAddress)));
        check("city", Some(Label::Beside(Category::StreetAddress)));
    }

    #[test]
    fn other_names_say_nothing() {
        for name in [
            "service.name",
            "flight_number",
            "mac_address",
            "email_verified",
            "user_name",
            "gift_card",
            "date",
            "",
            "[0]",
            "é",
        ] {
            check(name, None);
        }
    }
}
