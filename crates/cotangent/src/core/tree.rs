//! [`Tree`]: structures of tensors, what functions take and return.

use super::blocks::{Blocks, FromBlocks};
use super::error::{Error, raise};
use super::mode::place;
use super::tensor::Tensor;
use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

/// A structure of tensors: a tensor, a tuple, an array, a `Vec`, an `Option`, a map, or a type of yours with
/// `#[derive(Tree)]`.
///
/// Fields that are no tensors (sizes, names, choices) are marked `#[tree(static)]`: they belong to the structure.
///
/// ```
/// use cotangent::prelude::*;
/// #[derive(Tree, Clone)]
/// struct Line {
///     slope: Tensor,
///     offset: Tensor,
///     #[tree(static)]
///     name: String,
/// }
/// let line = Line { slope: Tensor::from(2.0), offset: Tensor::from(1.0), name: "a".into() };
/// let g = grad(|line: &Line| (&line.slope * 3.0 + &line.offset).square())(&line);
/// assert_eq!((g.slope.item::<f64>(), g.offset.item::<f64>(), g.name.as_str()), (42.0, 14.0, "a"));
/// ```
///
/// A float field must be a tensor:
///
/// ```compile_fail
/// #[derive(cotangent::core::Tree)]
/// struct Layer {
///     rate: f64,
/// }
/// ```
///
/// and only `static` can be said of a field:
///
/// ```compile_fail
/// #[derive(cotangent::core::Tree)]
/// struct Layer {
///     #[tree(statik)]
///     size: usize,
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no tree of tensors",
    label = "not a `Tree`",
    note = "a float must be a `Tensor`; a field that is not differentiated, and has `Eq + Hash`, can be `#[tree(static)]`; a struct of tensors needs `#[derive(Tree)]`"
)]
pub trait Tree: Sized {
    /// What all derivatives with respect to such a tree are, where `Inner` is what they are for one tensor: for a tensor just that, for
    /// any other tree [`Blocks`].
    type Blocked<Inner: FromBlocks>: FromBlocks;
    /// Shows every leaf, and the structure around them, in order.
    fn visit<'a>(&'a self, visitor: &mut dyn Visitor<'a>);
    /// The same structure with other leaves, made in the order of [`visit`](Tree::visit).
    fn map(&self, leaf: &mut dyn FnMut(&Tensor) -> Tensor) -> Self;
    /// Each leaf in the same order, to be changed.
    fn visit_mut(&mut self, leaf: &mut dyn FnMut(&mut Tensor));
}

/// What sees a tree.
pub trait Visitor<'a> {
    /// A leaf.
    fn leaf(&mut self, tensor: &'a Tensor);
    /// What follows lies within this part, until [`leave`](Visitor::leave).
    fn enter(&mut self, _step: Step<'_>) {}
    /// Back to the enclosing part.
    fn leave(&mut self) {}
    /// A static field's value.
    fn fixed(&mut self, _value: &dyn Fixed) {}
}

/// One step into a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step<'a> {
    /// A field, or a position in a tuple.
    Field(&'a str),
    /// A position in a list.
    Index(usize),
    /// A variant of an enum.
    Variant(&'a str),
    /// An entry of a map.
    Key(&'a str),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Field(name) => write!(f, ".{name}"),
            Step::Index(i) => write!(f, "[{i}]"),
            Step::Variant(name) => write!(f, "::{name}"),
            Step::Key(key) => write!(f, "[{key:?}]"),
        }
    }
}

/// A static field's value, seen from outside.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a static field",
    label = "not `Clone + Eq + Hash + Debug + Send + Sync + 'static`",
    note = "a `#[tree(static)]` field needs `Clone + Eq + Hash + Debug + Send + Sync + 'static`; a float must be a `Tensor`"
)]
pub trait Fixed: Debug + Send + Sync {
    /// Feeds its hash.
    fn hash_into(&self, hasher: &mut dyn Hasher);
    /// Is it the same value of the same type?
    fn equals(&self, other: &dyn Fixed) -> bool;
    /// Itself.
    fn as_any(&self) -> &dyn Any;
    /// A copy to keep.
    fn kept(&self) -> Arc<dyn Fixed>;
}

impl<T: Clone + Eq + Hash + Debug + Send + Sync + 'static> Fixed for T {
    fn hash_into(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }
    fn equals(&self, other: &dyn Fixed) -> bool {
        other.as_any().downcast_ref::<T>() == Some(self)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn kept(&self) -> Arc<dyn Fixed> {
        Arc::new(self.clone())
    }
}

