//! Softmax regression on Fisher's irises: which of three species, from four measurements. The parameters are a struct of one's
//! own; the gradient is a struct of the same type.

use cotangent::core::zip_map;
use cotangent::prelude::*;

const SPECIES: [&str; 3] = ["setosa", "versicolor", "virginica"];

#[derive(Tree, Clone)]
struct Model {
    weights: Tensor,
    bias: Tensor,
}

impl Model {
    /// A score for each flower and species.
    fn scores(&self, flowers: &Tensor) -> Tensor {
        flowers.matmul(&self.weights) + &self.bias
    }

    /// The mean of −ln p(the right species), p = softmax(scores). The scores stay small, so that exp does not overflow.
    fn loss(&self, flowers: &Tensor, species: &Tensor) -> Tensor {
        let scores = self.scores(flowers);
        let log_probability = &scores - scores.exp().sum_keep(1).ln();
        // A row with a 1 for the right species: comparing a column with a row broadcasts.
        let right = species.unsqueeze(1).equal(&Tensor::arange::<i64>(3)).to(DType::F64);
        -(log_probability * right).sum_axes(1).mean()
    }

    /// The share of flowers whose highest score is that of the right species.
    fn accuracy(&self, flowers: &Tensor, species: &Tensor) -> f64 {
        let scores = self.scores(flowers).to_vec::<f64>();
        let best = |row: &[f64]| (0..3).max_by(|&a, &b| row[a].total_cmp(&row[b])).expect("three species");
        let right = scores
            .chunks(3)
            .zip(species.to_vec::<i64>())
            .filter(|(row, species)| best(row) as i64 == *species);
        right.count() as f64 / species.size() as f64
    }
}

/// Measurements `[n, 4]` and species `[n]` of the flowers that `chosen` picks by their number.
fn flowers(chosen: impl Fn(usize) -> bool) -> (Tensor, Tensor) {
    let (mut measurements, mut species) = (Vec::new(), Vec::new());
    let lines = include_str!("data/iris.csv").lines().filter(|line| !line.starts_with('#')).skip(1);
    for (_, line) in lines.enumerate().filter(|(i, _)| chosen(*i)) {
        let (numbers, name) = line.rsplit_once(',').expect("the species comes last");
        measurements.extend(numbers.split(',').map(|number| number.parse::<f64>().expect("a number")));
        species.push(SPECIES.iter().position(|species| *species == name).expect("a known species") as i64);
    }
    let n = species.len();
    (Tensor::from_vec(measurements, [n, 4]), Tensor::from(species))
}

/// The losses, and the accuracies on the flowers trained on and on the others.
pub fn run() -> (Vec<f64>, f64, f64) {
    // Every fifth flower is kept for the test.
    let (xs, ys) = flowers(|i| i % 5 != 4);
    let (test_xs, test_ys) = flowers(|i| i % 5 == 4);
    // To mean 0 and variance 1, with the training flowers' numbers.
    let centre = xs.mean_axes(0);
    let spread = (&xs - &centre).square().mean_axes(0).sqrt();
    let standard = |x: &Tensor| (x - &centre) / &spread;
    let (xs, test_xs) = (standard(&xs), standard(&test_xs));

    let mut model = Model { weights: Tensor::zeros::<f64>([4, 3]), bias: Tensor::zeros::<f64>([3]) };
    let step = value_and_grad(|model: &Model| model.loss(&xs, &ys));
    let mut losses = Vec::new();
    for i in 0..=300 {
        let (loss, gradient): (Tensor, Model) = step(&model);
        if i % 100 == 0 {
            println!("step {i:3}: loss {:.4}, accuracy {:.3}", loss.item::<f64>(), model.accuracy(&xs, &ys));
        }
        losses.push(loss.item());
        // Leaf by leaf, whatever the struct.
        model = zip_map(&model, &gradient, |w, g| w - g * 0.5);
    }
    (losses, model.accuracy(&xs, &ys), model.accuracy(&test_xs, &test_ys))
}

fn main() {
    let (_, train, test) = run();
    println!("accuracy {train:.3} on 120 flowers, {test:.3} on 30 others");
}
