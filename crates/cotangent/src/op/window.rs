//! Windows over the last axes: sums and maxima. Their methods are in `pool.rs`.

use super::registry::{Entry, Given, Sample, draw, draw_bools};
use super::spatial::outputs;
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Shape, Tensor, Tensors,
    Transpose, Type, Types, apply1, batch_elementwise, operands,
};
use cotangent_kernels::window::{self, Window};
use smallvec::smallvec;

/// Windows over the last axes, one for each.
#[derive(Clone, Debug, PartialEq)]
pub struct Windows(pub Vec<Window>);

impl Windows {
    fn params(&self) -> Params {
        let sizes =
            |f: fn(&Window) -> usize| Param::Ints(self.0.iter().map(|window| f(window) as i64).collect());
        vec![
            ("size", sizes(|window| window.size)),
            ("stride", sizes(|window| window.stride)),
            ("low", Param::Ints(self.0.iter().map(|window| window.low).collect())),
            ("high", Param::Ints(self.0.iter().map(|window| window.high).collect())),
            ("base_dilation", sizes(|window| window.base_dilation)),
            ("dilation", sizes(|window| window.dilation)),
        ]
    }

    fn parse(given: &Given<'_>) -> Option<Windows> {
        let whole = |name: &str| match given.get(name)? {
            Param::Ints(values) => Some(values.clone()),
            _ => None,
        };
        let (size, stride) = (given.sizes("size")?, given.sizes("stride")?);
        let (low, high) = (whole("low")?, whole("high")?);
        let (base_dilation, dilation) = (given.sizes("base_dilation")?, given.sizes("dilation")?);
        let n = size.len();
        if [stride.len(), low.len(), high.len(), base_dilation.len(), dilation.len()] != [n; 5] {
            return None;
        }
        let window = |i: usize| Window {
            size: size[i],
            stride: stride[i],
            low: low[i],
            high: high[i],
            base_dilation: base_dilation[i],
            dilation: dilation[i],
        };
        Some(Windows((0..n).map(window).collect()))
    }

    /// The shape of a result over an operand of this shape, and how many taps a window has.
    fn over(&self, name: &str, shape: &[usize]) -> Result<(Vec<usize>, Vec<usize>, usize), Error> {
        let steps = |window: &Window| [window.stride, window.base_dilation, window.dilation];
        if self.0.iter().any(|window| steps(window).contains(&0)) {
            return Err(Error::new(name).expected("strides and dilations of at least 1").got("0"));
        }
        let Some(first) = shape.len().checked_sub(self.0.len()) else {
            let expected = format!("at least {} axes", self.0.len());
            return Err(Error::new(name).expected(expected).got(Shape::from(shape).to_string()));
        };
        let taps = self.0.iter().try_fold(1_usize, |taps, window| taps.checked_mul(window.size));
        let taps =
            taps.ok_or_else(|| Error::new(name).expected("windows that can be counted").got("larger ones"))?;
        Ok((shape[..first].to_vec(), outputs(name, &self.0, &shape[first..])?, taps))
    }
}

fn refuse_bools(name: &str, x: &Type) -> Result<(), Error> {
    if x.dtype != DType::Bool {
        return Ok(());
    }
    let help = "convert first: `.to(DType::I64)`";
    Err(Error::new(name).expected("numbers").got(x.to_string()).help(help))
}

/// `y = Σ x` over each window of the last axes; what lies beside the operand, and between its entries, counts as 0.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowSum(pub Windows);

impl Primitive for WindowSum {
    fn name(&self) -> &str {
        "window_sum"
    }
    fn params(&self) -> Params {
        self.0.params()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("window_sum", 1, inputs)) };
        refuse_bools("window_sum", x)?;
        let (lead, outputs, _) = self.0.over("window_sum", &x.shape)?;
        Ok(smallvec![Type::new(x.dtype, [lead, outputs].concat())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![window::sum(inputs[0], &self.0.0)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![apply1(Prim::new(self.clone()), &[&x[0]])]
    }
}

impl Transpose for WindowSum {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    /// Each entry gets the sum of the cotangents of all windows that it is in: stride and base dilation change places.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let Some(ct) = &ct[0] else { return vec![None] };
        let extent =
            |n: usize, dilation: usize| if n == 0 { 0 } else { (n as i64 - 1) * dilation as i64 + 1 };
        let first = x[0].rank() - self.0.0.len();
        let back = |(i, window): (usize, &Window)| {
            let reach = extent(window.size, window.dilation);
            let low = reach - 1 - window.low;
            let entries = extent(x[0].shape()[first + i], window.base_dilation);
            let high = entries + reach - 1 - extent(ct.shape()[first + i], window.stride) - low;
            Window { stride: window.base_dilation, low, high, base_dilation: window.stride, ..*window }
        };
        let back = Windows(self.0.0.iter().enumerate().map(back).collect());
        vec![Some(apply1(Prim::new(WindowSum(back)), &[ct]))]
    }
}

