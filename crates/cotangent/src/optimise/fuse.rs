//! Equations that go entry by entry, gathered into regions: each is walked once, block by block, by the executor.

use super::bodies::Bodies;
use super::editor::{Editor, Places};
use super::readers::Readers;
use crate::core::{Atom, DType, Equation, Prim, Program, Shape, Type, Var};
use crate::number::function::{Neg, UnaryOp};
use crate::op::{Broadcast, Call, Compare, Convert, Logical, Max, Pad, Reshape, Slice, Sum, Where};
use cotangent_kernels::map::RowFold;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

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
    /// Folds the rows of one, of this length, or goes through what has an entry for each of them.
    Rows(Space, usize),
    /// Adds up entries of one, or of its rows, for others to read.
    Sum(Space),
    /// Repeats something, or shows a window of it: whoever reads it does so as well, where it is brought from memory.
    Brought,
    /// None of these.
    Other,
}

impl Role {
    /// Of what is in a region.
    fn space(self) -> Option<Space> {
        match self {
            Role::Entrywise(space) | Role::Rows(space, _) | Role::Sum(space) => Some(space),
            Role::Brought | Role::Other => None,
        }
    }
}

/// How long rows may be that regions know of: not too short to be walked one by one, nor too long for the nearer caches.
const ROWS: std::ops::RangeInclusive<usize> = 8..=1 << 13;

/// A fold over some of the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Partial {
    /// Over the last ones, of which all together have this length.
    Rows { fold: RowFold, length: usize },
    /// A sum over others, of which all together have this length, and between whose entries are so many.
    Columns { length: usize, inner: usize },
}

impl Partial {
    /// What it is of an operand of this shape, if a region can do it: rows of [`ROWS`], or columns that lie side by side in neither small nor
    /// large numbers.
    pub fn of(prim: &Prim, shape: &Shape) -> Option<Partial> {
        const SIDE_BY_SIDE: std::ops::RangeInclusive<usize> = 16..=1 << 14;
        let (fold, axes) = match (prim.downcast::<Sum>(), prim.downcast::<Max>()) {
            (Some(sum), _) => (RowFold::Sum, &sum.axes),
            (_, Some(max)) => (RowFold::Max, &max.axes),
            _ => return None,
        };
        let (&first, &last) = (axes.first()?, axes.last()?);
        if axes.len() == shape.rank() || last - first + 1 != axes.len() {
            return None;
        }
        let length: usize = axes.iter().map(|&axis| shape[axis]).product();
        let inner: usize = shape[last + 1..].iter().product();
        if inner == 1 {
            return ROWS.contains(&length).then_some(Partial::Rows { fold, length });
        }
        let fits = fold == RowFold::Sum && length > 1 && SIDE_BY_SIDE.contains(&inner);
        fits.then_some(Partial::Columns { length, inner })
    }
}

struct Fusion {
    spaces: Spaces,
    roles: Vec<Role>,
    /// For each equation: no equation reads anything of a later stage, and of its own only within its group, or what is brought for it.
    stages: Vec<usize>,
    /// What goes through one space at one stage.
    groups: Vec<Vec<usize>>,
    /// For each equation the group that it is in, if that is a region.
    regions: Vec<Option<u32>>,
    /// For each variable, which equations read it.
    readers: Readers,
    is_output: Vec<bool>,
}

