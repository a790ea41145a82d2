//! Forcing: the value of a variable while its function is still being traced.

use super::apply::try_apply_at;
use super::builder::{Builder, Guard, Kind, State};
use super::error::Error;
use super::mode;
use super::primitive::Tensors;
use super::program::{Atom, Equation, Var};
use super::tensor::Tensor;
use cotangent_kernels::Array;
use smallvec::SmallVec;
use std::collections::{BTreeSet, HashMap};

/// What has to be done for a value.
struct Plan {
    /// In order.
    steps: Vec<Equation>,
    /// What is known, and what lies behind the inputs.
    known: HashMap<Var, Tensor>,
    constants: HashMap<u32, Tensor>,
}

impl Plan {
    /// Does the steps, and gives all values.
    fn walk(
        self,
        mut step: impl FnMut(&Equation, &[&Tensor]) -> Result<Tensors, Error>,
    ) -> Result<HashMap<Var, Tensor>, Error> {
        let mut values = self.known;
        for equation in &self.steps {
            let value = |atom: &Atom| match atom {
                Atom::Var(var) => &values[var],
                Atom::Constant(index) => &self.constants[index],
            };
            let x: SmallVec<[&Tensor; 4]> = equation.inputs.iter().map(value).collect();
            let outputs = step(equation, &x)?;
            drop(x);
            values.extend(equation.outputs().zip(outputs));
        }
        Ok(values)
    }
}

impl Builder {
    /// The value of a variable: evaluates the equations it needs that have not been evaluated, from the values behind the inputs. Within
    /// `jit` the outermost trace, whose inputs have numbers behind them, remembers what it told.
    pub(super) fn force(&self, var: Var) -> Result<Array, Error> {
        let known = {
            let state = self.lock();
            // What was computed on the way to something else has not been told yet.
            let told = !self.guarded || state.told.contains(&var);
            state.forced.get(&var).filter(|_| told).cloned()
        };
        if let Some(array) = known {
            return Ok(array);
        }
        let plan = self.plan(var)?;
        // The enclosing trace is told what is asked for, not what it is made of: there it decides.
        let outer = self.guarded && plan.known.values().any(Tensor::is_traced);
        let array = if outer {
            // It belongs there, and not to a body that is being traced within.
            mode::outside(self.id(), || self.replay(plan, var)?.value())?
        } else {
            self.compute(plan, var)?
        };
        let mut state = self.lock();
        state.told.insert(var);
        state.forced.insert(var, array.clone());
        if self.guarded && !outer {
            let guard = Guard { var, value: array.clone(), equations: state.program.equations.len() };
            state.guards.push(guard);
        }
        Ok(array)
    }

    fn plan(&self, var: Var) -> Result<Plan, Error> {
        let state = self.lock();
        if state.closed {
            return Err(self.stale("value of a traced tensor", None));
        }
        let mut plan = Plan { steps: Vec::new(), known: HashMap::new(), constants: HashMap::new() };
        let (mut stack, mut seen, mut needed) = (vec![var], BTreeSet::from([var]), BTreeSet::new());
        while let Some(var) = stack.pop() {
            if let Some(array) = state.forced.get(&var) {
                plan.known.insert(var, array.clone().into());
            } else if let Some(tensor) = state.replayed.get(&var).or_else(|| state.behind.get(&var)) {
                plan.known.insert(var, tensor.clone());
            } else if let Some(i) = state.program.producer(var) {
                if needed.insert(i) {
                    stack.extend(state.program.equations[i].input_vars().filter(|&var| seen.insert(var)));
                }
            } else {
                return Err(self.no_value(&state, var));
            }
        }
        for i in needed {
            let equation = &state.program.equations[i];
            for atom in &equation.inputs {
                if let Atom::Constant(index) = atom {
                    let constant = || state.program.constants[*index as usize].clone().into();
                    plan.constants.entry(*index).or_insert_with(constant);
                }
            }
            plan.steps.push(equation.clone());
        }
        Ok(plan)
    }

    /// The numbers.
    fn compute(&self, mut plan: Plan, var: Var) -> Result<Array, Error> {
        for tensor in plan.known.values_mut() {
            *tensor = tensor.value()?.into();
        }
        let values = plan.walk(|equation, x| {
            let x: SmallVec<[&Array; 4]> = x.iter().map(|x| x.as_array().expect("numbers")).collect();
            let outputs = equation.prim.eval(&x).map_err(|error| error.at(equation.place))?;
            Ok(outputs.into_iter().map(Tensor::from).collect())
        })?;
        let array = |tensor: &Tensor| tensor.as_array().expect("numbers").clone();
        self.lock().forced.extend(values.iter().map(|(&var, tensor)| (var, array(tensor))));
        Ok(array(&values[&var]))
    }

    /// The same in the enclosing trace.
    fn replay(&self, plan: Plan, var: Var) -> Result<Tensor, Error> {
        let values = plan.walk(|equation, x| try_apply_at(equation.prim.clone(), x, equation.place))?;
        let tensor = values[&var].clone();
        self.lock().replayed.extend(values);
        Ok(tensor)
    }

    fn no_value(&self, state: &State, var: Var) -> Error {
        let name = self.kind.name();
        let position = state.program.inputs.iter().position(|&input| input == var);
        let what = match self.kind {
            Kind::Transform("vmap") => {
                "it depends on a mapped input, which has a value for each example".to_string()
            }
            Kind::Transform(_) => "it depends on an input that has no value".to_string(),
            Kind::Body(_) => {
                format!("it depends on an input of the body of `{name}`, which has no value yet")
            }
        };
        let error = Error::new("value of a traced tensor")
            .got(what)
            .note(format!("`{name}` was called"), Some(self.place));
        let error = match position {
            Some(position) => {
                error.note(format!("the input is number {position}, {}", state.program.var_type(var)), None)
            }
            None => error,
        };
        error.help("choose with `mask.select(&a, &b)`, or `cond(&p, f, g, &x)` where only one side may run")
    }
}
