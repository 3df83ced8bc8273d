use callbox::pure::wire::CloseCode;
use serde_json::json;

use super::{Server, is, message, seqs_of, unlimited};

#[tokio::test]
async fn a_client_that_was_away_gets_exactly_what_it_missed() {
    let server = Server::start().await;
    let everyone = server.anna.everyone;
    let mut anna = server.dial_within(&server.anna, unlimited()).await;
    let welcome = anna.greet(json!(null), json!([])).await;
    let head = welcome["conversations"][0]["head"].as_u64().expect("a head");
    let last = head + 250;
    for n in head..last {
        anna.tell(message(&server.anna, everyone, "while you were away")).await;
        if n % 50 == 49 {
            anna.seqs(everyone, n + 1).await;
        }
    }
    anna.seqs(everyone, last).await;

    let mut ben = server.dial(&server.ben).await;
    let cursor = json!([{"conversation": everyone, "seq": head}]);
    ben.greet(welcome["epoch"].clone(), cursor).await;
    // While he catches up she goes on.
    for _ in 0..50 {
        anna.tell(message(&server.anna, everyone, "and while you come back")).await;
    }
    let missed: Vec<_> = (head + 1..=last + 50).collect();
    assert_eq!(ben.seqs(everyone, last + 50).await, missed);
}

#[tokio::test]
async fn h57_cursors_beyond_the_end_or_of_another_epoch_are_void() {
    let server = Server::start().await;
    let everyone = server.anna.everyone;
    let mut anna = server.join(&server.anna).await;
    for epoch in [None, Some("another")] {
        let mut ben = server.dial(&server.ben).await;
        let seq = if epoch.is_some() { 0 } else { 1_000_000 };
        let mut client = server.dial(&server.ben).await;
        let current = client.greet(json!(null), json!([])).await["epoch"].clone();
        let epoch = epoch.map_or(current, |epoch| json!(epoch));
        ben.greet(epoch, json!([{"conversation": everyone, "seq": seq}])).await;
        let sent = anna.say(everyone, "news").await;
        let heard = ben.wait("entries").await;
        assert_eq!(json!(seqs_of(&heard)), json!([sent["seq"]]), "only what is new");
    }
}

#[tokio::test]
async fn h54_slow_reader_is_closed_and_resumes() {
    let server = Server::start().await;
    let everyone = server.anna.everyone;
    let mut anna = server.dial_within(&server.anna, unlimited()).await;
    let mut slow = server.dial(&server.ben).await;
    let welcome = slow.greet(json!(null), json!([])).await;
    anna.greet(json!(null), json!([])).await;
    let head = welcome["conversations"][0]["head"].as_u64().expect("a head");

    // More than the sockets' buffers and the outbox together hold. Nobody waits for him.
    let text = "x".repeat(3_000);
    let last = head + 600;
    for n in head..last {
        anna.tell(message(&server.anna, everyone, &text)).await;
        if n % 100 == 99 {
            anna.seqs(everyone, n + 1).await;
        }
    }
    anna.seqs(everyone, last).await;
    let mut got = head;
    let code = loop {
        match slow.read().await {
            Ok(event) if event["type"] == "entries" => {
                for seq in seqs_of(&event) {
                    assert_eq!(seq, got + 1, "what he got has no gap");
                    got = seq;
                }
            }
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    assert!(got < last, "he was cut");
    // The farewell itself may be lost on a socket that is full.
    if code != 0 {
        is(code, CloseCode::SlowReader);
    }

    let mut back = server.dial(&server.ben).await;
    let cursor = json!([{"conversation": everyone, "seq": got}]);
    back.greet(welcome["epoch"].clone(), cursor).await;
    let rest: Vec<_> = (got + 1..=last).collect();
    assert_eq!(back.seqs(everyone, last).await, rest, "nothing is lost");
}
