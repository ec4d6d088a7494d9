//! Regular expressions over made-up logs: a small matcher that follows all states at once (Thompson 1968), so that no
//! expression takes longer than its length times that of the text.

use rtopt_rust_programs::{build_info, Chance};

enum Step {
    Class([bool; 256]),
    Split(usize, usize),
    Jump(usize),
    Match,
}

struct Program {
    steps: Vec<Step>,
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    steps: Vec<Step>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Alternatives, as in `a|b`.
    fn alternatives(&mut self) {
        let start = self.steps.len();
        self.sequence();
        while self.peek() == Some(b'|') {
            self.at += 1;
            self.insert(start, |end| Step::Split(start + 1, end + 1));
            let jump = self.steps.len();
            self.steps.push(Step::Match);
            self.sequence();
            self.steps[jump] = Step::Jump(self.steps.len());
        }
    }

    fn sequence(&mut self) {
        while !matches!(self.peek(), None | Some(b'|' | b')')) {
            let start = self.steps.len();
            self.atom();
            match self.peek() {
                Some(b'*') => {
                    self.at += 1;
                    self.insert(start, |end| Step::Split(start + 1, end + 1));
                    self.steps.push(Step::Jump(start));
                }
                Some(b'+') => {
                    self.at += 1;
                    self.steps.push(Step::Split(start, self.steps.len() + 1));
                }
                Some(b'?') => {
                    self.at += 1;
                    self.insert(start, |end| Step::Split(start + 1, end));
                }
                _ => {}
            }
        }
    }

    /// Puts a step before those from `start` on, whose targets move with them; `step` is given where they end then.
    fn insert(&mut self, start: usize, step: impl Fn(usize) -> Step) {
        for moved in &mut self.steps[start..] {
            match moved {
                Step::Split(one, other) => (*one, *other) = (*one + 1, *other + 1),
                Step::Jump(target) => *target += 1,
                _ => {}
            }
        }
        let end = self.steps.len() + 1;
        self.steps.insert(start, step(end));
    }

    fn atom(&mut self) {
        let byte = self.text[self.at];
        self.at += 1;
        match byte {
            b'(' => {
                self.alternatives();
                self.at += 1;
            }
            b'[' => {
                let mut class = [false; 256];
                while self.text[self.at] != b']' {
                    let low = self.text[self.at];
                    let range = self.text[self.at + 1] == b'-';
                    let high = if range { self.text[self.at + 2] } else { low };
                    class[usize::from(low)..=usize::from(high)].fill(true);
                    self.at += if range { 3 } else { 1 };
                }
                self.at += 1;
                self.steps.push(Step::Class(class));
            }
            b'.' => self.steps.push(Step::Class([true; 256])),
            _ => {
                let mut class = [false; 256];
                class[usize::from(byte)] = true;
                self.steps.push(Step::Class(class));
            }
        }
    }
}

fn compiled(expression: &str) -> Program {
    let mut parser = Parser { text: expression.as_bytes(), at: 0, steps: Vec::new() };
    parser.alternatives();
    parser.steps.push(Step::Match);
    Program { steps: parser.steps }
}

/// The states to be in, each once, in the order in which they were reached.
struct States {
    list: Vec<usize>,
    mark: Vec<u32>,
    round: u32,
}

impl States {
    fn new(count: usize) -> Self {
        States { list: Vec::with_capacity(count), mark: vec![0; count], round: 1 }
    }

    fn clear(&mut self) {
        self.list.clear();
        self.round += 1;
    }

    fn add(&mut self, program: &Program, state: usize) {
        if self.mark[state] == self.round {
            return;
        }
        self.mark[state] = self.round;
        match program.steps[state] {
            Step::Jump(target) => self.add(program, target),
            Step::Split(one, other) => {
                self.add(program, one);
                self.add(program, other);
            }
            _ => self.list.push(state),
        }
    }
}

/// How often the expression ends somewhere in the line, however it began.
fn ends(program: &Program, line: &[u8], now: &mut States, next: &mut States) -> usize {
    let mut count = 0;
    now.clear();
    for byte in line {
        now.add(program, 0);
        next.clear();
        for &state in &now.list {
            if let Step::Class(class) = &program.steps[state] {
                if class[usize::from(*byte)] {
                    next.add(program, state + 1);
                }
            }
        }
        count += usize::from(next.list.iter().any(|&state| matches!(program.steps[state], Step::Match)));
        std::mem::swap(now, next);
    }
    count
}

fn found(expression: &str, line: &str) -> usize {
    let program = compiled(expression);
    let (mut now, mut next) = (States::new(program.steps.len()), States::new(program.steps.len()));
    ends(&program, line.as_bytes(), &mut now, &mut next)
}

const EXPRESSIONS: [&str; 5] = [
    "[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+",
    "(error|warning): [a-z]+( [a-z]+)? failed",
    "GET /(api|static)/[a-z/]*[.](js|css|html?)",
    "user=[a-z]+[0-9]*@[a-z]+[.]example",
    "(retry|timeout).*after [0-9]+ m?s",
];

fn line(chance: &mut Chance) -> String {
    let words = ["disk", "cache", "login", "upload", "index"];
    let mut word = || words[chance.below(5) as usize];
    let (one, other) = (word(), word());
    match chance.below(6) {
        0 => format!("10.{}.{}.7 GET /api/{one}/{other}.js", chance.below(256), chance.below(256)),
        1 => format!("error: {one} {other} failed"),
        2 => format!("warning: {one} slow, retry of {other} after {} ms", chance.below(900)),
        3 => format!("user={one}{}@{other}.example logged in", chance.below(90)),
        4 => format!("GET /static/{one}.htm from 192.168.{}.1", chance.below(256)),
        _ => format!("{one} and {other} are fine, {} requests", chance.below(10_000)),
    }
}

fn main() {
    if build_info() {
        return;
    }
    // A matcher that finds nothing would be fast.
    assert!(found("a(b|cd)*e?f", "xabcdbf acdef af") == 3 && found("a+b", "b ac") == 0);
    let mut chance = Chance::new(5);
    let lines: Vec<String> = (0..40_000).map(|_| line(&mut chance)).collect();
    for expression in EXPRESSIONS {
        let program = compiled(expression);
        let (mut now, mut next) = (States::new(program.steps.len()), States::new(program.steps.len()));
        let counts: Vec<usize> =
            lines.iter().map(|line| ends(&program, line.as_bytes(), &mut now, &mut next)).collect();
        let matched = counts.iter().filter(|count| **count > 0).count();
        let sum = counts.iter().fold(0u32, |sum, count| sum.rotate_left(3) ^ *count as u32);
        println!("{expression} {matched} {sum:08x}");
    }
}
