//! A picture.

use super::format::{clipped, facts, short, title};
use super::layout::{Layout, Link};
use super::{Graph, Kind, Node};
use std::fmt::Write as _;

/// The width of a node's box, of the place for the partial before it, and of the space where lines bend.
const BOX: f64 = 124.0;
const LABEL: f64 = 62.0;
const BENDS: f64 = 56.0;
/// Without partials only the arrow's head needs a place.
const ARROW: f64 = 14.0;
const MARGIN: f64 = 16.0;
/// The distance between the arrows that enter one box, and between the lines inside it.
const PORT: f64 = 20.0;
const LINE: f64 = 15.0;
/// Lines in a picture are at least so far apart.
const PASSING: f64 = 12.0;

impl Graph {
    /// The graph as an SVG picture, from the inputs on the left to the output on the right: values and gradients in
    /// the boxes, the partial derivative before each arrow's head. Arrows enter a box in the order of the operands, the
    /// first on top, unless the order is of no matter.
    ///
    /// At most 200 nodes and 40 layers are drawn, those nearest to the output; a note says how many were left out.
    /// The picture has no background and reads on a light or a dark page.
    ///
    /// ```
    /// # use cotangent::{number::{Real, Tape}, view::Graph};
    /// let tape = Tape::new();
    /// let y = tape.var(3.0).label("x").square();
    /// y.backward();
    /// let svg = Graph::of_tape(&tape, &y).svg();
    /// assert!(svg.starts_with("<svg xmlns=") && svg.contains(">grad 6.0000</text>"));
    /// ```
    pub fn svg(&self) -> String {
        let layout = Layout::of(self, |i| box_height(&self.nodes[i]), PASSING);
        let label = if self.nodes.iter().flat_map(|node| &node.operands).any(|edge| edge.partial.is_some()) {
            LABEL
        } else {
            ARROW
        };
        let picture = Picture { graph: self, layout: &layout, label };
        picture.draw()
    }
}

/// The lines of text in a node's box, the first bold.
fn lines(node: &Node) -> Vec<String> {
    let head = match (node.name(), node.symbol()) {
        (Some(name), Some(symbol)) => format!("{name} = {symbol}"),
        _ => title(node),
    };
    std::iter::once(head).chain(facts(node)).collect()
}

fn box_height(node: &Node) -> f64 {
    let text = 14.0 + LINE * lines(node).len() as f64;
    text.max(8.0 + PORT * node.operands.len() as f64)
}

fn commutes(node: &Node) -> bool {
    let Kind::Operation { op, .. } = node.kind else { return false };
    matches!(op, "add" | "mul" | "max" | "min" | "hypot" | "equal")
}

struct Picture<'a> {
    graph: &'a Graph,
    layout: &'a Layout,
    label: f64,
}

