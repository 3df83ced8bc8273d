//! Account records that do not follow the one before.

use callbox::pure::e2ee::{DeviceRefusal, InvalidRecord as Invalid, Record, RecordChange};
use callbox::pure::wire::{DeviceId, SignedRecord};
use serde_json::{Value, json};

use crate::e2ee_client::crypto::{b64, sha256, sign};
use crate::e2ee_client::{Chance, Person};

fn anna() -> Person {
    Person::new(Chance::of("anna"))
}

/// A person's record as the server knows it.
fn checked(person: &Person) -> Record {
    let mut record = Record::first(person.id(), &person.records[0]).unwrap();
    for signed in &person.records[1..] {
        record = record.next(signed).unwrap().0;
    }
    record
}

/// The newest version, changed by the person itself and signed again.
fn changed(person: &Person, change: impl FnOnce(&mut Value)) -> SignedRecord {
    let mut payload: Value = serde_json::from_slice(person.record().payload.as_ref()).unwrap();
    change(&mut payload);
    signed(person, payload.to_string().as_bytes())
}

fn signed(person: &Person, payload: &[u8]) -> SignedRecord {
    let signature = sign(&person.signing, "account-record", &[payload]).to_vec().into();
    let continuity = person.record().continuity.clone();
    SignedRecord { payload: payload.to_vec().into(), signature, continuity }
}

/// What the second version of anna's record is refused for, once changed.
fn second(change: impl FnOnce(&mut Value)) -> Result<RecordChange, Invalid> {
    let mut anna = anna();
    let first = checked(&anna);
    anna.add_device([7; 16], 5);
    first.next(&changed(&anna, change)).map(|(_, change)| change)
}

#[test]
fn a_record_grows_version_by_version() {
    let mut anna = anna();
    let old_device = anna.device_id();
    let mut record = checked(&anna);
    let mut next = |signed: &SignedRecord| {
        let (next, change) = record.next(signed).unwrap();
        record = next;
        change
    };
    let change = next(anna.add_device([7; 16], 5));
    assert_eq!((change.appended, change.revoked), (vec![DeviceId::from_bytes([7; 16])], vec![]));
    let change = next(anna.revoke_device(*old_device.as_bytes(), 6));
    assert_eq!((change.appended, change.revoked), (vec![], vec![old_device]));
    let change = next(anna.rekey());
    assert!(change.rekeyed && !change.reset && change.rebundled);
    let change = next(anna.reset());
    assert!(change.rekeyed && change.reset && change.rebundled);
    assert_eq!((record.version(), record.generation(), record.bundle_version()), (5, 3, 3));
    assert_eq!(record.identity().as_bytes(), &anna.identity());
    assert_eq!(record.seal_key().as_bytes(), &anna.sealing.public);
    assert_eq!(record.signer(old_device), Err(DeviceRefusal::Revoked));
    assert_eq!(record.signer(DeviceId::from_bytes([8; 16])), Err(DeviceRefusal::Unknown));
    let key = record.signer(DeviceId::from_bytes([7; 16])).unwrap();
    assert_eq!(key.as_bytes(), anna.device().key.verifying_key().as_bytes());
}

#[test]
fn e6_an_old_or_forked_record_is_refused() {
    let mut anna = anna();
    let first = checked(&anna);
    anna.add_device([7; 16], 5);
    let second = checked(&anna);
    assert_eq!(second.next(&anna.records[0]).err(), Some(Invalid::Version));
    assert_eq!(second.next(&anna.records[1]).err(), Some(Invalid::Version));
    anna.add_device([8; 16], 6);
    assert_eq!(first.next(&anna.records[2]).err(), Some(Invalid::Version));
    let fork = changed(&anna, |payload| payload["prev"] = json!(b64([3; 32])));
    assert_eq!(second.next(&fork).err(), Some(Invalid::Prev));
    assert_eq!(Record::first(anna.id(), &anna.records[1]).err(), Some(Invalid::Version));
}

