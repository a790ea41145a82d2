//! Expressions as functions: values in any engine, and where a value stops being a number.

use super::node::Map;
use super::program::{Program, Value};
use super::{Expr, Kind};
use crate::number::Real;
use std::fmt;

/// Why an expression has no value.
///
/// ```
/// use cotangent::number::{EvalError, Expr};
/// let error = Expr::symbol("x").evaluate(&[("y", 2.0)]).unwrap_err();
/// assert_eq!(error, EvalError::UnknownSymbol { name: "x".into(), known: vec!["y".into()] });
/// assert_eq!(error.to_string(), "`x` has no value; values were given for y");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvalError {
    /// A symbol was given no value.
    UnknownSymbol {
        /// The symbol.
        name: String,
        /// Those that were given one.
        known: Vec<String>,
    },
    /// The expression is a constant and no value was given at all, so that nothing tells which engine's number to make
    /// of it. Give the value of any symbol, or use [`Expr::constant_value`].
    NoEngine,
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EvalError::UnknownSymbol { name, known } if known.is_empty() => {
                write!(f, "`{name}` has no value; give it one")
            }
            EvalError::UnknownSymbol { name, known } => {
                write!(f, "`{name}` has no value; values were given for {}", known.join(", "))
            }
            EvalError::NoEngine => {
                f.write_str("a constant, and no value that tells the engine; use `constant_value()`")
            }
        }
    }
}

impl std::error::Error for EvalError {}

/// The first operation of an expression whose value is not a finite number although its operands are: a logarithm of a
/// negative number, a division by zero, an overflow.
///
/// ```
/// use cotangent::number::Expr;
/// let error = Expr::parse("1 + x/y").unwrap().domain_error(&[("x", 2.0), ("y", 0.0)]).unwrap();
/// assert_eq!((error.at.to_string(), error.operands, error.value), ("x/y".into(), vec![2.0, 0.0], f64::INFINITY));
/// ```
#[derive(Clone, Debug)]
pub struct DomainError {
    /// The operation.
    pub at: Expr,
    /// The values of its operands.
    pub operands: Vec<f64>,
    /// Its value: NaN, or an infinity.
    pub value: f64,
}

impl fmt::Display for DomainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.at.kind() {
            Kind::Unary(op, _) => op.name(),
            Kind::Binary(op, ..) => op.name(),
            Kind::Select(..) => "select",
            Kind::Symbol(name) => name,
            Kind::Constant(_) => "constant",
        };
        let operands: Vec<String> = self.operands.iter().map(f64::to_string).collect();
        write!(f, "{name}({}) is {}", operands.join(", "), self.value)
    }
}

impl std::error::Error for DomainError {}

impl Expr {
    /// The value, in any engine, when symbols have these values. Shared parts are computed once.
    ///
    /// # Errors
    /// If a symbol has no value, or nothing tells the engine.
    ///
    /// ```
    /// # use cotangent::number::{Dual, Expr, Real};
    /// let y = Expr::symbol("x").square();
    /// assert_eq!(y.evaluate(&[("x", 3.0)]).unwrap(), 9.0);
    /// assert_eq!(y.evaluate(&[("x", Dual::variable(3.0))]).unwrap().derivative(), 6.0);
    /// ```
    pub fn evaluate<R: Real>(&self, values: &[(&str, R)]) -> Result<R, EvalError> {
        Ok(Expr::evaluate_all(std::slice::from_ref(self), values)?.swap_remove(0))
    }

    /// The values of several expressions; what they share is computed once.
    ///
    /// # Errors
    /// If a symbol has no value, or nothing tells the engine.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let x = Expr::symbol("x");
    /// assert_eq!(Expr::evaluate_all(&[&x + 1.0, &x * 2.0], &[("x", 3.0)]).unwrap(), [4.0, 6.0]);
    /// ```
    pub fn evaluate_all<R: Real>(roots: &[Expr], values: &[(&str, R)]) -> Result<Vec<R>, EvalError> {
        let program = Program::of(roots);
        let places = program.places(values.iter().map(|(name, _)| *name)).map_err(|name| {
            let known = values.iter().map(|(known, _)| known.to_string()).collect();
            EvalError::UnknownSymbol { name: name.to_string(), known }
        })?;
        let results = program.run(|symbol| values[places[symbol]].1.clone());
        let number = |result| match (result, values.first()) {
            (Value::Of(value), _) => Ok(value),
            (Value::Plain(plain), Some((_, like))) => Ok(like.lift(plain)),
            (Value::Plain(_), None) => Err(EvalError::NoEngine),
        };
        results.into_iter().map(number).collect()
    }

    /// The value of an expression without symbols.
    ///
    /// ```
    /// # use cotangent::number::{Expr, Real};
    /// assert_eq!(Expr::constant(3.0).square().constant_value(), Some(9.0));
    /// assert_eq!(Expr::symbol("x").constant_value(), None);
    /// ```
    pub fn constant_value(&self) -> Option<f64> {
        // The engine is named by the value of a symbol that no expression can have.
        self.evaluate(&[("", 0.0)]).ok()
    }

    /// The first operation, in order of evaluation, whose value is not finite although its operands are. `None` if there is
    /// none, or if a symbol has no value.
    ///
    /// ```
    /// # use cotangent::number::{Expr, Real};
    /// let y = (Expr::symbol("x") - 3.0).ln() * 2.0;
    /// let error = y.domain_error(&[("x", 1.0)]).unwrap();
    /// assert_eq!(error.to_string(), "ln(-2) is NaN");
    /// ```
    pub fn domain_error(&self, values: &[(&str, f64)]) -> Option<DomainError> {
        let nodes = self.nodes();
        let mut with_engine = vec![("", 0.0)];
        with_engine.extend_from_slice(values);
        let results = Expr::evaluate_all(&nodes, &with_engine).ok()?;
        let value: Map<&Expr, f64> = nodes.iter().zip(results).collect();
        nodes.iter().find_map(|e| {
            let operands: Vec<f64> = e.kind().operands().map(|operand| value[operand]).collect();
            let breaks = !value[e].is_finite() && operands.iter().all(|x| x.is_finite());
            breaks.then(|| DomainError { at: e.clone(), operands, value: value[e] })
        })
    }
}
