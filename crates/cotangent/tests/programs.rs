//! Programs as text: what prints is read back, what is malformed is refused with its place, and nothing panics.

use cotangent::core::{DType, Item, Kind, Program, Type, apply, trace, trace_program};
use cotangent::op;
use cotangent::prelude::*;

/// Bits, so that NaN is NaN and −0 is not 0.
fn bits(x: &Tensor) -> Vec<u64> {
    let of = |item: Item| match item {
        Item::F32(x) => u64::from(x.to_bits()),
        item => item.to_f64().to_bits(),
    };
    x.as_array().expect("concrete").items().map(of).collect()
}

/// Prints, reads, prints again; both programs give the same at these inputs.
#[track_caller]
fn round_trip(program: &Program, inputs: &[Tensor]) -> Program {
    let text = program.to_string();
    let read: Program = text.parse().unwrap_or_else(|error| panic!("{error}\nin\n{text}"));
    assert_eq!(read.to_string(), text);
    let (a, b) = (program.eval(inputs), read.eval(inputs));
    let (a, b) = (a.unwrap_or_else(|e| panic!("{e}")), b.unwrap_or_else(|e| panic!("{e}")));
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(&b) {
        assert_eq!((a.ty(), bits(a)), (b.ty(), bits(b)), "{text}");
    }
    read
}

#[test]
fn every_primitive_is_read_back() {
    let mut count = 0;
    for (_, samples) in op::samples() {
        for sample in samples {
            let types: Vec<Type> = sample.inputs.iter().map(|x| x.ty().clone()).collect();
            let program = trace_program(&types, |x| {
                apply(sample.prim.clone(), &x.iter().collect::<Vec<_>>()).into_vec()
            });
            let read = round_trip(&program, &sample.inputs);
            assert_eq!(format!("{:?}", read.equations()[0].prim), format!("{:?}", sample.prim));
            count += 1;
        }
    }
    assert!(count > 300, "{count} samples");
}

fn loss(w: &Tensor) -> Tensor {
    let x = Tensor::from([[0.3, -0.2], [0.5, 0.9], [-1.1, 0.4]]);
    let hidden = x.matmul(w).tanh();
    (&hidden * &hidden).sum_axes(0).softplus().sum()
}

/// The program of a function at a point, and what it is run on.
fn traced<A: Tree + Clone, B: Tree>(x: &A, f: impl Fn(&A) -> B) -> (Program, Vec<Tensor>) {
    let (closed, _) = trace(Kind::Transform("test"), x, |x: &A| f(x));
    let mut inputs = Vec::new();
    let _ = cotangent::core::zip_map(x, x, |x, _| {
        inputs.push(x.clone());
        x.clone()
    });
    inputs.extend(closed.captures.iter().cloned());
    (closed.program, inputs)
}

#[test]
fn transformed_networks_are_read_back() {
    let w = Tensor::from([[0.1, -0.7, 0.4], [1.3, 0.2, -0.6]]);
    let t = Tensor::from([[1.0, 0.5, -2.0], [0.25, 3.0, 1.0]]);
    let cases = [
        traced(&w, loss),
        traced(&w, grad(loss)),
        traced(&w, |w: &Tensor| jvp(loss, w, &t)),
        traced(&w, |w: &Tensor| jvp(grad(loss), w, &t).1),
        traced(&w, |w: &Tensor| vmap(|row: &Tensor| (row * row).sin().sum())(w)),
        traced(&Tensor::from([0.5, -1.5]), |w: &Tensor| hessian(|w: &Tensor| (w * w * w).sum())(w)),
    ];
    for (program, inputs) in &cases {
        assert!(program.equations().len() >= 3);
        round_trip(program, inputs);
    }
}

fn choose(x: &Tensor) -> Tensor {
    let big = x.greater(0.5);
    cond(
        &big,
        |x: &Tensor| cond(&x.greater(2.0), |x: &Tensor| x.exp(), |x: &Tensor| x.sin() * 3.0, x),
        |x: &Tensor| x.cos(),
        x,
    )
}

#[test]
fn nested_bodies_are_read_back() {
    for x in [0.2, 1.5, 2.5] {
        let x = Tensor::from(x);
        for (program, inputs) in
            [traced(&x, choose), traced(&x, grad(choose)), traced(&x, |x: &Tensor| jvp(grad(choose), x, x).1)]
        {
            assert!(program.to_string().contains("cond[then=program("));
            let read = round_trip(&program, &inputs);
            // What was read is differentiated as what was traced.
            if program.outputs().len() == 1 {
                let of = |program: &Program| {
                    let f = |x: &Tensor| program.eval(std::slice::from_ref(x)).unwrap()[0].clone();
                    grad(f)(&x).item::<f64>()
                };
                assert_eq!(of(&program), of(&read));
            }
        }
    }
}

