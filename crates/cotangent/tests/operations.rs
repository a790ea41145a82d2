//! The operations that are not elementwise: values against what they mean entry by entry, derivatives against central
//! differences, batches against loops, for every sample of the registry and for the public methods.

use cotangent::core::{Error, Param, apply};
use cotangent::op;
use cotangent::prelude::*;

/// Equal types, and entries equal up to a tolerance relative to their size.
#[track_caller]
fn near(what: &str, a: &Tensor, b: &Tensor, tolerance: f64) {
    assert_eq!(a.ty(), b.ty(), "{what}");
    for (x, y) in a.to(DType::F64).to_vec::<f64>().iter().zip(b.to(DType::F64).to_vec::<f64>()) {
        assert!((x - y).abs() <= tolerance * (1.0 + y.abs()), "{what}: {a} is not {b}");
    }
}

fn is_float(x: &Tensor) -> bool {
    x.dtype().is_float()
}

/// Numbers that differ, about as large as 1.
fn weights(like: &Tensor, seed: usize) -> Tensor {
    let weight = |i: usize| ((i * 7 + seed * 3 + 1) as f64 * 0.37).sin() + 0.1;
    Tensor::from_vec((0..like.size()).map(weight).collect(), like.shape().clone())
}

/// The same entries, each some places further: another operand of the same domain.
fn rolled(x: &Tensor, by: usize) -> Tensor {
    let flat = x.flatten();
    // A square matrix stays what it is, positive definite or triangular, by exchanging nothing.
    if x.rank() >= 2 && x.shape()[x.rank() - 1] == x.shape()[x.rank() - 2] && x.dtype() == DType::F64 {
        return x * (1.0 + 0.125 * by as f64);
    }
    if flat.size() == 0 {
        return x.clone();
    }
    let by = by % flat.size();
    Tensor::concat(&[&flat.slice_axis(0, by..), &flat.slice_axis(0, ..by)], 0).reshape(x.shape().clone())
}

type Function<'a> = &'a dyn Fn(&[Tensor]) -> Vec<Tensor>;

/// Central differences of a scalar, entry by entry of each operand.
fn differences(f: &dyn Fn(&Vec<Tensor>) -> Tensor, x: &[Tensor]) -> Vec<Tensor> {
    let h = 1e-5;
    let slope = |i: usize, entry: usize| {
        let at = |by: f64| {
            let mut x = x.to_vec();
            let mut entries = x[i].to_vec::<f64>();
            entries[entry] += by;
            x[i] = Tensor::from_vec(entries, x[i].shape().clone());
            f(&x).item::<f64>()
        };
        (at(h) - at(-h)) / (2.0 * h)
    };
    let gradient = |i: usize| (0..x[i].size()).map(|entry| slope(i, entry)).collect();
    (0..x.len()).map(|i| Tensor::from_vec(gradient(i), x[i].shape().clone())).collect()
}

