//! Convolution of floats, directly: nothing is unfolded. A tile of the result is kept in registers over all taps: some windows times
//! a vector of features, or, where features are few, some rows of neighbouring windows.

use super::conv::{Plan, plain};
use super::geometry::{Phase, each_index};
use super::tile::{Job, Lane, Level, Tiles};
use crate::array::Array;
use crate::array::store::Store;
use crate::threads;
use std::borrow::Cow;
use std::ops::{Deref, Range};

/// Taps are summed in runs of so many, and then the sums.
const CHUNK: usize = 512;

/// Numbers of an array, or those of a copy with zeros around.
enum Values<'a, T: Lane> {
    Given(Cow<'a, [T]>),
    Copied(Store<T>),
}

impl<T: Lane> Deref for Values<'_, T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match self {
            Values::Given(values) => values,
            Values::Copied(values) => values,
        }
    }
}

/// Numbers found by strides, of which none is negative.
struct Strided<'a, T: Lane> {
    values: Values<'a, T>,
    offset: usize,
    strides: Vec<usize>,
}

impl<T: Lane> Strided<'_, T> {
    /// As they lie, if they can be read so.
    fn new(a: &Array) -> Strided<'_, T> {
        if let Some((values, offset, strides)) = a.as_strided::<T>()
            && let Ok(strides) = strides.iter().map(|&stride| usize::try_from(stride)).collect()
        {
            return Strided { values: Values::Given(Cow::Borrowed(values)), offset, strides };
        }
        let strides = a.shape().strides().iter().map(|&stride| stride as usize).collect();
        Strided { values: Values::Given(a.dense::<T>()), offset: 0, strides }
    }
}

/// The windows of one combination of phases.
struct Part {
    /// For each tap, where its weight is in a plane of the kernel and its entry in a plane of the operand.
    taps: Vec<(usize, usize)>,
    /// For each window, where it begins in a plane of the operand, and its place in a plane of the result; row by row.
    places: Vec<(usize, usize)>,
    /// How long a row is.
    row: usize,
    /// How many neighbouring taps meet neighbouring entries.
    run: usize,
}

/// What a vector is of.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Features,
    /// Neighbouring windows of a row.
    Rows,
    /// Neighbouring taps, where there are few windows and features.
    Taps,
}

fn product(
    phases: &[&Phase],
    lengths: &[usize],
    f: impl Fn(usize, usize, &Phase) -> (usize, usize),
) -> Vec<(usize, usize)> {
    let mut found = Vec::with_capacity(lengths.iter().product());
    each_index(lengths, |index| {
        let parts = index.iter().enumerate().map(|(axis, &i)| f(axis, i, phases[axis]));
        found.push(parts.fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1)));
    });
    found
}

/// From the first entry of each axis that a tap meets to the last; none if taps meet none.
fn reached(phases: &[Vec<Phase>]) -> Option<Vec<(isize, isize)>> {
    let reach = |phase: &Phase| {
        let far = ((phase.count - 1) * phase.stride) as isize;
        Some((phase.taps.first()?.1, phase.taps.last()?.1 + far))
    };
    let widest =
        |axis: &Vec<Phase>| axis.iter().filter_map(reach).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    phases.iter().map(widest).collect()
}

