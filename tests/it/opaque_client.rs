//! The client's half of the password protocol, as the browser plays it: the
//! same suite and identifiers as `@serenity-kit/opaque`, with an Argon2 that
//! costs nothing, which the server cannot tell.

use opaque_ke::errors::InternalError;
use opaque_ke::generic_array::{ArrayLength, GenericArray};
use opaque_ke::key_exchange::tripledh::TripleDh;
use opaque_ke::ksf::Ksf;
use opaque_ke::rand::{self, CryptoRng, RngCore};
use opaque_ke::{
    CipherSuite, ClientLogin, ClientLoginFinishParameters, ClientRegistration,
    ClientRegistrationFinishParameters, CredentialResponse, Identifiers, RegistrationResponse,
    Ristretto255,
};
use ring::rand::{SecureRandom, SystemRandom};

/// A registration between its two halves.
pub struct Registration {
    state: ClientRegistration<Suite>,
    password: String,
    pub request: Vec<u8>,
}

impl Registration {
    pub fn start(password: &str) -> Self {
        let start = ClientRegistration::start(&mut Random, password.as_bytes()).unwrap();
        let request = start.message.serialize().to_vec();
        Self { state: start.state, password: password.to_owned(), request }
    }

    /// The record for the server.
    pub fn finish(self, response: &[u8], server_id: &str) -> Vec<u8> {
        let response = RegistrationResponse::deserialize(response).unwrap();
        let parameters = ClientRegistrationFinishParameters::new(identifiers(server_id), None);
        let password = self.password.as_bytes();
        let end = self.state.finish(&mut Random, password, response, parameters).unwrap();
        end.message.serialize().to_vec()
    }
}

/// A login between its two halves.
pub struct Login {
    state: ClientLogin<Suite>,
    password: String,
    pub request: Vec<u8>,
}

impl Login {
    pub fn start(password: &str) -> Self {
        let start = ClientLogin::start(&mut Random, password.as_bytes()).unwrap();
        let request = start.message.serialize().to_vec();
        Self { state: start.state, password: password.to_owned(), request }
    }

    /// The proof for the server; none when the password does not fit.
    pub fn finish(self, response: &[u8], server_id: &str) -> Option<Vec<u8>> {
        let response = CredentialResponse::deserialize(response).unwrap();
        let parameters = ClientLoginFinishParameters::new(None, identifiers(server_id), None);
        let password = self.password.as_bytes();
        let end = self.state.finish(&mut Random, password, response, parameters).ok()?;
        Some(end.message.serialize().to_vec())
    }
}

fn identifiers(server_id: &str) -> Identifiers<'_> {
    Identifiers { client: None, server: Some(server_id.as_bytes()) }
}

struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2::Sha512>;
    type Ksf = QuickArgon;
}

#[derive(Default)]
struct QuickArgon;

impl Ksf for QuickArgon {
    fn hash<L: ArrayLength<u8>>(
        &self,
        input: GenericArray<u8, L>,
    ) -> Result<GenericArray<u8, L>, InternalError> {
        let parameters = argon2::Params::new(8, 1, 1, None).unwrap();
        let argon =
            argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters);
        let mut output = GenericArray::default();
        argon.hash_password_into(&input, &[0; 16], &mut output).unwrap();
        Ok(output)
    }
}

pub struct Random;

impl RngCore for Random {
    fn next_u32(&mut self) -> u32 {
        rand::RngCore::next_u64(self) as u32
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_ne_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        SystemRandom::new().fill(bytes).unwrap();
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Random {}