/// The program with regions: equations of one space that go entry by entry, folds of its rows and what is made of these for its entries, and
/// sums of entries and of columns, as a [`Call`] of a program of just these. An equation belongs to the first stage in which all it reads has
/// been computed, where equations of one stage and space are one region and may read one another; so no region waits for itself. Spaces that
/// show windows of each other's rows are one region too. What only a later region of its space reads is computed there, unless more would have to
/// be kept for it.
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
    let fusion = Fusion::of(&program);
    if fusion.is_whole(&program) {
        return whole(program);
    }
    let mut program = program;
    let (mut editor, mut places) = Editor::like(&program);
    let (mut inner, mut bodies) = (Places::of_parts(&program), Bodies::default());
    // In order of stages, and within a stage as they stand: each with its region, if it begins one.
    let mut items: Vec<(u32, u32, Option<u32>)> = Vec::with_capacity(program.equations.len());
    for (i, role) in fusion.roles.iter().enumerate() {
        let region = fusion.regions[i];
        let is_item = match role {
            Role::Brought => fusion.is_wanted_by_itself(&program, i),
            Role::Other => true,
            Role::Entrywise(_) | Role::Rows(..) | Role::Sum(_) => {
                region.is_none_or(|region| fusion.groups[region as usize][0] == i)
            }
        };
        if is_item {
            items.push((fusion.stages[i] as u32, i as u32, region));
        }
    }
    // They nearly are.
    items.sort();
    for (_, i, region) in items {
        let i = i as usize;
        match region {
            // Regions may bring what it brings too.
            None if fusion.roles[i] == Role::Brought => {
                editor.copy(&program, &mut places, &program.equations[i]);
            }
            None => add(&mut editor, &mut program, &mut places, i),
            Some(region) => {
                let members = &fusion.groups[region as usize];
                fusion.add_region(&mut program, &mut editor, &mut places, &mut inner, &mut bodies, members);
            }
        }
    }
    editor.end(&program, places)
}

/// The equation, of the operands where they are now. Its primitive goes there, for to hold it twice would take time where there are many; the
/// old program's is not looked at again.
fn add(editor: &mut Editor, program: &mut Program, places: &mut Places, i: usize) {
    let prim = std::mem::replace(&mut program.equations[i].prim, UnaryOp::Neg(Neg).into());
    let equation = &program.equations[i];
    let inputs = places.all(program, editor, &equation.inputs);
    editor.copy_with(program, places, equation, prim, inputs);
}

/// A program that is one region becomes its body as it lies.
fn whole(mut program: Program) -> Program {
    let (mut editor, mut places) = Editor::like(&program);
    let inputs: Vec<Atom> = program.inputs.iter().map(|&var| Atom::Var(var)).collect();
    let inputs = places.all(&program, &mut editor, &inputs);
    let mut read: Vec<Var> = program.outputs.iter().filter_map(Atom::var).collect();
    read.retain(|&var| program.producer(var).is_some());
    read.sort_unstable();
    read.dedup();
    let results = read.iter().map(|&var| Atom::Var(var)).collect();
    let outputs = std::mem::replace(&mut program.outputs, results);
    let body = Arc::new(program);
    let call = Prim::new(Call { program: body.clone() });
    let types = read.iter().map(|&var| body.var_type(var));
    let first = editor.equation(call, inputs, types, &body.equations[0]);
    (0..).zip(&read).for_each(|(i, &var)| places.put(var, Atom::Var(Var(first.0 + i))));
    editor.end_with(&body, &mut places, &outputs)
}

