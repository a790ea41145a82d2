//! What holds on this thread for a while: whether nodes are recorded, which body is being traced, whose line it is.

use super::builder::Builder;
use super::error::Place;
use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::sync::Arc;

struct Mode {
    /// Depth of [`no_grad`], or 0.
    no_grad: Cell<u32>,
    /// Depth of `try_trace`: errors unwind as themselves.
    raising: Cell<u32>,
    /// The line to blame instead of the caller's: set while a program is interpreted.
    place: Cell<Option<Place>>,
    anomaly: Cell<Option<Anomaly>>,
    /// Is a function being traced?
    tracing: Cell<bool>,
    /// Is it `jit` that traces it, so that what is forced decides which trace this is?
    guarded: Cell<bool>,
    /// Is there an entry in [`BODIES`]?
    any_body: Cell<bool>,
    thread: Cell<u64>,
}

thread_local! {
    static MODE: Mode = const {
        Mode {
            no_grad: Cell::new(0),
            raising: Cell::new(0),
            place: Cell::new(None),
            anomaly: Cell::new(None),
            tracing: Cell::new(false),
            guarded: Cell::new(false),
            any_body: Cell::new(false),
            thread: Cell::new(0),
        }
    };
    /// Staged bodies being traced, innermost last. Every operation belongs to the innermost at least. Apart from the rest, which needs no
    /// destructor and so is quick to reach.
    static BODIES: RefCell<Vec<Arc<Builder>>> = const { RefCell::new(Vec::new()) };
}

/// Puts a depth back where it was, also when a panic passes.
struct Restore<T: Copy + 'static>(fn(&Mode) -> &Cell<T>, T);

impl<T: Copy + 'static> Drop for Restore<T> {
    fn drop(&mut self) {
        MODE.with(|mode| (self.0)(mode).set(self.1));
    }
}

fn set<T: Copy + 'static, R>(cell: fn(&Mode) -> &Cell<T>, value: T, f: impl FnOnce() -> R) -> R {
    let _restore = Restore(cell, MODE.with(|mode| cell(mode).replace(value)));
    f()
}

/// Runs `f` without recording eager nodes: what it computes does not depend on anything, as far as
/// [`backward`](super::Tensor) is concerned. In-place changes of leaves are allowed inside. In a function that is transformed it is
/// likewise a constant for derivatives taken around it; those taken inside are not touched.
///
/// ```
/// use cotangent::prelude::*;
/// let mut w = Tensor::from(2.0).requires_grad();
/// no_grad(|| w -= 0.5);
/// assert_eq!((w.item::<f64>(), w.is_leaf()), (1.5, true));
/// let g = grad(|x: &Tensor| x * no_grad(|| x.square()));
/// assert_eq!(g(&Tensor::from(3.0)).item::<f64>(), 9.0); // not 3x²
/// ```
pub fn no_grad<R>(f: impl FnOnce() -> R) -> R {
    set(|mode| &mode.no_grad, 1, f)
}

/// Runs `f` with eager nodes recorded or not, as asked, whatever holds outside.
///
/// ```
/// use cotangent::core::{grad_enabled, no_grad, with_grad};
/// assert!(no_grad(|| with_grad(true, grad_enabled)));
/// ```
pub fn with_grad<R>(enabled: bool, f: impl FnOnce() -> R) -> R {
    set(|mode| &mode.no_grad, u32::from(!enabled), f)
}

/// Are eager nodes recorded on this thread?
///
/// ```
/// use cotangent::core::{grad_enabled, no_grad};
/// assert!(grad_enabled() && !no_grad(grad_enabled));
/// ```
#[inline]
pub fn grad_enabled() -> bool {
    MODE.with(|mode| mode.no_grad.get() == 0)
}

/// What anomaly mode looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anomaly {
    /// NaN.
    Nan,
    /// NaN or infinity.
    NotFinite,
}

/// Runs `f` and stops at the first operation, forward or backward, whose result has a NaN (or an infinity) that
/// its operands did not have: an error with the operation and its line.
///
/// ```should_panic
/// use cotangent::core::{anomaly, Anomaly};
/// use cotangent::prelude::*;
/// anomaly(Anomaly::Nan, || Tensor::from(-1.0).sqrt()); // panics: `sqrt` at src/…
/// ```
pub fn anomaly<R>(kind: Anomaly, f: impl FnOnce() -> R) -> R {
    set(|mode| &mode.anomaly, Some(kind), f)
}

