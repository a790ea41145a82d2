//! A network so small that the arithmetic hardly counts: mean((tanh(x·w1 + b1)·w2 + b2 − y)²) of 32 points, 16-32-1,
//! f32, and its gradient in the four parameters.

use crate::objectives::Random;
use crate::table::{Table, digits, time};
use crate::tensor::{DFDX, EAGER, TRANSFORMED};
use crate::timing::{Contest, Times};
use cotangent::api::value_and_grad;
use cotangent::core::{Tensor, Tree};
use dfdx::shapes::{Axis, Rank1, Rank2};
use dfdx::tensor::{AsArray, Cpu, Tensor as Peer, TensorFromVec, Trace};
use dfdx::tensor_ops::{Backward, BroadcastTo, MeanTo, TryMatMul};
use std::hint::black_box;
use std::time::Duration;

pub const BATCH: usize = 32;
pub const INPUTS: usize = 16;
pub const HIDDEN: usize = 32;

/// Row-major.
pub struct Network {
    pub x: Vec<f32>,
    pub y: Vec<f32>,
    pub w1: Vec<f32>,
    pub b1: Vec<f32>,
    pub w2: Vec<f32>,
    pub b2: Vec<f32>,
}

/// The loss and its gradients, each row-major.
#[derive(Default)]
pub struct Outcome {
    pub loss: f32,
    pub gradients: [Vec<f32>; 4],
}

impl Default for Network {
    fn default() -> Self {
        let mut random = Random(5);
        let mut numbers = |n, scale: f64| (0..n).map(|_| random.between(-scale, scale) as f32).collect();
        Network {
            x: numbers(BATCH * INPUTS, 1.0),
            y: numbers(BATCH, 1.0),
            w1: numbers(INPUTS * HIDDEN, 0.4),
            b1: numbers(HIDDEN, 0.1),
            w2: numbers(HIDDEN, 0.3),
            b2: numbers(1, 0.1),
        }
    }
}

impl Network {
    /// Loops over points, one at a time.
    pub fn by_hand(&self) -> Outcome {
        let zeros = |like: &Vec<f32>| vec![0.0; like.len()];
        let mut outcome =
            Outcome { loss: 0.0, gradients: [&self.w1, &self.b1, &self.w2, &self.b2].map(zeros) };
        let [w1, b1, w2, b2] = &mut outcome.gradients;
        for (x, y) in self.x.chunks(INPUTS).zip(&self.y) {
            let mut h = self.b1.clone();
            for (x, row) in x.iter().zip(self.w1.chunks(HIDDEN)) {
                h.iter_mut().zip(row).for_each(|(h, w)| *h += x * w);
            }
            h.iter_mut().for_each(|h| *h = h.tanh());
            let out: f32 = self.b2[0] + h.iter().zip(&self.w2).map(|(h, w)| h * w).sum::<f32>();
            let error = out - y;
            outcome.loss += error * error / BATCH as f32;
            let ct = 2.0 * error / BATCH as f32;
            b2[0] += ct;
            for j in 0..HIDDEN {
                w2[j] += ct * h[j];
                h[j] = ct * self.w2[j] * (1.0 - h[j] * h[j]);
                b1[j] += h[j];
            }
            for (x, row) in x.iter().zip(w1.chunks_mut(HIDDEN)) {
                h.iter().zip(row).for_each(|(h, w)| *w += x * h);
            }
        }
        outcome
    }
}

/// dfdx with shapes known to the compiler, its parameters made once.
pub struct Dfdx {
    x: Peer<Rank2<BATCH, INPUTS>, f32, Cpu>,
    y: Peer<Rank2<BATCH, 1>, f32, Cpu>,
    w1: Peer<Rank2<INPUTS, HIDDEN>, f32, Cpu>,
    b1: Peer<Rank1<HIDDEN>, f32, Cpu>,
    w2: Peer<Rank2<HIDDEN, 1>, f32, Cpu>,
    b2: Peer<Rank1<1>, f32, Cpu>,
}

impl Dfdx {
    pub fn new(network: &Network) -> Self {
        let device = Cpu::default();
        Dfdx {
            x: device.tensor_from_vec(network.x.clone(), Default::default()),
            y: device.tensor_from_vec(network.y.clone(), Default::default()),
            w1: device.tensor_from_vec(network.w1.clone(), Default::default()),
            b1: device.tensor_from_vec(network.b1.clone(), Default::default()),
            w2: device.tensor_from_vec(network.w2.clone(), Default::default()),
            b2: device.tensor_from_vec(network.b2.clone(), Default::default()),
        }
    }

