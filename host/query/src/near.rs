//! Which known names are nearest to one that is not known.

/// How like two names must be to be taken for each other: Jaro and Winkler's measure, which counts
/// letters in common and favours a common beginning.
const LIKE: f64 = 0.8;

/// As many as help.
const NAMES: usize = 2;

/// The known names nearest to `name`, the nearest first.
pub(crate) fn near<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let mut like: Vec<(f64, &str)> = known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&name, known), known))
        .filter(|(like, _)| *like >= LIKE)
        .collect();
    like.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    like.dedup_by(|a, b| a.1 == b.1);
    like.into_iter().take(NAMES).map(|(_, known)| known.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_were_swapped_or_left_out() {
        let known = ["confidence", "content", "timestamp", "time_ms", "intent"];
        assert_eq!(near("confidance", known)[0], "confidence");
        assert_eq!(near("timestmap", known)[0], "timestamp");
        assert_eq!(near("Intnet", known)[0], "intent");
        assert!(near("zzz", known).is_empty());
    }
}
