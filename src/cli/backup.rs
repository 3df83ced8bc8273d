//! `callbox backup`: everything the running server keeps, in one file.
//!
//! The archive is checked as it comes in, so what has the name FILE is whole.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::socket::{Place, Server};
use super::{say, size};
use crate::private_file::Fresh;
use crate::pure::archive::{Manifest, Reader};

/// Where the backup goes.
#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// The file to write; one of an earlier backup is replaced once the new one is whole.
    /// With `-` it is written to the output.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Takes the backup and says how large it is.
pub(super) fn run(args: BackupArgs) -> anyhow::Result<()> {
    let server = args.place.server()?;
    if args.file.as_os_str() == "-" {
        if io::stdout().is_terminal() {
            bail!("a backup is nothing for a terminal: name a file, or redirect the output");
        }
        let mut out = io::stdout().lock();
        fetch(&server, &mut out)?;
        return out.flush().context("cannot write the backup");
    }
    let tried = || format!("cannot write {}", args.file.display());
    let mut fresh = Fresh::create(&args.file).with_context(tried)?;
    let bytes = fetch(&server, &mut fresh)?;
    fresh.keep().with_context(tried)?;
    say(format_args!("{} holds everything: {}.", args.file.display(), size::write(bytes)));
    say("Who has this file has the server's keys. Keep it where others cannot read it.");
    Ok(())
}

fn fetch(server: &Server, out: &mut impl Write) -> anyhow::Result<u64> {
    let (mut reader, mut bytes) = (Reader::default(), 0);
    server.download("/backup", |mut part| {
        out.write_all(part).context("cannot write the backup")?;
        bytes += part.len() as u64;
        while reader.next(&mut part)?.is_some() {}
        Ok(())
    })?;
    let _: Manifest = reader.finish().context("the server broke off; its log says why")?;
    Ok(bytes)
}
