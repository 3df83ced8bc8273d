//! What one account may do to others: rows H43, H58, H70, H74, H78 and H85.

use serde_json::json;

use super::accounts::{Owned, account_id};
use super::browser::Browser;
use super::browser_keys::posted;
use super::e2ee_client::{Chance, Talk, b64};
use super::guests::keys;

#[tokio::test]
async fn h43_nobody_raises_their_own_role() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    for field in ["role", "is_admin", "disabled", "id"] {
        let body = json!({ "name": "Anna", field: "admin" });
        anna.patch("/api/v1/account", body).await.refused(400, "bad_request");
    }
    let own = format!("/api/v1/admin/accounts/{}", account_id(&mut anna).await);
    anna.patch(&own, json!({ "role": "admin" })).await.refused(403, "forbidden");
    anna.post(&format!("{own}/reset"), json!({})).await.refused(403, "forbidden");
}

#[tokio::test]
async fn admins_act_on_those_below_them() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    let mut bert = owned.member("Bert", "a password").await;
    let mut carl = owned.member("Carl", "a password").await;
    let mut paths = Vec::new();
    for browser in [&mut owned.owner, &mut anna, &mut bert, &mut carl] {
        paths.push(format!("/api/v1/admin/accounts/{}", account_id(browser).await));
    }
    let [olga_path, anna_path, bert_path, carl_path] = paths.try_into().unwrap();
    for path in [&anna_path, &bert_path] {
        let made = owned.owner.patch(path, json!({ "role": "admin" })).await.ok();
        assert_eq!(made["role"], "admin");
    }
    for path in [&olga_path, &anna_path, &bert_path] {
        anna.patch(path, json!({ "disabled": true })).await.refused(403, "forbidden");
        anna.post(&format!("{path}/reset"), json!({})).await.refused(403, "forbidden");
    }
    anna.patch(&carl_path, json!({ "role": "admin" })).await.refused(403, "forbidden");
    anna.patch(&carl_path, json!({ "disabled": true })).await.ok();
    owned.owner.patch(&olga_path, json!({ "role": "member" })).await.refused(403, "forbidden");
    owned.owner.patch(&anna_path, json!({ "role": "owner" })).await.refused(403, "forbidden");
    let unknown = "/api/v1/admin/accounts/AAAAAAAAAAAAAAAAAAAAAA";
    owned.owner.patch(unknown, json!({ "disabled": true })).await.refused(404, "not_found");
    owned.owner.patch(&anna_path, json!({ "role": "member" })).await.ok();
    anna.patch(&carl_path, json!({ "disabled": false })).await.refused(403, "forbidden");
}

