//! Whether a list in a call, which takes the place of the thing's own, leaves out what nobody spoke
//! of.

use super::Case;
use crate::memory::{list_of, list_term};
use crate::term::Term;

/// A list of the call.
struct List {
    name: Term,
    /// How many elements it has.
    length: usize,
    /// Whether the thing has one of them already.
    keeps: bool,
}

impl Case<'_> {
    /// Whether a list of the call keeps some of the thing's own and leaves out the rest, and no word
    /// was said of that. Where it keeps none, the exchange named all there is to be.
    pub(super) fn cuts_a_list(&self) -> bool {
        let cuts = |list: &List| {
            let length = |object| self.dialogue.memory.length(object, list.name);
            list.keeps && self.call.objects().any(|object| list.length < length(object))
        };
        self.lists().iter().any(cuts) && !SHORTENING.iter().any(|word| self.dialogue.spoken(Term::word(word)))
    }

    fn lists(&self) -> Vec<List> {
        let mut lists: Vec<List> = Vec::new();
        for element in self.call.arguments.chunk_by(|a, b| a.object == b.object) {
            let Some((path, index)) = element.first().and_then(|first| list_of(&first.object)) else {
                continue;
            };
            if index == 0 {
                lists.push(List { name: list_term(path), length: 0, keeps: false });
            }
            if let Some(list) = lists.last_mut() {
                list.length = index + 1;
                list.keeps |= element.iter().all(|argument| self.is_unchanged(argument));
            }
        }
        lists
    }
}

/// Words by which fewer remain than there were.
const SHORTENING: [&str; 6] = ["nonstop", "direct", "remove", "drop", "delete", "fewer"];
