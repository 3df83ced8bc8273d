//! Makes an archive, piece by piece.

use sha2::{Digest, Sha256};

use super::{BLOCK, END, MANIFEST, Manifest, SUMS, header, padding};

/// Says what comes around the contents, which the caller writes between.
#[derive(Debug)]
pub struct Writer {
    seconds: u64,
    sums: String,
    /// The content under way: its name, its size, and the hash of what has come.
    current: Option<(String, u64, Sha256)>,
}

impl Writer {
    /// Begins, with the first bytes to write.
    pub fn new(manifest: &Manifest) -> (Self, Vec<u8>) {
        let seconds = manifest.created.0 / 1000;
        let mut writer = Self { seconds, sums: String::new(), current: None };
        let bytes = manifest.bytes();
        let mut first = writer.begin(MANIFEST, bytes.len() as u64).to_vec();
        writer.take(&bytes);
        first.extend_from_slice(&bytes);
        first.resize(first.len() + writer.end(), 0);
        (writer, first)
    }

    /// The block before a content of exactly this size.
    pub fn begin(&mut self, name: &str, size: u64) -> [u8; BLOCK] {
        debug_assert!(self.current.is_none(), "one content after the other");
        self.current = Some((name.to_owned(), size, Sha256::new()));
        header::write(name, size, self.seconds)
    }

    /// A part of the content, which the caller writes.
    pub fn take(&mut self, bytes: &[u8]) {
        if let Some((_, _, hash)) = &mut self.current {
            hash.update(bytes);
        }
    }

    /// How many zeros follow the content.
    pub fn end(&mut self) -> usize {
        let Some((name, size, hash)) = self.current.take() else { return 0 };
        self.sums.push_str(&line(&hash.finalize(), &name));
        padding(size)
    }

    /// The last bytes to write.
    pub fn finish(self) -> Vec<u8> {
        let size = self.sums.len();
        let mut last = header::write(SUMS, size as u64, self.seconds).to_vec();
        last.extend_from_slice(self.sums.as_bytes());
        last.resize(last.len() + padding(size as u64) + END, 0);
        last
    }
}

/// The bytes of an archive with these names and sizes.
pub fn length<'a>(manifest: &Manifest, contents: impl Iterator<Item = (&'a str, u64)>) -> u64 {
    let whole = |size: u64| BLOCK as u64 + size + padding(size) as u64;
    let first = (MANIFEST, manifest.bytes().len() as u64);
    let (mut length, mut sums) = (END as u64, 0);
    for (name, size) in std::iter::once(first).chain(contents) {
        length += whole(size);
        sums += (64 + 2 + name.len() + 1) as u64;
    }
    length + whole(sums)
}

/// As `sha256sum` writes it.
pub(super) fn line(hash: &[u8], name: &str) -> String {
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}  {name}\n")
}
