//! The thread beside the worker: it accepts streams, serves them, and hands
//! on what the hub says.

use tokio::sync::{mpsc, oneshot, watch};

use super::Error;
use super::handle::{Handle, Mail, Mailbox};
use super::listener::Listener;
use crate::pure::auth::relay::Revocation;

/// A worker, as it is reached.
pub(super) struct Worker {
    pub(super) mail: Mailbox,
    /// Resolves when it has ended.
    pub(super) ended: oneshot::Receiver<()>,
}

/// Starts the thread. It ends when the other side of `stopped` is dropped,
/// and then, after the worker, drops `end`.
pub(super) fn spawn(
    worker: Worker,
    listeners: Vec<Listener>,
    handle: Handle,
    mut revocations: mpsc::UnboundedReceiver<Revocation>,
    mut stopped: watch::Receiver<()>,
    end: oneshot::Sender<()>,
) -> Result<(), Error> {
    let failed = |source| Error::Worker { source };
    // A runtime of its own: media must not wait behind a busy hub.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
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
                        worker.mail.order(Mail::Revoked(revocation));
                    }
                    // Nobody sends: it is over when the other side is dropped.
                    _ = stopped.changed() => break,
                }
            }
            worker.mail.order(Mail::Stop);
            // Nor here.
            let _ = worker.ended.await;
        });
        drop(runtime);
        drop(end);
    };
    std::thread::Builder::new().name("relay-streams".to_owned()).spawn(run).map_err(failed)?;
    Ok(())
}
