//! The threads beside the workers: they accept streams, shake hands over TLS, and
//! hand on the streams and what the hub says.

use tokio::sync::{mpsc, oneshot, watch};

use super::Error;
use super::handle::Handle;
use super::listener::Listener;
use super::mailbox::{Mail, Mailbox};
use crate::pure::auth::relay::Revocation;

/// A worker, as it is reached.
pub(super) struct Worker {
    pub(super) mail: Mailbox,
    /// Resolves when it has ended.
    pub(super) ended: oneshot::Receiver<()>,
}

/// Starts as many threads as there are workers. They end when the other side
/// of `stopped` is dropped, and then, after the workers, `end` is dropped.
pub(super) fn spawn(
    workers: Vec<Worker>,
    listeners: Vec<Listener>,
    handle: Handle,
    mut revocations: mpsc::UnboundedReceiver<Revocation>,
    mut stopped: watch::Receiver<()>,
    end: oneshot::Sender<()>,
) -> Result<(), Error> {
    let failed = |source| Error::Worker { source };
    // A runtime of its own: media must not wait behind a busy hub.
    let mut runtime = match workers.len() {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    runtime.worker_threads(workers.len()).thread_name("relay-accept");
    let runtime = runtime.enable_all().build().map_err(failed)?;
    let guard = runtime.enter();
    let listeners: Result<Vec<_>, _> = listeners.into_iter().map(Listener::ready).collect();
    let listeners = listeners.map_err(failed)?;
    drop(guard);
    let run = move || {
        runtime.block_on(async move {
            for listener in listeners {
                tokio::spawn(listener.accept(handle.clone()));
            }
            loop {
                tokio::select! {
                    Some(revocation) = revocations.recv() => {
                        for worker in &workers {
                            worker.mail.send(Mail::Revoked(revocation));
                        }
                    }
                    // Nobody sends: it is over when the other side is dropped.
                    _ = stopped.changed() => break,
                }
            }
            for worker in &workers {
                worker.mail.send(Mail::Stop);
            }
            for worker in workers {
                // Nor here.
                let _ = worker.ended.await;
            }
        });
        drop(runtime);
        drop(end);
    };
    std::thread::Builder::new().name("relay-accept".to_owned()).spawn(run).map_err(failed)?;
    Ok(())
}
