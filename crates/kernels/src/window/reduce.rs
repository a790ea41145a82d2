//! Sums and maxima of windows over the last axes; the axes before them are looped over.

use super::geometry::{Run, Window, runs};
use crate::array::{Array, DType, Element, Shape, with_dtype};
use crate::map::arithmetic::Arithmetic;
use crate::simd::{self, Job};
use crate::threads;

/// A number that can be summed and ordered.
trait Number: Element {
    /// No number is less.
    const LEAST: Self;
    fn plus(self, other: Self) -> Self;
    /// The larger; NaN if either is.
    fn larger(self, other: Self) -> Self;
}

macro_rules! number {
    ($($t:ty: $least:expr, $plus:expr, $larger:expr;)*) => {$(
        impl Number for $t {
            const LEAST: $t = $least;
            #[inline(always)]
            fn plus(self, other: $t) -> $t {
                $plus(self, other)
            }
            #[inline(always)]
            fn larger(self, other: $t) -> $t {
                $larger(self, other)
            }
        }
    )*};
}

number! {
    f32: f32::NEG_INFINITY, |a, b| a + b, |a: f32, b: f32| if a.is_nan() || a > b { a } else { b };
    f64: f64::NEG_INFINITY, |a, b| a + b, |a: f64, b: f64| if a.is_nan() || a > b { a } else { b };
    i32: i32::MIN, i32::wrapping_add, i32::max;
    i64: i64::MIN, i64::wrapping_add, i64::max;
    bool: false, |a, b| a | b, |a, b| a | b;
}

/// A division of what is summed among several.
trait Mean: Number {
    fn over(self, count: u32) -> Self;
    /// This, or 0. Not asked, but masked: which are marked cannot be foreseen, and a product with 0 may be NaN.
    fn if_marked(self, mark: bool) -> Self;
}
macro_rules! mean {
    ($($t:ident $bits:ident)*) => {$(
        impl Mean for $t {
            #[inline(always)]
            fn over(self, count: u32) -> $t {
                self / count as $t
            }
            #[inline(always)]
            fn if_marked(self, mark: bool) -> $t {
                $t::from_bits(self.to_bits() & $bits::from(mark).wrapping_neg())
            }
        }
    )*};
}
mean! { f32 u32 f64 u64 }

/// Entries that one thread takes at a time.
const CHUNK: usize = 1 << 15;

/// How windows over the last axes lie in planes.
struct Planes {
    /// How many entries a plane of the operand has, and one of the result.
    x: usize,
    y: usize,
    /// How many taps a window has.
    taps: usize,
    /// The axes before, and those of a plane of the result.
    lead: Vec<usize>,
    outputs: Vec<usize>,
    runs: Vec<Run>,
}

impl Planes {
    /// Of an operand of this shape.
    fn new(shape: &[usize], windows: &[Window]) -> Planes {
        let (lead, plane) = shape.split_at(shape.len() - windows.len());
        let outputs: Vec<usize> =
            windows.iter().zip(plane).map(|(window, &n)| window.outputs(n).expect("checked")).collect();
        let runs = runs(windows, plane, &outputs);
        let size = |lengths: &[usize]| lengths.iter().product();
        Planes {
            x: size(plane),
            y: size(&outputs),
            taps: windows.iter().map(|window| window.size).product(),
            lead: lead.to_vec(),
            outputs,
            runs,
        }
    }

    fn shape(&self) -> Shape {
        self.lead.iter().chain(&self.outputs).copied().collect()
    }

    /// An array of `start` everywhere, `size` numbers for each plane, and then `work(i, plane i)`; on several threads if there are many planes.
    fn each<U: Element>(
        &self,
        shape: impl Into<Shape>,
        size: usize,
        start: U,
        work: impl Fn(usize, &mut [U]) + Sync,
    ) -> Array {
        let many = (CHUNK / (self.x + size).max(1)).max(1);
        let nothing = self.x == 0 || self.y == 0 || self.taps == 0;
        Array::build(shape, |out| {
            threads::chunks(out, many * size, |chunk, out| {
                out.fill(start);
                if !nothing {
                    out.chunks_exact_mut(size)
                        .enumerate()
                        .for_each(|(i, plane)| work(chunk * many + i, plane));
                }
            });
        })
    }

