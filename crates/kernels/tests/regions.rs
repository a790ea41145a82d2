//! Regions: what they are brought of their operands.

use cotangent_kernels::map::{Blocks, Frame, Sizes, Source, region};
use cotangent_kernels::{Array, Item, Shape};

/// The region that copies its one operand.
fn shown(source: Source, shape: &Shape, most: usize) -> Vec<f64> {
    let copy = |blocks: &mut Blocks<f64>| {
        let ([x], [y]) = blocks.lend([0], [1]);
        y.copy_from_slice(x);
    };
    let frame = Frame { shape, numbers: &[], sizes: Sizes::default(), columns: &[], most };
    region(&[source], frame, vec![None], copy).results[0].to_vec().unwrap()
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
        let got = shown(Source::Window(&array, &low), &shape, most);
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
    assert_eq!(shown(Source::Window(&x, &[]), &Shape::scalar(), 8), [3.0]);
}
