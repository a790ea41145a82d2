//! Each engine's claims about a function at a point.

use crate::case::{Draw, Program};
use crate::jet::{Claim, Direction, Jet};
use cotangent::number::{Dual, Real, Tape, Var, derivative, taylor};

/// The directions of the two axes.
pub const AXES: [Direction; 2] = [[1.0, 0.0], [0.0, 1.0]];

type D1 = Dual<'static, f64, 2>;
type D2 = Dual<'static, D1, 2>;
type D3 = Dual<'static, D2, 2>;

/// For each of three levels of nesting, two lanes.
type Lanes = [[Direction; 2]; 3];

fn nested(x: f64, t: [[f64; 2]; 3]) -> D3 {
    let two = nested_twice(x, [t[0], t[1]]);
    Dual::new(two, t[2].map(|t| Dual::constant(Dual::constant(t))))
}

fn nested_twice(x: f64, t: [[f64; 2]; 2]) -> D2 {
    Dual::new(Dual::new(x, t[0]), t[1].map(Dual::constant))
}

fn directions(draw: &mut Draw) -> [Direction; 2] {
    std::array::from_fn(|_| [draw.factor(), draw.factor()])
}

/// Every derivative by a nest of three duals along the axes, in every order of differentiation: the jet that all engines
/// are then held against, and the claims that its mixed partials are symmetric.
pub fn jet(f: &impl Program, x: &[f64]) -> (Jet, Vec<Claim>) {
    let claims = dual_nest(f, x, [AXES; 3]);
    let mut jet = Jet { d: [[0.0; 4]; 4] };
    for claim in &claims {
        let directions = &claim.terms[0].1;
        let in_b = directions.iter().filter(|v| **v == AXES[1]).count();
        jet.d[directions.len() - in_b][in_b] = claim.got;
    }
    (jet, claims)
}

fn dual_nest(f: &impl Program, x: &[f64], v: Lanes) -> Vec<Claim> {
    let seed = |(i, x): (usize, &f64)| nested(*x, v.map(|level| level.map(|lane| lane[i])));
    let y = f.call(&x.iter().enumerate().map(seed).collect::<Vec<D3>>());
    let mut claims = Vec::new();
    let mut claim = |got: &f64, directions: &[Direction]| {
        claims.push(Claim::new("Dual<Dual<Dual>>", *got, directions));
    };
    claim(&y.value().value().value(), &[]);
    for i in 0..2 {
        claim(&y.value().value().tangent()[i], &[v[0][i]]);
        claim(&y.value().tangent()[i].value(), &[v[1][i]]);
        claim(&y.tangent()[i].value().value(), &[v[2][i]]);
        for j in 0..2 {
            claim(&y.value().tangent()[j].tangent()[i], &[v[0][i], v[1][j]]);
            claim(&y.tangent()[j].value().tangent()[i], &[v[0][i], v[2][j]]);
            claim(&y.tangent()[j].tangent()[i].value(), &[v[1][i], v[2][j]]);
            for k in 0..2 {
                claim(&y.tangent()[k].tangent()[j].tangent()[i], &[v[0][i], v[1][j], v[2][k]]);
            }
        }
    }
    claims
}

/// A nest of duals with other random tangents in each lane of each level, and one dual with five lanes.
pub fn dual(f: &impl Program, x: &[f64], draw: &mut Draw) -> Vec<Claim> {
    let mut claims = dual_nest(f, x, std::array::from_fn(|_| directions(draw)));
    let lanes: [Direction; 5] = std::array::from_fn(|_| [draw.factor(), draw.factor()]);
    let seed = |(i, x): (usize, &f64)| Dual::new(*x, lanes.map(|lane| lane[i]));
    let y = f.call(&x.iter().enumerate().map(seed).collect::<Vec<_>>());
    claims.push(Claim::new("Dual", y.value(), &[]));
    claims.extend(lanes.iter().zip(y.tangent()).map(|(v, t)| Claim::new("Dual", *t, &[*v])));
    claims
}

/// One tape: `backward_with` a random cotangent, accumulation, a value used twice, and both sweeps of the recording.
pub fn tape(f: &impl Program, x: &[f64], draw: &mut Draw) -> Vec<Claim> {
    let tape = Tape::new();
    let x: Vec<Var> = x.iter().map(|x| tape.var(*x)).collect();
    let y = f.call(&x);
    let mut claims = vec![Claim::new("Var", y.value(), &[])];
    let axis = |engine, i: usize, got: f64, factor: f64| Claim::new(engine, got, &[AXES[i]]).times(factor);

    // y is the parent of its neighbour and of a later node, and is not the last node when its own sweep begins.
    let shared = y * y.lift(-3.0) + y;
    let ct = draw.factor();
    y.backward_with(ct);
    claims.extend(x.iter().enumerate().map(|(i, x)| axis("Var", i, x.grad(), ct)));
    let again = draw.factor();
    shared.backward_with(again);
    let both = ct - 2.0 * again;
    claims.extend(x.iter().enumerate().map(|(i, x)| axis("Var, backward twice", i, x.grad(), both)));
    y.backward_with(ct);
    let thrice = both + ct;
    claims.extend(x.iter().enumerate().map(|(i, x)| axis("Var, again and twice", i, x.grad(), thrice)));
    if y.index().is_some() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-14;
        assert!(close(y.grad(), thrice) && close(shared.grad(), again), "gradients between: {y} {shared}");
    }

    // An input or an output that is named twice counts twice.
    let pulled = tape.vjp(&[y, shared, y], &[ct, again, ct], &x);
    claims.extend(pulled.iter().enumerate().map(|(i, g)| axis("vjp", i, *g, thrice)));
    let v = [draw.factor(), draw.factor()];
    let doubled: Vec<Var> = x.iter().chain(&x).copied().collect();
    let tangents = [&v[..x.len()], &v[..x.len()]].concat();
    let pushed = tape.jvp(&doubled, &tangents, &[y, shared]);
    claims.push(Claim::new("jvp", pushed[0], &[v]).times(2.0));
    claims.push(Claim::new("jvp, used twice", pushed[1], &[v]).times(-4.0));
    claims
}

