//! `callbox man` and `callbox completions`: made from the command line's own description, so
//! that they always tell of this very version.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Command};
use clap_complete::Shell;

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Where to write the pages, this one and one for each command; without, this one is printed.
    directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell that is to complete.
    shell: Shell,
}

pub(super) fn pages(arguments: ManArgs, command: Command) -> anyhow::Result<()> {
    let Some(directory) = arguments.directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        return print(&page);
    };
    let tried = || format!("cannot write the pages to {}", directory.display());
    fs::create_dir_all(&directory).with_context(tried)?;
    clap_mangen::generate_to(command, &directory).with_context(tried)
}

pub(super) fn completions(arguments: &CompletionsArgs, mut command: Command) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "callbox", &mut script);
    print(&script)
}

/// A closed pipe is no reason to complain.
fn print(bytes: &[u8]) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to the output")
        }
        _ => Ok(()),
    }
}
