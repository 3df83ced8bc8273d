//! A backup: the whole of what the server keeps as one archive, made while it runs.
//!
//! The database is copied first, then read together with the files it knows and
//! the server's keys. All sizes are known before the first byte is sent. What
//! is copied lies beside the database for a moment and has no name while it is
//! read, so that a killed process leaves nothing behind. Nor does a copy that fails.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::files::{Hold, blocking, name};
use super::{Files, Store, StoreError};
use crate::pure::archive::{self, Manifest, Writer};
use crate::pure::wire::FileId;

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("cannot copy the database")]
    Copy(#[from] StoreError),
    #[error("cannot read {}", .0.display())]
    Read(PathBuf, #[source] io::Error),
}

/// A backup on its way out.
#[derive(Debug)]
pub struct Backup {
    work: Option<Box<Work>>,
    left: u64,
    /// Files that the database knows and the disk has not.
    pub missing: usize,
}

#[derive(Debug)]
struct Work {
    writer: Option<Writer>,
    /// Written before anything else.
    first: Vec<u8>,
    queue: VecDeque<Content>,
    current: Option<(Box<dyn Source>, u64)>,
    hold: Hold,
    /// When it was begun.
    seconds: f64,
}

#[derive(Debug)]
struct Content {
    name: String,
    size: u64,
    lies: Lies,
}

/// Where a content lies.
#[derive(Debug)]
enum Lies {
    Open(File),
    File(FileId),
    Bytes(Vec<u8>),
}

trait Source: Read + Send + std::fmt::Debug {}
impl<T: Read + Send + std::fmt::Debug> Source for T {}

impl Backup {
    /// Copies the database, and looks at everything else in this directory.
    pub async fn begin(
        store: &Store,
        files: &Files,
        data: &Path,
        manifest: Manifest,
    ) -> Result<Self, BackupError> {
        let hold = files.hold();
        let copy = data.join(COPY);
        let (database, known) = store.snapshot(&copy).await?;
        let (data, tried) = (data.to_owned(), copy);
        let begun = blocking(move || Ok(Self::plan(&data, database, known, hold, &manifest))).await;
        begun.map_err(|error| BackupError::Read(tried, error))?
    }

    /// Bytes that are left.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// The next bytes; none at the end.
    pub async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let Some(mut work) = self.work.take() else { return Ok(None) };
        let (work, part) = blocking(move || work.part().map(|part| (work, part))).await?;
        if part.is_empty() {
            return Ok(None);
        }
        self.work = Some(work);
        self.left = self.left.saturating_sub(part.len() as u64);
        Ok(Some(part.into()))
    }

    fn plan(
        data: &Path,
        database: File,
        known: Vec<FileId>,
        hold: Hold,
        manifest: &Manifest,
    ) -> Result<Self, BackupError> {
        let unreadable = |error| BackupError::Read(data.join(COPY), error);
        let size = database.metadata().map_err(unreadable)?.len();
        let mut queue = VecDeque::new();
        queue.push_back(Content { name: DATABASE.to_owned(), size, lies: Lies::Open(database) });
        for folder in ["keys", "tls"] {
            secrets(&data.join(folder), folder, &mut queue)?;
        }
        let mut missing = 0;
        for id in known {
            let name = format!("files/{}", name(id));
            match hold.open(id).and_then(|file| file.metadata()) {
                Ok(metadata) => {
                    let size = metadata.len();
                    queue.push_back(Content { name, size, lies: Lies::File(id) });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => missing += 1,
                Err(error) => return Err(BackupError::Read(data.join(name), error)),
            }
        }
        let contents = queue.iter().map(|content| (content.name.as_str(), content.size));
        let left = archive::length(manifest, contents);
        let (writer, first) = Writer::new(manifest);
        let seconds = manifest.created.0 as f64 / 1000.0;
        let work = Work { writer: Some(writer), first, queue, current: None, hold, seconds };
        Ok(Self { work: Some(Box::new(work)), left, missing })
    }
}

impl Work {
    /// The next bytes; nothing at the end.
    fn part(&mut self) -> io::Result<Vec<u8>> {
        let mut part = std::mem::take(&mut self.first);
        while part.len() < PART
            && let Some(writer) = &mut self.writer
        {
            match &mut self.current {
                Some((_, 0)) => {
                    part.resize(part.len() + writer.end(), 0);
                    self.current = None;
                }
                Some((source, left)) => {
                    let length = (*left).min(PART as u64) as usize;
                    let at = part.len();
                    part.resize(at + length, 0);
                    source.read_exact(&mut part[at..])?;
                    writer.take(&part[at..]);
                    *left -= length as u64;
                }
                None => match self.queue.pop_front() {
                    Some(Content { name, size, lies }) => {
                        part.extend_from_slice(&writer.begin(&name, size));
                        let source: Box<dyn Source> = match lies {
                            Lies::Open(file) => Box::new(file),
                            Lies::File(id) => Box::new(self.hold.open(id)?),
                            Lies::Bytes(bytes) => Box::new(io::Cursor::new(bytes)),
                        };
                        self.current = Some((source, size));
                    }
                    None => {
                        part.extend(self.writer.take().map(Writer::finish).unwrap_or_default());
                        metrics::gauge!("callbox_backup_timestamp_seconds").set(self.seconds);
                    }
                },
            }
        }
        Ok(part)
    }
}

/// Everything below a folder of keys, in memory: they are small, and replaced at any time.
fn secrets(folder: &Path, name: &str, queue: &mut VecDeque<Content>) -> Result<(), BackupError> {
    let unreadable = |error| BackupError::Read(folder.to_owned(), error);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(unreadable)?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    for path in paths {
        let last = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{name}/{last}");
        if path.is_dir() {
            secrets(&path, &name, queue)?;
        } else if last.ends_with(".new") || archive::kind(&name).is_none() {
            tracing::debug!(file = %path.display(), "not taken into the backup");
        } else {
            let bytes = match fs::read(&path) {
                // Replaced or removed just now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                bytes => bytes.map_err(|error| BackupError::Read(path, error))?,
            };
            let size = bytes.len() as u64;
            queue.push_back(Content { name, size, lies: Lies::Bytes(bytes) });
        }
    }
    Ok(())
}

const DATABASE: &str = "callbox.db";
const COPY: &str = "backup.db";
/// Read at once.
const PART: usize = 256 * 1024;
