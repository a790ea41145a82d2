//! How many along each axis.

use super::DType;
use smallvec::SmallVec;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

/// The length of each axis; no axes is a single number.
///
/// ```
/// use cotangent_kernels::Shape;
/// let shape = Shape::from([3, 4]);
/// assert_eq!((shape.rank(), shape.size(), shape.to_string()), (2, 12, "[3,4]".to_string()));
/// assert_eq!(shape.broadcast(&[1].into()), Some([3, 4].into()));
/// ```
#[derive(Clone)]
pub struct Shape(Lengths);

/// Axes that a shape holds without a pointer.
const INLINE: usize = 4;

/// A clone of nearly every shape is a copy of a few words.
#[derive(Clone)]
enum Lengths {
    /// The first `rank` count; the others are 0.
    Inline {
        rank: u8,
        lengths: [usize; INLINE],
    },
    Heap(Arc<[usize]>),
}

/// How far apart neighbours along each axis lie.
pub type Strides = SmallVec<[isize; 4]>;

impl Shape {
    /// The shape of a single number.
    #[inline]
    pub const fn scalar() -> Shape {
        Shape(Lengths::Inline { rank: 0, lengths: [0; INLINE] })
    }
    /// How many axes.
    #[inline]
    pub fn rank(&self) -> usize {
        self.len()
    }
    /// How many entries; `usize::MAX` if there are more than that.
    #[inline]
    pub fn size(&self) -> usize {
        if self.contains(&0) { 0 } else { self.iter().fold(1, |size: usize, &n| size.saturating_mul(n)) }
    }
    /// The shape that both repeat to, as NumPy: axes are matched from the last, and must be equal, or 1, or missing.
    pub fn broadcast(&self, other: &Shape) -> Option<Shape> {
        let rank = self.rank().max(other.rank());
        let at = |shape: &Shape, i: usize| (i + shape.rank()).checked_sub(rank).map_or(1, |axis| shape[axis]);
        (0..rank)
            .map(|i| match (at(self, i), at(other, i)) {
                (a, b) if a == b => Some(a),
                (1, n) | (n, 1) => Some(n),
                _ => None,
            })
            .collect::<Option<Shape>>()
    }
    /// The strides of entries that lie in order, the last axis fastest.
    pub fn strides(&self) -> Strides {
        let mut strides: Strides = SmallVec::from_elem(1, self.rank());
        for axis in (1..self.rank()).rev() {
            strides[axis - 1] =
                strides[axis].saturating_mul(isize::try_from(self[axis]).unwrap_or(isize::MAX));
        }
        strides
    }
}

impl Deref for Shape {
    type Target = [usize];
    #[inline]
    fn deref(&self) -> &[usize] {
        match &self.0 {
            Lengths::Inline { rank, lengths } => &lengths[..usize::from(*rank).min(INLINE)],
            Lengths::Heap(lengths) => lengths,
        }
    }
}

impl Default for Shape {
    fn default() -> Shape {
        Shape::scalar()
    }
}
impl PartialEq for Shape {
    #[inline]
    fn eq(&self, other: &Shape) -> bool {
        match (&self.0, &other.0) {
            (Lengths::Inline { rank: a, lengths: x }, Lengths::Inline { rank: b, lengths: y }) => {
                a == b && x == y
            }
            _ => **self == **other,
        }
    }
}
impl Eq for Shape {}
impl Hash for Shape {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    #[inline]
    fn from(lengths: [usize; N]) -> Shape {
        Shape::from(&lengths[..])
    }
}
impl From<&[usize]> for Shape {
    #[inline]
    fn from(lengths: &[usize]) -> Shape {
        if lengths.len() > INLINE {
            return Shape(Lengths::Heap(lengths.into()));
        }
        let mut inline = [0; INLINE];
        inline[..lengths.len()].copy_from_slice(lengths);
        Shape(Lengths::Inline { rank: lengths.len() as u8, lengths: inline })
    }
}
impl From<Vec<usize>> for Shape {
    fn from(lengths: Vec<usize>) -> Shape {
        Shape::from(&lengths[..])
    }
}
impl From<&Shape> for Shape {
    fn from(shape: &Shape) -> Shape {
        shape.clone()
    }
}
impl FromIterator<usize> for Shape {
    fn from_iter<I: IntoIterator<Item = usize>>(lengths: I) -> Shape {
        Shape::from(&lengths.into_iter().collect::<SmallVec<[usize; 8]>>()[..])
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, n) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            write!(f, "{n}")?;
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A dtype and a shape.
///
/// ```
/// use cotangent_kernels::{DType, Type};
/// let ty = Type::new(DType::F32, [3, 4]);
/// assert_eq!((ty.to_string().as_str(), "f32[3,4]".parse()), ("f32[3,4]", Ok(ty)));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Type {
    /// What kind of number.
    pub dtype: DType,
    /// How many along each axis.
    pub shape: Shape,
}

impl Type {
    /// This dtype and shape.
    #[inline]
    pub fn new(dtype: DType, shape: impl Into<Shape>) -> Type {
        Type { dtype, shape: shape.into() }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.dtype, self.shape)
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Type {
    type Err = String;
    fn from_str(text: &str) -> Result<Type, String> {
        let wrong = || format!("`{text}` is no type such as f64[2,3]");
        let (dtype, rest) = text.split_once('[').ok_or_else(wrong)?;
        let lengths = rest.strip_suffix(']').ok_or_else(wrong)?;
        let shape: Option<Shape> = match lengths {
            "" => Some(Shape::scalar()),
            _ => lengths.split(',').map(|n| n.trim().parse().ok()).collect(),
        };
        Ok(Type { dtype: dtype.parse()?, shape: shape.ok_or_else(wrong)? })
    }
}
