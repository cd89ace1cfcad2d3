//! Filters: what they mean, that they keep their limits, and that they tell nothing of what a mask
//! hides.

use activemirror_core::draft::Draft;
use activemirror_core::filter::{
    Compare, Early, Facts, Field, Filter, FilterError, Kinds, LeafTest, Name, Number, Shown, Sieve, Test,
    Truth, Truths, Words,
};
use activemirror_core::limits::{FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_TESTS_MAX};
use activemirror_core::log::LogId;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Content, Kind, Place, Structure, SubjectRef};
use activemirror_core::value::{OwnedLeaf, OwnedValue};
use proptest::prelude::*;

const LOG: LogId = LogId([7; 32]);
const SUBJECT: SubjectRef = SubjectRef([1; 16]);

fn tag(_: &str) -> Option<[u8; 3]> {
    Some([0x3f, 0xa9, 0x0c])
}

/// An action about a refund, with nothing to hide.
fn refund() -> Draft {
    let leaf = |path: &str, value| OwnedLeaf { path: path.to_owned(), value };
    Draft {
        alias: Some("evt_001".to_owned()),
        action: Some("refund_order".to_owned()),
        intent: Some("refund".to_owned()),
        confidence: Some(0.6),
        text: Some("Geld zurück in die Straße, ΟΔΟΣ".to_owned()),
        leaves: vec![
            leaf("/parameters/amount", OwnedValue::Float(12.5)),
            leaf("/parameters/count", OwnedValue::Signed(3)),
            leaf("/parameters/big", OwnedValue::Unsigned(u64::MAX)),
            leaf("/parameters/price", OwnedValue::Decimal("1.10".to_owned())),
            leaf("/parameters/gift", OwnedValue::Bool(false)),
            leaf("/parameters/note", OwnedValue::Null),
            leaf("/parameters/items[0]/sku", OwnedValue::Text("A-17".to_owned())),
        ],
        ..Draft::new(Kind::Action, Timestamp::from_millis(1_000))
    }
}

fn truth(draft: &Draft, filter: &Filter) -> Truth {
    let content = draft.content();
    let structure = structure(draft);
    let shown = Shown::masked(&structure, &content, &tag);
    Sieve::new(filter).unwrap().truth(&Facts { log: LOG, sequence: 41, structure: &structure }, &shown)
}

fn structure(draft: &Draft) -> Structure<'_> {
    let mut structure = Structure::new(draft.kind, draft.time, SUBJECT);
    (structure.trace, structure.agent) = (Some("t-1"), Some("support-bot"));
    draft.structure(structure)
}

#[track_caller]
fn check(test: Test, expected: Truth) {
    let draft = refund();
    assert_eq!(truth(&draft, &test.clone().into()), expected, "{test:?}");
    let opposite = match expected {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        Truth::Unknown => Truth::Unknown,
    };
    assert_eq!(truth(&draft, &!Filter::from(test.clone())), opposite, "not {test:?}");
}

fn is(text: &str) -> Words {
    Words::Is(Compare::Equal, text.to_owned())
}

fn contains(text: &str) -> Words {
    Words::Contains(text.to_owned())
}

fn leaf(path: &str, test: LeafTest) -> Test {
    Test::Leaf(path.to_owned(), test)
}

#[test]
fn structure_is_compared_field_by_field() {
    use Truth::{False, True, Unknown};
    check(Test::Kind(Kind::Action.into()), True);
    check(Test::Kind(Kinds::of(&[Kind::Thought, Kind::Verdict])), False);
    check(Test::Log(LOG), True);
    check(Test::Log(LogId([8; 32])), False);
    check(Test::Sequence(Compare::AtLeast, 41), True);
    check(Test::Sequence(Compare::More, 41), False);
    check(Test::Time(Compare::Less, Timestamp::from_millis(1_001)), True);
    check(Test::Confidence(Compare::Less, 0.7), True);
    check(Test::Confidence(Compare::NotEqual, 0.6), False);
    check(Test::Name(Name::Agent, is("support-bot")), True);
    check(Test::Name(Name::Agent, is("Support-Bot")), False);
    check(Test::Name(Name::Alias, Words::StartsWith("evt_".into())), True);
    check(Test::Name(Name::Intent, Words::OneOf(vec!["z".into(), "refund".into(), "a".into()])), True);
    check(Test::Name(Name::Action, Words::Is(Compare::Less, "refund_p".into())), True);
    check(Test::Name(Name::Action, contains("ORDER")), True);
    check(Test::Name(Name::Session, is("s-1")), Unknown);
    check(Test::Name(Name::Session, Words::Is(Compare::NotEqual, "s-1".into())), Unknown);
    check(Test::Has(Field::Name(Name::Session)), False);
    check(Test::Has(Field::Name(Name::Trace)), True);
    check(Test::Has(Field::Confidence), True);
}

