//! Takes an archive apart as it comes, and believes nothing before its end.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::writer::line;
use super::{BLOCK, Damage, END, FORMAT, MANIFEST, Manifest, SUMS, header, kind, padding};

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    Begin {
        name: String,
        size: u64,
    },
    /// The next bytes of the content that began.
    Bytes(&'a [u8]),
    End,
}

/// An archive on its way in.
#[derive(Debug)]
pub struct Reader {
    state: State,
    manifest: Option<Manifest>,
    seen: HashSet<String>,
    /// What the list at the end must say.
    sums: String,
    /// The name of the last content.
    last: String,
}

#[derive(Debug)]
enum State {
    Header { block: Vec<u8> },
    Content { left: u64, size: u64, role: Role },
    Padding { left: usize, then_end: bool },
    Over { left: usize },
}

/// What a content is for.
#[derive(Debug)]
enum Role {
    /// Kept here, to be looked at.
    Manifest(Vec<u8>),
    Sums(Vec<u8>),
    /// The caller's.
    Other(Sha256),
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            state: State::Header { block: Vec::new() },
            manifest: None,
            seen: HashSet::new(),
            sums: String::new(),
            last: "its beginning".to_owned(),
        }
    }
}

impl Reader {
    /// Takes from the front of `input`; none when it has taken all and more is to come.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Event<'a>>, Damage> {
        loop {
            // Moved on, so that nothing is borrowed; an error ends the reading for good.
            let state = std::mem::replace(&mut self.state, State::Over { left: 0 });
            match state {
                State::Header { mut block } => {
                    block.extend_from_slice(take(input, BLOCK - block.len()));
                    let Ok(whole) = <&[u8; BLOCK]>::try_from(block.as_slice()) else {
                        self.state = State::Header { block };
                        return Ok(None);
                    };
                    if let Some(event) = self.begin(whole)? {
                        return Ok(Some(event));
                    }
                }
                State::Content { left: 0, size, role } => {
                    let theirs = matches!(role, Role::Other(_));
                    let is_sums = matches!(role, Role::Sums(_));
                    self.end(role)?;
                    self.state = State::Padding { left: padding(size), then_end: is_sums };
                    if theirs {
                        return Ok(Some(Event::End));
                    }
                }
                State::Content { left, size, mut role } => {
                    let most = usize::try_from(left).unwrap_or(usize::MAX);
                    let bytes = take(input, most);
                    let left = left - bytes.len() as u64;
                    let theirs = match &mut role {
                        Role::Manifest(kept) | Role::Sums(kept) => {
                            kept.extend_from_slice(bytes);
                            false
                        }
                        Role::Other(hash) => {
                            hash.update(bytes);
                            true
                        }
                    };
                    self.state = State::Content { left, size, role };
                    match bytes {
                        [] => return Ok(None),
                        bytes if theirs => return Ok(Some(Event::Bytes(bytes))),
                        _ => {}
                    }
                }
                State::Padding { left: 0, then_end } => {
                    self.state = match then_end {
                        true => State::Over { left: END },
                        false => State::Header { block: Vec::new() },
                    };
                }
                State::Padding { left, then_end } => {
                    let bytes = self.zeros(input, left)?;
                    self.state = State::Padding { left: left - bytes, then_end };
                    if bytes == 0 {
                        return Ok(None);
                    }
                }
                State::Over { left } => {
                    let bytes = self.zeros(input, left)?;
                    if !input.is_empty() {
                        return Err(header::broken(&self.last));
                    }
                    self.state = State::Over { left: left - bytes };
                    return Ok(None);
                }
            }
        }
    }

    /// It was all: what it says of itself, if it was whole.
    pub fn finish(self) -> Result<Manifest, Damage> {
        match (self.state, self.manifest) {
            (State::Over { left: 0 }, Some(manifest)) => Ok(manifest),
            (State::Header { block }, None) if block.is_empty() => Err(Damage::Foreign),
            _ => Err(Damage::Cut),
        }
    }

    fn begin<'a>(&mut self, block: &[u8; BLOCK]) -> Result<Option<Event<'a>>, Damage> {
        let first = self.manifest.is_none();
        let wrong = |last: &str| if first { Damage::Foreign } else { header::broken(last) };
        let (name, size) = header::read(block).ok_or_else(|| wrong(&self.last))?;
        let role = match name.as_str() {
            MANIFEST if first && size <= MOST_MANIFEST => Role::Manifest(Vec::new()),
            _ if first => return Err(Damage::Foreign),
            SUMS if size == self.sums.len() as u64 => Role::Sums(Vec::new()),
            name if kind(name).is_some() && !self.seen.contains(name) => Role::Other(Sha256::new()),
            _ => return Err(wrong(&self.last)),
        };
        let theirs = matches!(role, Role::Other(_));
        self.state = State::Content { left: size, size, role };
        self.last.clone_from(&name);
        self.seen.insert(name.clone());
        Ok(theirs.then_some(Event::Begin { name, size }))
    }

    fn end(&mut self, role: Role) -> Result<(), Damage> {
        match role {
            Role::Manifest(bytes) => {
                let manifest: Manifest =
                    serde_json::from_slice(&bytes).map_err(|_| Damage::Foreign)?;
                if manifest.format != FORMAT {
                    return Err(Damage::Newer(manifest.format));
                }
                self.sums.push_str(&line(&Sha256::digest(&bytes), MANIFEST));
                self.manifest = Some(manifest);
            }
            Role::Other(hash) => self.sums.push_str(&line(&hash.finalize(), &self.last)),
            Role::Sums(given) => {
                let expected = self.sums.split_inclusive('\n');
                let mut given = given.split_inclusive(|byte| *byte == b'\n');
                for line in expected {
                    if given.next() != Some(line.as_bytes()) {
                        let name = line.trim_end().split_once("  ").map_or("", |(_, name)| name);
                        return Err(Damage::Content(name.to_owned()));
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes at most so many zeros, and finds nothing else.
    fn zeros(&self, input: &mut &[u8], most: usize) -> Result<usize, Damage> {
        let bytes = take(input, most);
        match bytes.iter().all(|byte| *byte == 0) {
            true => Ok(bytes.len()),
            false => Err(header::broken(&self.last)),
        }
    }
}

fn take<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, left) = input.split_at(most.min(input.len()));
    *input = left;
    taken
}

const MOST_MANIFEST: u64 = 4096;
