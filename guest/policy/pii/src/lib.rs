//! The built-in policy `pii`: finds personal data in events and has it masked; what proves that
//! a card is at hand is dropped, so that it is never stored.
//!
//! ```
//! use activemirror_policy_pii::{Category, find};
//!
//! let text = "I'm at mia@example.com, born 5 April 1990.";
//! let found: Vec<_> = find(text).iter().map(|f| (f.category, &text[f.start..f.end])).collect();
//! assert_eq!(found, [(Category::Email, "mia@example.com"), (Category::DateOfBirth, "5 April 1990")]);
//! ```
//!
//! # What it finds, and by which evidence
//!
//! | category | evidence |
//! |---|---|
//! | `card-security-code` | three or four digits called CVV, CVC or security code, or behind a card number and its expiry; **dropped** |
//! | `payment-card` | Luhn, with a large issuer's range and length; other ranges and lengths beside a word for cards; behind `card number` a mistyped one too |
//! | `iban` | the country's length and MOD 97 |
//! | `national-id` | form, and check digits where there are any: social security and tax numbers of the US, personal numbers of 26 other states; bare rows of digits only beside words for such numbers |
//! | `medical-id` | Medicare's form; NPI by Luhn and a word; whatever is called a medical record number |
//! | `passport`, `driver-license` | the words for them |
//! | `bank-routing`, `bank-account` | ABA check digit and a word; the name of the field |
//! | `email` | local part, `@`, and a domain with a top level |
//! | `ip-address` | IPv4 and IPv6 but those of nobody, such as loopback |
//! | `date-of-birth` | a date, and words for birth nearer than words for other dates |
//! | `phone` | a form of telephone numbers (international, North American, trunk zero, area code in parentheses); other rows of digits beside words for telephones; never behind words for orders, tickets, invoices |
//! | `street-address` | words of streets in some twenty languages with a house number; other names with a house number where a unit or a postal code follows or a word for places precedes; post boxes; military mail |
//! | `postal-code` | a word for it; in an address it is a part of that |
//! | `person-name` | a title, `my name is`, a field such as `first_name`; `name` only beside personal fields |
//!
//! The name of a field makes its whole value personal, in any spelling (`date_of_birth`,
//! `userEmail`, `Phone-Number`), be it a leaf or in JSON, XML, a query or a form that is carried
//! as text. Numbers are marked as a whole. Keys of objects are searched for what has a form of
//! its own, and so are names of actions and intents.
//!
//! # What it does not find
//!
//! Names in running text; what is personal only by its meaning ("the mayor's daughter"); births,
//! telephones and addresses announced in languages whose words are not in `words.rs`, among them
//! all that are written without blanks; places without a house number; numbers in words; data
//! that is split over events, spelled letter by letter or encoded; a date of birth that answers a
//! question of another event. User names and other ids of accounts are left, because an agent's
//! trace is unreadable without them.
//!
//! # Settings
//!
//! `categories` (look for these only), `except` (but not for these), `allow` (never mark exactly
//! this text); see [`Settings`].
//!
//! # How it reads
//!
//! A text is cut into tokens once, page by page, and each word's part is looked up by hash; the
//! detectors then walk over tokens and never look farther than a fixed number of bytes. So time
//! is linear and memory constant whatever the text, which the tests show by counting reads. The
//! policy keeps no state: a verdict is a function of the event and its marks. What marks already
//! cover is not reported again, so asking until nothing changes comes to an end.

mod category;
mod character;
mod check_digits;
mod detect;
mod event;
mod label;
mod order;
mod page;
mod policy;
mod scan;
mod settings;
mod table;
mod words;

pub use category::Category;
pub use policy::{MARKS_MAX, Policy, decide};
pub use scan::{FINDINGS_MAX, Finding, Scanner, find};
pub use settings::Settings;

activemirror_guest::policy::export!(Policy);
