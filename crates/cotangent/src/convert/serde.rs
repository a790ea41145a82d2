//! Tensors in the formats of `serde`: `{"dtype": "f64", "shape": [2], "data": [1.0, 2.0]}`.
//!
//! In formats that people read, such as JSON, which has no NaN and no infinities, these are the texts "NaN", "inf" and "-inf".

use crate::core::{Array, DType, Tensor};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};
use std::fmt;

const FIELDS: [&str; 3] = ["dtype", "shape", "data"];

/// A traced tensor is forced; an error if it cannot be.
impl Serialize for Tensor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let array = self.try_array().map_err(S::Error::custom)?;
        let readable = serializer.is_human_readable();
        let mut out = serializer.serialize_struct("Tensor", 3)?;
        out.serialize_field("dtype", array.dtype().name())?;
        out.serialize_field("shape", &array.shape()[..])?;
        match array.dtype() {
            DType::F32 if readable => out.serialize_field("data", &Floats(&array.dense::<f32>()))?,
            DType::F64 if readable => out.serialize_field("data", &Floats(&array.dense::<f64>()))?,
            DType::F32 => out.serialize_field("data", &array.dense::<f32>()[..])?,
            DType::F64 => out.serialize_field("data", &array.dense::<f64>()[..])?,
            DType::I32 => out.serialize_field("data", &array.dense::<i32>()[..])?,
            DType::I64 => out.serialize_field("data", &array.dense::<i64>()[..])?,
            DType::Bool => out.serialize_field("data", &array.dense::<bool>()[..])?,
        }
        out.end()
    }
}

/// Floats of which some may be no numbers.
struct Floats<'a, T>(&'a [T]);

impl<T: Copy + Into<f64> + Serialize> Serialize for Floats<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|&x| Number(x)))
    }
}

struct Number<T>(T);

impl<T: Copy + Into<f64> + Serialize> Serialize for Number<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let x: f64 = self.0.into();
        match x.is_finite() {
            true => self.0.serialize(serializer),
            false => serializer.collect_str(&x),
        }
    }
}

/// A float as a number or as one of the texts.
macro_rules! floats {
    ($($t:ident)*) => {$(
        impl<'de> Deserialize<'de> for Number<$t> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number<$t>, D::Error> {
                struct Seen;
                impl Visitor<'_> for Seen {
                    type Value = $t;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a number, \"NaN\", \"inf\" or \"-inf\"")
                    }
                    fn visit_f64<E: de::Error>(self, x: f64) -> Result<$t, E> {
                        Ok(x as $t)
                    }
                    fn visit_i64<E: de::Error>(self, x: i64) -> Result<$t, E> {
                        Ok(x as $t)
                    }
                    fn visit_u64<E: de::Error>(self, x: u64) -> Result<$t, E> {
                        Ok(x as $t)
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$t, E> {
                        match text {
                            "NaN" => Ok($t::NAN),
                            "inf" => Ok($t::INFINITY),
                            "-inf" => Ok($t::NEG_INFINITY),
                            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                        }
                    }
                }
                match deserializer.is_human_readable() {
                    true => deserializer.deserialize_any(Seen).map(Number),
                    false => $t::deserialize(deserializer).map(Number),
                }
            }
        }
    )*};
}

floats!(f32 f64);

/// The entries of a dtype, to be read once that is known.
struct Entries(DType);

enum Read {
    F32(Vec<Number<f32>>),
    F64(Vec<Number<f64>>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    Bool(Vec<bool>),
}

impl<'de> de::DeserializeSeed<'de> for Entries {
    type Value = Read;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read, D::Error> {
        Ok(match self.0 {
            DType::F32 => Read::F32(Vec::deserialize(deserializer)?),
            DType::F64 => Read::F64(Vec::deserialize(deserializer)?),
            DType::I32 => Read::I32(Vec::deserialize(deserializer)?),
            DType::I64 => Read::I64(Vec::deserialize(deserializer)?),
            DType::Bool => Read::Bool(Vec::deserialize(deserializer)?),
        })
    }
}

impl Read {
    fn tensor<E: de::Error>(self, shape: &[usize]) -> Result<Tensor, E> {
        let count = match &self {
            Read::F32(x) => x.len(),
            Read::F64(x) => x.len(),
            Read::I32(x) => x.len(),
            Read::I64(x) => x.len(),
            Read::Bool(x) => x.len(),
        };
        let size = shape.iter().try_fold(1_usize, |size, &n| size.checked_mul(n));
        if size != Some(count) && !(count == 0 && shape.contains(&0)) {
            return Err(E::custom(format!("{count} entries for a tensor of shape {shape:?}")));
        }
        Ok(Tensor::from(match self {
            Read::F32(x) => Array::from_vec(x.into_iter().map(|x| x.0).collect(), shape),
            Read::F64(x) => Array::from_vec(x.into_iter().map(|x| x.0).collect(), shape),
            Read::I32(x) => Array::from_vec(x, shape),
            Read::I64(x) => Array::from_vec(x, shape),
            Read::Bool(x) => Array::from_vec(x, shape),
        }))
    }
}

/// The dtype and the shape must come before the data.
impl<'de> Deserialize<'de> for Tensor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tensor, D::Error> {
        deserializer.deserialize_struct("Tensor", &FIELDS, Fields)
    }
}

struct Fields;

fn dtype<E: de::Error>(name: &str) -> Result<DType, E> {
    name.parse().map_err(E::custom)
}

impl<'de> Visitor<'de> for Fields {
    type Value = Tensor;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tensor: its dtype, shape and data")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tensor, A::Error> {
        let missing = |i: usize| de::Error::invalid_length(i, &Fields);
        let name: String = seq.next_element()?.ok_or_else(|| missing(0))?;
        let shape: Vec<usize> = seq.next_element()?.ok_or_else(|| missing(1))?;
        let data = seq.next_element_seed(Entries(dtype(&name)?))?.ok_or_else(|| missing(2))?;
        data.tensor(&shape)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tensor, A::Error> {
        let (mut kind, mut shape, mut data) = (None, None::<Vec<usize>>, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "dtype" => kind = Some(dtype(&map.next_value::<String>()?)?),
                "shape" => shape = Some(map.next_value()?),
                "data" => {
                    let kind =
                        kind.ok_or_else(|| de::Error::custom("the field `dtype` must come before `data`"))?;
                    data = Some(map.next_value_seed(Entries(kind))?);
                }
                other => return Err(de::Error::unknown_field(other, &FIELDS)),
            }
        }
        let missing = de::Error::missing_field;
        let (data, shape) = (data.ok_or_else(|| missing("data"))?, shape.ok_or_else(|| missing("shape"))?);
        data.tensor(&shape)
    }
}
