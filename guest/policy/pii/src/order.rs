//! The one sorting routine of the plugin: each further type that is sorted would add five
//! kilobytes of code to it.

/// Sorts by a key; what has equal keys keeps its order.
pub(crate) fn order_by<T: Copy>(items: &mut Vec<T>, key: impl Fn(&T) -> u64) {
    let mut keys: Vec<(u64, usize)> = items.iter().map(key).zip(0..).collect();
    keys.sort_unstable();
    *items = keys.iter().map(|&(_, at)| items[at]).collect();
}

#[cfg(test)]
mod tests {
    #[test]
    fn equal_keys_keep_their_order() {
        let mut items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd')];
        super::order_by(&mut items, |item| item.0);
        assert_eq!(items, [(1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]);
    }
}
