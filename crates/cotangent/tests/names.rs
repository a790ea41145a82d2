//! Everything that a user of NumPy, PyTorch or JAX looks for has a row in the tables of laws, an example in its documentation, and
//! is called in a test.

use cotangent::op;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What users look for, and the rows (of primitives or compositions) that it stands in.
const NAMES: &[(&str, &[&str])] = &[
    // Layout and indexing.
    ("squeeze", &["squeeze"]),
    ("expand", &["expand_dims", "unsqueeze", "broadcast"]),
    ("reshape", &["reshape", "flatten"]),
    ("transpose", &["permute", "t", "swapaxes", "moveaxis"]),
    ("slice with steps and negative indices", &["slice", "slice_axis", "slice_step"]),
    ("index by ranges", &["index"]),
    ("dynamic_slice", &["dynamic_slice"]),
    ("dynamic_update_slice", &["dynamic_update_slice"]),
    ("x.at(i).set", &["at.set"]),
    ("x.at(i).add", &["at.add"]),
    ("x.at(i).mul", &["at.mul"]),
    ("x.at(i).max", &["at.max", "at.min"]),
    ("scatter", &["scatter_set", "scatter_add", "scatter_mul_add", "scatter_max", "put_along_axis"]),
    ("gather", &["gather"]),
    ("take", &["take"]),
    ("take_along_axis", &["take_along_axis"]),
    ("flip", &["flip", "rev"]),
    ("concat", &["concat"]),
    ("stack", &["stack", "unstack"]),
    ("split", &["split", "split_at"]),
    ("pad", &["pad", "pad_with", "pad_mode"]),
    ("roll", &["roll"]),
    ("tile", &["tile"]),
    ("repeat", &["repeat", "repeat_each"]),
    ("one_hot", &["one_hot"]),
    ("diag", &["diag", "diagonal", "diag_embed"]),
    ("tril, triu", &["tril", "triu"]),
    ("meshgrid", &["meshgrid"]),
    ("linspace", &["linspace"]),
    ("arange", &["arange", "arange_step"]),
    ("eye", &["eye"]),
    ("where", &["where"]),
    // Reductions.
    ("sum", &["sum"]),
    ("mean", &["mean"]),
    ("prod", &["prod"]),
    ("max", &["max"]),
    ("min", &["min"]),
    ("argmax", &["argmax"]),
    ("argmin", &["argmin"]),
    ("any", &["any"]),
    ("all", &["all"]),
    ("var", &["var"]),
    ("std", &["std"]),
    ("norm", &["norm", "norm2"]),
    ("logsumexp", &["logsumexp"]),
    ("cumsum", &["cumsum"]),
    ("cumprod", &["cumprod"]),
    ("cummax", &["cummax", "cummin"]),
    ("sort", &["sort", "sort_descending"]),
    ("argsort", &["argsort"]),
    ("top_k", &["top_k"]),
    ("compensated sum", &["sum_compensated"]),
    ("quantile", &["quantile", "median"]),
    ("count_nonzero", &["count_nonzero"]),
    ("searchsorted", &["searchsorted"]),
    // Contraction.
    ("matmul", &["matmul", "dot_general", "matvec", "vecmat", "multi_dot"]),
    ("einsum", &["einsum"]),
    ("dot", &["dot", "vdot", "vecdot", "inner"]),
    ("outer", &["outer", "kron"]),
    ("tensordot", &["tensordot"]),
    // Convolution and pooling.
    ("conv1d, conv2d", &["conv_general", "conv1d", "conv2d"]),
    ("transposed convolution", &["conv_transpose1d", "conv_transpose2d"]),
    ("max pooling", &["window_max", "max_pool1d", "max_pool2d"]),
    ("average pooling", &["window_sum", "avg_pool1d", "avg_pool2d"]),
    // Compositions.
    ("softmax", &["softmax"]),
    ("log_softmax", &["log_softmax"]),
    ("cross_entropy", &["cross_entropy"]),
    ("mse", &["mse_loss"]),
    ("layer_norm", &["layer_norm", "standardize"]),
    ("batch_norm", &["batch_norm", "group_norm"]),
    ("dropout", &["dropout"]),
    ("isnan", &["isnan", "isinf", "isfinite"]),
    ("nan_to_num", &["nan_to_num", "nan_to_num_with"]),
    ("clamp", &["clamp"]),
    // Random numbers. `manual_seed` is no function of tensors: tests/random.rs has it.
    ("uniform", &["uniform", "uniform_range"]),
    ("normal", &["normal"]),
    ("bernoulli", &["bernoulli"]),
    ("categorical", &["categorical"]),
    ("permutation", &["permutation", "shuffle"]),
    ("truncated normal", &["truncated_normal", "random_truncated_normal"]),
    ("gamma", &["gamma", "log_gamma", "random_gamma", "beta", "dirichlet"]),
];