#[test]
fn custom_rules_are_read_back() {
    let cube = custom_jvp(|x: &Tensor| x * x * x, |x: &Tensor, t: &Tensor| (x * x * x, x * x * t * 3.0));
    let clipped = custom_vjp(|x: &Tensor| (x.sin(), x.cos()), |r: &Tensor, ct: &Tensor| r * ct * 0.5);
    let x = Tensor::from([0.5, -1.25, 2.0]);
    for name in ["custom_jvp", "custom_vjp", "linear_call"] {
        let cases = [
            traced(&x, |x: &Tensor| cube(x)),
            traced(&x, |x: &Tensor| clipped(x)),
            traced(&x, |x: &Tensor| vjp(|x: &Tensor| clipped(&cube(x)), x).0),
            traced(&x, |x: &Tensor| grad(|x: &Tensor| clipped(&cube(x)).sum())(x)),
            traced(&x, |x: &Tensor| jvp(|x: &Tensor| cube(x), x, x).1),
        ];
        let with =
            cases.iter().filter(|(program, _)| program.to_string().contains(&format!("{name}["))).count();
        assert!(with > 0, "a case has {name}");
        cases.iter().for_each(|(program, inputs)| drop(round_trip(program, inputs)));
    }
}

/// What a rule gives for an integer is never read, whatever its type is.
#[test]
fn a_custom_rule_with_an_integer_is_read_back() {
    let f = custom_vjp(
        |(x, n): &(Tensor, Tensor)| (x * n.to(DType::F64), n.clone()),
        |n: &Tensor, ct: &Tensor| (ct * n.to(DType::F64), Tensor::from(0.0)),
    );
    let types = [Type::new(DType::F64, []), Type::new(DType::I64, [])];
    let program = trace_program(&types, |x| vec![f(&(x[0].clone(), x[1].clone()))]);
    round_trip(&program, &[Tensor::from(2.0), Tensor::from(3_i64)]);
}

#[test]
fn numbers_keep_their_bits() {
    let odd = [f64::NAN, f64::INFINITY, -f64::INFINITY, -0.0, 5e-324, 1e300, 0.1 + 0.2, -1.5e-7];
    let constants = [
        Tensor::from(odd.to_vec()),
        Tensor::from(odd.map(|x| x as f32).to_vec()),
        Tensor::from(vec![i32::MIN, 0, i32::MAX]),
        Tensor::from(vec![i64::MIN, -1, i64::MAX]),
        Tensor::from(vec![true, false, true]),
        Tensor::from(true),
        Tensor::zeros::<f32>([0, 3]),
        Tensor::full([2, 100], f64::NAN),
        Tensor::from([[1.0, 2.0], [3.0, 4.0]]).slice(&[0..1, 1..2]),
    ];
    let mut singles: Vec<Tensor> = odd.iter().map(|&x| Tensor::from(x)).collect();
    singles.extend(odd.iter().map(|&x| Tensor::from(x as f32)));
    let all: Vec<Tensor> = constants.into_iter().chain(singles).collect();
    round_trip(&trace_program(&[], |_| all.clone()), &[]);
    let long = trace_program(&[], |_| vec![Tensor::arange::<f64>(17)]);
    let error = long.to_string().parse::<Program>().unwrap_err();
    assert!(error.to_string().contains("printed as a digest cannot be read back"), "{error}");
}

#[test]
fn names_and_layout_are_free_and_gaps_stay() {
    let text = "# of the user\n\n program ( first : f64[2] ,\n y: f64[2] ) {\n\n other_1: f64[2] = add first y # sum\n\
                return other_1,first\n}\n# end";
    let program: Program = text.parse().unwrap();
    let printed = "program(a: f64[2], b: f64[2]) {\n  c: f64[2] = add a b\n  return c, a\n}";
    assert_eq!(program.to_string(), printed);
    let gaps = "program(d: f64[2]) {\n  c: f64[2] = sin d\n  cz: f64[2] = mul c d\n  return cz\n}";
    assert_eq!(gaps.parse::<Program>().unwrap().to_string(), gaps);
    // A number as large as this name says would need a table of terabytes.
    let far = "program(zzzzzzzz: f64[]) {\n  return zzzzzzzz\n}";
    assert_eq!(far.parse::<Program>().unwrap().to_string(), "program(a: f64[]) {\n  return a\n}");
    assert_eq!("program() {\n  return \n}".parse::<Program>().unwrap().outputs().len(), 0);
}

