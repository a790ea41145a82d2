//! Matrix products against the crates that multiply matrices, and against OpenBLAS if the environment variable `OPENBLAS` names its
//! library: at the shapes of networks, many small ones, a vector by a matrix and few rows.

use crate::table::{Table, digits};
use crate::timing::{Contest, Times};
use cotangent_kernels::{Array, Element, contract::dot_general, threads};
use std::cell::RefCell;
use std::hint::black_box;
use std::time::Duration;

/// The contestants, in the order of their columns.
pub const NAMES: [&str; 6] = ["Cotangent", "private-gemm-x86", "faer", "gemm", "matrixmultiply", "OpenBLAS"];
pub const HEADER: [&str; 10] = [
    "product, GFLOP/s",
    "threads",
    NAMES[0],
    NAMES[1],
    NAMES[2],
    NAMES[3],
    NAMES[4],
    NAMES[5],
    "Cotangent / best crate",
    "Cotangent / peak",
];

/// How the operands of a row-major product lie: as they are, or the left or the right one as a transposed view.
#[derive(Clone, Copy, PartialEq)]
pub enum Layout {
    Plain,
    Left,
    Right,
}

/// `count` products of `m × k` by `k × n`.
#[derive(Clone, Copy)]
pub struct Shape {
    pub count: usize,
    pub m: usize,
    pub k: usize,
    pub n: usize,
    pub layout: Layout,
}

impl Shape {
    const fn new(m: usize, k: usize, n: usize) -> Shape {
        Shape { count: 1, m, k, n, layout: Layout::Plain }
    }
    const fn times(self, count: usize) -> Shape {
        Shape { count, ..self }
    }
    const fn with(self, layout: Layout) -> Shape {
        Shape { layout, ..self }
    }

    pub fn flops(&self) -> f64 {
        2.0 * (self.count * self.m * self.k * self.n) as f64
    }

    pub fn name(&self) -> String {
        let count = if self.count > 1 { format!("{} of ", self.count) } else { String::new() };
        let (left, right) = match self.layout {
            Layout::Plain => ("", ""),
            Layout::Left => ("ᵀ", ""),
            Layout::Right => ("", "ᵀ"),
        };
        format!("{count}{}×{}{left} by {}×{}{right}", self.m, self.k, self.k, self.n)
    }

    /// Strides of rows and columns of both operands.
    fn strides(&self) -> [isize; 4] {
        let (m, k, n) = (self.m as isize, self.k as isize, self.n as isize);
        match self.layout {
            Layout::Plain => [k, 1, n, 1],
            Layout::Left => [1, m, n, 1],
            Layout::Right => [k, 1, 1, k],
        }
    }
}

/// What is measured in f32; of these 1024³ in f64 too.
pub const SHAPES: [Shape; 20] = [
    Shape::new(1024, 1024, 1024),
    Shape::new(32, 784, 512),
    Shape::new(64, 64, 64),
    Shape::new(16, 32, 32),
    Shape::new(128, 32, 128),
    Shape::new(256, 256, 256).with(Layout::Left),
    Shape::new(256, 256, 256).with(Layout::Right),
    Shape::new(32, 512, 784).with(Layout::Right),
    Shape::new(8, 8, 8),
    Shape::new(100, 100, 100),
    Shape::new(4, 4, 4).times(1000),
    Shape::new(8, 8, 8).times(1000),
    Shape::new(32, 32, 32).times(64),
    Shape::new(128, 32, 128).times(32).with(Layout::Right),
    Shape::new(1, 1024, 1024),
    Shape::new(1, 1024, 1024).with(Layout::Right),
    Shape::new(1024, 1024, 1),
    Shape::new(4, 1024, 1024),
    Shape::new(100_000, 8, 4),
    Shape::new(8, 100_000, 4).with(Layout::Left),
];
/// The shapes that two threads are given too.
pub const LARGE: [Shape; 3] =
    [Shape::new(1024, 1024, 1024), Shape::new(32, 784, 512), Shape::new(128, 32, 128).times(256)];

