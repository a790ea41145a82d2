//! Equations that go entry by entry, gathered into regions: each is walked once, block by block, by the executor.

use super::bodies::Bodies;
use super::editor::{Editor, Places};
use super::readers::Readers;
use crate::core::{Atom, DType, Equation, Prim, Program, Shape, Type, Var};
use crate::op::{Broadcast, Call, Compare, Convert, Logical, Sum, Where};
use std::collections::{BTreeSet, HashMap};

/// The entries that a region goes through: of one shape, in one dtype. Bools that lie between are numbers of it. By its number in [`Spaces`].
type Space = u32;

/// The spaces of a program.
#[derive(Default)]
struct Spaces {
    types: Vec<Type>,
    numbers: HashMap<Type, Space>,
}

impl Spaces {
    fn number(&mut self, ty: &Type) -> Space {
        if let Some(&space) = self.numbers.get(ty) {
            return space;
        }
        let space = self.types.len() as Space;
        self.types.push(ty.clone());
        self.numbers.insert(ty.clone(), space);
        space
    }
    fn ty(&self, space: Space) -> &Type {
        &self.types[space as usize]
    }
}

/// What an equation is to a region.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    /// Goes entry by entry through a space.
    Entrywise(Space),
    /// Adds up all entries of one.
    Total(Space),
    /// Repeats something to the shape of one: whoever reads it does so as well.
    Repeat,
    /// None of these.
    Other,
}

struct Fusion<'p> {
    program: &'p Program,
    spaces: Spaces,
    roles: Vec<Role>,
    /// For each equation: no equation reads anything of a later stage, and of its own only within its group, or what is repeated for it.
    stages: Vec<usize>,
    /// What goes through one space at one stage.
    groups: Vec<Vec<usize>>,
    /// For each equation the group that it is in, if that is a region.
    regions: Vec<Option<u32>>,
    /// For each variable, which equations read it.
    readers: Readers,
    is_output: Vec<bool>,
}

/// The program with regions: equations of one space that go entry by entry, and sums of all their entries, as a [`Call`] of a program of just
/// these. An equation belongs to the first stage in which all it reads has been computed, where equations of one stage and space are one region
/// and may read one another; so no region waits for itself. What only a later region of its space reads is computed there, unless more would
/// have to be kept for it.
///
/// ```
/// use cotangent::core::{trace_program, DType, Type};
/// use cotangent::optimise::fuse;
/// let program = trace_program(&[Type::new(DType::F64, [3])], |x| vec![(x[0].sin() * x[0].exp()).sum()]);
/// assert_eq!(fuse(program).to_string(), "program(a: f64[3]) {
///   b: f64[] = call[program=program(a: f64[3]) {
///     b: f64[3] = sin a
///     c: f64[3] = exp a
///     d: f64[3] = mul b c
///     e: f64[] = sum[axes=[0]] d
///     return e
///   }] a
///   return b
/// }");
/// ```
pub fn fuse(program: Program) -> Program {
    let program = &program;
    let fusion = Fusion::of(program);
    let (mut editor, mut places) = Editor::like(program);
    let (mut inner, mut bodies) = (Places::of_parts(program), Bodies::default());
    // In order of stages, and within a stage as they stand.
    let mut items: Vec<(usize, usize, Option<&[usize]>)> = Vec::new();
    for (i, role) in fusion.roles.iter().enumerate() {
        let plain = match role {
            Role::Repeat => fusion.is_wanted_by_itself(i),
            Role::Other => true,
            Role::Entrywise(_) | Role::Total(_) => fusion.regions[i].is_none(),
        };
        if plain {
            items.push((fusion.stages[i], i, None));
        }
    }
    for members in &fusion.groups {
        if fusion.regions[members[0]].is_some() {
            items.push((fusion.stages[members[0]], members[0], Some(members)));
        }
    }
    items.sort_by_key(|&(stage, i, _)| (stage, i));
    for (_, i, group) in items {
        match group {
            None => editor.copy(program, &mut places, &program.equations[i]),
            Some(members) => fusion.add_region(&mut editor, &mut places, &mut inner, &mut bodies, members),
        }
    }
    editor.end(program, places)
}