/// `y = max x` over each window of the last axes; NaN if an entry is. What lies beside the operand does not count, and a window that
/// sees nothing else gives −∞, or the least integer. Entries that are equally large share the derivative equally.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowMax(pub Windows);

impl Primitive for WindowMax {
    fn name(&self) -> &str {
        "window_max"
    }
    fn params(&self) -> Params {
        self.0.params()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("window_max", 1, inputs)) };
        refuse_bools("window_max", x)?;
        let (lead, outputs, _) = self.0.over("window_max", &x.shape)?;
        Ok(smallvec![Type::new(x.dtype, [lead, outputs].concat())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![window::max(inputs[0], &self.0.0)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![apply1(Prim::new(self.clone()), &[&x[0]])]
    }
}

impl Jvp for WindowMax {
    /// The mean of the tangents of the largest entries. NaN equals nothing, so where it is the largest the derivative is 0.
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let mean = |t: &Tensor| {
            let ties = apply1(Prim::new(WindowTies(self.0.clone())), &[&x[0], &y[0]]);
            apply1(Prim::new(WindowPick(self.0.clone())), &[&ties, t])
        };
        vec![t[0].as_ref().map(mean)]
    }
}

/// Of each window its taps that equal a number: `x` `[lead…, axes…]` and numbers `[lead…, outputs…]` give bools `[lead…, taps,
/// outputs…]`.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowTies(pub Windows);