/// An equation's role, where those before it have theirs; with `rows` it may be one of rows.
fn role(program: &Program, equation: &Equation, roles: &[Role], spaces: &mut Spaces, rows: bool) -> Role {
    if equation.count == 0 {
        return Role::Other;
    }
    let before = |atom: Atom| match atom.var().and_then(|var| program.producer(var)) {
        Some(i) => roles[i],
        None => Role::Other,
    };
    let of_rows = || {
        let found = equation.inputs.iter().map(|&atom| before(atom));
        found.into_iter().find(|role| rows && matches!(role, Role::Rows(..)))
    };
    let fits = |ty: &Type| ty.dtype.is_float() && ty.shape.size() > 0;
    let entrywise = |spaces: &mut Spaces, ty: &Type| match of_rows() {
        Some(role) if role.space().is_some_and(|space| spaces.ty(space).dtype == ty.dtype) => role,
        _ if fits(ty) => Role::Entrywise(spaces.number(ty)),
        _ => Role::Other,
    };
    let out = program.var_type(equation.first);
    let prim = &equation.prim;
    match prim {
        Prim::Unary(_) | Prim::Binary(_) => entrywise(spaces, out),
        Prim::Shared(_) if prim.downcast::<Where>().is_some() => entrywise(spaces, out),
        Prim::Shared(_) if prim.downcast::<Compare>().is_some() => {
            let x = program.atom_type(equation.inputs[0]);
            if fits(x) { entrywise(spaces, x) } else { Role::Other }
        }
        // Of bools alone: where these come from says of which space.
        Prim::Shared(_) if prim.downcast::<Logical>().is_some() => {
            let found = equation.inputs.iter().map(|&atom| before(atom));
            let found = found.into_iter().find(|role| matches!(role, Role::Entrywise(_)));
            of_rows().or(found).unwrap_or(Role::Other)
        }
        Prim::Shared(_) if prim.downcast::<Convert>().is_some() => {
            match program.atom_type(equation.inputs[0]).dtype {
                DType::Bool if fits(out) => entrywise(spaces, out),
                _ => Role::Other,
            }
        }
        Prim::Shared(_) if prim.downcast::<Reshape>().is_some() => of_rows().unwrap_or(Role::Other),
        Prim::Shared(_) if prim.downcast::<Broadcast>().is_some() => Role::Brought,
        Prim::Shared(_) if out.dtype.is_float() && out.shape.size() > 1 && window(prim).is_some() => {
            equation.inputs[0].var().map_or(Role::Other, |_| Role::Brought)
        }
        Prim::Shared(_) => {
            let Some(&x) = equation.inputs.first().filter(|&&x| fits(program.atom_type(x))) else {
                return Role::Other;
            };
            let (ty, sum) = (program.atom_type(x), prim.downcast::<Sum>());
            let is_total = sum.is_some_and(|sum| sum.axes.len() == ty.shape.rank());
            match (before(x), Partial::of(prim, &ty.shape)) {
                (Role::Entrywise(space) | Role::Rows(space, _), _) if is_total => Role::Sum(space),
                (Role::Rows(..), _) => Role::Other,
                (_, Some(Partial::Rows { length, .. })) if rows && x.var().is_some() => {
                    Role::Rows(spaces.number(ty), length)
                }
                (Role::Entrywise(space), Some(Partial::Columns { .. })) => Role::Sum(space),
                _ => Role::Other,
            }
        }
    }
}

/// The roles and stages of the equations so far.
struct Before<'a> {
    program: &'a Program,
    roles: &'a [Role],
    stages: &'a [usize],
}

impl Before<'_> {
    /// The first stage in which all that an equation reads has been computed; with `links`, other rows may be of its own.
    fn stage(&self, equation: &Equation, own: Role, links: bool) -> usize {
        let Before { program, roles, stages } = *self;
        let after = |var: Var| {
            let from = program.producer(var)?;
            if is_brought_for(own, roles[from], &program.equations[from]) {
                // What is brought is read where it comes from.
                let brought = &program.equations[from];
                let from = brought.input_vars().next().and_then(|var| program.producer(var))?;
                let is_within = match (own, roles[from]) {
                    (Role::Entrywise(own), Role::Rows(other, row)) if own == other => {
                        is_spread(program, brought, row)
                    }
                    (Role::Entrywise(_), Role::Entrywise(_)) => links && is_of_rows(program, brought),
                    _ => false,
                };
                return Some(stages[from] + usize::from(!is_within));
            }
            let is_within = match roles[from] {
                Role::Entrywise(_) | Role::Rows(..) => own.space() == roles[from].space(),
                _ => false,
            };
            Some(stages[from] + usize::from(!is_within))
        };
        equation.input_vars().filter_map(after).max().unwrap_or(0)
    }

    /// The windows of rows that an equation reads, each with the equation whose rows it shows.
    fn linked<'e>(&'e self, equation: &'e Equation, own: Role) -> impl Iterator<Item = (usize, usize)> + 'e {
        let Before { program, roles, .. } = *self;
        equation.input_vars().filter_map(move |var| {
            let window = program.producer(var)?;
            let brought = &program.equations[window];
            if !is_brought_for(own, roles[window], brought) {
                return None;
            }
            let from = brought.input_vars().next().and_then(|var| program.producer(var))?;
            let both = (own, roles[from]);
            let is_link =
                matches!(both, (Role::Entrywise(_), Role::Entrywise(_))) && is_of_rows(program, brought);
            is_link.then_some((window, from))
        })
    }
}

