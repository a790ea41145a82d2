//! A training step of a small GPT: layer norms before attention and before the two dense layers, gelu, AdamW.

use super::Workload;
use super::ways::Way;
use cotangent::core::{Tensor, Tree, zip_map};
use cotangent::op::Reduction;

const HEADS: usize = 4;
/// As little as that of `training.rs`, for the same reasons.
const RATE: f64 = 1e-5;
const DECAY: f64 = 0.01;
const BETAS: [f64; 2] = [0.9, 0.999];

#[derive(Tree, Clone)]
struct Norm {
    weight: Tensor,
    bias: Tensor,
}

#[derive(Tree, Clone)]
struct Dense {
    weights: Tensor,
    bias: Tensor,
}

#[derive(Tree, Clone)]
struct Block {
    before_attention: Norm,
    query_key_value: Dense,
    projection: Dense,
    before_dense: Norm,
    up: Dense,
    down: Dense,
}

#[derive(Tree, Clone)]
struct Gpt {
    tokens: Tensor,
    places: Tensor,
    blocks: Vec<Block>,
    last: Norm,
    head: Tensor,
}

#[derive(Tree, Clone)]
struct State {
    gpt: Gpt,
    mean: Gpt,
    square: Gpt,
    /// How many steps were taken, a float.
    steps: Tensor,
}

impl Norm {
    fn call(&self, x: &Tensor) -> Tensor {
        x.layer_norm(-1, Some(&self.weight), Some(&self.bias), 1e-5)
    }
}

impl Dense {
    fn call(&self, x: &Tensor) -> Tensor {
        x.matmul(&self.weights) + &self.bias
    }
}

impl Block {
    fn call(&self, x: &Tensor) -> Tensor {
        let x = x + self.projection.call(&self.attention(&self.before_attention.call(x)));
        let inner = self.up.call(&self.before_dense.call(&x)).gelu();
        x + self.down.call(&inner)
    }

    /// Of `[batch, length, width]`: each place sees itself and what is before.
    fn attention(&self, x: &Tensor) -> Tensor {
        let [batch, length, width] = [0, 1, 2].map(|axis| x.shape()[axis]);
        let each = width / HEADS;
        let heads = self.query_key_value.call(x).reshape([batch, length, 3, HEADS, each]);
        let heads = heads.permute([2, 0, 3, 1, 4]).unstack(0);
        let [query, key, value] = [0, 1, 2].map(|i| &heads[i]);
        let scores = query.matmul(&key.permute([0, 1, 3, 2])) / (each as f64).sqrt();
        let places = Tensor::arange::<i64>(length);
        let later = places.unsqueeze(0).greater(&places.unsqueeze(1));
        let scores = later.select(&Tensor::from(f32::NEG_INFINITY), &scores);
        scores.softmax(-1).matmul(value).permute([0, 2, 1, 3]).reshape([batch, length, width])
    }
}

impl Gpt {
    /// `tokens` and `next` are `[batch, length]`.
    fn loss(&self, tokens: &Tensor, next: &Tensor) -> Tensor {
        let x = self.tokens.take(tokens, 0) + &self.places;
        let x = self.blocks.iter().fold(x, |x, block| block.call(&x));
        let scores = self.last.call(&x).matmul(&self.head);
        scores.reshape([next.size(), self.head.shape()[1]]).cross_entropy(&next.flatten(), Reduction::Mean)
    }

    /// From the parameters in the order of the fields.
    fn from(tensors: &[Tensor]) -> Option<Gpt> {
        let mut rest = tensors.iter().cloned();
        let mut next = || rest.next();
        let (tokens, places) = (next()?, next()?);
        let blocks = (0..(tensors.len() - 5) / 12).map(|_| {
            Some(Block {
                before_attention: Norm { weight: next()?, bias: next()? },
                query_key_value: Dense { weights: next()?, bias: next()? },
                projection: Dense { weights: next()?, bias: next()? },
                before_dense: Norm { weight: next()?, bias: next()? },
                up: Dense { weights: next()?, bias: next()? },
                down: Dense { weights: next()?, bias: next()? },
            })
        });
        let blocks = blocks.collect::<Option<Vec<Block>>>()?;
        Some(Gpt { tokens, places, blocks, last: Norm { weight: next()?, bias: next()? }, head: next()? })
    }
}

fn step(way: Way, (state, batch): &(State, [Tensor; 2])) -> (State, Tensor) {
    let [tokens, next] = batch;
    let (loss, gradient) = way.value_and_gradient(|gpt: &Gpt| gpt.loss(tokens, next), &state.gpt);
    let steps = &state.steps + 1.0;
    let mean = zip_map(&state.mean, &gradient, |m, g| m * BETAS[0] + g * (1.0 - BETAS[0]));
    let square = zip_map(&state.square, &gradient, |v, g| v * BETAS[1] + g.square() * (1.0 - BETAS[1]));
    // Both start from 0, which these make up for: 1 − βⁿ.
    let [of_mean, of_square] = BETAS.map(|beta| 1.0 - (&steps * beta.ln()).exp());
    let change = zip_map(&mean, &square, |m, v| (m / &of_mean) / ((v / &of_square).sqrt() + 1e-8));
    let gpt = zip_map(&state.gpt, &change, |w, change| w * (1.0 - RATE * DECAY) - change * RATE);
    (State { gpt, mean, square, steps }, loss)
}

pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Workload> {
    let (name, way) = Way::of(name);
    if name != "gpt" {
        return None;
    }
    let gpt = Gpt::from(&inputs[2..])?;
    let zeros = gpt.map(&mut Tensor::zeros_like);
    let steps = Tensor::zeros::<f32>([]);
    let state = State { gpt, mean: zeros.clone(), square: zeros, steps };
    Some(way.steps(move |x| step(way, x), state, [inputs[0].clone(), inputs[1].clone()]))
}
