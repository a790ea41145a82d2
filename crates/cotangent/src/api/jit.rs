//! Functions compiled: traced once for arguments of one kind, made cheap, and run from then on.

use super::traces::{Found, Traces};
use crate::core::{
    Array, Arrays, Closed, Derivative, Error, Kind, Params, Place, Prim, Primitive, Program, Signature,
    Tensor, Tensors, Tree, Type, Types, anomaly_kind, apply, at_place, caught, grad_enabled, guarding,
    in_body, leaves, outside, place, raise, trace_inputs, with_leaves,
};
use crate::op::Call;
use crate::run::{Backend, Blocks, Cost, Executable};
use smallvec::SmallVec;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

/// The function, compiled: traced at its first call with arguments of a structure, shapes and dtypes, and run from then on.
///
/// Any function of trees will do, a derivative of any order too. Rust's `if` and `while` on values work: the trace is cut where a value is
/// asked for, and there is another one for each answer (of a comparison the answer is a bool, of [`item`](Tensor::item) the number). Beyond 16
/// traces the function runs eagerly.
///
/// What the function does besides computing its results (printing, counting) it does when it is traced. Concrete tensors that it captures are
/// constants of the trace. A function that captures a tensor of an enclosing function, or one that requires a gradient, runs as it is: pass
/// such a tensor as an argument.
///
/// ```
/// use cotangent::prelude::*;
/// let f = |x: &Tensor| if x.sum() > 1.0 { x.sin().sum() } else { x.square().sum() };
/// let fast = jit(grad(f));
/// assert_eq!(fast(&Tensor::from([0.25, 0.5])).to_vec::<f64>(), [0.5, 1.0]);
/// assert_eq!(fast(&Tensor::from([2.0, 3.0])).to_vec::<f64>(), [2f64.cos(), 3f64.cos()]);
/// ```
#[track_caller]
pub fn jit<'f, A: Tree + 'f, B: Tree + 'f>(f: impl Fn(&A) -> B + Send + Sync + 'f) -> impl Fn(&A) -> B {
    let jit = Jit::new(f);
    move |x| jit.call(x)
}

/// [`jit`] as a value, that can be asked what it has made.
///
/// ```
/// use cotangent::prelude::*;
/// let f = Jit::new(|x: &Tensor| (x * 2.0).sin().sum());
/// let y = f.call(&Tensor::from([0.0, 0.25]));
/// assert_eq!(y.item::<f64>(), 0.5f64.sin());
/// assert_eq!((f.stats().traces, f.stats().calls), (1, 1));
/// ```
pub struct Jit<'f, A, B> {
    f: Box<dyn Fn(&A) -> B + Send + Sync + 'f>,
    place: Place,
    entries: RwLock<Vec<Arc<Entry<B>>>>,
    calls: AtomicUsize,
    eager: AtomicUsize,
}

/// What is known of arguments of one signature.
struct Entry<B> {
    signature: Signature,
    /// For calls where gradients are not recorded, and where they are: `no_grad` in the function means nothing in the former.
    traces: [Mutex<Arc<Traces<B>>>; 2],
    /// As one operation, for arguments that are traced or have nodes; likewise.
    staged: Mutex<[Staged<B>; 2]>,
}

enum Staged<B> {
    Unknown,
    /// It asks for values, or captures tensors: it runs as it is.
    AsItIs,
    Operation(Arc<Operation>, Arc<B>),
}

impl<B> Entry<B> {
    fn new(signature: Signature) -> Entry<B> {
        let staged = Mutex::new([Staged::Unknown, Staged::Unknown]);
        Entry { signature, traces: Default::default(), staged }
    }

    /// What was staged.
    fn operations(&self) -> Vec<Arc<Operation>> {
        let staged = lock(&self.staged);
        let operation = |staged: &Staged<B>| match staged {
            Staged::Operation(operation, _) => Some(operation.clone()),
            Staged::Unknown | Staged::AsItIs => None,
        };
        staged.iter().filter_map(operation).collect()
    }
}

impl<B> Clone for Staged<B> {
    fn clone(&self) -> Self {
        match self {
            Staged::Unknown => Staged::Unknown,
            Staged::AsItIs => Staged::AsItIs,
            Staged::Operation(operation, pattern) => Staged::Operation(operation.clone(), pattern.clone()),
        }
    }
}

/// A call whose value is computed by what was compiled.
#[derive(Debug)]
struct Operation {
    call: Call,
    executable: Arc<dyn Executable>,
}