/// An equation's role, where those before it have theirs.
fn role(program: &Program, equation: &Equation, roles: &[Role], spaces: &mut Spaces) -> Role {
    let entrywise = |spaces: &mut Spaces, ty: &Type| {
        let fits = ty.dtype.is_float() && ty.shape.size() > 0;
        if fits { Role::Entrywise(spaces.number(ty)) } else { Role::Other }
    };
    let before = |atom: Atom| match atom.var().and_then(|var| program.producer(var)) {
        Some(i) => roles[i],
        None => Role::Other,
    };
    if equation.count == 0 {
        return Role::Other;
    }
    let out = program.var_type(equation.first);
    let prim = &equation.prim;
    match prim {
        Prim::Unary(_) | Prim::Binary(_) => entrywise(spaces, out),
        Prim::Shared(_) if prim.downcast::<Where>().is_some() => entrywise(spaces, out),
        Prim::Shared(_) if prim.downcast::<Compare>().is_some() => {
            entrywise(spaces, program.atom_type(equation.inputs[0]))
        }
        // Of bools alone: where these come from says of which space.
        Prim::Shared(_) if prim.downcast::<Logical>().is_some() => {
            let found = equation.inputs.iter().map(|&atom| before(atom));
            found.into_iter().find(|role| matches!(role, Role::Entrywise(_))).unwrap_or(Role::Other)
        }
        Prim::Shared(_) if prim.downcast::<Convert>().is_some() => {
            match program.atom_type(equation.inputs[0]).dtype {
                DType::Bool => entrywise(spaces, out),
                _ => Role::Other,
            }
        }
        Prim::Shared(_) if prim.downcast::<Broadcast>().is_some() => Role::Repeat,
        Prim::Shared(_) => match (prim.downcast::<Sum>(), equation.inputs.first().map(|&x| before(x))) {
            (Some(sum), Some(Role::Entrywise(space)))
                if sum.axes.len() == spaces.ty(space).shape.rank() && out.dtype == spaces.ty(space).dtype =>
            {
                Role::Total(space)
            }
            _ => Role::Other,
        },
    }
}

