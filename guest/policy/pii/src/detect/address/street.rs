//! The line of an address that names street and house.

use core::ops::Range;

use crate::detect::number::is_joined;
use crate::page::{Gap, Kind, Page};
use crate::words::role;

/// A street line.
pub(super) struct Street {
    /// The token after it.
    pub(super) next: usize,
    pub(super) evidence: Evidence,
}

/// Why a street line is taken for one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// A word that streets have.
    Words,
    /// Names between two numbers, as hardly anything else has.
    Frame,
    /// Names and a number, as they come elsewhere too.
    Form,
}

impl Street {
    fn by_words(next: usize) -> Option<Self> {
        Some(Self { next, evidence: Evidence::Words })
    }

    fn by_form(next: usize) -> Option<Self> {
        Some(Self { next, evidence: Evidence::Form })
    }
}

/// The street line that starts at this token.
pub(super) fn read(page: &Page<'_>, at: usize) -> Option<Street> {
    match page.kind(at) {
        Some(Kind::Mark) | None => return None,
        Some(Kind::Digits) => return numbered(page, at),
        _ => {}
    }
    let inside = page.is_tight(at) && at > 0 && !page.is_mark_of(at - 1, b"(\"':,>");
    if inside {
        return None;
    }
    match page.word(at).as_bytes()[0] {
        _ if page.plays(at, role::MILITARY) => military(page, at).or_else(|| named(page, at)),
        b'p' | b'P' => post_box(page, at).or_else(|| named(page, at)),
        b'c' => corner(page, at).or_else(|| named(page, at)),
        _ => named(page, at),
    }
}

/// `975 Sunset Drive`, `28919 136 Filadelfeos Str.`, `26 rue du Bac`, `7494 Hlíðarvegur 97`.
fn numbered(page: &Page<'_>, at: usize) -> Option<Street> {
    let alone = !page.is_tight(at + 1) || page.is_word(at + 1) || page.is_mark_of(at + 1, b"-/");
    if !alone || is_joined(page, at) || page.digit_count(at) > 6 || page.is_mark(at.wrapping_sub(1), b'$') {
        return None;
    }
    let first = past_house_numbers(page, at)?;
    if let Some(next) = post_box(page, first) {
        return Some(next);
    }
    if let Some(next) = street_after_number(page, first) {
        return Street::by_words(next);
    }
    let names = names(page, first);
    let lower = lower_street(page, first);
    if let Some(next) = lower.or_else(|| last_street(page, first, names, role::STREET)) {
        return Street::by_words(past_direction(page, next));
    }
    if let Some(next) = house_number(page, names).filter(|_| names > first) {
        let compound = is_compound(page, names - 1) || page.plays(names - 1, role::STREET_LAST);
        return if compound {
            Street::by_words(next)
        } else {
            form(page, first..names, next, Evidence::Frame)
        };
    }
    if let Some(next) = hungarian(page, first) {
        return Street::by_words(next);
    }
    last_street(page, first, names, role::STREET_LIKE).and_then(Street::by_form)
}

/// `Via Tasso 129`, `Ziegelgasse 19`, `Victor Hugo u. 49.`, `Jahu 80`.
fn named(page: &Page<'_>, at: usize) -> Option<Street> {
    if !page.is_capital(at) && !page.is_mark(at + 1, b'.') {
        return None;
    }
    if let Some(next) = street_with_number(page, at).or_else(|| hungarian(page, at)) {
        return Street::by_words(next);
    }
    let names = names(page, at);
    if names == at {
        return None;
    }
    let next = house_number(page, names)?;
    if is_compound(page, names - 1) {
        Street::by_words(next)
    } else {
        form(page, at..names, next, Evidence::Form)
    }
}

/// A street line without a word for a street, unless the names are those of things: `Invoice 12`.
fn form(page: &Page<'_>, mut names: Range<usize>, next: usize, evidence: Evidence) -> Option<Street> {
    let things = names.any(|at| page.plays(at, role::THING | role::CARD | role::PHONE | role::CIVIL));
    (!things).then_some(Street { next, evidence })
}

/// The token after the numbers that may begin a street line: `12a`, `12-14`, `28919 136`.
fn past_house_numbers(page: &Page<'_>, at: usize) -> Option<usize> {
    let first = house_number_end(page, at)?;
    let second = if page.gap(first) == Gap::Space && page.is_digits(first) {
        house_number_end(page, first)?
    } else {
        first
    };
    (page.gap(second) == Gap::Space).then_some(second)
}

/// The token after a house number and what is tight behind it.
fn house_number_end(page: &Page<'_>, at: usize) -> Option<usize> {
    let letter = page.is_tight(at + 1) && page.is_word(at + 1);
    if letter {
        return (page.length(at + 1) == 1).then_some(at + 2);
    }
    let range = page.is_mark_of(at + 1, b"-/")
        && page.is_tight(at + 1)
        && page.is_tight(at + 2)
        && page.is_digits(at + 2);
    Some(if range { at + 3 } else { at + 1 })
}

