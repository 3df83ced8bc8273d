//! Rounds in turns, and what counts of them.

/// How many there are: ROUNDS, or five.
pub fn count() -> usize {
    std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(5)
}

/// Runs something on all kinds, in turns; who goes first takes turns as well. The results of a
/// round are in the order of the kinds.
pub fn in_turns<K: Copy, T>(
    rounds: usize,
    kinds: &[K],
    mut run: impl FnMut(K) -> T,
) -> Vec<Vec<T>> {
    let round = |round: usize| {
        let places: Vec<_> = (0..kinds.len()).map(|n| (n + round) % kinds.len()).collect();
        let mut results: Vec<_> = places.iter().map(|place| (*place, run(kinds[*place]))).collect();
        results.sort_by_key(|(place, _)| *place);
        results.into_iter().map(|(_, result)| result).collect()
    };
    (0..rounds).map(round).collect()
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
