//! Compiled functions against the same functions eagerly, and how often they are traced.

use cotangent::check::Close;
use cotangent::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

#[track_caller]
fn close(a: &Tensor, b: &Tensor) {
    Close::of(a.dtype()).compare(a, b).unwrap();
}

fn wave(x: &Tensor) -> Tensor {
    (x.sin() * (-x.square()).exp() + x.tanh()).sum()
}

#[test]
fn compiled_derivatives_of_every_kind_are_the_eager_ones() {
    for dtype in [DType::F64, DType::F32] {
        // More than one chunk, one block, a part of one, one entry, none.
        for size in [100_000, 5000, 1000, 7, 1, 0] {
            let x = Tensor::linspace::<f64>(-1.0, 3.0, size).to(dtype);
            let v = x.cos();
            close(&jit(wave)(&x), &wave(&x));
            close(&jit(grad(wave))(&x), &grad(wave)(&x));
            let (y, g) = jit(value_and_grad(wave))(&x);
            close(&y, &wave(&x));
            close(&g, &grad(wave)(&x));
            close(&grad(jit(wave))(&x), &grad(wave)(&x));
            close(&grad(jit(jit(wave)))(&x), &grad(wave)(&x));
            let product = |x: &(Tensor, Tensor)| jvp(grad(wave), &x.0, &x.1).1;
            close(&jit(product)(&(x.clone(), v.clone())), &product(&(x.clone(), v.clone())));
        }
    }
}

#[test]
fn hessians_and_batches() {
    let f = |x: &Tensor| (x.slice_axis(0, 1..) * x.slice_axis(0, ..-1).exp()).sin().sum();
    let x = Tensor::from([0.3, -0.7, 1.1, 0.2]);
    close(&jit(hessian(f))(&x), &hessian(f)(&x));
    close(&hessian(jit(f))(&x), &hessian(f)(&x));
    let batch = Tensor::stack(&[x.clone(), x.exp(), x.cos()], 0);
    close(&jit(vmap(grad(f)))(&batch), &vmap(grad(f))(&batch));
    close(&vmap(jit(grad(f)))(&batch), &vmap(grad(f))(&batch));
    close(&vmap(grad(jit(f)))(&batch), &vmap(grad(f))(&batch));
    close(&jacobian(jit(|x: &Tensor| x.sin()))(&x), &jacobian(|x: &Tensor| x.sin())(&x));
}

#[test]
fn a_rule_of_the_users_is_kept() {
    // A slope that is not the function's, to be told from it.
    let cube = custom_vjp(|x: &Tensor| (x.powi(3), x.clone()), |x: &Tensor, ct: &Tensor| ct * (x * 10.0));
    let x = Tensor::from([2.0, -1.0]);
    let f = |x: &Tensor| jit(&cube)(&(x * 2.0)).sum();
    assert_eq!(grad(f)(&x).to_vec::<f64>(), [80.0, -40.0]);
    assert_eq!(jit(grad(|x: &Tensor| cube(&(x * 2.0)).sum()))(&x).to_vec::<f64>(), [80.0, -40.0]);
    let twin = custom_jvp(|x: &Tensor| x.sin(), |x: &Tensor, t: &Tensor| (x.sin(), t * 7.0));
    assert_eq!(grad(jit(|x: &Tensor| twin(x).sum()))(&x).to_vec::<f64>(), [7.0, 7.0]);
    assert_eq!(jvp(jit(&twin), &x, &x).1.to_vec::<f64>(), [14.0, -7.0]);
}

#[test]
fn a_compiled_call_is_one_node_of_the_eager_graph() {
    let (w, x) = (Tensor::from([1.0, 2.0, 3.0]).requires_grad(), Tensor::from([0.5, 1.5, -1.0]));
    let f = jit(|(w, x): &(Tensor, Tensor)| (w * x).sin().sum());
    let loss = f(&(w.clone(), x.clone()));
    assert_eq!(loss.node().unwrap().name(), "call");
    loss.backward();
    close(&w.grad().unwrap(), &(&x * (w.detach() * &x).cos()));
    // Captured, it is seen as it is at each call.
    let g = jit(|x: &Tensor| (&w * x).sum());
    for _ in 0..2 {
        w.zero_grad();
        g(&x).backward();
        close(&w.grad().unwrap(), &x);
    }
}