#[test]
fn content_is_compared_by_type() {
    use Truth::{False, True, Unknown};
    check(Test::Has(Field::Text), True);
    check(Test::Text(contains("ZURÜCK")), True);
    check(Test::Text(contains("strasse")), True);
    check(Test::Text(contains("οδος")), True);
    check(Test::Text(contains("refund")), False);
    check(leaf("/parameters/amount", LeafTest::Number(Compare::More, Number::Whole(12))), True);
    check(leaf("/parameters/count", LeafTest::Number(Compare::Equal, Number::Float(3.0))), True);
    check(leaf("/parameters/count", LeafTest::Number(Compare::Less, Number::Float(3.5))), True);
    check(leaf("/parameters/big", LeafTest::Number(Compare::Equal, Number::Whole(u64::MAX.into()))), True);
    check(leaf("/parameters/big", LeafTest::Number(Compare::Less, Number::Float(u64::MAX as f64))), True);
    check(leaf("/parameters/price", LeafTest::Number(Compare::Equal, Number::Float(1.1))), True);
    check(leaf("/parameters/gift", LeafTest::Truth(false)), True);
    check(leaf("/parameters/gift", LeafTest::Text(is("false"))), Unknown);
    check(leaf("/parameters/note", LeafTest::Null), True);
    check(leaf("/parameters/note", LeafTest::Number(Compare::Equal, Number::Whole(0))), Unknown);
    check(leaf("/parameters/items[0]/sku", LeafTest::Text(is("A-17"))), True);
    check(leaf("/parameters/items", LeafTest::Exists), True);
    check(leaf("/parameters/item", LeafTest::Exists), False);
    check(leaf("/parameters/none", LeafTest::Null), Unknown);
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let draft = refund();
    let structure = structure(&draft);
    let facts = Facts { log: LOG, sequence: 41, structure: &structure };
    let truth = |test: Test| Sieve::new(&test.into()).unwrap().truth(&facts, &Shown::nothing());
    assert_eq!(truth(Test::Has(Field::Text)), Truth::Unknown);
    assert_eq!(truth(Test::Text(contains("zurück"))), Truth::Unknown);
    assert_eq!(truth(leaf("/parameters", LeafTest::Exists)), Truth::Unknown);
    assert_eq!(truth(Test::Name(Name::Intent, is("refund"))), Truth::True);
}

#[test]
fn a_filter_says_early_what_the_structure_settles() {
    let draft = refund();
    let structure = structure(&draft);
    let facts = Facts { log: LOG, sequence: 41, structure: &structure };
    let early = |filter: Filter| Sieve::new(&filter).unwrap().on_structure(&facts);
    let says = || Filter::from(Test::Text(contains("x")));
    let sure = |least| Filter::from(Test::Confidence(Compare::AtLeast, least));
    let session = || Filter::from(Test::Name(Name::Session, is("s-1")));
    assert_eq!(early(sure(0.5)), Early::Passes);
    assert_eq!(early(says()), Early::NeedsContent);
    assert_eq!(early(says().and(sure(0.7))), Early::Fails);
    assert_eq!(early(says().or(sure(0.5))), Early::Passes);
    assert_eq!(early(says().and(session())), Early::Fails, "unknown at best");
    assert_eq!(early(Filter::EVERYTHING), Early::Passes);
}

/// Asks for every next letter, as somebody would who may not see what is marked.
fn spelled(draft: &Draft, alphabet: &str, ask: impl Fn(String) -> Filter, known: &str) -> String {
    let mut known = known.to_owned();
    while let Some(next) =
        alphabet.chars().find(|next| truth(draft, &ask(format!("{known}{next}"))) == Truth::True)
    {
        known.push(next);
        assert!(known.len() < 100, "{known}");
    }
    known
}

#[test]
fn a_masked_text_cannot_be_spelled_out() {
    let mut draft = refund();
    draft.text = Some("my card is 4929123456789012, thanks".to_owned());
    let ask = |text: String| Filter::from(Test::Text(Words::Contains(text)));
    assert_eq!(spelled(&draft, "0123456789", ask, "card is "), "card is 4929123456789012");
    draft.mask(Place::Text, 11..27, "card", 1);
    assert_eq!(spelled(&draft, "0123456789", ask, "card is "), "card is ");
    assert_eq!(
        truth(&draft, &ask("⟦card·3fa90c⟧, THANKS".to_owned())),
        Truth::True,
        "what is shown is found"
    );
}

