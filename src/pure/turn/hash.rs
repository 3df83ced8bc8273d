//! Hashing with a secret seed: the keys of our tables are addresses that a
//! sender may choose, so it must not be able to predict where they fall.

use std::hash::{BuildHasher, Hasher};

/// Makes hashers that share a seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seed(pub(super) u64, pub(super) u64);

/// Folds each word into the state by a 128-bit product, whose upper half
/// mixes what a plain product would leave to the low bits.
pub(super) struct Folding {
    state: u64,
    key: u64,
}

impl BuildHasher for Seed {
    type Hasher = Folding;

    fn build_hasher(&self) -> Folding {
        Folding { state: self.0, key: self.1 | 1 }
    }
}

impl Hasher for Folding {
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let word = chunk.try_into().expect("a chunk has 8 bytes");
            self.write_u64(u64::from_le_bytes(word));
        }
        let rest = chunks.remainder();
        let mut word = [0; 8];
        word[..rest.len()].copy_from_slice(rest);
        self.write_u64(u64::from_le_bytes(word) ^ rest.len() as u64);
    }

    fn write_u8(&mut self, n: u8) {
        self.write_u64(n.into());
    }

    fn write_u16(&mut self, n: u16) {
        self.write_u64(n.into());
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(n.into());
    }

    fn write_u64(&mut self, n: u64) {
        self.state = fold(self.state ^ n, self.key);
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }

    fn finish(&self) -> u64 {
        fold(self.state, self.key.rotate_left(32))
    }
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b ^ 0x9E37_79B9_7F4A_7C15);
    (product as u64) ^ ((product >> 64) as u64)
}
