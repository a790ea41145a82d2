//! The eager graph: a node for each operation whose result depends on a tensor that requires a gradient.

use super::error::{Error, Place};
use super::primitive::Prim;
use super::tensor::Tensor;
use cotangent_kernels::{Array, Item, Type};
use smallvec::{SmallVec, smallvec};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
    /// Of an elementwise function of single numbers (or filled arrays): all have one type. The second is idle for a function of one.
    Items { ty: Type, x: [Item; 2], y: Item },
    /// Of any other.
    Arrays(Box<(Vec<Array>, Vec<Array>)>),
}

impl Recorded {
    /// The inputs; those that no pullback reads are zeros of their type.
    pub fn inputs(&self) -> SmallVec<[Array; 2]> {
        match &self.kept {
            Kept::Items { ty, x, .. } => {
                x[..self.edges.len()].iter().map(|&item| Array::fill(item, ty.shape.clone())).collect()
            }
            Kept::Arrays(arrays) => arrays.0.iter().cloned().collect(),
        }
    }

    /// Are the inputs and outputs those that the operation had, whatever its pullback reads?
    pub(crate) fn keeps_all(&self) -> bool {
        matches!(self.kept, Kept::Items { .. })
    }

    /// The outputs; likewise.
    pub fn outputs(&self) -> SmallVec<[Array; 1]> {
        match &self.kept {
            Kept::Items { ty, y, .. } => smallvec![Array::fill(*y, ty.shape.clone())],
            Kept::Arrays(arrays) => arrays.1.iter().cloned().collect(),
        }
    }
}

/// A function that sees, and may replace, a gradient on its way.
pub(crate) type Hook = Arc<dyn Fn(&Tensor) -> Option<Tensor> + Send + Sync>;

#[derive(Default)]
pub(crate) struct Extras {
    gradient: Mutex<Gradient>,
    hooks: Mutex<Vec<(u32, u64, Hook)>>,
    retain: AtomicBool,
}

#[derive(Default)]
struct Gradient {
    value: Option<Tensor>,
    /// How often it was changed.
    version: u64,
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
        if WATCHED.load(Ordering::Relaxed) {
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
    pub(crate) fn gradient(&self) -> Option<Tensor> {
        self.extras.get().and_then(|extras| lock(&extras.gradient).value.clone())
    }
    pub(crate) fn set_gradient(&self, gradient: Option<Tensor>) {
        if gradient.is_some() || self.has_extras() {
            // The old one is dropped after the lock is released: dropping may run a long way.
            let _old = lock(&self.extras().gradient).replace(gradient);
        }
    }
    /// Changes the gradient by `add`, which runs outside the lock: again if another thread was faster, so that no thread's share
    /// is lost.
    pub(crate) fn add_gradient(
        &self,
        add: impl Fn(&mut Option<Tensor>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let gradient = &self.extras().gradient;
        loop {
            let (mut sum, version) = {
                let now = lock(gradient);
                (now.value.clone(), now.version)
            };
            add(&mut sum)?;
            let mut now = lock(gradient);
            if now.version == version {
                let old = now.replace(sum);
                drop(now);
                drop(old);
                return Ok(());
            }
        }
    }
    pub(crate) fn retain(&self) {
        self.extras().retain.store(true, Ordering::Relaxed);
    }
    pub(crate) fn retains(&self) -> bool {
        self.recorded.is_none() || self.extras.get().is_some_and(|e| e.retain.load(Ordering::Relaxed))
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

static WATCHED: AtomicBool = AtomicBool::new(false);
static LIVE: Mutex<Vec<Weak<Node>>> = Mutex::new(Vec::new());

fn register(node: &Arc<Node>) {
    let mut live = lock(&LIVE);
    if live.len() >= 1024 && live.len().is_power_of_two() {
        live.retain(|node| node.strong_count() > 0);
    }
    live.push(Arc::downgrade(node));
}

/// Starts to remember every node made, on every thread, so that [`live_graph`](crate::eager::live_graph) can tell which are still alive; or stops, and
/// forgets them.
pub fn watch(on: bool) {
    WATCHED.store(on, Ordering::Relaxed);
    if !on {
        lock(&LIVE).clear();
    }
}

/// The nodes made since [`watch`] that are still alive.
pub(crate) fn live_nodes() -> Vec<Arc<Node>> {
    let nodes: Vec<Arc<Node>> = lock(&LIVE).iter().filter_map(Weak::upgrade).collect();
    nodes
}
