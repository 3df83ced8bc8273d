//! Files over real sockets: rows H58, H77 to H80 and H88, as far as they are the server's.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use callbox::pure::wire::{ConversationId, FileId, Millis, Role, Shape, limits};
use callbox::store::{FileError, Files, Quotas, Refusal, Store};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::accounts::{Owned, setup_ticket};
use super::browser::{Answer, Browser};
use super::server::{Server, callbox, read_head};

const CHUNK: usize = limits::FILE_CHUNK as usize;

/// A server whose settings include these flags.
async fn owned(flags: &[&str]) -> Owned {
    own(Server::with(flags)).await
}

async fn own(server: Server) -> Owned {
    let mut owner = Browser::new(server.address);
    owner.register(setup_ticket(&server), "Olga", "owner's password").await.ok();
    Owned { server, owner }
}

/// The conversation that everyone is in.
fn everyone(owned: &Owned) -> ConversationId {
    let sql = "SELECT id FROM conversations WHERE kind = 0";
    let id: Vec<u8> = owned.database().query_row(sql, (), |row| row.get(0)).unwrap();
    ConversationId::try_from(id.as_slice()).unwrap()
}

/// Takes a person out of it, and out of every other conversation.
fn exclude(owned: &Owned, name: &str) {
    let sql = "DELETE FROM members WHERE account = (SELECT key FROM accounts WHERE name = ?1)";
    assert_eq!(owned.database().execute(sql, (name,)).unwrap(), 1);
}

fn id(n: u8) -> FileId {
    FileId::from_bytes([n; 16])
}

/// Something like sealed bytes: each chunk differs from the others.
fn sealed(size: usize) -> Vec<Vec<u8>> {
    let shape = Shape::of(size as u64).unwrap();
    (0..shape.chunks()).map(|n| vec![n as u8 + 1; shape.chunk(n).unwrap().1]).collect()
}

async fn create(browser: &mut Browser, to: ConversationId, id: FileId, size: usize) -> Answer {
    let chunks = size.div_ceil(CHUNK);
    let body = json!({ "id": id.to_string(), "size": size, "chunks": chunks });
    browser.post(&format!("/api/v1/conversations/{to}/files"), body).await
}

async fn put(browser: &mut Browser, id: FileId, index: usize, chunk: &[u8]) -> Answer {
    let own = browser.own_headers("application/octet-stream");
    browser.send("PUT", &format!("/api/v1/files/{id}/chunks/{index}"), &own, chunk).await
}

async fn finish(browser: &mut Browser, id: FileId) -> Answer {
    browser.post(&format!("/api/v1/files/{id}/finish"), json!({})).await
}

async fn upload(browser: &mut Browser, to: ConversationId, id: FileId, size: usize) -> Vec<u8> {
    create(browser, to, id, size).await.ok();
    let chunks = sealed(size);
    for (index, chunk) in chunks.iter().enumerate() {
        put(browser, id, index, chunk).await.ok();
    }
    finish(browser, id).await.ok();
    chunks.concat()
}

async fn range(browser: &mut Browser, id: FileId, range: &str) -> Answer {
    let headers = [("range".to_owned(), range.to_owned())];
    browser.send("GET", &format!("/api/v1/files/{id}"), &headers, b"").await
}

fn directory(owned: &Owned) -> PathBuf {
    owned.server.data().join("files")
}

fn on_disk(owned: &Owned) -> usize {
    fs::read_dir(directory(owned)).unwrap().count()
}

