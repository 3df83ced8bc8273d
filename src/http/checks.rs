//! Credentials with which somebody tries the relay alone, without a call.
//!
//! Each is a call of its own that nobody else is in: what is allocated with it can reach only what
//! is allocated with it. After [`FOR`] they allocate nothing, and what they have allocated ends.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::auth::random;
use crate::pure::auth::attempts::{KeyRate, Rate};
use crate::pure::auth::relay::{Grant, Keys, Revocation};
use crate::pure::wire::api::CheckRelay;
use crate::pure::wire::{AccountId, ApiError, CallId, Millis, SessionId};

/// Gives them out.
#[derive(Debug)]
pub struct Checks {
    relay: Option<Relay>,
    rate: Mutex<KeyRate<AccountId>>,
}

#[derive(Debug)]
struct Relay {
    keys: watch::Receiver<Keys>,
    urls: Vec<String>,
    revocations: mpsc::UnboundedSender<Revocation>,
}

impl Checks {
    /// For this relay.
    pub fn new(
        keys: watch::Receiver<Keys>,
        urls: Vec<String>,
        revocations: mpsc::UnboundedSender<Revocation>,
    ) -> Self {
        Self { relay: Some(Relay { keys, urls, revocations }), ..Self::default() }
    }

    /// For a session of an account, if it has not asked too often.
    pub(super) fn issue_to(
        &self,
        account: AccountId,
        session: SessionId,
        now: Millis,
    ) -> Result<CheckRelay, ApiError> {
        let mut rate = self.rate.lock().unwrap_or_else(PoisonError::into_inner);
        rate.take(account, now).map_err(|wait| ApiError::rate_limited(wait.0))?;
        drop(rate);
        Ok(self.issue(session, now))
    }

    /// For whoever may do everything. Without a relay there are no addresses.
    pub(super) fn issue(&self, session: SessionId, now: Millis) -> CheckRelay {
        let Some(relay) = &self.relay else {
            let (username, credential) = Default::default();
            return CheckRelay { urls: Vec::new(), username, credential, ttl: FOR };
        };
        let call = CallId::from_bytes(random());
        let expires = now.plus(FOR).0 / 1_000;
        let (username, credential) = relay.keys.borrow().issue(Grant { expires, call, session });
        let revocations = relay.revocations.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(FOR.0)).await;
            // Without a relay there is nothing left to end.
            let _ = revocations.send(Revocation::Call(call));
        });
        CheckRelay { urls: relay.urls.clone(), username, credential, ttl: FOR }
    }
}

impl Default for Checks {
    fn default() -> Self {
        Self { relay: None, rate: Mutex::new(KeyRate::new(RATE)) }
    }
}

/// How long a check may take.
const FOR: Millis = Millis(120_000);
/// Of one account.
const RATE: Rate = Rate { burst: 6, interval: Millis(20_000) };

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_check_is_a_call_of_its_own_that_ends_by_itself() {
        let (_keys, watched) = watch::channel(Keys::new(&[1; 32], None));
        let (revocations, mut revoked) = mpsc::unbounded_channel();
        let checks = Checks::new(watched, vec!["stun:{host}:1".into()], revocations);
        let (account, session) = (AccountId::from_bytes([1; 16]), SessionId::from_bytes([2; 16]));
        let begun = Instant::now();
        let issue = || checks.issue_to(account, session, Millis(5_000));
        let grant = |check: CheckRelay| Grant::parse(&check.username).unwrap();
        let (one, two) = (grant(issue().unwrap()), grant(issue().unwrap()));
        assert_ne!(one.call, two.call);
        assert_eq!((one.session, one.expires), (session, 125));
        assert_eq!(revoked.recv().await, Some(Revocation::Call(one.call)));
        assert_eq!(revoked.recv().await, Some(Revocation::Call(two.call)));
        assert_eq!(begun.elapsed().as_secs(), 120);

        for _ in 2..RATE.burst {
            issue().unwrap();
        }
        assert_eq!(issue().unwrap_err().retry_ms, Some(RATE.interval.0));
        let other = AccountId::from_bytes([3; 16]);
        assert!(checks.issue_to(other, session, Millis(5_000)).is_ok());
    }
}
