//! NumPy's files: `.npy`, one array, and `.npz`, a zip archive of them (feature `npy`).
//!
//! Arrays of `float32`, `float64`, `int32`, `int64` and `bool`, of either byte order, row by row or in Fortran's order. Files are written
//! little-endian, row by row. What is no such file is an `Err` that says why; the memory that reading takes grows with what is read, not
//! with what a header promises.
//!
//! The header is read here and not by a crate for it: those at hand parse any Python literal, to any depth.

use crate::core::{Array, DType, Error, Tensor};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const MAGIC: &[u8] = b"\x93NUMPY";
/// NumPy's own limit.
const LONGEST_HEADER: usize = 10_000;
const MOST_AXES: usize = 64;
/// A multiple of every size of number.
const CHUNK: usize = 1 << 16;

fn reading(expected: impl Into<String>, got: impl Into<String>) -> Error {
    Error::new("read_npy").expected(expected).got(got)
}

fn failed(operation: &str, expected: &str, error: impl std::fmt::Display) -> Error {
    Error::new(operation).expected(expected).got(error.to_string())
}

/// The array in NumPy's format that comes next.
///
/// ```
/// use cotangent::convert::npy::{read_npy, write_npy};
/// use cotangent::prelude::*;
/// let mut bytes = Vec::new();
/// write_npy(&mut bytes, &Tensor::from([[1.0, 2.0], [3.0, 4.0]])).unwrap();
/// assert_eq!(read_npy(&bytes[..]).unwrap().to_vec::<f64>(), [1.0, 2.0, 3.0, 4.0]);
/// assert!(read_npy(&bytes[..150]).unwrap_err().to_string().contains("32 bytes of entries"));
/// ```
pub fn read_npy(mut reader: impl Read) -> Result<Tensor, Error> {
    let header = read_header(&mut reader)?;
    let (dtype, shape) = (header.dtype, header.shape);
    let size = shape.iter().filter(|&&n| n != 0).try_fold(dtype.size(), |size, &n| size.checked_mul(n));
    if size.is_none_or(|size| isize::try_from(size).is_err()) {
        return Err(reading("a shape that fits into memory", format!("{shape:?}")));
    }
    // Fortran's order is row by row of the axes in reverse.
    let lengths: Vec<usize> = match header.fortran {
        true => shape.iter().rev().copied().collect(),
        false => shape.clone(),
    };
    let big = header.big_endian;
    let array = match dtype {
        DType::F32 => {
            Array::from_vec(entries(reader, &lengths, big, f32::from_le_bytes)?, lengths.as_slice())
        }
        DType::F64 => {
            Array::from_vec(entries(reader, &lengths, big, f64::from_le_bytes)?, lengths.as_slice())
        }
        DType::I32 => {
            Array::from_vec(entries(reader, &lengths, big, i32::from_le_bytes)?, lengths.as_slice())
        }
        DType::I64 => {
            Array::from_vec(entries(reader, &lengths, big, i64::from_le_bytes)?, lengths.as_slice())
        }
        DType::Bool => {
            Array::from_vec(entries(reader, &lengths, big, |[byte]: [u8; 1]| byte != 0)?, lengths.as_slice())
        }
    };
    let axes: Vec<usize> = (0..lengths.len()).rev().collect();
    Ok(Tensor::from(if header.fortran { array.permute(&axes) } else { array }))
}

struct Header {
    dtype: DType,
    big_endian: bool,
    fortran: bool,
    shape: Vec<usize>,
}

fn read_header(reader: &mut impl Read) -> Result<Header, Error> {
    let mut start = [0; 8];
    let end = |error: io::Error| failed("read_npy", "a header", error);
    reader.read_exact(&mut start).map_err(end)?;
    if !start.starts_with(MAGIC) {
        return Err(reading(
            "a file that starts with \\x93NUMPY",
            format!("{:?}", start[..6].escape_ascii().to_string()),
        ));
    }
    let length = match start[6] {
        1 => {
            let mut length = [0; 2];
            reader.read_exact(&mut length).map_err(end)?;
            usize::from(u16::from_le_bytes(length))
        }
        2 | 3 => {
            let mut length = [0; 4];
            reader.read_exact(&mut length).map_err(end)?;
            u32::from_le_bytes(length) as usize
        }
        other => return Err(reading("version 1, 2 or 3 of the format", other.to_string())),
    };
    if length > LONGEST_HEADER {
        return Err(reading(
            format!("a header of at most {LONGEST_HEADER} bytes"),
            format!("{length} bytes"),
        ));
    }
    let mut text = vec![0; length];
    reader.read_exact(&mut text).map_err(end)?;
    let text = String::from_utf8_lossy(&text);
    let shown = || text.trim_end().chars().take(200).collect::<String>();
    let wanted = "a header {'descr': …, 'fortran_order': …, 'shape': (…)}";
    let (descr, fortran, shape) =
        Literal(text.as_bytes()).header().ok_or_else(|| reading(wanted, shown()))?;
    if shape.len() > MOST_AXES {
        return Err(reading(format!("at most {MOST_AXES} axes"), shape.len().to_string()));
    }
    let mut kind = descr.chars();
    let order = kind.next().unwrap_or(' ');
    let dtype = match kind.as_str() {
        "f4" => DType::F32,
        "f8" => DType::F64,
        "i4" => DType::I32,
        "i8" => DType::I64,
        "b1" | "?" => DType::Bool,
        _ => {
            return Err(reading("float32, float64, int32, int64 or bool", format!("{descr:?}"))
                .help("convert in NumPy: `x.astype('float64')`"));
        }
    };
    let big_endian = match order {
        '<' | '|' => false,
        '>' => true,
        '=' => cfg!(target_endian = "big"),
        _ => return Err(reading("a byte order, one of <>=|", format!("{descr:?}"))),
    };
    Ok(Header { dtype, big_endian, fortran, shape })
}

