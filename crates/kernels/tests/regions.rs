//! Regions: what they are brought of their operands.

use cotangent_kernels::map::{Blocks, Frame, RowFold, Source, region};
use cotangent_kernels::{Array, Item, Shape};

/// The region that copies its one operand.
fn shown(source: Source, shape: &Shape, most: usize) -> Vec<f64> {
    let copy = |blocks: &mut Blocks<f64>| {
        let ([x], [y]) = blocks.lend([0], [1]);
        y.copy_from_slice(x);
    };
    let frame = Frame { rows: shape.size(), numbers: &[], registers: &[], columns: &[], sums: 0, most };
    region(&[source], frame, vec![(shape.clone(), None)], copy).results[0].to_vec().unwrap()
}

/// The entry that a window shows at an index.
fn entry(array: &Array, low: &[isize], index: &[usize]) -> f64 {
    let own: Option<Vec<usize>> =
        index.iter().zip(low).map(|(&i, &low)| usize::try_from(i as isize - low).ok()).collect();
    own.and_then(|own| array.get(&own)).map_or(0.0, Item::to_f64)
}

/// Arrays of these entries: in order, filled, turned, repeated.
fn kinds(own: [usize; 3]) -> [Array; 4] {
    let size: usize = own.iter().product();
    let numbers =
        |shape: [usize; 3]| Array::from_vec((0..size).map(|i| i as f64 + 1.0).collect::<Vec<_>>(), shape);
    let row = Array::from_vec((0..own[2]).map(|i| i as f64).collect::<Vec<_>>(), [own[2]]);
    [
        numbers(own),
        Array::fill(Item::F64(7.0), own),
        numbers([own[2], own[0], own[1]]).permute(&[1, 2, 0]),
        row.broadcast_to(&Shape::from(own)),
    ]
}

fn check(own: [usize; 3], shape: [usize; 3], low: [isize; 3], most: usize) {
    let shape = Shape::from(shape);
    for array in kinds(own) {
        let index = |i: usize| vec![i / (shape[1] * shape[2]), i / shape[2] % shape[1], i % shape[2]];
        let wanted: Vec<f64> = (0..shape.size()).map(|i| entry(&array, &low, &index(i))).collect();
        let got = shown(Source::Window(&array, &shape, &low), &shape, most);
        assert_eq!(got, wanted, "{array:?} at {low:?} in {shape}");
    }
}

#[test]
fn windows_show_entries_and_zeros() {
    let lows = |i: isize| [i % 7 - 3, i / 7 % 7 - 3, i / 49 - 3];
    for low in (0..343).map(lows) {
        check([2, 3, 4], [3, 2, 5], low, 7);
        check([2, 3, 4], [3, 2, 5], low, 1024);
    }
    // What is shown as a whole along the last axes; nothing of an array; an array of nothing.
    for low in (-3..4).map(|low| [low, 0, 0]) {
        check([3, 2, 4], [2, 2, 4], low, 5);
        check([3, 2, 4], [5, 2, 4], low, 1024);
        check([0, 2, 4], [2, 2, 4], low, 1024);
    }
    // Rows that are long enough to be lent.
    for low in [0, 1, 5, -1, -5, 300, -300].map(|low| [-1, 0, low]) {
        check([3, 2, 300], [2, 2, 290], low, 64);
        check([3, 1, 300], [2, 1, 310], low, 1024);
    }
}

#[test]
fn a_window_of_a_number() {
    let x = Array::scalar(3.0);
    assert_eq!(shown(Source::Window(&x, &Shape::scalar(), &[]), &Shape::scalar(), 8), [3.0]);
}

