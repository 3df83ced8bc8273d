//! The one thread that writes: takes what has piled up, runs it in one
//! transaction, and answers after the commit (group commit).
//!
//! A flush costs the same for one operation or five hundred, so under load
//! the batches grow by themselves and a lone operation never waits for
//! company. Each operation has a savepoint: one that is refused leaves its
//! batch untouched.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot, watch};

use crate::store::{Pending, Refusal, StoreError};

/// Operations waiting for the disk, at most.
const QUEUE: usize = 8192;

/// Operations in one transaction, at most.
const BATCH: usize = 512;

/// Why an operation was not done.
#[derive(Debug)]
pub(super) enum Fault {
    Refused(Refusal),
    Sql(rusqlite::Error),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// The sending end of the queue, and the thread at its other end.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Operation>>>,
    thread: Option<JoinHandle<()>>,
    broken: watch::Receiver<Option<Arc<str>>>,
}

impl Writer {
    /// Starts the thread on a connection that nobody else writes with.
    pub(super) fn start(connection: Connection) -> std::io::Result<Self> {
        let (queue, operations) = mpsc::channel(QUEUE);
        let (breaks, broken) = watch::channel(None);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write(&connection, operations, &breaks))?;
        Ok(Self { queue: Some(queue), thread: Some(thread), broken })
    }

    /// Queues an operation; it runs after all that were queued before it.
    pub(super) fn write<T, F>(&self, work: F) -> Pending<Result<T, Refusal>>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let Some(queue) = &self.queue else { unreachable!("the queue lives until the drop") };
        let (answer, pending) = oneshot::channel();
        // Room first: a refused operation should cost no allocation of its own.
        let Ok(room) = queue.try_reserve() else { return Pending::refused(self.refusal()) };
        room.send(Box::new(Work { work: Some(work), outcome: None, answer }));
        Pending::queued(pending)
    }

    /// Why there is no room in the queue.
    fn refusal(&self) -> StoreError {
        match &*self.broken.borrow() {
            Some(cause) => StoreError::Failed(cause.clone()),
            None if self.thread.as_ref().is_none_or(JoinHandle::is_finished) => {
                StoreError::Failed("the store has stopped".into())
            }
            None => StoreError::Busy,
        }
    }

    /// Becomes the cause when the disk can no longer be trusted.
    pub(super) fn broken(&self) -> watch::Receiver<Option<Arc<str>>> {
        self.broken.clone()
    }
}

/// Waits until all that was queued is committed.
impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer thread panicked");
        }
    }
}

/// A queued operation, its result type erased.
trait Operation: Send {
    /// Does the work inside the transaction and keeps its outcome.
    fn run(&mut self, connection: &Connection) -> Ran;

    /// Tells the outcome, or why its transaction failed.
    fn answer(self: Box<Self>, committed: &Result<(), StoreError>);
}

/// What is to become of the work.
enum Ran {
    Keep,
    Undo,
    /// The whole transaction is lost.
    Fatal(rusqlite::Error),
}

struct Work<F, T> {
    work: Option<F>,
    outcome: Option<Result<Result<T, Refusal>, StoreError>>,
    answer: oneshot::Sender<Result<Result<T, Refusal>, StoreError>>,
}

impl<T, F> Operation for Work<F, T>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, Fault> + Send,
{
    fn run(&mut self, connection: &Connection) -> Ran {
        let Some(work) = self.work.take() else { return Ran::Undo };
        match work(connection) {
            Ok(done) => {
                self.outcome = Some(Ok(Ok(done)));
                Ran::Keep
            }
            Err(Fault::Refused(refusal)) => {
                self.outcome = Some(Ok(Err(refusal)));
                Ran::Undo
            }
            Err(Fault::Sql(error)) if connection.is_autocommit() || is_fatal(&error) => {
                Ran::Fatal(error)
            }
            Err(Fault::Sql(error)) => {
                tracing::error!(%error, "a store operation failed");
                self.outcome = Some(Err(failed(&error)));
                Ran::Undo
            }
        }
    }

    fn answer(self: Box<Self>, committed: &Result<(), StoreError>) {
        let answer = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(StoreError::Failed("the operation was not run".into())),
            (Err(error), _) => Err(error.clone()),
        };
        // Nobody has to wait for it.
        let _ = self.answer.send(answer);
    }
}

/// The thread: runs until every sender is gone and the queue is empty.
fn write(
    connection: &Connection,
    mut operations: mpsc::Receiver<Box<dyn Operation>>,
    breaks: &watch::Sender<Option<Arc<str>>>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    let seconds = metrics::histogram!("callbox_store_commit_seconds");
    let sizes = metrics::histogram!("callbox_store_commit_operations");
    let failures = metrics::counter!("callbox_store_failures_total");
    while operations.blocking_recv_many(&mut batch, BATCH) > 0 {
        let (began, operations) = (Instant::now(), batch.len());
        let broken = breaks.borrow().clone();
        let committed = match broken {
            Some(cause) => Err(StoreError::Failed(cause)),
            None => commit(connection, &mut batch).map_err(|error| {
                let cause = failed(&error);
                failures.increment(1);
                tracing::error!(%error, operations, "a store transaction failed");
                if is_lasting(&error)
                    && let StoreError::Failed(cause) = &cause
                {
                    breaks.send_replace(Some(cause.clone()));
                }
                cause
            }),
        };
        // The oldest comes last: who waits for several in the order of the
        // calls is woken once, and then finds all of them.
        for operation in batch.drain(..).rev() {
            operation.answer(&committed);
        }
        seconds.record(began.elapsed());
        sizes.record(operations as f64);
    }
}

/// Runs a batch in one transaction.
fn commit(connection: &Connection, batch: &mut [Box<dyn Operation>]) -> rusqlite::Result<()> {
    let done = run(connection, batch);
    if done.is_err() && !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK")?.execute(())?;
    }
    done
}

fn run(connection: &Connection, batch: &mut [Box<dyn Operation>]) -> rusqlite::Result<()> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
    if let [operation] = batch {
        // Alone it needs no savepoint: the transaction itself can be undone.
        let end = match operation.run(connection) {
            Ran::Keep => "COMMIT",
            Ran::Undo => "ROLLBACK",
            Ran::Fatal(error) => return Err(error),
        };
        connection.prepare_cached(end)?.execute(())?;
        return Ok(());
    }
    for operation in batch {
        connection.prepare_cached("SAVEPOINT operation")?.execute(())?;
        match operation.run(connection) {
            Ran::Keep => {}
            Ran::Undo => {
                connection.prepare_cached("ROLLBACK TO operation")?.execute(())?;
            }
            Ran::Fatal(error) => return Err(error),
        }
        connection.prepare_cached("RELEASE operation")?.execute(())?;
    }
    connection.prepare_cached("COMMIT")?.execute(())?;
    Ok(())
}

/// An error as callers see it.
pub(super) fn failed(error: &rusqlite::Error) -> StoreError {
    StoreError::Failed(error.to_string().into())
}

/// Whether the error is about the transaction, not about what the operation did.
fn is_fatal(error: &rusqlite::Error) -> bool {
    is_lasting(error)
        || matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DiskFull
                    | ErrorCode::OutOfMemory
                    | ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::ReadOnly
                    | ErrorCode::CannotOpen
                    | ErrorCode::FileLockingProtocolFailed
            )
        )
}

/// Whether only a restart helps. After a failed flush the kernel may have
/// dropped the pages it could not write and report success the next time, so
/// nothing may be confirmed on top of them.
fn is_lasting(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}
