//! Programs run: planned once, and then with as little between the loops as can be.
//!
//! [`Backend::compile`] is the one seam. [`Interpreter`] runs each primitive's evaluation in turn, and is the oracle; [`Blocks`] optimises the
//! program first and walks its regions block by block.
//!
//! ```
//! use cotangent::core::{trace_program, Array, DType, Type};
//! use cotangent::run::{Backend, Blocks, Interpreter};
//! let program = trace_program(&[Type::new(DType::F64, [2])], |x| vec![(x[0].sin() * x[0].cos()).sum()]);
//! let x = Array::from_vec(vec![0.5, 1.5], [2]);
//! let (a, b) = (Interpreter.compile(&program).run(&[&x]).unwrap(), Blocks.compile(&program).run(&[&x]).unwrap());
//! assert!((a[0].first().unwrap().to_f64() - b[0].first().unwrap().to_f64()).abs() < 1e-15);
//! ```

mod entrywise;
mod numbers;
mod plan;
mod region;

use crate::core::{Array, Arrays, Error, Program, evaluate};
use crate::optimise::optimise;
use plan::Plan;
use smallvec::SmallVec;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What a program is run at.
pub type Inputs = SmallVec<[Array; 4]>;

/// Turns programs into something that runs them.
pub trait Backend {
    /// The program, ready to be run again and again.
    fn compile(&self, program: &Program) -> Arc<dyn Executable>;
}

/// A program that can be run, by several threads at a time.
pub trait Executable: fmt::Debug + fmt::Display + Send + Sync {
    /// The outputs at these inputs, which have the types that the program was made for. An input that nobody else holds is given away: outputs
    /// may be written in its place.
    fn consume(&self, inputs: Inputs) -> Result<Arrays, Error>;
    /// The same at inputs that stay as they are.
    fn run(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        self.consume(inputs.iter().map(|&input| input.clone()).collect())
    }
    /// What it runs.
    fn program(&self) -> &Program;
    /// What each of its steps does, in order; nothing where there are no steps to tell apart.
    fn costs(&self) -> Vec<Cost> {
        Vec::new()
    }
}

/// What a step of an executable does in one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// The step.
    pub step: String,
    /// Functions of entries: for a product of tensors the multiplications and additions, for a region each instruction at each entry, for
    /// anything else the entries of its results.
    pub operations: u64,
    /// What is read and written, without numbers that are the same everywhere.
    pub bytes: u64,
    /// The shortest time of the runs that were timed: the 1st, 2nd, 4th, … and each 64th.
    pub time: Option<Duration>,
}

/// Each equation by its primitive's own evaluation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interpreter;

#[derive(Debug)]
struct Interpreted(Program);

impl Backend for Interpreter {
    fn compile(&self, program: &Program) -> Arc<dyn Executable> {
        Arc::new(Interpreted(program.clone()))
    }
}

impl Executable for Interpreted {
    fn consume(&self, inputs: Inputs) -> Result<Arrays, Error> {
        evaluate(&self.0, &inputs.iter().collect::<Vec<_>>())
    }
    fn program(&self) -> &Program {
        &self.0
    }
}

impl fmt::Display for Interpreted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "interpreted {}", self.0)
    }
}

/// Optimised, and what goes entry by entry in one walk over memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blocks;

impl Backend for Blocks {
    fn compile(&self, program: &Program) -> Arc<dyn Executable> {
        Arc::new(Plan::new(optimise(program)))
    }
}
