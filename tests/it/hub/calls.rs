use callbox::pure::auth::relay::{Grant, Keys, Revocation};
use callbox::pure::wire::{CallId, ConversationId, DeviceId};
use serde_json::{Value, json};

use super::{Client, Server, signal};
use crate::store::fresh;

/// The direct conversation of the two, and both of them connected.
async fn pair(server: &Server) -> (Client, Client, ConversationId) {
    let mut anna = server.join(&server.anna).await;
    let mut ben = server.join(&server.ben).await;
    let id = server.create("direct", &server.anna, "", &[&server.ben]).await;
    anna.wait("conversation").await;
    ben.wait("conversation").await;
    (anna, ben, id)
}

fn start(call: CallId, conversation: ConversationId) -> Value {
    json!({"type": "start_call", "call": call, "conversation": conversation, "media": "video"})
}

#[tokio::test]
async fn a_call_from_the_ring_to_the_entry() {
    let mut server = Server::start().await;
    let (mut anna, mut ben, direct) = pair(&server).await;
    let call = CallId::from_bytes(fresh());
    let rings = anna.ask(start(call, direct)).await;
    assert_eq!(rings["call"]["state"]["type"], json!("ringing"));
    assert_eq!(ben.wait("call").await["call"], rings["call"]);

    let relay = ben.ask(json!({"type": "relay_credentials", "call": call})).await;
    let grant = Grant::parse(relay["username"].as_str().expect("text")).expect("a grant");
    assert_eq!((grant.call, grant.session), (call, server.ben.session));
    let passwords: Vec<_> =
        Keys::new(&[7; 32], None).passwords(relay["username"].as_str().expect("text")).collect();
    assert_eq!(json!(passwords), json!([relay["credential"]]));
    assert_eq!(relay["urls"], json!(["turn:{host}:3478?transport=udp"]));

    let runs = ben.ask(json!({"type": "accept_call", "call": call})).await;
    assert_eq!(runs["call"]["state"]["type"], json!("active"));
    assert_eq!(
        anna.ask(signal(&server.anna, direct, call, server.ben.device)).await["type"],
        json!("done")
    );
    assert_eq!(ben.wait("signal").await["from"], json!(server.anna.device));
    // Not a message, and not in an epoch that is over.
    let mut content = crate::hub::message(&server.anna, direct, "hello");
    content["type"] = json!("signal");
    (content["call"], content["to"]) = (json!(call), json!(server.ben.device));
    assert_eq!(anna.ask(content).await["code"], json!("bad_request"));
    let old = signal(&server.anna, direct, call, server.ben.device);
    server.change(&server.ben, direct, |talk, by| talk.rotate(by)).await;
    anna.find(|event| event["conversation"]["epoch"] == json!(2)).await;
    assert_eq!(anna.ask(old).await["code"], json!("stale_epoch"));

    let over = ben.ask(json!({"type": "end_call", "call": call, "failed": false})).await;
    assert_eq!(over["call"]["state"]["end"]["outcome"], json!("completed"));
    assert_eq!(server.revocations.recv().await, Some(Revocation::Call(call)));
    let entry = anna.find(|event| event["entries"][0]["content"]["type"] == json!("call")).await;
    assert_eq!(entry["entries"][0]["content"]["call"], json!(call));
    assert_eq!(entry["entries"][0]["content"]["end"], over["call"]["state"]["end"]);
}

#[tokio::test]
async fn two_accepts_at_once_have_one_winner() {
    let server = Server::start().await;
    let (mut anna, mut ben, direct) = pair(&server).await;
    let mut phone = server.ben.clone();
    phone.device = DeviceId::from_bytes(fresh());
    let mut phone = server.join(&phone).await;
    for _ in 0..5 {
        let call = CallId::from_bytes(fresh());
        anna.ask(start(call, direct)).await;
        let accept = json!({"type": "accept_call", "call": call});
        let (one, other) = tokio::join!(ben.ask(accept.clone()), phone.ask(accept));
        let won = [&one, &other].map(|answer| answer["type"] == json!("call"));
        assert_ne!(won[0], won[1], "{one} {other}");
        let lost = if won[0] { other } else { one };
        assert_eq!(lost["code"], json!("conflict"));
        anna.ask(json!({"type": "end_call", "call": call, "failed": false})).await;
    }
}

#[tokio::test]
async fn h65_signals_reach_nobody_outside_the_call() {
    let server = Server::start().await;
    let (mut anna, mut ben, direct) = pair(&server).await;
    let call = CallId::from_bytes(fresh());
    let to_ben = signal(&server.anna, direct, call, server.ben.device);
    assert_eq!(anna.ask(to_ben.clone()).await["code"], json!("not_found"), "no call");
    anna.ask(start(call, direct)).await;
    assert_eq!(anna.ask(to_ben.clone()).await["code"], json!("not_found"), "it only rings");
    ben.ask(json!({"type": "accept_call", "call": call})).await;
    let elsewhere = signal(&server.anna, direct, call, DeviceId::from_bytes(fresh()));
    assert_eq!(anna.ask(elsewhere).await["code"], json!("not_found"), "another device");
    ben.ask(json!({"type": "end_call", "call": call, "failed": false})).await;
    assert_eq!(anna.ask(to_ben).await["code"], json!("not_found"), "it is over");
    // Nothing was delivered: what comes next is the answer to this.
    ben.ask(json!({"type": "ping"})).await;
    assert!(ben.early.iter().all(|event| event["type"] != "signal"));
}

#[tokio::test]
async fn h66_signals_come_at_their_rate_and_size() {
    let server = Server::start().await;
    let (mut anna, mut ben, direct) = pair(&server).await;
    let call = CallId::from_bytes(fresh());
    anna.ask(start(call, direct)).await;
    ben.ask(json!({"type": "accept_call", "call": call})).await;
    let mut last = 0;
    for _ in 0..300 {
        last = anna.tell(signal(&server.anna, direct, call, server.ben.device)).await;
    }
    let refused = anna.find(|event| event["error"]["code"] == json!("rate_limited")).await;
    assert!(refused["error"]["retry_ms"].as_u64().is_some_and(|wait| wait > 0));
    anna.answer(last).await;

    let mut large = signal(&server.anna, direct, call, server.ben.device);
    large["envelope"] = json!("A".repeat(60 * 1024));
    let answer = anna.ask(large).await;
    assert!(["bad_request", "rate_limited"].map(|code| json!(code)).contains(&answer["code"]));
}