#[test]
fn a_branch_taken_by_value_is_taken_again() {
    let f = |x: &Tensor| if x.sum() > 1.0 { x.sin().sum() } else { (x * x).sum() };
    let (value, slope) = (Jit::new(f), Jit::new(grad(f)));
    let curvature = Jit::new(|x: &Tensor| jvp(grad(f), x, &x.cos()).1);
    for _ in 0..3 {
        for x in [[0.25, 0.5], [2.0, 3.0], [-1.0, 0.0], [1.0, 0.5]] {
            let x = Tensor::from(x);
            close(&value.call(&x), &f(&x));
            close(&slope.call(&x), &grad(f)(&x));
            close(&curvature.call(&x), &jvp(grad(f), &x, &x.cos()).1);
        }
    }
    for stats in [value.stats(), slope.stats(), curvature.stats()] {
        assert_eq!((stats.traces, stats.guards, stats.eager, stats.signatures), (2, 2, 0, 1), "{stats}");
    }
}

/// Newton's method for a root: as many steps as it takes.
fn root(x: &Tensor) -> Tensor {
    let mut y = x.ones_like();
    while (y.square() - x).abs() > 1e-9 {
        y = (&y + x / &y) / 2.0;
    }
    y
}

#[test]
fn a_loop_until_a_value_is_small() {
    let (value, slope) = (Jit::new(root), Jit::new(grad(root)));
    let at = [2.0, 3.0, 2.5, 0.3, 90.0];
    for _ in 0..2 {
        for x in at {
            let x = Tensor::from(x);
            close(&value.call(&x), &root(&x));
            close(&slope.call(&x), &grad(root)(&x));
            close(&value.call(&x), &x.sqrt());
        }
    }
    // One trace for each number of steps, and each step's answer is either.
    let steps = |x: f64| {
        let count = AtomicUsize::new(0);
        let mut y = 1.0;
        while f64::abs(y * y - x) > 1e-9 {
            y = (y + x / y) / 2.0;
            count.fetch_add(1, Ordering::Relaxed);
        }
        count.into_inner()
    };
    let different: std::collections::BTreeSet<usize> = at.map(steps).into_iter().collect();
    for stats in [value.stats(), slope.stats()] {
        assert_eq!((stats.traces, stats.eager), (different.len(), 0), "{stats}");
        assert_eq!(stats.guards, different.len() + different.iter().max().unwrap(), "{stats}");
    }
}

#[test]
fn later_branches_read_what_earlier_stretches_computed() {
    // What the first stretch computes is wanted by one side, or the other, or both.
    let f = |x: &Tensor| {
        let (a, b) = (x.exp(), x.sin());
        let mut y = &a * &b;
        if y.sum() > 1.0 {
            y += a.square();
            if y.sum() > 10.0 {
                y *= b.cos();
            }
        } else if b.sum() < 0.0 {
            y = a - y;
        }
        y.sum()
    };
    let (value, slope) = (Jit::new(f), Jit::new(value_and_grad(f)));
    for _ in 0..2 {
        for x in [[0.1, 0.2], [1.0, 0.5], [-0.5, -1.0], [2.0, 1.0], [0.9, 0.1]] {
            let x = Tensor::from(x);
            close(&value.call(&x), &f(&x));
            let ((y, g), (wanted, slopes)) = (slope.call(&x), value_and_grad(f)(&x));
            close(&y, &wanted);
            close(&g, &slopes);
        }
    }
    assert_eq!((value.stats().traces, slope.stats().traces), (4, 4));
}

