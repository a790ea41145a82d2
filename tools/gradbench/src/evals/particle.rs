//! A charged particle falls between two fixed charges; where the height of one of them must be, so that it lands as near to the origin as it can.
//!
//! The force is the slope of a potential, an inner derivative; the search goes down the slope of the landing place, an outer one. Each may be
//! forward or reverse: `fr` is forward mode outside, reverse mode inside.

use crate::eval::{Eval, Prepared, Tool, Workload, direct};
use cotangent::number::{gradient, value_and_derivative, value_and_gradient};
use cotangent::prelude::*;
use serde::Deserialize;
use serde_json::json;

/// The module.
pub struct Particle;

/// A place or a velocity in the plane.
type Plane<R> = [R; 2];

const STEP: f64 = 0.1;
/// A particle that has not come down by then never will.
const MOST_STEPS: usize = 10_000;

fn charges<R: Real>(w: &R) -> [Plane<R>; 2] {
    [[w.lift(10.0), -w.clone() + 10.0], [w.lift(10.0), w.lift(0.0)]]
}

#[inline(always)]
fn potential<R: Real>(place: &Plane<R>, [a, b]: &[Plane<R>; 2]) -> R {
    inverse_distance(place, a) + inverse_distance(place, b)
}

#[inline(always)]
fn inverse_distance<R: Real>(a: &Plane<R>, b: &Plane<R>) -> R {
    let (x, y) = (a[0].clone() - &b[0], a[1].clone() - &b[1]);
    (x.square() + y.square()).sqrt().recip()
}

/// The charges as another kind of numbers, constants there.
fn constants<R, S>([[ax, ay], [bx, by]]: &[Plane<R>; 2], constant: impl Fn(&R) -> S) -> [Plane<S>; 2] {
    [[constant(ax), constant(ay)], [constant(bx), constant(by)]]
}

/// How derivatives are taken: both of them, the inner and the outer.
trait Mode {
    /// The potential's slope at a place.
    fn slope<R: Scalar>(place: &Plane<R>, charges: &[Plane<R>; 2]) -> Plane<R>;
    /// The value and the derivative of [`landing`].
    fn landing<Inner: Mode>(w: f64) -> (f64, f64);
}

struct Forward;

impl Mode for Forward {
    /// In both directions at once.
    #[inline]
    fn slope<R: Scalar>([x, y]: &Plane<R>, charges: &[Plane<R>; 2]) -> Plane<R> {
        let (zero, one) = (x.zero(), x.one());
        let place = [Dual::new(x.clone(), [one.clone(), zero.clone()]), Dual::new(y.clone(), [zero, one])];
        potential(&place, &constants(charges, |c| Dual::constant(c.clone()))).tangent().clone()
    }
    fn landing<Inner: Mode>(w: f64) -> (f64, f64) {
        value_and_derivative(|w| landing::<_, Inner>(w), w)
    }
}

struct Reverse;

impl Mode for Reverse {
    fn slope<R: Scalar>(place: &Plane<R>, charges: &[Plane<R>; 2]) -> Plane<R> {
        let slope = gradient(
            |place| {
                let charges = constants(charges, |c| place[0].constant(c.clone()));
                potential(&[place[0].clone(), place[1].clone()], &charges)
            },
            place,
        );
        [slope[0].clone(), slope[1].clone()]
    }
    fn landing<Inner: Mode>(w: f64) -> (f64, f64) {
        let (value, gradient) = value_and_gradient(|w| landing::<_, Inner>(&w[0]), &[w]);
        (value, gradient[0])
    }
}

/// The square of where the particle lands, if the first charge hangs `w` below its height; NaN if it does not land.
fn landing<R: Scalar, Inner: Mode>(w: &R) -> R {
    let charges = charges(w);
    let mut place = [w.lift(0.0), w.lift(8.0)];
    let mut velocity = [w.lift(0.75), w.lift(0.0)];
    for _ in 0..MOST_STEPS {
        let slope = Inner::slope(&place, &charges);
        for (x, v) in place.iter_mut().zip(&velocity) {
            *x = x.clone() + v.clone() * STEP;
        }
        let [x, y] = &place;
        if *y <= 0.0 {
            let beyond = y.clone() / &velocity[1];
            return (x.clone() - beyond * &velocity[0]).square();
        }
        for (v, slope) in velocity.iter_mut().zip(slope) {
            *v = v.clone() - slope * STEP;
        }
    }
    w.lift(f64::NAN)
}

