//! The keys that sign relay credentials: kept in the data directory, a fresh
//! one every day, handed to the hub and the relay at the same moment.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, anyhow};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::watch;
use tokio::time::sleep;

use super::data::DataDirectory;
use crate::http::now;
use crate::private_file;
use crate::pure::auth::relay::{Keys, Ring};
use crate::pure::wire::Millis;

/// The keys, and who is told of them.
#[derive(Debug)]
pub struct RelayKeys {
    file: PathBuf,
    ring: Ring,
    keys: watch::Sender<Keys>,
}

impl RelayKeys {
    /// Reads the keys, or makes the first one.
    pub fn open(data: &DataDirectory, now: Millis) -> anyhow::Result<Self> {
        let file = data.join("keys/relay");
        let tried = || format!("cannot use the key file {}", file.display());
        let (ring, made) = match fs::read(&file) {
            Ok(bytes) => (Ring::read(&bytes).ok_or(anyhow!("it is damaged")), false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                (fresh().map(|key| Ring::new(now, key)), true)
            }
            Err(error) => (Err(error.into()), false),
        };
        let ring = ring.with_context(tried)?;
        if made {
            private_file::write(&file, &ring.bytes()).with_context(tried)?;
        }
        let mut keys = Self { keys: watch::Sender::new(ring.keys()), file, ring };
        keys.turn_if_due(now)?;
        Ok(keys)
    }

    /// The keys in force, now and later.
    pub fn watch(&self) -> watch::Receiver<Keys> {
        self.keys.subscribe()
    }

    /// Has a fresh key sign when the day of the current one is over.
    pub fn turn_if_due(&mut self, now: Millis) -> anyhow::Result<()> {
        if self.ring.left(now) > Millis(0) {
            return Ok(());
        }
        let mut ring = self.ring.clone();
        ring.turn(now, fresh()?);
        // First kept, then used: a restart must not refuse what it has signed.
        private_file::write(&self.file, &ring.bytes())
            .with_context(|| format!("cannot write the key file {}", self.file.display()))?;
        self.ring = ring;
        self.keys.send_replace(self.ring.keys());
        Ok(())
    }

    /// Turns the keys as the days go by, until nobody wants them any more.
    pub async fn run(mut self) {
        loop {
            // The clock on the wall may be moved meanwhile, and a computer may sleep.
            let wait = Duration::from_millis(self.ring.left(now()).0).min(LOOK_AGAIN);
            tokio::select! {
                () = self.keys.closed() => return,
                () = sleep(wait) => {}
            }
            if let Err(error) = self.turn_if_due(now()) {
                tracing::warn!("the key of the relay stays the same for now: {error:#}");
                sleep(LOOK_AGAIN).await;
            }
        }
    }
}

fn fresh() -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).ok().context("the system gives no randomness")?;
    Ok(key)
}

const LOOK_AGAIN: Duration = Duration::from_secs(60);
