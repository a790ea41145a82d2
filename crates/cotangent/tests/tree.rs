//! `Tree` and its derive: every kind of type, the order of leaves, paths, structures and how they differ.

#![deny(warnings, unused_qualifications, missing_docs)]

use cotangent::core::{Fixed, Step, Structure, Tensor, Tree, Visitor, zip_map};
use cotangent::prelude::{cond, grad};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

fn t(x: f64) -> Tensor {
    Tensor::from(x)
}

/// The leaves by `visit`.
fn seen<T: Tree>(tree: &T) -> Vec<f64> {
    struct Seen(Vec<f64>);
    impl<'a> Visitor<'a> for Seen {
        fn leaf(&mut self, tensor: &'a Tensor) {
            self.0.push(tensor.item());
        }
    }
    let mut seen = Seen(Vec::new());
    tree.visit(&mut seen);
    seen.0
}

/// `visit`, `map` and `visit_mut` show these leaves in this order, at these paths, and `map` keeps the structure.
#[track_caller]
fn check<T: Tree>(mut tree: T, leaves: &[f64], paths: &[&str]) {
    assert_eq!(seen(&tree), leaves);
    assert_eq!(Structure::of(&tree).paths(), paths);
    let mut order = Vec::new();
    let mapped = tree.map(&mut |x| {
        order.push(x.item::<f64>());
        // Depends on the position, so that a result in another place is seen.
        x * 10.0 + order.len() as f64
    });
    assert_eq!(order, leaves);
    let expected: Vec<f64> = leaves.iter().enumerate().map(|(i, x)| x * 10.0 + (i + 1) as f64).collect();
    assert_eq!(seen(&mapped), expected);
    assert_eq!(Structure::of(&mapped), Structure::of(&tree));
    order.clear();
    tree.visit_mut(&mut |x| {
        order.push(x.item::<f64>());
        *x = &*x * 10.0 + order.len() as f64;
    });
    assert_eq!(order, leaves);
    assert_eq!(seen(&tree), expected);
}

fn hash(structure: &Structure) -> u64 {
    let mut hasher = DefaultHasher::new();
    structure.hash(&mut hasher);
    hasher.finish()
}

/// How the structures differ; and that equality, difference and hash say one thing.
#[track_caller]
fn difference<A: Tree, B: Tree>(a: &A, b: &B) -> Option<String> {
    let (a, b) = (Structure::of(a), Structure::of(b));
    let difference = a.difference(&b);
    assert_eq!(difference.is_none(), a == b, "{a} / {b}");
    assert_eq!(b.difference(&a).is_none(), a == b);
    assert_eq!(hash(&a) == hash(&b), a == b, "{a} / {b}");
    difference
}

#[derive(Tree, Clone, Debug)]
struct Layer {
    w: Tensor,
    #[tree(static)]
    size: usize,
    b: Tensor,
}

#[derive(Tree, Clone, Debug)]
struct Model<T> {
    layers: Vec<Layer>,
    head: Option<T>,
    r#type: Box<Tensor>,
}

