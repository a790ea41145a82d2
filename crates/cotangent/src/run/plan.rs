//! [`Plan`]: the order of work, and where every value is while it is needed.

use super::region::Region;
use super::{Cost, Executable, Inputs};
use crate::core::{Array, Arrays, Atom, Equation, Error, Program, Type, Var, last_uses};
use crate::op::DotGeneral;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Why a slot is not empty.
const ASSIGNED: &str = "assigned before it is read";

/// Where an operand is.
#[derive(Clone, Copy, Debug)]
enum Source {
    Slot(u32),
    /// In a slot whose value is not needed any more, and which is read once: a region may have it.
    Last(u32),
    Constant(u32),
}

#[derive(Debug)]
enum Work {
    /// The equation's primitive's own evaluation. It is not held twice: in long programs each is a miss of the cache.
    Primitive,
    /// A region, block by block.
    Region(Arc<Region>),
}

#[derive(Debug)]
struct Step {
    work: Work,
    inputs: SmallVec<[Source; 3]>,
    /// Where the outputs go; none for one that nothing reads.
    outputs: SmallVec<[Option<u32>; 1]>,
    /// What is not needed any more.
    freed: SmallVec<[u32; 3]>,
    /// Which equation it does.
    equation: u32,
    /// The shortest time so far, in nanoseconds.
    time: AtomicU64,
}

impl Step {
    fn took(&self, start: Option<Instant>) {
        if let Some(start) = start {
            self.time.fetch_min(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
        }
    }
}

/// What a plan of one step on single numbers does: it needs no slots.
#[derive(Debug)]
struct OneStep {
    /// Which inputs the step reads.
    reads: SmallVec<[usize; 4]>,
    /// For each output which of the step's it is.
    gives: SmallVec<[usize; 4]>,
}

/// A program with a slot for each value that is alive at the same time as others.
#[derive(Debug)]
pub(super) struct Plan {
    program: Program,
    steps: Vec<Step>,
    /// The slots of the inputs; none for one that nothing reads.
    inputs: Vec<Option<u32>>,
    outputs: Vec<Source>,
    slots: usize,
    one_step: Option<OneStep>,
    runs: AtomicU64,
}

struct Slots {
    of: Vec<Option<u32>>,
    free: Vec<u32>,
    count: u32,
}

impl Slots {
    fn take(&mut self, var: Var) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        });
        self.of[var.index()] = Some(slot);
        slot
    }
}

impl Plan {
    pub fn new(program: Program) -> Plan {
        let uses = last_uses(&program);
        let mut read = vec![false; program.var_count()];
        let equations = program.equations().iter().zip(&uses.needed).filter(|(_, needed)| **needed);
        equations.flat_map(|(equation, _)| equation.input_vars()).for_each(|var| read[var.index()] = true);
        program.outputs().iter().filter_map(Atom::var).for_each(|var| read[var.index()] = true);
        let mut slots = Slots { of: vec![None; program.var_count()], free: Vec::new(), count: 0 };
        let inputs = program.inputs().iter().map(|&var| read[var.index()].then(|| slots.take(var))).collect();
        let source = |slots: &Slots, atom: Atom| match atom {
            Atom::Var(var) => Source::Slot(slots.of[var.index()].expect(ASSIGNED)),
            Atom::Constant(i) => Source::Constant(i),
        };
        let mut steps = Vec::with_capacity(program.equations().len());
        // One for all equations with the same program.
        let mut regions: HashMap<*const Program, (Arc<Program>, Option<Arc<Region>>)> = HashMap::new();
        for (i, equation) in program.equations().iter().enumerate() {
            if !uses.needed[i] {
                continue;
            }
            let mut inputs: SmallVec<[Source; 3]> =
                equation.inputs.iter().map(|&atom| source(&slots, atom)).collect();
            let mut freed = SmallVec::new();
            for var in equation.input_vars() {
                if uses.last[var.index()] == i as u32
                    && let Some(slot) = slots.of[var.index()].take()
                {
                    freed.push(slot);
                    let mut there = inputs.iter_mut().filter(|s| matches!(s, Source::Slot(s) if *s == slot));
                    if let (Some(source), None) = (there.next(), there.next()) {
                        *source = Source::Last(slot);
                    }
                }
            }
            // An output may be where an operand was: it is written when the operand has been let go.
            slots.free.extend(&freed);
            let outputs = equation.outputs().map(|var| read[var.index()].then(|| slots.take(var))).collect();
            let region = equation.prim.body().and_then(|body| {
                // It is kept, for another one's address must be another.
                let region = || (body.clone(), Region::new(&body).map(Arc::new));
                regions.entry(Arc::as_ptr(&body)).or_insert_with(region).1.clone()
            });
            let work = match region {
                Some(region) => Work::Region(region),
                None => Work::Primitive,
            };
            let time = AtomicU64::new(u64::MAX);
            steps.push(Step { work, inputs, outputs, freed, equation: i as u32, time });
        }
        let outputs = program.outputs().iter().map(|&atom| source(&slots, atom)).collect();
        let mut plan = Plan {
            steps,
            inputs,
            outputs,
            slots: slots.count as usize,
            program,
            one_step: None,
            runs: AtomicU64::new(0),
        };
        plan.one_step = plan.find_one_step();
        plan
    }

