//! Control payloads that do not follow the one before, or are not read alike by everybody.

use callbox::pure::e2ee::{Control, ControlState, InvalidControl, Refusal};
use callbox::pure::wire::{ConversationId, Millis};
use serde_json::{Value, json};

use super::world::{Both, People, link};
use crate::e2ee_client::Posted;
use crate::e2ee_client::crypto::b64;
use crate::e2ee_client::envelope::{CONTENT, CONTROL};

/// The payload of an event changed and signed again by its sender.
fn altered(
    people: &People,
    both: &Both,
    by: usize,
    change: &dyn Fn(&mut Value),
) -> Result<Control, InvalidControl> {
    let by = &people.0[by];
    let mut talk = both.talk.clone();
    let posted = talk.clone().rotate(by);
    let mut payload: Value =
        serde_json::from_slice(&posted.envelope[164..posted.envelope.len() - 64]).unwrap();
    let mut draft = talk.draft(by, CONTROL);
    draft.epoch += 1;
    change(&mut payload);
    people.control(&draft.clear(payload.to_string().as_bytes(), &by.device().key))
}

#[test]
fn h63_an_event_that_does_not_follow_is_refused() {
    let people = People::new();
    let room = Both::room("all", &people);
    let step = |change: &dyn Fn(&mut Value)| {
        let control = altered(&people, &room, 0, change).unwrap();
        control.step(room.state.as_ref(), Millis(0)).map(|step| step.rotates())
    };
    assert_eq!(step(&|_| {}), Ok(true));
    let refused = |change: &dyn Fn(&mut Value)| step(change).unwrap_err();
    assert_eq!(refused(&|p| p["index"] = json!(0)), Refusal::Index);
    assert_eq!(refused(&|p| p["index"] = json!(2)), Refusal::Index);
    assert_eq!(refused(&|p| p["prev"] = json!(b64([1; 32]))), Refusal::Prev);
    assert_eq!(refused(&|p| p["state"] = json!(b64([1; 32]))), Refusal::State);
    assert_eq!(refused(&|p| p["op"] = json!({"type": "rename", "name": "Garten"})), Refusal::Epoch);
    let commit = room.server().commit;
    assert_eq!(refused(&|p| p["commit"] = json!(commit)), Refusal::Commit);
    let other =
        ControlState { conversation: ConversationId::from_bytes([2; 16]), ..room.server().clone() };
    let control = altered(&people, &room, 0, &|_| {}).unwrap();
    assert_eq!(control.step(Some(&other), Millis(0)).err(), Some(Refusal::Conversation));
    assert_eq!(control.step(None, Millis(0)).err(), Some(Refusal::Index));
    let first =
        altered(&people, &room, 0, &|p| (p["index"], p["prev"]) = (json!(0), json!(b64([0; 32]))))
            .unwrap();
    assert_eq!(first.step(None, Millis(0)).err(), Some(Refusal::Epoch));
}

#[test]
fn h53_a_control_payload_is_read_strictly() {
    let people = People::new();
    let room = Both::room("all", &people);
    let read = |change: &dyn Fn(&mut Value)| altered(&people, &room, 0, change).err();
    let format =
        |change: &dyn Fn(&mut Value)| matches!(read(change), Some(InvalidControl::Format(_)));
    assert_eq!(read(&|p| p["v"] = json!(2)), Some(InvalidControl::Version));
    assert_eq!(read(&|p| p["epoch"] = json!(3)), Some(InvalidControl::Epoch));
    assert!(format(&|p| p["more"] = json!(1)));
    for field in ["v", "index", "prev", "epoch", "commit", "state", "ts", "op"] {
        assert!(format(&|p| drop(p.as_object_mut().unwrap().remove(field))), "{field}");
    }
    assert!(format(&|p| p["ts"] = json!(1_u64 << 53)));
    let account = b64([1; 16]);
    let link = json!({"id": account, "sign": b64(people.0[0].signing.verifying_key()),
        "seal": b64(people.0[0].sealing.public), "role": "guest", "expires": null, "lobby": true});
    for op in [
        json!({"type": "rotate"}),
        json!({"type": "leave"}),
        json!({"type": "remove", "account": account}),
        json!({"type": "rename", "name": "Garten"}),
        json!({"type": "link_add", "link": link}),
        json!({"type": "create", "kind": "direct", "name": null, "history": "all", "members": []}),
        json!({"type": "readmit", "member": {"account": account, "as": b64([1; 32])}}),
    ] {
        assert_eq!(read(&|p| p["op"] = op.clone()), None, "{op}");
        assert!(
            format(&|p| {
                p["op"] = op.clone();
                p["op"]["more"] = json!(1);
            }),
            "{op}"
        );
        for field in op.as_object().unwrap().keys() {
            assert!(
                format(&|p| {
                    p["op"] = op.clone();
                    p["op"].as_object_mut().unwrap().remove(field);
                }),
                "{op} without {field}"
            );
        }
    }
    for inner in ["id", "sign", "seal", "role", "expires", "lobby"] {
        let mut less = link.clone();
        less.as_object_mut().unwrap().remove(inner);
        assert!(format(&|p| p["op"] = json!({"type": "link_add", "link": less})), "{inner}");
    }
    for name in ["", " Garten", "a\u{202e}b", "e\u{301}", &"x".repeat(65)] {
        assert!(format(&|p| p["op"] = json!({"type": "rename", "name": name})), "{name:?}");
    }
    assert!(format(&|p| p["op"] = json!({"type": "other"})));
}

#[test]
fn h53_a_repeated_field_anywhere_is_refused() {
    let people = People::new();
    let by = &people.0[0];
    let mut room = Both::room("all", &people);
    let text = |posted: Posted| {
        String::from_utf8(posted.envelope[164..posted.envelope.len() - 64].to_vec()).unwrap()
    };
    let good = text(room.talk.clone().add_link(by, &link("one"), "guest", None, false));
    let mut read = |payload: &str| {
        let bytes = room.talk.draft(by, CONTROL).clear(payload.as_bytes(), &by.device().key);
        people.control(&bytes).err()
    };
    assert_eq!(read(&good), None);
    for field in
        ["\"v\":1", "\"index\":1", "\"type\":\"link_add\"", "\"lobby\":false", "\"expires\":null"]
    {
        let twice = good.replacen(field, &format!("{field},{field}"), 1);
        assert_ne!(twice, good);
        assert!(matches!(read(&twice), Some(InvalidControl::Format(_))), "{twice}");
    }
    assert!(matches!(read(&format!("{good} x")), Some(InvalidControl::Format(_))));
    assert!(matches!(read(&"[".repeat(100_000)), Some(InvalidControl::Format(_))));
}

#[test]
fn a_message_is_no_control_event() {
    let people = People::new();
    let mut room = Both::room("all", &people);
    let mut draft = room.talk.draft(&people.0[0], CONTENT);
    draft.epoch = 1;
    let bytes = draft.seal(&[1; 32], b"{}", &people.0[0].device().key);
    assert_eq!(people.control(&bytes).err(), Some(InvalidControl::Kind));
}
