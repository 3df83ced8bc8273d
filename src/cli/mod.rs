//! The command line: flags, sub-commands, and words for people.
//!
//! Only here is anything printed. An error says what was tried and, where it
//! can, what to do.

mod backup;
mod ca;
mod client;
mod config;
mod doctor;
mod invite;
mod man;
mod moment;
mod restore;
mod serve;
mod size;
mod socket;
mod span;
mod status;
mod user;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::config::Settings;
use crate::net::names;

/// Private chat and calls in one box.
///
/// Without a command, it serves.
#[derive(Debug, Parser)]
#[command(name = "callbox", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve chat and calls.
    Serve {
        #[command(flatten)]
        settings: Box<Settings>,
    },
    /// Look after the people of the running server.
    User(user::UserArgs),
    /// Make and revoke links with which people join the running server.
    Invite(invite::InviteArgs),
    /// Look at the authority that devices may trust, or make a new one.
    Ca(ca::CaArgs),
    /// Copy everything the running server keeps into one file.
    Backup(backup::BackupArgs),
    /// Make a data directory from a backup.
    Restore(restore::RestoreArgs),
    /// Say how the running server is: people, connections, calls, storage, relay.
    Status(status::StatusArgs),
    Doctor(doctor::DoctorArgs),
    /// Look at the settings.
    Config(config::ConfigArgs),
    /// List the files of the web client inside, with their SHA-256, as `sha256sum` does.
    ///
    /// Whoever builds the same version must get the same list.
    Client,
    /// Print the manual page, or write those of all commands.
    Man(man::ManArgs),
    /// Print what makes a shell complete the words of this command line.
    Completions(man::CompletionsArgs),
    /// Say which version this is.
    Version,
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    names::settle();
    let arguments = Arguments::parse();
    let command =
        arguments.command.unwrap_or(Command::Serve { settings: Box::new(arguments.settings) });
    let result = match command {
        Command::Serve { settings } => serve::run(*settings),
        Command::User(arguments) => user::run(arguments),
        Command::Invite(arguments) => invite::run(arguments),
        Command::Ca(arguments) => ca::run(arguments),
        Command::Backup(arguments) => backup::run(arguments),
        Command::Restore(arguments) => restore::run(arguments),
        Command::Status(arguments) => status::run(arguments),
        Command::Doctor(arguments) => match doctor::run(arguments) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Config(arguments) => config::run(arguments),
        Command::Client => {
            client::run();
            Ok(())
        }
        Command::Man(arguments) => man::pages(arguments, Arguments::command()),
        Command::Completions(arguments) => man::completions(&arguments, Arguments::command()),
        Command::Version => {
            say(format_args!("callbox {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Prints a line; a closed pipe is no reason to stop.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Prints an error and its causes.
fn complain(error: &anyhow::Error) {
    let mut out = io::stderr().lock();
    let _ = writeln!(out, "callbox: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(out, "  because: {}", cause.to_string().trim_end());
    }
}
