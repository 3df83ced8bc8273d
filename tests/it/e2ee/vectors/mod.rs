//! `tests/vectors/e2ee.json`: an example of each format with all its inputs,
//! made by the tests' own client and taken by the server's checks. The web
//! client reads the same file. `UPDATE_VECTORS=1 cargo test --test it e2ee::vectors`
//! writes it anew. All bytes are hex, all signed JSON is text; sealed files
//! have a file of their own (`file_vectors.rs`).

mod logs;

use callbox::pure::e2ee::{
    Envelope, PasskeySignature, Record, Signature, Transcript, VerifyKey, approval_tag,
    call_entry_id,
};
use callbox::pure::wire::{
    AccountId, CallEnd, CallId, CallMedia, CallOutcome, EnvelopeId, Millis, Seq,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use super::signatures;
use crate::e2ee_client::crypto::{hkdf, hpke_seal, sha256, sign};
use crate::e2ee_client::envelope::{CONTENT, SIGNAL, call_secret, id, message_key, pad};
use crate::e2ee_client::keys::{
    LinkKeys, bundle, passkey_key, recovery_auth, recovery_text, seal_bundle, seal_settings,
    seal_wrap, wrap_key,
};
use crate::e2ee_client::talk::commit;
use crate::e2ee_client::{Chance, Draft, Person, SealPair, Talk, label, open};

#[test]
fn the_formats_are_those_of_the_vectors() {
    let vectors = json!({
        "envelopes": envelopes(),
        "padding": padding(),
        "records": records(),
        "bundle": bundle_vector(),
        "wraps": wraps(),
        "passkey": passkey(),
        "recovery": recovery(),
        "control": [logs::room("all"), logs::room("since_join"), logs::pair(), logs::everyone()],
        "grants": grants(),
        "link": link(),
        "transcript": transcript(),
        "safety": safety(),
        "sas": sas(),
        "refused": refused(),
    });
    let wanted = serde_json::to_string_pretty(&vectors).unwrap() + "\n";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/e2ee.json");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(file, &wanted).unwrap();
    }
    assert!(std::fs::read_to_string(file).unwrap() == wanted, "the vectors have changed");
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn person(name: &str) -> Person {
    Person::new(Chance::of(name))
}

fn padding() -> Value {
    [0, 1, 62, 63, 64, 127, 128, 1022, 1023, 1024, 1087, 1088, 2047, 2048, 5000, 40_959]
        .map(|length| json!({"plain": length, "padded": pad(&vec![1; length]).len()}))
        .to_vec()
        .into()
}

fn envelopes() -> Value {
    let (anna, mut chance) = (person("anna"), Chance::of("envelopes"));
    let key = &anna.device().key;
    let (secret, call) = (chance.bytes(), chance.bytes());
    let first = Draft {
        kind: CONTENT,
        epoch: 1,
        conversation: chance.bytes(),
        account: anna.account,
        device: anna.device().id,
        time: 1_700_000_000_123,
        salt: chance.bytes(),
        ..Draft::default()
    };
    let mut made = Vec::new();
    let mut show = |name: &str, draft: &Draft, used: &[u8; 32], plain: &[u8]| {
        let bytes = draft.seal(used, plain, key);
        assert_eq!(open(used, &bytes, &key.verifying_key()).as_deref(), Some(plain));
        Envelope::parse(bytes.clone().into()).unwrap();
        let (message_key, iv) = message_key(used, &bytes[..164]);
        made.push(json!({
            "name": name, "kind": draft.kind, "epoch": draft.epoch,
            "conversation": hex(draft.conversation), "account": hex(draft.account),
            "device": hex(draft.device), "n": draft.n, "time": draft.time,
            "seen_seq": draft.seen_seq, "seen_hash": hex(draft.seen_hash), "prev": hex(draft.prev),
            "salt": hex(draft.salt), "epoch_secret": hex(secret),
            "call": (draft.kind == SIGNAL).then(|| hex(call)), "secret": hex(used),
            "device_seed": hex(key.to_bytes()), "device_pub": hex(key.verifying_key()),
            "plaintext": hex(plain), "message_key": hex(message_key), "iv": hex(iv),
            "id": hex(id(&bytes)), "envelope": hex(&bytes),
        }));
        bytes
    };
    let bytes = show("content", &first, &secret, br#"{"k":"text","text":"Gr\u00fc\u00dfe!"}"#);
    let second = Draft {
        epoch: 7,
        n: 1,
        time: 1_700_000_001_000,
        seen_seq: 41,
        seen_hash: chance.bytes(),
        prev: id(&bytes),
        salt: chance.bytes(),
        ..first.clone()
    };
    let long = json!({"k": "text", "text": "x".repeat(3_000)}).to_string();
    show("content, long", &second, &secret, long.as_bytes());
    show("content, empty", &Draft { salt: chance.bytes(), ..first.clone() }, &secret, b"");
    let signal = Draft { kind: SIGNAL, n: 4, salt: chance.bytes(), ..first };
    show("signal", &signal, &call_secret(&secret, &call), br#"{"k":"media","camera":true}"#);
    made.into()
}

fn records() -> Value {
    let mut anna = person("anna");
    let mut steps = Vec::new();
    let mut show = |name: &str, anna: &Person| {
        let signed = anna.record();
        steps.push(json!({
            "name": name, "payload": text(&signed.payload.0), "signature": hex(&signed.signature),
            "continuity": signed.continuity.as_ref().map(hex), "hash": hex(sha256(&[signed.payload.as_ref()])),
            "as_seed": hex(anna.signing.to_bytes()), "identity": hex(anna.identity()),
        }));
    };
    show("first", &anna);
    let first = anna.device().id;
    anna.add_device([7; 16], 1_700_000_100_000);
    show("a second device", &anna);
    anna.revoke_device(first, 1_700_000_200_000);
    show("the first one is revoked", &anna);
    anna.rekey();
    show("a new generation", &anna);
    anna.reset();
    show("an identity reset", &anna);
    let mut record = Record::first(anna.id(), &anna.records[0]).unwrap();
    for signed in &anna.records[1..] {
        record = record.next(signed).unwrap().0;
    }
    json!({"account": hex(anna.account), "steps": steps})
}

fn bundle_vector() -> Value {
    let (mut anna, mut chance) = (person("anna"), Chance::of("bundle"));
    anna.rekey();
    let (amk, settings_key, nonce, other): ([u8; 32], [u8; 32], [u8; 12], [u8; 12]) =
        (chance.bytes(), chance.bytes(), chance.bytes(), chance.bytes());
    let plain = bundle(&anna, &settings_key);
    let settings = br#"{"verified":[]}"#;
    json!({
        "account": hex(anna.account), "amk": hex(amk), "version": anna.bundle_version,
        "nonce": hex(nonce), "plaintext": text(&plain),
        "ct": hex(seal_bundle(&amk, &anna.account, anna.bundle_version, &nonce, &plain)),
        "settings": {
            "key": hex(settings_key), "version": 3, "nonce": hex(other), "plaintext": text(settings),
            "ct": hex(seal_settings(&settings_key, &anna.account, 3, &other, settings)),
        },
    })
}

fn wraps() -> Value {
    let (anna, mut chance) = (person("anna"), Chance::of("wraps"));
    let amk: [u8; 32] = chance.bytes();
    let export_key: Vec<u8> = [chance.bytes::<32>(), chance.bytes()].concat();
    let code: [u8; 16] = chance.bytes();
    let (prf, credential): ([u8; 32], [u8; 20]) = (chance.bytes(), chance.bytes());
    let salt = sha256(&[&credential]);
    let mut sealed = Vec::new();
    for (kind, secret, salt) in [
        ("password", export_key.as_slice(), anna.account.as_slice()),
        ("recovery", &code, &anna.account),
        ("prf", &prf, &salt),
    ] {
        let (id, nonce) = (chance.bytes(), chance.bytes());
        let kek = wrap_key(kind, secret, salt);
        sealed.push(json!({
            "type": kind, "id": hex(id), "nonce": hex(nonce), "secret": hex(secret),
            "credential": (kind == "prf").then(|| hex(credential)), "kek": hex(kek),
            "ct": hex(seal_wrap(&kek, &anna.account, kind, &id, &nonce, &amk)),
        }));
    }
    let (pair, ikm) = (SealPair::derive(&chance.bytes()), chance.bytes());
    let info = [label("kek/device"), anna.account.to_vec()].concat();
    let (enc, ct) = hpke_seal(&pair.public, ikm, &info, &[], &amk);
    json!({
        "account": hex(anna.account), "amk": hex(amk), "sealed": sealed,
        "device": {
            "secret": hex(pair.secret), "public": hex(pair.public), "info": hex(info),
            "ephemeral_ikm": hex(ikm), "enc": hex(enc), "ct": hex(ct),
            "tag": hex(approval_tag(&pair.public)),
        },
    })
}

fn passkey() -> Value {
    let (anna, mut chance) = (person("anna"), Chance::of("passkey"));
    let (output, credential, challenge): ([u8; 32], [u8; 20], [u8; 32]) =
        (chance.bytes(), chance.bytes(), chance.bytes());
    let (key, server) = (passkey_key(&output, &credential), "bm90IGFueXdoZXJlIGVsc2");
    let parts: [&[u8]; 4] = [&sha256(&[server.as_bytes()]), &challenge, &anna.account, &credential];
    let signature = sign(&key, "passkey", &parts);
    let signed = PasskeySignature {
        server_id: server,
        challenge: &challenge,
        credential: &credential,
        signature: &Signature::new(signature),
    };
    let public = VerifyKey::new(key.verifying_key().to_bytes()).unwrap();
    assert!(signed.verify(Some((anna.id(), public))));
    json!({
        "account": hex(anna.account), "output": hex(output), "credential": hex(credential),
        "sign_seed": hex(key.to_bytes()), "sign": hex(key.verifying_key()),
        "server": server, "challenge": hex(challenge), "signature": hex(signature),
    })
}

fn recovery() -> Value {
    let mut chance = Chance::of("recovery");
    let codes: Vec<[u8; 16]> = vec![[0; 16], [0xff; 16], chance.bytes(), chance.bytes()];
    let shown = codes.iter().map(|code| {
        let auth = recovery_auth(code);
        json!({
            "code": hex(code), "text": recovery_text(code), "auth": hex(auth),
            "auth_hash": hex(sha256(&[&auth])),
        })
    });
    json!({"codes": shown.collect::<Vec<_>>()})
}

fn grants() -> Value {
    let ([anna, bob], mut chance) = (["anna", "bob"].map(person), Chance::of("grants"));
    let mut talk = Talk::new(chance.bytes(), "direct", "all", "", chance.clone());
    talk.create(&[(&anna, "member"), (&bob, "member")]);
    let (info, ikm) = (talk.grant_info(bob.account, 1), chance.bytes());
    let (secret, payload) = &talk.secrets[0];
    let (enc, ct) = hpke_seal(&bob.sealing.public, ikm, &info, &anna.account, secret);
    let opened = bob.sealing.open(&enc, &info, &anna.account, &ct);
    assert_eq!(opened.as_deref(), Some(secret.as_slice()));
    json!([{
        "conversation": hex(talk.id), "epoch": 1, "to": hex(bob.account), "by": hex(anna.account),
        "payload_hash": hex(sha256(&[payload])), "info": hex(info), "ephemeral_ikm": hex(ikm),
        "ae_sk": hex(bob.sealing.secret), "ae_pub": hex(bob.sealing.public),
        "epoch_secret": hex(secret), "commit": hex(commit(secret)), "enc": hex(enc), "ct": hex(ct),
    }])
}

fn link() -> Value {
    let (anna, mut chance) = (person("anna"), Chance::of("link"));
    let (id, secret, conversation): ([u8; 16], [u8; 32], [u8; 16]) =
        (chance.bytes(), chance.bytes(), chance.bytes());
    let keys = LinkKeys::derive(id, &secret);
    let index = 12_u32;
    let parts: [&[u8]; 4] = [&conversation, &index.to_be_bytes(), &anna.account, &anna.identity()];
    json!({
        "id": hex(id), "secret": hex(secret), "auth": hex(keys.auth), "auth_hash": hex(sha256(&[&keys.auth])),
        "sign_seed": hex(keys.sign.to_bytes()), "sign": hex(keys.sign.verifying_key()),
        "seal_secret": hex(keys.seal.secret), "seal": hex(keys.seal.public),
        "join": {
            "conversation": hex(conversation), "index": index, "account": hex(anna.account),
            "as": hex(anna.identity()), "signature": hex(sign(&keys.sign, "join", &parts)),
        },
        "knock": {
            "conversation": hex(conversation), "account": hex(anna.account), "as": hex(anna.identity()),
            "signature": hex(sign(&keys.sign, "knock", &[&id, &conversation, &anna.account, &anna.identity()])),
        },
    })
}

fn transcript() -> Value {
    let mut chance = Chance::of("transcript");
    let (call, caller): ([u8; 16], [u8; 16]) = (chance.bytes(), chance.bytes());
    let outcomes = ["completed", "declined", "cancelled", "missed", "busy", "failed"];
    let calls: Vec<_> = outcomes
        .iter()
        .zip(0_u8..)
        .map(|(outcome, number)| {
            let (media, duration) = (number % 2, 1_000 * u64::from(number));
            let parts = [&call[..], &caller, &[media, number], &duration.to_be_bytes()].concat();
            let id = sha256(&[&label("call-entry\0"), &parts]);
            let media = ["audio", "video"][usize::from(media)];
            assert_eq!(id, server_call_entry(call, caller, media, outcome, duration));
            json!({"media": media, "outcome": outcome, "duration": duration, "id": hex(id)})
        })
        .collect();
    let (mut hash, mut server) = ([0; 32], Transcript::START);
    let entries: Vec<_> = (1_u64..=4)
        .map(|seq| {
            let id: [u8; 32] = chance.bytes();
            hash = sha256(&[&label("transcript\0"), &hash, &id, &seq.to_be_bytes()]);
            server = server.after(EnvelopeId::from_bytes(id), Seq(seq));
            assert_eq!(server.0.as_bytes(), &hash);
            json!({"seq": seq, "id": hex(id), "transcript": hex(hash)})
        })
        .collect();
    json!({"call": hex(call), "caller": hex(caller), "calls": calls, "entries": entries})
}

fn server_call_entry(
    call: [u8; 16],
    caller: [u8; 16],
    media: &str,
    outcome: &str,
    duration: u64,
) -> [u8; 32] {
    let media: CallMedia = serde_json::from_value(json!(media)).unwrap();
    let outcome: CallOutcome = serde_json::from_value(json!(outcome)).unwrap();
    let end = CallEnd { outcome, duration: Millis(duration), relayed: None };
    *call_entry_id(CallId::from_bytes(call), AccountId::from_bytes(caller), media, end).as_bytes()
}

fn safety() -> Value {
    let [anna, bob] = ["anna", "bob"].map(person);
    let half = |person: &Person| -> String {
        let key = person.signing.verifying_key();
        let input = [&label("safety\0"), &person.account[..], key.as_bytes()].concat();
        let digest = Sha512::digest(input);
        let number = |five: &[u8]| five.iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
        digest[..30].chunks(5).map(|five| format!("{:05}", number(five) % 100_000)).collect()
    };
    let mut halves = [half(&anna), half(&bob)];
    let side =
        |person: &Person| [&person.account[..], person.signing.verifying_key().as_bytes()].concat();
    let shown = [&anna, &bob].map(|p| {
        json!({"account": hex(p.account), "as_pub": hex(p.signing.verifying_key()), "digits": half(p)})
    });
    halves.sort();
    json!({
        "people": shown, "number": halves.concat(),
        "qr": hex([vec![1], side(&anna), side(&bob)].concat()), "qr_of": hex(anna.account),
    })
}

fn sas() -> Value {
    let mut chance = Chance::of("sas");
    let call: [u8; 16] = chance.bytes();
    let mut sides = Vec::new();
    let mut openings = Vec::new();
    for name in ["anna", "bob"] {
        let (person, nonce, print) = (person(name), chance.bytes::<32>(), chance.bytes::<32>());
        let (device, key) = (person.device().id, person.signing.verifying_key());
        let opening = [&nonce[..], &device, key.as_bytes(), &print, &call].concat();
        sides.push(json!({
            "nonce": hex(nonce), "device": hex(device), "as_pub": hex(key), "fingerprint": hex(print),
            "commitment": hex(sha256(&[&opening])),
        }));
        openings.push(opening);
    }
    openings.sort();
    let bytes: [u8; 6] = hkdf(&sha256(&[&openings.concat()]), &call, &label("sas"));
    let bits = bytes.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    let emoji: Vec<_> = (0..7).map(|i| bits >> (42 - 6 * i) & 63).collect();
    json!({"call": hex(call), "sides": sides, "bytes": hex(bytes), "emoji": emoji})
}

/// What both sides refuse, though some implementations would not.
fn refused() -> Value {
    let key = signatures::signer();
    let signatures: Vec<_> = signatures::signatures(&key).iter().map(hex).collect();
    json!({
        "verify_keys": signatures::verify_keys().iter().map(|(key, _)| hex(key)).collect::<Vec<_>>(),
        "seal_keys": signatures::seal_keys().iter().map(|(key, _)| hex(key)).collect::<Vec<_>>(),
        "signatures": {
            "key": hex(key.verifying_key()), "message": hex(signatures::MESSAGE), "refused": signatures,
        },
    })
}
