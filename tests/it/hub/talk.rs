use callbox::pure::auth::relay::Revocation;
use callbox::pure::wire::{CloseCode, ConversationId};
use serde_json::json;

use super::{Server, is, message};
use crate::e2ee_client::b64;
use crate::store::{done, fresh, invite, new_account_with_keys};

#[tokio::test]
async fn two_people_talk() {
    let server = Server::start().await;
    let mut anna = server.dial(&server.anna).await;
    let welcome = anna.greet(json!(null), json!([])).await;
    assert_eq!(welcome["account"], json!(server.anna.id));
    assert_eq!(welcome["accounts"].as_array().map(Vec::len), Some(2));
    let everyone = server.anna.everyone;
    let head = welcome["conversations"][0]["head"].as_u64().expect("a head");
    let mut ben = server.join(&server.ben).await;
    assert_eq!(anna.wait("presence").await["online"], json!(true));

    let command = message(&server.anna, everyone, "hello");
    let sent = anna.ask(command.clone()).await;
    assert_eq!(sent["seq"], json!(head + 1));
    let heard = ben.wait("entries").await;
    assert_eq!(heard["entries"][0]["content"]["envelope"], command["envelope"]);
    assert_eq!(anna.wait("entries").await, heard, "its sender sees the same");
    let again = anna.ask(command.clone()).await;
    assert_eq!(again, sent, "a resend is the same message");

    ben.ask(json!({"type": "typing", "conversation": everyone})).await;
    assert_eq!(anna.wait("typing").await["account"], json!(server.ben.id));
    ben.ask(json!({"type": "receipt", "conversation": everyone, "read": head + 1})).await;
    let receipt = anna.wait("receipt").await;
    assert_eq!((&receipt["delivered"], &receipt["read"]), (&json!(head + 1), &json!(head + 1)));
}