    pub fn run(&self) -> Outcome {
        // Any tape makes dfdx differentiate in every operand, x and y included.
        let h = self.x.leaky_trace().matmul(self.w1.clone());
        let h = (h + self.b1.clone().broadcast::<Rank2<BATCH, HIDDEN>, Axis<0>>()).tanh();
        let out = h.matmul(self.w2.clone()) + self.b2.clone().broadcast::<Rank2<BATCH, 1>, Axis<0>>();
        let loss = (out - self.y.clone()).square().mean();
        let value = loss.array();
        let g = loss.backward();
        let gradients = [
            g.get(&self.w1).as_vec(),
            g.get(&self.b1).as_vec(),
            g.get(&self.w2).as_vec(),
            g.get(&self.b2).as_vec(),
        ];
        Outcome { loss: value, gradients }
    }
}

/// Cotangent's parameters, made once.
#[derive(Tree)]
pub struct Parameters {
    w1: Tensor,
    b1: Tensor,
    w2: Tensor,
    b2: Tensor,
}

/// Cotangent, both ways.
pub struct Cotangent {
    x: Tensor,
    y: Tensor,
    plain: Parameters,
    leaves: Parameters,
}

impl Cotangent {
    pub fn new(network: &Network) -> Self {
        let plain = Parameters {
            w1: Tensor::from_vec(network.w1.clone(), [INPUTS, HIDDEN]),
            b1: Tensor::from_vec(network.b1.clone(), [HIDDEN]),
            w2: Tensor::from_vec(network.w2.clone(), [HIDDEN, 1]),
            b2: Tensor::from_vec(network.b2.clone(), [1]),
        };
        let leaves = plain.map(&mut |x| x.clone().requires_grad());
        let x = Tensor::from_vec(network.x.clone(), [BATCH, INPUTS]);
        Cotangent { x, y: Tensor::from_vec(network.y.clone(), [BATCH, 1]), plain, leaves }
    }

    fn loss(&self, p: &Parameters) -> Tensor {
        let h = (self.x.matmul(&p.w1) + &p.b1).tanh();
        (h.matmul(&p.w2) + &p.b2 - &self.y).square().mean()
    }

    pub fn eager(&self) -> Outcome {
        let loss = self.loss(&self.leaves);
        loss.backward();
        let p = &self.leaves;
        let gradients = [&p.w1, &p.b1, &p.w2, &p.b2].map(|x| {
            let g = x.grad().expect("after backward").to_vec();
            x.zero_grad();
            g
        });
        Outcome { loss: loss.item(), gradients }
    }

    pub fn transformed(&self) -> Outcome {
        let (loss, g) = value_and_grad(|p: &Parameters| self.loss(p))(&self.plain);
        Outcome { loss: loss.item(), gradients: [&g.w1, &g.b1, &g.w2, &g.b2].map(Tensor::to_vec) }
    }
}

pub const HEADER: [&str; 3] =
    ["loss and gradient of a 16-32-1 network, 32 points, f32", "a run", "dfdx's time = 1"];

/// A way to compute it: its name, a run.
type Engine<'a> = (&'static str, Box<dyn FnMut() -> Outcome + 'a>);

/// Nanoseconds a run, by the engine's name.
pub fn network(table: &mut Table, budget: Duration) -> Times {
    let network = Network::default();
    let dfdx = Dfdx::new(&network);
    let ours = Cotangent::new(&network);
    let truth = network.by_hand();
    let mut engines: Vec<Engine> = vec![
        ("by hand", Box::new(|| black_box(&network).by_hand())),
        (EAGER, Box::new(|| ours.eager())),
        (TRANSFORMED, Box::new(|| ours.transformed())),
        (DFDX, Box::new(|| dfdx.run())),
    ];
    for (name, run) in &mut engines {
        let outcome = run();
        let pairs = outcome.gradients.iter().flatten().zip(truth.gradients.iter().flatten());
        assert_eq!(outcome.gradients.each_ref().map(Vec::len), truth.gradients.each_ref().map(Vec::len));
        for (x, y) in pairs.chain([(&outcome.loss, &truth.loss)]) {
            assert!((x - y).abs() <= 1e-5, "{name}: {x} for {y}");
        }
    }
    let names: Vec<_> = engines.iter().map(|(name, _)| *name).collect();
    let mut contest = Contest::new();
    for (name, mut run) in engines {
        contest.add(name, move || {
            black_box(run());
        });
    }
    let times = contest.run(budget);
    for name in names {
        table.row(vec![name.into(), time(times.of(name)), digits(times.of(name) / times.of(DFDX))]);
    }
    times
}
