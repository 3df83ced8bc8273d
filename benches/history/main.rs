//! A conversation of 10,000 messages in Chromium: how long the client takes to
//! show it, to open and index all of it, and to search it.
//!
//! `cargo bench --bench history` (needs node, npm and Chromium). Fills a
//! database with sealed messages that one device has written, serves it with
//! the real program and has `web/e2e/measure` look at it as a person would who
//! joins. `CALLBOX_BENCH_MESSAGES` is how many messages there are.

// Printing is what a bench is for.
#![allow(clippy::print_stdout, clippy::unwrap_used, unreachable_pub)]

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use callbox::pure::wire::api::{Invite, Ticket};
use callbox::pure::wire::{Blob, InviteId, Millis, Name, SessionId};
use callbox::store::{NewEnvelope, NewSession, Pending, Refusal, Store};
use sha2::{Digest, Sha256};

use self::e2ee_client::enrol::{event, new_account};
use self::e2ee_client::keys::LinkKeys;
use self::e2ee_client::{Chance, Person, Talk, b64};

#[path = "../../tests/it/e2ee_client/mod.rs"]
mod e2ee_client;

const MESSAGES: u64 = 10_000;
/// Messages that are under way to the store at once.
const WINDOW: u64 = 500;
const MINUTE: u64 = 60_000;

fn main() {
    let messages = std::env::var("CALLBOX_BENCH_MESSAGES").ok().and_then(|m| m.parse().ok());
    let messages = messages.unwrap_or(MESSAGES);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let link = runtime.block_on(fill(&data.join("callbox.db"), messages));
    let status = Command::new("npx")
        .args(["playwright", "test", "--config", "measure.config.ts"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("web/e2e"))
        .env_remove("CALLBOX_BENCH_MESSAGES")
        .env("E2E_BINARY", env!("CARGO_BIN_EXE_callbox"))
        .env("E2E_FOLDER", folder.path())
        .env("E2E_LINK", link)
        .status()
        .expect("npx starts");
    assert!(status.success(), "the measurement failed");
}

/// Writes the messages to Everyone; returns the path of a link that lets people join.
async fn fill(path: &Path, messages: u64) -> String {
    let store = Store::open(path).expect("a new database");
    let mut chance = Chance::of("history");
    let anna = Person::new(Chance::of("Anna"));
    let everyone = store.everyone().await.expect("reads");
    let mut talk = Talk::new(*everyone.as_bytes(), "everyone", "all", "", Chance::of("Everyone"));
    let created = talk.create(&[(&anna, "manager")]);
    let now = Millis(
        SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as u64
    );
    let session = NewSession {
        id: SessionId::from_bytes(chance.bytes()),
        token_hash: [0; 32],
        device: anna.device_id(),
        device_name: name("Anna's computer"),
        network: String::new(),
        proved: true,
        now,
    };
    let ticket = Ticket::Setup { token: Blob::default() };
    let mut account = new_account(&anna, name("Anna"), ticket, session);
    account.everyone = Some(event(created, now));
    done(store.register(account)).await;

    let (id, secret) = (chance.bytes(), chance.bytes());
    let keys = LinkKeys::derive(id, &secret);
    let expires = Millis(now.0 + 1_440 * MINUTE);
    let invite = Invite {
        id: InviteId::from_bytes(id),
        by: anna.id(),
        created: now,
        expires,
        uses: 0,
        max_uses: 100,
        revoked: false,
    };
    let added = event(talk.add_link(&anna, &keys, "member", Some(expires.0), false), now);
    done(store.create_invite(invite, Sha256::digest(keys.auth).into(), Some(added))).await;

    // A message each ten minutes, until now.
    let mut under_way = Vec::new();
    for n in 0..messages {
        let text = sentence(n);
        let plain = serde_json::json!({ "k": "text", "text": text }).to_string();
        let bytes = talk.say(&anna, plain.as_bytes());
        let envelope = event_envelope(bytes);
        let at = Millis(now.0 - (messages - n) * 10 * MINUTE);
        under_way.push(store.append(NewEnvelope { envelope, now: at }));
        if n % WINDOW == 0 {
            for written in under_way.drain(..) {
                done(written).await;
            }
        }
    }
    for written in under_way {
        done(written).await;
    }
    format!("/j/{}#{}", b64(id), b64(secret))
}

fn event_envelope(bytes: Vec<u8>) -> callbox::pure::e2ee::Verified {
    callbox::pure::e2ee::Verified::stored(bytes.into()).expect("an envelope")
}

/// Five to thirty words of a vocabulary of 2,000, the number of the message, and now and then a rare word.
fn sentence(n: u64) -> String {
    let mut seed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let words: Vec<_> = (0..5 + next(26)).map(|_| word(next(45).pow(2).min(1_999))).collect();
    let rare = if n % 1_000 == 7 { " flowerpot" } else { "" };
    format!("Message {n}: {}{rare}.", words.join(" "))
}

fn word(n: u64) -> String {
    const PARTS: [&str; 20] = [
        "ba", "ko", "ri", "men", "tu", "sal", "ve", "no", "dar", "pi", "lo", "gan", "fe", "su",
        "mi", "tra", "bel", "zo", "ha", "wen",
    ];
    let part = |n: u64| PARTS[(n % 20) as usize];
    format!("{}{}{}", part(n), part(n / 20), part(n / 400))
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

async fn done<T>(write: Pending<Result<T, Refusal>>) -> T {
    write.await.expect("the store works").expect("the write is allowed")
}
