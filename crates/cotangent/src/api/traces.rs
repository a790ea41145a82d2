//! What a function was seen to do at arguments of one signature: a tree, whose branches part where the function asked for a value.

use crate::core::{Array, Arrays, Atom, Error, Guard, Program, Var};
use crate::optimise::part;
use crate::run::{Backend, Blocks, Executable, Inputs};
use smallvec::SmallVec;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// More traces than this are not kept: then the function runs eagerly.
pub(super) const MOST: usize = 16;

/// A stretch of a trace, up to where the function asked for a value, or to its end.
struct Stretch<B> {
    /// The first trace that went this way, and which of its equations these are.
    trace: Arc<Program>,
    range: Range<usize>,
    /// What later stretches read of what is computed here.
    exports: Vec<Var>,
    /// What it reads of the function's inputs and earlier stretches.
    reads: Vec<Var>,
    executable: Arc<dyn Executable>,
    end: End<B>,
}

enum End<B> {
    /// The function returned: how that looks.
    Return(Arc<B>),
    /// It asked for this: which stretch comes next for each answer. The answer is the first output, before the exports.
    Ask(Vec<(Array, usize)>),
}

/// The tree. The first stretch is where it begins.
pub(super) struct Traces<B> {
    stretches: Vec<Stretch<B>>,
    /// How often the function was traced.
    pub count: usize,
    /// Time spent on compiling.
    pub compiling: Duration,
    /// Is there no use in tracing it again: it did something else under the same answers, captured a tensor, or parts too often?
    pub given_up: bool,
}

// Written out, for a derived one would want what the function returns to be `Clone`.
impl<B> Clone for Traces<B> {
    fn clone(&self) -> Self {
        let end = |end: &End<B>| match end {
            End::Return(pattern) => End::Return(pattern.clone()),
            End::Ask(answers) => End::Ask(answers.clone()),
        };
        let stretch = |stretch: &Stretch<B>| Stretch {
            trace: stretch.trace.clone(),
            range: stretch.range.clone(),
            exports: stretch.exports.clone(),
            reads: stretch.reads.clone(),
            executable: stretch.executable.clone(),
            end: end(&stretch.end),
        };
        Traces { stretches: self.stretches.iter().map(stretch).collect(), ..*self }
    }
}

/// How a walk down the tree ended.
pub(super) enum Found<B> {
    /// The outputs, and how what the function returned looks.
    Outputs(Arrays, Arc<B>),
    /// The function has not been traced with these answers.
    Nothing,
}

impl<B> Default for Traces<B> {
    fn default() -> Self {
        Traces { stretches: Vec::new(), count: 0, compiling: Duration::ZERO, given_up: false }
    }
}

impl<B> Traces<B> {
    /// How many answers the tree knows.
    pub fn guards(&self) -> usize {
        let answers = |stretch: &Stretch<B>| match &stretch.end {
            End::Return(_) => 0,
            End::Ask(answers) => answers.len(),
        };
        self.stretches.iter().map(answers).sum()
    }

    /// What is run, in the order in which it was compiled.
    pub fn executables(&self) -> impl Iterator<Item = &Arc<dyn Executable>> {
        self.stretches.iter().map(|stretch| &stretch.executable)
    }

    /// Runs the function at these inputs, as far as it is known.
    pub fn run(&self, inputs: &[&Array]) -> Result<Found<B>, Error> {
        let Some(first) = self.stretches.first() else { return Ok(Found::Nothing) };
        if let Some(pattern) = first.is_all() {
            let outputs = match first.reads.len() == inputs.len() {
                true => first.executable.run(inputs)?,
                false => {
                    let read = first.reads.iter().map(|var| inputs[var.index()]);
                    first.executable.run(&read.collect::<SmallVec<[&Array; 8]>>())?
                }
            };
            return Ok(Found::Outputs(outputs, pattern.clone()));
        }
        let mut known = known(first, inputs);
        let mut at = 0;
        loop {
            let stretch = &self.stretches[at];
            let outputs = stretch.compute(&known)?;
            let answers = match &stretch.end {
                End::Return(pattern) => return Ok(Found::Outputs(outputs, pattern.clone())),
                End::Ask(answers) => answers,
            };
            let Some((_, next)) = answers.iter().find(|(answer, _)| same(answer, &outputs[0])) else {
                return Ok(Found::Nothing);
            };
            at = *next;
            known.extend(stretch.exports.iter().copied().zip(outputs.into_iter().skip(1)));
        }
    }

