//! The slope of gamma-distributed numbers against a table of true values (tools/oracles/gamma_slope.py).

use cotangent_kernels::map::gamma_slope;

const TABLE: &str = include_str!("tables/gamma_slope.txt");
/// What is promised of each order.
const BOUNDS: [f64; 4] = [1e-13, 1e-11, 1e-11, 1e-11];

#[test]
fn against_true_values() {
    let mut worst = [(0.0, 0.0, 0.0); 4];
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let numbers: Vec<f64> = line.split(' ').map(|word| word.parse().unwrap()).collect();
        let (alpha, y) = (numbers[0], numbers[1]);
        for order in 0..4 {
            let error = (gamma_slope(order, alpha, y) / numbers[2 + order] - 1.0).abs();
            assert!(error.is_finite(), "{order} {alpha} {y}: {}", gamma_slope(order, alpha, y));
            if error > worst[order].0 {
                worst[order] = (error, alpha, y);
            }
        }
    }
    println!("{worst:?}");
    for (order, (error, alpha, y)) in worst.into_iter().enumerate() {
        assert!(error < BOUNDS[order], "order {order}: {error:.1e} at {alpha} {y}");
    }
}

/// Both sides of the borders between the three ways give the same.
#[test]
fn the_borders_do_not_show() {
    for order in 0..4 {
        let close = |a: f64, b: f64, what: &str| {
            assert!((a / b - 1.0).abs() < 1e-9, "{what}, order {order}: {a} against {b}");
        };
        for alpha in [0.01_f64, 0.7, 3.0, 20.0, 50.0] {
            let y = (alpha + 1.0).ln();
            close(
                gamma_slope(order, alpha, y - 1e-13),
                gamma_slope(order, alpha, y + 1e-13),
                "series, fraction",
            );
        }
        for y in [3.6, 4.0, 4.2, 4.6] {
            let below = 64_f64.next_down();
            close(gamma_slope(order, below, y), gamma_slope(order, 64.0, y), "64");
        }
    }
}

/// For large α the numbers are about α + z√α: ∂y/∂α → 1/α − z/(2α√α).
#[test]
fn far_away() {
    for alpha in [1e8_f64, 1e12, 1e100] {
        let g = gamma_slope(0, alpha, alpha.ln());
        assert!((g * alpha - 1.0).abs() < 2.0 / alpha.sqrt(), "{alpha}: {g}");
        assert!((gamma_slope(1, alpha, alpha.ln()) * alpha * alpha + 0.5).abs() < 1e-3, "{alpha}");
    }
    assert!(gamma_slope(0, 2.0, 700.0) < 1e-300);
    assert_eq!(gamma_slope(0, 2.0, f64::NEG_INFINITY), f64::INFINITY);
    assert!(gamma_slope(0, 0.0, 0.0).is_nan() && gamma_slope(0, -1.0, 0.0).is_nan());
}