impl<'p> Fusion<'p> {
    fn of(program: &'p Program) -> Fusion<'p> {
        let count = program.equations.len();
        let (mut roles, mut stages): (Vec<Role>, Vec<usize>) =
            (Vec::with_capacity(count), Vec::with_capacity(count));
        let readers = Readers::of(program);
        let mut spaces = Spaces::default();
        for equation in &program.equations {
            let role = role(program, equation, &roles, &mut spaces);
            let mut stage = 0;
            for var in equation.input_vars() {
                let Some(mut from) = program.producer(var) else { continue };
                let space = match &role {
                    Role::Entrywise(space) | Role::Total(space) => Some(space),
                    _ => None,
                };
                // What is repeated is read where it comes from.
                if space.is_some() && roles[from] == Role::Repeat {
                    match program.equations[from].input_vars().next().and_then(|var| program.producer(var)) {
                        Some(origin) => from = origin,
                        None => continue,
                    }
                    stage = stage.max(stages[from] + 1);
                    continue;
                }
                let together =
                    matches!((space, &roles[from]), (Some(own), Role::Entrywise(other)) if own == other);
                stage = stage.max(stages[from] + usize::from(!together));
            }
            roles.push(role);
            stages.push(stage);
        }
        let mut is_output = vec![false; program.types.len()];
        program.outputs.iter().filter_map(Atom::var).for_each(|var| is_output[var.index()] = true);
        let (groups, regions) = (Vec::new(), vec![None; count]);
        let mut fusion = Fusion { program, spaces, roles, stages, groups, regions, readers, is_output };
        for i in (0..count).rev() {
            fusion.delay(i);
        }
        fusion.group();
        fusion
    }

    fn group(&mut self) {
        let mut numbers: HashMap<(usize, Space), u32> = HashMap::new();
        for (i, role) in self.roles.iter().enumerate() {
            if let Role::Entrywise(space) | Role::Total(space) = *role {
                let next = self.groups.len() as u32;
                let number = *numbers.entry((self.stages[i], space)).or_insert(next);
                if number == next {
                    self.groups.push(Vec::new());
                }
                self.groups[number as usize].push(i);
            }
        }
        for (number, members) in self.groups.iter().enumerate() {
            if members.len() > 1 || self.is_worth_it(members[0]) {
                members.iter().for_each(|&i| self.regions[i] = Some(number as u32));
            }
        }
    }

    /// Moves an equation to the first stage that reads it, if that is in the same space. Its readers are where they will be.
    fn delay(&mut self, i: usize) {
        let Role::Entrywise(space) = self.roles[i] else { return };
        let equation = &self.program.equations[i];
        let readers = |var: Var| self.readers.of_var(var);
        let (mut latest, mut joins) = (usize::MAX, false);
        for reader in readers(equation.first) {
            let together = matches!(self.roles[reader],
                Role::Entrywise(other) | Role::Total(other) if other == space);
            let limit = self.stages[reader] - usize::from(!together);
            if limit < latest || together && limit == latest {
                (latest, joins) = (limit, together);
            }
        }
        if !joins || latest <= self.stages[i] || self.is_output[equation.first.index()] {
            return;
        }
        // What would have to be kept until then. Of many readers the last few are looked at: it is a guess, and must not take long.
        let is_read =
            |var: Var| readers(var).rev().take(8).any(|other| other != i && self.stages[other] >= latest);
        let is_repeated =
            |var: Var| self.program.producer(var).is_some_and(|i| self.roles[i] == Role::Repeat);
        let is_kept_anyway = |var: Var| self.is_output[var.index()] || is_repeated(var) || is_read(var);
        let kept: BTreeSet<Var> = equation.input_vars().filter(|&var| !is_kept_anyway(var)).collect();
        if kept.len() <= 1 {
            self.stages[i] = latest;
        }
    }

    /// Is an equation a region by itself? Then it reads repeated entries where they are, and writes in the place of what nobody needs any more;
    /// for few entries the primitive's own loop is faster.
    fn is_worth_it(&self, i: usize) -> bool {
        const LARGE: usize = 1 << 13;
        let equation = &self.program.equations[i];
        let Role::Entrywise(space) = self.roles[i] else { return false };
        let is_repeated = |var| self.program.producer(var).is_some_and(|i| self.roles[i] == Role::Repeat);
        let size = self.spaces.ty(space).shape.size();
        matches!(equation.prim, Prim::Unary(_) | Prim::Binary(_))
            && (size >= LARGE || size > 1 && equation.input_vars().any(is_repeated))
    }

    /// Does anything read the repeated entries outside of regions?
    fn is_wanted_by_itself(&self, i: usize) -> bool {
        let var = self.program.equations[i].first;
        self.is_output[var.index()] || self.readers.of_var(var).any(|reader| self.regions[reader].is_none())
    }

    /// Where things are within the region is forgotten at its end.
    fn add_region(
        &self,
        editor: &mut Editor,
        places: &mut Places,
        inner: &mut Places,
        bodies: &mut Bodies,
        members: &[usize],
    ) {
        let (program, mut body) = (self.program, Editor::new());
        body.program.equations.reserve(members.len());
        let mut inputs = Vec::new();
        let own = self.regions[members[0]];
        for &i in members {
            let equation = &program.equations[i];
            for var in equation.input_vars() {
                if inner.has(var) {
                    continue;
                }
                let from = program.producer(var).filter(|&from| self.roles[from] == Role::Repeat);
                let Some(from) = from else {
                    body.input(program, inner, var);
                    inputs.push(Atom::Var(var));
                    continue;
                };
                // Repeated within the region, and once if several read it.
                let repeat = &program.equations[from];
                if let Some(origin) = repeat.input_vars().next().filter(|&origin| !inner.has(origin)) {
                    body.input(program, inner, origin);
                    inputs.push(Atom::Var(origin));
                }
                body.copy(program, inner, repeat);
            }
            body.copy(program, inner, equation);
        }
        let read_outside = |var: Var| {
            let outside = |reader: usize| self.regions[reader] != own;
            self.is_output[var.index()] || self.readers.of_var(var).any(outside)
        };
        let outputs: Vec<Var> =
            members.iter().map(|&i| program.equations[i].first).filter(|&var| read_outside(var)).collect();
        let returned: Vec<Atom> = outputs.iter().map(|&var| Atom::Var(var)).collect();
        let body = body.end_with(program, inner, &returned);
        inner.forget();
        let inputs = places.all(program, editor, &inputs);
        let types = outputs.iter().map(|&var| program.var_type(var));
        let call = Prim::new(Call { program: bodies.shared(body) });
        let first = editor.equation(call, inputs, types, &program.equations[members[0]]);
        for (i, &var) in outputs.iter().enumerate() {
            places.put(var, Atom::Var(Var(first.0 + i as u32)));
        }
    }
}

/// The shape and dtype that a region's program goes through: those of the first equation that goes entry by entry.
pub(crate) fn space_of(body: &Program) -> Option<(Shape, DType)> {
    let (mut roles, mut spaces) = (Vec::with_capacity(body.equations.len()), Spaces::default());
    for equation in &body.equations {
        let found = role(body, equation, &roles, &mut spaces);
        if let Role::Entrywise(space) = found {
            let ty = spaces.ty(space);
            return Some((ty.shape.clone(), ty.dtype));
        }
        roles.push(found);
    }
    None
}
