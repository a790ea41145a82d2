//! The functions of `tables/conv.txt` with the library's operations.

use crate::functions::Function;
use crate::table::Params;
use cotangent::core::{Prim, apply1};
use cotangent::op::{Conv, ConvGeneral, Padding, Pool, Window, WindowMax, WindowSum, Windows};

fn pairs(p: &Params) -> Vec<(isize, isize)> {
    p.many("low").into_iter().zip(p.many("high")).collect()
}

fn padding(p: &Params) -> Padding {
    if p.has("padding") { Padding::Same } else { Padding::Widths(pairs(p)) }
}

fn conv(p: &Params) -> Conv {
    let conv = Conv::new().stride(p.many::<usize>("stride")).dilation(p.many::<usize>("dilation"));
    conv.padding(padding(p)).groups(p.one("groups"))
}

fn back(p: &Params) -> Conv {
    conv(p).output_padding(p.many::<usize>("more"))
}

fn general(p: &Params) -> Prim {
    Prim::new(ConvGeneral {
        stride: p.many("stride"),
        padding: pairs(p).into_iter().map(|(low, high)| (low as i64, high as i64)).collect(),
        base_dilation: p.many("base"),
        dilation: p.many("dilation"),
        feature_groups: p.one("features"),
        batch_groups: p.one("batches"),
        reverse: false,
    })
}

fn windows(p: &Params) -> Windows {
    let sizes: Vec<usize> = p.many("window");
    let base: Vec<usize> = if p.has("base") { p.many("base") } else { vec![1; sizes.len()] };
    let (stride, dilation) = (p.many("stride"), p.many("dilation"));
    let window = |(i, (low, high)): (usize, (isize, isize))| Window {
        size: sizes[i],
        stride: stride[i],
        low: low as i64,
        high: high as i64,
        base_dilation: base[i],
        dilation: dilation[i],
    };
    Windows(pairs(p).into_iter().enumerate().map(window).collect())
}

fn pool(p: &Params) -> Pool {
    let pool = Pool::window(p.many::<usize>("window")).stride(p.many::<usize>("stride"));
    let pool = pool.dilation(p.many::<usize>("dilation")).padding(padding(p));
    if p.has("count") { pool.count_padding(p.one("count")) } else { pool }
}

pub fn named(name: &str) -> Option<Function> {
    let f: Function = match name {
        "conv_general" => |x, p| apply1(general(p), &[&x[0], &x[1]]),
        "conv1d" => |x, p| x[0].conv1d(&x[1], conv(p)),
        "conv2d" => |x, p| x[0].conv2d(&x[1], conv(p)),
        "conv_transpose1d" => |x, p| x[0].conv_transpose1d(&x[1], back(p)),
        "conv_transpose2d" => |x, p| x[0].conv_transpose2d(&x[1], back(p)),
        "window_sum" => |x, p| apply1(Prim::new(WindowSum(windows(p))), &[&x[0].sin()]),
        "window_max" => |x, p| apply1(Prim::new(WindowMax(windows(p))), &[&x[0].sin()]),
        "max_of" => |x, p| apply1(Prim::new(WindowMax(windows(p))), &[&x[0]]),
        "max_pool1d" => |x, p| x[0].sin().max_pool1d(pool(p)),
        "max_pool2d" => |x, p| x[0].sin().max_pool2d(pool(p)),
        "avg_pool1d" => |x, p| x[0].sin().avg_pool1d(pool(p)),
        "avg_pool2d" => |x, p| x[0].sin().avg_pool2d(pool(p)),
        "adaptive_avg_pool1d" => |x, p| x[0].sin().adaptive_avg_pool1d(p.one("size")),
        "adaptive_avg_pool2d" => |x, p| x[0].sin().adaptive_avg_pool2d(p.many::<usize>("size")),
        _ => return None,
    };
    Some(f)
}