#[test]
fn a_masked_leaf_cannot_be_spelled_out() {
    let mut draft = refund();
    draft.leaves.push(OwnedLeaf { path: "/data/ann/age".into(), value: OwnedValue::Signed(41) });
    let place = draft.leaves.len() as u32 - 1;
    let value =
        |path: &str, age: i64| Filter::from(leaf(path, LeafTest::Number(Compare::Equal, Number::from(age))));
    assert_eq!(truth(&draft, &value("/data/ann/age", 41)), Truth::True);
    draft.mask(Place::LeafValue(place), 0..0, "age", 1);
    assert_eq!(truth(&draft, &value("/data/ann/age", 41)), Truth::Unknown);
    draft.mask(Place::LeafPath(place), 6..9, "name", 1);
    let there = |path: &str| Filter::from(leaf(path, LeafTest::Exists));
    assert_eq!(truth(&draft, &there("/data/ann")), Truth::False);
    assert_eq!(truth(&draft, &there("/data/⟦name·3fa90c⟧/age")), Truth::True);
}

#[test]
fn a_masked_name_cannot_be_spelled_out() {
    let mut draft = refund();
    draft.intent = Some("call ann".to_owned());
    let ask = |text: String| Filter::from(Test::Name(Name::Intent, Words::StartsWith(text)));
    assert_eq!(spelled(&draft, "anxyz", ask, "call "), "call ann");
    draft.mask(activemirror_core::draft::At::Intent, 5..8, "name", 1);
    assert_eq!(spelled(&draft, "anxyz", ask, "call "), "call ");
    assert_eq!(truth(&draft, &ask("call ⟦name·".to_owned())), Truth::True, "as it is shown");
    assert_eq!(truth(&draft, &ask("⟦name⟧".to_owned())), Truth::False, "the stand-in is not shown");
    let there = Filter::from(leaf("/semantics/intent", LeafTest::Exists));
    assert_eq!(truth(&draft, &there), Truth::False, "a name is no leaf, wherever it is kept");

    let (structure, content) = (structure(&draft), draft.content());
    let facts = Facts { log: LOG, sequence: 41, structure: &structure };
    let sieve = Sieve::new(&ask("call ann".to_owned())).unwrap();
    assert_eq!(sieve.on_structure(&facts), Early::NeedsContent);
    assert!(sieve.passes(&facts, &Shown::originals(&structure, &content)), "whoever may see it finds it");
    assert!(!sieve.passes(&facts, &Shown::nothing()));
}

#[test]
fn hostile_filters_are_refused() {
    #[track_caller]
    fn refused(filter: &Filter, why: FilterError) {
        assert_eq!(Sieve::new(filter).map(drop), Err(why));
        assert!(!why.to_string().is_empty());
    }
    let nested = |depth: usize| (1..depth).fold(Filter::EVERYTHING, |inner, _| !inner);
    assert!(Sieve::new(&nested(FILTER_DEPTH_MAX)).is_ok());
    refused(&nested(FILTER_DEPTH_MAX + 1), FilterError::TooDeep);
    refused(&nested(4_000), FilterError::TooDeep);
    refused(&Filter::All(vec![Filter::EVERYTHING; FILTER_TESTS_MAX]), FilterError::TooMany);
    let many = Words::OneOf(vec![String::new(); FILTER_TESTS_MAX]);
    refused(&Test::Text(many).into(), FilterError::TooMany);
    refused(&Test::Text(contains(&"x".repeat(FILTER_BYTES_MAX + 1))).into(), FilterError::TooLong);
    refused(&Test::Confidence(Compare::Less, f64::NAN).into(), FilterError::NotANumber);
    let nan = LeafTest::Number(Compare::Less, Number::Float(f64::NAN));
    refused(&leaf("/a", nan).into(), FilterError::NotANumber);
    let no_path = activemirror_core::value::path::PathError::NoStep;
    refused(&leaf("parameters", LeafTest::Exists).into(), FilterError::Path(no_path));
}

#[test]
fn names_that_must_hold_are_known() {
    let trace = |id: &str| Filter::from(Test::Name(Name::Trace, is(id)));
    let some = || Filter::from(Test::Has(Field::Text));
    let pinned = |filter: &Filter| {
        let sieve = Sieve::new(filter).unwrap();
        sieve.pinned(Name::Trace).map(|ids| ids.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(pinned(&some().and(trace("a"))).unwrap(), ["a"]);
    assert_eq!(pinned(&trace("a").or(trace("b")).and(some())).unwrap(), ["a", "b"]);
    assert_eq!(pinned(&trace("a").or(some())), None);
    assert_eq!(pinned(&!trace("a")), None);
}

/// One of the three truths, as a condition that comes to it on a record without a session.
fn of(truth: Truth) -> Filter {
    match truth {
        Truth::True => Filter::EVERYTHING,
        Truth::False => Filter::Any(Vec::new()),
        Truth::Unknown => Test::Name(Name::Session, is("s-1")).into(),
    }
}

fn any_truth() -> impl Strategy<Value = Truth> {
    prop_oneof![Just(Truth::True), Just(Truth::False), Just(Truth::Unknown)]
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let leaf = any_truth().prop_map(of);
    leaf.prop_recursive(5, 60, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::Any),
            inner.prop_map(|inner| !inner),
        ]
    })
}

