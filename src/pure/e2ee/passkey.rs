//! Signing in by a passkey: a signature with a key that only the passkey's PRF
//! output gives, over a challenge that is used once.
//!
//! Nothing of WebAuthn is read here. The browser gives the PRF output to pages
//! of this site alone, and the authenticator only after it has verified its user.

use super::{Fixed, Hash, Signature, VerifyKey, label};
use crate::pure::wire::AccountId;

/// A signature, and what it is said to be over.
#[derive(Debug, Clone, Copy)]
pub struct PasskeySignature<'a> {
    /// The server's identity. Its text has no fixed length, so its hash is signed.
    pub server_id: &'a str,
    pub challenge: &'a [u8; 32],
    pub credential: &'a [u8],
    pub signature: &'a Signature,
}

impl PasskeySignature<'_> {
    /// Whether it was made by the passkey of this account. For a credential that nobody has
    /// the same is done with some other key, so that the time tells nothing.
    #[must_use]
    pub fn verify(&self, known: Option<(AccountId, VerifyKey)>) -> bool {
        let (account, key) = known.unwrap_or_else(|| (NOBODY, decoy()));
        let server = label::sha256(self.server_id.as_bytes());
        let parts =
            [server.as_bytes().as_slice(), self.challenge, account.as_bytes(), self.credential];
        let good = key.verify(&label::signed("passkey", &parts), self.signature);
        good && known.is_some()
    }
}

/// The curve's base point: as good as any, since nobody gets in by it.
fn decoy() -> VerifyKey {
    let mut point = [0x66; 32];
    point[0] = 0x58;
    VerifyKey::try_from(Fixed::new(point) as Hash).expect("the base point is a key")
}

const NOBODY: AccountId = AccountId::from_bytes([0; 16]);

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    const ANNA: AccountId = AccountId::from_bytes([1; 16]);
    const CREDENTIAL: &[u8] = &[2; 20];
    const CHALLENGE: [u8; 32] = [3; 32];

    fn signature(key: &SigningKey, account: AccountId) -> Signature {
        let server = label::sha256(b"here");
        let parts = [server.as_bytes().as_slice(), &CHALLENGE, account.as_bytes(), CREDENTIAL];
        Signature::new(key.sign(&label::signed("passkey", &parts)).to_bytes())
    }

    fn public(key: &SigningKey) -> VerifyKey {
        VerifyKey::new(key.verifying_key().to_bytes()).unwrap()
    }

    fn over(signature: &Signature) -> PasskeySignature<'_> {
        PasskeySignature {
            server_id: "here",
            challenge: &CHALLENGE,
            credential: CREDENTIAL,
            signature,
        }
    }

    #[test]
    fn h37_a_signature_is_for_one_server_challenge_account_and_credential() {
        let key = SigningKey::from_bytes(&[9; 32]);
        let signature = signature(&key, ANNA);
        let (own, good) = (Some((ANNA, public(&key))), over(&signature));
        assert!(good.verify(own));
        let other = [4; 32];
        for wrong in [
            PasskeySignature { server_id: "there", ..good },
            PasskeySignature { challenge: &other, ..good },
            PasskeySignature { credential: &[2; 21], ..good },
            PasskeySignature { credential: &[2; 19], ..good },
            PasskeySignature { signature: &Signature::ZERO, ..good },
        ] {
            assert!(!wrong.verify(own), "{wrong:?}");
        }
        assert!(!good.verify(Some((AccountId::from_bytes([5; 16]), public(&key)))));
        let stranger = public(&SigningKey::from_bytes(&[8; 32]));
        assert!(!good.verify(Some((ANNA, stranger))));
    }

    #[test]
    fn h37_nobody_signs_for_a_credential_that_is_not_known() {
        let key = SigningKey::from_bytes(&[9; 32]);
        for account in [ANNA, NOBODY] {
            assert!(!over(&signature(&key, account)).verify(None));
        }
        // The decoy is a key in every way, so checking against it is the same work.
        assert_eq!(VerifyKey::new(*decoy().as_bytes()), Ok(decoy()));
    }
}
