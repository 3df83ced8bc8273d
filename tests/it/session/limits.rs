//! Order, rates and silence.

use std::time::Duration;

use callbox::pure::wire::CloseCode;
use callbox::session::Limits;
use serde_json::{Value, json};

use crate::hub::{Server, is, message};

#[tokio::test]
async fn h49_hello_comes_first_once_and_in_time() {
    let server = Server::start().await;
    let soon = Limits { hello: Duration::from_millis(50), ..Limits::default() };
    let mut silent = server.dial_within(&server.anna, soon).await;
    is(silent.end().await, CloseCode::BadHello);

    let mut twice = server.join(&server.anna).await;
    twice.tell(json!({"type": "hello", "protocol": 1, "client": "t", "cursors": []})).await;
    is(twice.end().await, CloseCode::BadHello);

    let mut early = server.dial(&server.anna).await;
    early.tell(message(&server.anna, server.anna.everyone, "too early")).await;
    is(early.end().await, CloseCode::BadHello);

    let mut old = server.dial(&server.anna).await;
    old.tell(json!({"type": "hello", "protocol": 0, "client": "t", "cursors": []})).await;
    is(old.end().await, CloseCode::Version);
}

#[tokio::test]
async fn h53_what_is_not_a_frame_is_refused_and_in_the_end_closed() {
    let server = Server::start().await;
    let mut anna = server.join(&server.anna).await;
    let ping = r#"{"id":1,"command":{"type":"ping"}}"#;
    let hostile = [
        "[".repeat(10_000),
        ping.replace("1,", "1,\"id\":2,"),
        ping.replace("\"ping\"", "\"ping\",\"type\":\"ping\""),
        ping.replace("\"ping\"", "\"ping\",\"more\":1"),
        ping.replace('1', "NaN"),
        ping.replace('1', "1e308"),
        ping.replace('1', "Infinity"),
        ping.replace("\"ping\"", "\"\\ud800\""),
        ping.replace("\"ping\"", "\"\\udc00\\ud800\""),
        ping.replace("ping", "drop_tables"),
        format!("[{}1]", "1,".repeat(30_000)),
        String::new(),
    ];
    for text in &hostile {
        anna.write(text).await;
        let error = anna.wait("error").await;
        assert_eq!(error["id"], Value::Null);
        assert_eq!(error["error"]["code"], json!("bad_request"), "{:.40}", text);
    }
    assert_eq!(anna.ask(json!({"type": "ping"})).await["type"], json!("done"), "it lives");
    for _ in 0..100 {
        anna.write("?").await;
    }
    is(anna.end().await, CloseCode::Flood);

    // So long an array does not fit a frame.
    let mut anna = server.join(&server.anna).await;
    anna.write(&format!("[{}1]", "1,".repeat(100_000))).await;
    is(anna.end().await, CloseCode::TooLarge);
}

#[tokio::test]
async fn h55_a_flood_is_slowed_and_then_closed_and_others_do_not_notice() {
    let server = Server::start().await;
    let everyone = server.anna.everyone;
    let mut ben = server.join(&server.ben).await;
    let mut anna = server.join(&server.anna).await;
    for _ in 0..100 {
        anna.tell(message(&server.anna, everyone, "flood")).await;
    }
    let refused = anna.find(|event| event["error"]["code"] == json!("rate_limited")).await;
    assert!(refused["error"]["retry_ms"].as_u64().is_some_and(|wait| wait <= 60_000));
    let code = 'flood: loop {
        let mut last = 0;
        for _ in 0..50 {
            last = anna.tell(message(&server.anna, everyone, "flood")).await;
        }
        loop {
            match anna.read().await {
                Ok(event) if event["id"] == last => break,
                Ok(_) => {}
                Err(code) => break 'flood code,
            }
        }
    };
    is(code, CloseCode::Flood);
    let sent = ben.say(everyone, "hello").await;
    assert!(sent["seq"].as_u64().is_some_and(|seq| seq < 300), "most were not stored: {sent}");
}

#[tokio::test]
async fn typing_beyond_its_rate_is_dropped() {
    let server = Server::start().await;
    let mut anna = server.join(&server.anna).await;
    let typing = json!({"type": "typing", "conversation": server.anna.everyone});
    let mut refused = 0;
    for _ in 0..10 {
        refused += usize::from(anna.ask(typing.clone()).await["code"] == json!("rate_limited"));
    }
    assert!(refused >= 5, "{refused} of 10");
    let sent = anna.say(server.anna.everyone, "messages have a rate of their own").await;
    assert_eq!(sent["type"], json!("sent"));
}

#[tokio::test]
async fn bytes_beyond_their_rate_wait() {
    let server = Server::start().await;
    let slow = Limits {
        bytes: callbox::session::Rate { per_second: 20_000, burst: 20_000 },
        ..Limits::default()
    };
    let mut anna = server.dial_within(&server.anna, slow).await;
    anna.greet(json!(null), json!([])).await;
    let begun = tokio::time::Instant::now();
    let text = "x".repeat(10_000);
    for _ in 0..3 {
        let sent = anna.say(server.anna.everyone, &text).await;
        assert_eq!(sent["type"], json!("sent"), "none is refused");
    }
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn silence_is_given_up_and_pings_are_answered() {
    let server = Server::start().await;
    let (ping, dead) = (Duration::from_millis(40), Duration::from_millis(400));
    let limits = Limits { ping, dead, ..Limits::default() };
    let mut anna = server.dial_within(&server.anna, limits).await;
    anna.greet(json!(null), json!([])).await;
    let mut ben = server.join(&server.ben).await;
    anna.wait("presence").await;
    // Reading answers pings: it stays for many times the silence allowed.
    let alive = tokio::time::timeout(4 * dead, anna.read()).await;
    assert!(alive.is_err(), "{alive:?}");
    // Not reading any more is silence.
    assert_eq!(ben.wait("presence").await["online"], json!(false));
    assert_eq!(anna.end().await, 0);
}

#[tokio::test]
async fn what_came_during_a_standstill_is_heard_after_it() {
    let server = Server::start().await;
    let (ping, dead) = (Duration::from_millis(100), Duration::from_millis(200));
    // No ping is due before the silence is.
    let limits = Limits { ping: 3 * dead, dead, ..Limits::default() };
    let mut anna = server.dial_within(&server.anna, limits).await;
    anna.greet(json!(null), json!([])).await;
    let mut ben = server.dial_within(&server.ben, Limits { ping, dead, ..limits }).await;
    ben.greet(json!(null), json!([])).await;
    let asked = anna.tell(json!({"type": "ping"})).await;
    // Server and clients are one thread here, which stands still like a computer that sleeps.
    std::thread::sleep(3 * dead);
    assert_eq!(anna.answer(asked).await["type"], json!("done"));
    let reply = ben.ask(json!({"type": "ping"})).await;
    assert_eq!(reply["type"], json!("done"), "{reply}");
}
