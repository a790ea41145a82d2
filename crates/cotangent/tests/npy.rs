//! NumPy's files (feature `npy`): what is read and written, and that nothing in a file can panic or take much memory.
#![cfg(feature = "npy")]

use cotangent::convert::npy::{read_npy, read_npz, write_npy, write_npz};
use cotangent::prelude::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::Cursor;

/// Remembers the largest block that its own thread has asked for.
struct Watching;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

#[allow(unsafe_code)] // An allocator cannot be written without.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.set(LARGEST.get().max(layout.size()));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        unsafe { System.dealloc(p, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// What reading a small file may ask for at most.
const MOST: usize = 1 << 22;

fn written(x: &Tensor) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_npy(&mut bytes, x).unwrap();
    bytes
}

/// A file of version 1 with this header.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn message(bytes: &[u8]) -> String {
    read_npy(bytes).err().map_or("it was read".into(), |error| error.to_string())
}

#[test]
fn there_and_back() {
    for x in [
        Tensor::from([[1.0, -0.5, f64::NAN], [f64::INFINITY, 1e-310, 3.0]]),
        Tensor::from([0.1f32]),
        Tensor::from([i32::MIN, i32::MAX]),
        Tensor::from(i64::MAX),
        Tensor::from([[true], [false]]),
        Tensor::zeros::<f32>([3, 0, 2]),
        Tensor::arange::<f64>(60_000),
        Tensor::from([[1, 2, 3], [4, 5, 6]]).t(),
    ] {
        let bytes = written(&x);
        assert_eq!((bytes.len() - x.size() * x.dtype().size()) % 64, 0);
        let y = read_npy(&bytes[..]).unwrap();
        assert_eq!(x.ty(), y.ty());
        // NaN too: the same bytes.
        assert!(written(&y) == bytes, "{x}");
    }
}

/// Bytes that NumPy 2 wrote for `numpy.save` of these arrays.
#[test]
fn files_of_numpy() {
    let header = |descr: &str, fortran: &str, shape: &str| {
        let text = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}");
        format!("{text:<117}\n")
    };
    let x: Vec<u8> = [1.0f64, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let by_rows = read_npy(&file(&header("<f8", "False", "(2, 3)"), &x)[..]).unwrap();
    assert_eq!(by_rows.to_vec::<f64>(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let by_columns = read_npy(&file(&header("<f8", "True", "(2, 3)"), &x)[..]).unwrap();
    assert_eq!(by_columns.ty().to_string(), "f64[2,3]");
    assert_eq!(by_columns.to_vec::<f64>(), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
    let cube = read_npy(&file(&header("<f8", "True", "(1, 2, 3)"), &x)[..]).unwrap();
    assert_eq!(cube.to_vec::<f64>(), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
    let big: Vec<u8> = [1.5f32, -2.0].iter().flat_map(|x| x.to_be_bytes()).collect();
    assert_eq!(
        read_npy(&file(&header(">f4", "False", "(2,)"), &big)[..]).unwrap().to_vec::<f32>(),
        [1.5, -2.0]
    );
    let big: Vec<u8> = [-3_i64].iter().flat_map(|x| x.to_be_bytes()).collect();
    assert_eq!(read_npy(&file(&header(">i8", "False", "()"), &big)[..]).unwrap().item::<i64>(), -3);
    assert_eq!(
        read_npy(&file(&header("|b1", "False", "(2,)"), &[0, 1])[..]).unwrap().to_vec::<bool>(),
        [false, true]
    );
    assert_eq!(
        read_npy(&file(&header("<i4", "False", "(0, 4)"), &[])[..]).unwrap().ty().to_string(),
        "i32[0,4]"
    );
    // Other spellings of the same: double quotes, no spaces, another order, Python 2's long integers.
    let odd = r#"{"shape":(1L,2L),"fortran_order":False,"descr":"<i4"}"#;
    assert_eq!(read_npy(&file(odd, &[1, 0, 0, 0, 2, 0, 0, 0])[..]).unwrap().to_vec::<i32>(), [1, 2]);
    // What follows the array is left alone, as NumPy leaves it.
    let two = [written(&Tensor::from(1.0)), written(&Tensor::from(2.0))].concat();
    let mut rest = &two[..];
    let both = (read_npy(&mut rest).unwrap(), read_npy(&mut rest).unwrap());
    assert_eq!((both.0.item::<f64>(), both.1.item::<f64>()), (1.0, 2.0));
    // Version 2 has a longer length.
    let mut second = b"\x93NUMPY\x02\x00".to_vec();
    let header = header("<f8", "False", "()");
    second.extend((header.len() as u32).to_le_bytes());
    second.extend(header.as_bytes());
    second.extend(7.0_f64.to_le_bytes());
    assert_eq!(read_npy(&second[..]).unwrap().item::<f64>(), 7.0);
}

#[test]
fn what_is_no_such_file() {
    let header = |text: &str| message(&file(text, &[0; 64]));
    let cases = [
        (message(b""), "expected a header"),
        (message(b"\x93NUMPY\x01"), "expected a header"),
        (message(b"PK\x03\x04 is a zip file"), "starts with \\x93NUMPY"),
        (message(b"\x93NUMPY\x09\x00\x10\x00"), "version 1, 2 or 3"),
        (message(b"\x93NUMPY\x02\x00\xff\xff\xff\xff"), "at most 10000 bytes"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)"), "expected a header {"),
        (header("{'descr': '<f8', 'fortran_order': False}"), "expected a header {"),
        (header("{'descr': '<f8', 'fortran_order': 0, 'shape': (2,)}"), "expected a header {"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (-2,)}"), "expected a header {"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (2.5,)}"), "expected a header {"),
        (
            header("{'descr': '<f8', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}"),
            "expected a header {",
        ),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'more': 1}"), "expected a header {"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x"), "expected a header {"),
        (header("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}"), "expected a header {"),
        (header(&"(".repeat(9000)), "expected a header {"),
        (
            header("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}"),
            "expected a header {",
        ),
        (header("{'descr': '<c16', 'fortran_order': False, 'shape': (2,)}"), "float32, float64"),
        (header("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}"), "float32, float64"),
        (header("{'descr': '', 'fortran_order': False, 'shape': (2,)}"), "float32, float64"),
        (header("{'descr': 'é8', 'fortran_order': False, 'shape': (2,)}"), "float32, float64"),
        (header("{'descr': '!f8', 'fortran_order': False, 'shape': (2,)}"), "a byte order"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (9,)}"), "72 bytes of entries"),
        (
            header("{'descr': '<f8', 'fortran_order': False, 'shape': (9000000000000000000,)}"),
            "fits into memory",
        ),
        (
            header("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 9999999999, 9999999999)}"),
            "fits into memory",
        ),
        (header("{'descr': '<f8', 'fortran_order': True, 'shape': (1000000000000,)}"), "8000000000000 bytes"),
        (
            header(&format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({})}}", "1,".repeat(65))),
            "at most 64 axes",
        ),
    ];
    for (i, (got, expected)) in cases.iter().enumerate() {
        assert!(got.starts_with("`read_npy`") && got.contains(expected), "{i}: {got} has no {expected}");
    }
    assert!(LARGEST.get() < MOST, "{}", LARGEST.get());
    let helped = header("{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}");
    assert!(helped.contains("astype('float64')"), "{helped}");
}

#[test]
fn archives() {
    let (w, b) = (Tensor::from([[1.0, 2.0], [3.0, 4.0]]), Tensor::from([1_i64; 50_000]));
    let mut file = Cursor::new(Vec::new());
    write_npz(&mut file, &[("layers/w", &w), ("b", &b), ("none", &Tensor::zeros::<f32>([0]))]).unwrap();
    let bytes = file.into_inner();
    assert!(bytes.len() < 5_000, "{} bytes: is it compressed?", bytes.len());
    let arrays = read_npz(Cursor::new(&bytes)).unwrap();
    let names: Vec<&str> = arrays.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["layers/w", "b", "none"]);
    assert!(arrays[0].1 == w && arrays[1].1 == b && arrays[2].1.size() == 0);
    // Cut off, or with an array that is none.
    let error = read_npz(Cursor::new(&bytes[..bytes.len() - 30])).unwrap_err().to_string();
    assert!(error.starts_with("`read_npz`: expected a zip archive"), "{error}");
    assert!(read_npz(Cursor::new(written(&w))).is_err());
    assert!(read_npz(Cursor::new(Vec::new())).is_err());
    let twice = write_npz(Cursor::new(Vec::new()), &[("w", &w), ("w", &w)]);
    assert!(twice.unwrap_err().to_string().contains("write_npz"));
}