/// The token after the house number that stands here behind a street's name.
fn house_number(page: &Page<'_>, at: usize) -> Option<usize> {
    let dated = page.is_mark_of(at + 1, b"-/.:")
        && page.is_tight(at + 1)
        && page.is_tight(at + 2)
        && page.is_digits(at + 2);
    let counted = page.is_mark(at + 1, b'%')
        || page.plays(at + 1, role::AMOUNT)
        || page.is_mark(at + 1, b',') && page.is_tight(at + 2);
    let digits = page.gap(at) == Gap::Space && (1..=4).contains(&page.digit_count(at)) && !dated && !counted;
    digits.then(|| house_number_end(page, at))?
}

/// The token after the names that start at this token; the token itself where none does.
fn names(page: &Page<'_>, first: usize) -> usize {
    let mut at = first;
    while at < first + NAME_TOKENS_MAX && (at == first || page.gap(at) != Gap::Line) {
        let joint = at > first
            && page.is_mark_of(at, b"-'")
            && page.is_tight(at)
            && page.is_tight(at + 1)
            && page.is_word(at + 1);
        let dotted =
            at > first && page.is_mark(at, b'.') && page.length(at - 1) <= 3 && page.is_capital(at + 1);
        let particle = page.plays(at, role::PARTICLE) && names_follow(page, at + 1);
        let day = at > first && page.plays(at, role::MONTH) && page.plays(at - 1, role::PARTICLE);
        if !(is_name(page, at) || joint || dotted || particle || day) {
            break;
        }
        at += 1 + usize::from(joint);
    }
    at
}

const NAME_TOKENS_MAX: usize = 9;

/// Whether a name follows, behind one further particle at most.
fn names_follow(page: &Page<'_>, at: usize) -> bool {
    let named = |at: usize| is_name(page, at) || page.plays(at, role::MONTH) && page.is_capital(at);
    named(at) || page.plays(at, role::PARTICLE) && named(at + 1)
}

fn is_name(page: &Page<'_>, at: usize) -> bool {
    page.is_capital(at)
        && !page.plays(at, role::FUNCTION | role::NO_STREET | role::MONTH | role::UNIT | role::AMOUNT)
}

/// The token after the last word of this role among the names, which must not be the first.
fn last_street(page: &Page<'_>, first: usize, next: usize, wanted: u32) -> Option<usize> {
    (first + 1..next)
        .rev()
        .find(|&at| page.plays(at, wanted) && page.is_capital(at))
        .map(|at| past_dot(page, at + 1))
}

/// `main street` in small letters, behind a house number.
fn lower_street(page: &Page<'_>, first: usize) -> Option<usize> {
    let street = (first + 1..first + 4).find(|&at| LOWER_STREETS.contains(&page.word(at)))?;
    let refused = role::FUNCTION | role::AMOUNT | role::NO_STREET | role::UNIT | role::PHONE | role::CARD;
    let plain =
        (first..street).all(|at| page.is_word(at) && page.gap(at) == Gap::Space && !page.plays(at, refused));
    (plain && page.gap(street) == Gap::Space).then(|| past_dot(page, street + 1))
}

const LOWER_STREETS: [&str; 9] =
    ["street", "str", "road", "avenue", "lane", "boulevard", "ave", "blvd", "rd"];

/// The token after `Rua Diadema 1903`.
fn street_with_number(page: &Page<'_>, at: usize) -> Option<usize> {
    let dotted = page.is_mark(at + 1, b'.') || page.is_mark(at + 1, b'/');
    let named = past_street_word(page, at).filter(|_| page.is_capital(at) || dotted)?;
    let first = past_small_words(page, named);
    let names = names(page, first);
    let next = house_number(page, names).filter(|_| names > first)?;
    Some(past_dot(page, next))
}

/// The token after `rue du Bac`, which a number precedes, or after a further number behind it.
fn street_after_number(page: &Page<'_>, at: usize) -> Option<usize> {
    let named = past_street_word(page, at)?;
    let names = names(page, past_small_words(page, named));
    let next = house_number(page, names).map_or(names, |next| past_dot(page, next));
    (names > named).then_some(next)
}

/// The token after a word that begins the names of streets, or after its abbreviation.
fn past_street_word(page: &Page<'_>, at: usize) -> Option<usize> {
    let calle = page.word(at) == "C" && page.is_mark(at + 1, b'/') && page.is_tight(at + 1);
    let short = page.is_mark(at + 1, b'.') && page.is_any(at, &["al", "pl", "os", "av", "bd"]);
    let whole = page.plays(at, role::STREET_FIRST) && page.word(at) != "via";
    (calle || short || whole).then(|| at + 1 + usize::from(page.is_mark(at + 1, b'.') || calle))
}