#[tokio::test]
async fn a_file_goes_up_in_any_order_and_comes_down_in_ranges() {
    let mut owned = owned(&[]).await;
    let (to, size) = (everyone(&owned), 2 * CHUNK + 100);
    let mut anna = owned.member("Anna", "a password").await;
    let olga = &mut owned.owner;
    let chunks = sealed(size);
    let status = format!("/api/v1/files/{}/upload", id(1));

    let begun = create(olga, to, id(1), size).await.ok();
    assert_eq!((&begun["chunks"], &begun["have"]), (&json!(3), &json!("AA")));
    put(olga, id(1), 2, &chunks[2]).await.ok();
    put(olga, id(1), 0, &chunks[0]).await.ok();
    assert_eq!(olga.get(&status).await.ok()["have"], "BQ");
    finish(olga, id(1)).await.refused(409, "conflict");
    anna.get(&format!("/api/v1/files/{}", id(1))).await.refused(404, "not_found");
    put(olga, id(1), 1, &chunks[1]).await.ok();
    let done = finish(olga, id(1)).await.ok();
    assert_eq!((&done["finished"], &done["have"]), (&json!(true), &json!("")));
    assert_eq!(finish(olga, id(1)).await.ok(), done);

    let whole = chunks.concat();
    let answer = anna.get(&format!("/api/v1/files/{}", id(1))).await;
    assert_eq!((answer.status, answer.body == whole), (200, true));
    let sealed = CHUNK + 16;
    for (asked, from, to) in [
        (format!("bytes={sealed}-{}", 2 * sealed - 1), sealed, 2 * sealed),
        (format!("bytes={}-", 2 * sealed), 2 * sealed, whole.len()),
        ("bytes=-5".to_owned(), whole.len() - 5, whole.len()),
        ("bytes=7-7".to_owned(), 7, 8),
    ] {
        let answer = range(&mut anna, id(1), &asked).await;
        assert_eq!((answer.status, answer.body == whole[from..to]), (206, true), "{asked}");
        let told = format!("bytes {from}-{}/{}", to - 1, whole.len());
        assert_eq!(answer.header("content-range"), Some(told.as_str()));
    }
    let answer = range(&mut anna, id(1), &format!("bytes={}-", whole.len())).await;
    let told = format!("bytes */{}", whole.len());
    assert_eq!((answer.status, answer.header("content-range")), (416, Some(told.as_str())));
}

#[tokio::test]
async fn h77_h78_whatever_a_file_is_it_is_only_to_be_saved() {
    let mut owned = owned(&[]).await;
    let to = everyone(&owned);
    create(&mut owned.owner, to, id(1), 64).await.ok();
    let mut page = b"<!doctype html><script>alert(1)</script>".to_vec();
    page.resize(80, b' ');
    put(&mut owned.owner, id(1), 0, &page).await.ok();
    finish(&mut owned.owner, id(1)).await.ok();
    for answer in [
        owned.owner.get(&format!("/api/v1/files/{}", id(1))).await,
        range(&mut owned.owner, id(1), "bytes=0-9").await,
    ] {
        for (name, value) in [
            ("content-type", "application/octet-stream"),
            ("content-disposition", "attachment"),
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value));
        }
    }
}

#[tokio::test]
async fn h58_files_exist_for_members_only_and_uploads_for_their_owner() {
    let mut owned = owned(&[]).await;
    let to = everyone(&owned);
    let mut anna = owned.member("Anna", "a password").await;
    let mut evan = owned.member("Evan", "a password").await;
    exclude(&owned, "Evan");
    upload(&mut owned.owner, to, id(1), 1000).await;
    create(&mut owned.owner, to, id(2), 1000).await.ok();
    let chunk = &sealed(1000)[0];

    let never = evan.get(&format!("/api/v1/files/{}", id(9))).await.refused(404, "not_found");
    let foreign = evan.get(&format!("/api/v1/files/{}", id(1))).await.refused(404, "not_found");
    assert_eq!(never.body, foreign.body);
    create(&mut evan, to, id(3), 1000).await.refused(404, "not_found");
    assert_eq!(anna.get(&format!("/api/v1/files/{}", id(1))).await.status, 200);
    for stranger in [&mut anna, &mut evan] {
        put(stranger, id(2), 0, chunk).await.refused(404, "not_found");
        finish(stranger, id(2)).await.refused(404, "not_found");
        let path = format!("/api/v1/files/{}", id(1));
        stranger.get(&format!("{path}/upload")).await.refused(404, "not_found");
        stranger.delete(&path).await.refused(404, "not_found");
    }
    let mut nobody = owned.browser();
    nobody.get(&format!("/api/v1/files/{}", id(1))).await.refused(401, "unauthorized");
    create(&mut nobody, to, id(4), 1000).await.refused(401, "unauthorized");

    // Who leaves in the middle of an upload cannot finish it.
    put(&mut owned.owner, id(2), 0, chunk).await.ok();
    exclude(&owned, "Olga");
    finish(&mut owned.owner, id(2)).await.refused(404, "not_found");
    owned.owner.get(&format!("/api/v1/files/{}", id(1))).await.refused(404, "not_found");
}

