//! Reading a finished file, part by part.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;

use super::{Reading, blocking};

/// A finished file, open. It can be read to its end even if it is deleted meanwhile.
#[derive(Debug)]
pub struct FileReader {
    file: File,
    length: u64,
    reading: Reading,
}

/// What is left to be read of a file.
#[derive(Debug)]
pub struct Span {
    file: Arc<File>,
    from: u64,
    to: u64,
    _reading: Reading,
}

impl FileReader {
    pub(super) fn new(file: File, length: u64, reading: Reading) -> Self {
        Self { file, length, reading }
    }

    /// Bytes in the file.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes from the first to before the second; both within the file.
    pub fn span(self, from: u64, to: u64) -> Span {
        Span { file: Arc::new(self.file), from, to, _reading: self.reading }
    }
}

impl Span {
    /// Bytes that are left.
    pub fn left(&self) -> u64 {
        self.to - self.from
    }

    /// The next bytes, few enough to hold; none at the end.
    pub async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let length = self.left().min(PART);
        if length == 0 {
            return Ok(None);
        }
        let (file, from) = (Arc::clone(&self.file), self.from);
        let part = blocking(move || {
            // At most `PART`, which fits.
            let mut part = vec![0; length as usize];
            file.read_exact_at(&mut part, from)?;
            Ok(Bytes::from(part))
        });
        let part = part.await?;
        self.from += length;
        Ok(Some(part))
    }
}

/// Read at once.
const PART: u64 = 128 * 1024;
