//! The functions under test, each in every form it can be called in, and points to test them at.

use cotangent::number::Real;
use cotangent::number::function::{BinaryOp, Domain, UnaryOp};

/// Something that every engine can run.
pub trait Program {
    /// The value at these arguments.
    fn call<R: Real>(&self, x: &[R]) -> R;
}

/// A function of the registry in one of its forms.
#[derive(Clone, Copy, Debug)]
pub enum Case {
    Unary(UnaryOp),
    Binary(BinaryOp),
    /// The second operand is a literal.
    Right(BinaryOp, f64),
    /// The first operand is a literal.
    Left(f64, BinaryOp),
}

impl Program for Case {
    fn call<R: Real>(&self, x: &[R]) -> R {
        match *self {
            Case::Unary(op) => op.apply(&x[0]),
            Case::Binary(op) => op.apply(&x[0], &x[1]),
            Case::Right(op, b) => op.apply_right(&x[0], b),
            Case::Left(a, op) => op.apply_left(a, &x[0]),
        }
    }
}

impl Case {
    /// Every function of the registry, with all of its operands variable.
    pub fn all() -> Vec<Case> {
        let unary = UnaryOp::all().into_iter().map(Case::Unary);
        unary.chain(BinaryOp::all().into_iter().map(Case::Binary)).collect()
    }

    /// The name and, for `powi` and `polygamma`, the parameter.
    pub fn name(&self) -> String {
        match *self {
            Case::Unary(op) => match op.parameter() {
                Some(n) => format!("{}({n})", op.name()),
                None => op.name().to_string(),
            },
            Case::Binary(op) => op.name().to_string(),
            Case::Right(op, b) => format!("{}(a, {b})", op.name()),
            Case::Left(a, op) => format!("{}({a}, b)", op.name()),
        }
    }

    /// How many arguments it takes.
    pub fn arity(&self) -> usize {
        if matches!(self, Case::Binary(_)) { 2 } else { 1 }
    }

    fn domains(&self) -> Vec<Domain> {
        match *self {
            Case::Unary(op) => vec![op.domain()],
            Case::Binary(op) => op.domain().to_vec(),
            Case::Right(op, _) => vec![op.domain()[0]],
            Case::Left(_, op) => vec![op.domain()[1]],
        }
    }

    /// How far (x, or a and b) may move in any direction before it meets a kink or a jump.
    pub fn clearance(&self, x: &[f64]) -> f64 {
        match *self {
            Case::Unary(op) => {
                op.domain().kinks.iter().map(|kink| (x[0] - kink.at).abs()).fold(f64::INFINITY, f64::min)
            }
            Case::Binary(BinaryOp::Rem(_)) => {
                let (a, b) = (x[0], x[1]);
                // The jumps are the lines a = n b with n ≠ 0.
                let jumps = (-20..=20).filter(|&n| n != 0).map(f64::from);
                jumps.map(|n| (a - n * b).abs() / (1.0 + n.abs())).fold(f64::INFINITY, f64::min)
            }
            Case::Binary(
                BinaryOp::Max(_)
                | BinaryOp::Min(_)
                | BinaryOp::Greater(_)
                | BinaryOp::Less(_)
                | BinaryOp::Equal(_),
            ) => (x[0] - x[1]).abs() / 2.0,
            Case::Binary(BinaryOp::Hypot(_)) => x[0].hypot(x[1]) / 2.0,
            _ => f64::INFINITY,
        }
    }

    /// A random point of the domain that is clear of the kinks.
    pub fn point(&self, draw: &mut Draw) -> Vec<f64> {
        loop {
            let x: Vec<f64> = self.domains().iter().map(|d| draw.between(d.low, d.high)).collect();
            if self.clearance(&x) > 0.01 {
                return x;
            }
        }
    }
}

/// Seeded random numbers (SplitMix64), the same in every run.
pub struct Draw(pub u64);

impl Draw {
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        low + (high - low) * ((z >> 11) as f64 / (1_u64 << 53) as f64)
    }

    /// A number of either sign whose size is neither 0 nor 1, so that a forgotten or repeated factor shows.
    pub fn factor(&mut self) -> f64 {
        let size = self.between(1.2, 1.9);
        if self.between(-1.0, 1.0) < 0.0 { -size } else { size }
    }
}
