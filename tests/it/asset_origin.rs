//! The client's files from another origin, and the demand for TLS.

use std::os::unix::fs::PermissionsExt;

use sha2::{Digest, Sha256, Sha384};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::server::{Server, status};

const ORIGIN: &str = "https://assets.example.org";

async fn get(server: &Server, path: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    server.exchange(head).await
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap();
    head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

/// The addresses of scripts and styles in a page.
fn files(page: &str) -> Vec<&str> {
    let ends = page.split("/assets/").skip(1).filter_map(|rest| rest.split('"').next());
    ends.filter(|name| name.ends_with(".js") || name.ends_with(".css")).collect()
}

#[tokio::test]
async fn without_it_nothing_of_it_is_seen() {
    let server = Server::start();
    let page = get(&server, "/").await;
    let policy = header(&page, "content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
    assert!(!page.contains("importmap") && !page.contains("integrity"), "{page}");
    if let Some(name) = files(body(&page)).first() {
        let file = get(&server, &format!("/assets/{name}")).await;
        assert_eq!(header(&file, "access-control-allow-origin"), None);
        assert_eq!(header(&file, "cross-origin-resource-policy"), Some("same-origin"));
    }
}

#[tokio::test]
async fn the_page_says_where_its_files_are_and_what_they_must_be() {
    let server = Server::with(&["--asset-origin", ORIGIN]);
    let page = get(&server, "/").await;
    assert_eq!((status(&page), header(&page, "cache-control")), (200, Some("no-cache")));
    let policy = header(&page, "content-security-policy").unwrap();
    assert!(policy.contains(&format!("script-src 'self' {ORIGIN}/assets/ 'sha256-")), "{policy}");
    assert!(policy.contains("worker-src 'self';") && policy.contains("connect-src 'self';"));
    let (_, map) = body(&page).split_once("<script type=\"importmap\">").unwrap();
    let map = map.split_once("</script>").unwrap().0;
    let hash = STANDARD.encode(Sha256::digest(map));
    assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
    let map: serde_json::Value = serde_json::from_str(map).unwrap();
    assert!(!body(&page).contains("\"/assets/"), "all files are elsewhere");

    for name in files(body(&page)).into_iter().take(5) {
        let file = get(&server, &format!("/assets/{name}")).await;
        let hash = STANDARD.encode(Sha384::digest(body(&file)));
        assert!(page.contains(&format!("sha384-{hash}")), "{name}");
        if name.ends_with(".js") {
            let address = format!("{ORIGIN}/assets/{name}");
            assert_eq!(map["integrity"][address], format!("sha384-{hash}"));
        }
        // Whoever keeps copies fetches them here, to be served with these.
        assert_eq!(header(&file, "access-control-allow-origin"), Some("*"));
        assert_eq!(header(&file, "cross-origin-resource-policy"), Some("cross-origin"));
        assert!(header(&file, "cache-control").unwrap().contains("immutable"));
    }
    // Asked for again it is as it was; of what is no file below assets, nobody else gets anything.
    let etag = header(&page, "etag").unwrap();
    let again = format!(
        "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nif-none-match: {etag}\r\n\r\n"
    );
    assert_eq!(status(&server.exchange(again).await), 304);
    for path in ["/", "/icon.svg", "/api/v1/status"] {
        let answer = get(&server, path).await;
        assert_eq!(header(&answer, "access-control-allow-origin"), None, "{path}");
    }
}

#[tokio::test]
async fn names_of_the_internet_are_for_tls_alone() {
    let names = "chat.callbox.org,box.lan,box.local,203.0.113.9";
    // A certificate of one's own, so that none is asked for.
    let made = rcgen::generate_simple_self_signed(["chat.callbox.org".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    };
    let (cert, key) =
        (file("cert.pem", made.cert.pem()), file("key.pem", made.signing_key.serialize_pem()));
    let flags = ["--domain", names, "--tls-cert", &cert, "--tls-key", &key];
    let server = Server::with(&flags);
    for (host, strict) in [
        ("chat.callbox.org", true),
        ("box.lan", false),
        ("box.local", false),
        ("203.0.113.9", false),
        ("localhost", false),
    ] {
        let head = format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let answer = server.exchange_tls(&head).await;
        let found = header(&answer, "strict-transport-security");
        assert_eq!(found, strict.then_some("max-age=31536000"), "{host}: {answer}");
        let answer = server.exchange(&head).await;
        assert_eq!(header(&answer, "strict-transport-security"), None, "{host} without TLS");
    }
}
