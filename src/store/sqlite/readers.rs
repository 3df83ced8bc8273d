//! The threads that read, each with a connection of its own.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::writer::failed;
use crate::store::{Pending, StoreError};

/// Reads waiting for a thread, at most.
const QUEUE: usize = 1024;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// The sending end of the queue, and the threads at its other end.
#[derive(Debug)]
pub(super) struct Readers {
    queue: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts a thread for each connection.
    pub(super) fn start(connections: Vec<Connection>) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        let mut readers = Self { queue: Some(queue), threads: Vec::new() };
        for connection in connections {
            let jobs = jobs.clone();
            let thread = std::thread::Builder::new().name("store-reader".into());
            readers.threads.push(thread.spawn(move || read(&connection, &jobs))?);
        }
        Ok(readers)
    }

    /// Queues a read; it sees all writes that have been answered by now.
    pub(super) fn read<T, F>(&self, work: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let Some(queue) = &self.queue else { unreachable!("the queue lives until the drop") };
        let (answer, pending) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let done = work(connection).map_err(|error| {
                tracing::error!(%error, "a store read failed");
                failed(&error)
            });
            // Nobody has to wait for it.
            let _ = answer.send(done);
        });
        match queue.try_send(job) {
            Ok(()) => Pending::queued(pending),
            Err(TrySendError::Full(_)) => Pending::refused(StoreError::Busy),
            Err(TrySendError::Disconnected(_)) => {
                Pending::refused(StoreError::Failed("the store has stopped".into()))
            }
        }
    }
}

/// Waits until all that was queued is answered.
impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a reader thread of the store panicked");
            }
        }
    }
}

/// The thread: one of them waits at the queue, the others for their turn at it.
fn read(connection: &Connection, jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(connection),
            Err(_) => return,
        }
    }
}