/// First and second derivatives, forward, backward and eager, against differences; batches of every subset of the operands
/// against loops, of the function and of its gradient.
fn laws(what: &str, f: Function, x: &[Tensor]) {
    let floats: Vec<usize> = (0..x.len()).filter(|&i| is_float(&x[i])).collect();
    let given = |values: &[Tensor]| {
        let mut x = x.to_vec();
        floats.iter().zip(values).for_each(|(&i, value)| x[i] = value.clone());
        x
    };
    let loss_of = |x: &[Tensor]| {
        let terms = f(x).into_iter().filter(is_float).enumerate();
        terms.fold(Tensor::from(0.0), |sum, (i, y)| sum + (&y * weights(&y, i)).sin().sum())
    };
    let loss = |values: &Vec<Tensor>| loss_of(&given(values));
    if !floats.is_empty() && f(x).iter().any(is_float) {
        let at: Vec<Tensor> = floats.iter().map(|&i| x[i].clone()).collect();
        let v: Vec<Tensor> = at.iter().enumerate().map(|(i, x)| weights(x, i + 5)).collect();
        let dot = |a: &[Tensor], b: &[Tensor]| {
            a.iter().zip(b).fold(Tensor::from(0.0), |sum, (a, b)| sum + (a * b).sum())
        };
        let gradient = grad(loss)(&at);
        for (g, d) in gradient.iter().zip(&differences(&loss, &at)) {
            near(&format!("{what}: grad"), g, d, 1e-8);
        }
        near(&format!("{what}: jvp"), &jvp(loss, &at, &v).1, &dot(&gradient, &v), 1e-12);

        let leaves: Vec<Tensor> = at.iter().map(|x| x.clone().requires_grad()).collect();
        loss(&leaves).backward();
        for (leaf, g) in leaves.iter().zip(&gradient) {
            let got = leaf.grad().unwrap_or_else(|| leaf.detach().zeros_like());
            near(&format!("{what}: backward"), &got, g, 1e-12);
        }

        let forward_over_reverse = jvp(grad(loss), &at, &v).1;
        let slope = |x: &Vec<Tensor>| dot(&grad(loss)(x), &v);
        for (h, d) in forward_over_reverse.iter().zip(&differences(&slope, &at)) {
            near(&format!("{what}: second derivative"), h, d, 1e-8);
        }
        for (h, other) in forward_over_reverse.iter().zip(&grad(slope)(&at)) {
            near(&format!("{what}: reverse over reverse"), h, other, 1e-11);
        }
        for (h, other) in forward_over_reverse.iter().zip(&grad(|x: &Vec<Tensor>| jvp(loss, x, &v).1)(&at)) {
            near(&format!("{what}: reverse over forward"), h, other, 1e-11);
        }
    }
    let size = 3;
    for subset in 1..1 << x.len() {
        let mapped = |i: usize| subset >> i & 1 == 1;
        let axes: Vec<Option<isize>> = (0..x.len()).map(|i| mapped(i).then_some(0)).collect();
        let example = |k: usize| -> Vec<Tensor> {
            x.iter().enumerate().map(|(i, x)| if mapped(i) { rolled(x, k) } else { x.clone() }).collect()
        };
        let stack = |parts: &[Tensor]| Tensor::stack(&parts.iter().collect::<Vec<_>>(), 0);
        let batch: Vec<Tensor> = (0..x.len())
            .map(|i| match mapped(i) {
                true => stack(&(0..size).map(|k| rolled(&x[i], k)).collect::<Vec<_>>()),
                false => x[i].clone(),
            })
            .collect();
        let all = |g: &dyn Fn(&Vec<Tensor>) -> Vec<Tensor>, name: &str, tolerance: f64| {
            let got = vmap_axes(&axes, 0, g)(&batch);
            let each: Vec<Vec<Tensor>> = (0..size).map(|k| g(&example(k))).collect();
            for (j, got) in got.iter().enumerate() {
                let wanted = stack(&each.iter().map(|y| y[j].clone()).collect::<Vec<_>>());
                near(&format!("{what}: {name}, mapped {axes:?}"), got, &wanted, tolerance);
            }
        };
        all(&|x| f(x), "vmap", 1e-13);
        if !floats.is_empty() {
            let gradient = |x: &Vec<Tensor>| {
                let rest = x.clone();
                let loss = |values: &Vec<Tensor>| {
                    let mut x = rest.clone();
                    floats.iter().zip(values).for_each(|(&i, value)| x[i] = value.clone());
                    loss_of(&x)
                };
                grad(loss)(&floats.iter().map(|&i| x[i].clone()).collect::<Vec<_>>())
            };
            all(&gradient, "vmap of grad", 1e-12);
        }
    }
}

#[test]
fn every_sample_obeys_the_laws() {
    for entry in op::entries() {
        let samples = (entry.samples)();
        // Those that hold programs, or take factors of a matrix that belong together, have none; other tests are about them.
        let apart = ["call", "cond", "custom_jvp", "custom_vjp", "linear_call", "lu_solve", "slogdet"];
        assert!(samples.len() >= 3 || apart.contains(&entry.name), "{} has samples", entry.name);
        for sample in samples {
            let prim = &sample.prim;
            let types: Vec<String> = sample.inputs.iter().map(|x| x.ty().to_string()).collect();
            let what = format!("{prim:?} of {}", types.join(", "));
            let params: Vec<(String, Param)> =
                prim.params().into_iter().map(|(name, value)| (name.to_string(), value)).collect();
            let parsed = op::parse(prim.name(), &params);
            assert_eq!(parsed.map(|prim| format!("{prim:?}")), Some(format!("{prim:?}")));
            let f = |x: &[Tensor]| apply(prim.clone(), &x.iter().collect::<Vec<_>>()).into_vec();
            laws(&what, &f, &sample.inputs);
        }
    }
}

/// The error that this raises, as text.
#[track_caller]
fn failure(f: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let payload = std::panic::catch_unwind(f).expect_err("should fail");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast::<Error>().expect("text or an error").to_string(),
    }
}

mod gather {
    use super::*;

    fn x() -> Tensor {
        Tensor::arange::<f64>(24).reshape([2, 3, 4])
    }

