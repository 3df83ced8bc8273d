//! What rustls-acme is given in place of its cache: an account, no earlier
//! certificate, and a place to put the new one.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use rustls_acme::{AccountCache, CertCache};

/// Of one order.
pub(super) struct Keeper {
    account: Vec<u8>,
    obtained: Obtained,
}

/// Where the new certificate comes to lie, with its key, as PEM.
#[derive(Clone, Default)]
pub(super) struct Obtained(Arc<Mutex<Option<Vec<u8>>>>);

impl Keeper {
    pub(super) fn new(account: Vec<u8>, obtained: Obtained) -> Self {
        Self { account, obtained }
    }
}

impl Obtained {
    pub(super) fn take(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl CertCache for Keeper {
    type EC = Infallible;

    /// None: an order is only begun when one is wanted.
    async fn load_cert(&self, _: &[String], _: &str) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(None)
    }

    async fn store_cert(&self, _: &[String], _: &str, pem: &[u8]) -> Result<(), Infallible> {
        *self.obtained.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(pem.to_vec());
        Ok(())
    }
}

#[async_trait]
impl AccountCache for Keeper {
    type EA = Infallible;

    async fn load_account(&self, _: &[String], _: &str) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(Some(self.account.clone()))
    }

    /// Never asked for: there is an account from the start.
    async fn store_account(&self, _: &[String], _: &str, _: &[u8]) -> Result<(), Infallible> {
        Ok(())
    }
}
