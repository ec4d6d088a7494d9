//! Searches text for words, without regard to case, and counts lines, words and letters.

use rtopt_rust_programs::{build_info, Chance};

const WORDS: [&str; 12] = [
    "Error", "warning", "closed", "Opened", "connection", "timeout", "retry", "user", "cache", "miss", "hit", "done",
];

fn written(lines: usize) -> Vec<u8> {
    let mut chance = Chance::new(7);
    let mut text = Vec::new();
    for _ in 0..lines {
        for _ in 0..4 + chance.below(8) {
            text.extend_from_slice(WORDS[chance.below(12) as usize].as_bytes());
            text.push(b' ');
        }
        text.push(b'\n');
    }
    text
}

fn contains(line: &[u8], word: &[u8]) -> bool {
    line.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

fn main() {
    if build_info() {
        return;
    }
    let text = written(220_000);
    let mut matched = [0usize; 4];
    for line in text.split(|byte| *byte == b'\n') {
        for (count, word) in matched.iter_mut().zip(["ERROR", "timeout conn", "hit miss", "retry done"]) {
            *count += usize::from(contains(line, word.as_bytes()));
        }
    }
    let letters = text.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
    let sum = text.iter().fold(0u32, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte));
    println!("{matched:?} {letters} {words} {sum:08x}");
}
