//! The block before each content (POSIX.1-2017, pax, "ustar Interchange Format").

use super::{BLOCK, Damage};

/// The block for a file of its owner only.
pub(super) fn write(name: &str, size: u64, seconds: u64) -> [u8; BLOCK] {
    let (prefix, name) = if name.len() <= NAME { ("", name) } else { split(name) };
    let mut block = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, b"0000600\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, &number(size));
    put(136, &number(seconds));
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(345, prefix.as_bytes());
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// Name and size in a block, if it is one of ours to the last bit.
pub(super) fn read(block: &[u8; BLOCK]) -> Option<(String, u64)> {
    let text = |at: usize, length: usize| {
        let field = &block[at..at + length];
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(length);
        std::str::from_utf8(&field[..end]).ok()
    };
    let (prefix, name) = (text(345, 155)?, text(0, NAME)?);
    let name = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
    let (size, seconds) = (parse(&block[124..136])?, parse(&block[136..148])?);
    let fits = name.len() <= NAME || name.contains('/');
    (fits && write(&name, size, seconds) == *block).then_some((name, size))
}

/// Folder and file of a name that is too long for one field.
fn split(name: &str) -> (&str, &str) {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    (cut(folder, PREFIX), cut(file, NAME))
}

/// Names that could be cut are kept out before; so nothing can write past a field.
fn cut(text: &str, length: usize) -> &str {
    text.get(..length).unwrap_or(text)
}

/// Octal, as ever; what has no room in it as GNU tar writes it, in base 256.
fn number(value: u64) -> [u8; 12] {
    let mut field = [0; 12];
    if value < 1 << 33 {
        field[..11].copy_from_slice(format!("{value:011o}").as_bytes());
    } else {
        field[0] = 0x80;
        field[4..].copy_from_slice(&value.to_be_bytes());
    }
    field
}

fn parse(field: &[u8]) -> Option<u64> {
    if field[0] == 0x80 {
        let bytes = field[4..].try_into().ok()?;
        return Some(u64::from_be_bytes(bytes)).filter(|value| *value <= MOST);
    }
    u64::from_str_radix(std::str::from_utf8(&field[..11]).ok()?, 8).ok()
}

const NAME: usize = 100;
const PREFIX: usize = 155;
/// More than any disk has, and still no sum of it overflows.
const MOST: u64 = 1 << 60;

/// A block that is not ours, after this name.
pub(super) fn broken(after: &str) -> Damage {
    Damage::Structure(after.to_owned())
}
