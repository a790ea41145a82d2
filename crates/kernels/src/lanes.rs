//! Folds that go side by side: what a vector loop makes of a step that waits for the one before.

/// A slice folded in `N` lanes, what is left over in the first of them, and then halves of the lanes onto halves. `start` changes nothing that it
/// is joined with.
#[inline(always)]
pub(crate) fn in_lanes<T: Copy, S: Copy, const N: usize>(
    x: &[T],
    start: S,
    step: impl Fn(S, T) -> S,
    join: impl Fn(S, S) -> S,
) -> S {
    let mut whole = [start; N];
    let (chunks, rest) = x.as_chunks::<N>();
    for chunk in chunks {
        for i in 0..N {
            whole[i] = step(whole[i], chunk[i]);
        }
    }
    // An array of its own, for its indices are known only when it runs: the other one lies in registers.
    let mut lanes: [S; N] = std::array::from_fn(|i| whole[i]);
    lanes.iter_mut().zip(rest).for_each(|(lane, &x)| *lane = step(*lane, x));
    let mut width = N / 2;
    while width > 0 {
        (0..width).for_each(|i| lanes[i] = join(lanes[i], lanes[i + width]));
        width /= 2;
    }
    lanes[0]
}
