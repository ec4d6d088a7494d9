//! Checksums of made-up files: SHA-256 of their contents, and a table that counts blocks by their content.

use std::collections::HashMap;

use rtopt_rust_programs::{build_info, Chance};

const START: [u32; 8] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
];

/// The fractional parts of the cube roots of the first 64 primes, as FIPS 180-4 has them.
fn constants() -> [u32; 64] {
    let mut found = [0; 64];
    let mut count = 0;
    let mut number: u128 = 2;
    while count < 64 {
        if (2..number).take_while(|d| d * d <= number).all(|d| number % d != 0) {
            // The integer root of number * 2^96 is the root of the number times 2^32.
            let wanted = number << 96;
            let (mut low, mut high) = (0u128, 1u128 << 35);
            while high - low > 1 {
                let middle = (low + high) / 2;
                if middle * middle * middle <= wanted { low = middle } else { high = middle }
            }
            found[count] = low as u32;
            count += 1;
        }
        number += 1;
    }
    found
}

fn mixed(state: &mut [u32; 8], block: &[u8], constants: &[u32; 64]) {
    let mut words = [0u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    for n in 16..64 {
        let (early, late) = (words[n - 15], words[n - 2]);
        let first = early.rotate_right(7) ^ early.rotate_right(18) ^ (early >> 3);
        let second = late.rotate_right(17) ^ late.rotate_right(19) ^ (late >> 10);
        words[n] = words[n - 16].wrapping_add(first).wrapping_add(words[n - 7]).wrapping_add(second);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for n in 0..64 {
        let high = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let one = h
            .wrapping_add(high)
            .wrapping_add((e & f) ^ (!e & g))
            .wrapping_add(constants[n])
            .wrapping_add(words[n]);
        let low = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let two = low.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(one), c, b, a, one.wrapping_add(two));
    }
    for (sum, word) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *sum = sum.wrapping_add(word);
    }
}

fn sha256(data: &[u8], constants: &[u32; 64]) -> [u32; 8] {
    let mut state = START;
    let whole = data.chunks_exact(64);
    let mut rest = whole.remainder().to_vec();
    whole.for_each(|block| mixed(&mut state, block, constants));
    rest.push(0x80);
    while rest.len() % 64 != 56 {
        rest.push(0);
    }
    rest.extend_from_slice(&(data.len() as u64 * 8).to_be_bytes());
    rest.chunks_exact(64).for_each(|block| mixed(&mut state, block, constants));
    state
}

fn shown(sum: [u32; 8]) -> String {
    sum.iter().map(|word| format!("{word:08x}")).collect()
}

fn main() {
    if build_info() {
        return;
    }
    let constants = constants();
    // The example of FIPS 180-4: a hash that is none would be measured in vain.
    assert!(shown(sha256(b"abc", &constants)).starts_with("ba7816bf8f01cfea"));
    let mut chance = Chance::new(31);
    let mut blocks: HashMap<[u8; 16], u32> = HashMap::new();
    let mut together = Vec::new();
    for _ in 0..24 {
        let file: Vec<u8> = (0..1 << 20).map(|_| (chance.below(4) * 85) as u8).collect();
        for block in file.chunks_exact(16).step_by(8) {
            *blocks.entry(block.try_into().expect("16 bytes")).or_default() += 1;
        }
        for word in sha256(&file, &constants) {
            together.extend_from_slice(&word.to_be_bytes());
        }
    }
    let most = blocks.values().max().copied().unwrap_or(0);
    println!("{} {} {most}", shown(sha256(&together, &constants)), blocks.len());
}