#[tokio::test]
async fn h80_what_is_sent_must_fit_what_was_said() {
    let mut owned = owned(&[]).await;
    let to = everyone(&owned);
    let mut anna = owned.member("Anna", "a password").await;
    let olga = &mut owned.owner;
    let path = format!("/api/v1/conversations/{to}/files");
    let file =
        |size: u64, chunks: u64| json!({ "id": id(1).to_string(), "size": size, "chunks": chunks });
    for (size, chunks, status, code) in [
        (0, 0, 400, "bad_request"),
        (limits::FILE_BYTES + 1, 401, 413, "too_large"),
        (u64::MAX, 1, 413, "too_large"),
        (1000, 2, 400, "bad_request"),
        (1000, 0, 400, "bad_request"),
    ] {
        olga.post(&path, file(size, chunks)).await.refused(status, code);
    }
    let size = CHUNK + 10;
    let chunks = sealed(size);
    let begun = create(olga, to, id(1), size).await.ok();
    assert_eq!(create(olga, to, id(1), size).await.ok(), begun);
    create(olga, to, id(1), size + 1).await.refused(409, "conflict");
    create(&mut anna, to, id(1), size).await.refused(409, "conflict");

    let long = [chunks[0].as_slice(), b"!"].concat();
    put(olga, id(1), 0, &long).await.refused(413, "too_large");
    put(olga, id(1), 0, &chunks[0][1..]).await.refused(400, "bad_request");
    put(olga, id(1), 0, b"").await.refused(400, "bad_request");
    put(olga, id(1), 1, &chunks[0]).await.refused(400, "bad_request");
    put(olga, id(1), 2, &chunks[1]).await.refused(404, "not_found");
    put(olga, id(2), 0, &chunks[0]).await.refused(404, "not_found");
    let path = format!("/api/v1/files/{}/chunks/x", id(1));
    let own = olga.own_headers("application/octet-stream");
    olga.send("PUT", &path, &own, &chunks[0]).await.refused(404, "not_found");

    put(olga, id(1), 0, &chunks[0]).await.ok();
    put(olga, id(1), 0, &chunks[0]).await.ok();
    let other = vec![0; chunks[0].len()];
    put(olga, id(1), 0, &other).await.refused(409, "conflict");
    put(olga, id(1), 1, &chunks[1]).await.ok();
    finish(olga, id(1)).await.ok();
    put(olga, id(1), 0, &chunks[0]).await.ok();
    put(olga, id(1), 0, &other).await.refused(409, "conflict");
    let answer = olga.get(&format!("/api/v1/files/{}", id(1))).await;
    assert_eq!(answer.body, chunks.concat());
}

