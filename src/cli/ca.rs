//! `callbox ca`: the authority with which the running server vouches for itself.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;

use super::socket::{Place, Server};
use super::{moment, say};
use crate::http::api::local::Authority;
use crate::tls::AuthorityReport;

/// The authority with which the running server vouches for itself.
#[derive(Debug, clap::Args)]
pub(super) struct CaArgs {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: CaCommand,
}

#[derive(Debug, clap::Subcommand)]
enum CaCommand {
    /// Shows name and fingerprint, and what it vouches for.
    Show,
    /// Writes its certificate, for devices that are to trust it: PEM, never the key.
    Export {
        /// The file to write; with `-`, or without, it goes to the output.
        #[arg(value_name = "FILE", default_value = "-")]
        file: PathBuf,
    },
    /// Makes a new one: every device has to trust it anew. For when the key may be in foreign
    /// hands, or when this server has a new name.
    Rotate {
        /// Do it.
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the command and writes what it has to say.
pub(super) fn run(args: CaArgs) -> anyhow::Result<()> {
    let server = args.place.server()?;
    match args.command {
        CaCommand::Show => show(&server.ask("GET", "/ca")?),
        CaCommand::Export { file } => export(&server, &file)?,
        CaCommand::Rotate { yes: false } => {
            let Authority { report, .. } = server.ask("GET", "/ca")?;
            let name = report.name;
            say(format_args!(
                "Every device that trusts {name} will warn until it trusts the new one."
            ));
            say("Nothing was changed. To do it: callbox ca rotate --yes");
        }
        CaCommand::Rotate { yes: true } => {
            let old: Authority = server.ask("GET", "/ca")?;
            let new: Authority = server.ask("POST", "/ca/rotate")?;
            show(&new);
            say("\nOn every device:");
            say(format_args!("  1. remove {} from the trusted certificates,", old.report.name));
            let page = new.page.as_deref().unwrap_or("its page about trust (/trust)");
            say(format_args!("  2. open {page} and install the new one."));
            say(
                "The old certificate is kept as tls/ca.old.pem in the data directory, its key is gone.",
            );
        }
    }
    Ok(())
}

fn show(Authority { report, page }: &Authority) {
    let AuthorityReport { name, fingerprint, until, names, leaf_until, left_out, .. } = report;
    say(format_args!("name         {name}"));
    say(format_args!("sha-256      {fingerprint}"));
    say(format_args!("until        {}", moment::write(*until)));
    say(format_args!("vouches for  {}", names.join(", ")));
    say(format_args!("             until {}, renewed by itself", moment::write(*leaf_until)));
    if let Some(page) = page {
        say(format_args!("to trust it  {page}"));
    }
    if !left_out.is_empty() {
        say(format_args!("but not for  {}", left_out.join(", ")));
        say("             (names that are newer than it: `callbox ca rotate` takes them in)");
    }
}

fn export(server: &Server, file: &std::path::Path) -> anyhow::Result<()> {
    let Authority { report: AuthorityReport { pem, .. }, .. } = server.ask("GET", "/ca")?;
    if file.as_os_str() == "-" {
        let mut out = io::stdout().lock();
        return out.write_all(pem.as_bytes()).context("cannot write the certificate");
    }
    std::fs::write(file, pem).with_context(|| format!("cannot write {}", file.display()))?;
    say(format_args!("{} holds the certificate. It is no secret.", file.display()));
    Ok(())
}