/// What a [`Jit`] has done so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// Kinds of arguments: structures, shapes and dtypes.
    pub signatures: usize,
    /// How often the function was traced.
    pub traces: usize,
    /// How many answers are known to what the function asks.
    pub guards: usize,
    /// How often it was called.
    pub calls: usize,
    /// How many of the calls ran eagerly.
    pub eager: usize,
    /// Time spent on making programs cheap, and plans.
    pub compiling: Duration,
    /// What the steps of what was compiled do, one plan after another.
    pub steps: Vec<Cost>,
}

impl Stats {
    /// Functions of entries in one run of every step.
    pub fn operations(&self) -> u64 {
        self.steps.iter().map(|step| step.operations).sum()
    }
    /// What one run of every step reads and writes.
    pub fn bytes(&self) -> u64 {
        self.steps.iter().map(|step| step.bytes).sum()
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stats { signatures, traces, guards, calls, eager, compiling, steps } = self;
        writeln!(f, "{calls} calls, {eager} of them eager")?;
        writeln!(
            f,
            "{traces} traces for {signatures} signatures, {guards} guards, compiled in {compiling:.1?}"
        )?;
        write!(f, "{:>12} {:>12} {:>10}  step", "operations", "bytes", "time")?;
        for Cost { step, operations, bytes, time } in steps {
            let time = time.map_or("–".to_string(), |time| format!("{time:.1?}"));
            write!(f, "\n{operations:>12} {bytes:>12} {time:>10}  {step}")?;
        }
        write!(f, "\n{:>12} {:>12} {:>10}  in all", self.operations(), self.bytes(), "")
    }
}

/// The arrays of inputs that are neither traced nor recorded.
fn as_plain<'x>(inputs: &[&'x Tensor]) -> Option<SmallVec<[&'x Array; 8]>> {
    if in_body() {
        return None;
    }
    inputs.iter().map(|x| x.as_array().filter(|_| !x.has_node() || !grad_enabled())).collect()
}

