//! Conversions, each behind its feature: `cargo test -p cotangent --all-features --test convert`.

// Without a feature its test is empty.
#![allow(unused_imports)]

use cotangent::prelude::*;

#[test]
fn rust_numbers_arrays_slices_and_vectors() {
    let shape = |x: Tensor| x.ty().to_string();
    assert_eq!(shape(Tensor::from(1.5)), "f64[]");
    assert_eq!(shape(Tensor::from(true)), "bool[]");
    assert_eq!(shape(Tensor::from(vec![1f32, 2.0])), "f32[2]");
    assert_eq!(shape(Tensor::from(&vec![1_i64, 2])), "i64[2]");
    assert_eq!(shape(Tensor::from(&[1, 2, 3][..])), "i32[3]");
    assert_eq!(shape(Tensor::from([0.5; 0])), "f64[0]");
    assert_eq!(shape(Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])), "f64[3,2]");
    assert_eq!(shape(Tensor::from([[[1.0], [2.0]]])), "f64[1,2,1]");
    assert_eq!(shape(Tensor::from(vec![[1.0, 2.0]; 3])), "f64[3,2]");
    assert_eq!(shape(Tensor::from(Vec::<[f64; 2]>::new())), "f64[0,2]");
    let rows = [[1, 2], [3, 4], [5, 6]];
    assert_eq!(Tensor::from(&rows[1..]).to_vec::<i32>(), [3, 4, 5, 6]);
}

#[cfg(feature = "ndarray")]
mod with_ndarray {
    use super::*;
    use ndarray::{Array1, Array2, Array3, ArrayD, arr0, s};

    #[test]
    fn there_and_back() {
        let a = Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (100 * i + 10 * j + k) as f64);
        let x = Tensor::from(&a);
        assert_eq!(
            (x.ty().to_string(), x.index(1).index(2).index(3).item::<f64>()),
            ("f64[2,3,4]".into(), 123.0)
        );
        assert_eq!(x.to_ndarray::<f64>(), a.clone().into_dyn());
        // Views, in any order of their axes and with gaps.
        let view = a.slice(s![.., ..;2, 1..3]);
        assert_eq!(Tensor::from(&view).to_ndarray::<f64>(), view.to_owned().into_dyn());
        let turned = a.view().permuted_axes([2, 0, 1]);
        assert_eq!(Tensor::from(&turned).to_ndarray::<f64>(), turned.to_owned().into_dyn());
        assert_eq!(Tensor::from(turned.to_owned()).to_ndarray::<f64>(), turned.to_owned().into_dyn());
        assert_eq!(
            x.permute([1, 2, 0]).to_ndarray::<f64>(),
            a.view().permuted_axes([1, 2, 0]).to_owned().into_dyn()
        );
        assert_eq!(Tensor::from(a.clone()).to_vec::<f64>(), x.to_vec::<f64>());
        // An owned array that shows a part of its buffer.
        let part = Array1::from(vec![1, 2, 3, 4, 5]).slice_move(s![1..4]);
        assert_eq!(Tensor::from(part).to_vec::<i32>(), [2, 3, 4]);
        let reversed = Array1::from(vec![1, 2, 3]).slice_move(s![..;-1]);
        assert_eq!(Tensor::from(reversed).to_vec::<i32>(), [3, 2, 1]);
    }

    #[test]
    fn edge_shapes_and_dtypes() {
        assert_eq!(Tensor::from(&arr0(2f32)).ty().to_string(), "f32[]");
        assert_eq!(Tensor::from(Array2::<i64>::zeros((0, 3))).ty().to_string(), "i64[0,3]");
        assert_eq!(Tensor::from(&Array1::from(vec![true, false])).to_vec::<bool>(), [true, false]);
        assert_eq!(Tensor::zeros::<f32>([3, 0]).to_ndarray::<f32>().shape(), [3, 0]);
        let one: ArrayD<f64> = Tensor::from(2.5).to_ndarray();
        assert_eq!((one.ndim(), one.sum()), (0, 2.5));
        // A traced tensor is forced.
        let f = |x: &Tensor| x * x.to_ndarray::<f64>()[[0]];
        assert_eq!(grad(|x: &Tensor| f(x).sum())(&Tensor::from([3.0])).to_vec::<f64>(), [3.0]);
    }

    #[test]
    #[should_panic(expected = "`to_vec` at crates/cotangent/tests/convert.rs")]
    fn another_dtype() {
        Tensor::from([1.0]).to_ndarray::<f32>();
    }
}

#[cfg(feature = "nalgebra")]
mod with_nalgebra {
    use super::*;
    use nalgebra::{DMatrix, DVector, Matrix2x3, RowVector3, Vector3};

