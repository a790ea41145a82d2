//! Passes of the optimiser: the same values on random programs, and what each does to a small network.

mod golden;

use cotangent::check::Close;
use cotangent::core::{Program, Type};
use cotangent::optimise::{optimise, passes};
use cotangent::prelude::*;
use cotangent::run::{Backend, Blocks, Interpreter};
use proptest::prelude::*;

/// An operation of a random program: which, and of what.
type Step = (u8, u8, u8);

/// Numbers that identities like to get wrong.
const NUMBERS: [f64; 8] = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, f64::INFINITY, f64::NAN];

/// The values that a program of these steps makes, and the sums of those; entries are of the inputs' dtype.
fn values(inputs: &[Tensor], steps: &[Step]) -> Vec<Tensor> {
    let dtype = inputs[0].dtype();
    let mut pool = inputs.to_vec();
    for &(op, i, j) in steps {
        let (a, b) = (pool[usize::from(i) % pool.len()].clone(), pool[usize::from(j) % pool.len()].clone());
        let fits = a.shape().broadcast(b.shape()).is_some();
        let number = Tensor::from(NUMBERS[usize::from(j) % NUMBERS.len()]).to(dtype);
        let made = match op {
            0 if fits => &a + &b,
            1 if fits => &a - &b,
            2 if fits => &a * &b,
            3 if fits => &a / &b,
            4 if fits => {
                let shape = a.shape().broadcast(b.shape()).unwrap();
                cotangent::core::scale(&a.broadcast_to(shape.clone()), &b.broadcast_to(shape))
            }
            5 if fits => a.greater(&b).select(&a, &b),
            6 if fits => a.less_equal(&b).logical_and(&a.equal(&a).logical_not()).to(dtype),
            7 if fits => a.greater_equal(&b).logical_or(&b.not_equal(&a)).select(&(&a * &b), &a.square()),
            8 => &a * &number,
            9 => &number - &a,
            10 => &a / &number,
            11 => &a + &number,
            12 => -a,
            13 => a.sin(),
            14 => a.exp(),
            15 => a.relu().stop_gradient(),
            16 => a.powi(i32::from(j % 4)),
            17 if a.rank() == 2 => a.t(),
            18 if a.rank() == 2 => a.t().t(),
            19 => a.flatten().reshape(a.shape().clone()),
            // Which zero is the largest is left open.
            20 if a.rank() > 0 => a.max_keep(-1) + 0.0,
            21 if a.rank() > 0 => a.sum_axes(0),
            22 => number,
            24 if a.rank() > 0 => shifted(&a, isize::from(j % 2 == 0)),
            25 if a.rank() > 0 && a.shape()[0] > 1 => a.slice_axis(0, 1..),
            26 if a.rank() > 0 && a.size() < 100 => a.pad(&vec![(1, 0); a.rank()]),
            // Exact, in whatever order it is added up.
            27 if a.rank() > 0 => a.greater(0.5).to(dtype).sum_keep(-1),
            28 if a.rank() > 0 => a.less(0.5).to(dtype).sum_axes(-1).unsqueeze(-1).sqrt(),
            29 if a.rank() > 0 => &a - (a.max_keep(-1) + 0.0),
            // Of more axes than one, and windows along the last one.
            30 if a.rank() == 2 => {
                let wide = a.unsqueeze(0).broadcast_to([2, a.shape()[0], a.shape()[1]]);
                wide * &b.greater(0.5).to(dtype).sum()
            }
            31 if a.rank() == 3 => a.greater(0.5).to(dtype).sum_axes([1, 2]),
            32 if a.rank() > 0 && a.shape()[a.rank() - 1] > 1 => a.slice_axis(-1, 1..),
            23 => Tensor::from(NUMBERS.to_vec()).to(dtype).max_axes(0) + &a,
            _ => continue,
        };
        pool.push(made);
    }
    pool
}

/// Along the last axis by one, to the right or to the left, with zeros where nothing comes from.
fn shifted(x: &Tensor, right: isize) -> Tensor {
    let mut widths = vec![(0, 0); x.rank()];
    widths[x.rank() - 1] = if right > 0 { (1, -1) } else { (-1, 1) };
    x.pad(&widths)
}

/// With the sums at the end: how they are added is the executor's choice, so nothing is made of them.
fn traced(types: &[Type], steps: &[Step]) -> Program {
    trace_program(types, |x| {
        let made = values(x, steps);
        let sums: Vec<Tensor> = made.iter().map(|x| x.exp().recip().sum()).collect();
        made.into_iter().chain(sums).collect()
    })
}