    #[test]
    fn take_puts_the_axes_of_the_indices_in_place_of_the_axis() {
        let indices = Tensor::from([[2_i32, -1], [0, 0], [1, -3]]);
        for axis in [1, -2] {
            let y = x().take(&indices, axis);
            assert_eq!(y.shape().to_vec(), [2, 3, 2, 4]);
            let rows = [2, 2, 0, 0, 1, 0];
            let wanted: Vec<f64> = (0..2)
                .flat_map(|i| rows.map(|row| (0..4).map(move |k| f64::from(i * 12 + row * 4 + k))))
                .flatten()
                .collect();
            assert_eq!(y.to_vec::<f64>(), wanted);
        }
        let last = x().take(&Tensor::from(-1_i64), -1);
        assert_eq!((last.shape().to_vec(), last.to_vec::<f64>()[1]), (vec![2, 3], 7.0));
        assert_eq!(*x().take(&Tensor::zeros::<i64>([0, 5]), 0).shape(), [0, 5, 3, 4].into());
        assert_eq!(
            Tensor::from([true, false]).take(&Tensor::from([1, 0, 1]), 0).to_vec::<bool>(),
            [false, true, false]
        );
    }

    #[test]
    fn take_along_axis_goes_row_by_row() {
        let indices = Tensor::from([[[0_i64, 1, 2, -1]], [[-3, 0, 0, 1]]]);
        for axis in [1, -2] {
            let y = x().take_along_axis(&indices, axis);
            assert_eq!(y.to_vec::<f64>(), [0.0, 5.0, 10.0, 11.0, 12.0, 13.0, 14.0, 19.0]);
            assert_eq!(*y.shape(), [2, 1, 4].into());
        }
    }

    #[test]
    fn scatter_add_adds_in_blocks() {
        let indices = Tensor::from([[1_i64, 0], [1, -1]]);
        let y = Tensor::arange::<i32>(8).reshape([2, 2, 2]).scatter_add(&indices, 4);
        assert_eq!(y.to_vec::<i32>(), [2, 3, 4, 6, 0, 0, 6, 7]);
        assert_eq!(Tensor::from(2.5).scatter_add(&Tensor::from(1_i64), 2).to_vec::<f64>(), [0.0, 2.5]);
    }

    #[test]
    fn the_methods_obey_the_laws() {
        let x = weights(&Tensor::zeros::<f64>([2, 3, 2]), 1);
        let picked = Tensor::from([[2_i64, 0], [-1, 2]]);
        for axis in [1, -2] {
            laws("take", &|x| vec![x[0].take(&x[1], axis)], &[x.clone(), picked.clone()]);
        }
        let along = Tensor::from([[[2_i32, 0]], [[-1, 2]]]);
        laws("take_along_axis", &|x| vec![x[0].take_along_axis(&x[1], -2)], &[x.clone(), along]);
        laws(
            "scatter_add",
            &|x| vec![x[0].scatter_add(&x[1], 2)],
            &[x, Tensor::from([[1_i64, 0, 1], [-1, -2, 0]])],
        );
    }

    #[test]
    fn errors_say_what_to_do() {
        let vector = || Tensor::from([1.0, 2.0, 3.0]);
        let text = failure(move || drop(vector().take(&Tensor::from([0_i64, 3]), 0)));
        assert!(text.contains("expected indices from -3 to 2, got 3"), "{text}");
        assert!(text.contains("operations.rs"), "{text}");
        let text = failure(move || drop(vector().take(&Tensor::from([0.0]), 0)));
        assert!(text.contains(".to(DType::I64)"), "{text}");
        let text = failure(move || drop(vector().take(&Tensor::from([0]), 1)));
        assert!(text.contains("`take`") && text.contains("an axis of f64[3], got 1"), "{text}");
        let text = failure(move || drop(vector().take_along_axis(&Tensor::from(0), 0)));
        assert!(text.contains("i32[]"), "{text}");
        let text = failure(move || drop(vector().scatter_add(&Tensor::from([0, 1]), 3)));
        assert!(text.contains("a row of updates for each index"), "{text}");
        let text = failure(move || drop(vector().scatter_add(&Tensor::from([0, 1, -4]), 3)));
        assert!(text.contains("`scatter_add`") && text.contains("got -4"), "{text}");
    }
}

mod extreme {
    use super::*;

    #[test]
    fn values_over_axes() {
        let x = Tensor::from([[[3.0, -1.0], [2.0, 7.0]], [[0.5, 4.0], [-6.0, 1.0]]]);
        assert_eq!(x.max().item::<f64>(), 7.0);
        assert_eq!(x.min().item::<f64>(), -6.0);
        assert_eq!(x.max_axes([0, -1]).to_vec::<f64>(), [4.0, 7.0]);
        assert_eq!(x.min_axes(1).to_vec::<f64>(), [2.0, -1.0, -6.0, 1.0]);
        assert_eq!(
            (x.max_keep(-2).shape().to_vec(), x.min_keep([0, 1]).shape().to_vec()),
            (vec![2, 1, 2], vec![1, 1, 2])
        );
        assert_eq!(Tensor::from(2.5).max().item::<f64>(), 2.5);
        assert_eq!(Tensor::from(2.5).min().item::<f64>(), 2.5);
    }

