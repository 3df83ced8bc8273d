//! Backups of a running server, and what becomes of them: row H90.

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use callbox::pure::archive::Manifest;
use callbox::pure::wire::{FileId, Millis, Role, Shape};
use callbox::store::{Backup, BackupError, Files, Quotas};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::accounts::{Owned, account_id};
use super::browser::Browser;
use super::browser_keys::vault;
use super::hub::Client;
use super::server::{Server, callbox, callbox_by};
use super::store::{TestStore, owner};
use crate::e2ee_client::{Pen, b64};

const PASSWORD: &str = "owner's password";

async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn back_up(data: &Path, to: &Path) -> Output {
    let mut command = callbox();
    command.args(["backup", "--data"]).arg(data).arg(to);
    run(command).await
}

async fn restore(from: &Path, data: &Path) -> Output {
    let mut command = callbox();
    command.args(["restore", "--data"]).arg(data).arg(from);
    run(command).await
}

#[track_caller]
fn good(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn refused(output: &Output, why: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(why), "{said}");
}

/// What this browser's device says in Everyone goes on from its keys.
fn pen(browser: &Browser) -> Pen {
    let account = browser.account.unwrap();
    let (talk, person) = {
        let vault = vault();
        (vault.everyone(&account), vault.person(&account))
    };
    let person = person.lock().unwrap();
    let device = person.device();
    let (n, prev) = talk.chains.get(&device.id).copied().unwrap_or_default();
    Pen::new(&talk, account, device.id, &device.key).goes_on(n, prev)
}

fn everyone(browser: &Browser) -> String {
    b64(vault().everyone(&browser.account.unwrap()).id)
}

/// A file that is finished.
async fn upload(browser: &mut Browser, id: FileId, content: &[u8]) {
    let (to, id) = (everyone(browser), id.to_string());
    let chunk = [content, &[7; 16]].concat();
    let body = json!({ "id": id, "size": content.len(), "chunks": 1 });
    browser.post(&format!("/api/v1/conversations/{to}/files"), body).await.ok();
    let own = browser.own_headers("application/octet-stream");
    let path = format!("/api/v1/files/{id}/chunks/0");
    browser.send("PUT", &path, &own, &chunk).await.ok();
    browser.post(&format!("/api/v1/files/{id}/finish"), json!({})).await.ok();
}

