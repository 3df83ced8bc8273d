//! Keeping deleted files a little longer, while a backup reads them.
//!
//! A backup copies the database first and the files after it, so a file that
//! the copy knows must not go in between. Its row goes at once all the same:
//! nobody reads it any more.

use std::fs::File;
use std::io;

use super::{Files, blocking, lock};
use crate::pure::wire::FileId;

/// Files that are to go once nobody holds them.
#[derive(Debug, Default)]
pub(super) struct Held {
    holders: u32,
    gone: Vec<FileId>,
}

/// As long as one of these is there, no file leaves the disk.
#[derive(Debug)]
pub struct Hold {
    files: Files,
}

impl Files {
    /// Has deleted files stay on the disk until the answer is dropped.
    pub fn hold(&self) -> Hold {
        lock(&self.0.held).holders += 1;
        Hold { files: self.clone() }
    }

    /// Takes a file off the disk, now or when nobody holds it.
    pub(super) async fn remove(&self, id: FileId) -> io::Result<()> {
        {
            let mut held = lock(&self.0.held);
            if held.holders > 0 {
                held.gone.push(id);
                return Ok(());
            }
        }
        let disk = self.0.disk.clone();
        blocking(move || disk.remove(id)).await
    }
}

impl Hold {
    /// Opens a file as it lies on the disk.
    pub(in crate::store) fn open(&self, id: FileId) -> io::Result<File> {
        self.files.0.disk.read(id)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let gone = {
            let mut held = lock(&self.files.0.held);
            held.holders -= 1;
            if held.holders > 0 {
                return;
            }
            std::mem::take(&mut held.gone)
        };
        // As rare as deleted files during a backup. What stays is removed at the next start.
        for id in gone {
            if let Err(error) = self.files.0.disk.remove(id) {
                tracing::warn!(%error, "a deleted file is still there");
            }
        }
    }
}