/// What the function returned, with these leaves.
fn returned<B: Tree>(pattern: &B, outputs: Arrays) -> B {
    with_leaves(pattern, outputs.into_iter().map(Tensor::from).collect())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that can panic half-way runs under a lock.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'f, A: Tree + 'f, B: Tree + 'f> Jit<'f, A, B> {
    /// Nothing is traced yet.
    #[track_caller]
    pub fn new(f: impl Fn(&A) -> B + Send + Sync + 'f) -> Jit<'f, A, B> {
        Jit {
            f: Box::new(f),
            place: place(),
            entries: RwLock::default(),
            calls: AtomicUsize::new(0),
            eager: AtomicUsize::new(0),
        }
    }

    /// The function's value.
    pub fn call(&self, x: &A) -> B {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if anomaly_kind().is_some() {
            return self.run_eagerly(x);
        }
        let entry = self.entry(x);
        let inputs = leaves(x);
        match as_plain(&inputs) {
            Some(arrays) => self.run(&entry, x, &arrays),
            None => self.run_staged(&entry, x, &inputs),
        }
    }

    fn run_eagerly(&self, x: &A) -> B {
        self.eager.fetch_add(1, Ordering::Relaxed);
        (self.f)(x)
    }

    /// What is known of arguments like these.
    fn entry(&self, x: &A) -> Arc<Entry<B>> {
        let hash = Signature::hash_of(x);
        let first = {
            let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
            entries.iter().find(|entry| entry.signature.hash() == hash).cloned()
        };
        if let Some(entry) = first.filter(|entry| entry.signature.is_of(x, hash)) {
            return entry;
        }
        // Compared when the lock is released, for that is the user's code.
        let alike = |entries: &[Arc<Entry<B>>]| -> SmallVec<[Arc<Entry<B>>; 2]> {
            entries.iter().filter(|entry| entry.signature.hash() == hash).cloned().collect()
        };
        let mut seen = alike(&self.entries.read().unwrap_or_else(PoisonError::into_inner));
        let mut new = None;
        loop {
            if let Some(entry) = seen.iter().find(|entry| entry.signature.is_of(x, hash)) {
                return entry.clone();
            }
            let entry = new.get_or_insert_with(|| Arc::new(Entry::new(Signature::of(x)))).clone();
            let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
            let now = alike(&entries);
            // Another thread may have been faster.
            if now.len() == seen.len() {
                entries.push(entry.clone());
                return entry;
            }
            seen = now;
        }
    }

    /// On plain arrays: by what was compiled.
    fn run(&self, entry: &Entry<B>, x: &A, arrays: &[&Array]) -> B {
        let traces = &entry.traces[usize::from(grad_enabled())];
        let known = lock(traces).clone();
        if known.given_up {
            return self.run_eagerly(x);
        }
        if let Found::Outputs(outputs, pattern) = self.found(&known, arrays) {
            return returned(&*pattern, outputs);
        }
        let behind = arrays.iter().map(|&array| (array.ty().clone(), Some(Tensor::from(array.clone()))));
        let (closed, pattern) = guarding(true, || self.trace(x, behind)).unwrap_or_else(|error| raise(error));
        let (program, pattern) = (Arc::new(closed.program), Arc::new(pattern));
        let mut before = known;
        let traced = loop {
            let mut more = (*before).clone();
            match closed.captures.is_empty() {
                true => more.add(program.clone(), &closed.guards, pattern.clone(), arrays),
                false => more.given_up = true,
            }
            let more = Arc::new(more);
            let mut now = lock(traces);
            if Arc::ptr_eq(&now, &before) {
                // What stood there is dropped when the lock is released.
                let _before = std::mem::replace(&mut *now, more.clone());
                drop(now);
                break more;
            }
            // Another thread has added a trace meanwhile.
            before = now.clone();
        };
        if traced.given_up {
            self.report(&traced);
            return self.run_eagerly(x);
        }
        match self.found(&traced, arrays) {
            Found::Outputs(outputs, pattern) => returned(&*pattern, outputs),
            Found::Nothing => self.run_eagerly(x),
        }
    }

    /// The function's trace, at inputs of these types and perhaps with values behind them.
    fn trace(
        &self,
        x: &A,
        inputs: impl Iterator<Item = (Type, Option<Tensor>)>,
    ) -> Result<(Closed, B), Error> {
        let f = |inputs| (self.f)(&with_leaves(x, inputs));
        trace_inputs(Kind::Transform("jit"), self.place, inputs, f, |output| leaves(output))
    }

    /// [`trace`](Jit::trace) without values, as if nothing else were being traced.
    fn trace_alone(&self, x: &A, inputs: &[&Tensor]) -> Result<(Closed, B), Error> {
        let types = inputs.iter().map(|x| (x.ty().clone(), None));
        caught(|| outside(0, || guarding(false, || self.trace(x, types))))
    }

    fn found(&self, traces: &Traces<B>, arrays: &[&Array]) -> Found<B> {
        traces.run(arrays).unwrap_or_else(|error| raise(error.at(Some(self.place))))
    }

    fn report(&self, traces: &Traces<B>) {
        if traces.count > super::traces::MOST {
            eprintln!(
                "cotangent: the function compiled by `jit` at {} asks for values that differ from call to call ({} traces): \
                 from now on it runs eagerly; choose with `select` or `cond`, or ask only for comparisons",
                self.place, traces.count
            );
        }
    }

    /// On tensors that are traced or have nodes: as one operation, unless it asks for values.
    fn run_staged(&self, entry: &Entry<B>, x: &A, inputs: &[&Tensor]) -> B {
        let which = usize::from(grad_enabled());
        let known = lock(&entry.staged)[which].clone();
        let staged = match known {
            Staged::Unknown => {
                let staged = self.stage(x, inputs);
                let _before = std::mem::replace(&mut lock(&entry.staged)[which], staged.clone());
                staged
            }
            known => known,
        };
        match staged {
            Staged::Operation(operation, pattern) => {
                let outputs = at_place(Some(self.place), || apply(Prim::Shared(operation), inputs));
                with_leaves(&*pattern, outputs.into_vec())
            }
            _ => (self.f)(x),
        }
    }

    fn stage(&self, x: &A, inputs: &[&Tensor]) -> Staged<B> {
        match self.trace_alone(x, inputs) {
            Ok((closed, pattern)) if closed.captures.is_empty() => {
                let executable = Blocks.compile(&closed.program);
                let call = Call { program: Arc::new(closed.program) };
                Staged::Operation(Arc::new(Operation { call, executable }), Arc::new(pattern))
            }
            _ => Staged::AsItIs,
        }
    }

    /// The program of the function at arguments like these, as it is traced: without values, so it may ask for none.
    pub fn lower(&self, x: &A) -> Result<Program, Error> {
        let traced = self.trace_alone(x, &leaves(x));
        let (closed, _) = traced.map_err(|error| error.at(Some(self.place)))?;
        match closed.captures.first() {
            None => Ok(closed.program),
            Some(capture) => Err(Error::new("lower")
                .expected("a function of its arguments alone")
                .got(format!("a captured tensor that requires a gradient or is traced, {}", capture.ty()))
                .note("it was made", capture.place())
                .help("pass it as an argument")
                .at(Some(self.place))),
        }
    }

    /// What is run for the arguments seen so far: the optimised programs, in the order in which they were compiled. A function that asks for
    /// values is several.
    pub fn programs(&self) -> Vec<Program> {
        self.executables().iter().map(|executable| executable.program().clone()).collect()
    }

    /// The same as plans: which loops there are, and where the values between them lie.
    pub fn plans(&self) -> String {
        self.executables().iter().map(|executable| executable.to_string()).collect::<Vec<_>>().join("\n")
    }

    fn executables(&self) -> Vec<Arc<dyn Executable>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut all = Vec::new();
        for entry in &entries {
            for traces in &entry.traces {
                all.extend(lock(traces).executables().cloned());
            }
            all.extend(entry.operations().into_iter().map(|operation| operation.executable.clone()));
        }
        all
    }

    /// What it has done so far.
    pub fn stats(&self) -> Stats {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner).clone();
        let traces: Vec<Arc<Traces<B>>> =
            entries.iter().flat_map(|entry| &entry.traces).map(|traces| lock(traces).clone()).collect();
        Stats {
            signatures: entries.len(),
            traces: traces.iter().map(|traces| traces.count).sum::<usize>()
                + entries.iter().map(|entry| entry.operations().len()).sum::<usize>(),
            guards: traces.iter().map(|traces| traces.guards()).sum(),
            calls: self.calls.load(Ordering::Relaxed),
            eager: self.eager.load(Ordering::Relaxed),
            compiling: traces.iter().map(|traces| traces.compiling).sum(),
            steps: self.executables().iter().flat_map(|executable| executable.costs()).collect(),
        }
    }
}