/// What the contestants need of a number.
pub trait Float: Element + faer::traits::ComplexField {
    const NAME: &'static str;
    const GEMM: &'static [u8];
    const PRIVATE: private_gemm_x86::DType;
    fn from_f64(x: f64) -> Self;
    /// # Safety
    /// As for `matrixmultiply::sgemm`.
    unsafe fn matrixmultiply(shape: &Shape, a: *const Self, b: *const Self, c: *mut Self);
}
macro_rules! float {
    ($t:ty, $name:literal, $blas:literal, $private:ident, $f:ident) => {
        impl Float for $t {
            const NAME: &'static str = $name;
            const GEMM: &'static [u8] = $blas;
            const PRIVATE: private_gemm_x86::DType = private_gemm_x86::DType::$private;
            fn from_f64(x: f64) -> $t {
                x as $t
            }
            unsafe fn matrixmultiply(shape: &Shape, a: *const $t, b: *const $t, c: *mut $t) {
                let [ar, ac, br, bc] = shape.strides();
                let (m, k, n) = (shape.m, shape.k, shape.n);
                // SAFETY: the caller knows the matrices.
                unsafe { matrixmultiply::$f(m, k, n, 1.0, a, ar, ac, b, br, bc, 0.0, c, n as isize, 1) }
            }
        }
    };
}
float!(f32, "f32", b"scipy_cblas_sgemm64_", F32, sgemm);
float!(f64, "f64", b"scipy_cblas_dgemm64_", F64, dgemm);

/// `cblas_?gemm` with 64-bit lengths: order, transposed, transposed, m, n, k, alpha, a, b, beta, c.
type Gemm<T> =
    unsafe extern "C" fn(i32, i32, i32, i64, i64, i64, T, *const T, i64, *const T, i64, T, *mut T, i64);

/// The library that `OPENBLAS` names, told to use this many threads: that of the wheels of NumPy and SciPy, whose functions have a
/// prefix and 64-bit lengths.
fn openblas(threads: usize) -> Option<libloading::Library> {
    let path = std::env::var_os("OPENBLAS")?;
    // SAFETY: loading it runs only its own set-up; the symbol has this type and takes any number.
    unsafe {
        let library = libloading::Library::new(path).ok()?;
        let set = library.get::<unsafe extern "C" fn(i32)>(b"scipy_openblas_set_num_threads64_").ok()?;
        set(threads as i32);
        drop(set);
        Some(library)
    }
}

/// Numbers as an operation leaves them: large arrays begin at a line of the cache.
fn numbers<T: Float>(shape: &[usize], seed: usize) -> Array {
    let number = |i| T::from_f64(((i * 7919 + seed) % 1009) as f64 / 504.5 - 1.0);
    Array::build(shape, |out: &mut [T]| out.iter_mut().enumerate().for_each(|(i, x)| *x = number(i)))
}

/// Everybody's times at this shape.
pub fn contest<T: Float>(shape: Shape, on: usize, budget: Duration) -> Times {
    let mut times = None;
    all::<T>(shape, on, |runs| {
        if on == 1 {
            let mut contest = Contest::new();
            runs.into_iter().for_each(|(name, run)| contest.add(name, run));
            times = Some(contest.run(budget));
            return;
        }
        // The threads of OpenBLAS do not rest when they are done, but wait for more, and keep the others' from the cores: it runs last and
        // alone, and what it did before is slept over.
        std::thread::sleep(Duration::from_millis(500));
        let (mut contest, mut alone) = (Contest::on_several_threads(), Contest::on_several_threads());
        for (name, run) in runs {
            if name == NAMES[5] { alone.add(name, run) } else { contest.add(name, run) }
        }
        times = Some(contest.run(budget).and(alone.run(budget / 4)));
    });
    times.expect("a contest")
}

/// Shows each contestant at this shape.
pub fn run<T: Float>(shape: Shape, on: usize, mut show: impl FnMut(&str, &mut dyn FnMut())) {
    all::<T>(shape, on, |runs| runs.into_iter().for_each(|(name, mut run)| show(name, &mut run)));
}

/// A contestant and what it does.
type Run<'a> = (&'static str, Box<dyn FnMut() + 'a>);

