use callbox::pure::wire::{CallId, CloseCode};
use serde_json::json;

use super::{Server, is};
use crate::store::fresh;

#[tokio::test]
async fn watermarks_and_calls_outlive_a_restart() {
    let server = Server::start().await;
    let everyone = server.anna.everyone;
    let mut anna = server.join(&server.anna).await;
    let mut ben = server.join(&server.ben).await;
    let seq = anna.say(everyone, "hello").await["seq"].clone();
    ben.ask(json!({"type": "receipt", "conversation": everyone, "read": seq})).await;
    let conversation = server.create("direct", &server.anna, "", &[&server.ben]).await;
    anna.wait("conversation").await;
    let call = CallId::from_bytes(fresh());
    let start =
        json!({"type": "start_call", "call": call, "conversation": conversation, "media": "audio"});
    anna.ask(start).await;
    ben.ask(json!({"type": "accept_call", "call": call})).await;

    let server = server.restart().await;
    is(anna.end().await, CloseCode::stopping(0, 0));
    is(ben.end().await, CloseCode::stopping(0, 0));

    let mut anna = server.dial(&server.anna).await;
    let welcome = anna.greet(json!(null), json!([])).await;
    assert_eq!(welcome["calls"][0]["state"]["type"], json!("active"));
    let conversations = welcome["conversations"].as_array().expect("conversations");
    let found = conversations.iter().find(|c| c["id"] == json!(everyone)).expect("Everyone");
    let members = found["members"].as_array().expect("members");
    let ben = members.iter().find(|m| m["account"] == json!(server.ben.id)).expect("Ben");
    assert_eq!(ben["read"], seq, "what he had read is saved at the stop");

    let rejoined = anna.ask(json!({"type": "rejoin_call", "call": call})).await;
    assert_eq!(rejoined["call"]["legs"][0]["attached"], json!(true));
    let over = anna.ask(json!({"type": "end_call", "call": call, "failed": false})).await;
    assert_eq!(over["call"]["state"]["end"]["outcome"], json!("completed"));
    assert_eq!(anna.seqs(conversation, 2).await, [2]);
}

#[tokio::test]
async fn a_hub_that_has_stopped_turns_connections_away() {
    let server = Server::start().await;
    server.hub.stop().await;
    let mut anna = server.dial(&server.anna).await;
    is(anna.end().await, CloseCode::stopping(0, 0));
    server.hub.stop().await;
}
