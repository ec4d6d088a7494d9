//! What the programs share: their answer about how they were built, and numbers by chance that are always the same.

/// Answers `--build-info` and says whether it was asked.
pub fn build_info() -> bool {
    let asked = std::env::args().nth(1).as_deref() == Some("--build-info");
    if asked {
        println!("build script: {}", env!("RTOPT_BUILD_SCRIPT"));
    }
    asked
}

/// A generator of pseudo-random numbers (xorshift64*, Vigna 2014).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 33) % limit
    }
}
