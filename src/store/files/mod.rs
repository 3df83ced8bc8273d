//! Files that people send: sealed chunks on the disk, one file each, and the
//! rows that say whose they are.
//!
//! Never looks into a chunk and never holds a whole file. The row comes first
//! and goes first: a file without a row is rubbish, whatever ended the process
//! in between, and is removed at the next start. A chunk is noted only after
//! it has reached the disk, so what an upload's state says is there survives
//! a power cut.

mod disk;
mod hold;
mod reader;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use self::disk::{Disk, Kept};
use self::hold::Held;
use super::{NewFile, Refusal, Store, StoreError};
use crate::pure::wire::{
    AccountId, ConversationId, FileId, FileUsage, Millis, Role, Shape, Upload, limits,
};

pub(super) use self::disk::name;
pub use self::hold::Hold;
pub use self::reader::{FileReader, Span};

/// Why a file was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("refused: {0:?}")]
    Refused(Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the disk failed")]
    Disk(#[from] io::Error),
}

impl From<Refusal> for FileError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Bytes on the disk that the files of one account may take together.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    pub member: u64,
    pub guest: u64,
}

impl Quotas {
    fn of(self, role: Role) -> u64 {
        match role {
            Role::Guest => self.guest,
            Role::Member | Role::Admin | Role::Owner => self.member,
        }
    }
}

/// A handle to all files; clones are cheap and share everything.
#[derive(Debug, Clone)]
pub struct Files(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    disk: Disk,
    quotas: Mutex<Quotas>,
    /// Chunks that are being written: two writes to one place could mix.
    writing: Mutex<HashSet<(FileId, u32)>>,
    /// Files that each account is reading.
    reading: Mutex<HashMap<AccountId, u32>>,
    held: Mutex<Held>,
}

impl Files {
    /// Opens the directory, and clears away what no row names.
    pub async fn open(directory: &Path, store: Store, quotas: Quotas) -> Result<Self, FileError> {
        let disk = Disk::open(directory)?;
        let known: HashSet<_> = store.files().await?.into_iter().collect();
        let swept = disk.clone();
        let removed = blocking(move || swept.keep_only(&known)).await?;
        if removed > 0 {
            tracing::info!(removed, "removed files that no upload had begun or all had left");
        }
        let (writing, reading, held) = Default::default();
        let quotas = Mutex::new(quotas);
        Ok(Self(Arc::new(Inner { store, disk, quotas, writing, reading, held })))
    }

    /// Other quotas are in force from now on.
    pub fn set_quotas(&self, quotas: Quotas) {
        *lock(&self.0.quotas) = quotas;
    }

    /// Begins an upload, or finds the same one begun before.
    pub async fn create(
        &self,
        id: FileId,
        conversation: ConversationId,
        (account, role): (AccountId, Role),
        shape: Shape,
        now: Millis,
    ) -> Result<Upload, FileError> {
        let quota = lock(&self.0.quotas).of(role);
        let file = NewFile { id, conversation, account, shape, quota, now };
        let (upload, fresh) = self.0.store.create_file(file).await??;
        // Begun before, it may have lost its file to the end of the process.
        if fresh || !upload.finished {
            let disk = self.0.disk.clone();
            if let Err(error) = blocking(move || disk.make(id, shape.stored())).await {
                self.delete(id, account).await?;
                return Err(error.into());
            }
        }
        Ok(upload)
    }

    /// What is there of an upload of this account; also of a finished one.
    pub async fn upload(&self, id: FileId, account: AccountId) -> Result<Upload, FileError> {
        Ok(self.0.store.upload(id, account).await?.ok_or(Refusal::NotFound)?)
    }

    /// Refuses a chunk that will not be kept, whatever is in it.
    pub async fn expects(
        &self,
        id: FileId,
        account: AccountId,
        index: u32,
    ) -> Result<(), FileError> {
        let upload = self.upload(id, account).await?;
        place(&upload, index).map(|_| ())
    }