/// All contestants at this shape, once their results have been compared.
fn all<T: Float>(shape: Shape, on: usize, show: impl FnOnce(Vec<Run>)) {
    let library = openblas(on);
    let Shape { count, m, k, n, layout } = shape;
    let (size_a, size_b, size_c) = (m * k, k * n, m * n);
    // As arrays: the layout is in the axes that are contracted. Everybody reads the same memory.
    let batch = count > 1;
    let lead =
        |rows: usize, columns: usize| if batch { vec![count, rows, columns] } else { vec![rows, columns] };
    let left = if layout == Layout::Left { lead(k, m) } else { lead(m, k) };
    let right = if layout == Layout::Right { lead(n, k) } else { lead(k, n) };
    let (x, y) = (numbers::<T>(&left, 1), numbers::<T>(&right, 2));
    let (a, b) = (x.as_slice::<T>().expect("numbers"), y.as_slice::<T>().expect("numbers"));
    let [ar, ac, br, bc] = shape.strides();
    // The results begin at a line of the cache, as ours do.
    let line = 64 / size_of::<T>();
    let result = || RefCell::new(vec![T::from_f64(f64::NAN); count * size_c + line]);
    let begin = |c: &[T]| c.as_ptr().align_offset(64);
    let results: [_; NAMES.len()] = std::array::from_fn(|_| result());
    let each = move |f: &dyn Fn(*const T, *const T, *mut T), c: &RefCell<Vec<T>>| {
        let mut c = c.borrow_mut();
        let start = begin(&c);
        let c = c[start..].as_mut_ptr();
        for i in 0..count {
            f(a[i * size_a..].as_ptr(), b[i * size_b..].as_ptr(), c.wrapping_add(i * size_c));
        }
        black_box(c);
    };
    let first = usize::from(batch);
    let (ca, cb) =
        (first + usize::from(layout != Layout::Left), first + usize::from(layout == Layout::Right));
    let axes: &[usize] = if batch { &[0] } else { &[] };
    let ours = || threads::with(on, || dot_general(&x, &y, (&[ca], &[cb]), (axes, axes)));

    let private = || {
        let multiply = |a: *const T, b: *const T, c: *mut T| {
            use private_gemm_x86::{Accum, DstKind, IType, InstrSet, gemm};
            let wide = std::is_x86_feature_detected!("avx512f");
            let (set, none, one) =
                (if wide { InstrSet::Avx512 } else { InstrSet::Avx256 }, std::ptr::null(), T::from_f64(1.0));
            // SAFETY: the matrices are as large as they say.
            unsafe {
                gemm(
                    T::PRIVATE,
                    IType::U64,
                    set,
                    m,
                    n,
                    k,
                    c.cast(),
                    n as isize,
                    1,
                    none,
                    none,
                    DstKind::Full,
                    Accum::Replace,
                    a.cast(),
                    ar,
                    ac,
                    false,
                    none,
                    0,
                    b.cast(),
                    br,
                    bc,
                    false,
                    (&raw const one).cast(),
                    on,
                );
            }
        };
        each(&multiply, &results[1]);
    };
    let faer = || {
        let multiply = |a: *const T, b: *const T, c: *mut T| {
            use faer::{Accum, MatMut, MatRef, Par};
            // SAFETY: the matrices are as large as they say.
            let (a, b, c) = unsafe {
                (
                    MatRef::from_raw_parts(a, m, k, ar, ac),
                    MatRef::from_raw_parts(b, k, n, br, bc),
                    MatMut::from_raw_parts_mut(c, m, n, n as isize, 1),
                )
            };
            let par = if on == 1 { Par::Seq } else { Par::rayon(on) };
            faer::linalg::matmul::matmul(c, Accum::Replace, a, b, T::from_f64(1.0), par);
        };
        each(&multiply, &results[2]);
    };
    let gemm = || {
        let multiply = |a: *const T, b: *const T, c: *mut T| {
            let par = if on == 1 { gemm::Parallelism::None } else { gemm::Parallelism::Rayon(on) };
            let (zero, one) = (T::from_f64(0.0), T::from_f64(1.0));
            // SAFETY: the matrices are as large as they say.
            unsafe {
                gemm::gemm(
                    m, n, k, c, 1, n as isize, false, a, ac, ar, b, bc, br, zero, one, false, false, false,
                    par,
                );
            }
        };
        each(&multiply, &results[3]);
    };
    let matrixmultiply = || {
        // SAFETY: the matrices are as large as they say.
        let multiply = |a: *const T, b: *const T, c: *mut T| unsafe { T::matrixmultiply(&shape, a, b, c) };
        each(&multiply, &results[4]);
    };
    // SAFETY: the symbol has this type.
    let symbol = library.as_ref().and_then(|library| unsafe { library.get::<Gemm<T>>(T::GEMM) }.ok());
    let blas = symbol.as_ref().map(|symbol| {
        let transposed = |yes: bool| if yes { 112 } else { 111 };
        let (left, right) = (layout == Layout::Left, layout == Layout::Right);
        let (lda, ldb) = (if left { m } else { k } as i64, if right { k } else { n } as i64);
        let multiply = move |a: *const T, b: *const T, c: *mut T| {
            let (zero, one, rows) = (T::from_f64(0.0), T::from_f64(1.0), 101);
            // SAFETY: the matrices are as large as they say.
            unsafe {
                symbol(
                    rows,
                    transposed(left),
                    transposed(right),
                    m as i64,
                    n as i64,
                    k as i64,
                    one,
                    a,
                    lda,
                    b,
                    ldb,
                    zero,
                    c,
                    n as i64,
                );
            }
        };
        let results = &results;
        move || each(&multiply, &results[5])
    });

    private();
    faer();
    gemm();
    matrixmultiply();
    blas.as_ref().inspect(|run| run());
    let right = ours().to_vec::<T>().expect("its dtype");
    for (name, result) in
        NAMES.iter().zip(&results).skip(1).filter(|(name, _)| **name != "OpenBLAS" || blas.is_some())
    {
        let near = |(x, y): (&T, &T)| {
            let (x, y) = (x.into_item().to_f64(), y.into_item().to_f64());
            (x - y).abs() <= 1e-5 * k as f64
        };
        let result = result.borrow();
        let result = &result[begin(&result)..];
        assert!(right.iter().zip(result).all(near), "{name}: {}", shape.name());
    }
    let mut runs: Vec<Run> = vec![
        (
            NAMES[0],
            Box::new(|| {
                black_box(ours());
            }),
        ),
        (NAMES[1], Box::new(private)),
        (NAMES[2], Box::new(faer)),
        (NAMES[3], Box::new(gemm)),
    ];
    // It is built for one thread.
    if on == 1 {
        runs.push((NAMES[4], Box::new(matrixmultiply)));
    }
    if let Some(blas) = blas {
        runs.push((NAMES[5], Box::new(blas)));
    }
    show(runs);
}

