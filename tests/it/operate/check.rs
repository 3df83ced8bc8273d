//! Credentials with which a browser tries the relay without a call.

use serde_json::{Value, json};

use crate::accounts::Owned;
use crate::relay::client::Client;

#[tokio::test]
async fn a_browser_gets_credentials_for_a_check_that_reach_only_each_other() {
    let mut owned = Owned::start().await;
    let mut stranger = owned.browser();
    let nobody = stranger.post("/api/v1/check/relay", json!({})).await;
    assert_eq!(nobody.status, 401);
    let udp = owned.server.ready["turn"]["udp"][0].as_str().unwrap().parse().unwrap();
    let given = |check: &Value| {
        let text = |name: &str| check[name].as_str().unwrap().to_owned();
        (text("username"), text("credential"))
    };
    let one = owned.owner.post("/api/v1/check/relay", json!({})).await.ok();
    let two = owned.owner.post("/api/v1/check/relay", json!({})).await.ok();
    assert_eq!(one["ttl"], json!(120_000));
    let port = one["urls"][0].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    assert!(owned.server.ready["turn"]["udp"][0].as_str().unwrap().ends_with(&port));

    let mut first = Client::udp(udp, given(&one)).await;
    let mut second = Client::udp(udp, given(&one)).await;
    let mut other = Client::udp(udp, given(&two)).await;
    let (at, to) = (first.allocate().await.unwrap(), second.allocate().await.unwrap());
    let foreign = other.allocate().await.unwrap();
    assert_eq!((first.permit(to).await, second.permit(at).await), (Ok(()), Ok(())));
    first.send_indication(to, b"hello").await;
    let heard = format!("{:?}", second.receive().await.unwrap());
    assert!(heard.contains("104, 101, 108, 108, 111"), "{heard}");
    // The virtual addresses of another check mean others, or nobody.
    assert!(foreign == at || foreign == to || first.permit(foreign).await == Err(403));

    // It ends with the session.
    owned.owner.post("/api/v1/logout", json!({ "forget": false })).await;
    assert!([401, 437].contains(&first.refused_refresh().await));
}

#[tokio::test]
async fn checks_are_rate_limited() {
    let mut owned = Owned::start().await;
    for _ in 0..6 {
        owned.owner.post("/api/v1/check/relay", json!({})).await.ok();
    }
    assert_eq!(owned.owner.post("/api/v1/check/relay", json!({})).await.status, 429);
}