    fn equation(&self, step: &Step) -> &Equation {
        &self.program.equations()[step.equation as usize]
    }

    fn text(&self, step: &Step) -> String {
        match &step.work {
            Work::Primitive => format!("{:?}", self.equation(step).prim),
            Work::Region(region) => region.to_string(),
        }
    }

    /// The time, if this is a run that is timed.
    fn timed(&self) -> Option<Instant> {
        // Where threads meet a run may be missed, which is as well: it only says which ones are timed.
        let run = self.runs.load(Ordering::Relaxed) + 1;
        self.runs.store(run, Ordering::Relaxed);
        (run.is_multiple_of(64) || run.is_power_of_two()).then(Instant::now)
    }

    /// The outputs, if there is but one step on single numbers.
    fn in_one_step(&self, inputs: &[&Array]) -> Option<Arrays> {
        let (Some(OneStep { reads, gives }), [step]) = (&self.one_step, &self.steps[..]) else { return None };
        let Work::Region(region) = &step.work else { return None };
        let timed = self.timed();
        let outputs = region.run_numbers(|i| inputs[reads[i]]);
        step.took(timed);
        Some(gives.iter().map(|&i| outputs[i].clone()).collect())
    }

    fn find_one_step(&self) -> Option<OneStep> {
        let [step] = &self.steps[..] else { return None };
        let Work::Region(region) = &step.work else { return None };
        let find = |source: &Source, places: &[Option<u32>]| match source {
            Source::Slot(slot) | Source::Last(slot) => places.iter().position(|place| place == &Some(*slot)),
            Source::Constant(_) => None,
        };
        let reads = step.inputs.iter().map(|source| find(source, &self.inputs)).collect::<Option<_>>()?;
        let gives = self.outputs.iter().map(|source| find(source, &step.outputs)).collect::<Option<_>>()?;
        region.is_of_numbers().then_some(OneStep { reads, gives })
    }
}