#[test]
fn files_on_disk() {
    let folder = std::env::temp_dir().join(format!("cotangent-npy-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let x = Tensor::from([1f32, 2.0]);
    x.save_npy(folder.join("x.npy")).unwrap();
    assert!(Tensor::load_npy(folder.join("x.npy")).unwrap() == x);
    Tensor::save_npz(folder.join("x.npz"), &[("x", &x)]).unwrap();
    assert!(Tensor::load_npz(folder.join("x.npz")).unwrap()[0].1 == x);
    let missing = Tensor::load_npy(folder.join("y.npy")).unwrap_err().to_string();
    assert!(missing.starts_with("`load_npy`: expected to read") && missing.contains("y.npy"), "{missing}");
    assert!(x.save_npy(folder.join("no/folder/x.npy")).is_err());
    std::fs::remove_dir_all(folder).unwrap();
}

/// Files with some bytes changed, and files cut off: read or refused, never a panic.
#[test]
fn damaged_files() {
    let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let mut archive = Cursor::new(Vec::new());
    write_npz(&mut archive, &[("x", &x), ("y", &Tensor::from([1, 2]))]).unwrap();
    let (npy, npz) = (written(&x), archive.into_inner());
    let mut state = 1_u64;
    let mut next = |n: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % n
    };
    let mut refused = 0;
    for round in 0..4_000 {
        let mut bytes = if round % 2 == 0 { npy.clone() } else { npz.clone() };
        for _ in 0..1 + next(4) {
            let place = next(bytes.len());
            bytes[place] = next(256) as u8;
        }
        if next(4) == 0 {
            bytes.truncate(next(bytes.len()));
        }
        let failed = match round % 2 {
            0 => read_npy(&bytes[..]).is_err(),
            _ => read_npz(Cursor::new(bytes)).is_err(),
        };
        refused += usize::from(failed);
    }
    assert!((1000..4000).contains(&refused), "{refused}");
    assert!(LARGEST.get() < MOST, "{}", LARGEST.get());
}