#[test]
fn every_flipped_bit_of_a_record_is_refused() {
    let mut anna = anna();
    let first = checked(&anna);
    anna.rekey();
    let flip = |bytes: &[u8], bit: usize| {
        let mut bytes = bytes.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes.into()
    };
    let good = anna.record();
    assert!(first.next(good).is_ok());
    for bit in 0..good.payload.len() * 8 {
        let payload = flip(good.payload.as_ref(), bit);
        assert!(first.next(&SignedRecord { payload, ..good.clone() }).is_err(), "{bit}");
    }
    for bit in 0..64 * 8 {
        let signature = flip(good.signature.as_ref(), bit);
        let wrong = SignedRecord { signature, ..good.clone() };
        assert_eq!(first.next(&wrong).err(), Some(Invalid::Signature), "{bit}");
        let continuity = Some(flip(good.continuity.as_ref().unwrap().as_ref(), bit));
        let wrong = SignedRecord { continuity, ..good.clone() };
        assert_eq!(first.next(&wrong).err(), Some(Invalid::Continuity), "{bit}");
    }
}

#[test]
fn devices_are_never_dropped_or_changed() {
    assert_eq!(second(|_| {}).map(|change| change.appended.len()), Ok(1));
    let other = b64(anna().signing.verifying_key());
    assert_eq!(second(|p| p["devices"][0]["added"] = json!(4)), Err(Invalid::DeviceChanged));
    assert_eq!(
        second(|p| p["devices"][0]["id"] = json!(b64([3; 16]))),
        Err(Invalid::DeviceChanged)
    );
    assert_eq!(second(|p| p["devices"][0]["ds_pub"] = json!(other)), Err(Invalid::DeviceChanged));
    assert_eq!(
        second(|p| p["devices"].as_array_mut().unwrap().swap(0, 1)),
        Err(Invalid::DeviceChanged)
    );
    assert_eq!(
        second(|p| drop(p["devices"].as_array_mut().unwrap().remove(0))),
        Err(Invalid::DeviceChanged)
    );
    assert_eq!(second(|p| p["devices"] = json!([])), Err(Invalid::DeviceCount));
    let copy = |p: &mut Value, field: &str| p["devices"][1][field] = p["devices"][0][field].clone();
    assert_eq!(second(|p| copy(p, "id")), Err(Invalid::DeviceTwice));
    assert_eq!(second(|p| copy(p, "ds_pub")), Err(Invalid::DeviceTwice));
}

#[test]
fn a_revoked_device_stays_revoked() {
    let mut anna = anna();
    let id = anna.device().id;
    anna.add_device([7; 16], 5);
    anna.revoke_device(id, 6);
    let record = checked(&anna);
    for revoked in [json!(null), json!(7)] {
        anna.add_device([8; 16], 7);
        let wrong = changed(&anna, |payload| payload["devices"][0]["revoked"] = revoked);
        anna.records.pop();
        anna.devices.pop();
        assert_eq!(record.next(&wrong).err(), Some(Invalid::DeviceChanged));
    }
}

