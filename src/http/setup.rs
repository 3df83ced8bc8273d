//! Whether the server is still to be set up, and the token that allows it.
//!
//! The token is in the data directory's `setup-token` and in the link shown
//! at start, nowhere else. It dies at its first use, after a day, and after
//! ten wrong tries; whoever reads the file or the terminal has the new one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use subtle::ConstantTimeEq;

use crate::private_file;
use crate::pure::wire::Millis;

/// The door that is open until somebody owns this server.
#[derive(Debug)]
pub struct Setup {
    file: PathBuf,
    token: Mutex<Option<Token>>,
}

#[derive(Clone)]
struct Token {
    bytes: [u8; 16],
    made: Millis,
    wrong: u32,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token(wrong: {})", self.wrong)
    }
}

impl Setup {
    /// A server that has accounts: the door is shut.
    pub fn done(data: &Path) -> io::Result<Self> {
        let setup = Self { file: data.join(FILE), token: Mutex::new(None) };
        setup.close()?;
        Ok(setup)
    }

    /// A server without accounts: writes a new token.
    pub fn open(data: &Path, now: Millis) -> io::Result<Self> {
        let setup = Self { file: data.join(FILE), token: Mutex::new(None) };
        *setup.lock() = Some(setup.renew(now)?);
        Ok(setup)
    }

    /// Whether nobody owns this server yet.
    pub fn required(&self) -> bool {
        self.lock().is_some()
    }

    /// The token as it stands in the link.
    pub fn token(&self) -> Option<String> {
        self.lock().as_ref().map(|token| URL_SAFE_NO_PAD.encode(token.bytes))
    }

    /// Whether this is the token; too many wrong ones, or a day, make a new one.
    pub fn check(&self, given: &[u8], now: Millis) -> io::Result<bool> {
        let mut guard = self.lock();
        let Some(token) = guard.as_mut() else { return Ok(false) };
        if now.since(token.made) >= LIFETIME {
            *token = self.renew(now)?;
        }
        if bool::from(token.bytes.as_slice().ct_eq(given)) {
            return Ok(true);
        }
        token.wrong += 1;
        if token.wrong >= TRIES {
            *token = self.renew(now)?;
        }
        Ok(false)
    }

    /// The owner exists: shuts the door for good.
    pub fn close(&self) -> io::Result<()> {
        *self.lock() = None;
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn renew(&self, now: Millis) -> io::Result<Token> {
        let mut bytes = [0; 16];
        SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
        let line = format!("{}\n", URL_SAFE_NO_PAD.encode(bytes));
        private_file::write(&self.file, line.as_bytes())?;
        Ok(Token { bytes, made: now, wrong: 0 })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Token>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const FILE: &str = "setup-token";
const TRIES: u32 = 10;
const LIFETIME: Millis = Millis(24 * 3_600_000);

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(setup: &Setup) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(setup.token().unwrap()).unwrap()
    }

    #[test]
    fn h40_ten_wrong_tries_make_a_new_token() {
        let data = tempfile::tempdir().unwrap();
        let setup = Setup::open(data.path(), Millis(0)).unwrap();
        let first = bytes(&setup);
        for _ in 0..9 {
            assert!(!setup.check(&[0; 16], Millis(1)).unwrap());
            assert!(setup.check(&first, Millis(1)).unwrap());
        }
        assert!(!setup.check(b"", Millis(1)).unwrap());
        assert!(!setup.check(&first, Millis(1)).unwrap());
        assert!(setup.check(&bytes(&setup), Millis(1)).unwrap());
        let file = fs::read_to_string(data.path().join("setup-token")).unwrap();
        assert_eq!(file.trim(), setup.token().unwrap());
    }

    #[test]
    fn h40_a_token_lives_a_day_and_dies_with_the_setup() {
        let data = tempfile::tempdir().unwrap();
        let setup = Setup::open(data.path(), Millis(0)).unwrap();
        let first = bytes(&setup);
        assert!(!setup.check(&first, LIFETIME).unwrap());
        let second = bytes(&setup);
        assert!(setup.check(&second, LIFETIME).unwrap());
        setup.close().unwrap();
        assert!(!setup.required());
        assert!(!setup.check(&second, LIFETIME).unwrap());
        assert!(!data.path().join("setup-token").exists());
    }
}