#[tokio::test]
async fn rooms_are_made_changed_and_left() {
    let server = Server::start().await;
    let mut anna = server.join(&server.anna).await;
    let mut ben = server.join(&server.ben).await;
    let room = server.create("room", &server.anna, "Kitchen", &[&server.ben]).await;
    let made = anna.wait("conversation").await;
    assert_eq!(made["conversation"]["name"], json!("Kitchen"));
    assert_eq!(made["conversation"]["epoch"], json!(1));
    assert_eq!(ben.wait("conversation").await, made);

    server.change(&server.anna, room, |talk, by| talk.rename(by, "Garden")).await;
    assert_eq!(ben.wait("conversation").await["conversation"]["name"], json!("Garden"));

    let gone = *server.ben.id.as_bytes();
    server.change(&server.anna, room, |talk, by| talk.remove(by, gone)).await;
    assert_eq!(ben.wait("conversation_gone").await["conversation"], json!(room));
    assert_eq!(ben.say(room, "hello?").await["code"], json!("not_found"));
    let alone = anna.find(|event| event["conversation"]["epoch"] == json!(2)).await;
    assert_eq!(alone["conversation"]["members"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn who_leaves_has_the_keys_renewed_before_anything_else_is_said() {
    let server = Server::start().await;
    let mut anna = server.join(&server.anna).await;
    let mut ben = server.join(&server.ben).await;
    let room = server.create("room", &server.anna, "Kitchen", &[&server.ben]).await;
    ben.wait("conversation").await;
    server.change(&server.ben, room, |talk, by| talk.leave(by)).await;
    ben.wait("conversation_gone").await;
    let left = anna.find(|e| e["conversation"]["rotation_required"] == json!(true)).await;
    assert_eq!(left["conversation"]["epoch"], json!(1));

    let before = server.anna.talk(room);
    assert_eq!(anna.say(room, "too early").await["code"], json!("rotate_first"));
    server.anna.settle(before);
    server.change(&server.anna, room, |talk, by| talk.rotate(by)).await;
    let renewed = anna.find(|event| event["conversation"]["epoch"] == json!(2)).await;
    assert_eq!(renewed["conversation"]["rotation_required"], json!(false));
    assert_eq!(anna.say(room, "among us").await["type"], json!("sent"));
}

#[tokio::test]
async fn a_room_is_handed_on_by_its_last_manager() {
    let server = Server::start().await;
    let mut anna = server.join(&server.anna).await;
    let mut ben = server.join(&server.ben).await;
    let room = server.create("room", &server.anna, "Kitchen", &[&server.ben]).await;
    let managed = ben.find(|event| event["conversation"]["members"][0]["role"] == "manager");
    let managed = managed.await["conversation"]["members"][0]["account"].clone();
    // That was Anna's, when she made it.
    assert_eq!(managed, json!(server.anna.id));
    server.change(&server.anna, room, |talk, by| talk.leave(by)).await;
    anna.wait("conversation_gone").await;
    let managed = ben.find(|event| event["conversation"]["members"][0]["role"] == "manager");
    assert_eq!(managed.await["conversation"]["members"][0]["account"], json!(server.ben.id));
    server.change(&server.ben, room, |talk, by| talk.rotate(by)).await;
    server.change(&server.ben, room, |talk, by| talk.rename(by, "Garden")).await;
    let renamed = ben.find(|event| event["conversation"]["name"] == "Garden").await;
    assert_eq!(renamed["conversation"]["members"][0]["role"], json!("manager"));
}

#[tokio::test]
async fn a_new_account_appears_at_once() {
    let server = Server::start().await;
    let mut anna = server.join(&server.anna).await;
    let ticket = invite(&server.files.store, &server.anna, 1).await;
    let (cleo, keys) = new_account_with_keys("Cleo", ticket);
    let registered = done(server.files.store.register(cleo.clone())).await;
    server.hub.registered(registered);
    assert_eq!(anna.wait("account").await["account"]["name"], json!("Cleo"));
    let everyone = server.anna.everyone;
    let seq =
        server.change(&server.anna, everyone, |talk, by| talk.add(by, &[(&keys, "member")])).await;
    assert_eq!(anna.seqs(everyone, seq).await, [seq]);
    let members = anna.wait("conversation").await["conversation"]["members"].clone();
    assert_eq!(members.as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn e10_who_cannot_open_an_epoch_asks_one_member_after_the_other() {
    let server = Server::start().await;
    let mut anna = server.join(&server.anna).await;
    let mut ben = server.join(&server.ben).await;
    let room = server.create("room", &server.anna, "Kitchen", &[&server.ben]).await;
    ben.wait("conversation").await;
    let ask = |epoch| json!({"type": "request_grant", "conversation": room, "epoch": epoch});
    assert_eq!(ben.ask(ask(2)).await["code"], json!("not_found"), "there is no such epoch");
    assert_eq!(ben.ask(ask(1)).await["type"], json!("done"));
    let request = anna.wait("grant_request").await;
    assert_eq!(request["account"], json!(server.ben.id));

    let mut talk = server.anna.talk(room);
    let grant = talk.grant(&server.anna.keys(), *server.ben.id.as_bytes(), 1);
    done(server.files.store.post_grants(room, server.anna.id, vec![grant])).await;
    server.hub.granted(room, vec![server.ben.id]);
    assert_eq!(ben.wait("grants").await["conversation"], json!(room));
}

#[tokio::test]
async fn h60_envelopes_of_others_are_refused_at_the_door() {
    let server = Server::start().await;
    let everyone = server.anna.everyone;
    let mut ben = server.join(&server.ben).await;
    let annas = message(&server.anna, everyone, "as Anna");
    assert_eq!(ben.ask(annas).await["code"], json!("forbidden"), "the account of another");
    let mut phone = server.ben.clone();
    phone.device = callbox::pure::wire::DeviceId::from_bytes(fresh());
    let before = server.ben.talk(everyone);
    let bens = message(&server.ben, everyone, "hello");
    let mut phone = server.join(&phone).await;
    assert_eq!(phone.ask(bens.clone()).await["code"], json!("forbidden"), "the device of another");

    // A flipped bit, wherever it is, and what is cut off.
    let bytes = crate::store::message(&server.ben, everyone, "again").envelope.bytes().to_vec();
    for at in [0, 1, 3, 7, 20, 30, 50, 60, 70, 100, 130, 150, 162, 170, bytes.len() - 1] {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        let answer = ben.ask(json!({"type": "send", "envelope": b64(&bad)})).await;
        let code = answer["code"].as_str().expect("it is refused").to_owned();
        assert!(["bad_request", "forbidden"].contains(&code.as_str()), "{at}: {code}");
    }
    for cut in [0, 1, 100, 163, 164, 227, bytes.len() - 1] {
        let answer = ben.ask(json!({"type": "send", "envelope": b64(&bytes[..cut])})).await;
        assert_eq!(answer["code"], json!("bad_request"), "{cut}");
    }
    server.ben.settle(before);
    assert_eq!(ben.ask(bens).await["type"], json!("sent"), "the device itself may");
}

#[tokio::test]
async fn h35_a_session_that_ends_is_cut_at_once() {
    let mut server = Server::start().await;
    let mut anna = server.join(&server.anna).await;
    let mut ben = server.join(&server.ben).await;
    server.hub.sessions_ended(vec![server.ben.session]);
    is(ben.end().await, CloseCode::SessionEnded);
    assert_eq!(server.revocations.recv().await, Some(Revocation::Session(server.ben.session)));
    anna.say(server.anna.everyone, "he is gone").await;
}

#[tokio::test]
async fn an_account_has_so_many_connections() {
    let server = Server::start().await;
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(server.join(&server.anna).await);
    }
    let mut one_more = server.dial(&server.anna).await;
    is(one_more.end().await, CloseCode::TryLater);
    let mut other = server.join(&server.ben).await;
    other.say(server.ben.everyone, "others are not affected").await;
    drop(open.pop());
    // The hub learns of the end when the session does: keep trying until then.
    let mut again = loop {
        let mut client = server.dial(&server.anna).await;
        client.tell(json!({"type": "ping"})).await;
        match client.read().await {
            Ok(_) => break client,
            Err(code) => is(code, CloseCode::TryLater),
        }
    };
    is(again.end().await, CloseCode::BadHello);
}

#[tokio::test]
async fn h58_conversations_of_others_look_like_none() {
    let server = Server::start().await;
    let mut ben = server.join(&server.ben).await;
    let room = server.create("room", &server.anna, "Hers", &[]).await;
    let unknown = ConversationId::from_bytes(fresh());
    server
        .anna
        .settle(crate::e2ee_client::Talk { id: *unknown.as_bytes(), ..server.anna.talk(room) });
    for kind in ["send", "receipt", "typing", "request_grant"] {
        let command = |conversation| match kind {
            "send" => message(&server.ben, conversation, "hello"),
            "request_grant" => json!({"type": kind, "conversation": conversation, "epoch": 1}),
            _ => json!({"type": kind, "conversation": conversation}),
        };
        let theirs = ben.ask(command(room)).await;
        assert_eq!(theirs["code"], json!("not_found"));
        assert_eq!(theirs, ben.ask(command(unknown)).await, "{kind}");
    }
}