/// A row of the table.
fn row<T: Float>(table: &mut Table, shape: Shape, on: usize, budget: Duration) {
    let times = contest::<T>(shape, on, budget);
    let speed = |name: &str| times.get(name).map(|ns| shape.flops() / ns);
    let ours = speed(NAMES[0]).expect("ours");
    let best = NAMES[1..5].iter().filter_map(|name| speed(name)).fold(0.0, f64::max);
    let mut cells = vec![format!("{} {}", T::NAME, shape.name()), on.to_string()];
    cells.extend(NAMES.iter().map(|name| speed(name).map_or("–".into(), digits)));
    cells.extend([digits(ours / best), digits(ours / (on as f64 * peak::<T>()))]);
    table.row(cells);
}

/// All rows.
pub fn products(table: &mut Table, budget: Duration) {
    for shape in SHAPES {
        row::<f32>(table, shape, 1, budget);
    }
    for shape in [SHAPES[0], SHAPES[2], SHAPES[14]] {
        row::<f64>(table, shape, 1, budget);
    }
    for shape in LARGE {
        row::<f32>(table, shape, 2, budget);
    }
    row::<f64>(table, SHAPES[0], 2, budget);
}

/// What fused multiply-adds alone reach on one core, in GFLOP/s, with the widest vectors there are.
pub fn peak<T: Float>() -> f64 {
    use std::sync::OnceLock;
    static NARROW: OnceLock<f64> = OnceLock::new();
    let narrow = *NARROW.get_or_init(|| {
        let wide = std::is_x86_feature_detected!("avx512f");
        let steps = 200_000;
        let fastest = (0..20).map(|_| {
            let start = std::time::Instant::now();
            // SAFETY: the processor has been asked.
            unsafe { if wide { multiply_add_512(steps) } else { multiply_add_256(steps) } }
            start.elapsed().as_nanos() as f64
        });
        let lanes = if wide { 16 } else { 8 };
        (2 * CHAINS * lanes * steps) as f64 / fastest.fold(f64::INFINITY, f64::min)
    });
    narrow * 4.0 / size_of::<T>() as f64
}

/// So many independent additions hide how long one takes.
const CHAINS: usize = 12;

#[target_feature(enable = "avx512f")]
fn multiply_add_512(steps: usize) {
    use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_set1_ps};
    let x = black_box(_mm512_set1_ps(0.999));
    let mut sums = [_mm512_set1_ps(1.0); CHAINS];
    for _ in 0..steps {
        sums.iter_mut().for_each(|sum| *sum = _mm512_fmadd_ps(*sum, x, x));
    }
    black_box(sums);
}

#[target_feature(enable = "avx2,fma")]
fn multiply_add_256(steps: usize) {
    use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_set1_ps};
    let x = black_box(_mm256_set1_ps(0.999));
    let mut sums = [_mm256_set1_ps(1.0); CHAINS];
    for _ in 0..steps {
        sums.iter_mut().for_each(|sum| *sum = _mm256_fmadd_ps(*sum, x, x));
    }
    black_box(sums);
}