/// The operand as far as taps reach, zeros where it is not, and some entries more at the end.
fn padded<T: Lane>(
    x: &Strided<T>,
    shape: &[usize],
    reach: &[(isize, isize)],
    more: usize,
) -> Strided<'static, T> {
    let lengths: Vec<usize> = reach.iter().map(|(low, high)| (high - low + 1) as usize).collect();
    let full = [&shape[..2], &lengths].concat();
    let mut strides = vec![1; full.len()];
    for axis in (1..full.len()).rev() {
        strides[axis - 1] = strides[axis] * full[axis];
    }
    let mut values = Store::open(full.iter().product::<usize>() + more);
    values.fill(T::default());
    // The part of each axis that is there: from where, to where in the copy, how much.
    let part = |axis: usize| match axis {
        0 | 1 => (0, 0, shape[axis]),
        _ => {
            let (low, high) = reach[axis - 2];
            let from = low.max(0);
            let to = high.min(shape[axis] as isize - 1);
            (from as usize, (from - low) as usize, (to - from + 1).max(0) as usize)
        }
    };
    let parts: Vec<(usize, usize, usize)> = (0..shape.len()).map(part).collect();
    let last = shape.len() - 1;
    let counts: Vec<usize> = parts[..last].iter().map(|part| part.2).collect();
    let (from, to, length) = parts[last];
    each_index(&counts, |index| {
        let (mut source, mut target) = (x.offset + from * x.strides[last], to);
        for (axis, &i) in index.iter().enumerate() {
            source += (parts[axis].0 + i) * x.strides[axis];
            target += (parts[axis].1 + i) * strides[axis];
        }
        let target = &mut values[target..target + length];
        match x.strides[last] {
            _ if length == 0 => {}
            1 => target.copy_from_slice(&x.values[source..source + length]),
            step => target.iter_mut().enumerate().for_each(|(i, y)| *y = x.values[source + i * step]),
        }
    });
    Strided { values: Values::Copied(values), offset: 0, strides }
}

/// All of `y` is written, in the order of `[batch, features, axes…]`.
pub(super) fn convolution<T: Lane>(plan: &Plan, x: &Array, w: &Array, y: &mut [T]) {
    convolution_on(Level::here(), plan, x, w, y);
}

