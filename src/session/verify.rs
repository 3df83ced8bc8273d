//! Whose envelope a command carries: before anything else looks at it, the
//! header must name the connection's own account and device, and the signature
//! must be that device's.

use crate::hub::Identity;
use crate::pure::e2ee::{Envelope, Verified, VerifyKey};
use crate::pure::wire::{ApiError, Blob, Command, ErrorCode};
use crate::store::Store;

/// Checks envelopes for one connection.
pub(super) struct Verifier {
    store: Store,
    who: Identity,
    /// Kept once it is known: keys of devices never change, and a device that is revoked loses
    /// its connections.
    key: Option<VerifyKey>,
}

impl Verifier {
    pub(super) fn new(store: Store, who: Identity) -> Self {
        Self { store, who, key: None }
    }

    /// The envelope in a command, if it has one.
    pub(super) async fn envelope(
        &mut self,
        command: &Command,
    ) -> Result<Option<Verified>, ApiError> {
        match command {
            Command::Send { envelope } | Command::Signal { envelope, .. } => {
                self.verify(envelope).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    async fn verify(&mut self, envelope: &Blob) -> Result<Verified, ApiError> {
        let envelope = Envelope::parse(envelope.0.clone()).map_err(|_| UNREADABLE)?;
        let header = envelope.header();
        if (header.account, header.device) != (self.who.account, self.who.device) {
            return Err(FOREIGN);
        }
        let key = match self.key {
            Some(key) => key,
            None => {
                let found = self.store.device_key(self.who.account, self.who.device).await;
                let key = found.map_err(|_| NOT_NOW)?.ok_or(UNKNOWN)?;
                *self.key.insert(key)
            }
        };
        envelope.verify(&key).map_err(|_| UNSIGNED)
    }
}

const UNREADABLE: ApiError = ApiError::new(ErrorCode::BadRequest, "not an envelope");
const FOREIGN: ApiError = ApiError::new(ErrorCode::Forbidden, "the envelope of somebody else");
const UNKNOWN: ApiError =
    ApiError::new(ErrorCode::DeviceUnknown, "the account's record does not list this device");
const UNSIGNED: ApiError = ApiError::new(ErrorCode::Forbidden, "the signature is not the device's");
const NOT_NOW: ApiError = ApiError {
    code: ErrorCode::Unavailable,
    detail: "the store cannot do it now",
    retry_ms: Some(1_000),
};
