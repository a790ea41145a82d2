//! [`Builder`]: a program while it is being traced.

use super::error::{Error, Place};
use super::mode::{self, InBody};
use super::primitive::{Prim, Tensors};
use super::program::{Atom, Atoms, Equation, Program, Var};
use super::tensor::{Repr, Tensor, Traced};
use super::tree::{self, Tree};
use cotangent_kernels::{Array, Type};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a trace is for: how it treats operations that do not concern its inputs, and how messages call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `grad`, `vmap`, …: only operations on its variables belong to it.
    Transform(&'static str),
    /// The body of `cond`, a primitive's rule, …: while it is open every operation of the thread belongs to it.
    Body(&'static str),
}

impl Kind {
    /// The name for messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Transform(name) | Kind::Body(name) => name,
        }
    }
}

/// A program being traced. Younger builders have larger ids, and an operation goes to the youngest among its operands.
pub struct Builder {
    id: u64,
    pub(super) kind: Kind,
    pub(super) place: Place,
    thread: u64,
    /// Does what is forced decide which of a function's traces this is? So it is within `jit`.
    pub(super) guarded: bool,
    /// Was it opened where derivatives are wanted, so that a [`no_grad`](mode::no_grad) met later lies within the function?
    grad_enabled: bool,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub closed: bool,
    pub program: Program,
    captures: Vec<(Var, Tensor)>,
    captured: HashMap<Outer, Var>,
    /// The values behind the inputs, where there are any.
    pub behind: HashMap<Var, Tensor>,
    /// What has been computed to force something.
    pub forced: HashMap<Var, Array>,
    /// What the function was told.
    pub told: HashSet<Var>,
    /// What has been done again in the enclosing trace, to be forced there.
    pub replayed: HashMap<Var, Tensor>,
    /// What the function has asked for, in order.
    pub guards: Vec<Guard>,
}

/// A value that the function was told while it was traced: with another one it might have done something else from there on.
#[derive(Clone, Debug)]
pub struct Guard {
    /// What it asked for.
    pub var: Var,
    /// What it was told.
    pub value: Array,
    /// How many equations there were.
    pub equations: usize,
}

/// A tensor from outside, told from others.
#[derive(PartialEq, Eq, Hash)]
enum Outer {
    Traced(u64, Var),
    /// A leaf may have been changed in place: then it is the same node with other values.
    Node(u64, u32, Held),
}

/// Which values an output of a node has.
#[derive(PartialEq, Eq, Hash)]
enum Held {
    Buffer(Option<usize>),
    Fill(u64),
}

impl Held {
    fn by(array: &Array) -> Held {
        match array.as_fill() {
            Some(item) => Held::Fill(item.bits()),
            None => Held::Buffer(array.buffer_id()),
        }
    }
}

/// What a trace leaves.
pub struct Closed {
    /// Its inputs are the arguments' leaves, then the captured tensors.
    pub program: Program,
    /// Tensors from outside that the function used: of enclosing traces, or with a node of the eager graph.
    pub captures: Vec<Tensor>,
    /// What the function was told of its own values, in order; within `jit` alone.
    pub guards: Vec<Guard>,
}