#[test]
fn numbers_that_are_asked_for_are_guards_until_there_are_too_many() {
    let f = |x: &Tensor| x * x.sum().item::<f64>();
    let compiled = Jit::new(f);
    for i in [0, 1, 0, 1, 2] {
        let x = Tensor::from([i as f64, 1.0]);
        close(&compiled.call(&x), &f(&x));
    }
    assert_eq!((compiled.stats().traces, compiled.stats().eager), (3, 0));
    for i in 0..40 {
        let x = Tensor::from([i as f64, 1.0]);
        close(&compiled.call(&x), &f(&x));
    }
    let stats = compiled.stats();
    assert!(stats.traces == 17 && stats.eager > 20, "{stats}");
    // NaN is told apart from numbers, and 0 from −0.
    let sign = Jit::new(|x: &Tensor| if x.item::<f64>().is_sign_negative() { -x } else { x.clone() });
    for x in [0.0, -0.0, f64::NAN, 1.0] {
        assert_eq!(sign.call(&Tensor::from(x)).item::<f64>().to_bits(), x.abs().to_bits());
    }
}

#[test]
fn comparisons_of_every_kind() {
    let f = |(a, b): &(Tensor, Tensor)| {
        let answers = [
            a < b,
            a <= b,
            a > b,
            a >= b,
            a == b,
            *a == 1.0,
            *a < 1.0,
            *a >= 1.0,
            a.partial_cmp(b).is_none(),
            a.partial_cmp(&1.0) == Some(std::cmp::Ordering::Equal),
        ];
        let code: i32 = answers.iter().enumerate().map(|(i, &answer)| i32::from(answer) << i).sum();
        a * 0.0 + f64::from(code)
    };
    let compiled = Jit::new(f);
    let numbers = [1.0, 2.0, -1.0, f64::INFINITY];
    for _ in 0..2 {
        for a in numbers {
            for b in numbers {
                let x = (Tensor::from(a), Tensor::from(b));
                let (got, wanted) = (compiled.call(&x), f(&x));
                assert_eq!(got.to_vec::<f64>()[0].to_bits(), wanted.to_vec::<f64>()[0].to_bits(), "{a} {b}");
            }
        }
    }
    let nan = (Tensor::from(f64::NAN), Tensor::from(1.0));
    let which =
        |x: &(Tensor, Tensor)| if x.0.partial_cmp(&x.1).is_none() { x.1.clone() } else { x.0.clone() };
    assert_eq!(jit(which)(&nan).item::<f64>(), 1.0);
}

#[derive(Tree, Clone)]
struct Layer {
    w: Tensor,
    #[tree(static)]
    power: i32,
}

#[test]
fn what_belongs_to_the_structure_is_traced_again() {
    let f = Jit::new(|layer: &Layer| layer.w.powi(layer.power).sum());
    let layer = |power| Layer { w: Tensor::from([1.5, 2.0]), power };
    for power in [2, 3, 2, 3, -1] {
        close(&f.call(&layer(power)), &layer(power).w.powi(power).sum());
    }
    assert_eq!((f.stats().signatures, f.stats().traces), (3, 3));
    // So are shapes and dtypes, and how long a list is.
    let g = Jit::new(|x: &Vec<Tensor>| {
        x.iter().fold(Tensor::from(1.0), |product, x| product * x.to(DType::F64).sum())
    });
    for x in [
        vec![Tensor::from([1.0, 2.0])],
        vec![Tensor::from([1f32, 2.0])],
        vec![],
        vec![Tensor::from([1.0, 2.0]); 2],
    ] {
        for _ in 0..2 {
            g.call(&x);
        }
    }
    assert_eq!((g.stats().signatures, g.stats().traces, g.stats().calls), (4, 4, 8));
}

