//! From a revocation to silence.

use std::time::{Duration, Instant};

use callbox::pure::auth::relay::Revocation;
use callbox::relay;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::client::{Client, Received};
use super::{TestRelay, call_id, session_id, wide};

/// Three legs of a call: two that talk, and one that stays.
struct Talk {
    relay: TestRelay,
    speaker: Client,
    listener: Client,
    stays: Client,
}

const TO_LISTENER: u16 = 0x4001;
const THE_END: &[u8] = b"the end";

impl Talk {
    async fn start(over_tcp: bool, workers: usize) -> Self {
        let config = relay::Config { workers, limits: wide(), ..relay::Config::default() };
        let relay = TestRelay::with(config);
        let credentials = |session| relay.credentials(1, session);
        let mut speaker = match over_tcp {
            true => Client::tcp(relay.tcp(), credentials(1)).await,
            false => Client::udp(relay.udp(), credentials(1)).await,
        };
        let mut listener = Client::udp(relay.udp(), credentials(2)).await;
        let mut stays = Client::udp(relay.udp(), credentials(3)).await;
        let at_speaker = speaker.allocate().await.expect("an allocation");
        let at_listener = listener.allocate().await.expect("an allocation");
        let at_stays = stays.allocate().await.expect("an allocation");
        speaker.bind(TO_LISTENER, at_listener).await.expect("a peer");
        stays.bind(TO_LISTENER, at_listener).await.expect("a peer");
        listener.bind(0x4002, at_speaker).await.expect("a peer");
        listener.bind(0x4003, at_stays).await.expect("a peer");
        Self { relay, speaker, listener, stays }
    }

    /// Until the relay says that it has taken the allocation back.
    async fn acknowledged(&self) {
        let figures = self.relay.relay.figures();
        let gone = async {
            while figures.allocations() != 2 {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(20), gone).await.expect("the relay hears of it");
    }
}

/// Speaks without a pause; each packet says how many there were before. Ends
/// when it is told to, and gives the client back with the number of packets.
fn speak(mut speaker: Client, over: watch::Receiver<bool>) -> JoinHandle<(Client, u32)> {
    tokio::spawn(async move {
        let mut count = 0_u32;
        while !*over.borrow() {
            speaker.send_channel(TO_LISTENER, &count.to_be_bytes()).await;
            count += 1;
            tokio::task::yield_now().await;
        }
        (speaker, count)
    })
}

/// What the listener gets until the end is said.
async fn listen(mut listener: Client) -> Vec<u32> {
    let mut heard = Vec::new();
    loop {
        match listener.receive().await {
            Some(Received::Channel(0x4003, data)) if data == THE_END => return heard,
            Some(Received::Channel(_, data)) => {
                heard.push(u32::from_be_bytes(data.try_into().expect("a number")));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t70_once_a_revocation_is_acknowledged_not_one_packet_passes() {
    for workers in [1, 3] {
        let Talk { relay, speaker, listener, stays } = Talk::start(false, workers).await;
        let mut talk = Talk { relay, speaker, listener, stays };
        talk.speaker.send_channel(TO_LISTENER, &[0; 4]).await;
        assert!(talk.listener.receive().await.is_some(), "it passes");
        let revocation = Revocation::Leg(call_id(1), session_id(1));
        talk.relay.revocations.send(revocation).expect("it runs");
        talk.acknowledged().await;
        for n in 1..=500_u32 {
            talk.speaker.send_channel(TO_LISTENER, &n.to_be_bytes()).await;
        }
        // The answer comes when all before it has been looked at, and what
        // was passed on by then is there before what comes after it.
        assert_eq!(talk.speaker.refresh(600).await, Err(437));
        talk.stays.send_channel(TO_LISTENER, THE_END).await;
        assert_eq!(listen(talk.listener).await, [0_u32; 0], "{workers} workers");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t70_a_stream_that_is_revoked_in_full_flow_is_cut_and_its_rest_is_lost() {
    let mut talk = Talk::start(true, 2).await;
    talk.relay.revocations.send(Revocation::Session(session_id(1))).expect("it runs");
    let gone = async { while talk.speaker.receive().await.is_some() {} };
    timeout(Duration::from_secs(20), gone).await.expect("the stream ends");
    // The figures are shown when the turn that cut it is over.
    talk.acknowledged().await;
    talk.stays.send_channel(TO_LISTENER, THE_END).await;
    assert_eq!(listen(talk.listener).await, [0_u32; 0]);
}

/// How long it takes under full load, from the hub's word to the last packet
/// that arrives; for people, as a machine may be busy with other things.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures time: cargo test --test it t70_how_long -- --ignored --nocapture"]
async fn t70_how_long_a_revocation_takes() {
    let mut times = Vec::new();
    for _ in 0..50 {
        let Talk { relay, speaker, mut listener, mut stays } = Talk::start(false, 2).await;
        let (tell, over) = watch::channel(false);
        let speaking = speak(speaker, over);
        for _ in 0..200 {
            assert!(listener.receive().await.is_some());
        }
        let listening = tokio::spawn(async move {
            let mut last = Instant::now();
            loop {
                match listener.receive().await {
                    Some(Received::Channel(0x4003, _)) => return last,
                    _ => last = Instant::now(),
                }
            }
        });
        let told = Instant::now();
        relay.revocations.send(Revocation::Call(call_id(9))).expect("it runs");
        relay.revocations.send(Revocation::Leg(call_id(1), session_id(1))).expect("it runs");
        tokio::time::sleep(Duration::from_millis(200)).await;
        tell.send(true).expect("it speaks");
        let (_, spoken) = speaking.await.expect("it ends");
        stays.send_channel(TO_LISTENER, THE_END).await;
        let last = listening.await.expect("it ends");
        times.push((last.saturating_duration_since(told), spoken));
    }
    times.sort();
    let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
    println!("from revocation to silence: median {:?}, at most {:?}", median.0, most.0);
    assert!(most.0 < Duration::from_millis(100), "{most:?}");
}