/// What is left of a Python literal: as much of the language as headers use.
struct Literal<'a>(&'a [u8]);

impl<'a> Literal<'a> {
    /// `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`, each key once.
    fn header(mut self) -> Option<(&'a str, bool, Vec<usize>)> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while !self.eat(b'}') {
            let key = self.string()?;
            self.expect(b':')?;
            let again = match key {
                "descr" => descr.replace(self.string()?).is_some(),
                "fortran_order" => fortran.replace(self.truth()?).is_some(),
                "shape" => shape.replace(self.sizes()?).is_some(),
                _ => true,
            };
            if again {
                return None;
            }
            if !self.eat(b',') {
                self.expect(b'}')?;
                break;
            }
        }
        self.spaces();
        self.0.is_empty().then_some((descr?, fortran?, shape?))
    }

    fn spaces(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }
    fn eat(&mut self, byte: u8) -> bool {
        self.spaces();
        match self.0.split_first() {
            Some((&first, rest)) if first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }
    fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }
    /// The bytes up to the first that is not of this kind.
    fn take(&mut self, kind: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.0.iter().position(|&byte| !kind(byte)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }
    fn string(&mut self) -> Option<&'a str> {
        let quote = if self.eat(b'\'') { b'\'' } else { self.eat(b'"').then_some(b'"')? };
        let text = self.take(|byte| byte != quote);
        self.expect(quote)?;
        std::str::from_utf8(text).ok()
    }
    fn truth(&mut self) -> Option<bool> {
        self.spaces();
        match self.take(|byte| byte.is_ascii_alphabetic()) {
            b"True" => Some(true),
            b"False" => Some(false),
            _ => None,
        }
    }
    fn sizes(&mut self) -> Option<Vec<usize>> {
        self.expect(b'(')?;
        let mut sizes = Vec::new();
        while !self.eat(b')') {
            self.spaces();
            let digits = std::str::from_utf8(self.take(|byte| byte.is_ascii_digit())).ok()?;
            sizes.push(digits.parse().ok()?);
            // As Python 2 wrote long integers.
            self.eat(b'L');
            if !self.eat(b',') {
                self.expect(b')')?;
                break;
            }
        }
        Some(sizes)
    }
}

/// As many numbers as the shape has, read piece by piece.
fn entries<T, const N: usize>(
    mut reader: impl Read,
    shape: &[usize],
    big_endian: bool,
    number: impl Fn([u8; N]) -> T,
) -> Result<Vec<T>, Error> {
    let bytes = shape.iter().product::<usize>() * N;
    let mut buffer = vec![0; bytes.min(CHUNK)];
    let mut numbers = Vec::new();
    let mut left = bytes;
    while left > 0 {
        let piece = &mut buffer[..left.min(CHUNK)];
        let expected = format!("{bytes} bytes of entries");
        reader.read_exact(piece).map_err(|error| failed("read_npy", &expected, error))?;
        left -= piece.len();
        numbers.extend(piece.as_chunks::<N>().0.iter().map(|&(mut bytes)| {
            if big_endian {
                bytes.reverse();
            }
            number(bytes)
        }));
    }
    Ok(numbers)
}

/// Writes an array in NumPy's format. A traced tensor is forced; an error if it cannot be.
pub fn write_npy(mut writer: impl Write, x: &Tensor) -> Result<(), Error> {
    let array = x.try_array()?;
    let kind = match array.dtype() {
        DType::F32 => "<f4",
        DType::F64 => "<f8",
        DType::I32 => "<i4",
        DType::I64 => "<i8",
        DType::Bool => "|b1",
    };
    let sizes: Vec<String> = array.shape().iter().map(usize::to_string).collect();
    let comma = if sizes.len() == 1 { "," } else { "" };
    let shape = format!("({}{comma})", sizes.join(", "));
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    // The entries start at a multiple of 64.
    let before = MAGIC.len() + 4;
    let padded = (before + header.len() + 1).next_multiple_of(64) - before;
    header = format!("{header:<width$}\n", width = padded - 1);
    if header.len() > LONGEST_HEADER {
        let got = format!("{} axes", array.rank());
        return Err(Error::new("write_npy").expected("a shape that a header can tell").got(got));
    }
    let mut put = |bytes: &[u8]| {
        writer.write_all(bytes).map_err(|error| failed("write_npy", "a place to write to", error))
    };
    put(MAGIC)?;
    put(&[1, 0])?;
    put(&(header.len() as u16).to_le_bytes())?;
    put(header.as_bytes())?;
    match array.dtype() {
        DType::F32 => bytes_of(&array.dense::<f32>(), |x| x.to_le_bytes(), put),
        DType::F64 => bytes_of(&array.dense::<f64>(), |x| x.to_le_bytes(), put),
        DType::I32 => bytes_of(&array.dense::<i32>(), |x| x.to_le_bytes(), put),
        DType::I64 => bytes_of(&array.dense::<i64>(), |x| x.to_le_bytes(), put),
        DType::Bool => bytes_of(&array.dense::<bool>(), |x| [u8::from(x)], put),
    }
}