    #[test]
    fn integers_and_bools() {
        let x = Tensor::from([5, i32::MIN, i32::MAX]);
        assert_eq!((x.min().item::<i32>(), x.max().item::<i32>()), (i32::MIN, i32::MAX));
        let x = Tensor::from([-3_i64, i64::MIN]);
        assert_eq!((x.min().item::<i64>(), x.max().item::<i64>()), (i64::MIN, -3));
        let x = Tensor::from([[true, false], [true, true]]);
        assert_eq!(x.max_axes(1).to_vec::<bool>(), [true, true]);
        assert_eq!(x.min_axes(1).to_vec::<bool>(), [false, true]);
    }

    #[test]
    fn ties_share_and_nan_stays() {
        let x = Tensor::from([[2.0, 5.0, 5.0, 5.0], [1.0, 1.0, 0.0, -1.0]]);
        let rows = |x: &Tensor| (x.max_axes(1) * Tensor::from([3.0, 10.0])).sum();
        assert_eq!(grad(rows)(&x).to_vec::<f64>(), [0.0, 1.0, 1.0, 1.0, 5.0, 5.0, 0.0, 0.0]);
        let least = |x: &Tensor| (x.min_axes(0) * Tensor::from([1.0, 2.0, 3.0, 4.0])).sum();
        assert_eq!(grad(least)(&x).to_vec::<f64>(), [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0]);
        let x = Tensor::from([[1.0, f64::NAN], [f64::NEG_INFINITY, f64::NEG_INFINITY]]);
        let y = x.max_axes(1).to_vec::<f64>();
        assert!(y[0].is_nan() && y[1] == f64::NEG_INFINITY);
        assert!(x.min_axes(1).to_vec::<f64>()[0].is_nan());
        // At NaN no entry is the largest, forward and backward.
        let sum = |x: &Tensor| x.max_axes(1).sum();
        assert_eq!(grad(sum)(&x).to_vec::<f64>(), [0.0, 0.0, 0.5, 0.5]);
        assert_eq!(jvp(sum, &x, &Tensor::from([[7.0, 7.0], [1.0, 4.0]])).1.item::<f64>(), 2.5);
    }

    #[test]
    fn the_methods_obey_the_laws() {
        let x = weights(&Tensor::zeros::<f64>([2, 3, 2]), 1);
        laws("max_axes", &|x| vec![x[0].max_axes([0, -1]), x[0].max_keep(1)], std::slice::from_ref(&x));
        laws("min_axes", &|x| vec![x[0].min_axes(-2), x[0].min_keep([2, 0]), x[0].min()], &[x]);
    }

    #[test]
    fn of_nothing_there_is_no_largest() {
        let text = failure(|| drop(Tensor::zeros::<f64>([2, 0]).max_axes(1)));
        assert!(text.contains("`max`") && text.contains("at least one entry, got f64[2,0]"), "{text}");
        let text = failure(|| drop(Tensor::zeros::<f64>([0]).min()));
        assert!(text.contains("at least one entry") && text.contains("operations.rs"), "{text}");
        assert_eq!(*Tensor::zeros::<f64>([0, 0]).max_axes(1).shape(), [0].into());
    }
}

mod sort {
    use super::*;

    #[test]
    fn values_and_where_they_were() {
        let x = Tensor::from([[2.0, f64::NAN, -1.0], [0.5, 0.5, f64::NEG_INFINITY]]);
        let (y, i) = x.sort(-1);
        let y = y.to_vec::<f64>();
        assert!(y[..2] == [-1.0, 2.0] && y[2].is_nan() && y[3..] == [f64::NEG_INFINITY, 0.5, 0.5], "{y:?}");
        assert_eq!(i.to_vec::<i64>(), [2, 0, 1, 2, 0, 1]);
        let (y, i) = Tensor::from([[3, 1], [2, 4], [2, -5]]).sort(0);
        assert_eq!(y.to_vec::<i32>(), [2, -5, 2, 1, 3, 4]);
        assert_eq!(i.to_vec::<i64>(), [1, 2, 2, 0, 0, 1]);
    }