#[tokio::test]
async fn h58_a_conversation_of_others_does_not_exist() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    let everyone = everyone(&owned);
    let history = anna.get(&format!("/api/v1/conversations/{everyone}/entries")).await.ok();
    let entries = history["entries"].as_array().unwrap();
    // The creation of Everyone, the link, and how she came by it.
    assert_eq!(entries.len(), 3);
    assert_eq!(history["before"], super::browser::blob(&[0; 32]));

    // Somebody else's room, a random id, and something that is no id.
    let room = id_of(7);
    owned
        .database()
        .execute(
            "INSERT INTO conversations (id, kind, created) VALUES (?1, 1, 1)",
            (vec![7u8; 16],),
        )
        .unwrap();
    let mut answers = Vec::new();
    for id in [room, id_of(8), "x".to_owned()] {
        for part in ["entries", "control", "grants"] {
            let path = format!("/api/v1/conversations/{id}/{part}");
            answers.push(anna.get(&path).await.refused(404, "not_found").body);
        }
        let path = format!("/api/v1/conversations/{id}/grants");
        answers
            .push(anna.post(&path, json!({ "grants": [] })).await.refused(404, "not_found").body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    let path = format!("/api/v1/conversations/{everyone}/entries");
    owned.browser().get(&path).await.refused(401, "unauthorized");
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "before=1&after=1",
        "before=-1",
        "after=9007199254740992",
    ] {
        anna.get(&format!("{path}?{query}")).await.refused(400, "bad_request");
    }
    for (query, seqs, more) in [
        ("limit=1", vec![3], true),
        ("after=1&limit=5", vec![2, 3], false),
        ("before=2", vec![1], false),
        ("after=99", vec![], false),
    ] {
        let page = anna.get(&format!("{path}?{query}")).await.ok();
        let found: Vec<_> = page["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["seq"].as_u64().unwrap())
            .collect();
        assert_eq!((found, &page["more"]), (seqs, &json!(more)), "{query}");
    }
}

#[tokio::test]
async fn h70_not_even_the_owner_reads_or_ends_what_is_others() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    // A room of Anna's alone.
    let mut talk = Talk::new(Chance::random().bytes(), "room", "all", "Mine", Chance::random());
    let created = talk.create(&[(&*keys(&anna).lock().unwrap(), "manager")]);
    let room = format!("/api/v1/conversations/{}", b64(talk.id));
    anna.post(&format!("{room}/control"), posted(&created)).await.ok();
    for part in ["entries", "control", "grants", "links"] {
        let path = format!("{room}/{part}");
        anna.get(&path).await.ok();
        let never = format!("/api/v1/conversations/{}/{part}", id_of(8));
        let olga = &mut owned.owner;
        let foreign = olga.get(&path).await.refused(404, "not_found");
        assert_eq!(foreign.body, olga.get(&never).await.refused(404, "not_found").body, "{part}");
    }
    // The place in one's own chain of messages is the same wherever one has written nothing.
    let never = format!("/api/v1/conversations/{}/chain", id_of(8));
    let never = owned.owner.get(&never).await.ok();
    assert_eq!(owned.owner.get(&format!("{room}/chain")).await.ok(), never);
    let file = json!({ "id": id_of(9), "size": 1, "chunks": 1 });
    owned.owner.post(&format!("{room}/files"), file).await.refused(404, "not_found");

    // Devices end by their owner, whatever the role; what admins may is in their own routes, and in the log.
    let device = |session: serde_json::Value| {
        format!("/api/v1/devices/{}", session["device"].as_str().unwrap())
    };
    let annas = device(anna.get("/api/v1/session").await.ok());
    let olgas = device(owned.owner.get("/api/v1/session").await.ok());
    owned.owner.delete(&annas).await.refused(404, "not_found");
    anna.delete(&olgas).await.refused(404, "not_found");
    // An invite of hers is nothing to Anna either.
    let invite = owned.invite(1).await;
    let path = format!("/api/v1/invites/{}", invite["invite"]["id"].as_str().unwrap());
    anna.delete(&path).await.refused(404, "not_found");
    owned.browser().join(&invite, "Ben", "a password").await.ok();
    for browser in [&mut anna, &mut owned.owner] {
        browser.get("/api/v1/session").await.ok();
    }
}

#[tokio::test]
async fn h74_names_are_cleaned_or_refused() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    for (given, kept) in
        [("\u{202e}Anna\u{202c}", "Anna"), (" A\u{200b}nn\0a ", "Anna"), ("e\u{301}", "\u{e9}")]
    {
        let changed = anna.patch("/api/v1/account", json!({ "name": given })).await.ok();
        assert_eq!(changed["account"]["name"], kept);
    }
    let marks = format!("x{}", "\u{316}".repeat(100));
    let changed = anna.patch("/api/v1/account", json!({ "name": marks })).await.ok();
    assert_eq!(changed["account"]["name"], "x\u{316}\u{316}");
    for name in
        ["", " \u{200b} ", &"\u{316}".repeat(10_000), &"a".repeat(65), &"\u{1f469}".repeat(65)]
    {
        let body = json!({ "name": name });
        anna.patch("/api/v1/account", body).await.refused(400, "bad_request");
    }
    // Wide letters and other cases make no second Olga.
    let wide = "\u{ff2f}\u{ff2c}GA";
    anna.patch("/api/v1/account", json!({ "name": wide })).await.refused(409, "name_taken");
}