/// Down the slope of `f`, which gives a value and a derivative, with steps that grow while it goes well and shrink when it does not, until they
/// or the slope are tiny.
fn descend(f: impl Fn(f64) -> (f64, f64), mut w: f64) -> f64 {
    const TINY: f64 = 1e-5;
    let (mut value, mut slope) = f(w);
    let (mut rate, mut successes) = (1e-5, 0);
    while slope.abs() > TINY && slope.is_finite() {
        if successes == 10 {
            (rate, successes) = (2.0 * rate, 0);
        }
        let next = w - rate * slope;
        if (w - next).abs() <= TINY {
            return w;
        }
        let there = f(next);
        if there.0 < value {
            (w, (value, slope)) = (next, there);
            successes += 1;
        } else {
            (rate, successes) = (0.5 * rate, 0);
        }
    }
    // Where these are no numbers there is no answer.
    w + 0.0 * value + 0.0 * slope
}

/// What forward over forward mode computes, written out: by hand, for these functions alone.
mod by_hand {
    use super::{MOST_STEPS, STEP};
    use std::ops::{Add, Div, Mul, Neg, Sub};

    /// A number and its derivative by `w`.
    #[derive(Clone, Copy)]
    struct Pair(f64, f64);

    impl Add for Pair {
        type Output = Pair;
        fn add(self, other: Pair) -> Pair {
            Pair(self.0 + other.0, self.1 + other.1)
        }
    }

    impl Sub for Pair {
        type Output = Pair;
        fn sub(self, other: Pair) -> Pair {
            Pair(self.0 - other.0, self.1 - other.1)
        }
    }

    impl Mul for Pair {
        type Output = Pair;
        fn mul(self, other: Pair) -> Pair {
            Pair(self.0 * other.0, self.0 * other.1 + self.1 * other.0)
        }
    }

    impl Mul<f64> for Pair {
        type Output = Pair;
        fn mul(self, factor: f64) -> Pair {
            Pair(self.0 * factor, self.1 * factor)
        }
    }

    impl Div for Pair {
        type Output = Pair;
        fn div(self, other: Pair) -> Pair {
            let quotient = self.0 / other.0;
            Pair(quotient, (self.1 - quotient * other.1) / other.0)
        }
    }

    impl Neg for Pair {
        type Output = Pair;
        fn neg(self) -> Pair {
            Pair(-self.0, -self.1)
        }
    }

    impl Pair {
        fn sqrt(self) -> Pair {
            let root = self.0.sqrt();
            Pair(root, 0.5 * self.1 / root)
        }
    }

    /// [`landing`](super::landing) and its derivative.
    pub fn landing(w: f64) -> (f64, f64) {
        let charges = [[Pair(10.0, 0.0), Pair(10.0 - w, -1.0)], [Pair(10.0, 0.0), Pair(0.0, 0.0)]];
        let mut place = [Pair(0.0, 0.0), Pair(8.0, 0.0)];
        let mut velocity = [Pair(0.75, 0.0), Pair(0.0, 0.0)];
        for _ in 0..MOST_STEPS {
            let mut slope = [Pair(0.0, 0.0); 2];
            for charge in &charges {
                let (x, y) = (place[0] - charge[0], place[1] - charge[1]);
                let distance = (x * x + y * y).sqrt();
                // Of 1/distance: −1/distance² times the distance's derivative, which is half its square's over it.
                let inverse = Pair(1.0, 0.0) / distance;
                let outer = -(inverse * inverse) * inverse;
                slope = [slope[0] + outer * x, slope[1] + outer * y];
            }
            place = [place[0] + velocity[0] * STEP, place[1] + velocity[1] * STEP];
            if place[1].0 <= 0.0 {
                let x = place[0] - place[1] / velocity[1] * velocity[0];
                let square = x * x;
                return (square.0, square.1);
            }
            velocity = [velocity[0] - slope[0] * STEP, velocity[1] - slope[1] * STEP];
        }
        (f64::NAN, f64::NAN)
    }
}

/// The input.
#[derive(Deserialize)]
pub struct Input {
    w: f64,
}

impl Eval for Particle {
    const NAME: &'static str = "particle";
    const FUNCTIONS: &'static [&'static str] = &["rr", "ff", "fr", "rf"];
    type Input = Input;
    type Constants = ();
    /// Where the search begins.
    type Point = f64;

    fn split(Input { w }: Input) -> Result<((), f64), String> {
        Ok(((), w))
    }

    fn prepare(tool: Tool, function: &str, (): ()) -> Option<Prepared<f64>> {
        let f = match (tool, function) {
            (Tool::Cotangent, "rr") => Reverse::landing::<Reverse>,
            (Tool::Cotangent, "ff") => Forward::landing::<Forward>,
            (Tool::Cotangent, "fr") => Forward::landing::<Reverse>,
            (Tool::Cotangent, "rf") => Reverse::landing::<Forward>,
            (Tool::Plain, "ff") => by_hand::landing,
            _ => return None,
        };
        Some(direct(move |&w: &f64| descend(f, w)))
    }

    fn workloads() -> Vec<Workload> {
        vec![Workload { description: "w=0".into(), input: json!({ "w": 0.0 }) }]
    }
}