#[inline]
pub(crate) fn anomaly_kind() -> Option<Anomaly> {
    MODE.with(|mode| mode.anomaly.get())
}

/// Runs `f` with every operation in it attributed to this line.
pub fn at_place<R>(place: Option<Place>, f: impl FnOnce() -> R) -> R {
    match place {
        Some(_) => set(|mode| &mode.place, place, f),
        None => f(),
    }
}

/// The line to blame: the caller's, unless a program is being interpreted.
#[inline]
#[track_caller]
pub(crate) fn place() -> Place {
    MODE.with(|mode| mode.place.get()).unwrap_or(Location::caller())
}

/// Is a function being traced on this thread?
pub(crate) fn in_trace() -> bool {
    MODE.with(|mode| mode.tracing.get())
}

pub(super) fn tracing<R>(f: impl FnOnce() -> R) -> R {
    set(|mode| &mode.tracing, true, f)
}

/// Is what is forced on this thread remembered as a guard?
pub(crate) fn guarded() -> bool {
    MODE.with(|mode| mode.guarded.get())
}

/// Runs `f` with what is forced remembered, or not.
pub(crate) fn guarding<R>(on: bool, f: impl FnOnce() -> R) -> R {
    set(|mode| &mode.guarded, on, f)
}

pub(crate) fn raises_errors() -> bool {
    MODE.with(|mode| mode.raising.get() > 0)
}

pub(crate) fn raising<R>(f: impl FnOnce() -> R) -> R {
    set(|mode| &mode.raising, 1, f)
}

/// The staged body being traced on this thread, if any: that of `cond`, a primitive's rule.
#[inline]
pub(crate) fn body() -> Option<Arc<Builder>> {
    if in_body() { BODIES.with(|bodies| bodies.borrow().last().cloned()) } else { None }
}

/// Does nothing ask for more than values and nodes: no body being traced, no anomaly looked for?
#[inline]
pub(crate) fn is_plain() -> bool {
    MODE.with(|mode| !mode.any_body.get() && mode.anomaly.get().is_none())
}

/// Is a staged body being traced on this thread, so that every operation must be recorded?
#[inline]
pub(crate) fn in_body() -> bool {
    MODE.with(|mode| mode.any_body.get())
}

/// Runs `f` as if the bodies from this builder on were not being traced.
pub(crate) fn outside<R>(id: u64, f: impl FnOnce() -> R) -> R {
    struct Back(Vec<Arc<Builder>>);
    impl Drop for Back {
        fn drop(&mut self) {
            BODIES.with(|bodies| bodies.borrow_mut().append(&mut self.0));
            MODE.with(|mode| mode.any_body.set(BODIES.with(|bodies| !bodies.borrow().is_empty())));
        }
    }
    let (within, left) = BODIES.with(|bodies| {
        let mut bodies = bodies.borrow_mut();
        let at = bodies.iter().position(|body| body.id() >= id).unwrap_or(bodies.len());
        let within = bodies.split_off(at);
        (within, !bodies.is_empty())
    });
    let _back = Back(within);
    MODE.with(|mode| mode.any_body.set(left));
    f()
}

/// While it lives, operations of this thread belong to a body.
pub(crate) struct InBody;

impl InBody {
    pub(crate) fn enter(builder: Arc<Builder>) -> InBody {
        BODIES.with(|bodies| bodies.borrow_mut().push(builder));
        MODE.with(|mode| mode.any_body.set(true));
        InBody
    }
}

impl Drop for InBody {
    fn drop(&mut self) {
        let (left, _builder) = BODIES.with(|bodies| {
            let mut bodies = bodies.borrow_mut();
            let last = bodies.pop();
            (!bodies.is_empty(), last)
        });
        MODE.with(|mode| mode.any_body.set(left));
    }
}

/// A number for this thread, cheaper to ask for than the standard library's.
#[inline]
pub(crate) fn thread() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    MODE.with(|mode| {
        if mode.thread.get() == 0 {
            mode.thread.set(NEXT.fetch_add(1, Ordering::Relaxed));
        }
        mode.thread.get()
    })
}