#[tokio::test]
async fn h85_what_looks_like_sql_is_text() {
    let mut owned = Owned::start().await;
    let name = "Robert'); DROP TABLE accounts;--";
    let mut robert = owned.member(name, "a password").await;
    assert_eq!(robert.get("/api/v1/session").await.ok()["account"]["name"], name);
    for wildcard in ["%", "_", "O%", "Olg_", "' OR 1=1 --", "\"", "\\"] {
        let mut browser = owned.browser();
        browser.log_in(wildcard, "owner's password").await.refused(401, "unauthorized");
    }
    robert.log_in(name, "a password").await.ok();
    let id = account_id(&mut owned.owner).await;
    for hash in ["'", "%27%20OR%201=1--", "%"] {
        let path = format!("/api/v1/accounts/{id}/avatar/{hash}");
        robert.get(&path).await.refused(404, "not_found");
    }
    owned.browser().log_in("Olga", "owner's password").await.ok();
}

#[tokio::test]
async fn h78_a_picture_is_webp_or_jpeg_and_nothing_else() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    let put = async |browser: &mut Browser, kind: &str, file: &[u8]| {
        let headers = browser.own_headers(kind);
        browser.send("PUT", "/api/v1/account/avatar", &headers, file).await
    };
    let session = put(&mut anna, "image/webp", &webp(512)).await.ok();
    let hash = session["account"]["avatar"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/accounts/{}/avatar/{hash}", account_id(&mut anna).await);
    let shown = owned.owner.get(&path).await;
    assert_eq!((shown.status, &shown.body), (200, &webp(512)));
    assert_eq!(shown.header("content-type"), Some("image/webp"));
    assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(shown.header("content-security-policy"), Some("sandbox; default-src 'none'"));
    assert!(shown.header("cache-control").unwrap().starts_with("private, "));
    owned.browser().get(&path).await.refused(401, "unauthorized");
    owned.owner.get(&format!("{path}x")).await.refused(404, "not_found");

    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let polyglot = [&webp(8)[..], b"<script>alert(1)</script>"].concat();
    for file in [&svg[..], b"%PDF-1.7", b"", &polyglot, &webp(513)] {
        put(&mut anna, "image/webp", file).await.refused(400, "bad_request");
    }
    for (kind, file) in
        [("image/jpeg", webp(8)), ("image/webp", jpeg(8)), ("image/jpeg", jpeg(513))]
    {
        put(&mut anna, kind, &file).await.refused(400, "bad_request");
    }
    let session = put(&mut anna, "image/jpeg", &jpeg(512)).await.ok();
    let hash = session["account"]["avatar"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/accounts/{}/avatar/{hash}", account_id(&mut anna).await);
    let shown = owned.owner.get(&path).await;
    assert_eq!((shown.status, &shown.body), (200, &jpeg(512)));
    assert_eq!(shown.header("content-type"), Some("image/jpeg"));
    for kind in ["image/svg+xml", "text/html", "image/png"] {
        put(&mut anna, kind, &webp(8)).await.refused(400, "bad_request");
    }
    let huge = vec![0; 256 * 1024 + 1];
    put(&mut anna, "image/webp", &huge).await.refused(413, "too_large");
    let session = anna.delete("/api/v1/account/avatar").await.ok();
    assert_eq!(session["account"]["avatar"], json!(null));
    owned.owner.get(&path).await.refused(404, "not_found");
}

/// A square picture, as far as its header tells.
fn webp(side: u16) -> Vec<u8> {
    let mut frame = vec![0x30, 1, 0, 0x9d, 0x01, 0x2a];
    frame.extend_from_slice(&side.to_le_bytes());
    frame.extend_from_slice(&side.to_le_bytes());
    let mut file = b"RIFF\x16\0\0\0WEBPVP8 \x0a\0\0\0".to_vec();
    file.extend_from_slice(&frame);
    file
}

/// A square picture, as far as its headers tell.
fn jpeg(side: u16) -> Vec<u8> {
    let side = side.to_be_bytes();
    let frame = [&b"\xff\xc0\0\x0b\x08"[..], &side, &side, b"\x01\x01\x11\0"].concat();
    [b"\xff\xd8", &frame[..], b"\xff\xda\0\x03\x01coded\xff\xd9"].concat()
}

fn everyone(owned: &Owned) -> String {
    let id: Vec<u8> = owned
        .database()
        .query_row("SELECT id FROM conversations WHERE kind = 0", (), |row| row.get(0))
        .unwrap();
    super::browser::blob(&id).as_str().unwrap().to_owned()
}

fn id_of(byte: u8) -> String {
    super::browser::blob(&[byte; 16]).as_str().unwrap().to_owned()
}
