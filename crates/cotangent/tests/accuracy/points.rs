//! Where the functions are tried: every binade, the hard places, and the special numbers.

use super::truth::{F32, Format};
use cotangent::number::function::{BinaryOp, UnaryOp};
use std::f64::consts::{E, FRAC_1_SQRT_2, LN_2, SQRT_2};

/// S. Vigna's splitmix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// From 0 to 1.
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
    fn sign(&mut self) -> f64 {
        if self.bits() & 1 == 0 { 1.0 } else { -1.0 }
    }
    /// Any magnitude between two powers of two.
    fn magnitude(&mut self, low: i32, high: i32) -> f64 {
        let exponent = self.between(f64::from(low), f64::from(high)).floor();
        (1.0 + self.unit()) * 2_f64.powf(exponent / 2.0) * 2_f64.powf(exponent - exponent / 2.0)
    }
}

/// Zeros, infinities, NaN, and both ends of the range.
pub fn specials(format: Format) -> Vec<f64> {
    let one = [1.0, 0.5, 2.0, 1.5, 3.0, format.smallest(), format.smallest_normal(), format.largest()];
    let one = one.into_iter().chain([format.smallest_normal() - format.smallest(), 0.0, f64::INFINITY]);
    one.flat_map(|x| [x, -x]).chain([f64::NAN]).collect()
}

/// Where something happens to one of the functions: zeros, turns, steps, borders of the kernels' ways, thresholds of overflow and underflow.
const CENTRES: &[f64] = &[
    1e-8,
    6e-5,
    0.02,
    0.1,
    0.25,
    0.414_213_562_373_095,
    0.5,
    0.625,
    LN_2,
    FRAC_1_SQRT_2,
    0.843_75,
    0.881_373_587_019_543,
    1.0,
    1.25,
    1.316_957_896_924_816_6,
    SQRT_2,
    1.461_632_144_968_362_3,
    1.5,
    2.0,
    2.457_024_738_220_800_5,
    2.5,
    E,
    2.747_682_646_727_412_5,
    2.857_142_857_142_857,
    3.0,
    4.0,
    5.0,
    5.863_584_748_755_168,
    6.0,
    7.0,
    8.0,
    9.0,
    9.19,
    10.0,
    12.5,
    13.3,
    17.329,
    18.0,
    18.714_973_875_118_524,
    20.0,
    22.0,
    26.543_259_454_250_4,
    27.226,
    36.7,
    37.5,
    38.5,
    40.0,
    64.0,
    87.336_544_750_553_1,
    88.722_839_052_068_35,
    89.415_986_232_628_3,
    103.972,
    126.0,
    128.0,
    149.0,
    150.0,
    171.0,
    708.396_418_532_264,
    709.782_712_893_384,
    710.475_860_073_943_9,
    745.133_219_101_941,
    800.0,
    1022.0,
    1024.0,
    1074.0,
    4096.0,
    1_647_097.0,
    4_194_304.0,
    8_388_608.0,
    16_777_216.0,
    4_503_599_627_370_496.0,
    9_007_199_254_740_992.0,
];

/// For functions of one number, without the special numbers; `times` more than usual.
pub fn unary(op: UnaryOp, format: Format, times: usize) -> Vec<[f64; 1]> {
    let mut random = Random(op.name().bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte)));
    let mut points = Vec::new();
    // Every binade of f32, many times; of f64 every one in a dense sweep, else every eighth.
    let (step, each) = if format == F32 { (1, 8 * times) } else { (if times > 1 { 1 } else { 8 }, times) };
    for exponent in (format.least - format.digits + 1..=format.most).step_by(step) {
        points.extend((0..each).map(|_| random.sign() * random.magnitude(exponent, exponent + 1)));
    }
    let turns =
        [0.5, 1.0, 1.5, 2.0, 3.5, 10.0, 1001.5, 524_287.5, 1e9 + 0.5].map(|k| k * std::f64::consts::PI);
    for centre in CENTRES.iter().chain(&turns) {
        for sign in [1.0, -1.0] {
            let centre = sign * centre;
            points.extend([centre, centre.next_up(), centre.next_down()]);
            for _ in 0..2 * times {
                let distance = random.magnitude(-50, -1) * random.sign();
                points.push(centre * (1.0 + distance));
            }
        }
    }
    for range in [1.0, 4.0, 12.0, 40.0, 110.0, 750.0] {
        points.extend((0..30 * times).map(|_| random.between(-range, range)));
    }
    finish(points.into_iter().map(|x| [x]), format)
}

/// For functions of two numbers.
pub fn binary(op: BinaryOp, format: Format, times: usize) -> Vec<[f64; 2]> {
    let mut random = Random(op.name().bytes().fold(11, |sum, byte| sum * 31 + u64::from(byte)));
    let mut points = Vec::new();
    for _ in 0..150 * times {
        let mut any = |low: i32, high: i32| random.sign() * random.magnitude(low, high);
        points.push([any(-2, 3), any(-2, 3)]);
        points.push([any(-40, 40), any(-40, 40)]);
        points.push([any(format.least, format.most), any(format.least, format.most)]);
        // Of nearly one size.
        let a = any(format.least, format.most);
        let distance = any(-40, 2);
        points.push([a, a * (1.0 + distance)]);
        points.push([random.between(-9.0, 9.0).round(), random.between(-9.0, 9.0).round()]);
        // Powers of every size: a^b = 2^t.
        let base = if random.sign() > 0.0 {
            random.magnitude(-20, 20)
        } else {
            1.0 + random.between(-1.0, 1.0) * 2_f64.powf(random.between(-30.0, -1.0))
        };
        let most = f64::from(format.most + 2);
        points.push([base, random.between(-most - 25.0, most) / base.log2()]);
        points.push([-random.magnitude(-4, 4), random.between(-200.0, 200.0).round()]);
    }
    finish(points.into_iter(), format)
}

/// Rounded to the format; finite, not zero, in order of magnitude and once each.
fn finish<const N: usize>(points: impl Iterator<Item = [f64; N]>, format: Format) -> Vec<[f64; N]> {
    let round = |x: f64| if format == F32 { f64::from(x as f32) } else { x };
    let usable = |x: &[f64; N]| x.iter().all(|x| x.is_finite() && *x != 0.0);
    let mut points: Vec<[f64; N]> = points.map(|x| x.map(round)).filter(usable).collect();
    points.sort_by(|a, b| {
        a[0].abs().total_cmp(&b[0].abs()).then_with(|| a.map(f64::to_bits).cmp(&b.map(f64::to_bits)))
    });
    points.dedup();
    points
}
