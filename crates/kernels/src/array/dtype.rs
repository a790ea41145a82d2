//! Kinds of numbers.

use std::fmt::{self, Debug};
use std::str::FromStr;
use std::sync::Arc;

use super::store::Store;

/// What kind of number an array holds.
///
/// ```
/// use cotangent_kernels::DType;
/// assert_eq!((DType::F32.name(), DType::F32.size(), "i64".parse()), ("f32", 4, Ok(DType::I64)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum DType {
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// True or false.
    Bool,
}

impl DType {
    /// All of them.
    pub const ALL: [DType; 5] = [DType::F32, DType::F64, DType::I32, DType::I64, DType::Bool];

    /// As Rust calls it.
    pub fn name(self) -> &'static str {
        match self {
            DType::F32 => "f32",
            DType::F64 => "f64",
            DType::I32 => "i32",
            DType::I64 => "i64",
            DType::Bool => "bool",
        }
    }
    /// `f32` or `f64`: what has derivatives.
    #[inline]
    pub fn is_float(self) -> bool {
        matches!(self, DType::F32 | DType::F64)
    }
    /// `i32` or `i64`.
    #[inline]
    pub fn is_integer(self) -> bool {
        matches!(self, DType::I32 | DType::I64)
    }
    /// Bytes of a number.
    pub fn size(self) -> usize {
        match self {
            DType::F32 | DType::I32 => 4,
            DType::F64 | DType::I64 => 8,
            DType::Bool => 1,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for DType {
    type Err = String;
    fn from_str(name: &str) -> Result<DType, String> {
        DType::ALL.into_iter().find(|dtype| dtype.name() == name).ok_or_else(|| format!("no dtype `{name}`"))
    }
}

/// One number of any dtype.
///
/// ```
/// use cotangent_kernels::{DType, Item};
/// assert_eq!((Item::from_f64(DType::I32, 2.0), Item::F32(0.5).to_f64()), (Item::I32(2), 0.5));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Item {
    /// 32-bit floating point.
    F32(f32),
    /// 64-bit floating point.
    F64(f64),
    /// 32-bit integer.
    I32(i32),
    /// 64-bit integer.
    I64(i64),
    /// True or false.
    Bool(bool),
}

impl Item {
    /// What kind of number it is.
    #[inline]
    pub fn dtype(self) -> DType {
        match self {
            Item::F32(_) => DType::F32,
            Item::F64(_) => DType::F64,
            Item::I32(_) => DType::I32,
            Item::I64(_) => DType::I64,
            Item::Bool(_) => DType::Bool,
        }
    }
    /// As an `f64`, rounded if it is a large `i64`; true is 1.
    #[inline]
    pub fn to_f64(self) -> f64 {
        match self {
            Item::F32(x) => x.into(),
            Item::F64(x) => x,
            Item::I32(x) => x.into(),
            Item::I64(x) => x as f64,
            Item::Bool(x) => f64::from(u8::from(x)),
        }
    }
    /// The bits that it is stored as, which tell any two numbers of one dtype apart: 0 and −0, one NaN and another.
    #[inline]
    pub fn bits(self) -> u64 {
        match self {
            Item::F32(x) => x.to_bits().into(),
            Item::F64(x) => x.to_bits(),
            Item::I32(x) => x as u64,
            Item::I64(x) => x as u64,
            Item::Bool(x) => x.into(),
        }
    }
    /// A number in a dtype, as Rust's `as`; what is not 0 is true.
    #[inline]
    pub fn from_f64(dtype: DType, x: f64) -> Item {
        match dtype {
            DType::F32 => Item::F32(x as f32),
            DType::F64 => Item::F64(x),
            DType::I32 => Item::I32(x as i32),
            DType::I64 => Item::I64(x as i64),
            DType::Bool => Item::Bool(x != 0.0),
        }
    }
    /// 0, or false.
    #[inline]
    pub fn zero(dtype: DType) -> Item {
        Item::from_f64(dtype, 0.0)
    }
    /// 1, or true.
    #[inline]
    pub fn one(dtype: DType) -> Item {
        Item::from_f64(dtype, 1.0)
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Item::F32(x) => fmt::Display::fmt(x, f),
            Item::F64(x) => fmt::Display::fmt(x, f),
            Item::I32(x) => fmt::Display::fmt(x, f),
            Item::I64(x) => fmt::Display::fmt(x, f),
            Item::Bool(x) => fmt::Display::fmt(x, f),
        }
    }
}

/// Shared numbers of one dtype.
#[derive(Clone)]
pub(crate) enum Buffer {
    F32(Arc<Store<f32>>),
    F64(Arc<Store<f64>>),
    I32(Arc<Store<i32>>),
    I64(Arc<Store<i64>>),
    Bool(Arc<Store<bool>>),
}

pub(crate) mod sealed {
    use super::{Arc, Buffer, Store};

    /// How numbers of a type lie in a buffer.
    #[allow(private_interfaces)]
    pub trait Stored: Sized {
        fn wrap(values: Arc<Store<Self>>) -> Buffer;
        fn values(buffer: &Buffer) -> Option<&Arc<Store<Self>>>;
        fn values_mut(buffer: &mut Buffer) -> Option<&mut Arc<Store<Self>>>;
    }
}

/// A Rust number that arrays can hold.
pub trait Element:
    Copy + Debug + PartialEq + PartialOrd + Default + Send + Sync + 'static + sealed::Stored
{
    /// Its dtype.
    const DTYPE: DType;
    /// Is every pattern of bits a number?
    #[doc(hidden)]
    const ANY_BITS: bool;
    /// As a number of any dtype.
    fn into_item(self) -> Item;
    /// Back, if it is of this dtype.
    fn from_item(item: Item) -> Option<Self>;
}

macro_rules! element {
    ($t:ty, $variant:ident) => {
        #[allow(private_interfaces)]
        impl sealed::Stored for $t {
            #[inline]
            fn wrap(values: Arc<Store<$t>>) -> Buffer {
                Buffer::$variant(values)
            }
            #[inline]
            fn values(buffer: &Buffer) -> Option<&Arc<Store<$t>>> {
                match buffer {
                    Buffer::$variant(values) => Some(values),
                    _ => None,
                }
            }
            #[inline]
            fn values_mut(buffer: &mut Buffer) -> Option<&mut Arc<Store<$t>>> {
                match buffer {
                    Buffer::$variant(values) => Some(values),
                    _ => None,
                }
            }
        }
        impl Element for $t {
            const DTYPE: DType = DType::$variant;
            const ANY_BITS: bool = !matches!(DType::$variant, DType::Bool);
            #[inline]
            fn into_item(self) -> Item {
                Item::$variant(self)
            }
            #[inline]
            fn from_item(item: Item) -> Option<$t> {
                match item {
                    Item::$variant(x) => Some(x),
                    _ => None,
                }
            }
        }
    };
}

element!(f32, F32);
element!(f64, F64);
element!(i32, I32);
element!(i64, I64);
element!(bool, Bool);

/// Runs the code with a type alias for the Rust number of a dtype.
macro_rules! with_dtype {
    ($dtype:expr, $T:ident => $code:expr) => {
        match $dtype {
            $crate::array::DType::F32 => {
                type $T = f32;
                $code
            }
            $crate::array::DType::F64 => {
                type $T = f64;
                $code
            }
            $crate::array::DType::I32 => {
                type $T = i32;
                $code
            }
            $crate::array::DType::I64 => {
                type $T = i64;
                $code
            }
            $crate::array::DType::Bool => {
                type $T = bool;
                $code
            }
        }
    };
}
pub(crate) use with_dtype;
