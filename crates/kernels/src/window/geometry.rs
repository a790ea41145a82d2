//! Where windows lie.

/// The windows of one axis: window `o` has its tap `k` at the place `o · stride + k · dilation − low` of an operand whose entries lie
/// `base_dilation` apart. There is nothing before the first entry, after the last, and between two.
///
/// ```
/// use cotangent_kernels::window::Window;
/// let window = Window { size: 3, stride: 2, low: 1, ..Window::of(3) };
/// assert_eq!(window.outputs(6), Some(3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// How many taps.
    pub size: usize,
    /// From one window to the next; at least 1.
    pub stride: usize,
    /// How far the first window begins before the first entry; negative where it begins behind it.
    pub low: i64,
    /// How far the last window may end behind the last entry.
    pub high: i64,
    /// From one entry of the operand to the next; at least 1.
    pub base_dilation: usize,
    /// From one tap to the next; at least 1.
    pub dilation: usize,
}

/// How far a row of `n` reaches whose entries lie `dilation` apart.
fn extent(n: usize, dilation: usize) -> i128 {
    if n == 0 { 0 } else { (n as i128 - 1) * dilation as i128 + 1 }
}

impl Window {
    /// As many taps side by side, at every place.
    pub fn of(size: usize) -> Window {
        Window { size, stride: 1, low: 0, high: 0, base_dilation: 1, dilation: 1 }
    }

    /// How far the taps of one window reach; none if that is no number of this machine.
    pub fn extent(&self) -> Option<usize> {
        usize::try_from(extent(self.size, self.dilation)).ok()
    }

    /// How many windows an axis of length `n` has; none if they are more than an axis can have.
    pub fn outputs(&self, n: usize) -> Option<usize> {
        let room = extent(n, self.base_dilation) + i128::from(self.low) + i128::from(self.high);
        let free = room - extent(self.size, self.dilation);
        if free < 0 {
            return Some(0);
        }
        isize::try_from(free / self.stride as i128 + 1).ok().map(|count| count as usize)
    }
}

/// Every `step`-th window of an axis: those whose taps meet entries of the operand and not the gaps between. Seen from them the operand has
/// no gaps.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    /// The first such window, the distance to the next, how many.
    pub first: usize,
    pub step: usize,
    pub count: usize,
    /// How many entries further the taps of the next one lie.
    pub stride: usize,
    /// The number of a tap, and its entry in the first of these windows; taps that meet no entry in any are left out.
    pub taps: Vec<(usize, isize)>,
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Window {
    /// The windows of an axis of length `n` by what their taps meet.
    pub(super) fn phases(&self, n: usize, outputs: usize) -> Vec<Phase> {
        let common = gcd(self.base_dilation, self.stride);
        let (step, stride) = (self.base_dilation / common, self.stride / common);
        let phase = |first: usize| {
            let count = (outputs - first).div_ceil(step);
            let base = self.base_dilation as i128;
            let start = first as i128 * self.stride as i128 - i128::from(self.low);
            let reach = (count as i128 - 1) * stride as i128;
            // The first and the last tap that can meet an entry.
            let dilation = self.dilation as i128;
            let from = (-reach * base - start).div_euclid(dilation).max(0);
            let to = ((n as i128 - 1) * base - start).div_euclid(dilation).min(self.size as i128 - 1);
            let tap = |k: i128| {
                let place = start + k * dilation;
                let entry = place.div_euclid(base);
                (place.rem_euclid(base) == 0 && entry < n as i128 && entry + reach >= 0)
                    .then_some((k as usize, entry as isize))
            };
            let taps = if n == 0 { Vec::new() } else { (from..=to).filter_map(tap).collect() };
            Phase { first, step, count, stride, taps }
        };
        (0..step.min(outputs)).map(phase).collect()
    }
}