impl Executable for Plan {
    fn consume(&self, inputs: Inputs) -> Result<Arrays, Error> {
        if self.one_step.is_some()
            && let Some(outputs) = self.in_one_step(&inputs.iter().collect::<SmallVec<[&Array; 8]>>())
        {
            return Ok(outputs);
        }
        let mut slots: SmallVec<[Option<Array>; 16]> = smallvec::smallvec![None; self.slots];
        for (slot, input) in self.inputs.iter().zip(inputs) {
            if let Some(slot) = slot {
                slots[*slot as usize] = Some(input);
            }
        }
        let constants = self.program.constants();
        let mut timed = self.timed();
        for step in &self.steps {
            let outputs = match &step.work {
                Work::Primitive => {
                    let Equation { prim, place, .. } = self.equation(step);
                    let value = |source: &Source| match source {
                        Source::Slot(slot) | Source::Last(slot) => {
                            slots[*slot as usize].as_ref().expect(ASSIGNED)
                        }
                        Source::Constant(i) => &constants[*i as usize],
                    };
                    let x: SmallVec<[&Array; 8]> = step.inputs.iter().map(value).collect();
                    prim.eval(&x).map_err(|error| error.at(*place))?
                }
                Work::Region(region) => {
                    // Taken first, for then the others can be borrowed.
                    let take = |source: &Source| match source {
                        Source::Last(slot) => slots[*slot as usize].take(),
                        _ => None,
                    };
                    let last: SmallVec<[Option<Array>; 8]> = step.inputs.iter().map(take).collect();
                    let value = |(source, last): (&Source, Option<Array>)| match (source, last) {
                        (_, Some(array)) => Cow::Owned(array),
                        (Source::Slot(slot) | Source::Last(slot), None) => {
                            Cow::Borrowed(slots[*slot as usize].as_ref().expect(ASSIGNED))
                        }
                        (Source::Constant(i), None) => Cow::Borrowed(&constants[*i as usize]),
                    };
                    let mut x: SmallVec<[Cow<Array>; 8]> = step.inputs.iter().zip(last).map(value).collect();
                    region.run(&mut x)
                }
            };
            step.freed.iter().for_each(|&slot| slots[slot as usize] = None);
            for (slot, output) in step.outputs.iter().zip(outputs) {
                if let Some(slot) = slot {
                    slots[*slot as usize] = Some(output);
                }
            }
            step.took(timed);
            timed = timed.map(|_| Instant::now());
        }
        let output = |source: &Source| match source {
            Source::Slot(slot) | Source::Last(slot) => slots[*slot as usize].clone().expect(ASSIGNED),
            Source::Constant(i) => constants[*i as usize].clone(),
        };
        Ok(self.outputs.iter().map(output).collect())
    }
    fn run(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        match self.in_one_step(inputs) {
            Some(outputs) => Ok(outputs),
            None => self.consume(inputs.iter().map(|&input| input.clone()).collect()),
        }
    }
    fn program(&self) -> &Program {
        &self.program
    }
    fn costs(&self) -> Vec<Cost> {
        let cost = |step: &Step| Cost {
            step: self.text(step),
            operations: match &step.work {
                Work::Region(region) => region.operations(),
                Work::Primitive => operations(&self.program, self.equation(step)),
            },
            bytes: bytes(&self.program, self.equation(step)),
            time: match step.time.load(Ordering::Relaxed) {
                u64::MAX => None,
                time => Some(Duration::from_nanos(time)),
            },
        };
        self.steps.iter().map(cost).collect()
    }
}

/// The multiplications and additions of a product, or else the entries of the results.
fn operations(program: &Program, equation: &Equation) -> u64 {
    let size = |var: Var| program.var_type(var).shape.size() as u64;
    let results: u64 = equation.outputs().map(size).sum();
    match equation.prim.downcast::<DotGeneral>() {
        Some(product) => {
            let a = &program.atom_type(equation.inputs[0]).shape;
            2 * results * product.contract.0.iter().map(|&axis| a[axis] as u64).product::<u64>()
        }
        None => results,
    }
}

/// What is read and written.
fn bytes(program: &Program, equation: &Equation) -> u64 {
    let of = |ty: &Type| (ty.shape.size() * ty.dtype.size()) as u64;
    let read = equation.inputs.iter().map(|&atom| match atom {
        Atom::Constant(i) if program.constants()[i as usize].as_fill().is_some() => 0,
        _ => of(program.atom_type(atom)),
    });
    read.sum::<u64>() + equation.outputs().map(|var| of(program.var_type(var))).sum::<u64>()
}

/// The steps, with what each is and where its values are.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = |source: &Source| match source {
            Source::Slot(slot) | Source::Last(slot) => format!("s{slot}"),
            Source::Constant(i) => self.program.atom_text(Atom::Constant(*i)),
        };
        let list = |sources: &[Source]| sources.iter().map(source).collect::<Vec<_>>().join(" ");
        let slot = |slot: &Option<u32>| slot.map_or("_".to_string(), |slot| format!("s{slot}"));
        let slots = |all: &[Option<u32>]| all.iter().map(slot).collect::<Vec<_>>().join(" ");
        writeln!(f, "plan({}) in {} slots {{", slots(&self.inputs), self.slots)?;
        for step in &self.steps {
            write!(f, "  {} = ", slots(&step.outputs))?;
            writeln!(f, "{} {}", self.text(step), list(&step.inputs))?;
        }
        write!(f, "  return {}\n}}", list(&self.outputs))
    }
}
