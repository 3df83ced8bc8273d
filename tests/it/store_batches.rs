//! Many operations in one transaction, and a disk that does not answer.
//!
//! Holding the database's write lock from outside makes the writer wait inside
//! its first transaction, so that everything queued meanwhile is one batch.

use std::time::{Duration, Instant};

use callbox::pure::wire::Seq;
use callbox::store::{NewEnvelope, Range, Refusal, StoreError};
use futures_util::future::join_all;
use rusqlite::Connection;

use crate::e2ee_client::{Chance, Talk};
use crate::store::{
    NOW, TestStore, created, done, fresh, member, message, name, owner, text, verified,
};

/// Keeps the store from writing until it is dropped.
struct Stall(Connection);

impl Stall {
    fn new(test: &TestStore) -> Self {
        let connection = Connection::open(&test.path).expect("the database opens");
        connection.execute_batch("BEGIN IMMEDIATE").expect("nobody writes now");
        Self(connection)
    }
}

impl Drop for Stall {
    fn drop(&mut self) {
        self.0.execute_batch("ROLLBACK").expect("ends the transaction");
    }
}

#[tokio::test]
async fn a_refused_operation_leaves_its_batch_alone() {
    let test = TestStore::new();
    let store = &test.store;
    let anna = owner(store, "Anna").await;
    let ben = member(store, &anna, "Ben").await;
    let one = message(&anna, anna.everyone, "1");
    let before = anna.talk(anna.everyone);
    let twice = message(&anna, anna.everyone, "twice");
    let (secret, key) = (before.secrets[0].0, anna.keys().device().key.clone());
    let draft = before.clone().draft(&anna.keys(), crate::e2ee_client::envelope::CONTENT);
    let seal = |draft: crate::e2ee_client::Draft| NewEnvelope {
        envelope: verified(draft.seal(&secret, &text("no"), &key)),
        now: NOW,
    };
    let foreign =
        seal(crate::e2ee_client::Draft { device: *ben.device.as_bytes(), ..draft.clone() });
    let other = seal(draft);
    let stall = Stall::new(&test);
    let probe = store.set_name(ben.id, name("Benjamin"));
    let appended = [
        store.append(one),
        store.append(twice.clone()),
        store.append(foreign),
        store.append(twice),
        store.append(other),
        store.append(message(&ben, anna.everyone, "2")),
    ];
    // Writes before it finds that it must not: the savepoint takes them back.
    let mut talk = Talk::new(fresh(), "room", "all", "R", Chance::random());
    let mut create = created(&mut talk, &anna, "manager", &[&ben]);
    create.grants.pop();
    let create = store.post_control(create);
    let last = store.append(message(&ben, anna.everyone, "3"));
    drop(stall);

    done(probe).await;
    let seqs: Vec<_> = join_all(appended)
        .await
        .into_iter()
        .map(|outcome| outcome.expect("the store works").map(|done| (done.seq.0, done.duplicate)))
        .collect();
    assert_eq!(
        seqs,
        [
            Ok((3, false)),
            Ok((4, false)),
            Err(Refusal::NotMember),
            Ok((4, true)),
            Err(Refusal::Conflict),
            Ok((5, false)),
        ]
    );
    assert_eq!(create.await.expect("the store works").err(), Some(Refusal::Malformed));
    assert_eq!(done(last).await.seq, Seq(6));
    let directory = store.directory().await.expect("reads");
    assert_eq!(directory.conversations.len(), 1, "no room was left over");
    assert_eq!(directory.conversations[0].head, Seq(6));
}

#[tokio::test]
async fn a_full_queue_is_busy_at_once_and_loses_nothing() {
    let test = TestStore::new();
    let anna = owner(&test.store, "Anna").await;
    let stall = Stall::new(&test);
    let started = Instant::now();
    let (mut queued, mut error) = (Vec::new(), None);
    let before = std::cell::RefCell::new(anna.talk(anna.everyone));
    while error.is_none() {
        before.replace(anna.talk(anna.everyone));
        let mut append = test.store.append(message(&anna, anna.everyone, "x"));
        match futures_util::FutureExt::now_or_never(&mut append) {
            None => queued.push(append),
            Some(outcome) => error = outcome.err(),
        }
        assert!(queued.len() <= 8192 + 512, "the queue has a bound");
    }
    assert!(matches!(error, Some(StoreError::Busy)), "{error:?}");
    assert!(queued.len() >= 8192, "only {} fit", queued.len());
    assert!(started.elapsed() < Duration::from_secs(4), "the writer gave up meanwhile");
    drop(stall);
    anna.settle(before.into_inner());

    let count = queued.len() as u64;
    // The order of calls is the order of numbers.
    for (n, append) in (2..).zip(queued) {
        assert_eq!(done(append).await.seq, Seq(n));
    }
    assert_eq!(
        done(test.store.append(message(&anna, anna.everyone, "y"))).await.seq,
        Seq(count + 2)
    );
}

#[tokio::test]
async fn h88_a_locked_database_fails_what_waits_and_recovers() {
    let test = TestStore::new();
    let anna = owner(&test.store, "Anna").await;
    let said = message(&anna, anna.everyone, "Hello");
    let stall = Stall::new(&test);
    let failed = test.store.append(said.clone()).await;
    assert!(matches!(failed, Err(StoreError::Failed(_))), "{failed:?}");
    drop(stall);
    test.store.probe().await.expect("ready again");
    let appended = done(test.store.append(said)).await;
    assert_eq!((appended.seq, appended.duplicate), (Seq(2), false));
}

#[tokio::test]
async fn a_dropped_answer_is_no_dropped_write() {
    let test = TestStore::new();
    let anna = owner(&test.store, "Anna").await;
    for _ in 0..50 {
        drop(test.store.append(message(&anna, anna.everyone, "x")));
    }
    let everyone = anna.everyone;
    // Closing waits for what is queued.
    let test = test.reopen();
    let page = test.store.entries(everyone, Range::Newest, 100).await.expect("reads");
    assert_eq!(page.entries.len(), 51);
}