impl Phase {
    /// Its windows apart by which taps meet an entry of an axis of length `n`, if more than a quarter of what they would do is in vain.
    pub(super) fn apart(self, n: usize) -> Vec<Phase> {
        let meets = |j: usize| {
            let entry = |&(_, entry): &(usize, isize)| entry + (j * self.stride) as isize;
            let from = self.taps.partition_point(|tap| entry(tap) < 0);
            (from, self.taps.partition_point(|tap| entry(tap) < n as isize).max(from))
        };
        let met: usize = (0..self.count).map(|j| meets(j).1 - meets(j).0).sum();
        if met >= self.count * self.taps.len() / 4 * 3 {
            return vec![self];
        }
        let mut parts: Vec<Phase> = Vec::new();
        let mut before = None;
        for j in 0..self.count {
            let own = meets(j);
            match parts.last_mut() {
                Some(part) if before == Some(own) => part.count += 1,
                _ => {
                    let moved = |&(k, entry): &(usize, isize)| (k, entry + (j * self.stride) as isize);
                    let taps = self.taps[own.0..own.1].iter().map(moved).collect();
                    parts.push(Phase { first: self.first + j * self.step, count: 1, taps, ..self });
                }
            }
            before = Some(own);
        }
        parts
    }
}

/// What a tap meets in neighbouring windows: entries of a plane of the operand, and those of a plane of the result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// The number of the tap among those of the whole window.
    pub tap: usize,
    /// Where the run begins in the operand, and how far its entries lie apart.
    pub x: usize,
    pub x_step: usize,
    /// The same of the result.
    pub y: usize,
    pub y_step: usize,
    pub length: usize,
}

/// Counts through all indices of a shape, the last axis fastest; stops when `f` has seen all.
pub(super) fn each_index(shape: &[usize], mut f: impl FnMut(&[usize])) {
    if shape.contains(&0) {
        return;
    }
    let mut index = vec![0; shape.len()];
    loop {
        f(&index);
        let Some(axis) = (0..shape.len()).rev().find(|&axis| {
            if index[axis] + 1 < shape[axis] {
                return true;
            }
            index[axis] = 0;
            false
        }) else {
            return;
        };
        index[axis] += 1;
    }
}

/// All runs of a plane: row by row of the result, and there tap by tap.
pub(super) fn runs(windows: &[Window], shape: &[usize], outputs: &[usize]) -> Vec<Run> {
    let mut runs = Vec::new();
    let Some(last) = windows.len().checked_sub(1) else {
        // A window of no axes is one entry.
        return vec![Run { tap: 0, x: 0, x_step: 0, y: 0, y_step: 0, length: 1 }];
    };
    let phases: Vec<Vec<Phase>> =
        windows.iter().enumerate().map(|(i, window)| window.phases(shape[i], outputs[i])).collect();
    let inner = &phases[last];
    each_index(&outputs[..last], |row| {
        // The phase and the place in it of each outer axis.
        let at = |axis: usize| {
            let phase = &phases[axis][row[axis] % phases[axis][0].step];
            (phase, row[axis] / phase.step)
        };
        let outer: Vec<(&Phase, usize)> = (0..last).map(at).collect();
        let counts: Vec<usize> = outer.iter().map(|(phase, _)| phase.taps.len()).collect();
        let y_row = (0..last).fold(0, |flat, axis| flat * outputs[axis] + row[axis]) * outputs[last];
        each_index(&counts, |taps| {
            let (mut tap, mut x_row) = (0, 0);
            for axis in 0..last {
                let (phase, j) = outer[axis];
                let (k, entry) = phase.taps[taps[axis]];
                let entry = entry + (j * phase.stride) as isize;
                if !(0..shape[axis] as isize).contains(&entry) {
                    return;
                }
                tap = tap * windows[axis].size + k;
                x_row = x_row * shape[axis] + entry as usize;
            }
            for phase in inner {
                for &(k, entry) in &phase.taps {
                    // Entries before the first and after the last are not there.
                    let skipped = entry.min(0).unsigned_abs().div_ceil(phase.stride);
                    let left = shape[last] as isize - entry;
                    let limit = (left.max(0) as usize).div_ceil(phase.stride).min(phase.count);
                    if skipped >= limit {
                        continue;
                    }
                    runs.push(Run {
                        tap: tap * windows[last].size + k,
                        x: x_row * shape[last] + (entry + (skipped * phase.stride) as isize) as usize,
                        x_step: phase.stride,
                        y: y_row + phase.first + skipped * phase.step,
                        y_step: phase.step,
                        length: limit - skipped,
                    });
                }
            }
        });
    });
    runs
}
