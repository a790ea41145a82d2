//! Small plots for a terminal, drawn in characters so that several curves can be told apart without colour.

use crate::output::{FAINT, GREEN, Page, RED, YELLOW, columns};
use anstyle::Style;

/// One curve: its name, its mark, and points; those that are not finite are left out.
pub struct Curve<'a> {
    pub name: &'a str,
    pub mark: char,
    pub points: Vec<(f64, f64)>,
}

/// Curves over shared axes.
pub struct Plot<'a> {
    pub curves: Vec<Curve<'a>>,
    /// Rows and columns of the field.
    pub height: usize,
    pub width: usize,
    /// Texts under the axis, at its left and right end and between.
    pub left: String,
    pub right: String,
    pub axis: &'a str,
    /// How to write a height beside the field.
    pub label: fn(f64) -> String,
    /// Where each mark stands alone, as on a scale of decades, or points are joined into a line.
    pub joined: bool,
}

const STYLES: [Style; 3] = [YELLOW, GREEN, RED];

impl Plot<'_> {
    /// Draws into a page. Without a single finite point there is nothing to draw.
    pub fn draw(&self, page: &mut Page) {
        let finite = |p: &&(f64, f64)| p.0.is_finite() && p.1.is_finite();
        let all: Vec<(f64, f64)> =
            self.curves.iter().flat_map(|curve| curve.points.iter().filter(finite).copied()).collect();
        if all.is_empty() || self.width < 2 || self.height < 2 {
            return;
        }
        let (x0, x1) = extent(all.iter().map(|p| p.0));
        let (y0, y1) = extent(all.iter().map(|p| p.1));
        let place = |v: f64, low: f64, high: f64, cells: usize| {
            ((v - low) / (high - low) * (cells - 1) as f64).round() as usize
        };
        // The first curve is drawn last, on top.
        let mut field = vec![vec![None; self.width]; self.height];
        for (i, curve) in self.curves.iter().enumerate().rev() {
            let mut before: Option<(usize, usize)> = None;
            for &(x, y) in curve.points.iter().filter(finite) {
                let (column, row) =
                    (place(x, x0, x1, self.width), self.height - 1 - place(y, y0, y1, self.height));
                if let (true, Some((c, r))) = (self.joined, before) {
                    // Fill the rows between two neighbouring columns, so that a steep curve has no holes.
                    let rows = if r < row { r + 1..row } else { row + 1..r };
                    if column > c {
                        rows.for_each(|r| field[r][column] = Some((i, curve.mark)));
                    }
                }
                field[row][column] = Some((i, curve.mark));
                before = Some((column, row));
            }
        }
        let label = |row: usize| {
            let y = y1 - (y1 - y0) * row as f64 / (self.height - 1) as f64;
            let shown = row.is_multiple_of(4) || row == self.height - 1;
            if shown { (self.label)(y) } else { String::new() }
        };
        let labels: Vec<String> = (0..self.height).map(label).collect();
        let margin = labels.iter().map(|l| columns(l)).max().unwrap_or(0);
        for (label, row) in labels.iter().zip(&field) {
            let tick = if label.is_empty() { '│' } else { '┤' };
            let mut line = format!("  {FAINT}{label:>margin$} {tick}{FAINT:#}");
            let drawn = row.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
            for cell in &row[..drawn] {
                match cell {
                    None => line.push(' '),
                    Some((i, mark)) => {
                        let style = STYLES[i % STYLES.len()];
                        line.push_str(&format!("{style}{mark}{style:#}"));
                    }
                }
            }
            page.line(line);
        }
        let pad = " ".repeat(margin);
        page.line(format_args!("  {FAINT}{pad} └{}{FAINT:#}", "─".repeat(self.width)));
        let between = self.width.saturating_sub(columns(&self.left) + columns(&self.right));
        let axis = format!("{:^between$}", self.axis);
        page.line(format_args!("  {FAINT}{pad}  {}{axis}{}{FAINT:#}", self.left, self.right));
        let legend: Vec<String> = self
            .curves
            .iter()
            .enumerate()
            .filter(|(_, curve)| !curve.name.is_empty())
            .map(|(i, curve)| {
                let style = STYLES[i % STYLES.len()];
                format!("{style}{}{style:#} {}", curve.mark, curve.name)
            })
            .collect();
        if !legend.is_empty() {
            page.line(format_args!("  {pad}  {}", legend.join("   ")));
        }
    }
}

/// The least and the largest, kept apart so that a flat curve has a place.
fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if high > low { (low, high) } else { (low - 0.5, high + 0.5) }
}
