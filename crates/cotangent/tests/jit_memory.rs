//! What compiled calls allocate, counted by an allocator.

use cotangent::check::Close;
use cotangent::prelude::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts what its own thread allocates for data: blocks of so many bytes, beyond the lists of handles. Each test runs on a thread of its own, and its calls too.
struct Counting;

const DATA: usize = 2048;

thread_local! {
    static BUFFERS: Cell<usize> = const { Cell::new(0) };
}

#[allow(unsafe_code)] // An allocator cannot be written without.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= DATA {
            BUFFERS.set(BUFFERS.get() + 1);
        }
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        unsafe { System.dealloc(p, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The pool of freed buffers is the process's: a test at its side would take what one has let go. So they run one after another.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many buffers the code allocates.
fn buffers<R>(code: impl FnOnce() -> R) -> (usize, R) {
    let before = BUFFERS.get();
    let result = code();
    (BUFFERS.get() - before, result)
}

#[derive(Tree, Clone)]
struct Mlp {
    w1: Tensor,
    b1: Tensor,
    w2: Tensor,
}

fn mlp() -> Mlp {
    let numbers = |shape: [usize; 2]| {
        let entries = (0..shape[0] * shape[1]).map(|i| (i as f64 * 0.37).sin() * 0.1).collect::<Vec<_>>();
        Tensor::from_vec(entries, shape)
    };
    Mlp { w1: numbers([64, 160]), b1: numbers([1, 160]).reshape([160]), w2: numbers([160, 80]) }
}

fn loss(m: &Mlp, x: &Tensor) -> Tensor {
    (x.matmul(&m.w1) + &m.b1).tanh().matmul(&m.w2).square().mean()
}

type State = (Mlp, Mlp);

/// A step with momentum.
fn step(((m, v), x): &(State, Tensor)) -> (State, Tensor) {
    let (value, g) = value_and_grad(|m: &Mlp| loss(m, x))(m);
    let moved = |v: &Tensor, g: &Tensor| v * 0.9 + g;
    let v = Mlp { w1: moved(&v.w1, &g.w1), b1: moved(&v.b1, &g.b1), w2: moved(&v.w2, &g.w2) };
    let m = Mlp { w1: &m.w1 - &v.w1 * 0.1, b1: &m.b1 - &v.b1 * 0.1, w2: &m.w2 - &v.w2 * 0.1 };
    ((m, v), value)
}

#[test]
fn steady_calls_allocate_their_outputs_alone() {
    let _turn = alone();
    let f = Jit::new(|(m, x): &(Mlp, Tensor)| value_and_grad(|m: &Mlp| loss(m, x))(m));
    let at = (mlp(), Tensor::full([32, 64], 0.5));
    for _ in 0..3 {
        f.call(&at);
    }
    let mut kept = Vec::new();
    kept.push(f.call(&at));
    for _ in 0..5 {
        let (count, outputs) = buffers(|| f.call(&at));
        // Those of w1 and w2; that of b1 is small.
        assert!(count <= 2, "{count} buffers");
        kept.push(outputs);
    }
    // And none where the outputs are let go.
    drop(kept);
    f.call(&at);
    let (count, _) = buffers(|| (0..5).for_each(|_| drop(f.call(&at))));
    assert_eq!(count, 0);
}

#[test]
fn donated_steps_allocate_nothing() {
    let _turn = alone();
    let eager = step;
    let step = Jit::new(step);
    let x = Tensor::full([32, 64], 0.5);
    let start = || (mlp(), mlp());
    // What comes out is what plain calls give, bit for bit, and what the function gives by itself.
    let (mut plain, mut donated, mut by_itself) = (start(), start(), start());
    for i in 0..6 {
        let (next, value) = step.call(&(plain, x.clone()));
        plain = next;
        let (count, (next, same)) = buffers(|| step.donate(donated, &x));
        donated = next;
        let (next, wanted) = eager(&(by_itself, x.clone()));
        by_itself = next;
        for (got, wanted) in
            [(&same, &wanted), (&donated.0.w1, &by_itself.0.w1), (&donated.1.b1, &by_itself.1.b1)]
        {
            Close::of(DType::F64).compare(got, wanted).unwrap();
        }
        assert_eq!(value.item::<f64>().to_bits(), same.item::<f64>().to_bits());
        assert_eq!(plain.0.w1.to_vec::<f64>(), donated.0.w1.to_vec::<f64>());
        assert_eq!(plain.1.w2.to_vec::<f64>(), donated.1.w2.to_vec::<f64>());
        if i >= 3 {
            assert_eq!(count, 0, "step {i}");
        }
    }
}

#[test]
fn a_donated_state_is_where_the_next_one_is_written() {
    let _turn = alone();
    let step = Jit::new(|(w, ct): &(Tensor, Tensor)| w - ct * 0.5);
    let ct = Tensor::full([9000], 1.0);
    let place = |w: &Tensor| w.as_array().and_then(|array| array.buffer_id()).expect("a buffer");
    let mut w = step.call(&(Tensor::linspace::<f64>(0.0, 1.0, 9000), ct.clone()));
    let start = place(&w);
    for _ in 0..3 {
        w = step.donate(w, &ct);
        assert_eq!(place(&w), start);
    }
    // Lent and not given, it stays.
    assert_ne!(place(&step.call(&(w.clone(), ct.clone()))), start);
    assert_eq!((w.to_vec::<f64>()[0], w.to_vec::<f64>()[8999]), (-2.0, -1.0));
}

#[test]
fn what_others_hold_is_not_written() {
    let _turn = alone();
    let step = Jit::new(|(w, ct): &(Tensor, Tensor)| w - ct * 0.5);
    let ct = Tensor::full([9000], 1.0);
    step.call(&(Tensor::full([9000], 2.0), ct.clone()));
    let held: Vec<Tensor> = vec![
        Tensor::linspace::<f64>(0.0, 1.0, 9000),
        Tensor::linspace::<f64>(0.0, 1.0, 18000).slice_step(0, .., 2),
    ];
    for w in held {
        let before = w.to_vec::<f64>();
        let y = step.donate(w.clone(), &ct);
        assert_eq!(w.to_vec::<f64>(), before);
        assert_eq!(y.to_vec::<f64>(), before.iter().map(|w| w - 0.5).collect::<Vec<_>>());
    }
    // The same tensor twice, and once in the rest.
    let both = Jit::new(|((a, b), c): &((Tensor, Tensor), Tensor)| (a + b, b * c));
    for _ in 0..3 {
        let x = Tensor::linspace::<f64>(0.0, 1.0, 9000);
        let expected: Vec<f64> = x.to_vec::<f64>().iter().map(|x| x + x).collect();
        let (sum, _) = both.donate((x.clone(), x.clone()), &x);
        assert_eq!(sum.to_vec::<f64>(), expected);
    }
    // A state that requires a gradient: the eager graph wants it unchanged.
    let w = Tensor::full([9000], 2.0).requires_grad();
    let y = step.donate(w.clone(), &ct);
    y.sum().backward();
    assert_eq!(w.grad().unwrap().to_vec::<f64>(), vec![1.0; 9000]);
}

#[test]
fn what_is_read_elsewhere_in_its_row_is_not_written_early() {
    let _turn = alone();
    type Case = (&'static str, fn(&Tensor) -> Tensor);
    let cases: [Case; 4] = [
        ("shifted", |w| w - w.pad(&[(0, 0), (1, -1)])),
        ("shifted back", |w| w.sin() * w.pad(&[(0, 0), (-2, 2)])),
        ("its end", |w| w * 2.0 + w.slice_axis(1, 1124..)),
        // All of it, and a part, in one walk over rows.
        ("a part", |w| w * 0.5 + (w.sin().slice_axis(1, 1..) * w.slice_axis(1, 1..)).pad(&[(0, 0), (1, 0)])),
    ];
    for (name, f) in cases {
        let jit = Jit::new(move |(w, _): &(Tensor, Tensor)| f(w));
        let w = Tensor::linspace::<f64>(0.0, 1.0, 9000).reshape([8, 1125]);
        let wanted = f(&w).to_vec::<f64>();
        for _ in 0..3 {
            let given = Tensor::from_vec(w.to_vec::<f64>(), [8, 1125]);
            assert_eq!(jit.donate(given, &w).to_vec::<f64>(), wanted, "{name}");
        }
    }
}