impl Primitive for WindowTies {
    fn name(&self) -> &str {
        "window_ties"
    }
    fn params(&self) -> Params {
        self.0.params()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x, y] = inputs else { return Err(operands("window_ties", 2, inputs)) };
        let (lead, outputs, taps) = self.0.over("window_ties", &x.shape)?;
        let expected = Type::new(x.dtype, [&lead[..], &outputs].concat());
        if *y != expected {
            return Err(Error::new("window_ties").expected(expected.to_string()).got(y.to_string()));
        }
        Ok(smallvec![Type::new(DType::Bool, [lead, vec![taps], outputs].concat())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![window::ties(inputs[0], inputs[1], &self.0.0)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Zero
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![apply1(Prim::new(self.clone()), &[&x[0], &x[1]])]
    }
}

/// `y = mean t` over the marked entries of each window, 0 where none is marked; the marks as [`WindowTies`] gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowPick(pub Windows);

/// What is marked, and floats.
fn check_marks(name: &str, marks: &Type, expected: Vec<usize>, t: &Type) -> Result<(), Error> {
    let expected = Type::new(DType::Bool, expected);
    if *marks != expected || !t.dtype.is_float() {
        let got = format!("{marks} and {t}");
        return Err(Error::new(name).expected(format!("{expected} and floats")).got(got));
    }
    Ok(())
}

impl Primitive for WindowPick {
    fn name(&self) -> &str {
        "window_pick"
    }
    fn params(&self) -> Params {
        self.0.params()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[marks, t] = inputs else { return Err(operands("window_pick", 2, inputs)) };
        let (lead, outputs, taps) = self.0.over("window_pick", &t.shape)?;
        check_marks("window_pick", marks, [&lead[..], &[taps], &outputs].concat(), t)?;
        Ok(smallvec![Type::new(t.dtype, [lead, outputs].concat())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![window::pick(inputs[0], inputs[1], &self.0.0)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![apply1(Prim::new(self.clone()), &[&x[0], &x[1]])]
    }
}

impl Transpose for WindowPick {
    fn linear(&self, i: usize) -> bool {
        i == 1
    }
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let first = x[1].rank() - self.0.0.len();
        let share = WindowShare { windows: self.0.clone(), shape: x[1].shape()[first..].to_vec() };
        vec![None, ct[0].as_ref().map(|ct| apply1(Prim::new(share), &[&x[0], ct]))]
    }
}

/// Gives the number of each window in equal parts to its marked entries, and sums what each entry gets: the transpose of
/// [`WindowPick`].
#[derive(Clone, Debug, PartialEq)]
pub struct WindowShare {
    /// Where the windows lie.
    pub windows: Windows,
    /// The lengths of the axes that they slide over.
    pub shape: Vec<usize>,
}

impl Primitive for WindowShare {
    fn name(&self) -> &str {
        "window_share"
    }
    fn params(&self) -> Params {
        let mut params = self.windows.params();
        params.push(("shape", Param::ints(&self.shape)));
        params
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[marks, ct] = inputs else { return Err(operands("window_share", 2, inputs)) };
        let n = self.windows.0.len();
        let (_, outputs, taps) = self.windows.over("window_share", &self.shape)?;
        let lead = ct.shape.rank().checked_sub(n).filter(|_| self.shape.len() == n);
        let lead = lead.filter(|&lead| ct.shape[lead..] == outputs[..]).map(|lead| &ct.shape[..lead]);
        let Some(lead) = lead else {
            let expected = format!("{} last axes", Shape::from(outputs));
            return Err(Error::new("window_share").expected(expected).got(ct.to_string()));
        };
        check_marks("window_share", marks, [lead, &[taps], &outputs].concat(), ct)?;
        Ok(smallvec![Type::new(ct.dtype, [lead, &self.shape].concat())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let lead = inputs[1].rank() - self.shape.len();
        let shape = [&inputs[1].shape()[..lead], &self.shape].concat();
        Ok(smallvec![window::share(inputs[0], inputs[1], &shape, &self.windows.0)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![apply1(Prim::new(self.clone()), &[&x[0], &x[1]])]
    }
}

impl Transpose for WindowShare {
    fn linear(&self, i: usize) -> bool {
        i == 1
    }
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let pick = Prim::new(WindowPick(self.windows.clone()));
        vec![None, ct[0].as_ref().map(|ct| apply1(pick, &[&x[0], ct]))]
    }
}

/// Shapes and windows to try: sizes, strides, widths before and after, dilations.
fn points() -> Vec<(Vec<usize>, Windows)> {
    let window =
        |size, stride, low, high, dilation| Window { size, stride, low, high, dilation, base_dilation: 1 };
    let point = |shape: &[usize], windows: &[Window]| (shape.to_vec(), Windows(windows.to_vec()));
    vec![
        point(&[], &[]),
        point(&[3], &[]),
        point(&[1], &[Window::of(1)]),
        point(&[5], &[window(2, 1, 0, 0, 1)]),
        point(&[2, 7], &[window(3, 2, 1, 1, 1)]),
        point(&[8], &[window(2, 3, -1, 0, 2)]),
        point(&[2, 3, 4], &[window(2, 1, 1, 0, 1), window(2, 2, 0, 0, 1)]),
        point(&[2, 4, 4], &[window(2, 2, 0, 0, 1), window(2, 2, 0, 0, 1)]),
        point(&[0, 3], &[Window::of(2)]),
        point(&[2, 1], &[Window::of(2)]),
    ]
}

pub(super) const SUM: Entry = Entry {
    name: "window_sum",
    parse: |given| Some(Prim::new(WindowSum(Windows::parse(given)?))),
    samples: || {
        let spread = Window { base_dilation: 3, stride: 2, low: 2, high: 1, ..Window::of(3) };
        let both = vec![(vec![2, 4], Windows(vec![spread])), (vec![2, 0], Windows(vec![spread]))];
        let sample = |(shape, windows): (Vec<usize>, Windows)| {
            Sample::new(Prim::new(WindowSum(windows)), [draw(&shape, -1.0, 1.0, 1)])
        };
        points().into_iter().chain(both).map(sample).collect()
    },
};

pub(super) const MAX: Entry = Entry {
    name: "window_max",
    parse: |given| Some(Prim::new(WindowMax(Windows::parse(given)?))),
    samples: || {
        let sample = |(shape, windows): (Vec<usize>, Windows)| {
            Sample::new(Prim::new(WindowMax(windows)), [draw(&shape, -1.0, 1.0, 1)])
        };
        points().into_iter().map(sample).collect()
    },
};

pub(super) const TIES: Entry = Entry {
    name: "window_ties",
    parse: |given| Some(Prim::new(WindowTies(Windows::parse(given)?))),
    samples: || {
        let sample = |(shape, windows): (Vec<usize>, Windows)| {
            let x = draw(&shape, -1.0, 1.0, 1);
            let y = apply1(Prim::new(WindowMax(windows.clone())), &[&x]);
            Sample::new(Prim::new(WindowTies(windows)), [x, y])
        };
        points().into_iter().map(sample).collect()
    },
};

/// The shapes of marks and of results.
fn marked(shape: &[usize], windows: &Windows) -> (Tensor, Vec<usize>) {
    let (lead, outputs, taps) = windows.over("window_pick", shape).expect("a window of these samples");
    (draw_bools(&[&lead[..], &[taps], &outputs].concat(), 3), [lead, outputs].concat())
}

pub(super) const PICK: Entry = Entry {
    name: "window_pick",
    parse: |given| Some(Prim::new(WindowPick(Windows::parse(given)?))),
    samples: || {
        let sample = |(shape, windows): (Vec<usize>, Windows)| {
            let (marks, _) = marked(&shape, &windows);
            Sample::new(Prim::new(WindowPick(windows)), [marks, draw(&shape, -1.0, 1.0, 1)])
        };
        points().into_iter().map(sample).collect()
    },
};

pub(super) const SHARE: Entry = Entry {
    name: "window_share",
    parse: |given| {
        Some(Prim::new(WindowShare { windows: Windows::parse(given)?, shape: given.sizes("shape")? }))
    },
    samples: || {
        let sample = |(shape, windows): (Vec<usize>, Windows)| {
            let (marks, y) = marked(&shape, &windows);
            let shape = shape[shape.len() - windows.0.len()..].to_vec();
            Sample::new(Prim::new(WindowShare { windows, shape }), [marks, draw(&y, -1.0, 1.0, 1)])
        };
        points().into_iter().map(sample).collect()
    },
};
