//! The form of a backup: a tar archive (POSIX ustar) that begins with what it
//! is and ends with the SHA-256 of everything in it.
//!
//! `callbox-backup.json`, `callbox.db`, then `files/`, `keys/` and `tls/`, then
//! `SHA256SUMS`, which `sha256sum -c` reads too. The reader takes nothing that
//! the writer would not have written, byte for byte: no other names, no links,
//! nothing twice, nothing behind the end. Neither holds a file in memory.

mod header;
mod name;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use serde::{Deserialize, Serialize};

use crate::pure::wire::Millis;

pub use name::{Kind, kind};
pub use reader::{Event, Reader};
pub use writer::{Writer, length};

/// What an archive says of itself, first of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Which form this is; another one has another meaning.
    pub format: u32,
    /// The version of the server that made it.
    pub version: String,
    pub created: Millis,
}

impl Manifest {
    /// Of an archive in the form of this version.
    pub fn new(version: &str, created: Millis) -> Self {
        Self { format: FORMAT, version: version.to_owned(), created }
    }

    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a text and numbers are JSON")
    }
}

/// Why an archive is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    #[error("this is not a backup of callbox")]
    Foreign,
    #[error("this backup has form {0}; a newer version of callbox made it")]
    Newer(u32),
    #[error("the backup is damaged: it stops before its end")]
    Cut,
    #[error("the backup is damaged, or was changed: {0} has another content than when it was made")]
    Content(String),
    #[error("the backup is damaged, or was changed: its structure is broken after {0}")]
    Structure(String),
}

const FORMAT: u32 = 1;
const MANIFEST: &str = "callbox-backup.json";
const SUMS: &str = "SHA256SUMS";
const BLOCK: usize = 512;
/// Two empty blocks, as every tar archive ends.
const END: usize = 2 * BLOCK;

/// Zeros between a content and the next block.
fn padding(size: u64) -> usize {
    let over = (size % BLOCK as u64) as usize;
    if over == 0 { 0 } else { BLOCK - over }
}