/// Does this show windows of rows that lie along the last axis, each in a row of its own?
pub(crate) fn is_of_rows(program: &Program, equation: &Equation) -> bool {
    let Some(low) = window(&equation.prim) else { return false };
    let shapes =
        [program.atom_type(equation.inputs[0]), program.var_type(equation.first)].map(|ty| &ty.shape);
    let Some(last) = shapes[0].rank().checked_sub(1) else { return false };
    low[..last].iter().all(|&low| low == 0)
        && shapes[0][..last] == shapes[1][..last]
        && shapes.iter().all(|shape| ROWS.contains(&shape[last]))
}

/// Does an equation of this role bring what another one would give it? Windows show entries, not rows.
fn is_brought_for(own: Role, from: Role, brought: &Equation) -> bool {
    let is_window = || brought.prim.downcast::<Broadcast>().is_none();
    from == Role::Brought && own.space().is_some() && !(matches!(own, Role::Rows(..)) && is_window())
}

/// Does this give each entry of a space that of its row?
pub(crate) fn is_spread(program: &Program, equation: &Equation, row: usize) -> bool {
    let Some(broadcast) = equation.prim.downcast::<Broadcast>() else { return false };
    let (from, to) = (&program.atom_type(equation.inputs[0]).shape, &broadcast.shape);
    let added = to.rank() - from.rank();
    let own = |axis: usize| if axis < added { 1 } else { from[axis - added] };
    let first = (0..to.rank()).find(|&axis| own(axis) != to[axis]).unwrap_or(to.rank());
    (first..to.rank()).all(|axis| own(axis) == 1) && to[first..].iter().product::<usize>() == row
}

/// What shows a part of its operand, or zeros beside it: where in the result the operand begins, along each axis.
pub(crate) fn window(prim: &Prim) -> Option<Vec<isize>> {
    if let Some(slice) = prim.downcast::<Slice>() {
        let is_whole = slice.step.iter().all(|&step| step == 1);
        is_whole.then(|| slice.start.iter().map(|&start| -(start as isize)).collect())
    } else if let Some(pad) = prim.downcast::<Pad>() {
        let is_whole = pad.interior.iter().all(|&between| between == 0);
        is_whole.then(|| pad.low.iter().map(|&low| low as isize).collect())
    } else {
        None
    }
}

impl Fusion {
    fn of(program: &Program) -> Fusion {
        let count = program.equations.len();
        let (mut roles, mut stages): (Vec<Role>, Vec<usize>) =
            (Vec::with_capacity(count), Vec::with_capacity(count));
        let readers = Readers::of(program);
        let mut spaces = Spaces::default();
        // How long the rows are of what goes through a space at a stage: all are of one length.
        let mut rows: HashMap<(usize, Space), usize> = HashMap::new();
        for equation in &program.equations {
            let mut own = role(program, equation, &roles, &mut spaces, true);
            let before = Before { program, roles: &roles, stages: &stages };
            let mut stage = before.stage(equation, own, true);
            let fits = match own {
                Role::Rows(space, length)
                    if Partial::of(&equation.prim, &spaces.ty(space).shape).is_some() =>
                {
                    *rows.entry((stage, space)).or_insert(length) == length
                }
                Role::Rows(..) => equation
                    .input_vars()
                    .filter_map(|var| program.producer(var))
                    .any(|from| roles[from] == own && stages[from] == stage),
                Role::Entrywise(space) => before
                    .linked(equation, own)
                    .filter(|&(_, from)| stages[from] == stage)
                    .all(|(_, from)| {
                        let both = [Some(space), roles[from].space()].into_iter().flatten();
                        both.into_iter().all(|space| {
                            let shape = &spaces.ty(space).shape;
                            let length = shape[shape.rank() - 1];
                            *rows.entry((stage, space)).or_insert(length) == length
                        })
                    }),
                _ => true,
            };
            if !fits {
                if let Role::Rows(..) = own {
                    own = role(program, equation, &roles, &mut spaces, false);
                }
                // Links have been tried, or would have to be.
                stage = before.stage(equation, own, false);
            }
            roles.push(own);
            stages.push(stage);
        }
        let mut is_output = vec![false; program.types.len()];
        program.outputs.iter().filter_map(Atom::var).for_each(|var| is_output[var.index()] = true);
        let (groups, regions) = (Vec::new(), vec![None; count]);
        let mut fusion = Fusion { spaces, roles, stages, groups, regions, readers, is_output };
        for i in (0..count).rev() {
            fusion.delay(program, i);
        }
        fusion.group(program);
        fusion
    }