#[test]
fn places_are_shown_and_skipped() {
    let program = trace_program(&[Type::new(DType::F64, [3])], |x| {
        let y = x[0].sin();
        vec![y.sum()]
    });
    let line = line!() - 3;
    let text = program.with_places().to_string();
    assert!(text.contains(&format!("b: f64[3] = sin a  # {}:{line}\n", file!())), "{text}");
    assert!(text.contains(&format!("programs.rs:{}\n", line + 1)), "{text}");
    assert_eq!(text.parse::<Program>().unwrap().to_string(), program.to_string());
}

#[test]
fn long_programs_and_deep_ones() {
    let count = 100_000;
    let program = trace_program(&[Type::new(DType::F64, [])], |x| {
        let mut y = x[0].clone();
        for i in 0..count / 2 {
            y = (&y * 0.5).sin() + f64::from(i % 7);
            assert_eq!(y.rank(), 0);
        }
        vec![y]
    });
    let text = program.to_string();
    let start = std::time::Instant::now();
    let read: Program = text.parse().unwrap();
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    assert!(read.equations().len() >= count as usize);
    assert_eq!(read.to_string(), text);

    // A long line: many inputs, operands and outputs.
    let types = vec![Type::new(DType::F32, [2]); count as usize];
    let wide = trace_program(&types, |x| {
        let parts: Vec<Tensor> = (0..count).map(|i| Tensor::from([f64::from(i), 0.5])).collect();
        let all = Tensor::concat(&parts.iter().collect::<Vec<_>>(), 0);
        x.iter().cloned().chain([all]).collect()
    });
    let text = wide.to_string();
    let start = std::time::Instant::now();
    let read: Program = text.parse().unwrap();
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    assert_eq!(read.to_string(), text);

    let nested = |depth: usize| {
        let open = "program(a: f64[]) {\n b: f64[] = call[program=".repeat(depth);
        format!("{open}program(a: f64[]) {{\n return a\n}}{}", "] a\n return b\n}".repeat(depth))
    };
    let read: Program = nested(60).parse().unwrap();
    assert_eq!(read.to_string().parse::<Program>().unwrap().to_string(), read.to_string());
    for depth in [64, 10_000] {
        let error = nested(depth).parse::<Program>().unwrap_err();
        assert!(error.message().contains("nested more than 64 deep"), "{error}");
    }
}

/// A line in place of the second of a good program, where the error is, and a part of what it says.
const MALFORMED: [(&str, usize, &str); 30] = [
    ("c: f64[2] = ad a b", 13, "expected an operation, got `ad`"),
    ("c: f64[2] = a b", 13, "expected an operation, got `a`"),
    ("c: f64[2] = ", 13, "expected an operation, got the end of the line"),
    ("c: f64[2] add a b", 11, "expected `=`, got `add`"),
    ("c f64[2] = add a b", 3, "expected `:`, got `f64`"),
    ("c: f63[2] = add a b", 4, "expected a type such as f64[2,3], got `f63`"),
    ("c: f64 = add a b", 4, "expected a type such as"),
    ("c: f64[2 = add a b", 19, "expected `]`, got the end of the line"),
    ("c: f64[-2] = add a b", 4, "is no type"),
    ("c: f64[9999999999,99999] = add a b", 4, "no array has as many entries"),
    ("c: f64[2] = add a d", 19, "assigned above, got `d`"),
    ("c: f64[2] = add a c", 19, "assigns the variable that it reads"),
    ("a: f64[2] = add a b", 1, "`a` is assigned already"),
    ("c: f64[2], c: f64[2] = add a b", 12, "`c` is assigned already"),
    ("c: f64[3] = add a b", 1, "expected what `add` gives, (f64[2]), got (f64[3])"),
    ("c: f64[2], d: f64[2] = add a b", 1, "got (f64[2], f64[2])"),
    ("c: f64[2] = add a", 13, "`add`"),
    ("c: f64[2] = add a 1:f64[3]", 13, "`add`"),
    ("c: f64[2] = add a [1,2,3]:f64[2]", 27, "3 numbers are not as many"),
    ("c: f64[2] = add a [1,x]:f64[2]", 20, "expected numbers of f64, got `1,x`"),
    ("c: i32[] = neg 2147483648:i32[]", 16, "expected numbers of i32"),
    ("c: f64[2] = add a 1", 20, "expected `:`, got the end of the line"),
    ("c: f64[2] = add a #0011223344556677:f64[2]", 19, "digest cannot be read back"),
    ("c: f64[] = sum a", 12, "none are no parameters of `sum`"),
    ("c: f64[] = sum[axis=[0]] a", 12, "`axis=[0]` are no parameters of `sum`"),
    ("c: f64[] = sum[axes=[0.5]] a", 21, "expected a list of whole numbers"),
    ("c: f64[] = sum[axes=[3]] a", 12, "`sum`"),
    ("c: f64[] = sum[axes=<closure 1f>] a", 21, "cannot be read back"),
    ("c: f64[] = sum[axes=[0] a", 25, "expected `,` or `]`, got `a`"),
    ("c: f64[2] = call[program=program(x: f64[2]) {}] a", 46, "expected an equation or `return`, got `}`"),
];