/// The leaves, in order.
pub(crate) fn leaves<T: Tree>(tree: &T) -> Vec<&Tensor> {
    struct Leaves<'a>(Vec<&'a Tensor>);
    impl<'a> Visitor<'a> for Leaves<'a> {
        fn leaf(&mut self, tensor: &'a Tensor) {
            self.0.push(tensor);
        }
    }
    let mut leaves = Leaves(Vec::new());
    tree.visit(&mut leaves);
    leaves.0
}

/// The structure of a tree with other leaves.
pub(crate) fn with_leaves<T: Tree>(pattern: &T, leaves: Vec<Tensor>) -> T {
    let mut leaves = leaves.into_iter();
    pattern.map(&mut |_| leaves.next().expect("as many leaves as the pattern has"))
}

/// What a tree is but for its tensors: two trees of equal structure have the same leaves in the same places, the same
/// variants and lengths, and equal static fields.
///
/// ```
/// use cotangent::core::{Structure, Tensor};
/// let (a, b) = (vec![Tensor::from(1.0)], vec![Tensor::from(1.0), Tensor::from(2.0)]);
/// assert_eq!(Structure::of(&b).paths(), ["[0]", "[1]"]);
/// assert_eq!(Structure::of(&a).difference(&Structure::of(&b)).unwrap(), "[1] is missing on the left");
/// assert_eq!(Structure::of(&(Tensor::from(1.0), None::<Tensor>)).to_string(), ".0: tensor, .1::None: empty");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Structure {
    /// In order, what lies at each path.
    entries: Vec<(String, Part)>,
}

#[derive(Clone, Debug)]
enum Part {
    Tensor,
    Fixed(Arc<dyn Fixed>),
    /// An end without a tensor or static field. Without it `[(), ()]` would be `[()]`, and all unit variants one.
    Empty,
}

impl PartialEq for Part {
    fn eq(&self, other: &Part) -> bool {
        match (self, other) {
            (Part::Tensor, Part::Tensor) | (Part::Empty, Part::Empty) => true,
            // By the value's own equality: what it prints may say less, or more.
            (Part::Fixed(a), Part::Fixed(b)) => a.equals(&**b),
            _ => false,
        }
    }
}

impl Eq for Part {}

impl Hash for Part {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        if let Part::Fixed(value) = self {
            value.hash_into(state);
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Tensor => f.write_str("tensor"),
            Part::Fixed(value) => write!(f, "{value:?}"),
            Part::Empty => f.write_str("empty"),
        }
    }
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (path, part)) in self.entries.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            let colon = if path.is_empty() { "" } else { ": " };
            write!(f, "{comma}{path}{colon}{part}")?;
        }
        Ok(())
    }
}

impl Structure {
    /// The structure of this tree.
    pub fn of<T: Tree>(tree: &T) -> Structure {
        #[derive(Default)]
        struct Paths {
            path: String,
            /// For each open part, how long the path was before it, and how many entries there were.
            open: Vec<(usize, usize)>,
            structure: Structure,
        }
        impl Paths {
            fn add(&mut self, part: Part) {
                self.structure.entries.push((self.path.clone(), part));
            }
        }
        impl<'a> Visitor<'a> for Paths {
            fn leaf(&mut self, _tensor: &'a Tensor) {
                self.add(Part::Tensor);
            }
            fn enter(&mut self, step: Step<'_>) {
                self.open.push((self.path.len(), self.structure.entries.len()));
                self.path += &step.to_string();
            }
            fn leave(&mut self) {
                let (length, entries) = self.open.pop().expect("as many ends as beginnings");
                if self.structure.entries.len() == entries {
                    self.add(Part::Empty);
                }
                self.path.truncate(length);
            }
            fn fixed(&mut self, value: &dyn Fixed) {
                self.add(Part::Fixed(value.kept()));
            }
        }
        let mut paths = Paths::default();
        tree.visit(&mut paths);
        paths.structure
    }

    /// Where each leaf is, as `.layers[2].w`; empty for a bare tensor.
    pub fn paths(&self) -> Vec<&str> {
        let tensors = self.entries.iter().filter(|(_, part)| matches!(part, Part::Tensor));
        tensors.map(|(path, _)| path.as_str()).collect()
    }

