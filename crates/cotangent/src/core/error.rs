//! What went wrong, where, and what to do about it.

use super::mode;
use std::fmt;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};

/// A line of the user's program.
pub type Place = &'static Location<'static>;

/// Why an operation could not be done: its name, what it expected and what it got, the line, what to do.
///
/// ```
/// use cotangent::core::Error;
/// let error = Error::new("reshape").expected("6 elements").got("f64[2,4]").help("8 elements fit [2, 4] or [8]");
/// assert_eq!(error.to_string(), "`reshape`: expected 6 elements, got f64[2,4]\n  help: 8 elements fit [2, 4] or [8]");
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone, Default)]
struct Inner {
    operation: String,
    expected: Option<String>,
    got: Option<String>,
    place: Option<Place>,
    notes: Vec<(String, Option<Place>)>,
    help: Option<String>,
}

impl Error {
    /// An error of this operation, to be filled in.
    pub fn new(operation: impl Into<String>) -> Error {
        Error(Box::new(Inner { operation: operation.into(), ..Inner::default() }))
    }

    /// With what the operation wanted.
    pub fn expected(mut self, expected: impl Into<String>) -> Error {
        self.0.expected = Some(expected.into());
        self
    }

    /// With what it was given.
    pub fn got(mut self, got: impl Into<String>) -> Error {
        self.0.got = Some(got.into());
        self
    }

    /// With what the user can do.
    pub fn help(mut self, help: impl Into<String>) -> Error {
        self.0.help = Some(help.into());
        self
    }

    /// With another line that matters, and why.
    pub fn note(mut self, text: impl Into<String>, place: Option<Place>) -> Error {
        self.0.notes.push((text.into(), place));
        self
    }

    /// At this line of the user's program, unless a line is known already.
    pub fn at(mut self, place: Option<Place>) -> Error {
        self.0.place = self.0.place.or(place);
        self
    }

    /// The operation's name.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// What was expected, if the error says.
    pub fn expectation(&self) -> Option<&str> {
        self.0.expected.as_deref()
    }

    /// What was found instead, if the error says.
    pub fn found(&self) -> Option<&str> {
        self.0.got.as_deref()
    }

    /// The line of the user's program.
    pub fn place(&self) -> Option<Place> {
        self.0.place
    }

    /// What to do.
    pub fn advice(&self) -> Option<&str> {
        self.0.help.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = &self.0;
        write!(f, "`{}`", error.operation)?;
        if let Some(place) = error.place {
            write!(f, " at {}:{}", place.file(), place.line())?;
        }
        match (&error.expected, &error.got) {
            (Some(expected), Some(got)) => write!(f, ": expected {expected}, got {got}")?,
            (Some(text), None) | (None, Some(text)) => write!(f, ": {text}")?,
            (None, None) => {}
        }
        for (text, place) in &error.notes {
            write!(f, "\n  note: {text}")?;
            if let Some(place) = place {
                write!(f, " at {}:{}", place.file(), place.line())?;
            }
        }
        match &error.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

/// Runs `f`, and takes an error that is [raised](raise) in it as its result. Other panics pass.
pub(crate) fn caught<T>(f: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    match catch_unwind(AssertUnwindSafe(|| mode::raising(f))) {
        Ok(result) => result,
        Err(payload) => match payload.downcast::<Error>() {
            Ok(error) => Err(*error),
            Err(payload) => resume_unwind(payload),
        },
    }
}

/// Ends the operation with this error: a panic with its text, or, inside [`try_trace`](super::try_trace), the error itself on
/// its way to the trace.
#[track_caller]
pub fn raise(error: Error) -> ! {
    if mode::raises_errors() {
        resume_unwind(Box::new(error));
    }
    panic!("{error}")
}
