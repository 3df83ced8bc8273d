//! The primitives, each under the labels of this protocol.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::SecureRandom;
use sha2::{Digest, Sha256};

/// `callbox/e2ee/1/…`
pub fn label(text: &str) -> Vec<u8> {
    [b"callbox/e2ee/1/", text.as_bytes()].concat()
}

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

/// Signs a label that ends with a zero, and the parts.
pub fn sign(key: &SigningKey, name: &str, parts: &[&[u8]]) -> [u8; 64] {
    key.sign(&[label(name), vec![0], parts.concat()].concat()).to_bytes()
}

pub fn hkdf<const N: usize>(secret: &[u8], salt: &[u8], info: &[u8]) -> [u8; N] {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut out = [0; N];
    let key = Salt::new(HKDF_SHA256, salt).extract(secret);
    key.expand(&[info], Length(N)).unwrap().fill(&mut out).unwrap();
    out
}

pub fn seal(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
    let mut bytes = plain.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut bytes).unwrap();
    bytes
}

pub fn unseal(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
    let mut bytes = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let plain = key.open_in_place(nonce, Aad::from(aad), &mut bytes).ok()?;
    Some(plain.to_vec())
}

/// An X25519 pair by HPKE's DeriveKeyPair.
#[derive(Clone)]
pub struct SealPair {
    pub secret: [u8; 32],
    pub public: [u8; 32],
}

impl SealPair {
    pub fn derive(ikm: &[u8; 32]) -> Self {
        let (secret, public) = X25519HkdfSha256::derive_keypair(ikm);
        Self { secret: secret.to_bytes().into(), public: public.to_bytes().into() }
    }

    pub fn open(&self, enc: &[u8], info: &[u8], aad: &[u8], ct: &[u8]) -> Option<Vec<u8>> {
        let secret = Deserializable::from_bytes(&self.secret).ok()?;
        let enc = Deserializable::from_bytes(enc).ok()?;
        hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &secret,
            &enc,
            info,
            ct,
            aad,
        )
        .ok()
    }
}

/// HPKE's seal; `ikm` is what the ephemeral pair is derived from.
pub fn hpke_seal(
    to: &[u8; 32],
    ikm: [u8; 32],
    info: &[u8],
    aad: &[u8],
    plain: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    let to = Deserializable::from_bytes(to).unwrap();
    let (enc, ct) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &to,
        info,
        plain,
        aad,
        &mut Once(ikm),
    )
    .unwrap();
    (enc.to_bytes().to_vec(), ct)
}

/// Gives its 32 bytes to the one who asks for an ephemeral key.
struct Once([u8; 32]);

impl TryRng for Once {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        unreachable!("keys are asked for as bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        unreachable!("keys are asked for as bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Once {}

/// Where keys and ids come from; the same seed gives the same ones.
#[derive(Clone)]
pub struct Chance {
    seed: [u8; 32],
    count: u64,
}

impl Chance {
    pub fn of(text: &str) -> Self {
        Self { seed: sha256(&[text.as_bytes()]), count: 0 }
    }

    pub fn random() -> Self {
        let mut seed = [0; 32];
        ring::rand::SystemRandom::new().fill(&mut seed).unwrap();
        Self { seed, count: 0 }
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.count += 1;
        sha256(&[&self.seed, &self.count.to_be_bytes()])[..N].try_into().unwrap()
    }
}