fn same(got: &[Tensor], wanted: &[Tensor], what: &str) -> Result<(), TestCaseError> {
    for (got, wanted) in got.iter().zip(wanted) {
        Close::of(wanted.dtype())
            .compare(got, wanted)
            .map_err(|text| TestCaseError::fail(format!("{what}: {text}")))?;
    }
    prop_assert_eq!(got.len(), wanted.len());
    Ok(())
}

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300);
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 500, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn passes_change_no_value(
        steps in prop::collection::vec((0..33_u8, any::<u8>(), any::<u8>()), 1..24),
        wide in any::<bool>(),
        long in any::<bool>(),
    ) {
        let dtype = if wide { DType::F64 } else { DType::F32 };
        // Rows and columns that regions fold, or shorter ones.
        let n = if long { 17 } else { 3 };
        let numbers = |numbers: &[f64], count: usize| {
            Tensor::from(numbers.iter().copied().cycle().take(count).collect::<Vec<_>>()).to(dtype)
        };
        let inputs = [
            numbers(&[0.5, -1.5, 2.0, 0.0, -0.0, 1.25, -0.75], 2 * n).reshape([2, n]),
            numbers(&[1.0, f64::NEG_INFINITY, -0.25, 0.5], n),
            numbers(&[0.75], 1).reshape([]),
        ];
        let types = inputs.each_ref().map(|x| x.ty().clone());
        let program = traced(&types, &steps);
        let arrays = inputs.each_ref().map(Tensor::array);
        let run = |program: &Program, backend: &dyn Backend| -> Vec<Tensor> {
            let outputs = backend.compile(program).run(&arrays.each_ref()).unwrap();
            outputs.into_iter().map(Tensor::from).collect()
        };
        let wanted = run(&program, &Interpreter);
        let mut after_all = program.clone();
        for pass in passes() {
            let after = (pass.run)(program.clone());
            prop_assert!(after.check().is_ok(), "{}:\n{program}\n{after}", pass.name);
            if !(pass.applies)(&program) {
                prop_assert_eq!(after.to_string(), program.to_string(), "{} has nothing to do", pass.name);
            }
            same(&run(&after, &Interpreter), &wanted, pass.name)?;
            after_all = (pass.run)(after_all);
            same(&run(&after_all, &Interpreter), &wanted, &format!("all up to {}", pass.name))?;
        }
        same(&run(&program, &Blocks), &wanted, "compiled")?;
        // At inputs that nobody else holds, in whose place results are written: the same bits, twice.
        let compiled = Blocks.compile(&program);
        let own = || -> Vec<_> {
            inputs.iter().map(|x| Tensor::from_vec(x.to(DType::F64).to_vec::<f64>(), x.shape().clone()).to(dtype).array()).collect()
        };
        let plain = compiled.run(&own().iter().collect::<Vec<_>>()).unwrap();
        for _ in 0..2 {
            let given = compiled.consume(own().into_iter().collect()).unwrap();
            for (plain, given) in plain.iter().zip(&given) {
                let bits = |x: &cotangent::core::Array| x.items().map(|item| item.bits()).collect::<Vec<_>>();
                prop_assert_eq!(bits(plain), bits(given), "given away:\n{}", program);
            }
        }
        // What is optimised has nothing left to be made cheaper.
        let again = optimise(&after_all);
        prop_assert_eq!(again.equations().len(), after_all.equations().len(), "{}\n{}", after_all, again);
    }
}

/// What the equations of the optimised program compute, in order.
fn primitives(x: DType, f: impl Fn(&Tensor) -> Tensor) -> String {
    let program = trace_program(&[Type::new(x, [3])], |x| vec![f(&x[0])]);
    let after =
        passes().iter().filter(|pass| pass.name != "fuse").fold(program, |program, pass| (pass.run)(program));
    let text = after.to_string();
    text.lines().filter_map(|line| line.split(" = ").nth(1)).collect::<Vec<_>>().join(", ")
}

#[test]
fn signs_and_doublings_go_into_numbers() {
    let floats = |f: fn(&Tensor) -> Tensor| primitives(DType::F64, f);
    assert_eq!(floats(|x| -x * 3.0), "mul a -3:f64[3]");
    assert_eq!(floats(|x| -(x * 3.0)), "mul a -3:f64[3]");
    assert_eq!(floats(|x| 100.0 * (x * 2.0)), "mul a 200:f64[3]");
    assert_eq!(floats(|x| -(x * 2.0) * -1.5), "mul a 3:f64[3]");
    // x·2 may overflow where x·0.6 does not, and x·3 is rounded.
    assert_eq!(floats(|x| x * 2.0 * 0.3), "mul a 2:f64[3], mul b 0.3:f64[3]");
    assert_eq!(floats(|x| x * 3.0 * 2.0), "mul a 3:f64[3], mul b 2:f64[3]");
    // No number.
    assert_eq!(floats(|x| x * 2.0 * f64::MAX), "mul a 2:f64[3], mul b 1.7976931348623157e308:f64[3]");
    assert_eq!(primitives(DType::F32, |x| x * 2.0 * 2e38), "mul a 2:f32[3], mul b 2e38:f32[3]");
    // Where another reads the product it stays.
    assert_eq!(
        floats(|x| {
            let y = x * 3.0;
            -&y + y.sin()
        }),
        "mul a 3:f64[3], sin b, sub c b"
    );
    assert_eq!(primitives(DType::I32, |x| -(x * 3)), "mul a 3:i32[3], neg b");
}
