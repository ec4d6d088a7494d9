//! A history of commands as a shell's companion keeps it for months: it takes entries, forgets the oldest, and completes
//! what is typed, letter by letter, by how often and how lately a command was used.

use std::collections::{BTreeMap, HashMap, VecDeque};

use rtopt_rust_programs::{build_info, Chance};

const KEPT: usize = 20_000;

#[derive(Default)]
struct History {
    entries: VecDeque<String>,
    uses: BTreeMap<String, (u32, u64)>,
    places: HashMap<String, u32>,
    clock: u64,
}

impl History {
    fn add(&mut self, command: String, place: String) {
        self.clock += 1;
        let used = self.uses.entry(command.clone()).or_default();
        *used = (used.0 + 1, self.clock);
        *self.places.entry(place).or_default() += 1;
        self.entries.push_back(command);
        if self.entries.len() > KEPT {
            let oldest = self.entries.pop_front().expect("there are entries");
            if let Some(used) = self.uses.get_mut(&oldest) {
                used.0 -= 1;
                if used.0 == 0 {
                    self.uses.remove(&oldest);
                }
            }
        }
    }

    fn completed(&self, typed: &str) -> Vec<&str> {
        let mut found: Vec<_> = self
            .uses
            .range(typed.to_owned()..)
            .take_while(|(command, _)| command.starts_with(typed))
            .map(|(command, (count, last))| (u64::from(*count) * 50 + last / 100, command.as_str()))
            .collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(5);
        found.into_iter().map(|(_, command)| command).collect()
    }
}

fn command(chance: &mut Chance) -> String {
    let verbs = ["git commit", "git push", "cargo build", "cargo test", "ls", "cd", "ssh", "nix build", "vim", "rg"];
    format!("{} {}-{}", verbs[chance.below(10) as usize], chance.below(40), chance.below(90))
}

fn main() {
    if build_info() {
        return;
    }
    let mut chance = Chance::new(77);
    let mut history = History::default();
    let mut sum = 0u32;
    for number in 0..60_000 {
        let typed = command(&mut chance);
        if number % 200 == 0 {
            for length in 1..typed.len() {
                for found in history.completed(&typed[..length]) {
                    sum = found.bytes().fold(sum, |sum, byte| sum.rotate_left(5) ^ u32::from(byte));
                }
            }
        }
        history.add(typed, format!("/home/me/project-{}", chance.below(300)));
    }
    let busiest = history.places.values().max().copied().unwrap_or(0);
    println!("{} {} {busiest} {sum:08x}", history.entries.len(), history.uses.len());
}
