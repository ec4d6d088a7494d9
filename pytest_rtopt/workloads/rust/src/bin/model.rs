//! Numbers: fits a line to many points and lets heat spread over a plate, in double precision.

use rtopt_rust_programs::{build_info, Chance};

fn fitted(points: &[(f64, f64)]) -> (f64, f64) {
    let count = points.len() as f64;
    let (mut x, mut y, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0);
    for (left, right) in points {
        x += left;
        y += right;
        xx += left * left;
        xy += left * right;
    }
    let slope = (count * xy - x * y) / (count * xx - x * x);
    (slope, (y - slope * x) / count)
}

fn spread(size: usize, rounds: usize) -> f64 {
    let mut plate = vec![0.0f64; size * size];
    plate[..size].fill(100.0);
    for _ in 0..rounds {
        let before = plate.clone();
        for row in 1..size - 1 {
            for column in 1..size - 1 {
                let here = row * size + column;
                plate[here] =
                    0.25 * (before[here - 1] + before[here + 1] + before[here - size] + before[here + size]);
            }
        }
    }
    plate.iter().sum()
}

fn main() {
    if build_info() {
        return;
    }
    let mut chance = Chance::new(3);
    let points: Vec<(f64, f64)> = (0..2_000_000)
        .map(|_| (chance.below(1000) as f64 / 8.0, chance.below(1000) as f64 / 16.0))
        .collect();
    let (slope, start) = fitted(&points);
    println!("{slope:.6} {start:.6} {:.4}", spread(400, 300));
}
