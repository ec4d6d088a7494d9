//! A command-line tool's day: reads lines of text, takes them apart, groups, sorts and prints a report.

use rtopt_rust_programs::{build_info, Chance};
use std::collections::HashMap;
use std::fmt::Write;

const HOSTS: [&str; 5] = ["alpha", "beta", "gamma", "delta", "epsilon"];

fn written(lines: usize) -> String {
    let mut chance = Chance::new(42);
    let mut text = String::new();
    for number in 0..lines {
        let host = HOSTS[chance.below(5) as usize];
        let user = chance.below(5000);
        let size = chance.below(1_000_000);
        let time = chance.below(10_000) as f64 / 7.0;
        writeln!(text, "{number}\t{host}\tuser-{user}\t{size}\t{time:.3}").expect("memory");
    }
    text
}

struct Tally<'a> {
    user: &'a str,
    lines: u64,
    bytes: u64,
    slowest: f64,
}

fn tallies(text: &str) -> Vec<Tally<'_>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut found: Vec<Tally> = Vec::new();
    for line in text.lines() {
        let mut fields = line.split('\t').skip(1);
        let (Some(host), Some(user), Some(size), Some(time)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        if host.starts_with("delta") {
            continue;
        }
        let place = *places.entry(user).or_insert_with(|| {
            found.push(Tally { user, lines: 0, bytes: 0, slowest: 0.0 });
            found.len() - 1
        });
        let tally = &mut found[place];
        tally.lines += 1;
        tally.bytes += size.parse::<u64>().unwrap_or(0);
        tally.slowest = tally.slowest.max(time.parse::<f64>().unwrap_or(0.0));
    }
    found
}

fn main() {
    if build_info() {
        return;
    }
    let text = written(500_000);
    let mut found = tallies(&text);
    found.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.user.cmp(b.user)));
    for tally in found.iter().take(5) {
        println!("{:<10} {:>5} {:>12} {:>9.3}", tally.user, tally.lines, tally.bytes, tally.slowest);
    }
    println!("{} users, {} bytes of text", found.len(), text.len());
}
