//! The layer table of ARCHITECTURE.md, enforced: a module imports only from
//! lower layers, and the cores touch nothing.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules by layer. Within one layer nobody imports another; the cores have a table of their own.
const LAYERS: &[(u8, &[&str])] = &[
    (7, &["cli"]),
    (6, &["boot"]),
    (5, &["front"]),
    (4, &["http", "relay"]),
    (3, &["session"]),
    (2, &["hub"]),
    (1, &["store", "tls", "net"]),
    (0, &["config", "telemetry", "private_file", "pure"]),
];

/// Who among the cores may know whom.
const PURE: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("archive", &["wire"]),
    ("doctor", &["wire"]),
    ("stun", &[]),
    ("auth", &["wire"]),
    ("e2ee", &["wire"]),
    ("lan", &[]),
    ("rooms", &["wire", "e2ee"]),
    ("turn", &["wire", "stun", "auth"]),
];

/// What a core must not touch: runtime, sockets, files, threads, clocks, chance, settings, logs.
const FORBIDDEN_IN_PURE: &[&str] = &[
    "tokio",
    "std::net::UdpSocket",
    "std::net::Tcp",
    "std::fs",
    "std::thread",
    "std::env",
    "Instant::now",
    "SystemTime::now",
    "SystemRandom",
    "OsRng",
    "getrandom",
    "thread_rng",
    "tracing::",
    "println!",
    "crate::config",
    "crate::telemetry",
];

struct Source {
    module: String,
    path: PathBuf,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src is readable") {
            let path = entry.expect("src is readable").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|e| e != "rs") {
                continue;
            }
            let inner = path.strip_prefix(&root).expect("below src");
            let module: Vec<_> = inner.iter().map(|part| part.to_string_lossy()).collect();
            if module.len() == 1 && ["lib.rs", "main.rs"].contains(&module[0].as_ref()) {
                continue;
            }
            let text = fs::read_to_string(&path).expect("source is UTF-8");
            found.push(Source {
                module: module.join("/").trim_end_matches(".rs").to_owned(),
                text,
                path,
            });
        }
    }
    assert!(found.len() > 20, "the sources were found");
    found
}

fn layer(top: &str) -> Option<u8> {
    LAYERS.iter().find(|(_, modules)| modules.contains(&top)).map(|(layer, _)| *layer)
}

/// The code without its tests, which may use more, and without comment lines.
fn code(source: &Source) -> String {
    let code = source.text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every `crate::a::b` path in a text, as (a, b).
fn crate_paths(code: &str) -> Vec<(String, String)> {
    let word = |text: &str| {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    code.match_indices("crate::")
        .filter(|(at, _)| {
            !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$')
        })
        .map(|(at, found)| {
            let rest = &code[at + found.len()..];
            let first = word(rest);
            let second = rest[first.len()..].strip_prefix("::").map(word).unwrap_or_default();
            (first, second)
        })
        .collect()
}

fn violations() -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources() {
        let mut parts = source.module.split('/');
        let top = parts.next().unwrap_or_default();
        let core = parts.next().unwrap_or_default();
        let own = layer(top);
        if own.is_none() {
            wrong.push(format!("{}: `{top}` is in no layer", source.path.display()));
        }
        let code = code(&source);
        for (first, second) in crate_paths(&code) {
            let sideways_core = top == "pure" && first == "pure" && core != "mod";
            if sideways_core {
                let allowed = PURE.iter().find(|(name, _)| *name == core).map(|(_, list)| *list);
                if second != core && !allowed.is_some_and(|list| list.contains(&second.as_str())) {
                    wrong.push(format!(
                        "{}: core `{core}` imports `{second}`",
                        source.path.display()
                    ));
                }
            } else if first != top && layer(&first) >= own {
                wrong.push(format!("{}: `{top}` imports `{first}`", source.path.display()));
            }
        }
        if top == "pure" {
            // The generator of the client's types is itself a test.
            for thing in FORBIDDEN_IN_PURE {
                if code.contains(thing) && !source.module.ends_with("wire/typescript") {
                    wrong.push(format!("{}: a core touches `{thing}`", source.path.display()));
                }
            }
        }
    }
    wrong
}

#[test]
fn modules_import_only_from_lower_layers() {
    let wrong = violations();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unsafe_code_lives_only_in_net() {
    for source in sources() {
        let allowed = source.module.starts_with("net/udp") || source.module == "net/names";
        let uses = code(&source).contains("unsafe ");
        assert!(allowed || !uses, "{} uses unsafe", source.path.display());
    }
}

#[test]
fn the_table_notices_a_wrong_import() {
    assert_eq!(
        crate_paths("use crate::hub::Hub; $crate::x; mycrate::y"),
        [("hub".into(), "Hub".into())]
    );
    assert!(layer("front") > layer("http") && layer("http") > layer("hub"));
}
