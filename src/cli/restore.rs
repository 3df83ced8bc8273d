//! `callbox restore`: a data directory from a backup.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use anyhow::Context;

use super::{config, moment, say};
use crate::boot::restore;
use crate::config::Settings;

/// What is restored, and where to.
#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// The file that `callbox backup` has written; `-` is the input.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The directory to fill, which must be empty or not there [default: callbox-data].
    #[arg(long, env = "CALLBOX_DATA", value_name = "DIR")]
    data: Option<PathBuf>,

    /// The file with the server's settings.
    #[arg(long, env = "CALLBOX_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Restores, and says what comes next.
pub(super) fn run(args: RestoreArgs) -> anyhow::Result<()> {
    let given = Settings { data: args.data, config: args.config, ..Settings::default() };
    let data = config::load(given)?.data;
    let mut input: Box<dyn Read> = match args.file.as_os_str().to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => {
            let open = File::open(&args.file);
            Box::new(open.with_context(|| format!("cannot open {}", args.file.display()))?)
        }
    };
    let restored = restore(&mut input, &data)?;
    let people = match restored.accounts {
        1 => "1 account".to_owned(),
        count => format!("{count} accounts"),
    };
    say(format_args!(
        "{} is as the server was on {} (callbox {}): {people}, {} files.",
        data.display(),
        moment::write(restored.manifest.created),
        restored.manifest.version,
        restored.files
    ));
    say("Everybody signs in again. What was undone since then is back: see who is there with");
    say("`callbox user list` and which invites work with `callbox invite list`.");
    say(format_args!("Start it with `callbox serve --data {}`.", data.display()));
    Ok(())
}
