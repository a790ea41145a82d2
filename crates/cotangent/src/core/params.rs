//! The parameters of a primitive, as data: what printing, parsing and caching see.

use super::program::Program;
use cotangent_kernels::{DType, Shape};
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// One parameter of a primitive.
///
/// ```
/// use cotangent::core::Param;
/// assert_eq!(Param::Ints(vec![0, 2]).to_string(), "[0,2]");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Param {
    /// A number.
    Int(i64),
    /// Axes, sizes, …
    Ints(Vec<i64>),
    /// Yes or no.
    Bool(bool),
    /// A dtype.
    DType(DType),
    /// A name, an equation of einsum, …
    Text(String),
    /// The body of a higher-order primitive.
    Program(ProgramRef),
    /// Something only this process knows, such as a user's closure: prints, does not parse.
    Opaque(String, usize),
}

/// The named parameters of a primitive, in the order in which they print.
pub type Params = Vec<(&'static str, Param)>;

/// A shared program; equal to itself only.
#[derive(Clone, Debug)]
pub struct ProgramRef(pub Arc<Program>);

impl PartialEq for ProgramRef {
    fn eq(&self, other: &ProgramRef) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
impl Eq for ProgramRef {}
impl Hash for ProgramRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}
impl Deref for ProgramRef {
    type Target = Program;
    fn deref(&self) -> &Program {
        &self.0
    }
}

impl Param {
    /// Axes or sizes as a parameter.
    pub fn ints(values: &[usize]) -> Param {
        Param::Ints(values.iter().map(|&v| v as i64).collect())
    }
    /// A shape as a parameter.
    pub fn shape(shape: &Shape) -> Param {
        Param::ints(shape)
    }
    /// As axes or sizes, if it is a list of numbers that are not negative.
    pub fn as_sizes(&self) -> Option<Vec<usize>> {
        match self {
            Param::Ints(values) => values.iter().map(|&v| usize::try_from(v).ok()).collect(),
            _ => None,
        }
    }
    /// As a number.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Param::Int(value) => Some(*value),
            _ => None,
        }
    }
    /// As a dtype.
    pub fn as_dtype(&self) -> Option<DType> {
        match self {
            Param::DType(dtype) => Some(*dtype),
            _ => None,
        }
    }
    /// As yes or no.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Param::Bool(value) => Some(*value),
            _ => None,
        }
    }
    /// As the body of a higher-order primitive.
    pub fn as_program(&self) -> Option<&Arc<Program>> {
        match self {
            Param::Program(program) => Some(&program.0),
            _ => None,
        }
    }
}

impl std::fmt::Display for Param {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Param::Int(value) => write!(f, "{value}"),
            Param::Ints(values) => {
                let values: Vec<String> = values.iter().map(i64::to_string).collect();
                write!(f, "[{}]", values.join(","))
            }
            Param::Bool(value) => write!(f, "{value}"),
            Param::DType(dtype) => write!(f, "{dtype}"),
            Param::Text(text) => write!(f, "{text:?}"),
            Param::Program(program) => write!(f, "{}", program.0),
            Param::Opaque(name, id) => write!(f, "<{name} {id:x}>"),
        }
    }
}
