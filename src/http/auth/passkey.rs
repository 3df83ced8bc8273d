//! Sign-ins by passkey in progress: a challenge, and a signature over it.

use std::net::IpAddr;

use super::{Auth, Network, random, too_many};
use crate::pure::e2ee::PasskeySignature;
use crate::pure::wire::passkey::{PasskeyProof, PasskeyStarted};
use crate::pure::wire::{ApiError, ErrorCode, Millis};
use crate::store::KnownPasskey;

impl Auth {
    /// First half of a sign-in by passkey: whose it is nobody says before the second.
    pub fn start_passkey(&self, client: IpAddr, now: Millis) -> Result<PasskeyStarted, ApiError> {
        let (id, challenge) = (random(), random::<32>());
        let mut steps = self.steps();
        steps.login_rate.take(client, now).map_err(too_many)?;
        steps.passkeys.begin(id, Network::of(client), challenge, now);
        let (request, challenge) = (id.to_vec().into(), challenge.to_vec().into());
        Ok(PasskeyStarted { request, challenge, server_id: self.opaque.server_id().to_owned() })
    }

    /// Second half: the passkey with the credential that the proof names, if it has signed.
    pub fn finish_passkey(
        &self,
        client: IpAddr,
        proof: &PasskeyProof,
        known: Option<KnownPasskey>,
        now: Millis,
    ) -> Result<KnownPasskey, ApiError> {
        const REFUSED: ApiError =
            ApiError::new(ErrorCode::Unauthorized, "not a passkey of this server");
        let network = Network::of(client);
        let challenge = self.steps().passkeys.take(proof.request.as_ref(), &network, now);
        let signed = PasskeySignature {
            server_id: self.opaque.server_id(),
            challenge: &challenge.ok_or(REFUSED)?,
            credential: proof.credential.as_ref(),
            signature: &proof.signature.as_ref().try_into().map_err(|_| REFUSED)?,
        };
        let good = signed.verify(known.map(|passkey| (passkey.account, passkey.signs)));
        known.filter(|_| good).ok_or(REFUSED)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::pure::auth::attempts::Limits;
    use crate::pure::auth::token::hash;
    use crate::pure::e2ee::VerifyKey;
    use crate::pure::wire::{AccountId, WrapId};

    #[test]
    fn h37_a_challenge_ends_after_a_minute_and_a_network_has_ten() {
        let data = tempfile::tempdir().unwrap();
        let auth = Auth::open(data.path(), "install".into(), Limits::default()).unwrap();
        let key = SigningKey::from_bytes(&[9; 32]);
        let known = KnownPasskey {
            id: WrapId::from_bytes([1; 16]),
            account: AccountId::from_bytes([2; 16]),
            disabled: false,
            signs: VerifyKey::new(key.verifying_key().to_bytes()).unwrap(),
        };
        let sign = |started: &PasskeyStarted| {
            let server = hash(b"install");
            let parts: [&[u8]; 4] =
                [&server, started.challenge.as_ref(), known.account.as_bytes(), &[3; 20]];
            let signed = [b"callbox/e2ee/1/passkey\0".as_slice(), &parts.concat()].concat();
            let signature = key.sign(&signed).to_bytes().to_vec().into();
            let (request, credential) = (started.request.clone(), vec![3; 20].into());
            PasskeyProof { request, credential, signature }
        };
        let here = IpAddr::from([192, 0, 2, 1]);
        let start = |at| auth.start_passkey(here, Millis(at));
        let finish = |from: IpAddr, proof, at| {
            auth.finish_passkey(from, &proof, Some(known), Millis(at)).map(|found| found.id)
        };
        let (good, late, elsewhere) = (start(0).unwrap(), start(0).unwrap(), start(0).unwrap());
        assert_eq!(finish(here, sign(&good), 59_999), Ok(known.id));
        assert!(finish(here, sign(&good), 59_999).is_err());
        assert!(finish(IpAddr::from([192, 0, 2, 2]), sign(&elsewhere), 59_999).is_err());
        assert!(finish(here, sign(&late), 60_000).is_err());
        for _ in 3..10 {
            start(0).unwrap();
        }
        assert_eq!(start(0).unwrap_err().code, ErrorCode::RateLimited);
        assert!(auth.start_passkey(IpAddr::from([192, 0, 2, 2]), Millis(0)).is_ok());
    }
}
