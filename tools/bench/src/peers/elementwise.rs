//! The functions of one, two or three numbers, entry by entry.

use super::{Run, one};
use cotangent::core::{DType, Tensor};

type Unary = fn(&Tensor) -> Tensor;
type Binary = fn(&Tensor, &Tensor) -> Tensor;

const UNARY: [(&str, Unary); 41] = [
    ("neg", |x| -x),
    ("abs", Tensor::abs),
    ("sign", Tensor::sign),
    ("floor", Tensor::floor),
    ("ceil", Tensor::ceil),
    ("round", Tensor::round),
    ("trunc", Tensor::trunc),
    ("square", Tensor::square),
    ("sqrt", Tensor::sqrt),
    ("recip", Tensor::recip),
    ("rsqrt", Tensor::rsqrt),
    ("exp", Tensor::exp),
    ("exp2", Tensor::exp2),
    ("expm1", Tensor::expm1),
    ("ln", Tensor::ln),
    ("ln_1p", Tensor::ln_1p),
    ("log2", Tensor::log2),
    ("log10", Tensor::log10),
    ("sin", Tensor::sin),
    ("cos", Tensor::cos),
    ("tan", Tensor::tan),
    ("asin", Tensor::asin),
    ("acos", Tensor::acos),
    ("atan", Tensor::atan),
    ("sinh", Tensor::sinh),
    ("cosh", Tensor::cosh),
    ("tanh", Tensor::tanh),
    ("asinh", Tensor::asinh),
    ("acosh", Tensor::acosh),
    ("atanh", Tensor::atanh),
    ("relu", Tensor::relu),
    ("sigmoid", Tensor::sigmoid),
    ("softplus", Tensor::softplus),
    ("silu", Tensor::silu),
    ("gelu", Tensor::gelu),
    ("erf", Tensor::erf),
    ("erfc", Tensor::erfc),
    ("lgamma", Tensor::lgamma),
    ("digamma", Tensor::digamma),
    ("powi 3", |x| x.powi(3)),
    ("convert", |x| x.to(if x.dtype() == DType::F32 { DType::F64 } else { DType::F32 })),
];

const BINARY: [(&str, Binary); 12] = [
    ("add", |a, b| a + b),
    ("sub", |a, b| a - b),
    ("mul", |a, b| a * b),
    ("div", |a, b| a / b),
    ("fmod", |a, b| a % b),
    ("maximum", Tensor::maximum),
    ("minimum", Tensor::minimum),
    ("pow", Tensor::pow),
    ("atan2", Tensor::atan2),
    ("hypot", Tensor::hypot),
    ("greater", |a, b| a.greater(b)),
    ("equal", |a, b| a.equal(b)),
];

pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Run> {
    match name {
        "add a number" => return one(|x| &x[0] + 0.5, inputs),
        "mul a number" => return one(|x| &x[0] * 1.5, inputs),
        "add a row" | "add a column" => return one(|x| &x[0] + &x[1], inputs),
        "select" => return one(|x| x[0].select(&x[1], &x[2]), inputs),
        "clamp" => return one(|x| x[0].clamp(-0.5, 0.5), inputs),
        _ => {}
    }
    if let Some((_, f)) = UNARY.iter().find(|(own, _)| *own == name) {
        return one(|x| f(&x[0]), inputs);
    }
    let (_, f) = BINARY.iter().find(|(own, _)| *own == name)?;
    one(|x| f(&x[0], &x[1]), inputs)
}