/// Rows of `x`, shown in windows and added, with a row of numbers; all in one region.
#[test]
fn rows_of_several_widths() {
    for (rows, most) in [(3, 1), (5, 1000), (40, 700), (400, 1024)] {
        let x =
            Array::from_vec((0..rows * 99).map(|i| (i % 17) as f64 - 3.0).collect::<Vec<_>>(), [rows, 99]);
        let one = Array::from_vec((0..rows).map(|i| i as f64).collect::<Vec<_>>(), [rows]);
        // x 0, one 1, registers 2 to 5, results 6 and 7.
        let frame = Frame { rows, numbers: &[], registers: &[100, 100, 100, 1], columns: &[], sums: 1, most };
        let targets = vec![(Shape::from([rows, 100]), None), (Shape::from([rows]), None)];
        let made =
            region(&[Source::Array(&x), Source::Array(&one)], frame, targets, |blocks: &mut Blocks<f64>| {
                blocks.shift(0, 1, 2);
                blocks.shift(0, 0, 3);
                blocks.spread(1, 4);
                let ([a, b, c], [y]) = blocks.lend([2, 3, 4], [6]);
                (0..y.len()).for_each(|i| y[i] = a[i] + b[i] + c[i]);
                blocks.fold_rows(RowFold::Max, 6, 7);
                blocks.fold_rows(RowFold::Sum, 6, 5);
                blocks.add(0, 5);
            });
        let at = |r: usize, c: usize| if c < 99 { ((r * 99 + c) % 17) as f64 - 3.0 } else { 0.0 };
        let entry = |i: usize| {
            let (r, c) = (i / 100, i % 100);
            at(r, c) + if c > 0 { at(r, c - 1) } else { 0.0 } + r as f64
        };
        let wanted: Vec<f64> = (0..rows * 100).map(entry).collect();
        let most: Vec<f64> =
            wanted.chunks(100).map(|row| row.iter().copied().fold(f64::MIN, f64::max)).collect();
        assert_eq!(made.results[0].to_vec::<f64>().unwrap(), wanted);
        assert_eq!(made.results[1].to_vec::<f64>().unwrap(), most);
        assert_eq!(made.sums, [wanted.iter().sum::<f64>()]);
    }
}

#[test]
#[should_panic = "as wide"]
fn places_of_other_widths_are_not_lent_together() {
    let x = Array::from_vec(vec![1.0, 2.0], [2]);
    let frame = Frame { rows: 2, numbers: &[], registers: &[], columns: &[], sums: 0, most: 8 };
    region(&[Source::Array(&x)], frame, vec![(Shape::from([2, 3]), None)], |blocks: &mut Blocks<f64>| {
        blocks.lend([0], [1]);
    });
}

#[test]
fn two_windows_of_rows_are_added() {
    let numbers =
        |k: f64| Array::from_vec((0..5 * 40).map(|i| (i as f64 * k).sin()).collect::<Vec<_>>(), [5, 40]);
    let x = [numbers(0.7), numbers(1.3)];
    for to in [1, 8, 39, 40, 41, 90] {
        for low in [[0, 1], [1, 0], [0, 0], [-3, 2], [-50, 0], [50, -39], [3, 41]] {
            let frame =
                Frame { rows: 5, numbers: &[], registers: &[to, to], columns: &[], sums: 0, most: 100 };
            let targets = vec![(Shape::from([5, to]), None), (Shape::from([5, to]), None)];
            let sources = [Source::Array(&x[0]), Source::Array(&x[1])];
            let made = region(&sources, frame, targets, |blocks: &mut Blocks<f64>| {
                blocks.add_shifts([0, 1], low, 4);
                blocks.shift(0, low[0], 2);
                blocks.shift(1, low[1], 3);
                let ([a, b], [y]) = blocks.lend([2, 3], [5]);
                (0..y.len()).for_each(|i| y[i] = a[i] + b[i]);
            });
            let [together, apart] = [0, 1].map(|i| made.results[i].to_vec::<f64>().unwrap());
            let shown = |i: usize, k: usize| entry(&x[k], &[0, low[k]], &[i / to, i % to]);
            let wanted: Vec<f64> = (0..5 * to).map(|i| shown(i, 0) + shown(i, 1)).collect();
            assert_eq!((&together, &apart), (&wanted, &wanted), "{low:?} in {to}");
        }
    }
}

/// Lends these places of: an operand, a number, a register, two results.
fn lent(x: [u32; 1], to: [u32; 2], registers: &'static [usize]) {
    let array = Array::from_vec(vec![1.0, 2.0], [2]);
    let frame = Frame { rows: 2, numbers: &[0.5], registers, columns: &[], sums: 0, most: 8 };
    let targets = vec![(Shape::from([2]), None), (Shape::from([2]), None)];
    region(&[Source::Array(&array)], frame, targets, |blocks: &mut Blocks<f64>| {
        let ([x], [a, b]) = blocks.lend(x, to);
        a.copy_from_slice(x);
        b.copy_from_slice(x);
    });
}

#[test]
fn what_is_misused_panics() {
    lent([0], [2, 3], &[1]);
    lent([1], [3, 4], &[1]);
    let wrong: [([u32; 1], [u32; 2], &'static [usize]); 6] = [
        ([0], [0, 3], &[1]), // an operand is written
        ([0], [1, 3], &[1]), // a number
        ([0], [3, 3], &[1]), // a place twice
        ([3], [3, 4], &[1]), // what is read
        ([0], [2, 3], &[2]), // another width
        ([0], [3, 4], &[0]), // a register of no width
    ];
    for (x, to, registers) in wrong {
        let result = std::panic::catch_unwind(|| lent(x, to, registers));
        assert!(result.is_err(), "{x:?} {to:?} {registers:?}");
    }
}