/// The entries of Everyone from the first on: number and envelope.
async fn history(browser: &mut Browser, to: &str) -> Vec<Value> {
    let path = format!("/api/v1/conversations/{to}/entries?after=0&limit=100");
    let page = browser.get(&path).await.ok();
    page["entries"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h90_a_backup_under_traffic_is_a_moment_of_the_server() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    let to = everyone(&anna);
    upload(&mut anna, FileId::from_bytes([5; 16]), b"sealed, as far as anybody can tell").await;
    let mut client = Client::on(owned.server.websocket(&anna).await);
    let epoch = client.greet(json!(null), json!([])).await["epoch"].clone();

    let (begun, under_way) = oneshot::channel();
    let mut pen = pen(&anna);
    let talking = tokio::spawn(async move {
        let (mut begun, mut sent) = (Some(begun), Vec::new());
        for n in 0..50 {
            let envelope = b64(pen.write(b"hello"));
            let reply = client.ask(json!({"type": "send", "envelope": envelope})).await;
            sent.push((reply["seq"].as_u64().unwrap(), envelope));
            if n == 10 {
                begun.take().unwrap().send(reply["seq"].as_u64().unwrap()).unwrap();
            }
        }
        sent
    });
    let confirmed = under_way.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("callbox.tar");
    let said = good(&back_up(&owned.server.data(), &archive).await);
    assert!(said.contains("holds everything"), "{said}");
    let sent = talking.await.unwrap();
    assert_eq!(fs::metadata(&archive).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    assert!(!owned.server.data().join("backup.db").exists());

    let directory = tempfile::tempdir().unwrap();
    let said = good(&restore(&archive, &directory.path().join("data")).await);
    assert!(said.contains("2 accounts, 1 files") && said.contains("signs in again"), "{said}");
    let restored = Server::on(directory, &[]);
    assert!(restored.ready["setup_url"].is_null());

    // Whatever was confirmed before it began is there, and no half of what came after.
    anna.address = restored.address;
    anna.get("/api/v1/session").await.refused(401, "unauthorized");
    let mut again = Browser::new(restored.address);
    again.log_in("Anna", "a password").await.ok();
    let entries = history(&mut again, &to).await;
    let numbers: Vec<_> = entries.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert!(numbers.len() as u64 >= confirmed, "{} of {confirmed}", numbers.len());
    for (seq, envelope) in sent.iter().filter(|(seq, _)| *seq <= numbers.len() as u64) {
        assert_eq!(entries[*seq as usize - 1]["content"]["envelope"], json!(envelope));
    }
    let file = again.get(&format!("/api/v1/files/{}", FileId::from_bytes([5; 16]))).await;
    assert!(file.body.starts_with(b"sealed, as far as anybody can tell"));

    // It begins anew: who holds the old epoch voids it, and talking goes on.
    let mut client = Client::on(restored.websocket(&again).await);
    let cursors = json!([{"conversation": to, "seq": numbers.len() + 30}]);
    let welcome = client.greet(epoch.clone(), cursors).await;
    assert_ne!(welcome["epoch"], epoch);
    let envelope = b64(self::pen(&again).write(b"back"));
    let reply = client.ask(json!({"type": "send", "envelope": envelope})).await;
    assert_eq!(reply["seq"], json!(numbers.len() + 1), "{reply}");
    let mut olga = Browser::new(restored.address);
    olga.log_in("Olga", PASSWORD).await.ok();
}

#[tokio::test]
async fn h90_only_a_whole_backup_of_ours_is_restored_and_only_into_nothing() {
    let mut owned = Owned::start().await;
    upload(&mut owned.owner, FileId::from_bytes([6; 16]), b"bytes").await;
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("callbox.tar");
    good(&back_up(&owned.server.data(), &archive).await);
    let bytes = fs::read(&archive).unwrap();

    refused(&restore(&archive, &owned.server.data()).await, "is not empty");
    let target = folder.path().join("data");
    let other = folder.path().join("other");
    let attempt = async |content: &[u8], why: &str| {
        fs::write(&other, content).unwrap();
        refused(&restore(&other, &target).await, why);
        assert!(!target.exists(), "nothing stays");
    };
    attempt(&bytes[..bytes.len() - 1], "stops before its end").await;
    attempt(&bytes[..bytes.len() / 2], "stops before its end").await;
    attempt(b"SQLite format 3\0", "the backup is damaged").await;
    attempt(&[0; 10_000], "is not a backup of callbox").await;
    attempt(b"", "is not a backup of callbox").await;
    for at in [600, 5_000, bytes.len() / 2, bytes.len() - 2_000] {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        attempt(&changed, "damaged").await;
    }
    refused(&restore(&folder.path().join("nowhere"), &target).await, "cannot open");

    // A directory that is there and empty will do, as a service manager makes it.
    fs::create_dir(&target).unwrap();
    good(&restore(&archive, &target).await);
    let mut names: Vec<PathBuf> = vec![];
    for entry in fs::read_dir(&target).unwrap() {
        names.push(entry.unwrap().file_name().into());
    }
    names.sort();
    assert_eq!(names, ["callbox.db", "files", "keys", "tls"].map(PathBuf::from));
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(target.join("keys/opaque")), 0o600);
    assert_eq!(mode(target.join("callbox.db")), 0o600);
    refused(&restore(&archive, &target).await, "is not empty");
}

#[tokio::test]
async fn a_backup_can_be_piped_and_looked_into_with_common_tools() {
    let owned = Owned::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = callbox();
    command.args(["backup", "-", "--data"]).arg(owned.server.data());
    let mut tar = Command::new("tar");
    tar.args(["-x", "-C"]).arg(folder.path());
    let mut backup = command.stdout(Stdio::piped()).spawn().unwrap();
    tar.stdin(backup.stdout.take().unwrap());
    good(&run(tar).await);
    assert!(backup.wait().unwrap().success());
    let mut sums = Command::new("sha256sum");
    sums.args(["--quiet", "-c", "SHA256SUMS"]).current_dir(folder.path());
    good(&run(sums).await);
    assert!(folder.path().join("keys/opaque").exists());

    // Without a server there is nothing to ask, and what stood there stays.
    let file = folder.path().join("callbox.tar");
    fs::write(&file, "an earlier one").unwrap();
    refused(&back_up(folder.path(), &file).await, "no server is running");
    assert_eq!(fs::read(&file).unwrap(), b"an earlier one");
}

#[tokio::test]
async fn no_link_for_a_new_password_outlives_a_restore() {
    let mut owned = Owned::start().await;
    let mut links = Vec::new();
    for name in ["Anna", "Berta"] {
        let id = account_id(&mut owned.member(name, "forgotten").await).await;
        let path = format!("/api/v1/admin/accounts/{id}/reset");
        let link = owned.owner.post(&path, json!({})).await.ok();
        links.push(json!({ "reset": link["reset"], "secret": link["secret"] }));
    }
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("callbox.tar");
    good(&back_up(&owned.server.data(), &archive).await);

    // One is used after the backup; the other is open to this day.
    let (used, mut browser) = (links[0].clone(), owned.browser());
    let start =
        |request| json!({ "reset": used["reset"], "secret": used["secret"], "request": request });
    let finish = json!({ "device_name": "Test" });
    browser.registration("/api/v1/reset", start, finish, "new").await.ok();
    browser.post("/api/v1/reset/check", links[1].clone()).await.ok();

    let directory = tempfile::tempdir().unwrap();
    good(&restore(&archive, &directory.path().join("data")).await);
    let restored = Server::on(directory, &[]);
    let mut browser = restored.browser();
    for link in links {
        browser.post("/api/v1/reset/check", link).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_copy_that_fails() {
    let test = TestStore::new();
    owner(&test.store, "Olga").await;
    let folder = test.path.parent().unwrap().to_owned();
    let quotas = Quotas { member: 1 << 20, guest: 0 };
    let files = Files::open(&folder.join("files"), test.store.clone(), quotas).await.unwrap();
    let manifest = || Manifest::new("1", Millis(5));
    let begin = || Backup::begin(&test.store, &files, &folder, manifest());
    let database = rusqlite::Connection::open(&test.path).unwrap();
    let place: (u64, u64) = database
        .query_row(
            "SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size
             WHERE name = 'records'",
            (),
            |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64)),
        )
        .unwrap();
    let _: i64 =
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0)).unwrap();

    // A disk that goes bad in the middle of it.
    let file = fs::File::options().read(true).write(true).open(&test.path).unwrap();
    let (mut page, at) = (vec![0; place.1 as usize], (place.0 - 1) * place.1);
    file.read_exact_at(&mut page, at).unwrap();
    file.write_all_at(&vec![0xEE; page.len()], at).unwrap();
    let failed = begin().await.unwrap_err();
    assert!(matches!(failed, BackupError::Copy(_)), "{failed:?}");
    let left = || {
        let entries = fs::read_dir(&folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("backup.db")).collect::<Vec<_>>()
    };
    assert_eq!(left(), [""; 0]);

    file.write_all_at(&page, at).unwrap();
    let backup = begin().await.unwrap();
    assert!(backup.left() > 0);
    assert_eq!(left(), [""; 0]);
}