    /// [`run`](Traces::run) at inputs that are given away, where nothing is asked.
    pub fn consume(&self, mut inputs: Inputs) -> Result<Found<B>, Error> {
        if let Some(first) = self.stretches.first()
            && let Some(pattern) = first.is_all()
        {
            // Each is read once, so it can be taken.
            let take = |var: &Var| std::mem::replace(&mut inputs[var.index()], Array::scalar(false));
            let read = first.reads.iter().map(take).collect();
            drop(inputs);
            return Ok(Found::Outputs(first.executable.consume(read)?, pattern.clone()));
        }
        self.run(&inputs.iter().collect::<Vec<_>>())
    }

    /// Adds a trace that the function made at these inputs. The tree gives up if the function did not do again what it did before, or has been
    /// traced too often.
    pub fn add(&mut self, program: Arc<Program>, guards: &[Guard], pattern: Arc<B>, inputs: &[&Array]) {
        let start = Instant::now();
        match self.insert(program, guards, pattern) {
            None => self.given_up = true,
            Some(new) => self.count += usize::from(new),
        }
        self.given_up |= self.count > MOST;
        self.compiling += start.elapsed();
        if !guards.is_empty() {
            self.learn(guards, inputs);
        }
    }

    /// The function was told what the interpreter computes. What is compiled may give a float with another last bit: that is the same answer.
    /// An error is told when the function is run.
    fn learn(&mut self, guards: &[Guard], inputs: &[&Array]) {
        let Some(mut known) = self.stretches.first().map(|first| known(first, inputs)) else { return };
        let mut at = 0;
        for guard in guards {
            let stretch = &mut self.stretches[at];
            let Ok(outputs) = stretch.compute(&known) else { return };
            let End::Ask(answers) = &mut stretch.end else { return };
            let Some(&(_, next)) = answers.iter().find(|(answer, _)| same(answer, &guard.value)) else {
                return;
            };
            let float = guard.value.dtype().is_float();
            if float && !answers.iter().any(|(answer, _)| same(answer, &outputs[0])) {
                answers.push((outputs[0].clone(), next));
            }
            at = next;
            known.extend(stretch.exports.iter().copied().zip(outputs.into_iter().skip(1)));
        }
    }

