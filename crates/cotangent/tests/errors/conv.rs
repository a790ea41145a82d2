//! Convolutions and windows that do not fit.

use super::*;
use cotangent::core::{Prim, apply1};
use cotangent::op::{Conv, ConvGeneral, Pool, Window, WindowSum, Windows};

fn image(shape: [usize; 4]) -> Tensor {
    Tensor::zeros::<f32>(shape)
}

#[test]
fn convolutions() {
    check(&[
        case!(
            "no batch",
            Tensor::zeros::<f32>([3, 8, 8]).conv2d(&image([4, 3, 3, 3]), Conv::new()),
            &[
                "`conv2d` at FILE:+2: expected an operand [batch, channels, height, width], got f32[3,8,8]",
                "  help: `unsqueeze(0)` makes it a batch of one"
            ]
        ),
        case!(
            "rank",
            Tensor::zeros::<f32>([3, 8]).conv2d(&image([4, 3, 3, 3]), Conv::new()),
            &["`conv2d` at FILE:+2: expected an operand [batch, channels, height, width], got f32[3,8]"]
        ),
        case!(
            "weight rank",
            image([1, 3, 8, 8]).conv2d(&Tensor::zeros::<f32>([3, 3]), Conv::new()),
            &[
                "`conv2d` at FILE:+2: expected a weight [features, channels/groups, height, width], got f32[3,3]"
            ]
        ),
        case!(
            "dtypes",
            image([1, 3, 8, 8]).conv2d(&Tensor::zeros::<f64>([4, 3, 3, 3]), Conv::new()),
            &[
                "`conv2d` at FILE:+2: expected equal dtypes, got f32[1,3,8,8] and f64[4,3,3,3]",
                "  help: dtypes never change silently: convert the left one with `.to(DType::F64)`"
            ]
        ),
        case!(
            "bools",
            image([1, 1, 2, 2]).greater(0f32).conv2d(&image([1, 1, 2, 2]).greater(0f32), Conv::new()),
            &[
                "`conv2d` at FILE:+2: expected numbers, got bool[1,1,2,2] and bool[1,1,2,2]",
                "  help: convert first: `.to(DType::F32)`"
            ]
        ),
        case!(
            "channels",
            image([1, 3, 8, 8]).conv2d(&image([4, 2, 3, 3]), Conv::new()),
            &[
                "`conv2d` at FILE:+2: expected a weight for the 3 channels of f32[1,3,8,8], got f32[4,2,3,3]",
                "  help: a weight is [features, channels/groups, height, width]"
            ]
        ),
        case!(
            "channels of a group",
            image([1, 4, 8, 8]).conv2d(&image([4, 4, 3, 3]), Conv::new().groups(2)),
            &[
                "`conv2d` at FILE:+2: expected a weight for 2 channels, those of f32[1,4,8,8] in 2 groups, got f32[4,4,3,3]",
                "  help: a weight is [features, channels/groups, height, width]"
            ]
        ),
        case!(
            "groups of channels",
            image([1, 3, 8, 8]).conv2d(&image([4, 1, 3, 3]), Conv::new().groups(2)),
            &[
                "`conv2d` at FILE:+2: expected channels in 2 equal groups, got f32[4,1,3,3]",
                "  help: f32[1,3,8,8] has 3 channels: use groups that divide it"
            ]
        ),
        case!(
            "groups of features",
            image([1, 4, 8, 8]).conv2d(&image([3, 2, 3, 3]), Conv::new().groups(2)),
            &[
                "`conv2d` at FILE:+2: expected features in 2 equal groups, got f32[3,2,3,3]",
                "  help: the first axis of the weight must be a multiple of the groups"
            ]
        ),
        case!(
            "no groups",
            image([1, 4, 8, 8]).conv2d(&image([3, 2, 3, 3]), Conv::new().groups(0)),
            &[
                "`conv2d` at FILE:+2: expected at least one group, got 0",
                "  help: 1 is the default; as many as channels is a depthwise convolution"
            ]
        ),
        case!(
            "stride",
            image([1, 3, 8, 8]).conv2d(&image([4, 3, 3, 3]), Conv::new().stride(0)),
            &["`conv2d` at FILE:+2: expected a stride of at least 1, got 0", "  help: 1 is every place"]
        ),
        case!(
            "strides",
            image([1, 3, 8, 8]).conv2d(&image([4, 3, 3, 3]), Conv::new().stride([1, 2, 3])),
            &["`conv2d` at FILE:+2: expected one stride, or 2, got 3"]
        ),
        case!(
            "paddings",
            image([1, 3, 8, 8]).conv2d(&image([4, 3, 3, 3]), Conv::new().padding([1, 2, 3])),
            &["`conv2d` at FILE:+2: expected one padding, or 2, got 3"]
        ),
        case!(
            "large kernel",
            image([1, 3, 4, 8]).conv2d(&image([4, 3, 3, 3]), Conv::new().dilation(2)),
            &[
                "`conv2d` at FILE:+2: expected a kernel that fits into axis 2, 4 long with its padding, got f32[4,3,3,3], which reaches over 5",
                "  help: more `padding`, or `Padding::Same`, makes room"
            ]
        ),
        case!(
            "output padding",
            image([1, 3, 4, 8]).conv2d(&image([4, 3, 3, 3]), Conv::new().output_padding(1)),
            &[
                "`conv2d` at FILE:+2: expected no output padding, got [1]",
                "  help: it is for transposed convolutions; `padding` is around the operand"
            ]
        ),
        case!(
            "transposed channels",
            image([1, 3, 8, 8]).conv_transpose2d(&image([4, 3, 3, 3]), Conv::new()),
            &[
                "`conv_transpose2d` at FILE:+2: expected a weight for the 3 channels of f32[1,3,8,8], got f32[4,3,3,3]",
                "  help: a transposed weight is [channels, features/groups, height, width]"
            ]
        ),
        case!(
            "transposed output padding",
            image([1, 3, 8, 8])
                .conv_transpose2d(&image([3, 3, 3, 3]), Conv::new().stride(2).output_padding(2)),
            &[
                "`conv_transpose2d` at FILE:+3: expected an output padding less than the stride or the dilation, got 2 with stride 2 and dilation 1",
                "  help: a greater stride gives a larger result"
            ]
        ),
        case!(
            "transposed output padding of the first axis alone",
            image([1, 3, 8, 8])
                .conv_transpose2d(&image([3, 3, 3, 3]), Conv::new().stride(2).output_padding([2, 1])),
            &[
                "`conv_transpose2d` at FILE:+3: expected an output padding less than the stride or the dilation, got 2 with stride 2 and dilation 1",
                "  help: a greater stride gives a larger result"
            ]
        ),
        case!(
            "transposed groups",
            image([1, 3, 8, 8]).conv_transpose2d(&image([3, 3, 3, 3]), Conv::new().groups(2)),
            &[
                "`conv_transpose2d` at FILE:+2: expected channels in 2 equal groups, got f32[3,3,3,3]",
                "  help: f32[1,3,8,8] has 3 channels: use groups that divide it"
            ]
        ),
        case!(
            "primitive",
            {
                let conv = ConvGeneral { feature_groups: 2, batch_groups: 2, ..ConvGeneral::plain(2) };
                apply1(Prim::new(conv), &[&image([2, 2, 3, 3]), &image([2, 1, 2, 2])])
            },
            &["`conv_general` at FILE:+4: expected groups of features or of batches, not both, got 2 and 2"]
        ),
    ]);
}