/// With the loops for processors of a level.
fn convolution_on<T: Lane>(level: Level, plan: &Plan, x: &Array, w: &Array, y: &mut [T]) {
    let n = plan.shape.len();
    let features = plan.groups * plan.features;
    let y_plane = plan.output_plane();
    let few = plan.features <= 4;
    let phases = |axis: usize| {
        let phases = plan.windows[axis].phases(plan.shape[axis], plan.outputs[axis]);
        // Rows stay whole where vectors are of neighbours in them.
        if few && axis + 1 == n {
            return phases;
        }
        phases.into_iter().flat_map(|phase| phase.apart(plan.shape[axis])).collect()
    };
    let phases: Vec<Vec<Phase>> = (0..n).map(phases).collect();
    let Some(reach) = reached(&phases).filter(|_| plan.channels > 0 && plan.features > 0 && plan.batch > 0)
    else {
        return y.fill(T::default());
    };
    let within = reach.iter().zip(&plan.shape).all(|(&(low, high), &n)| low >= 0 && high < n as isize);
    let size = reach.iter().try_fold(x.shape()[0] * x.shape()[1], |size, (low, high)| {
        size.checked_mul((high - low + 1) as usize)
    });
    // Windows that lie far apart and mostly beside the operand are not worth a copy of what they reach over.
    if size.is_none_or(|size| !within && size / 16 > x.size() + plan.batch * features * y_plane + CHUNK) {
        return plain(plan, x, w, |y: T, a, b| y + a * b, y);
    }

    let (given, w) = (Strided::<T>::new(x), Strided::<T>::new(w));
    let last = phases.last().filter(|_| few).map_or(&[][..], Vec::as_slice);
    let neighbours = |phase: &Phase| phase.taps.windows(2).all(|pair| pair[1].1 == pair[0].1 + 1);
    let mode = match last {
        [phase] if phase.stride == 1 && phase.step == 1 && phase.count > 3 => Mode::Rows,
        [phase] if phase.taps.len() > 7 && neighbours(phase) => Mode::Taps,
        _ => Mode::Features,
    };
    let tiles = match mode {
        Mode::Features => Tiles::<T>::of_features(level),
        Mode::Rows => Tiles::of_rows(level),
        Mode::Taps => Tiles::of_taps(level),
    };
    // What is read in vectors lies side by side, and a row is read in whole ones, also at its end.
    let as_given = match mode {
        Mode::Features => true,
        Mode::Rows => false,
        Mode::Taps => given.strides[n + 1] == 1,
    };
    let x = match within && as_given {
        true => {
            let low: usize =
                reach.iter().zip(&given.strides[2..]).map(|(reach, stride)| reach.0 as usize * stride).sum();
            Strided { offset: given.offset + low, ..given }
        }
        false => padded(&given, x.shape(), &reach, if mode == Mode::Rows { tiles.lanes } else { 0 }),
    };

    let y_strides: Vec<usize> = (0..n).map(|axis| plan.outputs[axis + 1..].iter().product()).collect();
    let counts: Vec<usize> = phases.iter().map(Vec::len).collect();
    let work = |share: Share, y: &mut [T]| {
        y.fill(T::default());
        each_index(&counts, |chosen| {
            let chosen: Vec<&Phase> = chosen.iter().enumerate().map(|(axis, &i)| &phases[axis][i]).collect();
            let taps: Vec<usize> = chosen.iter().map(|phase| phase.taps.len()).collect();
            let windows: Vec<usize> = chosen.iter().map(|phase| phase.count).collect();
            let part = Part {
                taps: product(&chosen, &taps, |axis, i, phase| {
                    let (k, entry) = phase.taps[i];
                    let k = if plan.reverse { plan.windows[axis].size - 1 - k } else { k };
                    (k * w.strides[axis + 2], (entry - reach[axis].0) as usize * x.strides[axis + 2])
                }),
                places: product(&chosen, &windows, |axis, i, phase| {
                    (i * phase.stride * x.strides[axis + 2], (phase.first + i * phase.step) * y_strides[axis])
                }),
                row: windows.last().copied().unwrap_or(1),
                run: taps.last().copied().unwrap_or(1),
            };
            if !part.taps.is_empty() {
                for group in 0..plan.groups {
                    one_group(plan, &part, (group, mode), (&tiles, &x, &w), &share, y);
                }
            }
        });
    };
    // A share for each thread, of examples or of a single one's features: no result depends on where these are cut.
    let (whole, size) = (features * y_plane, plan.batch * features * y_plane);
    let by_examples = plan.batch > 1 || plan.groups > 1;
    let (count, unit) = if by_examples { (plan.batch, whole) } else { (plan.features, y_plane) };
    let taps = plan.channels * plan.taps();
    let shares = threads::count().min(size.saturating_mul(taps) / THREAD).max(1);
    // Few long sums, as the gradient of a kernel is, are in parts besides, which are added up: in one way, whoever computes them.
    let parts = if size <= FEW { (taps / LONG).clamp(1, PARTS) } else { 1 };
    let many = count.div_ceil(shares.div_ceil(parts));
    let many = if by_examples { many } else { many.next_multiple_of(tiles.lanes) };
    let share = |i: usize, part: usize| {
        let own = i * many..((i + 1) * many).min(count);
        match by_examples {
            true => Share { examples: own, features: 0..plan.features, part, parts },
            false => Share { examples: 0..1, features: own, part, parts },
        }
    };
    if parts == 1 {
        return threads::chunks(y, many * unit, |i, y| work(share(i, 0), y));
    }
    let cuts = count.div_ceil(many);
    let one = |job: usize| {
        let (part, i) = (job / cuts, job % cuts);
        let mut y = Store::open(many.min(count - i * many) * unit);
        work(share(i, part), &mut y);
        y
    };
    let all = match shares {
        1 => (0..parts * cuts).map(one).collect(),
        _ => threads::collect(parts * cuts, one),
    };
    y.fill(T::default());
    for part in all.chunks(cuts) {
        y.iter_mut().zip(part.iter().flat_map(|part| &part[..])).for_each(|(y, &part)| *y = *y + part);
    }
}

