//! Which names an archive may have in it. A name becomes a path at the restore,
//! so nothing else is let through.

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Database,
    /// A file that somebody sent.
    File,
    /// A key of the server, or a certificate.
    Secret,
}

/// What this name stands for; none when it has no place in an archive.
pub fn kind(name: &str) -> Option<Kind> {
    if name == DATABASE {
        return Some(Kind::Database);
    }
    let (folder, rest) = name.split_once('/')?;
    match folder {
        "files" => is_file(rest).then_some(Kind::File),
        "keys" | "tls" => is_path(rest).then_some(Kind::Secret),
        _ => None,
    }
}

/// An id in hex, as the files are named on the disk.
fn is_file(name: &str) -> bool {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    name.len() == 32 && name.bytes().all(hex)
}

/// A few plain names, one in the other.
fn is_path(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':');
    let part = |part: &str| {
        // What begins with a dot leads elsewhere, or hides.
        !part.is_empty() && !part.starts_with('.') && part.len() <= 100 && part.bytes().all(plain)
    };
    path.split('/').count() <= 3 && path.len() <= 150 && path.split('/').all(part)
}

const DATABASE: &str = "callbox.db";
