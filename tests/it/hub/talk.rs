use callbox::pure::auth::relay::Revocation;
use callbox::pure::wire::{AccountId, CloseCode, ConversationId};
use serde_json::json;

use super::{Server, is, message};
use crate::store::{done, fresh, invite, new_account};

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

    let command = message(everyone, "hello");
    let sent = anna.ask(command.clone()).await;
    assert_eq!(sent["seq"], json!(head + 1));
    let heard = ben.wait("entries").await;
    assert_eq!(heard["entries"][0]["content"]["body"], command["body"]);
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
    let room = ConversationId::from_bytes(fresh());
    let members = [server.ben.id];
    let create =
        json!({"type": "create_room", "conversation": room, "name": "Kitchen", "members": members});
    let made = anna.ask(create).await;
    assert_eq!(made["conversation"]["name"], json!("Kitchen"));
    assert_eq!(ben.wait("conversation").await["conversation"], made["conversation"]);

    let rename = json!({"type": "rename_room", "conversation": room, "name": "Garden"});
    assert_eq!(ben.ask(rename.clone()).await["code"], json!("forbidden"));
    anna.ask(rename).await;
    assert_eq!(ben.wait("conversation").await["conversation"]["name"], json!("Garden"));

    let remove = json!({"type": "remove_member", "conversation": room, "account": server.ben.id});
    assert_eq!(anna.ask(remove).await["type"], json!("done"));
    assert_eq!(ben.wait("conversation_gone").await["conversation"], json!(room));
    assert_eq!(ben.ask(message(room, "hello?")).await["code"], json!("not_found"));

    let direct = ben.ask(json!({"type": "open_direct", "account": server.anna.id})).await;
    let found = anna.ask(json!({"type": "open_direct", "account": server.ben.id})).await;
    assert_eq!(direct["conversation"]["id"], found["conversation"]["id"]);
}

#[tokio::test]
async fn a_room_is_handed_on_by_its_last_manager() {
    let server = Server::start().await;
    let mut anna = server.join(&server.anna).await;
    let mut ben = server.join(&server.ben).await;
    let room = ConversationId::from_bytes(fresh());
    let members = [server.ben.id];
    let create =
        json!({"type": "create_room", "conversation": room, "name": "Kitchen", "members": members});
    anna.ask(create).await;
    anna.ask(json!({"type": "leave_room", "conversation": room})).await;
    let managed = ben.find(|event| event["conversation"]["members"][0]["role"] == "manager");
    let managed = managed.await["conversation"]["members"][0]["account"].clone();
    // That was Anna's, when she made it.
    assert_eq!(managed, json!(server.anna.id));
    let managed = ben.find(|event| event["conversation"]["members"][0]["role"] == "manager");
    assert_eq!(managed.await["conversation"]["members"][0]["account"], json!(server.ben.id));
    let rename = json!({"type": "rename_room", "conversation": room, "name": "Garden"});
    assert_eq!(ben.ask(rename).await["type"], json!("done"));
}

#[tokio::test]
async fn a_new_account_appears_at_once() {
    let server = Server::start().await;
    let mut anna = server.join(&server.anna).await;
    let ticket = invite(&server.files.store, &server.anna, 1).await;
    let cleo = new_account("Cleo", ticket);
    let registered = done(server.files.store.register(cleo.clone())).await;
    let seq = registered.joined.seq.0;
    server.hub.registered(registered);
    assert_eq!(anna.wait("account").await["account"]["name"], json!("Cleo"));
    assert_eq!(anna.seqs(server.anna.everyone, seq).await, [seq]);
    let members = anna.wait("conversation").await["conversation"]["members"].clone();
    assert_eq!(members.as_array().map(Vec::len), Some(3));
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
    let mut anna = server.join(&server.anna).await;
    let mut ben = server.join(&server.ben).await;
    let room = ConversationId::from_bytes(fresh());
    let create =
        json!({"type": "create_room", "conversation": room, "name": "Hers", "members": []});
    anna.ask(create).await;
    let unknown = ConversationId::from_bytes(fresh());
    for kind in ["send", "receipt", "typing", "add_members", "leave_room"] {
        let command = |conversation| match kind {
            "send" => message(conversation, "hello"),
            "add_members" => {
                json!({"type": kind, "conversation": conversation, "accounts": [server.ben.id]})
            }
            _ => json!({"type": kind, "conversation": conversation}),
        };
        let theirs = ben.ask(command(room)).await;
        assert_eq!(theirs["code"], json!("not_found"));
        assert_eq!(theirs, ben.ask(command(unknown)).await, "{kind}");
    }
    let stranger = AccountId::from_bytes(fresh());
    let direct = ben.ask(json!({"type": "open_direct", "account": stranger})).await;
    assert_eq!(direct["code"], json!("not_found"));
}
