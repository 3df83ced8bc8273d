//! Devices that wait to be let in by another one.
//!
//! Drives the core of `pure/auth/approvals` with the clock and wakes those who
//! wait. All of it lives in memory: after a restart, devices ask again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use super::state::now;
use crate::pure::auth::approvals::{self, Claim, Found, Refused, Request};
use crate::pure::auth::token::hash;
use crate::pure::wire::approval::SealedApproval;
use crate::pure::wire::{AccountId, ApprovalId, Blob};

/// All of them.
#[derive(Debug)]
pub struct Approvals {
    core: Mutex<approvals::Approvals<Approved>>,
    answered: Notify,
    stopping: watch::Sender<bool>,
}

/// What a signed-in device has allowed.
#[derive(Debug, Clone)]
pub(super) struct Approved {
    pub(super) account: AccountId,
    /// The session that allowed it, which must still be there when it is claimed.
    pub(super) token_hash: [u8; 32],
    pub(super) approval: SealedApproval,
}

impl Approvals {
    /// A device asks.
    pub(super) fn ask(
        &self,
        id: ApprovalId,
        request: Request,
        client: std::net::IpAddr,
        secret: &[u8],
    ) -> Result<(), Refused> {
        self.core().ask(id, request, client, hash(secret), now())
    }

    /// The one with these words.
    pub(super) fn find(&self, tag: &Blob) -> Option<Found> {
        self.core().find(tag.as_ref(), now())
    }

    /// Lets it in; false when there is nothing to approve.
    pub(super) fn approve(&self, id: ApprovalId, what: Approved) -> bool {
        let done = self.core().approve(id, what, now());
        self.answered.notify_waiters();
        done
    }

    /// Says no to it; false when there is nothing to refuse.
    pub(super) fn refuse(&self, id: ApprovalId) -> bool {
        let done = self.core().refuse(id, now());
        self.answered.notify_waiters();
        done
    }

    /// Where a request stands, as soon as that changes, or after a while.
    pub(super) async fn claim(
        &self,
        id: ApprovalId,
        secret: &Blob,
        wait: Duration,
    ) -> Claim<Approved> {
        let secret_hash = hash(secret.as_ref());
        let claim = || self.core().claim(id, &secret_hash, now());
        let decided = async {
            loop {
                let mut answered = std::pin::pin!(self.answered.notified());
                // From here on none is missed.
                answered.as_mut().enable();
                match claim() {
                    Claim::Waiting => answered.await,
                    claim => return claim,
                }
            }
        };
        let mut stopping = self.stopping.subscribe();
        tokio::select! {
            biased;
            decided = timeout(wait, decided) => decided.unwrap_or_else(|_| claim()),
            _ = stopping.wait_for(|stopping| *stopping) => Claim::Waiting,
        }
    }

    /// Nobody waits any longer: the server is stopping.
    pub(super) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    fn core(&self) -> MutexGuard<'_, approvals::Approvals<Approved>> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Approvals {
    fn default() -> Self {
        Self {
            core: Mutex::default(),
            answered: Notify::new(),
            stopping: watch::Sender::new(false),
        }
    }
}
