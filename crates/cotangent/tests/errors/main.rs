//! Wrong programs and what they are told: the operation, what it expected and what it got, the line, what to do.
//!
//! A text shows lines as an offset from the one where its case starts, so that every message is known to name the very line that
//! is wrong. When a text changes, the test shows the new one.

// The programs are wrong on purpose.
#![allow(clippy::cmp_owned, clippy::reversed_empty_ranges, clippy::single_range_in_vec_init)]

use cotangent::api::Context;
use cotangent::core::{Error, Kind, try_apply, try_trace};
use cotangent::number::function::{Add, BinaryOp};
use cotangent::prelude::*;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

struct Case {
    name: &'static str,
    file: &'static str,
    line: u32,
    text: &'static [&'static str],
    program: fn(),
}

macro_rules! case {
    ($name:literal, $program:expr, $text:expr $(,)?) => {
        Case {
            name: $name,
            file: file!(),
            line: line!(),
            text: $text,
            program: || {
                let _ = $program;
            },
        }
    };
}

mod compositions;
mod conv;
mod custom;
mod functions;
mod layout;
#[cfg(feature = "linalg")]
mod linalg;
mod operations;
mod products;
mod reductions;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// The message of a panic that must come, without printing it.
fn quietly<R>(f: impl FnOnce() -> R) -> String {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info| {
            if !QUIET.get() {
                loud(info);
            }
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(f));
    QUIET.set(false);
    match result {
        Ok(_) => "no error".into(),
        Err(payload) => match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => payload.downcast::<&str>().map_or("no text".into(), |text| text.to_string()),
        },
    }
}

/// With lines counted from the one where the case starts, and without those of helpers in this file.
fn relative(text: &str, case: &Case) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("crates/cotangent/tests/errors/") {
        shown += &rest[..start];
        rest = &rest[start..];
        let colon = rest.find(':').expect("a line follows the file");
        let (file, line) = (&rest[..colon], &rest[colon + 1..]);
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let number: u32 = line[..digits].parse().expect("a line number");
        shown += &if file == case.file {
            format!("FILE:+{}", number - case.line)
        } else {
            assert_eq!(file, file!());
            "main.rs".into()
        };
        rest = &line[digits..];
    }
    shown + rest
}

fn check(cases: &[Case]) {
    let mut wrong = String::new();
    for case in cases {
        let got = relative(&quietly(case.program), case);
        let expected = case.text.join("\n");
        if got != expected {
            wrong += &format!("\n=== {}\n{got}\n--- instead of\n{expected}\n", case.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn leaf() -> Tensor {
    Tensor::from([1.0, 2.0]).requires_grad()
}

fn pair() -> (Tensor, Tensor) {
    (Tensor::from(1.0), Tensor::from(2.0))
}

/// A function whose backward is given.
struct Broken(fn(&Tensor) -> Vec<Option<Tensor>>);

impl Function for Broken {
    fn forward(&self, _: &mut Context, x: &[Tensor]) -> Vec<Tensor> {
        vec![x[0].square()]
    }
    fn backward(&self, _: &Context, ct: &[Tensor]) -> Vec<Option<Tensor>> {
        (self.0)(&ct[0])
    }
}

/// The fallible doors give the same as a value.
#[test]
fn errors_as_values() {
    let error: Error =
        try_apply(BinaryOp::from(Add), &[&Tensor::from([1.0]), &Tensor::from([1.0, 2.0])]).unwrap_err();
    assert_eq!((error.operation(), error.found()), ("add", Some("f64[1] and f64[2]")));
    assert_eq!(error.place().unwrap().line(), line!() - 2);
    let x = Tensor::from([1.0, 2.0]);
    let traced = try_trace(Kind::Transform("test"), &x, |x: &Tensor| {
        let y = x.sin();
        y.matmul(&Tensor::from([1.0, 2.0, 3.0]))
    });
    let error = traced.err().unwrap();
    assert_eq!(error.operation(), "matmul");
    assert_eq!(error.expectation(), Some("axis 0 of the left as long as axis 0 of the right"));
    assert_eq!(error.place().unwrap().line(), line!() - 5);
    // A panic of the user's own passes.
    let own = quietly(|| try_trace(Kind::Transform("test"), &x, |_: &Tensor| -> Tensor { panic!("mine") }));
    assert_eq!(own, "mine");
}

/// After an error the same thread goes on as before: no trace is left open, no mode left on.
#[test]
fn an_error_leaves_nothing_behind() {
    let x = Tensor::from([1.0, 2.0]);
    let failed = quietly(|| {
        cond(&Tensor::from(true), |x: &Tensor| x.reshape([3]), |x: &Tensor| x.sin(), &x);
    });
    assert!(failed.starts_with("`reshape`"), "{failed}");
    quietly(|| grad(|x: &Tensor| no_grad(|| x.reshape([3])))(&x));
    let y = &x * 2.0;
    assert!(!y.is_traced());
    assert_eq!(y.to_vec::<f64>(), [2.0, 4.0]);
    let w = leaf();
    w.square().sum().backward();
    assert_eq!(w.grad().unwrap().to_vec::<f64>(), [2.0, 4.0]);
}