    #[test]
    fn tangents_and_cotangents_go_with_their_entries() {
        let x = Tensor::from([[3.0, 1.0, 2.0], [-1.0, 5.0, 0.0]]);
        let weighted = |x: &Tensor| (x.sort(1).0 * Tensor::from([1.0, 10.0, 100.0])).sum();
        assert_eq!(grad(weighted)(&x).to_vec::<f64>(), [100.0, 1.0, 10.0, 1.0, 100.0, 10.0]);
        let x = weights(&Tensor::zeros::<f64>([2, 3, 2]), 1);
        laws("sort", &|x| vec![x[0].sort(-2).0, x[0].square().sort(0).0], &[x]);
    }

    #[test]
    fn a_number_has_no_axis_to_sort_along() {
        let text = failure(|| drop(Tensor::from(1.0).sort(0)));
        assert!(text.contains("`sort`") && text.contains("an axis of f64[], got 0"), "{text}");
        assert!(text.contains("operations.rs"), "{text}");
    }
}

mod einsum {
    use super::*;

    /// The meaning of an equation, entry by entry.
    fn reference(equation: &str, operands: &[&Tensor]) -> Tensor {
        let (left, output) = equation.split_once("->").expect("explicit");
        let inputs: Vec<&str> = left.split(',').collect();
        let mut labels: Vec<char> = left.chars().filter(char::is_ascii_alphabetic).collect();
        labels.sort_unstable();
        labels.dedup();
        let length = |label: char| -> usize {
            let found =
                inputs.iter().zip(operands).find_map(|(labels, x)| Some(x.shape()[labels.find(label)?]));
            found.expect("an operand has it")
        };
        let lengths: Vec<usize> = labels.iter().map(|&label| length(label)).collect();
        let of = |label: char| labels.iter().position(|&other| other == label).expect("known");
        let shape: Vec<usize> = output.chars().map(length).collect();
        let mut sums = vec![0.0; shape.iter().product()];
        for flat in 0..lengths.iter().product() {
            let mut rest: usize = flat;
            let mut index = vec![0; labels.len()];
            for axis in (0..labels.len()).rev() {
                index[axis] = rest % lengths[axis];
                rest /= lengths[axis];
            }
            let entry = |(labels, x): (&&str, &&Tensor)| {
                let place: Vec<usize> = labels.chars().map(|label| index[of(label)]).collect();
                x.array().get(&place).expect("inside").to_f64()
            };
            let place = output.chars().fold(0, |place, label| place * length(label) + index[of(label)]);
            sums[place] += inputs.iter().zip(operands).map(entry).product::<f64>();
        }
        Tensor::from_vec(sums, shape)
    }

    fn operands(shapes: &[&[usize]]) -> Vec<Tensor> {
        shapes.iter().enumerate().map(|(i, shape)| weights(&Tensor::zeros::<f64>(*shape), i + 1)).collect()
    }

    #[test]
    fn equations_mean_what_they_say() {
        let cases: &[(&str, &[&[usize]])] = &[
            ("->", &[&[]]),
            (",->", &[&[], &[]]),
            ("i,->i", &[&[3], &[]]),
            ("i->", &[&[3]]),
            ("ij->ji", &[&[2, 3]]),
            ("ii->i", &[&[3, 3]]),
            ("ii->", &[&[3, 3]]),
            ("ii->", &[&[1, 1]]),
            ("ii->i", &[&[0, 0]]),
            ("ijkji->ki", &[&[2, 3, 2, 3, 2]]),
            ("iii->i", &[&[2, 2, 2]]),
            ("i,i->", &[&[3], &[3]]),
            ("i,i->i", &[&[3], &[3]]),
            ("i,j->ji", &[&[2], &[3]]),
            ("ij,jk->ik", &[&[2, 3], &[3, 2]]),
            ("ij,jk->ki", &[&[2, 0], &[0, 3]]),
            ("bij,bjk->bik", &[&[2, 2, 3], &[2, 3, 1]]),
            ("ijb,bkj->kbi", &[&[2, 3, 2], &[2, 1, 3]]),
            ("ij,kl->il", &[&[2, 2], &[3, 2]]),
            ("iij,jkk->ki", &[&[2, 2, 3], &[3, 2, 2]]),
            ("ij,jk,kl->il", &[&[2, 3], &[3, 2], &[2, 3]]),
            ("ij,ik,il->jkl", &[&[2, 1], &[2, 2], &[2, 3]]),
            ("i,i,i->", &[&[3], &[3], &[3]]),
        ];
        for (equation, shapes) in cases {
            let x = operands(shapes);
            let x: Vec<&Tensor> = x.iter().collect();
            near(equation, &Tensor::einsum(equation, &x), &reference(equation, &x), 1e-14);
        }
    }

