//! A million operations, on a thread with a small stack: nothing recurses over a graph or a program. And training leaves nothing
//! behind.

use cotangent::core::{DType, Program, Type, trace_program};
use cotangent::eager::live_graph;
use cotangent::prelude::*;
use cotangent::transform;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicIsize, Ordering};

/// Counts the bytes that are allocated and not freed.
struct Counting;

static LIVE: AtomicIsize = AtomicIsize::new(0);

#[allow(unsafe_code)]
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as isize, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MANY: usize = 1_000_000;

/// One at a time: they measure what is allocated in the whole process.
static TURN: Mutex<()> = Mutex::new(());

fn small_stack(f: impl FnOnce() + Send + 'static) {
    let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(f).unwrap();
    assert!(thread.join().is_ok());
}

/// x·a + c over and over: with a = 1 and c = 1 it counts the links.
fn chain(x: &Tensor, links: usize) -> Tensor {
    let mut y = x.clone();
    for _ in 0..links / 2 {
        y = &y * 1.0 + 1.0;
    }
    y
}

#[test]
fn a_million_eager_operations() {
    small_stack(|| {
        let x = Tensor::from(0.5).requires_grad();
        let y = chain(&x, MANY);
        assert_eq!(y.item::<f64>(), 0.5 + MANY as f64 / 2.0);
        y.backward();
        assert_eq!(x.grad().unwrap().item::<f64>(), 1.0);
        drop(y);
    });
}

#[test]
fn a_sum_of_many_leaves_and_a_wide_graph() {
    small_stack(|| {
        let leaves: Vec<Tensor> = (0..100_000).map(|i| Tensor::from(f64::from(i)).requires_grad()).collect();
        let mut total = Tensor::from(0.0);
        for leaf in &leaves {
            total = &total + leaf.square();
        }
        total.backward();
        assert_eq!(leaves[77_777].grad().unwrap().item::<f64>(), 155_554.0);
    });
}

fn long_program() -> Program {
    trace_program(&[Type::new(DType::F64, [])], |x| vec![chain(&x[0], MANY)])
}

#[test]
fn a_program_of_a_million_equations() {
    small_stack(|| {
        let program = long_program();
        assert_eq!(program.equations().len(), MANY);
        let x = [Tensor::from(0.5)];
        let (y, pullback) = transform::vjp(&program, &x, &[true]).unwrap();
        assert_eq!(y[0].item::<f64>(), 0.5 + MANY as f64 / 2.0);
        let ct = pullback.call(&[Some(Tensor::from(2.0))]).unwrap();
        assert_eq!(ct[0].as_ref().unwrap().item::<f64>(), 2.0);
        drop(pullback);
        let (_, t) = transform::jvp(&program, &x, &[Some(Tensor::from(3.0))]).unwrap();
        assert_eq!(t[0].as_ref().unwrap().item::<f64>(), 3.0);
        let text = program.to_string();
        assert_eq!(text.lines().count(), MANY + 3);
        assert_eq!(transform::dce(&program).equations().len(), MANY);
    });
}

#[test]
fn the_gradient_of_a_long_function_and_its_batch() {
    small_stack(|| {
        let f = |x: &Tensor| chain(x, MANY / 4);
        assert_eq!(grad(f)(&Tensor::from(0.5)).item::<f64>(), 1.0);
        assert_eq!(vmap(f)(&Tensor::from([0.0, 1.0])).to_vec::<f64>(), [125_000.0, 125_001.0]);
        let second = trace_program(&[Type::new(DType::F64, [])], |x| {
            vec![grad(|x: &Tensor| chain(x, MANY / 4))(&x[0])]
        });
        assert!(second.check().is_ok());
    });
}

#[test]
fn ten_thousand_training_steps_leave_nothing_behind() {
    small_stack(|| {
        let xs = Key::new(0).normal::<f64>([8, 3]);
        let ys = xs.sum_keep(1);
        let mut w = Tensor::zeros::<f64>([3, 1]).requires_grad();
        let step = |w: &mut Tensor| {
            (xs.matmul(w) - &ys).square().mean().backward();
            let g = w.grad().unwrap();
            w.zero_grad();
            no_grad(|| *w -= g * 0.01);
        };
        (0..1_000).for_each(|_| step(&mut w));
        let early = LIVE.load(Ordering::Relaxed);
        (0..9_000).for_each(|_| step(&mut w));
        let late = LIVE.load(Ordering::Relaxed);
        assert!((late - early).abs() < 4096, "{early} bytes after 1,000 steps, {late} after 10,000");
        for entry in w.to_vec::<f64>() {
            assert!((entry - 1.0).abs() < 1e-3, "{w}");
        }
        let (kept, report) = live_graph(|| {
            (0..10_000).for_each(|_| step(&mut w));
            w.square() // the one node that is still held
        });
        assert_eq!((report.nodes, report.kept[0].operation.as_str()), (1, "square"), "{report}");
        drop(kept);
    });
}

#[test]
fn ten_thousand_transformed_steps_leave_nothing_behind() {
    small_stack(|| {
        let xs = Key::new(0).normal::<f64>([8, 3]);
        let ys = xs.sum_keep(1);
        let gradient = grad(|w: &Tensor| (xs.matmul(w) - &ys).square().mean());
        let mut w = Tensor::zeros::<f64>([3, 1]);
        (0..1_000).for_each(|_| w -= gradient(&w) * 0.01);
        let early = LIVE.load(Ordering::Relaxed);
        (0..9_000).for_each(|_| w -= gradient(&w) * 0.01);
        let late = LIVE.load(Ordering::Relaxed);
        assert!((late - early).abs() < 4096, "{early} bytes after 1,000 steps, {late} after 10,000");
    });
}