#[tokio::test]
async fn h80_uploads_at_once_share_one_quota() {
    let mut owned = owned(&["--file-quota", "1 MiB"]).await;
    let to = everyone(&owned);
    let size = 300 * 1024;
    let tries = (1..=8).map(|n| {
        let mut olga = owned.owner.clone();
        async move { create(&mut olga, to, id(n), size).await }
    });
    let answers = futures_util::future::join_all(tries).await;
    let good = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(good, 3);
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        answer.refused(507, "quota_exceeded");
    }
    assert_eq!(on_disk(&owned), 3);
    let olga = &mut owned.owner;
    let usage = olga.get("/api/v1/files").await.ok();
    let stored = Shape::of(size as u64).unwrap().stored();
    assert_eq!(usage, json!({ "used": 3 * stored, "quota": 1 << 20, "files": 3 }));
    // One person's quota is not another's, and what is deleted is free again.
    let mut anna = owned.member("Anna", "a password").await;
    create(&mut anna, to, id(20), size).await.ok();
    let sql = "SELECT hex(id) FROM files LIMIT 1";
    let first: String = owned.database().query_row(sql, (), |row| row.get(0)).unwrap();
    let first = id(u8::from_str_radix(&first[..2], 16).unwrap());
    owned.owner.delete(&format!("/api/v1/files/{first}")).await.ok();
    owned.owner.delete(&format!("/api/v1/files/{first}")).await.refused(404, "not_found");
    create(&mut owned.owner, to, id(21), size).await.ok();
}

#[tokio::test]
async fn h80_unfinished_uploads_are_few() {
    let mut owned = owned(&[]).await;
    let to = everyone(&owned);
    for n in 0..limits::UPLOADS as u8 {
        create(&mut owned.owner, to, id(n), 1).await.ok();
    }
    create(&mut owned.owner, to, id(99), 1).await.refused(429, "rate_limited");
    put(&mut owned.owner, id(0), 0, &sealed(1)[0]).await.ok();
    finish(&mut owned.owner, id(0)).await.ok();
    create(&mut owned.owner, to, id(99), 1).await.ok();
}

#[tokio::test]
async fn h80_abandoned_uploads_vanish_after_an_hour() {
    let owned = owned(&[]).await;
    let to = everyone(&owned);
    let database = owned.database();
    let olga: Vec<u8> =
        database.query_row("SELECT id FROM accounts", (), |row| row.get(0)).unwrap();
    let olga = olga.as_slice().try_into().unwrap();
    drop(database);
    let Owned { server, owner } = owned;
    server.terminate();
    let (_, folder) = server.ended().await;
    drop(owner);

    let (data, shape) = (folder.path().join("data"), Shape::of(1000).unwrap());
    let store = Store::open(&data.join("callbox.db")).unwrap();
    let quotas = Quotas { member: 1 << 20, guest: 0 };
    let files = Files::open(&data.join("files"), store, quotas).await.unwrap();
    let chunk = bytes::Bytes::from(sealed(1000).remove(0));
    let hour = limits::UPLOAD_MS;
    for n in 1..=3 {
        files.create(id(n), to, (olga, Role::Member), shape, Millis(0)).await.unwrap();
    }
    files.put(id(2), olga, 0, chunk.clone(), Millis(10)).await.unwrap();
    files.put(id(3), olga, 0, chunk, Millis(0)).await.unwrap();
    files.finish(id(3), olga).await.unwrap();
    let names = || fs::read_dir(data.join("files")).unwrap().count();

    assert_eq!((files.sweep(Millis(hour - 1)).await.unwrap(), names()), (0, 3));
    assert_eq!((files.sweep(Millis(hour)).await.unwrap(), names()), (1, 2));
    assert_eq!((files.sweep(Millis(hour + 10)).await.unwrap(), names()), (1, 1));
    assert_eq!((files.sweep(Millis(9 * hour)).await.unwrap(), names()), (0, 1));
    let gone = files.upload(id(1), olga).await;
    assert!(matches!(gone, Err(FileError::Refused(Refusal::NotFound))), "{gone:?}");
    assert_eq!(files.usage(olga, Role::Member).await.unwrap().files, 1);
    files.read(id(3), olga).await.unwrap();
}

