//! Ideal masks: what the tools told of a person is masked wherever it stands.

use activemirror_guest::policy::{Event, Mark, Place, Span, Value};

/// Personal values of the run, longest first, each with its category.
pub(crate) fn secrets(events: &[Event]) -> Vec<(String, &'static str)> {
    let category = |path: &str| match path.rsplit('/').next() {
        Some("email") => Some("email"),
        Some("dob") => Some("date-of-birth"),
        Some("address1") => Some("street-address"),
        Some("zip") => Some("postal-code"),
        _ => None,
    };
    let mut secrets: Vec<_> = events
        .iter()
        .flat_map(|event| &event.leaves)
        .filter_map(|leaf| match (&leaf.value, category(&leaf.path)) {
            (Value::Text(text), Some(category)) if !text.is_empty() => Some((text.clone(), category)),
            _ => None,
        })
        .collect();
    let dates: Vec<_> =
        secrets.iter().filter(|(_, c)| *c == "date-of-birth").flat_map(|(d, c)| written(d, c)).collect();
    secrets.extend(dates);
    secrets.sort_by_key(|(text, _)| (usize::MAX - text.len(), text.clone()));
    secrets.dedup();
    secrets
}

/// `1984-11-27` as people write it.
fn written(date: &str, category: &'static str) -> Vec<(String, &'static str)> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts[..] else { return Vec::new() };
    let Some(name) = month.parse().ok().and_then(|month: usize| MONTHS.get(month.wrapping_sub(1))) else {
        return Vec::new();
    };
    let short = day.trim_start_matches('0');
    [format!("{name} {short}, {year}"), format!("{month}/{day}/{year}")].map(|text| (text, category)).into()
}

pub(crate) fn mask(event: &mut Event, secrets: &[(String, &'static str)]) {
    let mut marks = Vec::new();
    if let Some(text) = &mut event.content {
        mask_text(text, Place::Content, secrets, &mut marks);
    }
    for (index, leaf) in (0u32..).zip(&mut event.leaves) {
        if let Value::Text(text) = &mut leaf.value {
            mask_text(text, Place::LeafValue(index), secrets, &mut marks);
        }
    }
    event.marks = marks;
}

fn mask_text(text: &mut String, place: Place, secrets: &[(String, &'static str)], marks: &mut Vec<Mark>) {
    let mut at = 0;
    while at < text.len() {
        let found = secrets.iter().find(|(secret, _)| text[at..].starts_with(&**secret));
        let Some((secret, category)) = found else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        let token = format!("⟦{category}⟧");
        text.replace_range(at..at + secret.len(), &token);
        let span = Span { place, start: at as u32, end: (at + token.len()) as u32 };
        marks.push(Mark { span, category: (*category).into() });
        at += token.len();
    }
}
