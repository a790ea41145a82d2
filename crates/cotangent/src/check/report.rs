//! What a check has found, and how it says so.

use super::{FLOOR, PASS_BELOW, WARN_BELOW};
use std::collections::BTreeMap;
use std::fmt;

/// |analytic − numeric| / max(|analytic|, |numeric|, 1e-8); NaN where either is not a number.
///
/// ```
/// use cotangent::check::relative_error;
/// assert_eq!(relative_error(3.0, 4.0), 0.25);
/// assert_eq!(relative_error(0.0, 1e-10), 0.01); // 1e-10 / 1e-8
/// ```
pub fn relative_error(analytic: f64, numeric: f64) -> f64 {
    if analytic.is_nan() || numeric.is_nan() {
        // f64::max would pass over a NaN.
        return f64::NAN;
    }
    (analytic - numeric).abs() / analytic.abs().max(numeric.abs()).max(FLOOR)
}

/// The outcome of a check, the worse the greater.
///
/// ```
/// # use cotangent::check::Verdict;
/// assert!(Verdict::Pass < Verdict::Warning && Verdict::Warning < Verdict::Fail);
/// assert_eq!(Verdict::of(1e-4).to_string(), "WARNING");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The relative error is under 1e-5.
    Pass,
    /// It is under 1e-3, or the numbers cannot decide: look for subtle bugs.
    Warning,
    /// It is larger, or something is not a number.
    Fail,
}

impl Verdict {
    /// The verdict on a relative error.
    ///
    /// ```
    /// # use cotangent::check::Verdict;
    /// assert_eq!(Verdict::of(9e-6), Verdict::Pass);
    /// assert_eq!(Verdict::of(1e-5), Verdict::Warning);
    /// assert_eq!(Verdict::of(1e-3), Verdict::Fail);
    /// assert_eq!(Verdict::of(f64::NAN), Verdict::Fail);
    /// ```
    pub fn of(relative_error: f64) -> Verdict {
        // Written so that NaN, which compares false, fails.
        if relative_error < PASS_BELOW {
            Verdict::Pass
        } else if relative_error < WARN_BELOW {
            Verdict::Warning
        } else {
            Verdict::Fail
        }
    }
}

/// `PASS`, `WARNING` or `FAIL`.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Pass => "PASS",
            Verdict::Warning => "WARNING",
            Verdict::Fail => "FAIL",
        })
    }
}

/// One entry of a gradient, both ways.
///
/// ```
/// # use cotangent::check::{Verdict, check_gradient};
/// let report = check_gradient(|x| x[0] * x[1], &[2.0, 3.0], &[3.0, 4.0]); // 4 should be 2
/// let entry = report.entries()[1];
/// assert_eq!((entry.analytic, entry.numeric.round(), entry.verdict), (4.0, 2.0, Verdict::Fail));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Which coordinate.
    pub index: usize,
    /// The derivative that was to be checked.
    pub analytic: f64,
    /// The derivative by differences.
    pub numeric: f64,
    /// The step of the difference.
    pub step: f64,
    /// See [`relative_error`].
    pub relative_error: f64,
    /// The verdict on this entry alone.
    pub verdict: Verdict,
}

/// What a gradient check has found. `Display` is a report for people.
///
/// ```
/// use cotangent::check::{Verdict, check_gradient};
/// let report = check_gradient(|x| x[0].powi(3), &[2.0], &[11.0]); // it is 12
/// assert_eq!(report.verdict(), Verdict::Fail);
/// assert_eq!(report.worst().unwrap().index, 0);
/// assert!(report.to_string().starts_with("FAIL -- relative error 8.33e-2 at entry 0"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GradReport {
    pub(super) entries: Vec<Entry>,
    pub(super) notes: Notes,
    pub(super) evaluations: usize,
    /// At least this, whatever the entries say.
    pub(super) floor: Verdict,
}

/// What notes are about; of each kind only the first few are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    Function,
    Analytic,
    Edge,
    Step,
    Kink,
    Resolution,
}

/// Notes of one kind are written out so many times.
const WRITTEN: usize = 3;

/// Notes in the order that they came in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Notes {
    lines: Vec<String>,
    /// For each kind, how many there were, and the line that counts those left out.
    counts: BTreeMap<About, (usize, Option<usize>)>,
}

impl Notes {
    /// Adds a note, or counts it where there are enough like it.
    pub(super) fn add(&mut self, about: About, note: impl FnOnce() -> String) {
        let (count, counter) = self.counts.entry(about).or_default();
        *count += 1;
        if *count <= WRITTEN {
            self.lines.push(note());
            return;
        }
        let what = match about {
            About::Function => "about the function",
            About::Analytic => "about entries of the gradient that are no numbers",
            About::Edge => "about the edge of the domain",
            About::Step => "about coordinates that cannot be moved",
            About::Kink => "about kinks",
            About::Resolution => "about values too large beside their derivatives",
        };
        let line = format!("… and {} more {what}", *count - WRITTEN);
        match counter {
            Some(place) => self.lines[*place] = line,
            None => {
                *counter = Some(self.lines.len());
                self.lines.push(line);
            }
        }
    }
}