#[test]
fn structures_come_back_as_the_function_returns_them() {
    let f = |x: &(Tensor, Option<Tensor>)| {
        let mut named = std::collections::BTreeMap::new();
        named.insert("sum".to_string(), x.0.sum());
        (named, vec![x.0.clone(), Tensor::from([5, 6])], None::<Tensor>)
    };
    let (named, list, none) = jit(f)(&(Tensor::from([1.0, 2.0]), None));
    assert_eq!(named["sum"].item::<f64>(), 3.0);
    assert_eq!((list[0].to_vec::<f64>(), list[1].to_vec::<i32>()), (vec![1.0, 2.0], vec![5, 6]));
    assert!(none.is_none());
}

#[test]
fn threads_share_what_is_compiled() {
    let f = Jit::new(|x: &Tensor| if x.sum() > 0.0 { x.exp().sum() } else { x.sin().sum() });
    std::thread::scope(|scope| {
        for i in 0..4 {
            let f = &f;
            scope.spawn(move || {
                for k in 0..50 {
                    let x = Tensor::from([f64::from(k - 25 + i), 0.25]);
                    let wanted = if x.sum() > 0.0 { x.exp().sum() } else { x.sin().sum() };
                    close(&f.call(&x), &wanted);
                }
            });
        }
    });
    let stats = f.stats();
    assert!(stats.calls == 200 && stats.guards == 2 && stats.eager == 0, "{stats}");
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let x = Tensor::linspace::<f64>(-1.0, 3.0, 200_000);
    let f = jit(value_and_grad(wave));
    let run = |threads| cotangent::threads::with(threads, || f(&x));
    let ((a, da), (b, db), (c, dc)) = (run(1), run(2), run(3));
    assert!(a == b && b == c && da == db && db == dc);
}

#[test]
fn what_cannot_be_compiled_says_so() {
    let implicit = std::panic::catch_unwind(|| {
        jit(|x: &Tensor| x + Tensor::rand::<f64>([2]))(&Tensor::from([1.0, 2.0]))
    });
    let text = *implicit.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("key"), "{text}");
    let leaf = std::panic::catch_unwind(|| jit(|x: &Tensor| x.clone().requires_grad())(&Tensor::from(1.0)));
    let text = *leaf.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("grad(f)") && text.contains("jit.rs"), "{text}");
    // An error of an equation is at the line that made it.
    let divided = jit(|x: &Tensor| Tensor::from([7, 8]) / x);
    assert_eq!(divided(&Tensor::from([7, 2])).to_vec::<i32>(), [1, 4]);
    let zero = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| divided(&Tensor::from([1, 0]))));
    let text = *zero.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("divisors other than 0") && text.contains("jit.rs"), "{text}");
    // Values that are asked for cannot be lowered.
    let asks = Jit::new(|x: &Tensor| if *x > 0.0 { x.clone() } else { -x });
    assert!(asks.lower(&Tensor::from(1.0)).is_err());
    assert_eq!(Jit::new(wave).lower(&Tensor::from([1.0])).unwrap().outputs().len(), 1);
}

#[test]
fn what_the_function_asks_within_a_trace_is_asked_of_the_outer_one() {
    let inner = |x: &Tensor| if x.sum() > 1.0 { x.sin().sum() } else { (x * x).sum() };
    let outer = Jit::new(|x: &Tensor| jit(inner)(&(x * 2.0)) + x.sum());
    for x in [0.1, 0.9, 0.2, 3.0] {
        let x = Tensor::from(x);
        close(&outer.call(&x), &(inner(&(&x * 2.0)) + x.sum()));
        close(&grad(jit(inner))(&x), &grad(inner)(&x));
    }
    assert_eq!((outer.stats().traces, outer.stats().guards), (2, 2));
    // Without a value to be told there is no answer.
    let mapped = std::panic::catch_unwind(|| vmap(jit(inner))(&Tensor::from([0.1, 0.9])));
    assert!(mapped.is_err());
}

