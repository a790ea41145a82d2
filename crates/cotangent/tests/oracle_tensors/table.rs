//! Reads `tables/tensors.txt`; the format is told in `tools/oracles/table.py`.

use cotangent::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One array of the table, its numbers as f64.
#[derive(Debug)]
pub struct Numbers {
    pub dtype: String,
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
}

/// A function at a point.
#[derive(Debug, Default)]
pub struct Case {
    /// `function/label`
    pub name: String,
    pub params: Params,
    /// Of each word (in, out, ct, v, tangent, grad, hvp) its lines in order.
    arrays: BTreeMap<String, Vec<Numbers>>,
}

/// Named words.
#[derive(Debug, Default)]
pub struct Params(BTreeMap<String, Vec<String>>);

impl Params {
    pub fn text(&self, key: &str) -> &str {
        &self.words(key)[0]
    }

    pub fn one<T: std::str::FromStr>(&self, key: &str) -> T {
        self.text(key).parse().unwrap_or_else(|_| panic!("parameter {key}"))
    }

    pub fn many<T: std::str::FromStr>(&self, key: &str) -> Vec<T> {
        self.words(key).iter().map(|w| w.parse().unwrap_or_else(|_| panic!("parameter {key}"))).collect()
    }

    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    fn words(&self, key: &str) -> &[String] {
        self.0.get(key).unwrap_or_else(|| panic!("no parameter {key}"))
    }
}

impl Numbers {
    fn parse(words: &[&str]) -> Numbers {
        let sizes = words[1].trim_matches(['[', ']']).split(',').filter(|n| !n.is_empty());
        let number = |word: &&str| match *word {
            "true" => 1.0,
            "false" => 0.0,
            word => word.parse().unwrap_or_else(|_| panic!("{word} is no number")),
        };
        let numbers = Numbers {
            dtype: words[0].to_string(),
            shape: sizes.map(|n| n.parse().expect("a size")).collect(),
            values: words[2..].iter().map(number).collect(),
        };
        assert_eq!(numbers.values.len(), numbers.shape.iter().product::<usize>(), "{words:?}");
        numbers
    }

    pub fn is_float(&self) -> bool {
        self.dtype.starts_with('f')
    }

    pub fn tensor(&self) -> Tensor {
        let (x, shape) = (self.values.iter(), &self.shape[..]);
        match &self.dtype[..] {
            "f64" => Tensor::from_vec(self.values.clone(), shape),
            "f32" => Tensor::from_vec(x.map(|&x| x as f32).collect::<Vec<_>>(), shape),
            "i64" => Tensor::from_vec(x.map(|&x| x as i64).collect::<Vec<_>>(), shape),
            "bool" => Tensor::from_vec(x.map(|&x| x != 0.0).collect::<Vec<_>>(), shape),
            other => panic!("dtype {other}"),
        }
    }
}

impl Case {
    pub fn function(&self) -> &str {
        self.name.split('/').next().expect("a name")
    }

    pub fn inputs(&self) -> &[Numbers] {
        self.all("in")
    }

    /// The lines with this word; none in a case of values only.
    pub fn all(&self, word: &str) -> &[Numbers] {
        self.arrays.get(word).map_or(&[], Vec::as_slice)
    }

    pub fn is_differentiated(&self) -> bool {
        !self.all("ct").is_empty()
    }
}

pub fn read(text: &str) -> Vec<Case> {
    let (mut cases, mut names) = (Vec::new(), BTreeSet::new());
    let mut case = Case::default();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[0] {
            "case" => case.name = words[1].to_string(),
            "param" => {
                let values = words[2..].iter().map(|w| w.to_string()).collect();
                case.params.0.insert(words[1].to_string(), values);
            }
            "end" => {
                assert!(names.insert(case.name.clone()), "{} twice", case.name);
                let floats = case.inputs().iter().filter(|x| x.is_float()).count();
                for (word, count) in
                    [("ct", 1), ("tangent", 1), ("v", floats), ("grad", floats), ("hvp", floats)]
                {
                    let count = if case.is_differentiated() { count } else { 0 };
                    assert_eq!(case.all(word).len(), count, "{}: lines of {word}", case.name);
                }
                assert_eq!(case.all("out").len(), 1, "{}", case.name);
                cases.push(std::mem::take(&mut case));
            }
            word => case.arrays.entry(word.to_string()).or_default().push(Numbers::parse(&words[1..])),
        }
    }
    cases
}
