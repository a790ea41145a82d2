//! An equation of einsum, as written and as it fits its operands.

use crate::core::{Error, Tensor, different};

/// What an axis is called: a letter, or its place among the axes that `...` stands for, counted from the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Letter(char),
    Further(usize),
}

/// The letters of an operand or of the result, and where among them `...` stands.
#[derive(Debug)]
struct Term {
    letters: Vec<char>,
    dots: Option<usize>,
}

/// The names of each operand's axes, and of the result's.
#[derive(Debug)]
pub(super) struct Equation {
    pub inputs: Vec<Vec<Name>>,
    pub output: Vec<Name>,
}

impl Term {
    fn parse(part: &str, text: &str) -> Result<Term, Error> {
        let wrong = |got: &str| {
            Error::new("einsum")
                .expected(
                    "a letter for each axis, such as `ij,jk->ik`, and `...` at most once for all others",
                )
                .got(format!("`{got}` in `{text}`"))
        };
        let (before, after) = part.split_once("...").map_or((part, None), |(a, b)| (a, Some(b)));
        let letters: Vec<char> = before.chars().chain(after.unwrap_or_default().chars()).collect();
        match letters.iter().find(|c| !c.is_alphabetic()) {
            Some('.') => Err(wrong(part)),
            Some(other) => Err(wrong(&other.to_string())),
            None => Ok(Term { letters, dots: after.map(|_| before.chars().count()) }),
        }
    }

    /// The names of the axes, if `...` stands for this many.
    fn names(&self, further: usize) -> Vec<Name> {
        let mut names: Vec<Name> = self.letters.iter().map(|&letter| Name::Letter(letter)).collect();
        if let Some(place) = self.dots {
            names.splice(place..place, (0..further).rev().map(Name::Further));
        }
        names
    }

    fn text(&self) -> String {
        let mut text: Vec<String> = self.letters.iter().map(char::to_string).collect();
        if let Some(place) = self.dots {
            text.insert(place, "...".to_string());
        }
        text.concat()
    }
}

impl Equation {
    /// The equation for these operands; an error if it is none or they do not fit it.
    pub fn parse(text: &str, operands: &[&Tensor]) -> Result<Equation, Error> {
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (left, right) = match compact.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (&compact[..], None),
        };
        let terms = left.split(',').map(|part| Term::parse(part, text)).collect::<Result<Vec<_>, _>>()?;
        let output = right.map(|right| Term::parse(right, text)).transpose()?;
        if operands.len() != terms.len() {
            let expected = match terms.len() {
                1 => format!("one operand for `{text}`"),
                n => format!("{n} operands for `{text}`"),
            };
            return Err(Error::new("einsum").expected(expected).got(operands.len().to_string()));
        }
        let mut inputs = Vec::with_capacity(terms.len());
        for (term, x) in terms.iter().zip(operands) {
            if x.dtype() != operands[0].dtype() {
                return Err(different("einsum", operands[0].ty(), x.ty()));
            }
            let further = x.rank().checked_sub(term.letters.len());
            let Some(further) = further.filter(|&further| further == 0 || term.dots.is_some()) else {
                let least = if term.dots.is_some() { "at least " } else { "" };
                let expected =
                    format!("an operand of rank {least}{} for `{}`", term.letters.len(), term.text());
                return Err(Error::new("einsum").expected(expected).got(x.ty().to_string()));
            };
            inputs.push(term.names(further));
        }
        let all = || inputs.iter().flatten().copied();
        let further = all().filter_map(|name| if let Name::Further(i) = name { Some(i + 1) } else { None });
        let further = further.max().unwrap_or(0);
        let output = match output {
            Some(output) => output.checked(text, further, all)?,
            None => {
                // All of `...`, then the letters that occur once, in alphabetical order.
                let once = |letter: &Name| all().filter(|other| other == letter).count() == 1;
                let mut letters: Vec<Name> =
                    all().filter(|name| matches!(name, Name::Letter(_)) && once(name)).collect();
                letters.sort_unstable();
                (0..further).rev().map(Name::Further).chain(letters).collect()
            }
        };
        Ok(Equation { inputs, output })
    }
}

impl Term {
    /// The names of the result's axes.
    fn checked<I: Iterator<Item = Name>>(
        &self,
        text: &str,
        further: usize,
        all: impl Fn() -> I,
    ) -> Result<Vec<Name>, Error> {
        let fail = |expected: &str, got: &str| {
            Error::new("einsum").expected(expected).got(format!("{got} in `{text}`"))
        };
        for &letter in &self.letters {
            let got = format!("`{letter}`");
            if all().all(|name| name != Name::Letter(letter)) {
                return Err(fail("labels of the result that an operand has", &got));
            }
            if self.letters.iter().filter(|&&other| other == letter).count() > 1 {
                let help = "a diagonal can be taken, not made: repeat the label in an operand";
                return Err(fail("each label of the result once", &got).help(help));
            }
        }
        if further > 0 && self.dots.is_none() {
            let help = "to sum over these axes, give each a letter, or sum afterwards";
            let got = format!("`{}`", self.text());
            return Err(
                fail("`...` in the result, for `...` of the operands stands for axes", &got).help(help)
            );
        }
        Ok(self.names(further))
    }
}
