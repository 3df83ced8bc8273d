//! The sealed files of `tests/data/e2ee/file.json`, made by a second
//! implementation of the format. The client's tests read the same vectors;
//! `UPDATE_VECTORS=1 cargo test --test it file_vectors` writes them anew.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callbox::pure::wire::Shape;
use callbox::pure::wire::limits::FILE_CHUNK;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Zeros up to at least 1 KiB, then so that only the upper bits of a size vary (Padmé).
fn padded(size: u64) -> u64 {
    if size <= 1024 {
        return 1024;
    }
    let exponent = u64::from(size.ilog2());
    let step = 1 << (exponent - u64::from(exponent.ilog2()) - 1);
    size.next_multiple_of(step)
}

fn sealed(key: &[u8; 32], prefix: &[u8; 7], size: u64) -> Vec<u8> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
    let mut plain: Vec<u8> = (0..size).map(|i| ((i * 7 + 13) % 251) as u8).collect();
    plain.resize(padded(size) as usize, 0);
    let last = plain.len().div_ceil(FILE_CHUNK as usize) - 1;
    let aad = [b"callbox/e2ee/1/file\0".as_slice(), &size.to_be_bytes()].concat();
    let mut blob = Vec::new();
    for (index, part) in plain.chunks(FILE_CHUNK as usize).enumerate() {
        let mut nonce = [0; 12];
        nonce[..7].copy_from_slice(prefix);
        nonce[7..11].copy_from_slice(&(index as u32).to_be_bytes());
        nonce[11] = u8::from(index == last);
        let mut chunk = part.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce, Aad::from(&aad), &mut chunk).unwrap();
        blob.extend(chunk);
    }
    blob
}

#[test]
fn sealed_files_are_those_of_the_vectors() {
    let chunk = FILE_CHUNK;
    let sizes = [0, 1, 1024, 1025, 100_000, chunk - 1, chunk, chunk + 1, 2 * chunk, 700_001];
    let vectors: Vec<Value> = sizes
        .into_iter()
        .enumerate()
        .map(|(n, size)| {
            let key: [u8; 32] = Sha256::digest([n as u8, 0]).into();
            let hash = Sha256::digest([n as u8, 1]);
            let prefix: [u8; 7] = hash[..7].try_into().unwrap();
            let blob = sealed(&key, &prefix, size);
            assert_eq!(blob.len() as u64, Shape::of(padded(size)).unwrap().stored());
            let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            json!({
                "key": text(&key), "prefix": text(&prefix), "size": size,
                "padded": padded(size), "sealed": blob.len(), "sha256": text(&Sha256::digest(&blob)),
            })
        })
        .collect();
    let wanted = serde_json::to_string_pretty(&vectors).unwrap() + "\n";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/e2ee/file.json");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(file, &wanted).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), wanted);
}
