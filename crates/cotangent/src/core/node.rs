//! The eager graph: a node for each operation whose result depends on a tensor that requires a gradient.

use super::error::{Error, Place};
use super::primitive::Prim;
use super::tensor::Tensor;
use cotangent_kernels::{Array, Item, Shape};
use smallvec::{SmallVec, smallvec};
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

/// One output of a node: what a tensor remembers of where it came from.
#[derive(Clone)]
pub struct Edge {
    /// The node.
    pub node: Arc<Node>,
    /// Which of its outputs.
    pub output: u32,
}

/// An operation that was run, or a leaf that wants a gradient. Parents have smaller ids than children.
pub struct Node {
    id: u64,
    place: Place,
    recorded: Option<Recorded>,
    extras: OnceLock<Box<Extras>>,
}

/// An operation with what its pullback needs.
pub struct Recorded {
    /// What was run.
    pub prim: Prim,
    /// Where each input came from; `None` needs no gradient.
    pub edges: SmallVec<[Option<Edge>; 2]>,
    pub(crate) kept: Kept,
}

/// The values at which an operation was run; those that no pullback reads are zeros of their type, which hold no memory.
pub(crate) enum Kept {
    /// Of an elementwise function of single numbers of rank 0, read or not. The second is idle for a function of one.
    Numbers { x: [Item; 2], y: Item },
    /// Of any other.
    Arrays(Box<(Vec<Array>, Vec<Array>)>),
}

impl Recorded {
    /// The inputs; those that no pullback reads are zeros of their type.
    pub fn inputs(&self) -> SmallVec<[Array; 2]> {
        match &self.kept {
            Kept::Numbers { x, .. } => x[..self.edges.len()].iter().map(|&x| number(x)).collect(),
            Kept::Arrays(arrays) => arrays.0.iter().cloned().collect(),
        }
    }

    /// Are the inputs and outputs those that the operation had, whatever its pullback reads?
    pub(crate) fn keeps_all(&self) -> bool {
        matches!(self.kept, Kept::Numbers { .. })
    }

    /// The outputs; likewise.
    pub fn outputs(&self) -> SmallVec<[Array; 1]> {
        match &self.kept {
            Kept::Numbers { y, .. } => smallvec![number(*y)],
            Kept::Arrays(arrays) => arrays.1.iter().cloned().collect(),
        }
    }
}

fn number(item: Item) -> Array {
    Array::fill(item, Shape::scalar())
}

/// A function that sees, and may replace, a gradient on its way.
pub(crate) type Hook = Arc<dyn Fn(&Tensor) -> Option<Tensor> + Send + Sync>;

#[derive(Default)]
pub(crate) struct Extras {
    /// One for each output, as far as any was asked for.
    gradients: Mutex<SmallVec<[Gradient; 1]>>,
    hooks: Mutex<Vec<(u32, u64, Hook)>>,
}

#[derive(Default)]
struct Gradient {
    value: Option<Tensor>,
    /// How often it was changed.
    version: u64,
    /// Shall `backward` leave it here, though this is no leaf?
    retained: bool,
}

