//! The directory with the sealed files: 0700, the files 0600, named by their id in hex.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

use crate::pure::wire::FileId;

/// Where the files lie.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    directory: PathBuf,
}

/// What became of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Written,
    Same,
    Differs,
}

impl Disk {
    /// Makes the directory when it is missing.
    pub(super) fn open(directory: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        Ok(Self { directory: directory.to_owned() })
    }

    /// Makes a file with all the room it will need, so that a disk that is too
    /// full says so before anything is sent.
    pub(super) fn make(&self, id: FileId, length: u64) -> io::Result<()> {
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.path(id));
        let file = match made {
            // The same upload begun twice.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            made => made?,
        };
        match fallocate(&file, FallocateFlags::empty(), 0, length) {
            // Not every file system can; there, a full disk shows at a chunk.
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => file.set_len(length),
            made => Ok(made?),
        }
    }

    /// Writes a chunk, down to the disk.
    pub(super) fn write(&self, id: FileId, offset: u64, chunk: &[u8]) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(self.path(id))?;
        file.write_all_at(chunk, offset)?;
        file.sync_data()
    }

    /// Whether this chunk is the one that is there.
    pub(super) fn compare(&self, id: FileId, offset: u64, chunk: &[u8]) -> io::Result<Kept> {
        let mut there = vec![0; chunk.len()];
        self.read(id)?.read_exact_at(&mut there, offset)?;
        Ok(if there == chunk { Kept::Same } else { Kept::Differs })
    }

    /// Makes sure that the file and its name survive a power cut.
    pub(super) fn settle(&self, id: FileId) -> io::Result<()> {
        File::open(self.path(id))?.sync_all()?;
        File::open(&self.directory)?.sync_all()
    }

    /// Opens a file for reading.
    pub(super) fn read(&self, id: FileId) -> io::Result<File> {
        File::open(self.path(id))
    }

    /// Removes a file; one that is gone already is well.
    pub(super) fn remove(&self, id: FileId) -> io::Result<()> {
        match fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes all other files, and tells how many there were.
    pub(super) fn keep_only(&self, known: &HashSet<FileId>) -> io::Result<usize> {
        let known: HashSet<_> = known.iter().map(|id| name(*id)).collect();
        let mut removed = 0;
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            if entry.file_name().to_str().is_none_or(|name| !known.contains(name)) {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn path(&self, id: FileId) -> PathBuf {
        self.directory.join(name(id))
    }
}

/// Hex, because not every file system tells `a` from `A`.
pub(in crate::store) fn name(id: FileId) -> String {
    id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