#[test]
fn keys_change_only_with_continuity_or_a_reset() {
    let other = anna();
    let mut anna = anna();
    let first = checked(&anna);
    anna.rekey();
    let good = anna.record().clone();
    let with = |continuity, change: fn(&mut Value)| {
        let signed = SignedRecord { continuity, ..changed(&anna, change) };
        first.next(&signed).err()
    };
    assert_eq!(with(good.continuity.clone(), |_| {}), None);
    assert_eq!(with(None, |_| {}), Some(Invalid::Continuity));
    assert_eq!(with(None, |p| p["reset"] = json!(true)), None);
    assert_eq!(
        with(good.continuity.clone(), |p| p["reset"] = json!(true)),
        Some(Invalid::Continuity)
    );
    assert_eq!(with(Some(good.signature.clone()), |_| {}), Some(Invalid::Continuity));
    assert_eq!(with(Some(vec![1; 63].into()), |_| {}), Some(Invalid::SignatureLength));
    assert_eq!(with(None, |p| p["g"] = json!(3)), Some(Invalid::Generation));
    assert_eq!(with(None, |p| p["g"] = json!(1)), Some(Invalid::Keys));
    assert_eq!(
        with(None, |p| (p["reset"], p["bundle_version"]) = (json!(true), json!(1))),
        Some(Invalid::Bundle)
    );
    let keep = SignedRecord {
        continuity: None,
        ..changed(&anna, |p| {
            p["reset"] = json!(true);
            p["ae_pub"] = json!(b64(other.sealing.public));
        })
    };
    assert_eq!(first.next(&keep).err(), Some(Invalid::Keys));
    assert_eq!(second(|p| p["reset"] = json!(true)), Err(Invalid::Continuity));
    assert_eq!(second(|p| p["bundle_version"] = json!(0)), Err(Invalid::Bundle));
}

#[test]
fn a_first_record_begins_everything() {
    let anna = anna();
    let first = |change: fn(&mut Value)| Record::first(anna.id(), &changed(&anna, change)).err();
    assert_eq!(first(|_| {}), None);
    assert_eq!(first(|p| p["version"] = json!(2)), Some(Invalid::Version));
    assert_eq!(first(|p| p["g"] = json!(2)), Some(Invalid::Generation));
    assert_eq!(first(|p| p["reset"] = json!(true)), Some(Invalid::Continuity));
    assert_eq!(first(|p| p["prev"] = json!(b64([1; 32]))), Some(Invalid::Prev));
    assert_eq!(first(|p| p["v"] = json!(2)), Some(Invalid::Suite));
    assert_eq!(first(|p| p["suite"] = json!(2)), Some(Invalid::Suite));
    assert_eq!(first(|p| p["account"] = json!(b64([1; 16]))), Some(Invalid::Account));
    let bob = Person::new(Chance::of("bob"));
    assert_eq!(Record::first(bob.id(), anna.record()).err(), Some(Invalid::Account));
}

#[test]
fn h53_a_payload_has_each_field_once_and_no_other() {
    let anna = anna();
    let text = String::from_utf8(anna.record().payload.0.to_vec()).unwrap();
    let refused = |text: &str| {
        let found = Record::first(anna.id(), &signed(&anna, text.as_bytes())).err();
        assert!(matches!(found, Some(Invalid::Format(_))), "{found:?}: {text}");
    };
    let fields: Value = serde_json::from_str(&text).unwrap();
    for (name, value) in fields.as_object().unwrap() {
        refused(&text.replacen('{', &format!("{{\"{name}\":{value},"), 1));
        let mut less = fields.clone();
        less.as_object_mut().unwrap().remove(name);
        refused(&less.to_string());
    }
    refused(&text.replacen('{', "{\"more\":1,", 1));
    refused(&text.replace("\"added\":", "\"more\":1,\"added\":"));
    refused(&text.replace("\"revoked\":null", "\"revoked\":null,\"revoked\":null"));
    refused(&text.replace(",\"revoked\":null", ""));
    for number in ["1.0", "1e0", "-1", "\"1\"", "9007199254740992", "18446744073709551616", "NaN"] {
        refused(&text.replace("1700000000000", number));
        refused(&text.replace("\"g\":1", &format!("\"g\":{number}")));
    }
    refused(&format!("{text}x"));
    refused(&format!("\u{feff}{text}"));
    refused(&format!("[{text}]"));
    refused(&"[".repeat(100_000));
    let weak = b64([0; 32]);
    for key in ["as_pub", "ae_pub"] {
        let mut other = fields.clone();
        other[key] = json!(weak);
        refused(&other.to_string());
    }
    assert_eq!(checked(&anna).hash().as_bytes(), &sha256(&[text.as_bytes()]));
}
