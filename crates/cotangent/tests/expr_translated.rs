//! Formulas as LaTeX and as Rust code; the generated code stands here as code, and runs.

use cotangent::number::{Dual, Expr, Real};

fn parse(source: &str) -> Expr {
    Expr::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"))
}

#[test]
fn latex() {
    for (source, expected) in [
        ("2*x*cos(x^2)", r"2 x \cos\left(x^{2}\right)"),
        ("-1/x^2", r"-\frac{1}{x^{2}}"),
        ("-x/y", r"-\frac{x}{y}"),
        ("0.5/sqrt(x)", r"\frac{0.5}{\sqrt{x}}"),
        ("alpha + beta_1*x_max", r"\alpha + \beta_{1} x_{\mathrm{max}}"),
        ("x1 + x10*foo", r"x_{1} + x_{10} \mathrm{foo}"),
        ("2*3", r"2 \cdot 3"),
        ("x*2", r"x \cdot 2"),
        ("2*3^x", r"2 \cdot 3^{x}"),
        ("2*(3*x)", r"2 \cdot 3 x"),
        ("2*(3 + x)", r"2 \left(3 + x\right)"),
        ("2*(1/3)", r"2 \cdot \frac{1}{3}"),
        ("(x + y)*z", r"\left(x + y\right) z"),
        ("x - (y - z)", r"x - \left(y - z\right)"),
        ("x - y*z", r"x - y z"),
        ("x*(-y)", r"x \left(-y\right)"),
        ("x - -y*z", r"x - \left(-y z\right)"),
        ("(x + 1)/(y*z)", r"\frac{x + 1}{y z}"),
        ("(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
        ("(x^2)^3", r"\left(x^{2}\right)^{3}"),
        ("x^(y + 1)", r"x^{y + 1}"),
        ("x^-3", r"x^{-3}"),
        ("exp(-x^2)", r"e^{-x^{2}}"),
        ("exp(x)^2", r"\left(e^{x}\right)^{2}"),
        ("-(x + y)", r"-\left(x + y\right)"),
        ("abs(x)*ln_1p(-x)", r"\left|x\right| \ln\left(1 + \left(-x\right)\right)"),
        ("atan2(y, x)", r"\operatorname{atan2}\left(y, x\right)"),
        ("hypot(x, y + 1)", r"\sqrt{x^{2} + \left(y + 1\right)^{2}}"),
        ("polygamma(2, x)", r"\psi^{(2)}\left(x\right)"),
        ("pi*e^x*1e-7", r"\pi e^{x} \cdot 10^{-7}"),
        ("2.5e30", r"2.5 \cdot 10^{30}"),
        (
            "select(less(x, y), x, y)",
            r"\begin{cases} x & \left[x < y\right] \neq 0 \\ y & \text{otherwise} \end{cases}",
        ),
        ("`a_b c`", r"\text{a\_b c}"),
    ] {
        assert_eq!(parse(source).to_latex(), expected, "{source}");
    }
}

#[test]
fn rust_expressions() {
    for (source, expected) in [
        ("x", "x.clone()"),
        ("3", "like.lift(3.0)"),
        ("x + 2", "x.clone() + 2.0"),
        ("2 + x", "x.clone() + 2.0"),
        ("2 - x", "x.lift(2.0) - x"),
        ("2/x", "x.lift(2.0) / x"),
        ("1/x", "x.recip()"),
        ("x - (y - z)", "x.clone() - (y.clone() - z)"),
        ("x - y - z", "x.clone() - y - z"),
        ("x*(y + z)", "x.clone() * (y.clone() + z)"),
        ("-x", "-x.clone()"),
        ("-x^2", "-x.square()"),
        ("-(x + y)", "-(x.clone() + y)"),
        ("(-x)^3", "(-x.clone()).powi(3)"),
        ("x^-2", "x.powi(-2)"),
        ("x^0.5", "x.powf(0.5)"),
        ("x^y", "x.pow(y)"),
        ("x^(y + 1)", "x.pow(&(y.clone() + 1.0))"),
        ("2^x", "x.lift(2.0).pow(x)"),
        ("max(x, 0)", "x.max(&x.lift(0.0))"),
        ("x*-2", "x.clone() * -2.0"),
        ("x % y", "x.rem(y)"),
        ("polygamma(1, x*y)", "(x.clone() * y).polygamma(1)"),
        ("select(greater(x, y), sin(x), y)", "x.greater(y).select(&x.sin(), y)"),
        ("x*pi + nan - inf", "x.clone() * std::f64::consts::PI + f64::NAN - f64::INFINITY"),
        ("`match` + `a b` + s1", "s3.clone() + s2 + s1"),
    ] {
        assert_eq!(parse(source).to_rust(), expected, "{source}");
    }
}

/// What `to_rust_fn` gives for this formula.
const SAMPLE: &str =
    "select(greater(x, y), exp(x*y)/(1 + exp(x*y)), 2 - max(x^2, 3)^1.5) - atan2(-x, hypot(y, 2*x))/x^-2";

#[rustfmt::skip]
fn sample<R: Real>(x: &R, y: &R) -> R {
    let t1 = (x.clone() * y).exp();
    x.greater(y).select(&(t1.clone() / (t1.clone() + 1.0)), &(x.lift(2.0) - x.square().max(&x.lift(3.0)).powf(1.5))) - (-x.clone()).atan2(&y.hypot(&(x.clone() * 2.0))) / x.powi(-2)
}

#[test]
fn generated_rust_is_code_that_computes_the_formula() {
    let formula = parse(SAMPLE);
    let code = formula.to_rust_fn("sample");
    let here = include_str!("expr_translated.rs");
    assert!(here.contains(&format!("\n{code}")), "{code}");
    // By hand: at (2, 1), e²/(1 + e²) − atan2(−2, √17)·4; at (1, 2), 2 − 3^1.5 − atan2(−1, √8).
    let e2 = 2.0_f64.exp();
    let first = e2 / (1.0 + e2) - (-2.0_f64).atan2(17.0_f64.sqrt()) * 4.0;
    assert!((sample(&2.0, &1.0) - first).abs() < 1e-14);
    let second = 2.0 - 3.0_f64.powf(1.5) - (-1.0_f64).atan2(8.0_f64.sqrt());
    assert!((sample(&1.0, &2.0) - second).abs() < 1e-14);
    let slope = formula.differentiate("x").evaluate(&[("x", 2.0), ("y", 1.0)]).unwrap();
    let dual = sample(&Dual::variable(2.0), &Dual::constant(1.0));
    assert!((dual.derivative() - slope).abs() < 1e-12);
}

#[test]
fn generated_functions_name_their_parameters() {
    assert_eq!(
        parse("2 + 3").to_rust_fn("f"),
        "fn f<R: Real>(like: &R) -> R {\n    like.lift(2.0) + 3.0\n}\n"
    );
    let shared = parse("(x10*t1)^3 + ln(x10*t1)*x2").to_rust_fn("g");
    let expected = "fn g<R: Real>(t1: &R, x2: &R, x10: &R) -> R {\n    let t2 = x10.clone() * t1;\n    \
                    t2.powi(3) + t2.ln() * x2\n}\n";
    assert_eq!(shared, expected);
}