#[test]
fn what_was_computed_on_the_way_is_still_asked_for() {
    let f = |x: &Tensor| if *x > 1.0 { x * x.item::<f64>() } else { x.clone() };
    let compiled = jit(f);
    for x in [2.0, 3.0, 0.5, 2.0] {
        close(&compiled(&Tensor::from(x)), &f(&Tensor::from(x)));
    }
}

#[test]
fn a_rule_and_a_branch_may_ask() {
    let g = custom_jvp(
        |x: &Tensor| if x.sum() > 0.0 { x.sin() } else { x.cos() },
        |x: &Tensor, t: &Tensor| (x.sin(), t * x.cos()),
    );
    close(&jit(|x: &Tensor| g(x).sum())(&Tensor::from([1.0])), &Tensor::from(1f64.sin()));
    let f = |x: &Tensor| {
        let s = x.sum();
        let then = |y: &Tensor| if s > 1.0 { y.sin() } else { y.cos() };
        cond(&s.greater(0.0), then, |y: &Tensor| -y, x)
    };
    close(&jit(f)(&Tensor::from([2.0])), &f(&Tensor::from([2.0])));
}

#[test]
fn no_grad_around_a_call_is_not_remembered() {
    let f = jit(grad(|x: &Tensor| x * no_grad(|| x.square())));
    let x = Tensor::from(3.0);
    no_grad(|| f(&x));
    assert_eq!(f(&x).item::<f64>(), 9.0);
}

/// The compiled sum may differ from the one that was told in its last bit: the answer is the same one.
#[test]
fn a_number_that_is_asked_for_is_found_again() {
    let f = |x: &Tensor| x * x.exp().sin().sum().item::<f64>();
    let compiled = Jit::new(f);
    let x = Tensor::linspace::<f64>(0.0, 1.0, 100_000);
    for _ in 0..3 {
        close(&compiled.call(&x), &f(&x));
    }
    assert_eq!((compiled.stats().traces, compiled.stats().eager), (1, 0));
}

#[test]
fn many_first_calls_at_a_time_are_one_trace() {
    let f = Jit::new(|x: &Tensor| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        if x.sum() > 0.0 { x.sin() } else { x.cos() }
    });
    std::thread::scope(|scope| {
        for i in 0..40 {
            let f = &f;
            scope.spawn(move || f.call(&Tensor::from(if i % 2 == 0 { 1.0 } else { -1.0 })));
        }
    });
    assert_eq!((f.stats().traces, f.stats().eager), (2, 0), "{}", f.stats());
}

/// The answer to what is asked of an outer function's value is its own, and not the number.
#[test]
fn an_inner_function_asks_for_what_it_captures() {
    let inner = |x: &Tensor, y: &Tensor| if *x > 0.0 { y * 2.0 } else { y * 3.0 };
    let compiled = Jit::new(|x: &Tensor| jit(|y: &Tensor| inner(x, y))(&x.sin()));
    for i in -10..30 {
        let x = Tensor::from(f64::from(i));
        close(&compiled.call(&x), &inner(&x, &x.sin()));
    }
    assert_eq!((compiled.stats().traces, compiled.stats().eager), (2, 0));
}

#[test]
fn a_branch_without_results_is_compiled() {
    let f = |x: &Tensor| {
        let y = x.sin().sum();
        cond(&y.greater(0.0), |_: &Tensor| (), |_: &Tensor| (), x);
        y
    };
    let x = Tensor::from([1.0]);
    close(&grad(jit(f))(&x), &x.cos());
    close(&jit(f)(&x), &x.sin().sum());
    let program = Jit::new(f).lower(&x).unwrap();
    for pass in cotangent::optimise::passes() {
        assert_eq!(
            (pass.run)(program.clone()).eval(std::slice::from_ref(&x)).unwrap()[0],
            x.sin().sum(),
            "{}",
            pass.name
        );
    }
}