    /// Was it new? None if it contradicts what is known.
    fn insert(&mut self, trace: Arc<Program>, guards: &[Guard], pattern: Arc<B>) -> Option<bool> {
        let mut path: Vec<usize> = Vec::new();
        let mut next = (!self.stretches.is_empty()).then_some(0);
        // Down as far as the tree goes.
        for guard in guards {
            let Some(at) = next else { break };
            let stretch = &self.stretches[at];
            let End::Ask(answers) = &stretch.end else { return None };
            if stretch.range.end != guard.equations || !alike(&stretch.trace, &trace, &stretch.range) {
                return None;
            }
            path.push(at);
            next = answers.iter().find(|(answer, _)| same(answer, &guard.value)).map(|(_, next)| *next);
            if next.is_none() {
                break;
            }
        }
        if let Some(at) = next {
            // The whole way is there: another thread was faster. Or it goes on where this one ends.
            return matches!(self.stretches[at].end, End::Return(_)).then_some(false);
        }
        // And on from there.
        for i in path.len()..=guards.len() {
            let begin = if i == 0 { 0 } else { guards[i - 1].equations };
            let range = begin..guards.get(i).map_or(trace.equations().len(), |guard| guard.equations);
            let end = if i < guards.len() { End::Ask(Vec::new()) } else { End::Return(pattern.clone()) };
            let new = self.stretches.len();
            if let Some(&before) = path.last()
                && let End::Ask(answers) = &mut self.stretches[before].end
            {
                answers.push((guards[i - 1].value.clone(), new));
            }
            let executable = Blocks.compile(&Program::default());
            let (trace, exports, reads) = (trace.clone(), Vec::new(), Vec::new());
            self.stretches.push(Stretch { trace, range, exports, reads, executable, end });
            path.push(new);
        }
        // What each reads, the ones before it must give.
        let mut wanted: BTreeSet<Var> = BTreeSet::new();
        for (i, &at) in path.iter().enumerate().rev() {
            let stretch = &mut self.stretches[at];
            let mut exports = stretch.take_made(&mut wanted);
            exports.extend(&stretch.exports);
            let is_new = stretch.reads.is_empty() && stretch.executable.program().outputs().is_empty();
            if is_new || exports.len() > stretch.exports.len() {
                stretch.exports = exports.into_iter().collect();
                let outputs: Vec<Atom> = match &stretch.end {
                    End::Return(_) => stretch.trace.outputs().to_vec(),
                    End::Ask(_) => {
                        [guards[i].var].iter().chain(&stretch.exports).map(|&var| Atom::Var(var)).collect()
                    }
                };
                let (program, reads) = part(&stretch.trace, stretch.range.clone(), &outputs);
                stretch.executable = Blocks.compile(&program);
                stretch.reads = reads;
            }
            wanted.extend(stretch.reads.iter().copied());
        }
        Some(true)
    }
}

impl<B> Stretch<B> {
    /// Does the function ask for nothing, as most functions do, and read just its inputs by their numbers? Then what it returns looks like this.
    fn is_all(&self) -> Option<&Arc<B>> {
        let inputs = self.trace.inputs();
        let plain = self.reads.iter().all(|var| inputs.get(var.index()) == Some(var));
        match &self.end {
            End::Return(pattern) if plain => Some(pattern),
            _ => None,
        }
    }

    fn compute(&self, known: &HashMap<Var, Array>) -> Result<Arrays, Error> {
        self.executable.run(&self.reads.iter().map(|var| &known[var]).collect::<Vec<_>>())
    }

    /// Those of these variables that it computes, taken out: it numbers its own one after another.
    fn take_made(&self, wanted: &mut BTreeSet<Var>) -> BTreeSet<Var> {
        let equations = &self.trace.equations()[self.range.clone()];
        let (Some(first), Some(last)) = (equations.first(), equations.last()) else { return BTreeSet::new() };
        let mut made = wanted.split_off(&first.first);
        wanted.append(&mut made.split_off(&Var(last.first.0 + last.count)));
        made
    }
}

/// What is known when the first stretch begins.
fn known<B>(first: &Stretch<B>, inputs: &[&Array]) -> HashMap<Var, Array> {
    first.trace.inputs().iter().zip(inputs).map(|(&var, &array)| (var, array.clone())).collect()
}

/// The same bits.
fn same(a: &Array, b: &Array) -> bool {
    a.ty() == b.ty() && a.items().map(|item| item.bits()).eq(b.items().map(|item| item.bits()))
}

/// Do two traces have equations of the same shape in a range? A function of its inputs alone does the same until it is told something else.
fn alike(a: &Program, b: &Program, range: &Range<usize>) -> bool {
    let (Some(a), Some(b)) = (a.equations().get(range.clone()), b.equations().get(range.clone())) else {
        return false;
    };
    a.iter().zip(b).all(|(a, b)| {
        a.prim.name() == b.prim.name() && a.first == b.first && a.count == b.count && a.inputs == b.inputs
    })
}