    #[test]
    fn spaces_and_implicit_results() {
        let x = operands(&[&[2, 3], &[3, 4]]);
        let x = [&x[0], &x[1]];
        let wanted = reference("ij,jk->ik", &x);
        near("spaces", &Tensor::einsum(" i j , j k -> i k ", &x), &wanted, 1e-14);
        near("implicit", &Tensor::einsum("ij, jk", &x), &wanted, 1e-14);
        near("alphabetical", &Tensor::einsum("zj,ja", &x), &wanted.t(), 1e-14);
        near("trace", &Tensor::einsum("ii", &[&Tensor::eye::<f64>(3)]), &Tensor::from(3.0), 0.0);
        let whole = Tensor::einsum("ij,j", &[&Tensor::from([[1, 2], [3, 4]]), &Tensor::from([1, 10])]);
        assert_eq!(whole.to_vec::<i32>(), [21, 43]);
    }

    #[test]
    fn a_pair_is_one_contraction() {
        let types = operands(&[&[2, 5, 3], &[2, 3, 4, 4]]);
        let types: Vec<_> = types.iter().map(|x| x.ty().clone()).collect();
        let program = trace_program(&types, |x| vec![Tensor::einsum("bij,bjkk->ikb", &[&x[0], &x[1]])]);
        let dots =
            program.equations().iter().filter(|equation| equation.prim.name() == "dot_general").count();
        assert_eq!(dots, 1, "{program}");
    }

    #[test]
    fn it_obeys_the_laws() {
        for (equation, shapes) in [
            ("ij,jk->ik", &[&[2, 3][..], &[3, 2]][..]),
            ("bij,kjb->ik", &[&[2, 2, 3], &[2, 3, 2]]),
            ("iij,ji->j", &[&[2, 2, 3], &[3, 2]]),
            ("i,->i", &[&[3], &[]]),
            ("ij,jk,ki->i", &[&[2, 3], &[3, 1], &[1, 2]]),
            ("ijij->j", &[&[2, 3, 2, 3]]),
            ("ij,jk->ik", &[&[2, 0], &[0, 2]]),
        ] {
            let f = |x: &[Tensor]| vec![Tensor::einsum(equation, &x.iter().collect::<Vec<_>>())];
            laws(equation, &f, &operands(shapes));
        }
    }

    #[test]
    fn errors_name_the_label_and_the_operands() {
        fn of(equation: &'static str, shapes: &'static [&'static [usize]]) -> String {
            failure(move || {
                let x = operands(shapes);
                drop(Tensor::einsum(equation, &x.iter().collect::<Vec<_>>()));
            })
        }
        for (text, wanted) in [
            (of("ij->ik", &[&[2, 2]]), "labels of the result that an operand has, got `k` in `ij->ik`"),
            (of("i->ii", &[&[2]]), "each label of the result once, got `i`"),
            (of("ij,jk", &[&[2, 2]]), "2 operands for `ij,jk`, got 1"),
            (of("i", &[]), "one operand for `i`, got 0"),
            (of("ij->", &[&[2]]), "rank 2 for `ij`, got f64[2]"),
            (
                of("ij,jk", &[&[2, 3], &[4, 5]]),
                "one length for `j` in `ij,jk`, got 3 in f64[2,3] and 4 in f64[4,5]",
            ),
            (of("ii", &[&[2, 3]]), "one length for `i`"),
            (of("i..->i", &[&[2]]), "got `i..` in `i..->i`"),
            (of("i...->i", &[&[2, 2]]), "`...` in the result"),
        ] {
            assert!(text.contains("`einsum` at") && text.contains(wanted), "{text}");
            assert!(text.contains("operations.rs"), "{text}");
        }
        let text = failure(|| drop(Tensor::einsum("i,i", &[&Tensor::from([1.0]), &Tensor::from([1_f32])])));
        assert!(text.contains("`einsum`") && text.contains("equal dtypes"), "{text}");
    }
}

mod choices {
    use super::*;
    use cotangent::core::{DType, Type, trace_program};

    #[test]
    fn comparisons_and_logic_entry_by_entry() {
        let (a, b) = (Tensor::from([1.0, 2.0, 3.0, f64::NAN]), Tensor::from([2.0, 2.0, 2.0, 2.0]));
        let list = |x: Tensor| x.to_vec::<bool>();
        assert_eq!(list(a.greater(&b)), [false, false, true, false]);
        assert_eq!(list(a.greater_equal(&b)), [false, true, true, false]);
        assert_eq!(list(a.less(&b)), [true, false, false, false]);
        assert_eq!(list(a.less_equal(&b)), [true, true, false, false]);
        assert_eq!(list(a.equal(&b)), [false, true, false, false]);
        assert_eq!(list(a.not_equal(&b)), [true, false, true, true]);
        let (p, q) = (Tensor::from([true, true, false, false]), Tensor::from([true, false, true, false]));
        assert_eq!(list(p.logical_and(&q)), [true, false, false, false]);
        assert_eq!(list(p.logical_or(&q)), [true, true, true, false]);
        assert_eq!(list(p.logical_not()), [false, false, true, true]);
    }

