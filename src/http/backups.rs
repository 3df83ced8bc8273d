//! Backups for the command line: one at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Where the data is, and whose turn it is to copy it.
#[derive(Debug)]
pub struct Backups {
    data: PathBuf,
    turn: Arc<Semaphore>,
}

impl Backups {
    /// Of this data directory.
    pub fn new(data: &Path) -> Self {
        Self { data: data.to_owned(), turn: Arc::new(Semaphore::new(1)) }
    }

    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// The turn, unless somebody has it.
    pub(super) fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turn).try_acquire_owned().ok()
    }
}