impl Gradient {
    fn replace(&mut self, value: Option<Tensor>) -> Option<Tensor> {
        self.version += 1;
        std::mem::replace(&mut self.value, value)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in a hook leaves the data as it was: there is nothing to protect.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Node {
    #[inline]
    pub(crate) fn new(recorded: Option<Recorded>, place: Place) -> Arc<Node> {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let node = Arc::new(Node { id, place, recorded, extras: OnceLock::new() });
        if WATCHES.load(Ordering::Relaxed) > 0 {
            register(&node);
        }
        node
    }

    /// Larger than its parents'.
    pub fn id(&self) -> u64 {
        self.id
    }
    /// The line that made it.
    pub fn place(&self) -> Place {
        self.place
    }
    /// The operation; `None` for a leaf.
    pub fn recorded(&self) -> Option<&Recorded> {
        self.recorded.as_ref()
    }
    /// The operation's name, `leaf` for a leaf.
    pub fn name(&self) -> &str {
        self.recorded.as_ref().map_or("leaf", |r| r.prim.name())
    }

    pub(crate) fn has_extras(&self) -> bool {
        self.extras.get().is_some()
    }
    fn extras(&self) -> &Extras {
        self.extras.get_or_init(Default::default)
    }
    pub(crate) fn gradient(&self, output: u32) -> Option<Tensor> {
        let gradients = lock(&self.extras.get()?.gradients);
        gradients.get(output as usize)?.value.clone()
    }
    /// Runs under the lock: nothing that takes long.
    fn with_gradient<R>(&self, output: u32, f: impl FnOnce(&mut Gradient) -> R) -> R {
        let mut gradients = lock(&self.extras().gradients);
        while gradients.len() <= output as usize {
            gradients.push(Gradient::default());
        }
        f(&mut gradients[output as usize])
    }
    pub(crate) fn set_gradient(&self, output: u32, gradient: Option<Tensor>) {
        if gradient.is_some() || self.has_extras() {
            // The old one is dropped after the lock is released: dropping may run a long way.
            let _old = self.with_gradient(output, |now| now.replace(gradient));
        }
    }
    /// Changes the gradient by `add`, which runs outside the lock: again if another thread was faster, so that no thread's share
    /// is lost.
    pub(crate) fn add_gradient(
        &self,
        output: u32,
        add: impl Fn(&mut Option<Tensor>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        loop {
            let (mut sum, version) = self.with_gradient(output, |now| (now.value.clone(), now.version));
            add(&mut sum)?;
            let put = |now: &mut Gradient| match now.version == version {
                true => Ok(now.replace(sum)),
                false => Err(sum),
            };
            // What is replaced, or was of no use, is dropped after the lock is released.
            if self.with_gradient(output, put).is_ok() {
                return Ok(());
            }
        }
    }
    pub(crate) fn retain(&self, output: u32) {
        self.with_gradient(output, |gradient| gradient.retained = true);
    }
    pub(crate) fn retains(&self, output: u32) -> bool {
        let asked = |extras: &Extras| {
            lock(&extras.gradients).get(output as usize).is_some_and(|gradient| gradient.retained)
        };
        self.recorded.is_none() || self.extras.get().is_some_and(|extras| asked(extras))
    }
    pub(crate) fn add_hook(&self, output: u32, hook: Hook) -> u64 {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        lock(&self.extras().hooks).push((output, id, hook));
        id
    }
    pub(crate) fn remove_hook(&self, id: u64) {
        lock(&self.extras().hooks).retain(|hook| hook.1 != id);
    }
    pub(crate) fn hooks(&self, output: u32) -> Vec<Hook> {
        let Some(extras) = self.extras.get() else { return Vec::new() };
        lock(&extras.hooks).iter().filter(|hook| hook.0 == output).map(|hook| hook.2.clone()).collect()
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}:{}", self.name(), self.place.file(), self.place.line())
    }
}

impl Drop for Node {
    /// A chain of a million operations must not recurse: a parent that nobody else holds gives up its own parents before it goes.
    fn drop(&mut self) {
        let Some(recorded) = &mut self.recorded else { return };
        let mut stack: SmallVec<[Arc<Node>; 8]> = SmallVec::new();
        give_up(recorded, &mut stack);
        while let Some(mut node) = stack.pop() {
            if let Some(recorded) = Arc::get_mut(&mut node).and_then(|node| node.recorded.as_mut()) {
                give_up(recorded, &mut stack);
            }
        }
    }
}

#[inline]
fn give_up(recorded: &mut Recorded, stack: &mut SmallVec<[Arc<Node>; 8]>) {
    for edge in &mut recorded.edges {
        if let Some(edge) = edge.take() {
            stack.push(edge.node);
        }
    }
}

/// How many [`Watch`]es are going on.
static WATCHES: AtomicUsize = AtomicUsize::new(0);
static LIVE: Mutex<Vec<Weak<Node>>> = Mutex::new(Vec::new());

fn register(node: &Arc<Node>) {
    let mut live = lock(&LIVE);
    if live.len() >= 1024 && live.len().is_power_of_two() {
        live.retain(|node| node.strong_count() > 0);
    }
    live.push(Arc::downgrade(node));
}

/// Remembers, while it lives, every node made on any thread, so that [`live_graph`](crate::eager::live_graph) can tell which are
/// still alive.
pub(crate) struct Watch {
    /// Nodes made since have no smaller ids.
    start: u64,
}

impl Watch {
    pub(crate) fn start() -> Watch {
        WATCHES.fetch_add(1, Ordering::Relaxed);
        Watch { start: NEXT.load(Ordering::Relaxed) }
    }

    /// The nodes made since the start that are still alive.
    pub(crate) fn live(&self) -> Vec<Arc<Node>> {
        let nodes: Vec<Arc<Node>> = lock(&LIVE).iter().filter_map(Weak::upgrade).collect();
        nodes.into_iter().filter(|node| node.id >= self.start).collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if WATCHES.fetch_sub(1, Ordering::Relaxed) == 1 {
            lock(&LIVE).clear();
        }
    }
}