#[tokio::test]
async fn h80_an_upload_survives_a_kill_and_leaves_no_orphan() {
    let mut owned = owned(&[]).await;
    let (to, size) = (everyone(&owned), 2 * CHUNK);
    let chunks = sealed(size);
    create(&mut owned.owner, to, id(1), size).await.ok();
    put(&mut owned.owner, id(1), 1, &chunks[1]).await.ok();
    // Killed between the row and the file, and between the file and its removal.
    create(&mut owned.owner, to, id(2), size).await.ok();
    let file = |n: u8| directory(&owned).join(format!("{n:02x}").repeat(16));
    fs::remove_file(file(2)).unwrap();
    fs::write(file(3), "an orphan").unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(directory(&owned)), mode(file(1))), (0o700, 0o600));

    let pid = owned.server.ready["pid"].as_i64().unwrap() as i32;
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    let (_, folder) = owned.server.ended().await;
    let server = Server::on(folder, &[]);
    owned.owner.address = server.address;
    owned.server = server;

    assert_eq!(on_disk(&owned), 1);
    let olga = &mut owned.owner;
    let state = olga.get(&format!("/api/v1/files/{}/upload", id(1))).await.ok();
    assert_eq!(state["have"], "Ag");
    put(olga, id(1), 0, &chunks[0]).await.ok();
    finish(olga, id(1)).await.ok();
    let answer = olga.get(&format!("/api/v1/files/{}", id(1))).await;
    assert_eq!(answer.body, chunks.concat());
    upload(olga, to, id(2), size).await;
}

#[tokio::test]
async fn h88_a_disk_that_is_full_keeps_no_half_of_a_file() {
    // The limit of a file's size stands for the end of the disk: a write beyond it fails.
    let mut command = std::process::Command::new("sh");
    let program = callbox().get_program().to_owned();
    command.args(["-c", "trap '' XFSZ; ulimit -f 8192; exec \"$0\" \"$@\""]).arg(program);
    let server = Server::run(command, tempfile::tempdir().unwrap(), &[]);
    let mut owned = own(server).await;
    let to = everyone(&owned);
    create(&mut owned.owner, to, id(1), 40 * CHUNK).await.refused(503, "unavailable");
    assert_eq!(on_disk(&owned), 0);
    let usage = owned.owner.get("/api/v1/files").await.ok();
    assert_eq!((&usage["used"], &usage["files"]), (&json!(0), &json!(0)));
    upload(&mut owned.owner, to, id(1), CHUNK).await;
}

#[tokio::test]
async fn slow_downloads_are_few_and_cost_little_memory() {
    let mut owned = owned(&[]).await;
    let (to, size) = (everyone(&owned), 96 * CHUNK);
    upload(&mut owned.owner, to, id(1), size).await;
    let pid = owned.server.ready["pid"].as_i64().unwrap();
    let memory = || {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    };
    let (before, address) = (memory(), owned.server.address);
    let cookie = owned.owner.cookie_header();
    let request = format!(
        "GET /api/v1/files/{} HTTP/1.1\r\nhost: localhost:{}\r\ncookie: {cookie}\r\n\r\n",
        id(1),
        address.port()
    );
    let mut streams = Vec::new();
    let mut heads = Vec::new();
    for _ in 0..33 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        heads.push(read_head(&mut stream).await);
        streams.push(stream);
    }
    assert!(heads[..32].iter().all(|head| head.starts_with("HTTP/1.1 200 ")));
    assert!(heads[32].starts_with("HTTP/1.1 429 "), "{}", heads[32]);
    let grown = memory().saturating_sub(before);
    assert!(grown < 100, "{grown} MiB for 32 downloads of 24 MiB");
    let mut whole = vec![0; size + 96 * 16];
    streams[0].read_exact(&mut whole).await.unwrap();
    assert_eq!(whole, sealed(size).concat());
    drop(streams);
    let answer: Value = owned.owner.get("/api/v1/files").await.ok();
    assert_eq!(answer["files"], 1);
}