    /// The first place where two structures differ, in words.
    pub fn difference(&self, other: &Structure) -> Option<String> {
        let named = |path: &str| if path.is_empty() { "the tree".to_string() } else { path.to_string() };
        let lacks = |entries: &[(String, Part)], path: &str| entries.iter().all(|(other, _)| other != path);
        for (i, ((left, a), (right, b))) in self.entries.iter().zip(&other.entries).enumerate() {
            if left != right {
                // A shorter list lacks an entry, though what follows it stands in that place.
                let on_left = !lacks(&self.entries[i..], right);
                let on_right = !lacks(&other.entries[i..], left);
                let (left, right) = (named(left), named(right));
                return Some(match (on_left, on_right) {
                    (false, true) => format!("{right} is missing on the left"),
                    (true, false) => format!("{left} is missing on the right"),
                    _ => format!("{left} on the left is {right} on the right"),
                });
            }
            let path = named(left);
            match (a, b) {
                (Part::Fixed(_), Part::Fixed(_)) if a != b && a.to_string() == b.to_string() => {
                    return Some(format!("{path} is another {a} on the right"));
                }
                (Part::Fixed(_), Part::Fixed(_)) if a != b => {
                    return Some(format!("{path} is {a} on the left, {b} on the right"));
                }
                (Part::Tensor, _) | (_, Part::Tensor) if a != b => {
                    return Some(format!("{path} is a tensor on one side alone"));
                }
                _ if a != b => return Some(format!("{path} is empty on one side alone")),
                _ => {}
            }
        }
        let (a, b) = (self.entries.len(), other.entries.len());
        match a.cmp(&b) {
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Less => {
                Some(format!("{} is missing on the left", named(&other.entries[a].0)))
            }
            std::cmp::Ordering::Greater => {
                Some(format!("{} is missing on the right", named(&self.entries[b].0)))
            }
        }
    }
}

/// Calls `f` on the float leaves of two trees of one structure, pair by pair; integers and bools stay those of `a`. The
/// arithmetic of optimisers. Trees of two structures are an error.
///
/// ```
/// use cotangent::core::{zip_map, Tensor};
/// let (w, g) = ((Tensor::from(1.0), Tensor::from(3)), (Tensor::from(2.0), Tensor::from(0)));
/// let next = zip_map(&w, &g, |w, g| w - g * 0.1);
/// assert_eq!((next.0.item::<f64>(), next.1.item::<i32>()), (0.8, 3));
/// ```
#[track_caller]
pub fn zip_map<T: Tree>(a: &T, b: &T, mut f: impl FnMut(&Tensor, &Tensor) -> Tensor) -> T {
    // A count of leaves would not do: maps with other keys would be paired in silence.
    if let Some(difference) = Structure::of(a).difference(&Structure::of(b)) {
        let error = Error::new("zip_map").expected("two trees of one structure").got(difference);
        raise(error.help("left is the first tree, right the second").at(Some(place())))
    }
    let mut right = leaves(b).into_iter();
    a.map(&mut |a| {
        let b = right.next().expect("two trees of one structure");
        if a.dtype().is_float() { f(a, b) } else { a.clone() }
    })
}

impl Tree for Tensor {
    type Blocked<Inner: FromBlocks> = Inner;
    fn visit<'a>(&'a self, visitor: &mut dyn Visitor<'a>) {
        visitor.leaf(self);
    }
    fn map(&self, leaf: &mut dyn FnMut(&Tensor) -> Tensor) -> Tensor {
        leaf(self)
    }
    fn visit_mut(&mut self, leaf: &mut dyn FnMut(&mut Tensor)) {
        leaf(self);
    }
}

impl<T: Tree> Tree for Box<T> {
    type Blocked<Inner: FromBlocks> = Blocks;
    fn visit<'a>(&'a self, visitor: &mut dyn Visitor<'a>) {
        (**self).visit(visitor);
    }
    fn map(&self, leaf: &mut dyn FnMut(&Tensor) -> Tensor) -> Box<T> {
        Box::new((**self).map(leaf))
    }
    fn visit_mut(&mut self, leaf: &mut dyn FnMut(&mut Tensor)) {
        (**self).visit_mut(leaf);
    }
}

impl<T> Tree for PhantomData<T> {
    type Blocked<Inner: FromBlocks> = Blocks;
    fn visit<'a>(&'a self, _visitor: &mut dyn Visitor<'a>) {}
    fn map(&self, _leaf: &mut dyn FnMut(&Tensor) -> Tensor) -> PhantomData<T> {
        PhantomData
    }
    fn visit_mut(&mut self, _leaf: &mut dyn FnMut(&mut Tensor)) {}
}