#[test]
fn malformed_lines_are_refused_at_their_place() {
    let around = |line: &str| format!("program(a: f64[2], b: f64[2]) {{\n{line}\n  return b\n}}");
    around("c: f64[2] = add a b").parse::<Program>().unwrap();
    let mut wrong = Vec::new();
    for (line, column, part) in MALFORMED {
        match around(line).parse::<Program>() {
            Ok(_) => wrong.push(format!("{line}: is read")),
            Err(error) => {
                let shown = error.to_string();
                let shown = shown.lines().nth(1).expect("the line").trim();
                let caret = shown == line.trim() || shown.contains('…');
                if (error.line(), error.column()) != (2, column) || !error.message().contains(part) || !caret
                {
                    wrong.push(format!("{line}: expected column {column}, {part}\n{error}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    for text in [
        "",
        "program",
        "program(",
        "program(a)",
        "program() {",
        "program() { return",
        "program() {}",
        "}",
        "program() {\nreturn a\n}",
        "program() {\nreturn\n} x",
        "é",
        "program(é: f64[]) {\nreturn\n}",
        "prögram() {",
    ] {
        assert!(text.parse::<Program>().is_err(), "{text:?}");
    }
}

#[test]
fn mutated_texts_never_panic() {
    let x = Tensor::from([0.5, -1.25, 2.0]);
    let mut texts: Vec<String> = op::samples()
        .into_iter()
        .flat_map(|(_, samples)| samples.into_iter().rev().take(1))
        .map(|sample| {
            let types: Vec<Type> = sample.inputs.iter().map(|x| x.ty().clone()).collect();
            let f = |x: &[Tensor]| apply(sample.prim.clone(), &x.iter().collect::<Vec<_>>()).into_vec();
            trace_program(&types, f).to_string()
        })
        .collect();
    let f = |x: &Tensor| choose(&x.sum());
    texts.push(traced(&x, grad(f)).0.to_string());
    let clipped = custom_vjp(|x: &Tensor| (x.sin(), x.cos()), |r: &Tensor, ct: &Tensor| r * ct);
    texts.push(traced(&x, grad(|x: &Tensor| clipped(x).sum())).0.to_string());
    const PIECES: [&str; 24] = [
        "0",
        "9",
        "-1",
        "99999999999999999999",
        "9223372036854775807",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "=",
        "\n",
        " ",
        "#",
        "\"",
        "<",
        "é",
        "a",
        "zz",
        "f64[0]",
        "program(",
        "return",
        "[0,1]",
    ];
    let mut seed = 1_u64;
    let mut draw = |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % n
    };
    let (mut read, mut refused) = (0, 0);
    for text in &texts {
        for _ in 0..500 {
            let mut chars: Vec<char> = text.chars().collect();
            for _ in 0..=draw(2) {
                let at = draw(chars.len());
                let cut = at..(at + draw(3)).min(chars.len());
                let piece = PIECES[draw(PIECES.len() + 1) % PIECES.len()];
                chars.splice(cut, piece.chars().take(if draw(3) == 0 { 0 } else { 99 }));
            }
            match chars.into_iter().collect::<String>().parse::<Program>() {
                Ok(program) => {
                    read += 1;
                    let text = program.to_string();
                    if !text.contains('#') {
                        assert_eq!(text.parse::<Program>().unwrap().to_string(), text);
                    }
                }
                Err(error) => {
                    refused += 1;
                    assert!(error.line() >= 1 && error.to_string().contains('^'));
                }
            }
        }
    }
    assert!(read > 100 && refused > 1000, "{read} read, {refused} refused");
}
