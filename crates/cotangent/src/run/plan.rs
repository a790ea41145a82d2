//! [`Plan`]: the order of work, and where every value is while it is needed.

use super::Executable;
use super::region::Region;
use crate::core::{Array, Arrays, Atom, Error, Place, Prim, Program, Var, last_uses};
use smallvec::SmallVec;
use std::fmt;

/// Where an operand is.
#[derive(Clone, Copy, Debug)]
enum Source {
    Slot(u32),
    Constant(u32),
}

#[derive(Debug)]
enum Work {
    /// A primitive's own evaluation.
    Primitive(Prim),
    /// A region, block by block.
    Region(Box<Region>),
}

#[derive(Debug)]
struct Step {
    work: Work,
    inputs: SmallVec<[Source; 3]>,
    /// Where the outputs go; none for one that nothing reads.
    outputs: SmallVec<[Option<u32>; 1]>,
    /// What is not needed any more.
    freed: SmallVec<[u32; 3]>,
    place: Option<Place>,
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
            Atom::Var(var) => Source::Slot(slots.of[var.index()].expect("assigned before it is read")),
            Atom::Constant(i) => Source::Constant(i),
        };
        let mut steps = Vec::new();
        for (i, equation) in program.equations().iter().enumerate() {
            if !uses.needed[i] {
                continue;
            }
            let inputs = equation.inputs.iter().map(|&atom| source(&slots, atom)).collect();
            let mut freed = SmallVec::new();
            for var in equation.input_vars() {
                if uses.last[var.index()] == i as u32
                    && let Some(slot) = slots.of[var.index()].take()
                {
                    freed.push(slot);
                }
            }
            // An output may be where an operand was: it is written when the operand has been let go.
            slots.free.extend(&freed);
            let outputs = equation.outputs().map(|var| read[var.index()].then(|| slots.take(var))).collect();
            let work = match equation.prim.body().and_then(|body| Region::new(&body)) {
                Some(region) => Work::Region(Box::new(region)),
                None => Work::Primitive(equation.prim.clone()),
            };
            steps.push(Step { work, inputs, outputs, freed, place: equation.place });
        }
        let outputs = program.outputs().iter().map(|&atom| source(&slots, atom)).collect();
        Plan { steps, inputs, outputs, slots: slots.count as usize, program }
    }
}

impl Executable for Plan {
    fn run(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let mut slots: SmallVec<[Option<Array>; 16]> = smallvec::smallvec![None; self.slots];
        for (slot, &input) in self.inputs.iter().zip(inputs) {
            if let Some(slot) = slot {
                slots[*slot as usize] = Some(input.clone());
            }
        }
        let constants = self.program.constants();
        for step in &self.steps {
            let value = |source: &Source| match source {
                Source::Slot(slot) => slots[*slot as usize].as_ref().expect("assigned before it is read"),
                Source::Constant(i) => &constants[*i as usize],
            };
            let x: SmallVec<[&Array; 8]> = step.inputs.iter().map(value).collect();
            let outputs = match &step.work {
                Work::Primitive(prim) => prim.eval(&x).map_err(|error| error.at(step.place))?,
                Work::Region(region) => region.run(&x),
            };
            drop(x);
            step.freed.iter().for_each(|&slot| slots[slot as usize] = None);
            for (slot, output) in step.outputs.iter().zip(outputs) {
                if let Some(slot) = slot {
                    slots[*slot as usize] = Some(output);
                }
            }
        }
        let output = |source: &Source| match source {
            Source::Slot(slot) => slots[*slot as usize].clone().expect("assigned before it is read"),
            Source::Constant(i) => constants[*i as usize].clone(),
        };
        Ok(self.outputs.iter().map(output).collect())
    }
    fn program(&self) -> &Program {
        &self.program
    }
}

/// The steps, with what each is and where its values are.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = |source: &Source| match source {
            Source::Slot(slot) => format!("s{slot}"),
            Source::Constant(i) => self.program.atom_text(Atom::Constant(*i)),
        };
        let list = |sources: &[Source]| sources.iter().map(source).collect::<Vec<_>>().join(" ");
        let slot = |slot: &Option<u32>| slot.map_or("_".to_string(), |slot| format!("s{slot}"));
        let slots = |all: &[Option<u32>]| all.iter().map(slot).collect::<Vec<_>>().join(" ");
        writeln!(f, "plan({}) in {} slots {{", slots(&self.inputs), self.slots)?;
        for step in &self.steps {
            write!(f, "  {} = ", slots(&step.outputs))?;
            match &step.work {
                Work::Primitive(prim) => write!(f, "{prim:?}")?,
                Work::Region(region) => write!(f, "{region}")?,
            }
            writeln!(f, " {}", list(&step.inputs))?;
        }
        write!(f, "  return {}\n}}", list(&self.outputs))
    }
}