    /// Plane i of the operand, of the result, and the marks of its windows.
    fn x<'a, T>(&self, values: &'a [T], i: usize) -> &'a [T] {
        &values[i * self.x..(i + 1) * self.x]
    }
    fn y<'a, T>(&self, values: &'a [T], i: usize) -> &'a [T] {
        &values[i * self.y..(i + 1) * self.y]
    }
    fn marks<'a>(&self, ties: &'a [bool], i: usize) -> &'a [bool] {
        &ties[i * self.taps * self.y..(i + 1) * self.taps * self.y]
    }

    /// Each window from `start`, entry by entry.
    fn fold<T: Element>(&self, values: &[T], start: T, f: impl Fn(T, T) -> T + Sync) -> Array {
        self.each(self.shape(), self.y, start, |i, y| {
            let x = self.x(values, i);
            for run in &self.runs {
                along(run, x, y, |y, x| *y = f(*y, x));
            }
        })
    }
}

/// `f` of each pair of a run; the common steps have loops of their own, which vectorise.
#[inline(always)]
fn along<T: Copy, U>(run: &Run, x: &[T], y: &mut [U], f: impl Fn(&mut U, T)) {
    let (x, y) = (&x[run.x..], &mut y[run.y..]);
    match (run.x_step, run.y_step) {
        (1, 1) => y[..run.length].iter_mut().zip(&x[..run.length]).for_each(|(y, &x)| f(y, x)),
        (2, 1) => {
            let last = run.length - 1;
            let pairs = x[..2 * last].chunks_exact(2);
            y[..last].iter_mut().zip(pairs).for_each(|(y, x)| f(y, x[0]));
            f(&mut y[last], x[2 * last]);
        }
        (i, j) => (0..run.length).for_each(|n| f(&mut y[n * j], x[n * i])),
    }
}

/// The sum of each window over the last axes. Integers wrap.
///
/// ```
/// use cotangent_kernels::{window::{sum, Window}, Array};
/// let y = sum(&Array::from_vec(vec![1, 2, 3, 4], [4]), &[Window { stride: 2, ..Window::of(2) }]);
/// assert_eq!(y.to_vec::<i32>().unwrap(), [3, 7]);
/// ```
pub fn sum(a: &Array, windows: &[Window]) -> Array {
    let planes = Planes::new(a.shape(), windows);
    with_dtype!(a.dtype(), T => {
        planes.fold(&a.dense::<T>(), T::default(), |y: T, x: T| y.plus(x))
    })
}

/// The largest of each window over the last axes; NaN if one is. What lies beside the operand does not count; where there is nothing
/// else it is −∞, or the least integer.
///
/// ```
/// use cotangent_kernels::{window::{max, Window}, Array};
/// let y = max(&Array::from_vec(vec![1, 5, 3, 4], [4]), &[Window::of(2)]);
/// assert_eq!(y.to_vec::<i32>().unwrap(), [5, 5, 4]);
/// ```
pub fn max(a: &Array, windows: &[Window]) -> Array {
    let planes = Planes::new(a.shape(), windows);
    with_dtype!(a.dtype(), T => {
        planes.fold(&a.dense::<T>(), T::LEAST, |y: T, x: T| y.larger(x))
    })
}

/// For each tap of each window: is its entry equal to the window's number in `y`? Bools `[lead…, taps, outputs…]`.
///
/// ```
/// use cotangent_kernels::{window::{max, ties, Window}, Array};
/// let x = Array::from_vec(vec![1, 5, 5], [3]);
/// let y = max(&x, &[Window::of(2)]);
/// assert_eq!(ties(&x, &y, &[Window::of(2)]).to_vec::<bool>().unwrap(), [false, true, true, true]);
/// ```
pub fn ties(x: &Array, y: &Array, windows: &[Window]) -> Array {
    let planes = Planes::new(x.shape(), windows);
    let shape: Shape = planes.lead.iter().chain([&planes.taps]).chain(&planes.outputs).copied().collect();
    with_dtype!(x.dtype(), T => {
        let (x, y) = (x.dense::<T>(), y.dense::<T>());
        planes.each(shape, planes.taps * planes.y, false, |i, marks| {
            simd::dispatch(Ties { planes: &planes, x: planes.x(&x, i), y: planes.y(&y, i), marks });
        })
    })
}

/// The ties of a plane.
struct Ties<'a, T> {
    planes: &'a Planes,
    x: &'a [T],
    y: &'a [T],
    marks: &'a mut [bool],
}

impl<T: Element> Job for Ties<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Ties { planes, x, y, marks } = self;
        let mut met = vec![T::default(); planes.y];
        for run in &planes.runs {
            along(&Run { y: 0, y_step: 1, ..*run }, x, &mut met, |met, x| *met = x);
            let (marks, y) = (&mut marks[run.tap * planes.y + run.y..], &y[run.y..]);
            match run.y_step {
                1 => {
                    marks.iter_mut().zip(y).zip(&met[..run.length]).for_each(|((mark, y), x)| *mark = x == y)
                }
                step => (0..run.length).for_each(|n| marks[n * step] = met[n] == y[n * step]),
            }
        }
    }
}

