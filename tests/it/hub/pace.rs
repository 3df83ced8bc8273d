use std::time::Duration;

use callbox::hub::Limits;
use callbox::pure::wire::CallId;
use callbox::store::Range;
use serde_json::json;

use super::{Server, message};
use crate::store::fresh;

#[tokio::test]
async fn one_message_waits_for_nothing_and_many_share_a_beat() {
    let hour = Duration::from_secs(3_600);
    let server = Server::start_within(Limits { pace: hour, ..Limits::default() }).await;
    let store = server.files.store.clone();
    let everyone = server.anna.everyone;
    let direct = server.create("direct", &server.anna, "", &[&server.ben]).await;
    let mut anna = server.join(&server.anna).await;
    let head = anna.say(everyone, "one").await["seq"].as_u64().expect("a number");

    let two = anna.tell(message(&server.anna, everyone, "two")).await;
    let three = anna.tell(message(&server.anna, everyone, "three")).await;
    // Commands are taken in order, and writes too: had those been handed over, they would be there.
    anna.ask(json!({"type": "typing", "conversation": everyone})).await;
    store.probe().await.expect("it writes");
    let page = store.entries(everyone, Range::Newest, 1).await.expect("it reads");
    assert_eq!(page.entries[0].seq.0, head);

    // What is no message waits for nothing, and does not overtake them.
    let call = CallId::from_bytes(fresh());
    anna.tell(
        json!({"type": "start_call", "call": call, "conversation": direct, "media": "audio"}),
    )
    .await;
    assert_eq!(anna.answer(two).await["seq"], json!(head + 1));
    assert_eq!(anna.answer(three).await["seq"], json!(head + 2));
}