#[derive(Tree, Clone, Debug)]
struct Pair<A, B>(A, #[tree(static)] &'static str, B)
where
    A: Debug;

#[derive(Tree, Clone, Debug, PartialEq)]
struct Unit;

#[derive(Tree, Clone, Debug)]
struct Nothing {}

#[derive(Tree, Clone, Debug)]
enum Never {}

#[derive(Tree, Clone, Debug)]
enum Step1<T> {
    Relu,
    // Raw: the text has no `r#`.
    r#Gelu,
    Scale(T, Tensor),
    Norm {
        gain: T,
        #[tree(static)]
        axis: i32,
    },
    Then(Box<Step1<T>>, Box<Step1<T>>),
}

/// Parameters with the names that the derive might have used; a lifetime; a constant; a marker that is no tree.
#[derive(Tree, Clone, Debug)]
struct Awkward<'a, 'tree, Inner, T, Marker, const N: usize>
where
    Inner: Clone,
{
    visitor: [Inner; N],
    leaf: T,
    a: PhantomData<&'a &'tree u8>,
    marker: PhantomData<Marker>,
}

fn layer(w: f64, size: usize, b: f64) -> Layer {
    Layer { w: t(w), size, b: t(b) }
}

#[test]
fn containers() {
    check(t(1.5), &[1.5], &[""]);
    check((), &[], &[]);
    check((t(1.0),), &[1.0], &[".0"]);
    check(
        (t(1.0), t(2.5), t(-3.0), t(4.0), t(5.0), t(6.5), t(7.0), t(8.0)),
        &[1.0, 2.5, -3.0, 4.0, 5.0, 6.5, 7.0, 8.0],
        &[".0", ".1", ".2", ".3", ".4", ".5", ".6", ".7"],
    );
    check([t(1.0), t(2.5)], &[1.0, 2.5], &["[0]", "[1]"]);
    check(
        vec![vec![t(3.0)], vec![], vec![t(1.0), t(2.0)]],
        &[3.0, 1.0, 2.0],
        &["[0][0]", "[2][0]", "[2][1]"],
    );
    check(Some(t(2.0)), &[2.0], &["::Some"]);
    check(None::<Tensor>, &[], &[]);
    check(Box::new((t(2.0), t(3.0))), &[2.0, 3.0], &[".0", ".1"]);
    check(PhantomData::<f32>, &[], &[]);
}

#[test]
fn maps_go_by_sorted_keys() {
    // Sixteen keys: a hash map's own order is sorted once in 16! times.
    let entries = || (0..16).rev().map(|i| (format!("k{i:02}"), t(f64::from(i * i))));
    let values: Vec<f64> = (0..16).map(|i| f64::from(i * i)).collect();
    let paths: Vec<String> = (0..16).map(|i| format!("[\"k{i:02}\"]")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    check(entries().collect::<HashMap<_, _>>(), &values, &paths);
    check(entries().collect::<BTreeMap<_, _>>(), &values, &paths);
}

#[test]
fn structs() {
    check(layer(1.0, 3, 2.5), &[1.0, 2.5], &[".w", ".b"]);
    assert_eq!(layer(1.0, 3, 2.5).map(&mut |x| x * 2.0).size, 3);
    check(Pair(t(2.0), "name", vec![t(5.0)]), &[2.0, 5.0], &[".0", ".2[0]"]);
    assert_eq!(Pair(t(2.0), "name", t(1.0)).map(&mut Tensor::clone).1, "name");
    check(Unit, &[], &[]);
    assert_eq!(Unit.map(&mut Tensor::clone), Unit);
    check(Nothing {}, &[], &[]);
    check(Vec::<Never>::new(), &[], &[]);
    let model = Model {
        layers: vec![layer(1.0, 3, 2.0), layer(4.0, 5, 6.5)],
        head: Some((t(7.0), t(8.0))),
        r#type: Box::new(t(9.0)),
    };
    check(
        model,
        &[1.0, 2.0, 4.0, 6.5, 7.0, 8.0, 9.0],
        &[
            ".layers[0].w",
            ".layers[0].b",
            ".layers[1].w",
            ".layers[1].b",
            ".head::Some.0",
            ".head::Some.1",
            ".type",
        ],
    );
    check(
        Awkward::<Tensor, Tensor, f32, 2> {
            visitor: [t(1.0), t(2.5)],
            leaf: t(3.0),
            a: PhantomData,
            marker: PhantomData,
        },
        &[1.0, 2.5, 3.0],
        &[".visitor[0]", ".visitor[1]", ".leaf"],
    );
}

#[test]
fn enums() {
    check(Step1::<Tensor>::Relu, &[], &[]);
    check(Step1::Scale(t(1.0), t(2.5)), &[1.0, 2.5], &["::Scale.0", "::Scale.1"]);
    check(Step1::Norm { gain: t(3.0), axis: -1 }, &[3.0], &["::Norm.gain"]);
    let Step1::Norm { axis, .. } = (Step1::Norm { gain: t(3.0), axis: -1 }).map(&mut Tensor::clone) else {
        panic!("another variant")
    };
    assert_eq!(axis, -1);
    let then = Step1::Then(Box::new(Step1::Gelu), Box::new(Step1::Scale(t(4.0), t(0.5))));
    check(then, &[4.0, 0.5], &["::Then.1::Scale.0", "::Then.1::Scale.1"]);
}

#[test]
fn steps_as_text() {
    let steps = [Step::Field("w1"), Step::Index(2), Step::Variant("Some"), Step::Key("k\"")];
    assert_eq!(steps.map(|step| step.to_string()), [".w1", "[2]", "::Some", "[\"k\\\"\"]"]);
}

#[test]
fn structures_know_variants_lengths_and_static_fields() {
    let relu = || Step1::<Tensor>::Relu;
    assert_eq!(difference(&relu(), &relu()), None);
    assert_eq!(
        difference(&relu(), &Step1::<Tensor>::Gelu).unwrap(),
        "::Relu on the left is ::Gelu on the right"
    );
    assert_eq!(
        difference(&Some(t(1.0)), &None::<Tensor>).unwrap(),
        "::Some on the left is ::None on the right"
    );
    assert_eq!(difference(&vec![(), ()], &vec![()]).unwrap(), "[1] is missing on the right");
    assert_eq!(
        difference(&vec![relu()], &Vec::<Step1<Tensor>>::new()).unwrap(),
        "[0]::Relu is missing on the right"
    );
    assert_eq!(difference(&layer(1.0, 3, 2.0), &layer(7.0, 3, 9.0)), None);
    assert_eq!(
        difference(&layer(1.0, 3, 2.0), &layer(1.0, 4, 2.0)).unwrap(),
        ".size is 3 on the left, 4 on the right"
    );
    let norm = |axis| Step1::Norm { gain: t(3.0), axis };
    assert_eq!(
        difference(&vec![norm(0), norm(1)], &vec![norm(0), norm(-1)]).unwrap(),
        "[1]::Norm.axis is 1 on the left, -1 on the right"
    );
}

#[test]
fn differences_name_what_is_missing() {
    let short = (vec![t(1.0)], t(2.0));
    let long = (vec![t(1.0), t(3.0)], t(2.0));
    assert_eq!(difference(&short, &long).unwrap(), ".0[1] is missing on the left");
    assert_eq!(difference(&long, &short).unwrap(), ".0[1] is missing on the right");
    let map =
        |keys: [&str; 2]| keys.map(|key| (key.to_string(), t(1.5))).into_iter().collect::<HashMap<_, _>>();
    assert_eq!(
        difference(&map(["a", "b"]), &map(["a", "c"])).unwrap(),
        "[\"b\"] on the left is [\"c\"] on the right"
    );
    assert_eq!(difference(&(t(1.0), ()), &(t(1.0), t(2.0))).unwrap(), ".1 is a tensor on one side alone");
    assert_eq!(difference(&t(1.0), &vec![t(1.0)]).unwrap(), "the tree on the left is [0] on the right");
}

#[test]
fn structures_as_text() {
    let tree = (layer(1.0, 3, 2.0), Step1::<Tensor>::Gelu);
    assert_eq!(Structure::of(&tree).to_string(), ".0.w: tensor, .0.size: 3, .0.b: tensor, .1::Gelu: empty");
    assert_eq!(Structure::of(&t(1.0)).to_string(), "tensor");
}

/// Its equality is finer than what it prints.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Silent(u8);

impl Debug for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("silent")
    }
}