impl GradReport {
    /// The worst entry's verdict, or worse where the function itself cannot be checked.
    ///
    /// ```
    /// # use cotangent::check::{Verdict, check_gradient};
    /// let report = check_gradient(|x| x[0] * x[1], &[2.0, 3.0], &[3.0, 4.0]); // 4 should be 2
    /// assert_eq!(report.verdict(), Verdict::Fail);
    /// ```
    pub fn verdict(&self) -> Verdict {
        self.entries.iter().map(|entry| entry.verdict).max().unwrap_or(Verdict::Pass).max(self.floor)
    }

    /// Is the verdict [`Verdict::Pass`]?
    ///
    /// ```
    /// # use cotangent::check::check_gradient;
    /// assert!(check_gradient(|x| 3.0 * x[0], &[1.0], &[3.0]).passed());
    /// ```
    pub fn passed(&self) -> bool {
        self.verdict() == Verdict::Pass
    }

    /// The entry with the worst verdict, of these the one with the largest relative error; `None` if the gradient has
    /// no entries.
    ///
    /// ```
    /// # use cotangent::check::{Verdict, check_gradient};
    /// let report = check_gradient(|x| x[0] * x[1], &[2.0, 3.0], &[3.0, 4.0]); // 4 should be 2
    /// assert_eq!(report.worst().unwrap().index, 1);
    /// ```
    pub fn worst(&self) -> Option<&Entry> {
        let size =
            |entry: &Entry| if entry.relative_error.is_nan() { f64::INFINITY } else { entry.relative_error };
        self.entries.iter().max_by(|a, b| a.verdict.cmp(&b.verdict).then(size(a).total_cmp(&size(b))))
    }

    /// The worst entry's relative error; 0 if there are no entries.
    ///
    /// ```
    /// # use cotangent::check::{Verdict, check_gradient};
    /// let report = check_gradient(|x| x[0] * x[1], &[2.0, 3.0], &[3.0, 4.0]); // 4 should be 2
    /// assert!((report.relative_error() - 0.5).abs() < 1e-9);
    /// ```
    pub fn relative_error(&self) -> f64 {
        self.worst().map_or(0.0, |entry| entry.relative_error)
    }

    /// All entries, in order.
    ///
    /// ```
    /// # use cotangent::check::{Verdict, check_gradient};
    /// let report = check_gradient(|x| x[0] * x[1], &[2.0, 3.0], &[3.0, 4.0]); // 4 should be 2
    /// assert_eq!(report.entries().len(), 2);
    /// ```
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What was seen besides: kinks, randomness, numbers that are none, and what to do about them. Of each kind the first
    /// three, and how many more there are.
    ///
    /// ```
    /// # use cotangent::check::check_gradient;
    /// let report = check_gradient(|x| x[0].abs(), &[0.0], &[1.0]);
    /// assert!(report.notes()[0].contains("seems to be at a kink: from the left the slope is -1"));
    /// ```
    pub fn notes(&self) -> &[String] {
        &self.notes.lines
    }

    /// How often the function was evaluated.
    ///
    /// ```
    /// # use cotangent::check::check_gradient;
    /// assert_eq!(check_gradient(|x| x[0] * x[1], &[2.0, 3.0], &[3.0, 2.0]).evaluations(), 2 + 4);
    /// ```
    pub fn evaluations(&self) -> usize {
        self.evaluations
    }
}

/// What a warning may mean.
const WARNING_MEANS: &str = "it may mean an approximation or a constant with few digits in the derivative, a part \
                             computed in f32, a term of minor size left out, or a function so curved or noisy near x \
                             that the difference itself is off; check at other points, and look at this entry's rule";

impl GradReport {
    /// The verdict and the worst entry, without notes.
    pub(super) fn headline(&self) -> String {
        let verdict = self.verdict();
        let Some(worst) = self.worst() else {
            return format!("{verdict} -- nothing to check: no coordinates");
        };
        let subtle = if verdict == Verdict::Warning { " -- check for subtle bugs" } else { "" };
        let entries = if self.entries.len() == 1 { "entry" } else { "entries" };
        let mut text = format!(
            "{verdict}{subtle} -- relative error {:.2e} at entry {}, the worst of {} {entries}; {} evaluations",
            worst.relative_error,
            worst.index,
            self.entries.len(),
            self.evaluations
        );
        if verdict > Verdict::Pass {
            text += &format!(
                "\n  analytic {}, numeric {}, step {:.1e}",
                worst.analytic, worst.numeric, worst.step
            );
        }
        text
    }

    /// What a warning may mean, if this is one that no note explains.
    pub(super) fn explanation(&self) -> Option<&'static str> {
        (self.verdict() == Verdict::Warning && self.notes.lines.is_empty()).then_some(WARNING_MEANS)
    }
}

impl fmt::Display for GradReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        if let Some(explanation) = self.explanation() {
            write!(f, "\n  {explanation}")?;
        }
        for note in self.notes() {
            write!(f, "\n  note: {note}")?;
        }
        Ok(())
    }
}