impl Builder {
    pub(crate) fn open(kind: Kind, place: Place) -> Arc<Builder> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let (thread, grad_enabled) = (mode::thread(), mode::grad_enabled());
        let guarded = mode::guarded();
        Arc::new(Builder { id, kind, place, thread, guarded, grad_enabled, state: Mutex::default() })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic half-way runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Larger for builders opened later.
    #[inline]
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Is the thread within a `no_grad` of the function that is traced?
    #[inline]
    pub(crate) fn in_no_grad(&self) -> bool {
        self.grad_enabled && !mode::grad_enabled()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// A new input, perhaps with a value behind it.
    pub(crate) fn input(self: &Arc<Self>, ty: Type, behind: Option<Tensor>) -> Tensor {
        let mut state = self.lock();
        let var = state.program.types.push(&ty);
        state.program.inputs.push(var);
        if let Some(value) = behind {
            state.behind.insert(var, value);
        }
        Tensor::traced(self.clone(), var, ty)
    }

    /// Adds an equation.
    pub(crate) fn record(
        self: &Arc<Self>,
        prim: Prim,
        inputs: &[&Tensor],
        place: Option<Place>,
    ) -> Result<Tensors, Error> {
        if self.thread != mode::thread() {
            return Err(Error::new(prim.name())
                .got(format!("a tensor traced by `{}` on another thread", self.kind.name()))
                .note("that trace was opened", Some(self.place))
                .help("use the tensors of a trace on the thread that runs the function")
                .at(place));
        }
        // Nearly all operations have one operand or two.
        let types = match inputs {
            [x] => prim.infer(&[x.ty()]),
            [a, b] => prim.infer(&[a.ty(), b.ty()]),
            _ => prim.infer(&inputs.iter().map(|x| x.ty()).collect::<Vec<_>>()),
        };
        let types = types.map_err(|error| error.at(place))?;
        for x in inputs {
            self.check_open(x, prim.name(), place)?;
        }
        let mut state = self.lock();
        if state.closed {
            return Err(self.stale(prim.name(), place));
        }
        let mut atoms = Atoms::with_capacity(inputs.len());
        for x in inputs {
            atoms.push(state.atom(self, x));
        }
        let first = Var(state.program.types.len() as u32);
        let count = types.len() as u32;
        types.iter().for_each(|ty| _ = state.program.types.push(ty));
        state.program.equations.push(Equation { prim, inputs: atoms, first, count, place });
        drop(state);
        let mut outputs = Tensors::with_capacity(types.len());
        for (var, ty) in (first.0..).zip(types) {
            outputs.push(Tensor::traced(self.clone(), Var(var), ty));
        }
        Ok(outputs)
    }

    /// Adds an equation with one output, of this type, that nothing stands in the way of; else nothing has happened, and
    /// [`record`](Builder::record) says what is wrong.
    #[inline]
    pub(crate) fn record1<const N: usize>(
        self: &Arc<Self>,
        prim: Prim,
        inputs: [&Tensor; N],
        ty: &Type,
        place: Option<Place>,
    ) -> Option<Tensor> {
        let foreign = |x: &Tensor| matches!(&x.repr, Repr::Traced(own) if !Arc::ptr_eq(&own.builder, self));
        if self.thread != mode::thread() || self.in_no_grad() || inputs.iter().any(|x| foreign(x)) {
            return None;
        }
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        let mut atoms = Atoms::new();
        for x in inputs {
            atoms.push(state.atom(self, x));
        }
        let first = state.program.types.push(ty);
        state.program.equations.push(Equation { prim, inputs: atoms, first, count: 1, place });
        drop(state);
        Some(Tensor::traced(self.clone(), first, ty.clone()))
    }

    /// Is the trace that this tensor belongs to still going on, if it is another one?
    fn check_open(&self, x: &Tensor, operation: &str, place: Option<Place>) -> Result<(), Error> {
        match &x.repr {
            Repr::Traced(traced) if !std::ptr::eq(&*traced.builder, self) && traced.builder.is_closed() => {
                Err(traced.builder.stale(operation, place))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn stale(&self, operation: &str, place: Option<Place>) -> Error {
        Error::new(operation)
            .got(format!("a tensor of a `{}` that has ended", self.kind.name()))
            .note(format!("that `{}` was called", self.kind.name()), Some(self.place))
            .help("return the tensor from the function instead of storing it outside")
            .at(place)
    }

    /// `requires_grad`, `backward`, … on a traced tensor.
    pub(crate) fn no_eager(&self, operation: &str, place: Place) -> Error {
        Error::new(operation)
            .got(format!("a tensor traced by `{}`", self.kind.name()))
            .note(format!("that `{}` was called", self.kind.name()), Some(self.place))
            .help("the eager graph is for concrete tensors: inside a transformed function use `grad(f)(&x)`")
            .at(Some(place))
    }

    /// `backward` while this body is traced.
    pub(crate) fn no_backward(&self, place: Place) -> Error {
        let name = self.kind.name();
        Error::new("backward")
            .got(format!("a call within the body of `{name}`"))
            .note(format!("that `{name}` was called"), Some(self.place))
            .help("a body is traced, whether it will run or not: go backward outside of it, or use `grad(f)(&x)` in it")
            .at(Some(place))
    }

    pub(crate) fn place_of(&self, var: Var) -> Option<Place> {
        let state = self.lock();
        state.program.producer(var).and_then(|i| state.program.equations[i].place).or(Some(self.place))
    }

    /// Ends the trace.
    pub(crate) fn close(self: &Arc<Self>, outputs: &[&Tensor]) -> Result<Closed, Error> {
        for output in outputs {
            self.check_open(output, self.kind.name(), Some(self.place))?;
        }
        let mut state = self.lock();
        let outputs = outputs.iter().map(|x| state.atom(self, x)).collect();
        state.closed = true;
        let mut program = std::mem::take(&mut state.program);
        program.outputs = outputs;
        let captures = std::mem::take(&mut state.captures);
        let guards = std::mem::take(&mut state.guards);
        // What is dropped here may be long; it is not dropped under the lock.
        let rest = std::mem::replace(&mut *state, State { closed: true, ..State::default() });
        drop(state);
        drop(rest);
        program.inputs.extend(captures.iter().map(|(var, _)| *var));
        let captures = captures.into_iter().map(|(_, tensor)| tensor).collect();
        debug_assert!(program.check().is_ok(), "{:?}\n{program}", program.check());
        Ok(Closed { program, captures, guards })
    }

    fn abandon(&self) {
        let state = {
            let mut state = self.lock();
            std::mem::replace(&mut *state, State { closed: true, ..State::default() })
        };
        drop(state);
    }
}

impl State {
    /// This tensor as an operand: a variable, a constant, or a new input for what comes from outside.
    #[inline]
    fn atom(&mut self, builder: &Arc<Builder>, x: &Tensor) -> Atom {
        let outer = match &x.repr {
            Repr::Traced(Traced { builder: own, var, .. }) if Arc::ptr_eq(own, builder) => {
                return Atom::Var(*var);
            }
            Repr::Traced(Traced { builder, var, .. }) => Outer::Traced(builder.id, *var),
            Repr::Concrete { edge: Some(edge), array } => {
                Outer::Node(edge.node.id(), edge.output, Held::by(array))
            }
            Repr::Concrete { edge: None, array } => {
                self.program.constants.push(array.clone());
                return Atom::Constant(self.program.constants.len() as u32 - 1);
            }
        };
        if let Some(&var) = self.captured.get(&outer) {
            return Atom::Var(var);
        }
        let var = self.program.types.push(x.ty());
        self.captured.insert(outer, var);
        self.captures.push((var, x.clone()));
        self.behind.insert(var, x.clone());
        Atom::Var(var)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} opened at {}", self.kind, self.place)
    }
}

/// Abandons a trace that ends by a panic.
struct Abandon(Arc<Builder>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Traces `f` on inputs of these types, perhaps with values behind them.
pub(crate) fn trace_inputs<B>(
    kind: Kind,
    place: Place,
    inputs: impl IntoIterator<Item = (Type, Option<Tensor>)>,
    f: impl FnOnce(Vec<Tensor>) -> B,
    leaves: impl FnOnce(&B) -> Vec<&Tensor>,
) -> Result<(Closed, B), Error> {
    let builder = Builder::open(kind, place);
    let abandon = Abandon(builder.clone());
    let inputs: Vec<Tensor> = inputs.into_iter().map(|(ty, behind)| builder.input(ty, behind)).collect();
    let output = {
        let _body = matches!(kind, Kind::Body(_)).then(|| InBody::enter(builder.clone()));
        mode::tracing(|| f(inputs))
    };
    let closed = builder.close(&leaves(&output))?;
    drop(abandon);
    Ok((closed, output))
}

/// Traces a function of a tree at concrete (or traced) arguments, whose values are behind the traced ones. Gives the program,
/// and what the function returned, to be used as a pattern for its structure.
///
/// ```
/// use cotangent::core::{trace, Kind, Tensor};
/// let (closed, _) = trace(Kind::Transform("example"), &Tensor::from([1.0, 2.0]), |x: &Tensor| (x * x).sum());
/// assert_eq!(closed.program.equations().len(), 2);
/// ```
#[track_caller]
pub fn trace<A: Tree, B: Tree>(kind: Kind, args: &A, f: impl FnOnce(&A) -> B) -> (Closed, B) {
    let inputs: Vec<_> = tree::leaves(args).into_iter().map(|x| (x.ty().clone(), Some(x.clone()))).collect();
    let place = mode::place();
    trace_inputs(
        kind,
        place,
        inputs,
        |inputs| f(&tree::with_leaves(args, inputs)),
        |output| tree::leaves(output),
    )
    .unwrap_or_else(|error| super::error::raise(error))
}

/// [`trace`], where an operation that cannot be done ends the trace with its error instead of a panic.
///
/// ```
/// use cotangent::core::{try_trace, Kind, Tensor};
/// let x = Tensor::from([1.0, 2.0]);
/// let error = try_trace(Kind::Transform("example"), &x, |x: &Tensor| x.reshape([3])).err().unwrap();
/// assert_eq!(error.operation(), "reshape");
/// ```
#[track_caller]
pub fn try_trace<A: Tree, B: Tree>(
    kind: Kind,
    args: &A,
    f: impl FnOnce(&A) -> B,
) -> Result<(Closed, B), Error> {
    let inputs: Vec<_> = tree::leaves(args).into_iter().map(|x| (x.ty().clone(), Some(x.clone()))).collect();
    let place = mode::place();
    super::error::caught(|| {
        let f = |inputs| f(&tree::with_leaves(args, inputs));
        trace_inputs(kind, place, inputs, f, |output| tree::leaves(output))
    })
    .map_err(|error| error.at(Some(place)))
}

/// Traces a function of plain tensors to a program that stands alone: inputs have types and no values, and nothing from
/// outside may be used but constants.
///
/// ```
/// use cotangent::core::{trace_program, DType, Type};
/// let program = trace_program(&[Type::new(DType::F32, [3])], |x| vec![x[0].sin()]);
/// assert_eq!(program.output_types()[0].to_string(), "f32[3]");
/// ```
#[track_caller]
pub fn trace_program(types: &[Type], f: impl FnOnce(&[Tensor]) -> Vec<Tensor>) -> Program {
    let inputs = types.iter().map(|ty| (ty.clone(), None));
    let result =
        trace_inputs(Kind::Body("trace_program"), mode::place(), inputs, |x| f(&x), |y| y.iter().collect());
    let (closed, _) = result.unwrap_or_else(|error| super::error::raise(error));
    if let Some(capture) = closed.captures.first() {
        super::error::raise(
            Error::new("trace_program")
                .expected("a function of its inputs alone")
                .got(format!("a tensor from outside, {}", capture.ty()))
                .note("it was made", capture.place())
                .help("pass it as an input")
                .at(Some(mode::place())),
        );
    }
    closed.program
}
