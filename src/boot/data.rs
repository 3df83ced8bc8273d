//! The data directory: ours alone, and the keys in it. That only one process
//! uses it is seen to by the store, whose lock is held as long as it is open.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::private_file;

/// The directory with everything that must outlive the process.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
}

impl DataDirectory {
    /// Opens the directory or makes it; refuses one that others can look into
    /// and that cannot be closed to them.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        make(path)?;
        for part in ["keys", "tls"] {
            make(&path.join(part))?;
        }
        close_files(path)?;
        Ok(Self { path: path.to_owned() })
    }

    /// A file or directory in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn make(path: &Path) -> anyhow::Result<()> {
    private_file::make_directory(path).with_context(|| {
        format!("cannot make the data directory {}; choose another with --data", path.display())
    })?;
    close(path, 0o700)
}

/// Takes away what others may do with a file or directory.
fn close(path: &Path, mode: u32) -> anyhow::Result<()> {
    let metadata =
        fs::symlink_metadata(path).with_context(|| format!("cannot look at {}", path.display()))?;
    if metadata.is_symlink() || metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode)).with_context(|| {
        format!("other users can read {}, and it cannot be closed to them: give it to the user that runs callbox", path.display())
    })
}

fn close_files(directory: &Path) -> anyhow::Result<()> {
    let look = || format!("cannot look into {}", directory.display());
    for entry in fs::read_dir(directory).with_context(look)? {
        let entry = entry.with_context(look)?;
        let kind = entry.file_type().with_context(look)?;
        if kind.is_dir() {
            close(&entry.path(), 0o700)?;
            close_files(&entry.path())?;
        } else if kind.is_file() {
            close(&entry.path(), 0o600)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h92_what_others_could_read_is_closed() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        fs::create_dir_all(path.join("keys")).unwrap();
        fs::write(path.join("keys/relay"), [7; 32]).unwrap();
        let mode = |name: &str, mode| {
            fs::set_permissions(path.join(name), Permissions::from_mode(mode)).unwrap();
        };
        mode("keys/relay", 0o644);
        mode("keys", 0o755);
        mode("", 0o755);
        let data = DataDirectory::open(&path).unwrap();
        assert_eq!(fs::read(data.join("keys/relay")).unwrap(), [7; 32]);
        let mode = |name: &str| fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!([mode(""), mode("keys"), mode("tls")], [0o700; 3]);
        assert_eq!(mode("keys/relay"), 0o600);
    }
}
