//! Makes the web client that is embedded in the binary.
//!
//! A release build runs npm when the client's sources have changed; a debug
//! build never does. What to do is decided by `WEB_BUILD`:
//!
//! - `auto` (default): release builds the client; debug takes what was built
//!   last, or a page that says that there is none.
//! - `skip`: never npm, in release neither.
//! - `require`: build when the sources have changed, in debug too.
//! - `force`: build in any case.
//!
//! `CALLBOX_WEB_DIST=DIR` takes a client that was built elsewhere. In every
//! case the files end up in `$OUT_DIR/web`, from where they are embedded.

use std::env;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, SystemTime};

fn main() -> ExitCode {
    println!("cargo::rerun-if-env-changed=WEB_BUILD");
    println!("cargo::rerun-if-env-changed=CALLBOX_WEB_DIST");
    println!("cargo::rerun-if-env-changed=DOCS_RS");
    println!("cargo::rerun-if-changed=build.rs");
    match embed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            for line in message.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn embed() -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("web");
    // Cargo also gives it to what it runs, and the server would take a CALLBOX_ name for a setting.
    println!("cargo::rustc-env=EMBEDDED_WEB={}", out.display());
    if let Some(ready) = env::var_os("CALLBOX_WEB_DIST").map(PathBuf::from) {
        watch(&ready);
        if !ready.join("index.html").is_file() {
            return Err(format!("CALLBOX_WEB_DIST={}: no index.html in there", ready.display()));
        }
        return replace(&out, &ready).map_err(|e| format!("copying {}: {e}", ready.display()));
    }
    let web = Web::new();
    web.build(Wish::from_environment()?)?;
    if web.dist().join("index.html").is_file() {
        replace(&out, &web.dist()).map_err(|e| format!("copying web/dist: {e}"))
    } else {
        println!("cargo::warning=the web client is not built: a page that says so is embedded");
        // Cargo looks again when something appears in there; a missing file it would never find up to date.
        fs::create_dir_all(web.dist()).map_err(|e| format!("web/dist: {e}"))?;
        watch(&web.dist());
        placeholder(&out).map_err(|e| format!("writing {}: {e}", out.display()))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Wish {
    Keep,
    WhenChanged,
    Always,
}

impl Wish {
    fn from_environment() -> Result<Self, String> {
        let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
        let wish = env::var("WEB_BUILD").unwrap_or_else(|_| "auto".to_owned());
        match wish.as_str() {
            _ if env::var_os("DOCS_RS").is_some() => Ok(Self::Keep),
            "auto" if release => Ok(Self::WhenChanged),
            "auto" | "skip" => Ok(Self::Keep),
            "require" => Ok(Self::WhenChanged),
            "force" => Ok(Self::Always),
            other => Err(format!("WEB_BUILD={other}: it can be auto, skip, require or force")),
        }
    }
}

/// The client's sources and what is made from them.
struct Web {
    root: PathBuf,
}

impl Web {
    fn new() -> Self {
        let root = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
        Self { root: PathBuf::from(root).join("web") }
    }

    fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    fn build(&self, wish: Wish) -> Result<(), String> {
        // Only what exists: cargo would run this script each time for a missing file.
        for input in INPUTS {
            watch(&self.root.join(input));
        }
        watch(&self.dist().join("index.html"));
        watch(&self.dist().join(STAMP));
        if wish == Wish::Keep || !self.root.join("package.json").is_file() {
            return Ok(());
        }
        // An editor's cargo may run this script at the same time as ours.
        let lock = File::create(self.root.join(".build-lock")).map_err(|e| format!("web/: {e}"))?;
        lock.lock().map_err(|e| format!("web/.build-lock: {e}"))?;
        let content = fingerprint(INPUTS.iter().map(|input| self.root.join(input)));
        let stamp = self.dist().join(STAMP);
        let built = self.dist().join("index.html").is_file() && reads(&stamp, &content);
        if built && wish != Wish::Always {
            return Ok(());
        }
        self.install()?;
        self.npm(&["run", "build"])?;
        write_old(&stamp, &content).map_err(|e| format!("web/dist/{STAMP}: {e}"))
    }

    fn install(&self) -> Result<(), String> {
        let packages = ["package.json", "package-lock.json"].map(|file| self.root.join(file));
        let content = fingerprint(packages.into_iter());
        let stamp = self.root.join("node_modules").join(STAMP);
        if reads(&stamp, &content) {
            return Ok(());
        }
        self.npm(&["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"])?;
        fs::write(&stamp, content).map_err(|e| format!("web/node_modules/{STAMP}: {e}"))
    }

    fn npm(&self, arguments: &[&str]) -> Result<(), String> {
        let mut command = if cfg!(windows) { Command::new("cmd") } else { Command::new("npm") };
        if cfg!(windows) {
            command.args(["/C", "npm"]);
        }
        let line = format!("npm {}", arguments.join(" "));
        let output = match command.args(arguments).current_dir(&self.root).output() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(NO_NPM.to_owned()),
            result => result.map_err(|error| format!("{line}: {error}"))?,
        };
        if output.status.success() {
            return Ok(());
        }
        let text = [output.stdout, output.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
        let text = text.concat();
        let lines: Vec<_> = text.lines().collect();
        let last = &lines[lines.len().saturating_sub(30)..];
        Err(format!("building the web client failed at `{line}`:\n{}", last.join("\n")))
    }
}

fn watch(path: &Path) {
    if path.exists() {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

/// A hash of names and contents of files and of all below directories.
fn fingerprint(paths: impl Iterator<Item = PathBuf>) -> String {
    let mut hasher = DefaultHasher::new();
    let mut queue: Vec<_> = paths.collect();
    queue.reverse();
    while let Some(path) = queue.pop() {
        if let Ok(entries) = fs::read_dir(&path) {
            let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
            entries.sort();
            queue.extend(entries);
        } else if let Ok(bytes) = fs::read(&path) {
            (path, bytes).hash(&mut hasher);
        }
    }
    format!("{:016x}\n", hasher.finish())
}

fn reads(file: &Path, content: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|text| text == content)
}

/// Writes a file that looks old: cargo would take one younger than this run
/// for a change and run this script once more.
fn write_old(file: &Path, content: &str) -> io::Result<()> {
    fs::write(file, content)?;
    let hour = Duration::from_secs(3600);
    let old = SystemTime::now().checked_sub(hour).unwrap_or(SystemTime::UNIX_EPOCH);
    File::options().write(true).open(file)?.set_modified(old)
}

/// Makes `to` the same as `from`, touching nothing that is equal already.
fn replace(to: &Path, from: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let (entry, other) = (entry?.path(), from);
        let name = entry.file_name().expect("an entry has a name");
        if entry.is_dir() != other.join(name).is_dir() || !other.join(name).exists() {
            if entry.is_dir() { fs::remove_dir_all(&entry)? } else { fs::remove_file(&entry)? }
        }
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?.path();
        let name = entry.file_name().expect("an entry has a name");
        let target = to.join(name);
        if entry.is_dir() {
            replace(&target, &entry)?;
        } else if name != STAMP && fs::read(&target).ok() != Some(fs::read(&entry)?) {
            fs::copy(&entry, &target)?;
        }
    }
    Ok(())
}

fn placeholder(to: &Path) -> io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    fs::write(to.join("index.html"), PLACEHOLDER)
}

/// What decides how the client looks, below `web/`.
const INPUTS: [&str; 14] = [
    "src",
    "public",
    "scripts",
    "messages",
    "index.html",
    "package.json",
    "package-lock.json",
    "components.json",
    "vite.config.ts",
    "vite.sw.config.ts",
    "tsconfig.json",
    "tsconfig.app.json",
    "tsconfig.node.json",
    ".npmrc",
];

const STAMP: &str = ".stamp";

const NO_NPM: &str = "\
npm is missing: it builds the web client. Install Node.js 20.19 or newer (which brings npm),
or set CALLBOX_WEB_DIST to a directory with a client that was built elsewhere,
or set WEB_BUILD=skip to build a server without its client.";

const PLACEHOLDER: &str = "\
<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Callbox</title>
<h1>Callbox</h1>
<p>This build has no web client. Run <code>npm ci && npm run build</code> in <code>web/</code> and build again.</p>
";
