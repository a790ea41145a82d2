//! Which expressions are altered, and how.

use quote::{ToTokens, format_ident, quote};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, FnArg, ImplItem, Item, ItemImpl, Lit, Pat, Signature, UnOp, parse_quote};

/// One alteration of one expression.
pub struct Mutant {
    pub id: u32,
    pub file: String,
    pub line: usize,
    pub function: String,
    pub change: String,
    pub code: String,
    /// What `equivalent.txt` knows it by: everything but the line, and a count where that is ambiguous.
    pub key: String,
}

impl Mutant {
    pub fn describe(&self) -> String {
        format!("{}:{}: {}: {}: `{}`", self.file, self.line, self.function, self.change, self.code)
    }
}

/// What is altered and which tests must notice.
pub struct Suite {
    pub name: &'static str,
    /// Files and those of their functions that are altered, besides the rules, which are found.
    files: &'static [(&'static str, &'static [&'static str])],
    /// The test binaries, run in this order up to the first failure.
    pub tests: &'static [&'static str],
}

pub const SUITES: [Suite; 2] = [
    Suite { name: "numbers", files: &CENTRAL, tests: &["agreement"] },
    Suite {
        name: "tensors",
        files: &TENSORS,
        tests: &[
            "laws",
            "linear",
            "operations",
            "rules",
            "tensors",
            "pytorch",
            "oracle_tensors",
            "layout",
            "reductions",
            "linalg",
            "random",
            "errors",
        ],
    },
];

/// The rules of operations: altered in every file of op/, wherever they are.
const RULES: [&str; 6] = ["transpose", "jvp", "batch", "linear", "linearize", "partial"];

/// What the rules of tensors call, and what they pass through.
const TENSORS: [(&str, &[&str]); 22] = [
    ("op/reduce.rs", &["shifted", "kept"]),
    ("op/layout.rs", &["axis_to"]),
    ("op/scatter.rs", &["last"]),
    ("op/dot.rs", &["cotangent", "ranks", "free"]),
    ("op/conv.rs", &["left", "right", "extents", "extent", "split", "join", "flipped"]),
    ("op/convolve.rs", &["forward", "backward"]),
    ("op/linalg/mod.rs", &["side_by_side", "symmetric", "inverse_above", "inverse_gaps"]),
    ("op/linalg/cholesky.rs", &["half_lower"]),
    ("op/linalg/triangular.rs", &["counted"]),
    ("op/linalg/lu.rs", &["corners", "ordered"]),
    ("op/linalg/solve.rs", &["solve"]),
    ("op/linear_call.rs", &["forward"]),
    ("op/call.rs", &["all_batched"]),
    ("core/elementwise.rs", &["batch_elementwise", "reads"]),
    ("core/single.rs", &["value", "pull", "plus", "visit"]),
    ("transform/cotangent.rs", &["of", "add", "add_tensors", "into_tensor"]),
    ("transform/jvp.rs", &["jvp", "jvp_primitive", "times", "add_to"]),
    ("transform/pullback.rs", &["pullback", "derived", "accumulate"]),
    ("transform/transpose.rs", &["transpose", "transpose_equation"]),
    ("transform/vjp.rs", &["vjp", "call", "pull"]),
    ("transform/vmap.rs", &["vmap", "batch_primitive"]),
    ("eager/backward.rs", &["sweep", "see"]),
];

/// The engines' central pieces: files and those of their functions that derivatives pass through.
const CENTRAL: [(&str, &[&str]); 8] = [
    ("number/function/mod.rs", &["scale", "into_number", "is_constant_zero"]),
    (
        "number/dual.rs",
        &[
            "seeded",
            "constant",
            "chain",
            "scaled",
            "is_zero",
            "is_finite",
            "unary",
            "binary",
            "binary_right",
            "binary_left",
            "select",
            "lift",
        ],
    ),
    (
        "number/tape.rs",
        &["jvp", "vjp", "unary", "binary", "constant_right", "constant_left", "backward_from", "sweep"],
    ),
    ("number/var.rs", &["lift", "is_zero", "unary", "binary", "binary_right", "binary_left", "select"]),
    (
        "number/taylor.rs",
        &[
            "derivative",
            "seeded",
            "constant",
            "solve",
            "map_higher",
            "product",
            "quotient",
            "product_power",
            "power",
            "run",
            "convolution",
            "integral",
            "unary",
            "binary",
            "binary_right",
            "binary_left",
            "select",
        ],
    ),
    ("number/recurrence.rs", &["solve", "coefficient", "rule"]),
    ("number/expr/differentiate.rs", &["differentiate", "gradient"]),
    ("number/expr/guard.rs", &["under", "scale", "sum", "choice", "written"]),
];