fn rank(truth: Truth) -> u8 {
    match truth {
        Truth::False => 0,
        Truth::Unknown => 1,
        Truth::True => 2,
    }
}

proptest! {
    #[test]
    fn de_morgan_holds(parts in prop::collection::vec(any_filter(), 0..4)) {
        let draft = refund();
        let negated = || parts.iter().cloned().map(|part| !part).collect();
        prop_assert_eq!(
            truth(&draft, &!Filter::All(parts.clone())),
            truth(&draft, &Filter::Any(negated()))
        );
        prop_assert_eq!(
            truth(&draft, &!Filter::Any(parts.clone())),
            truth(&draft, &Filter::All(negated()))
        );
    }

    #[test]
    fn all_is_the_least_and_any_the_most(one in any_filter(), other in any_filter()) {
        let draft = refund();
        let (first, second) = (rank(truth(&draft, &one)), rank(truth(&draft, &other)));
        prop_assert_eq!(rank(truth(&draft, &one.clone().and(other.clone()))), first.min(second));
        prop_assert_eq!(rank(truth(&draft, &one.clone().or(other))), first.max(second));
        prop_assert_eq!(truth(&draft, &!!one.clone()), truth(&draft, &one));
    }

    #[test]
    fn sets_of_truths_hold_what_each_comes_to(
        ones in prop::collection::vec(any_truth(), 1..4),
        others in prop::collection::vec(any_truth(), 1..4),
    ) {
        let set = |truths: &[Truth]| {
            truths.iter().map(|truth| Truths::from(*truth)).reduce(Truths::or_else).unwrap()
        };
        let mut both = Vec::new();
        for one in &ones {
            both.extend(others.iter().map(|other| Truths::from(*one).and(Truths::from(*other))));
        }
        let both = both.into_iter().reduce(Truths::or_else).unwrap();
        prop_assert_eq!(set(&ones).and(set(&others)), both);
        prop_assert_eq!(set(&ones).not().not(), set(&ones));
    }

    #[test]
    fn what_is_said_early_is_what_comes_out(filter in any_filter(), text in any::<Option<bool>>()) {
        let mut draft = refund();
        draft.text = text.map(|x| if x { "x".to_owned() } else { "y".to_owned() });
        let filter = filter.and(Test::Text(contains("x")).into()).or(Test::Confidence(Compare::More, 0.9).into());
        let (structure, content) = (structure(&draft), draft.content());
        let facts = Facts { log: LOG, sequence: 41, structure: &structure };
        let sieve = Sieve::new(&filter).unwrap();
        let passes = sieve.passes(&facts, &Shown::masked(&structure, &content, &tag));
        match sieve.on_structure(&facts) {
            Early::Passes => prop_assert!(passes),
            Early::Fails => prop_assert!(!passes),
            Early::NeedsContent => {}
        }
    }

    #[test]
    fn numbers_compare_exactly(whole in any::<i64>(), part in -1_000_000_i64..1_000_000, half in any::<bool>()) {
        let mut draft = refund();
        draft.leaves[1].value = OwnedValue::Signed(whole);
        let float = (whole / 2_000_000_000_000 + part) as f64 + if half { 0.5 } else { 0.0 };
        // In halves of i128 nothing is rounded.
        let expected = (i128::from(whole) * 2).cmp(&((float * 2.0) as i128));
        let filter = |compare| leaf("/parameters/count", LeafTest::Number(compare, Number::Float(float))).into();
        prop_assert_eq!(truth(&draft, &filter(Compare::Less)) == Truth::True, expected.is_lt());
        prop_assert_eq!(truth(&draft, &filter(Compare::Equal)) == Truth::True, expected.is_eq());
        prop_assert_eq!(truth(&draft, &filter(Compare::More)) == Truth::True, expected.is_gt());
    }
}

/// Content that nobody marked needs no copy, and comes out the same.
#[test]
fn what_hides_nothing_is_seen_as_it_is() {
    let draft = refund();
    let (structure, content): (Structure<'_>, Content<'_>) = (structure(&draft), draft.content());
    let facts = Facts { log: LOG, sequence: 41, structure: &structure };
    let sieve = Sieve::new(&leaf("/parameters/count", LeafTest::Exists).into()).unwrap();
    assert!(sieve.passes(&facts, &Shown::masked(&structure, &content, &tag)));
    assert!(sieve.passes(&facts, &Shown::draft(draft.masked(&tag))));
}