#[tokio::test]
async fn a_full_disk_leaves_no_half_of_a_backup_and_the_one_before() {
    let owned = Owned::start().await;
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("callbox.tar");
    fs::write(&archive, "an earlier one").unwrap();
    // No file may grow beyond 64 KiB, which the database alone does.
    let mut command = callbox_by("trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"");
    command.args(["backup", "--data"]).arg(owned.server.data()).arg(&archive);
    refused(&run(command).await, "cannot write the backup");
    assert_eq!(fs::read(&archive).unwrap(), b"an earlier one");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let nowhere = folder.path().join("nowhere/callbox.tar");
    refused(&back_up(&owned.server.data(), &nowhere).await, "cannot write");
}

#[tokio::test]
async fn a_file_deleted_during_a_backup_is_in_it_and_goes_afterwards() {
    let test = TestStore::new();
    let person = owner(&test.store, "Olga").await;
    let folder = test.path.parent().unwrap().to_owned();
    let quotas = Quotas { member: 1 << 20, guest: 0 };
    let files = Files::open(&folder.join("files"), test.store.clone(), quotas).await.unwrap();
    let (id, shape) = (FileId::from_bytes([9; 16]), Shape::of(3).unwrap());
    let who = (person.id, Role::Owner);
    files.create(id, person.everyone, who, shape, Millis(5)).await.unwrap();
    let chunk = vec![0xAB; shape.stored() as usize];
    files.put(id, person.id, 0, chunk.clone().into(), Millis(5)).await.unwrap();
    files.finish(id, person.id).await.unwrap();
    let manifest = Manifest::new("1", Millis(5));
    let mut backup = Backup::begin(&test.store, &files, &folder, manifest).await.unwrap();
    let length = backup.left();
    files.delete(id, person.id).await.unwrap();
    assert!(files.upload(id, person.id).await.is_err(), "for people it is gone");
    let on_disk = || fs::read_dir(folder.join("files")).unwrap().count();
    assert_eq!(on_disk(), 1);
    let mut archive = Vec::new();
    while let Some(part) = backup.next().await.unwrap() {
        archive.extend_from_slice(&part);
    }
    assert_eq!(archive.len() as u64, length);
    assert!(archive.windows(chunk.len()).any(|window| window == chunk));
    drop(backup);
    assert_eq!(on_disk(), 0);
}