impl<T: Tree> Tree for Option<T> {
    type Blocked<Inner: FromBlocks> = Blocks;
    fn visit<'a>(&'a self, visitor: &mut dyn Visitor<'a>) {
        visitor.enter(Step::Variant(if self.is_some() { "Some" } else { "None" }));
        if let Some(tree) = self {
            tree.visit(visitor);
        }
        visitor.leave();
    }
    fn map(&self, leaf: &mut dyn FnMut(&Tensor) -> Tensor) -> Option<T> {
        self.as_ref().map(|tree| tree.map(leaf))
    }
    fn visit_mut(&mut self, leaf: &mut dyn FnMut(&mut Tensor)) {
        if let Some(tree) = self {
            tree.visit_mut(leaf);
        }
    }
}

fn visit_list<'a, T: Tree>(list: &'a [T], visitor: &mut dyn Visitor<'a>) {
    for (i, tree) in list.iter().enumerate() {
        visitor.enter(Step::Index(i));
        tree.visit(visitor);
        visitor.leave();
    }
}

impl<T: Tree> Tree for Vec<T> {
    type Blocked<Inner: FromBlocks> = Blocks;
    fn visit<'a>(&'a self, visitor: &mut dyn Visitor<'a>) {
        visit_list(self, visitor);
    }
    fn map(&self, leaf: &mut dyn FnMut(&Tensor) -> Tensor) -> Vec<T> {
        self.iter().map(|tree| tree.map(leaf)).collect()
    }
    fn visit_mut(&mut self, leaf: &mut dyn FnMut(&mut Tensor)) {
        self.iter_mut().for_each(|tree| tree.visit_mut(leaf));
    }
}

impl<T: Tree, const N: usize> Tree for [T; N] {
    type Blocked<Inner: FromBlocks> = Blocks;
    fn visit<'a>(&'a self, visitor: &mut dyn Visitor<'a>) {
        visit_list(self, visitor);
    }
    fn map(&self, leaf: &mut dyn FnMut(&Tensor) -> Tensor) -> [T; N] {
        std::array::from_fn(|i| self[i].map(leaf))
    }
    fn visit_mut(&mut self, leaf: &mut dyn FnMut(&mut Tensor)) {
        self.iter_mut().for_each(|tree| tree.visit_mut(leaf));
    }
}

impl<T: Tree> Tree for BTreeMap<String, T> {
    type Blocked<Inner: FromBlocks> = Blocks;
    fn visit<'a>(&'a self, visitor: &mut dyn Visitor<'a>) {
        for (key, tree) in self {
            visitor.enter(Step::Key(key));
            tree.visit(visitor);
            visitor.leave();
        }
    }
    fn map(&self, leaf: &mut dyn FnMut(&Tensor) -> Tensor) -> BTreeMap<String, T> {
        self.iter().map(|(key, tree)| (key.clone(), tree.map(leaf))).collect()
    }
    fn visit_mut(&mut self, leaf: &mut dyn FnMut(&mut Tensor)) {
        self.values_mut().for_each(|tree| tree.visit_mut(leaf));
    }
}

/// In the order of the keys, whatever order the map has.
impl<T: Tree> Tree for HashMap<String, T> {
    type Blocked<Inner: FromBlocks> = Blocks;
    fn visit<'a>(&'a self, visitor: &mut dyn Visitor<'a>) {
        for (key, tree) in sorted(self.iter()) {
            visitor.enter(Step::Key(key));
            tree.visit(visitor);
            visitor.leave();
        }
    }
    fn map(&self, leaf: &mut dyn FnMut(&Tensor) -> Tensor) -> HashMap<String, T> {
        sorted(self.iter()).into_iter().map(|(key, tree)| (key.clone(), tree.map(leaf))).collect()
    }
    fn visit_mut(&mut self, leaf: &mut dyn FnMut(&mut Tensor)) {
        sorted(self.iter_mut()).into_iter().for_each(|(_, tree)| tree.visit_mut(leaf));
    }
}

fn sorted<'a, T>(entries: impl Iterator<Item = (&'a String, T)>) -> Vec<(&'a String, T)> {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

macro_rules! tuples {
    ($(($($T:ident $i:tt)*))*) => {$(
        impl<$($T: Tree),*> Tree for ($($T,)*) {
            type Blocked<Inner: FromBlocks> = Blocks;
            fn visit<'a>(&'a self, _visitor: &mut dyn Visitor<'a>) {
                $(
                    _visitor.enter(Step::Field(stringify!($i)));
                    self.$i.visit(_visitor);
                    _visitor.leave();
                )*
            }
            #[allow(clippy::unused_unit)]
            fn map(&self, _leaf: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
                ($(self.$i.map(_leaf),)*)
            }
            fn visit_mut(&mut self, _leaf: &mut dyn FnMut(&mut Tensor)) {
                $(self.$i.visit_mut(_leaf);)*
            }
        }
    )*};
}

tuples! {
    ()
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
}