impl<'f, S: Tree + 'f, R: Tree + 'f, B: Tree + 'f> Jit<'f, (S, R), B> {
    /// The function's value at a state that is given away: what is computed from its tensors is written in their place, if they are large,
    /// nobody else holds them, and the function asks for no values. A training step that is given its parameters so, and returns the next
    /// ones, needs no memory for them beyond what they have. The first call for arguments of a kind traces the function, as
    /// [`call`](Jit::call) does.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let step = Jit::new(|(w, ct): &(Tensor, Tensor)| w - ct * 0.5);
    /// let (mut w, ct) = (Tensor::from([1.0, 2.0]), Tensor::from([0.5, 1.0]));
    /// for _ in 0..2 {
    ///     w = step.donate(w, &ct);
    /// }
    /// assert_eq!(w.to_vec::<f64>(), [0.5, 1.0]);
    /// ```
    pub fn donate(&self, state: S, rest: &R) -> B {
        let x = (state, rest.map(&mut Tensor::clone));
        let entry = self.entry(&x);
        let known = lock(&entry.traces[usize::from(grad_enabled())]).clone();
        let plain = as_plain(&leaves(&x)).filter(|_| anomaly_kind().is_none() && !known.given_up);
        let Some(arrays) = plain.filter(|_| known.count == 1 && known.guards() == 0) else {
            return self.call(&x);
        };
        self.calls.fetch_add(1, Ordering::Relaxed);
        let arrays = arrays.into_iter().cloned().collect();
        drop(x);
        match known.consume(arrays).unwrap_or_else(|error| raise(error.at(Some(self.place)))) {
            Found::Outputs(outputs, pattern) => returned(&*pattern, outputs),
            Found::Nothing => unreachable!("nothing is asked"),
        }
    }
}

impl<A, B> fmt::Debug for Jit<'_, A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jit made at {}", self.place)
    }
}

impl Primitive for Operation {
    fn name(&self) -> &str {
        self.call.name()
    }
    fn params(&self) -> Params {
        self.call.params()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        self.call.infer(inputs)
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        self.executable.run(inputs)
    }
    fn body(&self) -> Option<Arc<Program>> {
        self.call.body()
    }
    fn derivative(&self) -> Derivative<'_> {
        self.call.derivative()
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        self.call.batch(x, mapped, size)
    }
}