    #[test]
    fn there_and_back() {
        let a = DMatrix::from_row_slice(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let x = Tensor::from(&a);
        assert_eq!(
            (x.ty().to_string(), x.to_vec::<f64>()),
            ("f64[2,3]".into(), vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        );
        assert_eq!(x.to_dmatrix::<f64>(), a);
        assert_eq!(x.t().to_dmatrix::<f64>(), a.transpose());
        assert_eq!(Tensor::from(a.transpose()).to_vec::<f64>(), x.t().to_vec::<f64>());
        assert_eq!(Tensor::from(&a.view((0, 1), (2, 2))).to_vec::<f64>(), [2.0, 3.0, 5.0, 6.0]);
        // Products agree.
        assert_eq!(x.matmul(&x.t()).to_dmatrix::<f64>(), &a * a.transpose());
        let v = DVector::from_vec(vec![1f32, 2.0]);
        assert_eq!(Tensor::from(&v).to_dvector::<f32>(), v);
    }

    #[test]
    fn static_shapes_and_edges() {
        let m = Matrix2x3::new(1, 2, 3, 4, 5, 6);
        assert_eq!(Tensor::from(m).to_vec::<i32>(), [1, 2, 3, 4, 5, 6]);
        assert_eq!(Tensor::from(Vector3::new(1.0, 2.0, 3.0)).ty().to_string(), "f64[3]");
        assert_eq!(Tensor::from(RowVector3::new(1.0, 2.0, 3.0)).ty().to_string(), "f64[1,3]");
        assert_eq!(Tensor::from(DMatrix::<f64>::zeros(0, 2)).ty().to_string(), "f64[0,2]");
        // A matrix that happens to have one column stays a matrix.
        assert_eq!(Tensor::from(DMatrix::<f64>::zeros(3, 1)).ty().to_string(), "f64[3,1]");
        assert_eq!(Tensor::zeros::<f64>([2, 0]).to_dmatrix::<f64>().shape(), (2, 0));
    }

    #[test]
    #[should_panic(expected = "`to_dmatrix` at crates/cotangent/tests/convert.rs")]
    fn three_axes() {
        Tensor::zeros::<f64>([1, 2, 3]).to_dmatrix::<f64>();
    }

    #[test]
    #[should_panic(expected = "expected one axis, got f64[]")]
    fn a_number_is_no_vector() {
        Tensor::from(1.0).to_dvector::<f64>();
    }
}

#[cfg(feature = "serde")]
mod with_serde {
    use super::*;
    use serde::{Deserialize, Serialize};

    fn json(x: &Tensor) -> String {
        serde_json::to_string(x).unwrap()
    }

    fn back(text: &str) -> Result<Tensor, String> {
        serde_json::from_str::<Tensor>(text).map_err(|error| error.to_string())
    }

    #[test]
    fn there_and_back() {
        assert_eq!(json(&Tensor::from([1.5, 2.0])), r#"{"dtype":"f64","shape":[2],"data":[1.5,2.0]}"#);
        for x in [
            Tensor::from([[1.0, -0.1], [1e300, 5e-324]]),
            Tensor::from([0.1f32, f32::MAX]),
            Tensor::from([i64::MAX, i64::MIN]),
            Tensor::from([1, -2]),
            Tensor::from(true),
            Tensor::zeros::<f64>([2, 0, 3]),
            Tensor::from([[1.0, 2.0, 3.0]]).t(),
        ] {
            let y = back(&json(&x)).unwrap();
            assert!(x == y && x.ty() == y.ty(), "{x}");
        }
        let special = back(&json(&Tensor::from([f64::NAN, f64::INFINITY, f64::NEG_INFINITY]))).unwrap();
        let special = special.to_vec::<f64>();
        assert!(special[0].is_nan() && special[1..] == [f64::INFINITY, f64::NEG_INFINITY]);
        // Whole numbers are floats where floats are wanted.
        assert_eq!(
            back(r#"{"dtype":"f32","shape":[2],"data":[1,-2]}"#).unwrap().to_vec::<f32>(),
            [1.0, -2.0]
        );
    }

    #[test]
    fn in_structs_of_the_user() {
        #[derive(Serialize, Deserialize, Tree, Clone)]
        struct Layer {
            w: Tensor,
            b: Vec<Tensor>,
        }
        let layer = Layer { w: Tensor::from([1.0, 2.0]), b: vec![Tensor::from(3f32)] };
        let text = serde_json::to_string(&layer).unwrap();
        let layer: Layer = serde_json::from_str(&text).unwrap();
        assert_eq!((layer.w.to_vec::<f64>(), layer.b[0].item::<f32>()), (vec![1.0, 2.0], 3.0));
    }

    #[test]
    fn what_is_no_tensor() {
        let cases = [
            (r#"{"dtype":"f64","shape":[3],"data":[1.5,2.0]}"#, "2 entries for a tensor of shape [3]"),
            (r#"{"dtype":"f16","shape":[1],"data":[1.5]}"#, "no dtype `f16`"),
            (r#"{"shape":[1],"data":[1.5]}"#, "`dtype` must come before `data`"),
            (r#"{"dtype":"f64","shape":[1]}"#, "missing field `data`"),
            (r#"{"dtype":"f64","data":[1.0]}"#, "missing field `shape`"),
            (r#"{"dtype":"f64","shape":[1],"data":["many"]}"#, "invalid value: string \"many\""),
            (r#"{"dtype":"i32","shape":[1],"data":[1.5]}"#, "invalid type: floating point `1.5`"),
            (r#"{"dtype":"i32","shape":[1],"data":[4000000000]}"#, "invalid value"),
            (r#"{"dtype":"f64","shape":[18446744073709551615,2],"data":[1.5,2.0]}"#, "2 entries"),
            (r#"{"dtype":"f64","shape":[-1],"data":[]}"#, "invalid value"),
            (r#"{"dtype":"f64","shape":[],"data":[1.0],"more":0}"#, "unknown field `more`"),
            ("[1.0]", "invalid type"),
        ];
        for (text, expected) in cases {
            let error = back(text).err().unwrap_or_else(|| panic!("{text} was read"));
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_traced_tensor_is_forced_or_an_error() {
        let y = grad(|x: &Tensor| {
            assert!(json(x).contains("2.0"));
            x.square()
        });
        assert_eq!(y(&Tensor::from(2.0)).item::<f64>(), 4.0);
        trace_program(&[cotangent::core::Type::new(DType::F64, [])], |x| {
            assert!(serde_json::to_string(&x[0]).is_err());
            x.to_vec()
        });
    }
}
