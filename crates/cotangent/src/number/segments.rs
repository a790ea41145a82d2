//! A list that grows without moving what it holds.

/// Items in segments, each twice as long as the one before, up to a bound. Growing never copies, so a long list holds
/// (and at its peak has held) the bytes of its items and at most one segment more; clearing keeps every segment.
#[derive(Debug)]
pub(super) struct Segments<T> {
    /// The segment that is being filled, beside the others so that a push finds it at once.
    current: Vec<T>,
    full: Vec<Vec<T>>,
    /// Empty ones kept for reuse, the next on top.
    spare: Vec<Vec<T>>,
    /// How many items the full segments hold.
    before: usize,
}

const FIRST: usize = 64;
const LONGEST: usize = 1 << 16;

impl<T> Segments<T> {
    pub(super) fn new() -> Self {
        Segments { current: Vec::new(), full: Vec::new(), spare: Vec::new(), before: 0 }
    }

    /// Room for this many items, in one piece if there are none yet.
    pub(super) fn reserve(&mut self, items: usize) {
        self.current.reserve_exact(items);
    }

    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.before + self.current.len()
    }

    /// Adds an item, which is made only where it goes.
    ///
    /// Finding a new segment is out of line with the item and all. With a call to the allocator that returns to this
    /// path, the numbers of the function that is being recorded would travel through the stack, and a chain of
    /// operations would take nearly twice as long.
    #[inline(always)]
    pub(super) fn push(&mut self, item: impl FnOnce() -> T) {
        if self.current.len() == self.current.capacity() {
            self.push_to_next(item());
        } else {
            self.current.push(item()); // the compiler sees that there is room, and leaves growing out
        }
    }

    #[cold]
    #[inline(never)]
    fn push_to_next(&mut self, item: T) {
        let full = self.current.len();
        let next = self.spare.pop().unwrap_or_else(|| Vec::with_capacity((2 * full).clamp(FIRST, LONGEST)));
        let filled = std::mem::replace(&mut self.current, next);
        if full > 0 {
            self.before += full;
            self.full.push(filled);
            self.spare.reserve(self.full.len() + 1); // so that clearing need not allocate
        }
        self.current.push(item);
    }

    pub(super) fn clear(&mut self) {
        self.before = 0;
        if self.full.is_empty() {
            self.current.clear();
            return;
        }
        let last = std::mem::take(&mut self.current);
        for mut segment in std::iter::once(last).chain(self.full.drain(..).rev()) {
            segment.clear();
            self.spare.push(segment);
        }
        self.current = self.spare.pop().unwrap_or_default();
    }

    /// The items in pieces, from the first.
    pub(super) fn pieces(&self) -> impl DoubleEndedIterator<Item = &[T]> {
        self.full.iter().chain(std::iter::once(&self.current)).map(Vec::as_slice)
    }

    /// The items, from the first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.pieces().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_stay_in_order_across_segments_and_reuse() {
        let mut list = Segments::new();
        for _ in 0..3 {
            let n = 5 * LONGEST;
            for i in 0..n {
                assert_eq!(list.len(), i);
                list.push(|| i);
            }
            assert!(list.iter().copied().eq(0..n));
            assert!(list.iter().rev().copied().eq((0..n).rev()));
            assert!(list.full.len() > 5);
            let all = list.full.iter().chain(&list.spare).chain([&list.current]);
            let held: usize = all.map(Vec::capacity).sum();
            assert!(held <= n + LONGEST);
            list.clear();
            assert_eq!((list.len(), list.iter().count()), (0, 0));
        }
    }

    #[test]
    fn reserved_room_is_one_piece() {
        let mut list = Segments::new();
        list.reserve(1000);
        (0..1000).for_each(|i| list.push(|| i));
        assert_eq!(list.pieces().count(), 1);
    }
}