    fn group(&mut self, program: &Program) {
        let mut numbers: HashMap<(usize, Space), u32> = HashMap::new();
        for (i, role) in self.roles.iter().enumerate() {
            if let Some(space) = role.space() {
                let next = self.groups.len() as u32;
                let number = *numbers.entry((self.stages[i], space)).or_insert(next);
                if number == next {
                    self.groups.push(Vec::new());
                }
                self.groups[number as usize].push(i);
            }
        }
        self.join(program, &numbers);
        for (number, members) in self.groups.iter().enumerate() {
            let is_more = |&&i: &&usize| program.equations[i].prim.downcast::<Reshape>().is_none();
            if members.iter().filter(is_more).nth(1).is_some() || self.is_worth_it(program, members[0]) {
                members.iter().for_each(|&i| self.regions[i] = Some(number as u32));
            }
        }
    }

    /// Is all of it one region, that reads every input?
    fn is_whole(&self, program: &Program) -> bool {
        let is_read = |&var: &Var| self.readers.of_var(var).next().is_some();
        self.regions.first().is_some_and(|first| first.is_some())
            && self.regions.iter().all(|region| *region == self.regions[0])
            && program.inputs.iter().all(is_read)
    }

    /// Makes one group of those that show each other's rows.
    fn join(&mut self, program: &Program, numbers: &HashMap<(usize, Space), u32>) {
        if !self.roles.contains(&Role::Brought) {
            return;
        }
        let before = Before { program, roles: &self.roles, stages: &self.stages };
        // For each group the one that it is part of.
        let mut whole: Vec<u32> = (0..self.groups.len() as u32).collect();
        let find = |whole: &[u32], mut number: u32| {
            while whole[number as usize] != number {
                number = whole[number as usize];
            }
            number
        };
        let mut is_joined = false;
        for (i, equation) in program.equations.iter().enumerate() {
            let own = self.roles[i];
            for (_, from) in
                before.linked(equation, own).filter(|&(_, from)| self.stages[from] == self.stages[i])
            {
                let both = [i, from].map(|i| {
                    let space = self.roles[i].space().expect("it goes through one");
                    find(&whole, numbers[&(self.stages[i], space)])
                });
                whole[both[0].max(both[1]) as usize] = both[0].min(both[1]);
                is_joined |= both[0] != both[1];
            }
        }
        if !is_joined {
            return;
        }
        for number in (0..whole.len()).rev() {
            let to = find(&whole, number as u32) as usize;
            if to != number {
                let members = std::mem::take(&mut self.groups[number]);
                self.groups[to].extend(members);
            }
        }
        self.groups.retain(|members| !members.is_empty());
        self.groups.iter_mut().for_each(|members| members.sort_unstable());
    }