/// What users call on functions of one number.
pub fn closures(f: &impl Program, x: &[f64]) -> Vec<Claim> {
    let &[x] = x else { return Vec::new() };
    let series = taylor::<f64, 3>(|x| f.call(std::slice::from_ref(x)), x);
    let mut claims =
        vec![Claim::new("derivative", derivative(|x| f.call(std::slice::from_ref(x)), x), &[AXES[0]])];
    claims.extend((0..=3).map(|k| Claim::new("taylor", series.derivative(k), &vec![AXES[0]; k])));
    claims
}

/// Forward over reverse: a tape of nested duals.
pub fn tape_of_duals(f: &impl Program, x: &[f64], draw: &mut Draw) -> Vec<Claim> {
    let name = "Var<Dual<Dual>>";
    let v: [[Direction; 2]; 2] = std::array::from_fn(|_| directions(draw));
    let tape = Tape::<D2>::default();
    let seed = |(i, x): (usize, &f64)| tape.var(nested_twice(*x, v.map(|level| level.map(|lane| lane[i]))));
    let x: Vec<Var<'_, D2>> = x.iter().enumerate().map(seed).collect();
    let y = f.call(&x);
    let ct = draw.factor();
    y.backward_with(y.value().lift(ct));
    let mut claims = vec![Claim::new(name, y.value().value().value(), &[])];
    for (axis, x) in AXES.into_iter().zip(&x) {
        let g = x.grad();
        let mut claim = |got: &f64, directions: &[Direction]| {
            claims.push(Claim::new(name, *got, directions).times(ct));
        };
        claim(&g.value().value(), &[axis]);
        for i in 0..2 {
            claim(&g.value().tangent()[i], &[axis, v[0][i]]);
            claim(&g.tangent()[i].value(), &[axis, v[1][i]]);
            for j in 0..2 {
                claim(&g.tangent()[j].tangent()[i], &[axis, v[0][i], v[1][j]]);
            }
        }
    }
    claims
}

/// Reverse over forward: duals whose numbers are on a tape.
pub fn dual_of_vars(f: &impl Program, x: &[f64], draw: &mut Draw) -> Vec<Claim> {
    let v = [draw.factor(), draw.factor()];
    let tape = Tape::new();
    let x: Vec<Var> = x.iter().map(|x| tape.var(*x)).collect();
    let seeded: Vec<_> = x.iter().zip(v).map(|(x, v)| Dual::new(*x, [x.lift(v)])).collect();
    let y = f.call(&seeded);
    let ct = draw.factor();
    y.derivative().backward_with(ct);
    let mut claims = vec![Claim::new("Dual<Var>", y.derivative().value(), &[v])];
    let second = |(axis, x): (&Direction, &Var)| Claim::new("Dual<Var>", x.grad(), &[*axis, v]).times(ct);
    claims.extend(AXES.iter().zip(&x).map(second));
    claims
}

/// Reverse over reverse over reverse: a tape of a tape of a tape, with another random cotangent at each level.
pub fn tape_of_tapes(f: &impl Program, x: &[f64], draw: &mut Draw) -> Vec<Claim> {
    let name = "Var<Var<Var>>";
    let ct = [draw.factor(), draw.factor(), draw.factor()];
    let inner = Tape::new();
    let middle = Tape::default();
    let outer = Tape::default();
    let x1: Vec<Var> = x.iter().map(|x| inner.var(*x)).collect();
    let x2: Vec<Var<'_, Var>> = x1.iter().map(|x| middle.var(*x)).collect();
    let x3: Vec<Var<'_, Var<'_, Var>>> = x2.iter().map(|x| outer.var(*x)).collect();
    let y = f.call(&x3);
    let mut claims = vec![Claim::new(name, y.value().value().value(), &[])];
    let first = outer.vjp(&[y], &[x2[0].lift(ct[0])], &x3);
    for (g, i) in first.iter().zip(AXES) {
        claims.push(Claim::new(name, g.value().value(), &[i]).times(ct[0]));
        let second = middle.vjp(&[*g], &[x1[0].lift(ct[1])], &x2);
        for (h, j) in second.iter().zip(AXES) {
            claims.push(Claim::new(name, h.value(), &[i, j]).times(ct[0] * ct[1]));
            let third = inner.vjp(&[*h], &[ct[2]], &x1);
            for (k, axis) in third.iter().zip(AXES) {
                claims.push(Claim::new(name, *k, &[i, j, axis]).times(ct[0] * ct[1] * ct[2]));
            }
        }
    }
    claims
}