/// How many taps of each window of a plane are marked, at least 1.
#[inline(always)]
fn marked(planes: &Planes, marks: &[bool]) -> Vec<u32> {
    let mut counts = vec![0_u32; planes.y];
    for marks in marks.chunks_exact(planes.y) {
        counts.iter_mut().zip(marks).for_each(|(n, &mark)| *n += u32::from(mark));
    }
    counts.iter_mut().for_each(|n| *n = (*n).max(1));
    counts
}

fn pick_in<T: Mean>(planes: &Planes, ties: &[bool], t: &[T]) -> Array {
    planes.each(planes.shape(), planes.y, T::default(), |i, y| {
        let (t, marks) = (planes.x(t, i), planes.marks(ties, i));
        for run in &planes.runs {
            let marks = &marks[run.tap * planes.y..];
            for n in 0..run.length {
                let to = run.y + n * run.y_step;
                y[to] = y[to].plus(t[run.x + n * run.x_step].if_marked(marks[to]));
            }
        }
        y.iter_mut().zip(marked(planes, marks)).for_each(|(y, count)| *y = y.over(count));
    })
}

fn share_in<T: Mean>(planes: &Planes, ties: &[bool], ct: &[T], shape: &[usize]) -> Array {
    planes.each(shape, planes.x, T::default(), |i, x| {
        simd::dispatch(Shares { planes, ct: planes.y(ct, i), marks: planes.marks(ties, i), x });
    })
}

/// What entries of a plane get.
struct Shares<'a, T> {
    planes: &'a Planes,
    ct: &'a [T],
    marks: &'a [bool],
    x: &'a mut [T],
}

impl<T: Mean> Job for Shares<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Shares { planes, ct, marks, x } = self;
        let shares: Vec<T> = ct.iter().zip(marked(planes, marks)).map(|(ct, count)| ct.over(count)).collect();
        let mut given = vec![T::default(); planes.y];
        for run in &planes.runs {
            let (shares, marks) = (&shares[run.y..], &marks[run.tap * planes.y + run.y..]);
            let given = &mut given[..run.length];
            match run.y_step {
                1 => given
                    .iter_mut()
                    .zip(shares)
                    .zip(marks)
                    .for_each(|((to, t), &mark)| *to = t.if_marked(mark)),
                step => (0..run.length).for_each(|n| given[n] = shares[n * step].if_marked(marks[n * step])),
            }
            let x = x[run.x..].iter_mut().step_by(run.x_step.max(1));
            x.zip(given).for_each(|(x, given)| *x = x.plus(*given));
        }
    }
}

/// The mean of the marked entries of each window, 0 where none is marked; the marks as [`ties`] gives them.
///
/// ```
/// use cotangent_kernels::{window::{pick, Window}, Array};
/// let marks = Array::from_vec(vec![false, true, true, true], [2, 2]);
/// let y = pick(&marks, &Array::from_vec(vec![1.0, 2.0, 4.0], [3]), &[Window::of(2)]);
/// assert_eq!(y.to_vec::<f64>().unwrap(), [2.0, 3.0]);
/// ```
///
/// # Panics
/// If `t` is not of floats.
pub fn pick(ties: &Array, t: &Array, windows: &[Window]) -> Array {
    let planes = Planes::new(t.shape(), windows);
    let marks = ties.dense::<bool>();
    match t.dtype() {
        DType::F32 => pick_in(&planes, &marks, &t.dense::<f32>()),
        _ => pick_in(&planes, &marks, &t.dense::<f64>()),
    }
}

/// Gives the number of each window in equal parts to its marked entries, and sums what each entry of the operand, of this `shape`, gets:
/// the transpose of [`pick`].
///
/// ```
/// use cotangent_kernels::{window::{share, Window}, Array};
/// let marks = Array::from_vec(vec![false, true, true, true], [2, 2]);
/// let x = share(&marks, &Array::from_vec(vec![1.0, 4.0], [2]), &[3], &[Window::of(2)]);
/// assert_eq!(x.to_vec::<f64>().unwrap(), [0.0, 3.0, 2.0]);
/// ```
///
/// # Panics
/// If `ct` is not of floats.
pub fn share(ties: &Array, ct: &Array, shape: &[usize], windows: &[Window]) -> Array {
    let planes = Planes::new(shape, windows);
    let marks = ties.dense::<bool>();
    match ct.dtype() {
        DType::F32 => share_in(&planes, &marks, &ct.dense::<f32>(), shape),
        _ => share_in(&planes, &marks, &ct.dense::<f64>(), shape),
    }
}
