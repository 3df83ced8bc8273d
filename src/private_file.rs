//! Files for their owner only, written whole or not at all.
//!
//! What is written goes into a file beside it first, down to the disk, and
//! takes its name at the end; a file cut short never has the name. Keys,
//! tokens and whatever else nobody else may read are written through here.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Writes a file, in a directory that is made if it is missing.
pub fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(directory) = file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_directory(directory)?;
    }
    let mut fresh = Fresh::create(file)?;
    fresh.file.write_all(bytes)?;
    fresh.keep()
}

/// Makes a directory, and those above it, that only their owner can look into.
pub fn make_directory(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

/// A file on its way; removed unless it is kept.
#[derive(Debug)]
pub struct Fresh {
    file: File,
    beside: PathBuf,
    name: PathBuf,
    kept: bool,
}

impl Fresh {
    /// Begins what is to become this file, in place of what an earlier attempt has left.
    pub fn create(name: &Path) -> io::Result<Self> {
        let mut beside = name.as_os_str().to_owned();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        // Not opened again: it could have been anybody's.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        Ok(Self { file, beside, name: name.to_owned(), kept: false })
    }

    /// Gives it its name, once it is on the disk.
    pub fn keep(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.beside, &self.name)?;
        self.kept = true;
        Ok(())
    }
}

impl Write for Fresh {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if !self.kept {
            // It has no name that anybody looks for.
            let _ = fs::remove_file(&self.beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn h92_a_file_is_its_owners_and_whole_or_not_there() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("keys/one");
        write(&file, b"first").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        let mut given_up = Fresh::create(&file).unwrap();
        given_up.write_all(b"sec").unwrap();
        drop(given_up);
        assert_eq!(fs::read(&file).unwrap(), b"first");
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
        // Left by a process that was killed, and closed to nobody.
        fs::write(file.with_extension("new"), "longer than what comes").unwrap();
        write(&file, b"second").unwrap();
        assert_eq!((fs::read(&file).unwrap(), mode(&file)), (b"second".to_vec(), 0o600));
    }
}