/// The token behind particles and one word in small letters: `des lieutenants` in `rue des
/// lieutenants Thomazo`.
fn past_small_words(page: &Page<'_>, at: usize) -> usize {
    let particles = (at..at + 2).take_while(|&token| page.plays(token, role::PARTICLE)).count();
    let word = at + particles;
    let small = page.is_word(word) && !page.is_capital(word) && page.gap(word) == Gap::Space;
    let small = small && !page.plays(word, role::FUNCTION | role::UNIT);
    word + usize::from(small)
}

/// Names, perhaps a word in small letters, a word for a street and a house number.
fn hungarian(page: &Page<'_>, at: usize) -> Option<usize> {
    let named = names(page, at);
    let named = (at..named).find(|&token| page.plays(token, role::STREET_LAST)).unwrap_or(named);
    let street = (named..named + 2).find(|&token| page.plays(token, role::STREET_LAST))?;
    let small = (named..street).all(|token| page.is_word(token) && !page.plays(token, role::FUNCTION));
    let next = house_number(page, past_dot(page, street + 1))?;
    (named > at && small && page.gap(street) == Gap::Space).then(|| past_dot(page, next))
}

/// Whether the word ends as names of streets do that are written in one word.
fn is_compound(page: &Page<'_>, at: usize) -> bool {
    let word = page.word(at).as_bytes();
    let ends_with =
        |end: &[u8]| word.len() > end.len() + 2 && word[word.len() - end.len()..].eq_ignore_ascii_case(end);
    COMPOUND_ENDS.iter().any(|end| ends_with(end.as_bytes()))
}

const COMPOUND_ENDS: [&str; 40] = [
    "straße", "strasse", "gasse", "weg", "platz", "allee", "damm", "ufer", "straat", "laan", "plein", "kade",
    "dijk", "gracht", "singel", "gatan", "gata", "vägen", "vagen", "väg", "veien", "vegen", "vei", "vej",
    "gade", "gate", "stræde", "stien", "tie", "katu", "kuja", "polku", "vegur", "braut", "stígur", "ring",
    "toget", "torget", "zeile", "stieg",
];

/// `P.O. Box 211`, `PO Box 12`.
fn post_box(page: &Page<'_>, at: usize) -> Option<Street> {
    let letters = (at..at + 5).take_while(|&token| page.is_word(token) || page.is_mark(token, b'.'));
    let word = letters.into_iter().find(|&token| page.is(token, "box"))?;
    let before: String = (at..word).map(|token| page.word(token)).collect();
    let posted = ["po", "p.o.", "pob", "p.o", "post", "postoffice"]
        .iter()
        .any(|name| before.eq_ignore_ascii_case(name));
    if posted && page.is_digits(word + 1) { Street::by_words(word + 2) } else { None }
}

/// `Unit 1293 Box 4311`, `PSC 7951, Box 9972`, `USNV Botolen`, each before `APO AE 12382`.
fn military(page: &Page<'_>, at: usize) -> Option<Street> {
    let offices = ["apo", "fpo", "dpo"];
    let is_office = |token: &usize| page.is_any(*token, &offices);
    let office = (at..at + MILITARY_TOKENS).find(is_office)?;
    let theatre = page.is_any(office + 1, &["aa", "ae", "ap"]);
    if theatre && page.digit_count(office + 2) == 5 { Street::by_words(office + 3) } else { None }
}

const MILITARY_TOKENS: usize = 8;

/// `the corner of Dili Gianni Street and King Forges`.
fn corner(page: &Page<'_>, at: usize) -> Option<Street> {
    let phrase = page.is(at, "corner") && page.is(at + 1, "of");
    let one = phrase.then(|| side(page, at + 2))??;
    let two = page.is(one, "and").then(|| side(page, one + 1))??;
    Street::by_words(two)
}

/// One of the two streets at a corner.
fn side(page: &Page<'_>, at: usize) -> Option<usize> {
    if let Some(street) =
        (!page.is_word(at) || page.plays(at, role::STREET_FIRST)).then(|| read(page, at)).flatten()
    {
        return Some(street.next);
    }
    if let Some(street) = named(page, at) {
        return Some(street.next);
    }
    let next = names(page, at);
    (next > at).then_some(next)
}

fn past_dot(page: &Page<'_>, at: usize) -> usize {
    at + usize::from(page.is_mark(at, b'.') && page.is_tight(at) && !ends_sentence(page, at))
}

/// Whether the full stop at this token ends a sentence rather than an abbreviation.
fn ends_sentence(page: &Page<'_>, at: usize) -> bool {
    page.length(at - 1) > 4 || page.gap(at + 1) == Gap::None
}

fn past_direction(page: &Page<'_>, at: usize) -> usize {
    let word = page.word(at);
    let direction =
        ["N", "S", "E", "W", "NE", "NW", "SE", "SW", "North", "South", "East", "West"].contains(&word);
    at + usize::from(direction && page.gap(at) == Gap::Space)
}
