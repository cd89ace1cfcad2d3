//! Reflective patterns and uncertainty markers.

use activemirror::session::{Depth, Glyph, Pattern, Reflection, Uncertainty, prompt};

#[test]
fn every_marker_reads_as_its_own_level() {
    use Uncertainty::{Confident, High, Low, Medium};
    for level in [Confident, Low, Medium, High] {
        let reflection = Reflection::parse(&format!("It rains {} today.", level.marker()));
        assert_eq!(reflection.uncertainty, level);
        assert_eq!(reflection.response, "It rains  today.");
    }
    assert!(High > Medium && Medium > Low && Low > Confident);
}

#[test]
fn a_reflection_says_all_it_found() {
    let reflection = Reflection::parse("✦ Why ⟨low⟩ now? ⬢ Or ⟨⟨high⟩⟩ never. ✦");
    let Reflection { response, uncertainty, glyphs, depth } = reflection;
    assert_eq!(response, "✦ Why  now? ⬢ Or  never. ✦");
    assert_eq!((uncertainty, depth), (Uncertainty::High, Depth::Moderate));
    assert_eq!(glyphs, ['✦', '⬢']);
}

#[test]
fn patterns_have_names_and_signs() {
    let signs: Vec<_> = Pattern::ALL.iter().map(|pattern| (pattern.name(), pattern.glyph())).collect();
    assert_eq!(signs, [("exploratory", '◊'), ("analytical", '✦'), ("creative", '★'), ("strategic", '⬢')]);
    for pattern in Pattern::ALL {
        assert_eq!(Pattern::from_name(pattern.name()), Some(pattern));
        let glyphs = Reflection::parse(&format!("{} x", pattern.glyph())).glyphs;
        assert_eq!(glyphs, [pattern.glyph()]);
    }
    assert_eq!(Pattern::from_name("Creative"), None);
    assert_eq!(Glyph::Question.format_with_glyphs("why"), "⬡ why ⬡");
}

#[test]
fn a_prompt_names_pattern_text_and_context() {
    let asked = prompt(Pattern::Strategic, "Launch now?", Some("two people"));
    assert!(asked.starts_with("Reflect on this strategicly:\n\nLaunch now?\n"));
    assert!(asked.ends_with("\n\nContext: two people\n"));
    for number in ["\n1. ", "\n2. ", "\n3. "] {
        assert_eq!(asked.matches(number).count(), 1);
    }
    assert!(!prompt(Pattern::Creative, "x", None).contains("Context"));
}

/// What both first SDKs answer to `rain` where no model is there (ActiveMirrorOS, MIT), and what
/// they make of it: how sure, and how deep.
const OFFLINE_REPLIES: [(&str, Uncertainty, Depth); 4] = [
    (
        "I notice you're exploring: 'rain'. This suggests ⟨medium⟩ a deeper inquiry into meaning. \
         What patterns emerge when you sit with this?",
        Uncertainty::Medium,
        Depth::Moderate,
    ),
    (
        "Analyzing 'rain', I observe several dimensions. The core claim appears ⟨low⟩ well-founded, \
         though edge cases require consideration.",
        Uncertainty::Low,
        Depth::Surface,
    ),
    (
        "Your thought 'rain' opens creative possibilities. I'm ⟨⟨high⟩⟩ uncertain which path leads \
         furthest, but the generative potential feels significant.",
        Uncertainty::High,
        Depth::Surface,
    ),
    (
        "Strategically, 'rain' positions us to consider second-order effects. The optimal path \
         ⟨medium⟩ likely involves staged experiments rather than full commitment.",
        Uncertainty::Medium,
        Depth::Surface,
    ),
];

#[test]
fn what_the_first_sdks_answer_offline_is_read_as_they_read_it() {
    for (reply, uncertainty, depth) in OFFLINE_REPLIES {
        let reflection = Reflection::parse(reply);
        assert_eq!((reflection.uncertainty, reflection.depth), (uncertainty, depth), "{reply}");
        assert_eq!(reflection.response, reply.replace(uncertainty.marker(), ""));
        assert!(reflection.glyphs.is_empty());
    }
}
