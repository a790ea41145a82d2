//! [`Signature`]: what must be the same for a trace of a function to serve another argument.

use super::tensor::Tensor;
use super::tree::{Fixed, Step, Tree, Visitor};
use cotangent_kernels::Type;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The structure of a tree, and the type of each leaf: made without a path for each part, and compared with a tree without being made
/// again.
#[derive(Clone, Debug)]
pub struct Signature {
    hash: u64,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Leaf(Type),
    /// The name of a step, and a number to tell kinds of steps apart.
    Enter(u8, Name),
    Leave,
    Fixed(Arc<dyn Fixed>),
}

#[derive(Clone, Debug, PartialEq)]
enum Name {
    Word(Box<str>),
    Position(usize),
}

/// A step's kind, and its word or position.
fn told<'a>(step: &Step<'a>) -> (u8, Result<&'a str, usize>) {
    match *step {
        Step::Field(name) => (0, Ok(name)),
        Step::Index(i) => (1, Err(i)),
        Step::Variant(name) => (2, Ok(name)),
        Step::Key(key) => (3, Ok(key)),
    }
}

impl Signature {
    /// That of a tree.
    pub fn of<T: Tree>(tree: &T) -> Signature {
        struct Parts(Vec<Part>);
        impl<'a> Visitor<'a> for Parts {
            fn leaf(&mut self, tensor: &'a Tensor) {
                self.0.push(Part::Leaf(tensor.ty().clone()));
            }
            fn enter(&mut self, step: Step<'_>) {
                let (kind, name) = told(&step);
                let name = name.map_or_else(Name::Position, |word| Name::Word(word.into()));
                self.0.push(Part::Enter(kind, name));
            }
            fn leave(&mut self) {
                self.0.push(Part::Leave);
            }
            fn fixed(&mut self, value: &dyn Fixed) {
                self.0.push(Part::Fixed(value.kept()));
            }
        }
        let mut parts = Parts(Vec::new());
        tree.visit(&mut parts);
        Signature { hash: Signature::hash_of(tree), parts: parts.0 }
    }

    /// That of the trees whose signature it is.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// Equal for trees of one signature, and for others nearly never.
    pub fn hash_of<T: Tree>(tree: &T) -> u64 {
        struct Hashed(DefaultHasher);
        impl<'a> Visitor<'a> for Hashed {
            fn leaf(&mut self, tensor: &'a Tensor) {
                tensor.ty().hash(&mut self.0);
            }
            fn enter(&mut self, step: Step<'_>) {
                told(&step).hash(&mut self.0);
            }
            fn leave(&mut self) {
                self.0.write_u8(u8::MAX);
            }
            fn fixed(&mut self, value: &dyn Fixed) {
                value.hash_into(&mut self.0);
            }
        }
        let mut hashed = Hashed(DefaultHasher::new());
        tree.visit(&mut hashed);
        hashed.0.finish()
    }

    /// Is it that of a tree whose [`hash_of`](Signature::hash_of) is this?
    pub fn is_of<T: Tree>(&self, tree: &T, hash: u64) -> bool {
        struct Compared<'p> {
            parts: std::slice::Iter<'p, Part>,
            equal: bool,
        }
        impl Compared<'_> {
            fn next(&mut self, is: impl FnOnce(&Part) -> bool) {
                self.equal = self.equal && self.parts.next().is_some_and(is);
            }
        }
        impl<'a> Visitor<'a> for Compared<'_> {
            fn leaf(&mut self, tensor: &'a Tensor) {
                self.next(|part| matches!(part, Part::Leaf(ty) if ty == tensor.ty()));
            }
            fn enter(&mut self, step: Step<'_>) {
                let (kind, name) = told(&step);
                self.next(|part| match (part, name) {
                    (Part::Enter(own, Name::Word(word)), Ok(name)) => *own == kind && **word == *name,
                    (Part::Enter(own, Name::Position(i)), Err(position)) => *own == kind && *i == position,
                    _ => false,
                });
            }
            fn leave(&mut self) {
                self.next(|part| matches!(part, Part::Leave));
            }
            fn fixed(&mut self, value: &dyn Fixed) {
                self.next(|part| matches!(part, Part::Fixed(own) if own.equals(value)));
            }
        }
        if self.hash != hash {
            return false;
        }
        let mut compared = Compared { parts: self.parts.iter(), equal: true };
        tree.visit(&mut compared);
        compared.equal && compared.parts.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same<A: Tree, B: Tree>(a: &A, b: &B) -> bool {
        Signature::of(a).is_of(b, Signature::hash_of(b))
    }

    #[test]
    fn what_a_trace_depends_on_is_told_apart() {
        let (one, two) = (Tensor::from([1.0]), Tensor::from([2.0, 3.0]));
        assert!(same(&one, &Tensor::from([7.0])));
        assert!(!same(&one, &two) && !same(&one, &Tensor::from([1f32])));
        assert!(!same(&vec![one.clone()], &vec![one.clone(), one.clone()]));
        assert!(!same(&vec![one.clone(), one.clone()], &vec![one.clone()]));
        assert!(!same(&Some(one.clone()), &None::<Tensor>) && same(&Some(one.clone()), &Some(one.clone())));
        assert!(!same(&(one.clone(), None::<Tensor>), &(None::<Tensor>, one.clone())));
        // Equal hashes do not make equal signatures.
        let hash = Signature::hash_of(&one);
        let forged = Signature { hash, ..Signature::of(&two) };
        assert!(!forged.is_of(&one, hash));
    }
}