/// What comes with the feature `linalg`.
const LINEAR_ALGEBRA: &[(&str, &[&str])] = &[
    ("cholesky", &["cholesky", "cholesky_solve"]),
    ("triangular_solve", &["triangular_solve", "solve_triangular"]),
    ("lu", &["lu"]),
    ("solve", &["solve"]),
    ("inv", &["inv", "pinv"]),
    ("det", &["det"]),
    ("slogdet", &["slogdet", "logdet"]),
    ("qr", &["qr"]),
    ("lstsq", &["lstsq"]),
    ("eigh", &["eigh", "eigvalsh"]),
    ("svd", &["svd", "svdvals"]),
];

#[test]
fn every_name_is_a_row_of_the_laws() {
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, samples) in op::samples() {
        *rows.entry(name).or_default() += samples.len();
    }
    for composition in op::compositions() {
        *rows.entry(composition.name).or_default() += (composition.cases)().len();
    }
    let optional = if cfg!(feature = "linalg") { LINEAR_ALGEBRA } else { &[] };
    let all = || NAMES.iter().chain(optional);
    let missing: Vec<String> = all()
        .flat_map(|(name, wanted)| wanted.iter().map(move |row| (name, row)))
        .filter(|(_, row)| rows.get(*row).is_none_or(|&count| count == 0))
        .map(|(name, row)| format!("{name}: no row {row}"))
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    let names: BTreeSet<&str> = all().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), all().count(), "a name is listed twice");
}

/// A public method of a file in op/, and its documentation.
struct Method {
    file: String,
    name: String,
    documentation: String,
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            files.extend(rust_files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            files.push(entry);
        }
    }
    files.sort();
    files
}

fn methods() -> Vec<Method> {
    let mut methods = Vec::new();
    for path in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/op")) {
        let file = path.file_name().expect("a name").to_string_lossy().to_string();
        let text = fs::read_to_string(&path).expect("a source");
        let (mut documentation, mut of_users) = (String::new(), false);
        for line in text.lines() {
            if line.starts_with("impl") {
                of_users = ["impl Tensor {", "impl Key {", "impl At<'_> {"].contains(&line);
            }
            let line = line.trim();
            match line.strip_prefix("///") {
                Some(text) => documentation += &format!("{text}\n"),
                None if line.starts_with("#[") => {}
                None => {
                    if let Some(rest) = line.strip_prefix("pub fn ").filter(|_| of_users) {
                        let name = rest.split(['(', '<']).next().unwrap_or_default().to_string();
                        methods.push(Method {
                            file: file.clone(),
                            name,
                            documentation: documentation.clone(),
                        });
                    }
                    documentation.clear();
                }
            }
        }
    }
    assert!(methods.len() > 200, "only {} methods found", methods.len());
    methods
}

#[test]
fn every_method_has_an_example() {
    let bare: Vec<String> = methods()
        .iter()
        .filter(|method| !method.documentation.contains("```"))
        .map(|method| format!("{}: {}", method.file, method.name))
        .collect();
    assert!(bare.is_empty(), "no example in the documentation of\n{}", bare.join("\n"));
}

#[test]
fn every_method_is_called_in_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &PathBuf| fs::read_to_string(path).expect("a source");
    let tests: String = rust_files(&root.join("tests")).iter().map(read).collect();
    let called = |name: &str| {
        [format!(".{name}("), format!(".{name}::<"), format!("::{name}("), format!("::{name}::<")]
            .iter()
            .any(|call| tests.contains(call))
    };
    let unused: Vec<String> = methods()
        .iter()
        .filter(|method| !called(&method.name))
        .map(|method| format!("{}: {}", method.file, method.name))
        .collect();
    assert!(unused.is_empty(), "no test calls\n{}", unused.join("\n"));
}
