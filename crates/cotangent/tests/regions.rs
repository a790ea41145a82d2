//! Passes over rows and columns that compiled programs make in one region: what eager ones give, in as few steps as they say.

use cotangent::check::Close;
use cotangent::prelude::*;
use cotangent::threads;

type Function = fn(&Tensor) -> Vec<Tensor>;

/// Written out, as users do.
const ROWS: [(&str, Function, usize); 10] = [
    (
        "softmax",
        |x| {
            let e = (x - x.max_keep(-1)).exp();
            vec![&e / e.sum_keep(-1)]
        },
        1,
    ),
    (
        "logsumexp",
        |x| {
            let most = x.max_axes(-1);
            vec![(x - most.unsqueeze(-1)).exp().sum_axes(-1).ln() + most]
        },
        1,
    ),
    (
        "standardised",
        |x| {
            let n = x.shape()[x.rank() - 1] as f64;
            let centred = x - x.sum_keep(-1) * (1.0 / n);
            let variance = centred.square().sum_keep(-1) * (1.0 / n);
            vec![centred * (variance + 1e-5).rsqrt()]
        },
        1,
    ),
    ("to length 1", |x| vec![x / (x.square().sum_keep(-1).sqrt() + 1.0)], 1),
    (
        "a softmax's cotangent",
        |x| {
            let y = x.sigmoid();
            let ct = x.cos();
            let shared = &y * &ct;
            vec![&shared - shared.sum_keep(-1) * &y]
        },
        1,
    ),
    // The rows' numbers are results, and summed; comparisons of rows choose among entries.
    (
        "rows as results",
        |x| {
            let norm = x.square().sum_keep(-1);
            vec![x.sin(), norm.sqrt(), norm.squeeze(-1), norm.sqrt().sum(), norm.greater(1.0).select(x, &-x)]
        },
        1,
    ),
    ("columns", |x| vec![x.sin().sum_axes(0), x.cos().sum(), x.sin()], 1),
    (
        "columns of rows that are folded",
        |x| {
            let y = x / (x.abs().sum_keep(-1) + 1.0);
            vec![y.sum_axes(0), y]
        },
        1,
    ),
    // The second fold waits for the columns of the first pass.
    (
        "centred by columns",
        |x| {
            let y = x.sin();
            let centred = &y - y.sum_axes(0) * (1.0 / x.shape()[0] as f64);
            vec![&centred / (centred.square().sum_keep(-1) + 1.0)]
        },
        3,
    ),
    (
        "of the last two axes",
        |x| {
            let axes = [x.rank() as isize - 2, -1];
            let y = x.exp();
            vec![&y * y.sum_keep(axes).recip()]
        },
        1,
    ),
];

fn close(name: &str, got: &[Tensor], wanted: &[Tensor]) {
    assert_eq!(got.len(), wanted.len(), "{name}");
    for (got, wanted) in got.iter().zip(wanted) {
        Close::of(wanted.dtype()).compare(got, wanted).unwrap_or_else(|text| panic!("{name}: {text}"));
    }
}

/// In this shape, with entries of either sign.
fn entries(shape: &[usize], dtype: DType) -> Tensor {
    let size: usize = shape.iter().product();
    Tensor::from_vec((0..size).map(|i| (i as f64 * 0.7).sin() * 2.0).collect(), shape.to_vec()).to(dtype)
}

#[test]
fn rows_and_columns_are_one_pass() {
    for (name, f, steps) in ROWS {
        for shape in [vec![5, 33], vec![3, 4, 16], vec![2, 3, 129], vec![300, 257], vec![2, 20]] {
            for dtype in [DType::F32, DType::F64] {
                let (x, jit) = (entries(&shape, dtype), Jit::new(move |x: &Tensor| f(x)));
                let y = jit.call(&x);
                close(&format!("{name} of {}", x.ty()), &y, &f(&x));
                let (least, plan) = (jit.stats().steps.len(), jit.plans());
                // Over two axes of two all entries are summed, which takes a pass of its own.
                if !(shape.len() == 2 && name == "of the last two axes") {
                    assert_eq!(least, steps, "{name} of {}:\n{}", x.ty(), plan);
                }
                let bits = |y: &[Tensor]| {
                    y.iter()
                        .flat_map(|y| y.to(DType::F64).to_vec::<f64>())
                        .map(f64::to_bits)
                        .collect::<Vec<_>>()
                };
                let wanted = bits(&y);
                for count in [1, 2, 3] {
                    assert_eq!(
                        bits(&threads::with(count, || jit.call(&x))),
                        wanted,
                        "{name} on {count} threads"
                    );
                }
            }
        }
    }
}

#[test]
fn nan_and_infinities_stay_in_their_rows() {
    let mut rows = vec![0.5; 4 * 9];
    (rows[3], rows[9], rows[20]) = (f64::NAN, f64::INFINITY, f64::NEG_INFINITY);
    let x = Tensor::from_vec(rows, [4, 9]);
    for (name, f, _) in ROWS {
        close(name, &Jit::new(move |x: &Tensor| f(x)).call(&x), &f(&x));
    }
    let most = Jit::new(|x: &Tensor| x.exp().max_keep(-1) + x);
    close("largest", &[most.call(&x)], &[x.exp().max_keep(-1) + &x]);
}

#[test]
fn of_what_is_the_same_everywhere() {
    for (name, f, _) in ROWS {
        for x in [Tensor::full([3, 16], 0.5), entries(&[3], DType::F64).unsqueeze(-1).broadcast_to([3, 16])] {
            close(name, &Jit::new(move |x: &Tensor| f(x)).call(&x), &f(&x));
        }
    }
}

#[test]
fn derivatives_of_row_passes() {
    for (name, f, _) in ROWS {
        let loss = move |x: &Tensor| {
            let weighted = |y: &Tensor| (y.to(DType::F64) * entries(y.shape(), DType::F64)).sum();
            f(x).iter().filter(|y| y.dtype() == DType::F64).map(weighted).reduce(|a, b| a + b).unwrap()
        };
        let x = entries(&[6, 20], DType::F64);
        let (y, ct) = value_and_grad(loss)(&x);
        let (got, got_ct) = Jit::new(move |x: &Tensor| value_and_grad(loss)(x)).call(&x);
        close(name, &[got, got_ct], &[y, ct]);
        let v = entries(&[20, 6], DType::F64).reshape([6, 20]);
        let product = move |(x, v): &(Tensor, Tensor)| hvp(loss, x, v);
        close(name, &[Jit::new(product).call(&(x.clone(), v.clone()))], &[product(&(x, v))]);
    }
}

/// Rows of two kinds: those of the second fold go over two axes, and the window shows parts of others.
#[test]
fn rows_that_do_not_agree_are_apart() {
    let f = |(x, z): &(Tensor, Tensor)| {
        let norm = z.sum_axes(-1);
        let w = x * x.cos().sum();
        let fold = w.sum_axes([1, 2]);
        vec![fold, norm + w.slice_axis(2, 0..16)]
    };
    let at = (entries(&[4, 5, 17], DType::F64), entries(&[4, 5, 16, 9], DType::F64));
    close("rows of 85 and of 17", &Jit::new(f).call(&at), &f(&at));
}
