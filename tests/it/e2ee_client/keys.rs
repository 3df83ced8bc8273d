//! How an account's secrets are kept: bundle, wraps, recovery code, link secrets.

use callbox::pure::wire::{Blob, Bundle, Wrap, WrapId, WrapType};
use ed25519_dalek::SigningKey;
use serde_json::json;

use super::Person;
use super::crypto::{Chance, SealPair, b64, hkdf, label, seal, sha256};

/// What a client leaves with the server when its account is made.
pub struct Kept {
    pub bundle: Bundle,
    /// For the password and for the recovery code.
    pub wraps: Vec<Wrap>,
    pub recovery_auth_hash: Blob,
    /// What it does not leave there.
    pub code: [u8; 16],
    pub amk: [u8; 32],
    pub settings_key: [u8; 32],
}

/// Makes a master key and a recovery code, and seals everything under them.
pub fn keep(person: &Person, export_key: &[u8], chance: &mut Chance) -> Kept {
    let (amk, code, settings_key) = (chance.bytes(), chance.bytes(), chance.bytes());
    let nonce = chance.bytes();
    let plain = bundle(person, &settings_key);
    let version = person.bundle_version;
    let ct = seal_bundle(&amk, &person.account, version, &nonce, &plain).into();
    let bundle = Bundle { version, nonce: nonce.to_vec().into(), ct };
    let mut wrap = |kind, name: &str, secret: &[u8]| {
        let (id, nonce) = (chance.bytes(), chance.bytes());
        let kek = wrap_key(name, secret, &person.account);
        let ct = seal_wrap(&kek, &person.account, name, &id, &nonce, &amk).into();
        Wrap { id: WrapId::from_bytes(id), kind, nonce: nonce.to_vec().into(), ct }
    };
    let wraps = vec![
        wrap(WrapType::Password, "password", export_key),
        wrap(WrapType::Recovery, "recovery", &code),
    ];
    let auth_hash = sha256(&[&recovery_auth(&code)]);
    let recovery_auth_hash = auth_hash.to_vec().into();
    Kept { bundle, wraps, recovery_auth_hash, code, amk, settings_key }
}

/// The plaintext of an account's bundle.
pub fn bundle(person: &Person, settings_key: &[u8; 32]) -> Vec<u8> {
    let old: Vec<_> =
        (1..).zip(&person.old).map(|(g, pair)| json!({"g": g, "sk": b64(pair.secret)})).collect();
    json!({
        "g": person.g, "as_seed": b64(person.signing.to_bytes()), "ae_sk": b64(person.sealing.secret),
        "old_ae": old, "settings_key": b64(settings_key), "bundle_version": person.bundle_version,
    })
    .to_string()
    .into_bytes()
}

pub fn seal_bundle(
    amk: &[u8; 32],
    account: &[u8; 16],
    version: u32,
    nonce: &[u8; 12],
    plain: &[u8],
) -> Vec<u8> {
    let key = hkdf(amk, account, &label("bundle"));
    let aad = [label("bundle\0"), account.to_vec(), u64::from(version).to_be_bytes().to_vec()];
    seal(&key, nonce, &aad.concat(), plain)
}

pub fn seal_settings(
    key: &[u8; 32],
    account: &[u8; 16],
    version: u32,
    nonce: &[u8; 12],
    plain: &[u8],
) -> Vec<u8> {
    let aad = [label("settings\0"), account.to_vec(), u64::from(version).to_be_bytes().to_vec()];
    seal(key, nonce, &aad.concat(), plain)
}

/// The key that a wrap of this type is sealed under.
pub fn wrap_key(kind: &str, secret: &[u8], salt: &[u8]) -> [u8; 32] {
    hkdf(secret, salt, &label(&format!("kek/{kind}")))
}

pub fn seal_wrap(
    kek: &[u8; 32],
    account: &[u8; 16],
    kind: &str,
    id: &[u8; 16],
    nonce: &[u8; 12],
    amk: &[u8; 32],
) -> Vec<u8> {
    let aad = [label("wrap\0"), account.to_vec(), kind.as_bytes().to_vec(), id.to_vec()];
    seal(kek, nonce, &aad.concat(), amk)
}

/// 16 bytes and 12 bits of checksum as 28 characters in groups of 4.
pub fn recovery_text(code: &[u8; 16]) -> String {
    let check = sha256(&[&label("recovery-check\0"), code]);
    let check = u32::from(check[0]) << 4 | u32::from(check[1]) >> 4;
    let mut bits: Vec<bool> =
        code.iter().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1 == 1)).collect();
    bits.extend((0..12).rev().map(|i| check >> i & 1 == 1));
    let characters: Vec<u8> = bits
        .chunks(5)
        .map(|five| five.iter().fold(0, |n, bit| n << 1 | usize::from(*bit)))
        .map(|n| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[n])
        .collect();
    let groups: Vec<_> = characters.chunks(4).map(|four| String::from_utf8_lossy(four)).collect();
    groups.join("-")
}

/// What proves the recovery code to the server.
pub fn recovery_auth(code: &[u8; 16]) -> [u8; 32] {
    hkdf(code, b"", &label("recovery-auth"))
}

/// What a passkey signs with, by its PRF output.
pub fn passkey_key(output: &[u8; 32], credential: &[u8]) -> SigningKey {
    SigningKey::from_bytes(&hkdf(output, &sha256(&[credential]), &label("passkey-sign")))
}

/// What a link's secret derives.
pub struct LinkKeys {
    pub id: [u8; 16],
    pub auth: [u8; 32],
    pub sign: SigningKey,
    pub seal: SealPair,
}

impl LinkKeys {
    pub fn derive(id: [u8; 16], secret: &[u8; 32]) -> Self {
        Self {
            id,
            auth: hkdf(secret, &id, &label("link-auth")),
            sign: SigningKey::from_bytes(&hkdf(secret, &id, &label("link-sign"))),
            seal: SealPair::derive(&hkdf(secret, &id, &label("link-seal"))),
        }
    }
}
