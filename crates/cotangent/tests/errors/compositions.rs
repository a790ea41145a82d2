//! Losses, activations and the like on what they cannot take.

use super::*;

#[test]
fn compositions() {
    check(&[
        case!(
            "swapaxes, no such axis",
            Tensor::zeros::<f64>([2, 3]).swapaxes(0, 2),
            &["`swapaxes` at FILE:+2: expected an axis of f64[2,3], got 2"]
        ),
        case!(
            "moveaxis, no such position",
            Tensor::zeros::<f64>([2, 3]).moveaxis(0, -3),
            &["`moveaxis` at FILE:+2: expected an axis of f64[2,3], got -3"]
        ),
        case!(
            "count_nonzero, no such axis",
            Tensor::from([1.0]).count_nonzero_axes(1),
            &["`count_nonzero` at FILE:+2: expected an axis of f64[1], got 1"]
        ),
        case!(
            "rsqrt of integers",
            Tensor::from([1, 4]).rsqrt(),
            &[
                "`sqrt` at FILE:+2: expected floats, got i32[2]",
                "  help: convert first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "searchsorted in a matrix",
            Tensor::zeros::<f64>([2, 3]).searchsorted(&Tensor::from(1.0)),
            &["`searchsorted` at FILE:+2: expected a sorted vector of numbers, got f64[2,3]"]
        ),
        case!(
            "searchsorted, another dtype",
            Tensor::from([1.0, 2.0]).searchsorted_right(&Tensor::from([1, 2])),
            &[
                "`searchsorted` at FILE:+2: expected values of f64, got i32[2]",
                "  help: convert them with `.to(DType::F64)`"
            ]
        ),
        case!(
            "batch_norm of one example",
            Tensor::zeros::<f64>([3]).batch_norm(None, None, 0.1),
            &[
                "`batch_norm` at FILE:+2: expected `[batch, channels, …]`, got f64[3]",
                "  help: `unsqueeze(0)` makes a batch of one example"
            ]
        ),
        case!(
            "batch_norm, a weight for each example",
            Tensor::zeros::<f64>([2, 3]).batch_norm(Some(&Tensor::from([1.0, 1.0])), None, 0.1),
            &["`batch_norm` at FILE:+2: expected a weight or bias f64[3], got f64[2]"]
        ),
        case!(
            "group_norm, groups of no size",
            Tensor::zeros::<f64>([2, 4]).group_norm(3, None, None, 0.1),
            &["`group_norm` at FILE:+2: expected groups that divide 4 channels, got 3"]
        ),
        case!(
            "cross_entropy, one-hot of integers",
            Tensor::zeros::<f64>([2, 3]).cross_entropy(&Tensor::zeros::<i64>([2, 3]), Reduction::Mean),
            &[
                "`cross_entropy` at FILE:+2: expected class indices i64[2] or probabilities f64[2,3], got i64[2,3] for f64[2,3]",
                "  help: the classes are along the last axis: `permute` brings another there"
            ]
        ),
        case!(
            "cross_entropy, another dtype",
            Tensor::zeros::<f32>([2, 3]).cross_entropy(&Tensor::zeros::<f64>([2, 3]), Reduction::Mean),
            &[
                "`cross_entropy` at FILE:+2: expected class indices i64[2] or probabilities f32[2,3], got f64[2,3] for f32[2,3]",
                "  help: the classes are along the last axis: `permute` brings another there"
            ]
        ),
        case!(
            "cross_entropy, no classes",
            Tensor::from(1.0).cross_entropy(&Tensor::from(0_i64), Reduction::Mean),
            &[
                "`cross_entropy` at FILE:+2: expected floats with an axis of classes, the last, got i64[] for f64[]",
                "  help: the classes are along the last axis: `permute` brings another there"
            ]
        ),
        case!(
            "cross_entropy, no such class",
            Tensor::zeros::<f64>([2, 3]).cross_entropy(&Tensor::from([0_i64, 3]), Reduction::Mean),
            &[
                "`gather` at FILE:+2: expected indices from -3 to 2, got 3",
                "  help: the axis has length 3; −1 is the last entry"
            ]
        ),
        case!(
            "label smoothing",
            Tensor::from([1.0]).cross_entropy_smoothed(&Tensor::from(0_i64), 1.5, Reduction::Mean),
            &["`cross_entropy` at FILE:+2: expected a label smoothing from 0 to 1, got 1.5"]
        ),
        case!(
            "nll_loss of integers",
            Tensor::zeros::<i64>([2, 3]).nll_loss(&Tensor::from([0_i64, 1]), Reduction::Sum),
            &[
                "`nll_loss` at FILE:+2: expected floats with an axis of classes, the last, got i64[2] for i64[2,3]",
                "  help: the classes are along the last axis: `permute` brings another there"
            ]
        ),
        case!(
            "mse_loss of integers",
            Tensor::from([1, 2]).mse_loss(&Tensor::from([1, 3]), Reduction::Sum),
            &[
                "`mse_loss` at FILE:+2: expected predictions that are floats, got i32[2]",
                "  help: convert first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "mse_loss, shapes",
            Tensor::from([1.0, 2.0]).mse_loss(&Tensor::from([1.0, 3.0, 4.0]), Reduction::Sum),
            &[
                "`mse_loss` at FILE:+2: expected shapes that broadcast together, got f64[2] and f64[3]",
                "  help: axes are matched from the last; each pair must be equal, or one of them 1 or missing: `reshape`, `unsqueeze`"
            ]
        ),
        case!(
            "huber_loss",
            Tensor::from([1.0]).huber_loss(&Tensor::from([1.0]), 0.0, Reduction::Sum),
            &["`huber_loss` at FILE:+2: expected a positive delta, got 0"]
        ),
        case!(
            "glu",
            Tensor::zeros::<f64>([2, 3]).glu(-1),
            &["`glu` at FILE:+2: expected an even length of axis 1, got f64[2,3]"]
        ),
        case!(
            "normalize",
            Tensor::from([1.0]).normalize(0.5, 0),
            &[
                "`normalize` at FILE:+2: expected a p of at least 1, got 0.5",
                "  help: 2 is the Euclidean norm, 1 the sum, `f64::INFINITY` the largest"
            ]
        ),
        case!(
            "clip_by_norm",
            Tensor::from([1.0]).clip_by_norm(-1.0),
            &["`clip_by_norm` at FILE:+2: expected a norm of at least 0, got -1"]
        ),
        case!(
            "dropout",
            Tensor::from([1.0]).dropout(&Key::new(0), 1.5),
            &["`dropout` at FILE:+2: expected a rate from 0 to 1, got 1.5"]
        ),
        case!(
            "clamp",
            Tensor::from([1, 2]).clamp(0.5, 3),
            &[
                "`clamp` at FILE:+2: expected a number that fits i32, got 0.5 with i32[2]",
                "  help: a Rust number takes the tensor's dtype: convert the tensor first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "cross",
            Tensor::zeros::<f64>([2, 4]).cross(&Tensor::zeros::<f64>([4]), -1),
            &["`cross` at FILE:+2: expected an axis 1 of length 3, got f64[2,4] and f64[4]"]
        ),
        case!(
            "trapezoid_at",
            Tensor::zeros::<f64>([2, 4]).trapezoid_at(&Tensor::zeros::<f64>([3]), -1),
            &["`trapezoid` at FILE:+2: expected points of shape [4] or [2,4], got f64[3]"]
        ),
        case!(
            "diff",
            Tensor::zeros::<f64>([2, 4]).diff(1, 2),
            &["`diff` at FILE:+2: expected an axis of f64[2,4], got 2"]
        ),
        case!(
            "floor_divide",
            Tensor::from([1, 2]).floor_divide(0),
            &[
                "`rem` at FILE:+2: expected integer divisors other than 0, got a 0 in i32[2]",
                "  help: floats give ±inf or NaN there (`.to(DType::F64)`), or put another divisor with `select`"
            ]
        ),
    ]);
}

/// Random numbers that cannot be drawn.
#[test]
fn random_numbers() {
    check(&[
        case!(
            "rand in a trace",
            grad(|x: &Tensor| x * Tensor::rand::<f64>([]))(&Tensor::from(1.0)),
            &[
                "`random numbers` at FILE:+2: expected a `Key`, as a function is being traced, got this thread's generator, whose numbers would become constants of the program",
                "  help: pass a key to the function: `|(x, key): &(Tensor, Key)| x + key.normal::<f64>([3])`"
            ]
        ),
        case!(
            "randn in a program",
            trace_program(&[], |_| vec![Tensor::randn::<f64>([2])]),
            &[
                "`random numbers` at FILE:+2: expected a `Key`, as a function is being traced, got this thread's generator, whose numbers would become constants of the program",
                "  help: pass a key to the function: `|(x, key): &(Tensor, Key)| x + key.normal::<f64>([3])`"
            ]
        ),
        case!(
            "uniform_range, empty",
            Key::new(0).uniform_range::<f64>([2], 1.0..1.0),
            &["`uniform_range` at FILE:+2: expected a finite range with a number in it, got 1.0..1.0"]
        ),
        case!(
            "uniform_range of integers",
            Key::new(0).uniform_range::<i64>([2], 1.0..4.0),
            &[
                "`uniform` at FILE:+2: expected a float dtype, got i64",
                "  help: `randint(shape, range)` gives integers"
            ]
        ),
        case!(
            "randint, empty",
            Key::new(0).randint([2], 5..5),
            &["`random_int` at FILE:+2: expected a range with a number in it, got 5..5"]
        ),
        case!(
            "truncated_normal, reversed",
            Key::new(0).truncated_normal::<f64>([2], 1.0..-1.0),
            &["`random_truncated_normal` at FILE:+2: expected a range with a number in it, got 1.0..-1.0"]
        ),
        case!(
            "exponential of integers",
            Key::new(0).exponential::<i32>([2]),
            &["`exponential` at FILE:+2: expected a float dtype, got i32"]
        ),
        case!(
            "categorical of integers",
            Key::new(0).categorical(&Tensor::from([1, 2]), 0),
            &["`categorical` at FILE:+2: expected floats, with at least one class, got i32[2]"]
        ),
        case!(
            "gamma of integers",
            Key::new(0).gamma(&Tensor::from([1, 2])),
            &["`random_gamma` at FILE:+2: expected floats of shape […], got i32[2]"]
        ),
        case!(
            "gamma, the fifth derivative",
            {
                let f = |x: &Tensor| Key::new(0).gamma(x);
                grad(grad(grad(grad(grad(f)))))(&Tensor::from(2.0))
            },
            &[
                "`gamma_slope` at FILE:+3: expected a derivative of at most order 4, got order 5",
                "  help: a gamma-distributed number can be differentiated four times in its shape parameter"
            ]
        ),
        case!(
            "dirichlet of a number",
            Key::new(0).dirichlet(&Tensor::from(1.0)),
            &["`dirichlet` at FILE:+2: expected a vector of concentrations, got f64[]"]
        ),
        case!(
            "bernoulli, shapes",
            Key::new(0).bernoulli([3], &Tensor::from([0.5, 0.1])),
            &[
                "`broadcast` at FILE:+2: expected a shape that can be repeated to [3], got f64[2]",
                "  help: axes are matched from the last; each must be equal, or 1 in the operand, or missing there"
            ]
        ),
        case!(
            "fold_in of a float",
            Key::new(0).fold_in(1.5),
            &["`fold_in` at FILE:+2: expected an integer, got f64[]"]
        ),
    ]);
}