    #[test]
    fn a_choice_of_what_broadcasts() {
        let p = Tensor::from([true, false]);
        let x = operands_of(&[&[2, 1], &[]]);
        laws("select", &|x| vec![x[0].select(&x[1], &x[2])], &[p, x[0].clone(), x[1].clone()]);
    }

    fn operands_of(shapes: &[&[usize]]) -> Vec<Tensor> {
        shapes.iter().enumerate().map(|(i, shape)| weights(&Tensor::zeros::<f64>(*shape), i + 1)).collect()
    }

    #[test]
    fn gradients_come_back_in_the_dtype_they_left_in() {
        let x = Tensor::from([0.5, -1.25]);
        let narrow = |x: &Tensor| (x.to(DType::F32) * Tensor::from([2_f32, 4.0])).sum().to(DType::F64);
        assert_eq!(grad(narrow)(&x).to_vec::<f64>(), [2.0, 4.0]);
        assert_eq!(jvp(narrow, &x, &Tensor::from([1.0, 0.5])).1.item::<f64>(), 4.0);
        let through_integers = |x: &Tensor| (x.to(DType::I32).to(DType::F64) * x).sum();
        assert_eq!(grad(through_integers)(&Tensor::from([2.5, -3.5])).to_vec::<f64>(), [2.0, -3.0]);
        assert_eq!(
            Tensor::from([2.9, -2.9, f64::NAN, 1e99]).to(DType::I32).to_vec::<i32>(),
            [2, -2, 0, i32::MAX]
        );
        assert_eq!(Tensor::from([0.0, 0.5]).to(DType::Bool).to_vec::<bool>(), [false, true]);
    }