fn bytes_of<T: Copy, const N: usize>(
    numbers: &[T],
    bytes: impl Fn(T) -> [u8; N],
    mut put: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    numbers
        .chunks(CHUNK / N)
        .try_for_each(|chunk| put(&chunk.iter().flat_map(|&x| bytes(x)).collect::<Vec<u8>>()))
}

/// The arrays of an archive with their names, in its order.
///
/// ```
/// use cotangent::convert::npy::{read_npz, write_npz};
/// use cotangent::prelude::*;
/// use std::io::Cursor;
/// let mut file = Cursor::new(Vec::new());
/// write_npz(&mut file, &[("w", &Tensor::from([1.0, 2.0])), ("steps", &Tensor::from(7_i64))]).unwrap();
/// let arrays = read_npz(file).unwrap();
/// assert_eq!((arrays[1].0.as_str(), arrays[1].1.item::<i64>()), ("steps", 7));
/// ```
pub fn read_npz(reader: impl Read + Seek) -> Result<Vec<(String, Tensor)>, Error> {
    let broken = |error| failed("read_npz", "a zip archive of .npy files", error);
    let mut archive = ZipArchive::new(reader).map_err(broken)?;
    let mut arrays = Vec::new();
    for i in 0..archive.len() {
        let member = archive.by_index(i).map_err(broken)?;
        let name = member.name().map_err(broken)?.into_owned();
        let Some(name) = name.strip_suffix(".npy").map(str::to_string) else {
            return Err(Error::new("read_npz").expected("members that end in .npy").got(format!("{name:?}")));
        };
        let array =
            read_npy(member).map_err(|error| error.note(format!("it is the array {name:?}"), None))?;
        arrays.push((name, array));
    }
    Ok(arrays)
}

/// Writes arrays with their names to an archive, compressed.
pub fn write_npz(writer: impl Write + Seek, arrays: &[(&str, &Tensor)]) -> Result<(), Error> {
    let broken = |error: zip::result::ZipError| failed("write_npz", "a place to write to", error);
    let mut archive = ZipWriter::new(writer);
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
    for (name, array) in arrays {
        archive.start_file(format!("{name}.npy"), options).map_err(broken)?;
        write_npy(&mut archive, array)?;
    }
    archive
        .finish()
        .map_err(broken)?
        .flush()
        .map_err(|error| failed("write_npz", "a place to write to", error))
}

fn open(operation: &str, path: &Path) -> Result<BufReader<File>, Error> {
    let expected = format!("to read {}", path.display());
    File::open(path).map(BufReader::new).map_err(|error| failed(operation, &expected, error))
}

fn create(operation: &str, path: &Path) -> Result<BufWriter<File>, Error> {
    let expected = format!("to write {}", path.display());
    File::create(path).map(BufWriter::new).map_err(|error| failed(operation, &expected, error))
}

impl Tensor {
    /// The array in a `.npy` file (feature `npy`); see [`convert::npy`](crate::convert::npy).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let path = std::env::temp_dir().join(format!("cotangent-doc-{}.npy", std::process::id()));
    /// Tensor::from([1.0, 2.0]).save_npy(&path).unwrap();
    /// assert_eq!(Tensor::load_npy(&path).unwrap().to_vec::<f64>(), [1.0, 2.0]);
    /// std::fs::remove_file(path).unwrap();
    /// ```
    pub fn load_npy(path: impl AsRef<Path>) -> Result<Tensor, Error> {
        read_npy(open("load_npy", path.as_ref())?)
    }

    /// Writes a `.npy` file (feature `npy`).
    pub fn save_npy(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let mut file = create("save_npy", path.as_ref())?;
        write_npy(&mut file, self)?;
        file.flush().map_err(|error| failed("save_npy", "a place to write to", error))
    }

    /// The arrays of a `.npz` file with their names (feature `npy`).
    pub fn load_npz(path: impl AsRef<Path>) -> Result<Vec<(String, Tensor)>, Error> {
        read_npz(open("load_npz", path.as_ref())?)
    }

    /// Writes a `.npz` file of arrays with names (feature `npy`).
    pub fn save_npz(path: impl AsRef<Path>, arrays: &[(&str, &Tensor)]) -> Result<(), Error> {
        write_npz(create("save_npz", path.as_ref())?, arrays)
    }
}