    /// Keeps a sealed chunk. The same again is well; another in its place is a conflict.
    pub async fn put(
        &self,
        id: FileId,
        account: AccountId,
        index: u32,
        chunk: Bytes,
        now: Millis,
    ) -> Result<(), FileError> {
        let upload = self.upload(id, account).await?;
        let (offset, length) = place(&upload, index)?;
        if chunk.len() != length {
            return Err(Refusal::WrongLength.into());
        }
        let Some(_turn) = Turn::take(&self.0.writing, (id, index)) else {
            return Err(StoreError::Busy.into());
        };
        let there = upload.finished || has(&upload, index);
        let disk = self.0.disk.clone();
        let kept = blocking(move || match there {
            true => disk.compare(id, offset, &chunk),
            false => disk.write(id, offset, &chunk).map(|()| Kept::Written),
        });
        match kept.await? {
            Kept::Written => Ok(self.0.store.keep_chunk(id, account, index, now).await??),
            Kept::Same => Ok(()),
            Kept::Differs => Err(Refusal::Conflict.into()),
        }
    }

    /// Makes a file readable whose chunks are all there.
    pub async fn finish(&self, id: FileId, account: AccountId) -> Result<Upload, FileError> {
        let disk = self.0.disk.clone();
        // Its owner's alone to finish: a stranger must not learn that it exists.
        self.upload(id, account).await?;
        blocking(move || disk.settle(id)).await?;
        Ok(self.0.store.finish_file(id, account).await??)
    }

    /// Opens a finished file for a member of its conversation.
    pub async fn read(&self, id: FileId, account: AccountId) -> Result<FileReader, FileError> {
        let shape = self.0.store.readable_file(id, account).await?.ok_or(Refusal::NotFound)?;
        let disk = self.0.disk.clone();
        let file = blocking(move || disk.read(id)).await?;
        let reading = Reading::begin(self, account)?;
        Ok(FileReader::new(file, shape.stored(), reading))
    }

    /// Removes a file, or stops its upload; for the account that began it.
    pub async fn delete(&self, id: FileId, account: AccountId) -> Result<(), FileError> {
        self.0.store.delete_file(id, account).await??;
        Ok(self.remove(id).await?)
    }

    /// Removes the uploads that nobody has gone on with for an hour.
    pub async fn sweep(&self, now: Millis) -> Result<usize, FileError> {
        let Some(before) = now.0.checked_sub(limits::UPLOAD_MS).map(Millis) else { return Ok(0) };
        let gone = self.0.store.drop_uploads(before).await??;
        for &id in &gone {
            self.remove(id).await?;
        }
        Ok(gone.len())
    }

    /// What the files of accounts of this role may take, where nothing else was set.
    pub fn quota(&self, role: Role) -> u64 {
        lock(&self.0.quotas).of(role)
    }

    /// How much of its quota an account uses.
    pub async fn usage(&self, account: AccountId, role: Role) -> Result<FileUsage, FileError> {
        let quota = lock(&self.0.quotas).of(role);
        Ok(self.0.store.file_usage(account, quota).await?)
    }
}

/// Where a chunk lies, and how long it is.
fn place(upload: &Upload, index: u32) -> Result<(u64, usize), FileError> {
    let place = Shape::of(upload.size).and_then(|shape| shape.chunk(index));
    Ok(place.ok_or(Refusal::NotFound)?)
}

/// Whether an upload's state says that a chunk is there.
fn has(upload: &Upload, index: u32) -> bool {
    let byte = upload.have.as_ref().get(index as usize / 8);
    byte.is_some_and(|byte| byte & (1 << (index % 8)) != 0)
}

/// The right to write one chunk, until dropped.
struct Turn<'a> {
    writing: &'a Mutex<HashSet<(FileId, u32)>>,
    place: (FileId, u32),
}

impl<'a> Turn<'a> {
    fn take(writing: &'a Mutex<HashSet<(FileId, u32)>>, place: (FileId, u32)) -> Option<Self> {
        lock(writing).insert(place).then_some(Self { writing, place })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(self.writing).remove(&self.place);
    }
}

/// One of the files that an account reads at once, until dropped.
#[derive(Debug)]
struct Reading {
    files: Files,
    account: AccountId,
}

impl Reading {
    fn begin(files: &Files, account: AccountId) -> Result<Self, FileError> {
        let mut reading = lock(&files.0.reading);
        let count = reading.entry(account).or_default();
        if *count >= READS {
            return Err(Refusal::TooMany.into());
        }
        *count += 1;
        Ok(Self { files: files.clone(), account })
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut reading = lock(&self.files.0.reading);
        if let Some(count) = reading.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                reading.remove(&self.account);
            }
        }
    }
}

/// Files that one account reads at once; each costs a descriptor and some memory.
const READS: u32 = 32;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs work that waits for the disk on a thread that may.
pub(super) async fn blocking<T, F>(work: F) -> io::Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> io::Result<T> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(io::Error::other(error)),
    }
}
