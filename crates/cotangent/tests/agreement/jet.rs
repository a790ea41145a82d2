//! All partial derivatives of a function to third order, and what an engine claims about them.

/// A direction in the space of the arguments. Functions of one argument ignore the second entry.
pub type Direction = [f64; 2];

/// `d[i][j]` is ∂^(i+j) f / ∂aⁱ ∂bʲ for i + j ≤ 3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jet {
    pub d: [[f64; 4]; 4],
}

/// A number that an engine computed, and which derivatives it should be: a sum of factors times directional derivatives.
/// An empty list of directions stands for the value.
pub struct Claim {
    pub engine: &'static str,
    pub got: f64,
    pub terms: Vec<(f64, Vec<Direction>)>,
}

impl Claim {
    pub fn new(engine: &'static str, got: f64, directions: &[Direction]) -> Claim {
        Claim { engine, got, terms: vec![(1.0, directions.to_vec())] }
    }

    /// The claim after the engine was given this cotangent in place of 1.
    pub fn times(mut self, factor: f64) -> Claim {
        self.terms.iter_mut().for_each(|term| term.0 *= factor);
        self
    }

    pub fn order(&self) -> usize {
        self.terms.iter().map(|(_, directions)| directions.len()).max().unwrap_or(0)
    }
}

impl Jet {
    /// The derivative along each of these directions in turn.
    pub fn along(&self, directions: &[Direction]) -> f64 {
        let k = directions.len();
        let term = |bits: usize| {
            let in_b = bits.count_ones() as usize;
            let product: f64 = directions.iter().enumerate().map(|(i, v)| v[bits >> i & 1]).product();
            if product == 0.0 { 0.0 } else { product * self.d[k - in_b][in_b] }
        };
        (0..1_usize << k).map(term).sum()
    }

    /// What a claim should have got.
    pub fn expected(&self, claim: &Claim) -> f64 {
        claim.terms.iter().map(|(factor, directions)| factor * self.along(directions)).sum()
    }

    /// The size that the error of a claim is measured against: its factors and directions times the largest derivative of
    /// any order up to its own, since an engine's terms of different orders cancel.
    pub fn scale(&self, claim: &Claim) -> f64 {
        let term = |(factor, directions): &(f64, Vec<Direction>)| {
            let lengths: f64 = directions.iter().map(|v| v[0].abs() + v[1].abs()).product();
            factor.abs() * lengths * self.largest(directions.len())
        };
        claim.terms.iter().map(term).sum()
    }

    fn largest(&self, order: usize) -> f64 {
        let entries = (0..=order).flat_map(|i| (0..=order - i).map(move |j| (i, j)));
        entries.map(|(i, j)| self.d[i][j].abs()).fold(0.0, f64::max)
    }

    /// The derivatives in the first argument alone, and those in the second.
    pub fn first(&self) -> Jet {
        let mut d = [[0.0; 4]; 4];
        (0..4).for_each(|i| d[i][0] = self.d[i][0]);
        Jet { d }
    }
    pub fn second(&self) -> Jet {
        let mut d = [[0.0; 4]; 4];
        (0..4).for_each(|j| d[j][0] = self.d[0][j]);
        Jet { d }
    }
}