/// Functions of one number and what each is replaced by.
const SIBLINGS: [(&str, &str); 24] = [
    ("sin", "cos"),
    ("cos", "sin"),
    ("sinh", "cosh"),
    ("cosh", "sinh"),
    ("exp", "exp2"),
    ("ln", "log2"),
    ("sqrt", "cbrt"),
    ("recip", "square"),
    ("square", "clone"),
    ("recip", "clone"),
    ("sqrt", "clone"),
    ("sigmoid", "tanh"),
    ("erfc", "erf"),
    ("digamma", "lgamma"),
    ("trunc", "round"),
    ("trunc", "floor"),
    ("sign", "relu"),
    ("greater", "less"),
    ("less", "greater"),
    ("equal", "greater"),
    ("one", "zero"),
    ("zero", "one"),
    ("is_finite", "is_zero"),
    ("is_zero", "is_finite"),
];

/// All files that may have something to alter.
pub fn files(src: &Path, suite: &Suite) -> Result<Vec<PathBuf>, String> {
    let rules = src.join(if suite.name == "tensors" { "op" } else { "number/function" });
    let mut files = Vec::new();
    sources(&rules, &mut files)?;
    files.extend(suite.files.iter().map(|(file, _)| src.join(file)));
    files.sort();
    files.dedup();
    Ok(files)
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let say = |e: std::io::Error| format!("{}: {e}", folder.display());
    for entry in fs::read_dir(folder).map_err(say)? {
        let path = entry.map_err(say)?.path();
        if path.is_dir() {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The file with all alterations in it; those in `dropped` keep their number and are left out.
pub fn file(
    suite: &Suite,
    name: &str,
    text: &str,
    dropped: &BTreeSet<u32>,
    mutants: &mut Vec<Mutant>,
) -> Result<String, String> {
    let mut syntax = syn::parse_file(text).map_err(|e| format!("{name}: {e}"))?;
    let tensors = suite.name == "tensors";
    let listed = suite.files.iter().find(|(file, _)| *file == name).map(|(_, functions)| functions.to_vec());
    // A list can be forgotten when a function gets another name.
    for function in listed.iter().flatten() {
        if !text.contains(&format!("fn {function}(")) && !text.contains(&format!("fn {function}<")) {
            return Err(format!("{name} has no function `{function}` any more: see the lists in alter.rs"));
        }
    }
    let central = if tensors && name.starts_with("op/") {
        Some(listed.unwrap_or_default().into_iter().chain(RULES).collect())
    } else {
        listed
    };
    let before = mutants.len();
    let mut alter = Alter {
        file: name.to_string(),
        central,
        function: None,
        owner: String::new(),
        in_receiver: false,
        rule: None,
        tensors,
        dropped,
        mutants,
    };
    alter.visit_file_mut(&mut syntax);
    number_repeated_keys(&mut mutants[before..]);
    Ok(prettyplease::unparse(&syntax))
}

fn number_repeated_keys(mutants: &mut [Mutant]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for mutant in mutants {
        let count = seen.entry(mutant.key.clone()).or_default();
        *count += 1;
        if *count > 1 {
            mutant.key = format!("{} #{count}", mutant.key);
        }
    }
}

/// The kind of rule that is being read: it decides which operands can be mistaken for one another.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    Unary,
    Binary,
    Helper,
}

struct Alter<'a> {
    file: String,
    /// The functions of a central file to alter; `None` in a file of rules.
    central: Option<Vec<&'static str>>,
    /// The function being altered.
    function: Option<String>,
    /// The type whose method it is.
    owner: String,
    /// Is the expression one whose kind alone counts, such as `x` in `x.zero()`?
    in_receiver: bool,
    rule: Option<Rule>,
    /// Are these rules of tensors?
    tensors: bool,
    dropped: &'a BTreeSet<u32>,
    mutants: &'a mut Vec<Mutant>,
}

/// Is this a condition that binds names?
fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// A change's name and the altered expression.
type Alternative = (String, Expr);

fn alternative(change: impl Into<String>, expr: Expr) -> Alternative {
    (change.into(), expr)
}

fn source(expr: &impl Spanned, fallback: &impl ToTokens) -> String {
    let text = expr.span().source_text().unwrap_or_else(|| fallback.to_token_stream().to_string());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Alter<'_> {
    /// Notes the alternatives and gives the arms that choose them.
    fn arms(&mut self, line: usize, code: &str, alternatives: Vec<Alternative>) -> Vec<syn::Arm> {
        let function = self.function.clone().unwrap_or_default();
        let mut arms = Vec::new();
        for (change, altered) in alternatives {
            let id = self.mutants.last().map_or(1, |m| m.id + 1);
            let key = format!("{} {function}: {change}: `{code}`", self.file);
            self.mutants.push(Mutant {
                id,
                file: self.file.clone(),
                line,
                function: function.clone(),
                change,
                code: code.to_string(),
                key,
            });
            if !self.dropped.contains(&id) {
                arms.push(parse_quote! { #id => { #altered } });
            }
        }
        arms
    }

    fn alternatives(&self, expr: &Expr) -> Vec<Alternative> {
        match expr {
            Expr::Binary(binary) => self.of_binary(binary),
            Expr::Unary(unary) => {
                let inner = &unary.expr;
                match unary.op {
                    UnOp::Neg(_) => vec![alternative("− dropped", parse_quote! { (#inner) })],
                    UnOp::Not(_) => vec![alternative("! dropped", parse_quote! { (#inner) })],
                    _ => Vec::new(),
                }
            }
            Expr::Lit(literal) => self.of_literal(&literal.lit),
            Expr::Path(path) => self.of_path(path),
            Expr::MethodCall(call) => self.of_method(call),
            Expr::Call(call) => self.of_call(call),
            _ => Vec::new(),
        }
    }

    fn of_binary(&self, binary: &syn::ExprBinary) -> Vec<Alternative> {
        let (l, r) = (&binary.left, &binary.right);
        let integer = matches!(&**r, Expr::Lit(lit) if matches!(lit.lit, Lit::Int(_)));
        let rule = self.rule.is_some() && !integer;
        let zero = |op: proc_macro2::TokenStream, c: f64| -> Expr {
            parse_quote! {{ let left = #l; crate::number::Real::lift(&left, #c) #op #r }}
        };
        match binary.op {
            BinOp::Add(_) => {
                let mut all = vec![
                    alternative("+ to −", parse_quote! { (#l) - (#r) }),
                    alternative("right term dropped", parse_quote! { #l }),
                ];
                if rule {
                    all.push(alternative("left term dropped", zero(quote!(+), 0.0)));
                }
                all
            }
            BinOp::Sub(_) => {
                let mut all = vec![
                    alternative("− to +", parse_quote! { (#l) + (#r) }),
                    alternative("right term dropped", parse_quote! { #l }),
                ];
                if rule {
                    all.push(alternative("left term dropped", zero(quote!(-), 0.0)));
                    all.push(alternative("operands swapped", parse_quote! { -((#l) - (#r)) }));
                }
                all
            }
            BinOp::Mul(_) => {
                let mut all = vec![
                    alternative("· to /", parse_quote! { (#l) / (#r) }),
                    alternative("right factor dropped", parse_quote! { #l }),
                ];
                if rule {
                    all.push(alternative("left factor dropped", zero(quote!(*), 1.0)));
                }
                all
            }
            BinOp::Div(_) => {
                let mut all = vec![
                    alternative("/ to ·", parse_quote! { (#l) * (#r) }),
                    alternative("divisor dropped", parse_quote! { #l }),
                ];
                if rule {
                    all.push(alternative("dividend dropped", zero(quote!(/), 1.0)));
                    let swapped = parse_quote! { crate::number::Real::recip(&((#l) / (#r))) };
                    all.push(alternative("operands swapped", swapped));
                }
                all
            }
            BinOp::And(_) => vec![alternative("&& to ||", parse_quote! { (#l) || (#r) })],
            BinOp::Or(_) => vec![alternative("|| to &&", parse_quote! { (#l) && (#r) })],
            BinOp::Eq(_) => vec![alternative("== to !=", parse_quote! { (#l) != (#r) })],
            BinOp::Ne(_) => vec![alternative("!= to ==", parse_quote! { (#l) == (#r) })],
            BinOp::Lt(_) => vec![alternative("< to >=", parse_quote! { (#l) >= (#r) })],
            BinOp::Ge(_) => vec![alternative(">= to <", parse_quote! { (#l) < (#r) })],
            BinOp::Le(_) => vec![alternative("<= to >", parse_quote! { (#l) > (#r) })],
            BinOp::Gt(_) => vec![alternative("> to <=", parse_quote! { (#l) <= (#r) })],
            _ => Vec::new(),
        }
    }

    fn of_literal(&self, literal: &Lit) -> Vec<Alternative> {
        match literal {
            Lit::Float(c) => match c.base10_parse::<f64>() {
                Ok(0.0) => vec![alternative("0 to 1", parse_quote! { 1.0 })],
                _ => vec![
                    alternative("constant doubled", parse_quote! { (2.0 * #c) }),
                    alternative("constant's sign", parse_quote! { (-#c) }),
                ],
            },
            Lit::Int(n) => match n.base10_parse::<u64>() {
                Ok(value) => {
                    let next = syn::LitInt::new(&(value + 1).to_string(), n.span());
                    vec![alternative(format!("{value} to {}", value + 1), parse_quote! { #next })]
                }
                Err(_) => Vec::new(),
            },
            Lit::Bool(value) if self.tensors => {
                let other = !value.value;
                vec![alternative(format!("{} to {other}", value.value), parse_quote! { #other })]
            }
            _ => Vec::new(),
        }
    }

    fn of_path(&self, path: &syn::ExprPath) -> Vec<Alternative> {
        let Some(rule) = self.rule else { return Vec::new() };
        let Some(name) = path.path.segments.last().map(|s| s.ident.to_string()) else { return Vec::new() };
        if name.len() > 1 && name.chars().all(|c| !c.is_lowercase()) {
            return vec![
                alternative("constant doubled", parse_quote! { (2.0 * #path) }),
                alternative("constant's sign", parse_quote! { (-#path) }),
            ];
        }
        let others: &[&str] = match (rule, &*name) {
            _ if self.in_receiver => &[],
            (Rule::Unary, "x") => &["y"],
            (Rule::Unary, "y") => &["x"],
            (Rule::Binary, "a") => &["b", "y"],
            (Rule::Binary, "b") => &["a", "y"],
            (Rule::Binary, "y") => &["a", "b"],
            _ => &[],
        };
        let swap = |other: &&str| {
            let ident = format_ident!("{other}");
            alternative(format!("{name} to {other}"), parse_quote! { #ident })
        };
        others.iter().map(swap).collect()
    }

    fn of_method(&self, call: &syn::ExprMethodCall) -> Vec<Alternative> {
        let (receiver, method, arguments) = (&call.receiver, call.method.to_string(), &call.args);
        let mut all = Vec::new();
        let siblings = SIBLINGS.iter().filter(|(from, _)| *from == method);
        for (_, to) in siblings {
            let to_ident = format_ident!("{to}");
            let altered = parse_quote! { (#receiver).#to_ident(#arguments) };
            all.push(alternative(format!("{method} to {to}"), altered));
        }
        match &*method {
            "sum_over" if self.tensors => {
                let altered = parse_quote! { crate::mutant::first_over(&(#receiver), #arguments) };
                all.push(alternative("sum dropped", altered));
            }
            "matmul" | "solve_lower" if self.tensors && arguments.len() == 1 => {
                let (argument, name) = (&arguments[0], &call.method);
                let altered = parse_quote! { (#argument).#name(&(#receiver)) };
                all.push(alternative("operands swapped", altered));
            }
            "permuted" | "t" if self.tensors => {
                all.push(alternative("axes left as they are", parse_quote! { (#receiver).clone() }));
            }
            "take" if self.tensors && arguments.is_empty() => {
                // A cotangent that is read and stays: it counts again.
                all.push(alternative("take to clone", parse_quote! { (#receiver).clone() }));
            }
            "greater" if self.rule.is_some() => {
                let altered =
                    parse_quote! { (#receiver).greater(#arguments) + (#receiver).equal(#arguments) };
                all.push(alternative("> to ≥", altered));
            }
            "select" if arguments.len() == 2 => {
                let (then, otherwise) = (&arguments[0], &arguments[1]);
                let altered = parse_quote! { (#receiver).select(#otherwise, #then) };
                all.push(alternative("branches swapped", altered));
            }
            "powi" | "pow" if self.rule.is_some() && arguments.len() == 1 => {
                all.push(alternative("power dropped", parse_quote! { (#receiver).clone() }));
            }
            "into_partial" => {
                if let Expr::MethodCall(rule) = &**receiver {
                    let other = match &*rule.method.to_string() {
                        "da" => "db",
                        "db" => "da",
                        _ => return all,
                    };
                    let mut rule = rule.clone();
                    rule.method = format_ident!("{other}");
                    let altered = parse_quote! { (#rule).into_partial() };
                    all.push(alternative("da and db swapped", altered));
                }
            }
            _ => {}
        }
        all
    }

    /// `Real::add(a, b)` and its like.
    fn of_call(&self, call: &syn::ExprCall) -> Vec<Alternative> {
        let name = call.func.to_token_stream().to_string().replace(' ', "");
        if self.tensors {
            return self.of_tensor_call(&name, call);
        }
        let other = match &*name {
            "Real::add" => "sub",
            "Real::sub" => "add",
            "Real::mul" => "div",
            "Real::div" => "mul",
            _ => return Vec::new(),
        };
        let other = format_ident!("{other}");
        let (l, r) = (&call.args[0], &call.args[1]);
        vec![
            alternative(format!("{name} to {other}"), parse_quote! { Real::#other(#l, #r) }),
            alternative("right operand dropped", parse_quote! { Clone::clone(#l) }),
            alternative("left operand dropped", parse_quote! { Clone::clone(#r) }),
        ]
    }

    /// Accumulations that forget what was there, and rules for the other operand.
    fn of_tensor_call(&self, name: &str, call: &syn::ExprCall) -> Vec<Alternative> {
        let arguments = &call.args;
        match name {
            "accumulate" | "transform::accumulate" if arguments.len() == 2 => {
                let (sum, term) = (&arguments[0], &arguments[1]);
                let altered = parse_quote! { crate::mutant::overwrite(#sum, #term) };
                vec![alternative("accumulation dropped", altered)]
            }
            "add_to" if arguments.len() == 2 => {
                let (sum, term) = (&arguments[0], &arguments[1]);
                let altered = parse_quote! { crate::mutant::overwrite_some(#sum, #term) };
                vec![alternative("accumulation dropped", altered)]
            }
            _ => Vec::new(),
        }
    }

    fn alter_function(&mut self, signature: &mut Signature, block: &mut syn::Block, owner: &str) {
        let name = signature.ident.to_string();
        let wanted = match &self.central {
            Some(functions) => functions.contains(&&*name),
            None => ["df", "da", "db", "one_minus_square"].contains(&&*name),
        };
        if !wanted || self.function.is_some() {
            return;
        }
        self.rule = match &*name {
            _ if self.central.is_some() => None,
            "df" => Some(Rule::Unary),
            "da" | "db" => Some(Rule::Binary),
            _ => Some(Rule::Helper),
        };
        if self.rule.is_some() {
            // Every parameter can take another's place.
            for argument in &mut signature.inputs {
                if let FnArg::Typed(argument) = argument
                    && let Pat::Ident(pattern) = &mut *argument.pat
                {
                    pattern.ident = format_ident!("{}", pattern.ident.to_string().trim_start_matches('_'));
                }
            }
        }
        self.function = Some(if owner.is_empty() { name.clone() } else { format!("{owner}::{name}") });
        visit_mut::visit_block_mut(self, block);
        if self.tensors && self.file.starts_with("op/") && ["transpose", "jvp", "cotangent"].contains(&&*name)
        {
            // The whole rule with its sign changed, and doubled.
            let line = signature.span().start().line;
            let scaled = |factor: f64| -> Expr {
                parse_quote! { crate::mutant::Scaled::scaled(found, #factor) }
            };
            let alternatives = vec![alternative("sign", scaled(-1.0)), alternative("factor 2", scaled(2.0))];
            let arms = self.arms(line, &name, alternatives);
            let output = match &signature.output {
                syn::ReturnType::Type(_, ty) => ty.clone(),
                syn::ReturnType::Default => parse_quote! { () },
            };
            let inner = block.clone();
            *block = parse_quote! {{
                let found: #output = (|| #inner)();
                match crate::mutant::id() { #(#arms)* _ => found }
            }};
        }
        self.function = None;
        self.rule = None;
    }

    /// A whole rule with its sign changed, doubled, and exchanged with the one of the other operand.
    fn alter_whole_rule(
        &mut self,
        name: &str,
        line: usize,
        original: &syn::Block,
        other: Option<&syn::Block>,
    ) -> Vec<syn::Arm> {
        let code = source(original, original);
        let mut alternatives = Vec::new();
        let zero = original.to_token_stream().to_string().contains("Constant (0.0)")
            && original.stmts.len() == 1
            && code.len() < 20;
        if !zero {
            alternatives.push(alternative("sign", parse_quote! { crate::mutant::scaled(partial, -1.0) }));
            alternatives.push(alternative("factor 2", parse_quote! { crate::mutant::scaled(partial, 2.0) }));
        }
        if let Some(other) = other
            && other.to_token_stream().to_string() != original.to_token_stream().to_string()
        {
            let altered = parse_quote! { crate::number::function::IntoPartial::<R>::into_partial(#other) };
            alternatives.push(alternative("the other operand's rule", altered));
        }
        self.function = Some(name.to_string());
        let arms = self.arms(line, &code, alternatives);
        self.function = None;
        arms
    }
}

impl VisitMut for Alter<'_> {
    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        self.owner = item.self_ty.to_token_stream().to_string().split(' ').next().unwrap_or("").to_string();
        let owner = self.owner.clone();
        let rules = self.central.is_none() && item.trait_.is_some();
        let originals: BTreeMap<String, syn::Block> = item
            .items
            .iter()
            .filter_map(|i| match i {
                ImplItem::Fn(f) => Some((f.sig.ident.to_string(), f.block.clone())),
                _ => None,
            })
            .collect();
        for part in &mut item.items {
            let ImplItem::Fn(f) = part else { continue };
            self.alter_function(&mut f.sig, &mut f.block, &owner);
            let name = f.sig.ident.to_string();
            if !rules || !["df", "da", "db"].contains(&&*name) {
                continue;
            }
            let other = match &*name {
                "da" => originals.get("db"),
                "db" => originals.get("da"),
                _ => None,
            };
            let line = f.sig.span().start().line;
            let arms = self.alter_whole_rule(&format!("{owner}::{name}"), line, &originals[&name], other);
            let block = &f.block;
            f.block = parse_quote! {{
                let partial = crate::number::function::IntoPartial::<R>::into_partial(#block);
                match crate::mutant::id() { #(#arms)* _ => partial }
            }};
            // See `scratch::write` on inlining.
            f.attrs.retain(|a| !a.path().is_ident("inline"));
        }
    }

    fn visit_item_mut(&mut self, item: &mut Item) {
        match item {
            Item::Fn(f) => {
                self.alter_function(&mut f.sig, &mut f.block, "");
            }
            Item::Impl(_) | Item::Mod(_) => visit_mut::visit_item_mut(self, item),
            _ => {}
        }
    }

    /// A length within a type is no expression of the rule.
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}

    fn visit_generic_argument_mut(&mut self, _: &mut syn::GenericArgument) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if self.function.is_none() {
            return;
        }
        // `let … && …` stands where it is: it cannot be an arm of a choice.
        let alternatives = if has_let(expr) { Vec::new() } else { self.alternatives(expr) };
        let line = expr.span().start().line;
        let code = source(expr, expr);
        let arms = self.arms(line, &code, alternatives);
        match expr {
            // In `x.zero()` only the kind of number counts.
            Expr::MethodCall(call) if ["zero", "one", "lift"].contains(&&*call.method.to_string()) => {
                let before = std::mem::replace(&mut self.in_receiver, true);
                visit_mut::visit_expr_method_call_mut(self, call);
                self.in_receiver = before;
            }
            // The function that is called is no operand.
            Expr::Call(call) => call.args.iter_mut().for_each(|a| self.visit_expr_mut(a)),
            // A length is a constant, which no run can alter.
            Expr::Repeat(repeat) => self.visit_expr_mut(&mut repeat.expr),
            _ => visit_mut::visit_expr_mut(self, expr),
        }
        if !arms.is_empty() {
            *expr = parse_quote! { (match crate::mutant::id() { #(#arms)* _ => #expr }) };
        }
    }
}