#[test]
fn windows() {
    check(&[
        case!(
            "no batch",
            Tensor::zeros::<f32>([3, 8]).max_pool1d(2),
            &[
                "`max_pool1d` at FILE:+2: expected an operand [batch, channels, length], got f32[3,8]",
                "  help: `unsqueeze(0)` makes it a batch of one"
            ]
        ),
        case!(
            "large window",
            image([1, 3, 4, 8]).max_pool2d(5),
            &[
                "`max_pool2d` at FILE:+2: expected a window that fits into axis 2, 4 long with its padding, got 5",
                "  help: a smaller window, or `Padding::Same`; `adaptive_avg_pool1d` and `2d` take the size of the result"
            ]
        ),
        case!(
            "no window",
            image([1, 3, 4, 8]).max_pool2d([2, 0]),
            &[
                "`max_pool2d` at FILE:+2: expected a window of at least 1, got 0",
                "  help: a window of 1 is one entry"
            ]
        ),
        case!(
            "padding",
            image([1, 3, 4, 8]).avg_pool2d(Pool::window(2).padding(2)),
            &[
                "`avg_pool2d` at FILE:+2: expected less padding than a window reaches over, 2, got 2 at axis 2",
                "  help: a window that lies in the padding sees nothing"
            ]
        ),
        case!(
            "integers",
            Tensor::zeros::<i32>([1, 1, 4]).avg_pool1d(2),
            &[
                "`avg_pool1d` at FILE:+2: expected floats, got i32[1,1,4]",
                "  help: convert first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "bools",
            Tensor::zeros::<bool>([1, 1, 4]).max_pool1d(2),
            &[
                "`window_max` at FILE:+2: expected numbers, got bool[1,1,4]",
                "  help: convert first: `.to(DType::I64)`"
            ]
        ),
        case!(
            "nothing",
            image([1, 1, 0, 4]).adaptive_avg_pool2d(2),
            &[
                "`adaptive_avg_pool2d` at FILE:+2: expected entries to average, got f32[1,1,0,4]",
                "  help: nothing has no mean"
            ]
        ),
        case!(
            "sizes",
            image([1, 1, 4, 4]).adaptive_avg_pool2d([1, 2, 3]),
            &["`adaptive_avg_pool2d` at FILE:+2: expected one size, or 2, got 3"]
        ),
        case!(
            "primitive",
            apply1(Prim::new(WindowSum(Windows(vec![Window::of(2); 3]))), &[&Tensor::from([1.0, 2.0])]),
            &["`window_sum` at FILE:+2: expected at least 3 axes, got [2]"]
        ),
    ]);
}