/// No step of tracing, compiling or running costs more for each equation the more there are, or recurses.
#[test]
fn long_programs() {
    let links = 100_000;
    let f = |x: &Tensor| {
        (0..links).fold(x.clone(), |y, i| if i % 3 == 0 { y.cumsum(0) * 0.5 } else { (y * 0.5).sin() })
    };
    let x = Tensor::from([0.1, 0.2]);
    close(&jit(f)(&x), &f(&x));
    let count = |x: &Tensor| {
        let mut y = x.clone();
        while y < 3000.0 {
            y += 1.0;
        }
        y
    };
    assert_eq!(jit(count)(&Tensor::from(0.5)).item::<f64>(), 3000.5);
    let wide = |x: &Tensor| {
        let all: Vec<Tensor> = (0..50_000).map(|i| (x * f64::from(i)).sin()).collect();
        all.iter().fold(x.clone(), |sum, y| sum + y)
    };
    close(&jit(wide)(&Tensor::from(0.5)), &wide(&Tensor::from(0.5)));
}

#[test]
fn a_product_that_others_read_too_is_computed_once() {
    let (a, b) = (
        Tensor::linspace::<f64>(0.0, 1.0, 6).reshape([3, 2]),
        Tensor::linspace::<f64>(1.0, 2.0, 8).reshape([2, 4]),
    );
    let f = |(a, b): &(Tensor, Tensor)| {
        let w = a.matmul(b).reshape([12]).reshape([3, 4]);
        (w.t(), w.sum())
    };
    let g = |(a, b): &(Tensor, Tensor)| {
        let w = a.matmul(b);
        (w.t().sin(), w)
    };
    let turned = |(a, b): &(Tensor, Tensor)| a.matmul(b).t();
    let at = (a, b);
    let (f, g, turned) = (Jit::new(f), Jit::new(g), Jit::new(turned));
    let (product, sum) = f.call(&at);
    close(&product, &at.0.matmul(&at.1).t());
    close(&sum, &at.0.matmul(&at.1).sum());
    close(&g.call(&at).0, &at.0.matmul(&at.1).t().sin());
    close(&turned.call(&at), &at.0.matmul(&at.1).t());
    for plans in [f.plans(), g.plans(), turned.plans()] {
        assert_eq!(plans.matches("dot_general").count(), 1, "{plans}");
    }
    assert!(!turned.plans().contains("permute"), "{}", turned.plans());
}

#[test]
fn the_same_number_everywhere_stays_one() {
    let f = Jit::new(|x: &Tensor| (x.exp() * 2.0, x.sin() + x.cos(), x.exp().sum()));
    let (a, b, sum) = f.call(&Tensor::full([1000], 0.5));
    close(&a, &(Tensor::full([1000], 0.5).exp() * 2.0));
    close(&b, &Tensor::full([1000], 0.5_f64.sin() + 0.5_f64.cos()));
    close(&sum, &Tensor::from(1000.0 * 0.5_f64.exp()));
    let g = Jit::new(|x: &Tensor| x.exp());
    assert!(g.call(&Tensor::full([1000], 0.5)).array().as_fill().is_some());
}

#[test]
fn stats_tell_of_every_step() {
    let f = Jit::new(|(a, b): &(Tensor, Tensor)| (a.matmul(b).sin() + 1.0).sum());
    let at = (Tensor::full([3, 5], 0.5).cumsum(0), Tensor::full([5, 7], 0.25).cumsum(1));
    assert!(f.stats().steps.is_empty());
    for _ in 0..3 {
        f.call(&at);
    }
    let stats = f.stats();
    let [product, region] = &stats.steps[..] else { panic!("{stats}") };
    assert_eq!((product.operations, product.bytes), (2 * 3 * 5 * 7, 8 * (15 + 35 + 21)));
    assert_eq!((region.operations, region.bytes), (3 * 21, 8 * (21 + 1)));
    assert!(product.time.is_some() && region.time.is_some());
    assert_eq!(stats.operations(), 273);
    let text = stats.to_string();
    assert!(text.contains("3 calls") && text.contains("dot_general") && text.contains("273"), "{text}");
}