    #[test]
    fn what_is_stopped_has_no_derivative_and_batches() {
        let f = |x: &Tensor| (x * &x.stop_gradient()).sum();
        let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
        assert_eq!(grad(f)(&x).to_vec::<f64>(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(vmap(grad(f))(&x).to_vec::<f64>(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(jvp(f, &x, &x).1.item::<f64>(), 30.0);
        let program = trace_program(&[Type::new(DType::F64, [2])], |x| vec![x[0].stop_gradient()]);
        assert_eq!(program.equations()[0].prim.name(), "stop_gradient");
    }
}

mod layout {
    use super::*;

    #[test]
    fn methods_with_axes_from_the_end_obey_the_laws() {
        let x = weights(&Tensor::zeros::<f64>([2, 3, 2]), 1);
        laws("permute", &|x| vec![x[0].permute([-1, 0, 1]), x[0].t()], std::slice::from_ref(&x));
        laws(
            "slice",
            &|x| vec![x[0].slice_step(-2, .., 2), x[0].slice_axis(-1, 1..)],
            std::slice::from_ref(&x),
        );
        laws("index", &|x| vec![x[0].index(-1), x[0].slice(&[1..2, 0..2])], std::slice::from_ref(&x));
        laws("pad", &|x| vec![x[0].pad(&[(1, 0), (0, 2), (1, 1)])], std::slice::from_ref(&x));
        laws("squeeze", &|x| vec![x[0].unsqueeze(-2).squeeze(-2), x[0].flatten()], std::slice::from_ref(&x));
        let y = weights(&Tensor::zeros::<f64>([2, 1, 2]), 2);
        laws("concat", &|x| vec![Tensor::concat(&[&x[0], &x[1], &x[0]], -2)], &[x.clone(), y]);
        let y = weights(&Tensor::zeros::<f64>([2, 3, 2]), 3);
        laws("stack", &|x| vec![Tensor::stack(&[&x[0], &x[1]], -1)], &[x, y]);
    }

    #[test]
    fn entries_go_where_they_should() {
        let x = Tensor::arange::<i32>(6).reshape([2, 3]);
        assert_eq!(x.permute([-1, 0]).to_vec::<i32>(), [0, 3, 1, 4, 2, 5]);
        assert_eq!(x.slice_step(-1, .., 2).to_vec::<i32>(), [0, 2, 3, 5]);
        assert_eq!(x.pad(&[(0, 1), (1, 0)]).to_vec::<i32>(), [0, 0, 1, 2, 0, 3, 4, 5, 0, 0, 0, 0]);
        assert_eq!(Tensor::stack(&[&x, &x], -1).slice(&[0..1, 1..3]).to_vec::<i32>(), [1, 1, 2, 2]);
        assert_eq!(
            Tensor::concat(&[&x, &x.slice_axis(-1, ..1)], -1).to_vec::<i32>(),
            [0, 1, 2, 0, 3, 4, 5, 3]
        );
    }

    #[test]
    fn errors_name_the_axes_and_this_file() {
        let x = || Tensor::arange::<f64>(6).reshape([2, 3]);
        for (text, wanted) in [
            (failure(move || drop(x().permute([0, 0]))), "each axis once, got axis 0 again"),
            (failure(move || drop(x().squeeze(-2))), "axis 0 of length 1"),
            (failure(move || drop(Tensor::concat(&[&x()], 2))), "an axis of f64[2,3], got 2"),
            (failure(move || drop(x().slice_axis(-1, 2..5))), "a range within axis 1 of f64[2,3], got 2..5"),
            (failure(move || drop(x().reshape([4]))), "4 entries for shape [4], got f64[2,3], which has 6"),
            (failure(move || drop(x().sum_axes(-3))), "an axis of f64[2,3], got -3"),
        ] {
            assert!(text.contains(wanted) && text.contains("operations.rs"), "{text}");
        }
    }
}

mod convolutions {
    use super::*;
    use cotangent::op::{Conv, Padding};

    /// As long as the operand times the stride: the whole, less half of what is too much at either end, the larger half at the second.
    #[test]
    fn a_transposed_one_of_the_same_size() {
        let x = Tensor::arange::<f64>(5).reshape([1, 1, 5]).sin();
        for (taps, stride, before) in
            [(1, 1, 0), (2, 1, 0), (4, 1, 1), (5, 1, 2), (6, 1, 2), (6, 2, 2), (7, 2, 2)]
        {
            let w = (Tensor::arange::<f64>(taps).reshape([1, 1, taps]) + 0.5).cos();
            let whole = x.conv_transpose1d(&w, Conv::new().stride(stride));
            let same = x.conv_transpose1d(&w, Conv::new().stride(stride).padding(Padding::Same));
            assert_eq!(
                same,
                whole.slice_axis(-1, before..before + 5 * stride),
                "{taps} taps, stride {stride}"
            );
        }
    }

    /// A kernel longer than its operand fits where there is padding enough, at either end.
    #[test]
    fn a_kernel_that_needs_its_padding() {
        let (x, w) = (Tensor::from([[[1.0, 2.0]]]), Tensor::from([[[1.0, 10.0, 100.0]]]));
        let padded = |before: isize, after: isize| x.conv1d(&w, Conv::new().padding((before, after)));
        assert_eq!(padded(1, 0).to_vec::<f64>(), [210.0]);
        assert_eq!(padded(0, 1).to_vec::<f64>(), [21.0]);
        assert_eq!(padded(1, 1).to_vec::<f64>(), [210.0, 21.0]);
    }
}

/// What has a loop of its own where nothing is recorded has the same bits as the composition that is recorded.
#[test]
fn loops_of_compositions() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let entries = [nan, -inf, inf, -0.0, 0.0, -1.0, 1.0, -0.5, 0.5, 2.0, -2.0, 1e-310, 3.0];
    let bounds = [nan, -inf, inf, -0.0, 0.0, -1.0, 1.0, 0.25];
    let bits =
        |x: &Tensor| x.to(DType::F64).to_vec::<f64>().iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    for dtype in [DType::F32, DType::F64] {
        // So many that there are whole vectors.
        let x = Tensor::from(entries.repeat(10)).to(dtype);
        let leaf = x.clone().requires_grad();
        assert_eq!(bits(&x.rsqrt()), bits(&leaf.rsqrt()));
        for (low, high) in bounds.iter().flat_map(|&low| bounds.map(|high| (low, high))) {
            assert_eq!(bits(&x.clamp(low, high)), bits(&leaf.clamp(low, high)), "{low} to {high}");
        }
    }
    // A bound that is a number and requires a gradient gets one.
    let weights = Tensor::from([2.0, 3.0, 5.0]);
    for (low, high, expected) in [(0.0, 5.0, [2.0, 0.0]), (-9.0, 0.5, [0.0, 3.0]), (0.3, 0.5, [7.0, 3.0])] {
        let (low, high) = (Tensor::from(low).requires_grad(), Tensor::from(high).requires_grad());
        (Tensor::from([-1.0, 1.0, 0.25]).clamp(&low, &high) * &weights).sum().backward();
        assert_eq!([low, high].map(|bound| bound.grad().unwrap().item::<f64>()), expected);
    }
}
