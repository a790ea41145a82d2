//! The examples run and give what they say. Each `main` prints what its `run` computes.

#[path = "../examples/data_dependent_loop.rs"]
#[allow(dead_code)]
mod data_dependent_loop;
#[path = "../examples/iris.rs"]
#[allow(dead_code)]
mod iris;
#[cfg(feature = "linalg")]
#[path = "../examples/log_determinant.rs"]
#[allow(dead_code)]
mod log_determinant;
#[path = "../examples/newton.rs"]
#[allow(dead_code)]
mod newton;
#[path = "../examples/per_example_gradients.rs"]
#[allow(dead_code)]
mod per_example_gradients;
#[path = "../examples/straight_through.rs"]
#[allow(dead_code)]
mod straight_through;
#[path = "../examples/two_layer_network.rs"]
#[allow(dead_code)]
mod two_layer_network;

#[track_caller]
fn close(x: f64, y: f64, tolerance: f64) {
    assert!((x - y).abs() <= tolerance * y.abs().max(1e-300), "{x} is not {y}");
}

#[test]
fn the_two_layer_network_learns() {
    let losses = two_layer_network::run();
    assert!(losses[0] > 0.1, "there is something to learn: {losses:?}");
    assert!(losses.windows(2).all(|pair| pair[1] <= pair[0]), "{losses:?}");
    assert!(losses[losses.len() - 1] < 1e-6 * losses[0], "{losses:?}");
}

#[test]
fn the_irises_are_told_apart() {
    let (losses, train, test) = iris::run();
    close(losses[0], 3f64.ln(), 1e-12); // no weights: every species as likely as another
    assert!(losses.windows(2).all(|pair| pair[1] < pair[0]));
    assert!(losses[300] < 0.11, "{}", losses[300]);
    assert!(train > 0.95 && test > 0.9, "{train} {test}");
}

#[test]
fn newton_s_method_converges_quadratically() {
    let points = newton::run();
    let error = |i: usize| (points[i][0] - 1.0).hypot(points[i][1] - 1.0);
    // Known by hand: the first step from (−1.2, 1).
    close(points[1][0], -1.1752808988764043, 1e-12);
    close(points[1][1], 1.3806741573033703, 1e-12);
    assert!(error(0) > 2.0 && error(7) < 1e-12, "{points:?}");
}

#[test]
fn every_example_has_its_gradient() {
    let (norms, mean) = per_example_gradients::run();
    // (w·x − y)·|x|, by hand.
    for (norm, expected) in norms.iter().zip([
        0.1 * 5f64.sqrt(),
        0.15 * 5.25f64.sqrt(),
        0.1 * 3.5f64.sqrt(),
        0.05 * 3f64.sqrt(),
        11.25 * 5f64.sqrt(),
    ]) {
        close(*norm, expected, 1e-9);
    }
    assert_eq!(mean.len(), 3);
}

#[test]
fn a_loop_that_stops_by_itself_is_differentiated() {
    for (a, y, slope, curvature, steps) in data_dependent_loop::run() {
        close(y, a.sqrt(), 1e-12);
        close(slope, 0.5 / a.sqrt(), 1e-9);
        close(curvature, -0.25 / a.powf(1.5), 1e-6);
        assert!((3..20).contains(&steps), "{steps}");
    }
}

#[test]
fn rounded_weights_are_learnt_straight_through() {
    let (stuck, learnt, weights) = straight_through::run();
    assert!(stuck > 0.5, "{stuck}");
    assert_eq!((learnt, weights), (0.0, vec![0.3125, -0.75]));
}

#[cfg(feature = "linalg")]
#[test]
fn the_log_determinant_has_a_stable_rule() {
    let small = log_determinant::run(5, 1.0);
    for way in &small {
        close(way.value, small[0].value, 1e-12);
        assert!(way.gradient_error < 1e-13, "{}: {}", way.name, way.gradient_error);
    }
    for (scale, sign) in [(1e-3, -1.0), (1e3, 1.0)] {
        let [naive, custom, library] = &log_determinant::run(200, scale)[..] else { panic!("three ways") };
        assert_eq!(naive.value, sign * f64::INFINITY);
        assert!(naive.gradient_error.is_nan() || naive.gradient_error > 0.5, "{}", naive.gradient_error);
        close(library.value, custom.value, 1e-13);
        assert!((custom.value - 200.0 * scale.ln()).abs() < 50.0);
        assert!(custom.gradient_error < 1e-12 && library.gradient_error < 1e-12);
    }
}