/// Its equality is coarser than what it prints.
#[derive(Clone, Debug)]
struct Loose(&'static str);

impl PartialEq for Loose {
    fn eq(&self, other: &Loose) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Eq for Loose {}

impl Hash for Loose {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

#[derive(Tree, Clone, Debug)]
struct With<F: Clone + Eq + Hash + Debug + Send + Sync + 'static> {
    #[tree(static)]
    fixed: F,
    w: Tensor,
}

#[test]
fn static_fields_are_compared_by_their_own_equality() {
    let silent = |x| With { fixed: Silent(x), w: t(1.0) };
    assert_eq!(difference(&silent(1), &silent(1)), None);
    assert_eq!(difference(&silent(1), &silent(2)).unwrap(), ".fixed is another silent on the right");
    let loose = |x| With { fixed: Loose(x), w: t(1.0) };
    assert_eq!(difference(&loose("Name"), &loose("name")), None);
    assert_eq!(
        difference(&loose("a"), &loose("b")).unwrap(),
        ".fixed is Loose(\"a\") on the left, Loose(\"b\") on the right"
    );
    // The same number of another type is another value.
    assert!(!Fixed::equals(&3_u8, &3_u16) && Fixed::equals(&3_u8, &3_u8));
}

#[test]
fn arithmetic_leaves_integers_alone() {
    let (a, b) = ((t(1.0), Tensor::from(3), t(5.0)), (t(2.0), Tensor::from(7), t(0.5)));
    let c = zip_map(&a, &b, |a, b| a - b * 2.0);
    assert_eq!((c.0.item::<f64>(), c.1.item::<i32>(), c.2.item::<f64>()), (-3.0, 3, 4.0));
}

#[test]
#[should_panic(expected = "`zip_map` at crates/cotangent/tests/tree.rs:")]
fn arithmetic_refuses_a_longer_tree() {
    let _ = zip_map(&vec![t(1.0)], &vec![t(1.0), t(2.0)], |a, b| a + b);
}

#[test]
#[should_panic(
    expected = "expected two trees of one structure, got [\"b\"] on the left is [\"c\"] on the right"
)]
fn arithmetic_refuses_other_keys() {
    let map = |key: &str| HashMap::from([(key.to_string(), t(1.5))]);
    let _ = zip_map(&map("b"), &map("c"), |a, b| a + b);
}

#[test]
#[should_panic(expected = "::Relu on the left is ::Gelu on the right")]
fn branches_of_cond_give_one_variant() {
    let x = t(2.0);
    let _ = cond(&x.greater(0.0), |_: &Tensor| Step1::<Tensor>::Relu, |_: &Tensor| Step1::Gelu, &x);
}

#[test]
fn gradients_have_the_structure_of_their_argument() {
    let step =
        Step1::Then(Box::new(Step1::Norm { gain: t(3.0), axis: 2 }), Box::new(Step1::Scale(t(4.0), t(0.5))));
    let f = |step: &Step1<Tensor>| {
        let mut product = t(1.0);
        let mut copy = step.clone();
        copy.visit_mut(&mut |x| product = &product * &*x);
        product
    };
    let g = grad(f)(&step);
    assert_eq!(difference(&g, &step), None);
    assert_eq!(seen(&g), [2.0, 1.5, 12.0]);
}
