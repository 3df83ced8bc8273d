//! A data directory from a backup: everything or nothing.
//!
//! Fills only a directory in which there is nothing. What comes is put aside in
//! it, checked to its end and given its places at last, the database after
//! everything else: a server that starts on half of it would begin anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::private_file;
use crate::pure::archive::{Event, Kind, Manifest, Reader, kind};
use crate::store;

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    pub manifest: Manifest,
    pub accounts: u64,
    pub files: u64,
}

/// Restores what comes from `archive` into a directory that is empty or not there.
pub fn restore(archive: &mut dyn Read, data: &Path) -> anyhow::Result<Restored> {
    let made = vacant(data)?;
    let aside = data.join(ASIDE);
    private_file::make_directory(&aside)
        .with_context(|| format!("cannot make {}", aside.display()))?;
    let restored = unpack(archive, &aside).and_then(|(manifest, files)| {
        let accounts = settle(&aside, data)?;
        Ok(Restored { manifest, accounts, files })
    });
    // On failure nothing stays; on success nothing is left in it.
    let removed = fs::remove_dir_all(&aside);
    if restored.is_err() && made {
        let _ = fs::remove_dir(data);
    }
    let restored = restored?;
    removed.with_context(|| format!("cannot remove {}", aside.display()))?;
    Ok(restored)
}

/// Makes sure that nothing is there; whether the directory had to be made.
fn vacant(data: &Path) -> anyhow::Result<bool> {
    match fs::read_dir(data) {
        Ok(mut entries) => match entries.next() {
            None => Ok(false),
            Some(_) => bail!(
                "{} is not empty, and restoring overwrites nothing: move it away, or name \
                 another directory with --data",
                data.display()
            ),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            private_file::make_directory(data)
                .with_context(|| format!("cannot make {}", data.display()))?;
            Ok(true)
        }
        Err(error) => Err(error).with_context(|| format!("cannot look into {}", data.display())),
    }
}

/// Writes the contents below a directory; counts the files that people have sent.
fn unpack(archive: &mut dyn Read, aside: &Path) -> anyhow::Result<(Manifest, u64)> {
    let (mut reader, mut part) = (Reader::default(), vec![0; PART]);
    let mut open: Option<(File, PathBuf)> = None;
    let mut files = 0;
    loop {
        let length = archive.read(&mut part).context("cannot read the backup")?;
        if length == 0 {
            break;
        }
        let mut input = &part[..length];
        while let Some(event) = reader.next(&mut input)? {
            match event {
                Event::Begin { name, .. } => {
                    files += u64::from(kind(&name) == Some(Kind::File));
                    let path = aside.join(&name);
                    let file = create(&path);
                    let file = file.with_context(|| format!("cannot make {}", path.display()))?;
                    open = Some((file, path));
                }
                Event::Bytes(bytes) => {
                    if let Some((file, path)) = &mut open {
                        file.write_all(bytes)
                            .with_context(|| format!("cannot write {}", path.display()))?;
                    }
                }
                Event::End => open = None,
            }
        }
    }
    Ok((reader.finish()?, files))
}

/// The reader lets only names through that stay below the directory.
fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        private_file::make_directory(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Has the database begin anew, and puts everything in its place.
fn settle(aside: &Path, data: &Path) -> anyhow::Result<u64> {
    let database = aside.join(DATABASE);
    if !database.exists() {
        bail!("the backup holds no database");
    }
    let renewed = store::renew(&database).context("the database in the backup cannot be used")?;
    // All at once is faster than each by itself, and they are many.
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(File::open(aside)?).context("cannot write everything to the disk")?;
    for name in ["keys", "tls", "files", DATABASE] {
        let from = aside.join(name);
        if from.exists() {
            let to = data.join(name);
            fs::rename(&from, &to).with_context(|| format!("cannot make {}", to.display()))?;
        }
    }
    File::open(data)?.sync_all().context("cannot write everything to the disk")?;
    Ok(renewed.accounts)
}

const ASIDE: &str = "restoring";
const DATABASE: &str = "callbox.db";
const PART: usize = 256 * 1024;