    /// Moves an equation to the first stage that reads it, if that is in the same space. Its readers are where they will be.
    fn delay(&mut self, program: &Program, i: usize) {
        let Role::Entrywise(space) = self.roles[i] else { return };
        let equation = &program.equations[i];
        let readers = |var: Var| self.readers.of_var(var);
        let (mut latest, mut joins) = (usize::MAX, false);
        for reader in readers(equation.first) {
            let together = self.roles[reader].space() == Some(space);
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
        let is_brought = |var: Var| program.producer(var).is_some_and(|i| self.roles[i] == Role::Brought);
        let is_kept_anyway = |var: Var| self.is_output[var.index()] || is_brought(var) || is_read(var);
        let kept: BTreeSet<Var> = equation.input_vars().filter(|&var| !is_kept_anyway(var)).collect();
        if kept.len() <= 1 {
            self.stages[i] = latest;
        }
    }

    /// Is an equation a region by itself? Then it brings its operands from where they are, and writes in the place of what nobody needs any more;
    /// for few entries the primitive's own loop is faster.
    fn is_worth_it(&self, program: &Program, i: usize) -> bool {
        const LARGE: usize = 1 << 13;
        let equation = &program.equations[i];
        let Role::Entrywise(space) = self.roles[i] else { return false };
        let is_brought = |var| program.producer(var).is_some_and(|i| self.roles[i] == Role::Brought);
        let size = self.spaces.ty(space).shape.size();
        matches!(equation.prim, Prim::Unary(_) | Prim::Binary(_))
            && (size >= LARGE || size > 1 && equation.input_vars().any(is_brought))
    }

    /// Does anything read what is brought, other than regions that bring it themselves?
    fn is_wanted_by_itself(&self, program: &Program, i: usize) -> bool {
        let equation = &program.equations[i];
        let reads = |reader: usize| {
            self.regions[reader].is_none() || !is_brought_for(self.roles[reader], self.roles[i], equation)
        };
        self.is_output[equation.first.index()] || self.readers.of_var(equation.first).any(reads)
    }

    /// Does anything read a variable, other than this region?
    fn is_read_outside(&self, program: &Program, var: Var, region: Option<u32>) -> bool {
        let readers = |var: Var| self.readers.of_var(var);
        let is_outside = |reader: usize| {
            let brought = program.equations[reader].first;
            match self.roles[reader] {
                Role::Brought => {
                    self.is_wanted_by_itself(program, reader)
                        || readers(brought).any(|reader| self.regions[reader] != region)
                }
                _ => self.regions[reader] != region,
            }
        };
        self.is_output[var.index()] || readers(var).any(is_outside)
    }

    /// Where things are within the region is forgotten at its end.
    fn add_region(
        &self,
        program: &mut Program,
        editor: &mut Editor,
        places: &mut Places,
        inner: &mut Places,
        bodies: &mut Bodies,
        members: &[usize],
    ) {
        let mut body = Editor::new();
        body.program.equations.reserve(members.len());
        let mut inputs = Vec::new();
        let own = self.regions[members[0]];
        for &i in members {
            let equation = &program.equations[i];
            for var in equation.input_vars() {
                if inner.has(var) {
                    continue;
                }
                let is_brought =
                    |&from: &usize| is_brought_for(self.roles[i], self.roles[from], &program.equations[from]);
                let from = program.producer(var).filter(is_brought);
                let Some(from) = from else {
                    body.input(program, inner, var);
                    inputs.push(Atom::Var(var));
                    continue;
                };
                // Brought within the region, and once if several read it.
                let brought = &program.equations[from];
                if let Some(origin) = brought.input_vars().next().filter(|&origin| !inner.has(origin)) {
                    body.input(program, inner, origin);
                    inputs.push(Atom::Var(origin));
                }
                body.copy(program, inner, brought);
            }
            add(&mut body, program, inner, i);
        }
        let program = &*program;
        let outputs: Vec<Var> = members
            .iter()
            .map(|&i| program.equations[i].first)
            .filter(|&var| self.is_read_outside(program, var, own))
            .collect();
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

/// The shape and dtype that a region's program goes through: those of the first equation that goes through entries, or folds rows.
pub(crate) fn space_of(body: &Program) -> Option<(Shape, DType)> {
    let (mut roles, mut spaces) = (Vec::with_capacity(body.equations.len()), Spaces::default());
    for equation in &body.equations {
        let found = role(body, equation, &roles, &mut spaces, true);
        if let Some(space) = found.space() {
            let ty = spaces.ty(space);
            return Some((ty.shape.clone(), ty.dtype));
        }
        roles.push(found);
    }
    None
}