impl Picture<'_> {
    /// The left side of a layer's boxes.
    fn x(&self, layer: usize) -> f64 {
        MARGIN + layer as f64 * (BOX + BENDS + self.label)
    }

    fn draw(&self) -> String {
        let note = if self.layout.left_out > 0 { 24.0 } else { 0.0 };
        let stub = if self.layout.left_out > 0 { self.label + BENDS } else { 0.0 };
        let width = self.x(self.layout.layers - 1) + BOX + MARGIN + stub;
        let height = self.layout.height + 2.0 * MARGIN + note;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"{:.0} 0 \
             {width:.0} {height:.0}\" role=\"img\" font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\" \
             font-size=\"12\">\n<title>Computation graph</title>\n<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" \
             refX=\"7.5\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0.5 L8 4 L0 7.5 \
             z\" fill=\"#7c8899\"/></marker></defs>\n<g fill=\"none\" stroke=\"#7c8899\" stroke-width=\"1.4\">\n",
            -stub
        );
        let (ports, stubs) = self.ports();
        for link in &self.layout.passages {
            self.passage(&mut out, *link);
        }
        for ((link, _), port) in self.layout.arrivals.iter().zip(&ports) {
            self.arrival(&mut out, *link, *port);
        }
        for (&item, y) in self.layout.cut.iter().zip(stubs) {
            let x = self.x(self.layout.items[item].layer);
            let _ = writeln!(
                out,
                "<path d=\"M{:.1} {y:.1} H{x:.1}\" stroke-dasharray=\"3 4\" marker-end=\"url(#arrow)\"/>",
                x - self.label
            );
        }
        out.push_str("</g>\n");
        for (item, place) in self.layout.items.iter().enumerate() {
            if place.node.is_some() {
                self.node(&mut out, item);
            }
        }
        for ((link, position), port) in self.layout.arrivals.iter().zip(&ports) {
            self.partial(&mut out, *link, *position, *port);
        }
        if self.layout.left_out > 0 {
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"#7c8899\">{} more nodes, farther from the output, are not \
                 drawn</text>",
                MARGIN - stub,
                height - MARGIN,
                self.layout.left_out
            );
        }
        out.push_str("</svg>\n");
        out
    }

    /// The height at which each edge enters its box: operands from top to bottom, or, where their order is of no matter,
    /// in the order that the lines come in, so that they do not cross. Then the same of the edges from nodes that were
    /// left out.
    fn ports(&self) -> (Vec<f64>, Vec<f64>) {
        let (items, arrivals) = (&self.layout.items, &self.layout.arrivals);
        let mut entering: Vec<Vec<usize>> = vec![Vec::new(); items.len()];
        for (k, item) in
            arrivals.iter().map(|(link, _)| link.to).chain(self.layout.cut.iter().copied()).enumerate()
        {
            entering[item].push(k);
        }
        let mut ports = vec![0.0; arrivals.len() + self.layout.cut.len()];
        for (item, edges) in entering.iter_mut().enumerate() {
            let any_order = items[item].node.is_some_and(|i| commutes(&self.graph.nodes[i]));
            let key = |k: usize| match arrivals.get(k) {
                Some((link, position)) => (if any_order { items[link.from].y } else { 0.0 }, *position),
                None => (f64::INFINITY, k),
            };
            edges.sort_by(|&a, &b| key(a).0.total_cmp(&key(b).0).then(key(a).1.cmp(&key(b).1)));
            for (rank, &k) in edges.iter().enumerate() {
                let shift = rank as f64 - 0.5 * (edges.len() as f64 - 1.0);
                ports[k] = MARGIN + items[item].y + PORT * shift;
            }
        }
        let stubs = ports.split_off(arrivals.len());
        (ports, stubs)
    }

    /// Where a line leaves an item: a box on its right side, a passing line at the end of its column.
    fn start(&self, item: usize) -> (f64, f64) {
        let item = &self.layout.items[item];
        (self.x(item.layer) + BOX, MARGIN + item.y)
    }

    fn passage(&self, out: &mut String, link: Link) {
        let (x0, y0) = self.start(link.from);
        let (x1, y1) = self.start(link.to);
        let bend = x0 + BENDS;
        let _ = writeln!(out, "<path d=\"M{x0:.1} {y0:.1} {} H{x1:.1}\"/>", curve(x0, y0, bend, y1));
    }

    fn arrival(&self, out: &mut String, link: Link, port: f64) {
        let (x0, y0) = self.start(link.from);
        let side = self.x(self.layout.items[link.to].layer);
        let _ = writeln!(
            out,
            "<path d=\"M{x0:.1} {y0:.1} {} H{side:.1}\" marker-end=\"url(#arrow)\"/>",
            curve(x0, y0, x0 + BENDS, port)
        );
    }

    fn partial(&self, out: &mut String, link: Link, position: usize, port: f64) {
        let place = &self.layout.items[link.to];
        let Some(partial) = place.node.and_then(|i| self.graph.nodes[i].operands[position].partial) else {
            return;
        };
        let text = clipped(&short(partial), 9);
        let width = 8.0 + 5.6 * text.chars().count() as f64;
        let x = self.x(place.layer) - 10.0 - 0.5 * width;
        let _ = writeln!(
            out,
            "<g><title>partial derivative {}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" \
             height=\"15\" rx=\"7.5\" fill=\"#e8ecf1\"/><text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"10\" \
             text-anchor=\"middle\" fill=\"#334155\">{}</text></g>",
            escaped(&partial.to_string()),
            x - 0.5 * width,
            port - 7.5,
            port + 3.6,
            escaped(&text)
        );
    }

    fn node(&self, out: &mut String, item: usize) {
        let place = &self.layout.items[item];
        let Some(index) = place.node else { return };
        let node = &self.graph.nodes[index];
        let (x, y) = (self.x(place.layer), MARGIN + place.y - 0.5 * place.height);
        let is_root = index + 1 == self.graph.nodes.len();
        let (fill, stroke, corner) = match node.kind {
            Kind::Input => ("#dbeafe", "#3b82f6", 0.3 * place.height),
            Kind::Constant => ("#f1f5f9", "#94a3b8", 4.0),
            Kind::Operation { .. } if is_root => ("#dcfce7", "#16a34a", 4.0),
            Kind::Operation { .. } => ("#f8fafc", "#64748b", 4.0),
        };
        let lines = lines(node);
        let _ = writeln!(
            out,
            "<g text-anchor=\"middle\" fill=\"#0f172a\"><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" \
             width=\"{BOX}\" height=\"{:.1}\" rx=\"{corner:.1}\" fill=\"{fill}\" stroke=\"{stroke}\" \
             stroke-width=\"1.4\"/>",
            escaped(&lines.join(", ")),
            place.height
        );
        let middle = x + 0.5 * BOX;
        let first = MARGIN + place.y - 0.5 * LINE * (lines.len() as f64 - 1.0) + 4.2;
        for (k, line) in lines.iter().enumerate() {
            let look = if k == 0 { " font-weight=\"bold\"" } else { " font-size=\"11\"" };
            let limit = if k == 0 { 15 } else { 19 };
            let _ = writeln!(
                out,
                "<text x=\"{middle:.1}\" y=\"{:.1}\"{look}>{}</text>",
                first + LINE * k as f64,
                escaped(&clipped(line, limit))
            );
        }
        out.push_str("</g>\n");
    }
}

/// A curve that is level at both ends.
fn curve(x0: f64, y0: f64, x1: f64, y1: f64) -> String {
    if (y1 - y0).abs() < 0.05 {
        return format!("H{x1:.1}");
    }
    let middle = 0.5 * (x0 + x1);
    format!("C{middle:.1} {y0:.1} {middle:.1} {y1:.1} {x1:.1} {y1:.1}")
}

/// Text inside an element or an attribute; what XML does not allow at all becomes a space.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