/// Products that are worth a thread.
const THREAD: usize = 1 << 20;
/// Results of no more numbers may be in several arrays, one for each part of their sums.
const FEW: usize = 1 << 14;
/// A part has so many taps of the whole window at least (where the operand has gaps they meet fewer entries): what makes it ready, and adds
/// it, takes no time beside them.
const LONG: usize = 8 * CHUNK;
/// There are no more parts.
const PARTS: usize = 8;

/// What one thread does: some examples, of each group some features, and of their runs of taps one part of so many.
struct Share {
    examples: Range<usize>,
    features: Range<usize>,
    part: usize,
    parts: usize,
}

/// The features of one group: for each run of taps the weights side by side, and then tile after tile.
fn one_group<T: Lane>(
    plan: &Plan,
    part: &Part,
    (group, mode): (usize, Mode),
    (tiles, x, w): (&Tiles<T>, &Strided<T>, &Strided<T>),
    share: &Share,
    y: &mut [T],
) {
    let y_plane = plan.output_plane();
    let features = plan.groups * plan.features;
    let total = plan.channels * part.taps.len();
    let x_start = x.offset
        + share.examples.start * x.strides[0]
        + group * (plan.group_batch * x.strides[0] + plan.group_channels * x.strides[1]);
    // Whole runs.
    let chunk = if mode == Mode::Taps { (CHUNK / part.run).max(1) * part.run } else { CHUNK };
    let count = total.div_ceil(chunk);
    let runs = count * share.part / share.parts..count * (share.part + 1) / share.parts;
    let (mut taps, mut spots, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    let mut first = share.features.start;
    while first < share.features.end {
        let block = tiles.block(share.features.end - first);
        let lanes = if mode == Mode::Features { block.lanes } else { 1 };
        let own = block.features.min(share.features.end - first);
        for from in (runs.start * chunk..total.min(runs.end * chunk)).step_by(chunk) {
            let to = total.min(from + chunk);
            taps.clear();
            spots.clear();
            let (mut c, mut t) = (from / part.taps.len(), from % part.taps.len());
            for _ in from..to {
                let (weight, entry) = part.taps[t];
                spots.push(w.offset + c * w.strides[1] + weight);
                taps.push(c * x.strides[1] + entry);
                t += 1;
                if t == part.taps.len() {
                    (c, t) = (c + 1, 0);
                }
            }
            weights.clear();
            if mode != Mode::Features {
                // Feature by feature.
                for o in 0..own {
                    let start = (group * plan.features + first + o) * w.strides[0];
                    weights.extend(spots.iter().map(|spot| w.values[start + spot]));
                }
            } else {
                // Tap by tap, a vector of features for each.
                weights.resize(spots.len() * lanes, T::default());
                for o in 0..own {
                    let start = (group * plan.features + first + o) * w.strides[0];
                    let column = weights[o..].iter_mut().step_by(lanes);
                    column.zip(&spots).for_each(|(weight, spot)| *weight = w.values[start + spot]);
                }
            }
            (block.run)(Job {
                x: &x.values[x_start..],
                taps: &taps,
                weights: &weights,
                places: &part.places,
                row: part.row,
                run: part.run,
                batch: share.examples.len(),
                x_batch: x.strides[0],
                y_batch: features * y_plane,
                features: own,
                y_plane,
                y: &mut y[(group * plan.features + first - share.features.start) * y_plane..],
            });
        }
        first += own;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::Window;

    /// Whole numbers, so that every order of adding gives the same.
    fn draw(shape: &[usize], seed: usize) -> Vec<f64> {
        let size = shape.iter().product();
        (0..size).map(|i| ((i * 7919 + seed * 104_729 + i * i % 31) % 13) as f64 - 6.0).collect()
    }

    /// What the code writes, into memory where something stood before.
    fn written<T: Lane + From<u8>>(plan: &Plan, write: impl FnOnce(&mut [T])) -> Vec<T> {
        let mut y = vec![T::from(7); plan.batch * plan.groups * plan.features * plan.output_plane()];
        write(&mut y);
        y
    }

    fn plainly(plan: &Plan, x: &Array, w: &Array) -> Vec<f64> {
        written(plan, |y| plain(plan, x, w, |y: f64, a, b| y + a * b, y))
    }

    struct Point<'a> {
        windows: &'a [Window],
        x: &'a [usize],
        features: usize,
        groups: (usize, usize),
        reverse: bool,
    }

    fn agree(point: &Point) {
        let (x_shape, groups) = (point.x, point.groups.0 * point.groups.1);
        let channels = x_shape[1] / point.groups.0;
        let w_shape: Vec<usize> =
            [point.features, channels].into_iter().chain(point.windows.iter().map(|w| w.size)).collect();
        let outputs: Vec<usize> =
            point.windows.iter().zip(&x_shape[2..]).map(|(w, &n)| w.outputs(n).unwrap()).collect();
        let plan = Plan {
            windows: point.windows,
            reverse: point.reverse,
            groups,
            batch: x_shape[0] / point.groups.1,
            channels,
            features: point.features / groups,
            group_channels: if point.groups.0 > 1 { channels } else { 0 },
            group_batch: if point.groups.1 > 1 { x_shape[0] / point.groups.1 } else { 0 },
            shape: x_shape[2..].to_vec(),
            outputs,
        };
        let (x, w) = (draw(x_shape, 1), draw(&w_shape, 2));
        let narrow = |x: &[f64]| x.iter().map(|&x| x as f32).collect::<Vec<f32>>();
        let wide = (Array::from_vec(x.clone(), x_shape), Array::from_vec(w.clone(), &w_shape[..]));
        let short = (Array::from_vec(narrow(&x), x_shape), Array::from_vec(narrow(&w), &w_shape[..]));
        let expected = plainly(&plan, &wide.0, &wide.1);
        for level in Level::all() {
            let what = format!("{level:?} {x_shape:?} {w_shape:?} {:?}", point.windows);
            let y = written::<f64>(&plan, |y| convolution_on(level, &plan, &wide.0, &wide.1, y));
            assert_eq!(y, expected, "f64 {what}");
            let y = written::<f32>(&plan, |y| convolution_on(level, &plan, &short.0, &short.1, y));
            assert_eq!(y, narrow(&expected), "f32 {what}");
            // The operand as a view in another order.
            let axes: Vec<usize> = [1, 0].into_iter().chain(2..x_shape.len()).collect();
            let turned = |a: &Array| a.permute(&axes).contiguous().permute(&axes);
            let (x, w) = (turned(&wide.0), turned(&wide.1));
            let seen = written::<f64>(&plan, |y| convolution_on(level, &plan, &x, &w, y));
            assert_eq!(seen, expected, "views, {what}");
        }
    }

    #[test]
    fn every_level_gives_the_plain_sums() {
        let window = |size, stride, low, high, base_dilation, dilation| Window {
            size,
            stride,
            low,
            high,
            base_dilation,
            dilation,
        };
        let windows = [
            window(1, 1, 0, 0, 1, 1),
            window(3, 1, 1, 1, 1, 1),
            window(3, 2, 0, 1, 1, 2),
            window(5, 1, 4, 4, 1, 1),
            window(2, 1, 1, 2, 3, 1),
            window(4, 3, 2, -1, 2, 1),
            window(3, 2, -2, 0, 2, 3),
            window(2, 1, 30, 40, 1, 20),
        ];
        for &a in &windows {
            for reverse in [false, true] {
                for (features, groups) in [
                    (1, (1, 1)),
                    (3, (1, 1)),
                    (7, (1, 1)),
                    (21, (1, 1)),
                    (60, (1, 1)),
                    (6, (2, 1)),
                    (16, (1, 2)),
                    (4, (4, 1)),
                ] {
                    agree(&Point { windows: &[a], x: &[2, 4, 19], features, groups, reverse });
                    for &b in &windows[1..5] {
                        agree(&Point { windows: &[a, b], x: &[2, 4, 6, 9], features, groups, reverse });
                    }
                }
            }
        }
    }

    #[test]
    fn many_taps_are_summed_in_runs() {
        for features in [2, 9] {
            agree(&Point {
                windows: &[Window::of(30); 2],
                x: &[1, 3, 36, 35],
                features,
                groups: (1, 1),
                reverse: false,
            });
            agree(&Point { windows: &[], x: &[5, 1200], features, groups: (1, 1), reverse: false });
        }
        // Long runs of taps, few windows and features.
        for (padding, base_dilation) in [(0, 1), (1, 1), (1, 2)] {
            let window = Window { low: padding, high: padding, base_dilation, ..Window::of(35) };
            for (features, groups) in [(3, (1, 1)), (2, (2, 1)), (4, (1, 2))] {
                agree(&Point {
                    windows: &[Window::of(3), window],
                    x: &[2, 4, 5, 36],
                    features,
                    groups,
                    reverse: false,
                });
            }
        }
        agree(&Point {
            windows: &[Window::of(2); 3],
            x: &[2, 2, 3, 4, 5],
            features: 5,
            groups: (1, 1),
            reverse: true,
        });
    }

    /// Several threads share examples, or the features of a single one, or the taps of a few long sums; the numbers are the same, and right.
    #[test]
    fn threads_share_the_work() {
        for (x, features, k) in [
            ([40, 4, 14, 15], 9, 3),
            ([1, 24, 20, 19], 50, 3),
            ([2, 3, 40, 41], 3, 3),
            ([40, 8, 14, 15], 9, 3),
            // The gradient of a kernel: 20 channels of 24 by 24 taps are two parts, 100 of 21 by 21 eight. On three threads and more the two
            // are shared out besides, by examples or features.
            ([1, 20, 28, 27], 8, 24),
            ([5, 20, 28, 27], 8, 24),
            ([1, 20, 28, 27], 40, 24),
            ([3, 100, 23, 24], 17, 21),
            ([2, 100, 24, 25], 2, 21),
        ] {
            let window = [Window::of(k), Window::of(k)];
            let outputs = vec![x[2] + 1 - k, x[3] + 1 - k];
            let plan = Plan {
                windows: &window,
                reverse: false,
                groups: 1,
                batch: x[0],
                channels: x[1],
                features,
                group_channels: 0,
                group_batch: 0,
                shape: x[2..].to_vec(),
                outputs,
            };
            let kernel = [features, x[1], k, k];
            let (image, weight) =
                (Array::from_vec(draw(&x, 1), x), Array::from_vec(draw(&kernel, 2), kernel));
            let expected = plainly(&plan, &image, &weight);
            // What is no whole number shows in which order it was added.
            let third = |a: &Array| {
                Array::from_vec(a.dense::<f64>().iter().map(|x| x / 3.0).collect(), a.shape().clone())
            };
            let (image3, weight3) = (third(&image), third(&weight));
            let double = |x: &Array, w: &Array| written::<f64>(&plan, |y| convolution(&plan, x, w, y));
            let one = threads::with(1, || double(&image3, &weight3));
            let single = |a: &Array| crate::map::convert(a, crate::array::DType::F32);
            let short = (single(&image3), single(&weight3));
            let single = || written::<f32>(&plan, |y| convolution(&plan, &short.0, &short.1, y));
            let one_single = threads::with(1, single);
            for count in [1, 2, 3, 7] {
                threads::with(count, || {
                    assert_eq!(double(&image, &weight), expected);
                    assert_eq!(double(&image3, &weight3), one);
                    assert_eq!(single(), one_single);
                });
            }
        }
    }
}
