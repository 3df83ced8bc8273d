//! `callbox user`: the people of the running server.

use anyhow::anyhow;

use super::socket::{Place, Server};
use super::{say, span};
use crate::http::api::local::{Accounts, ChangePerson, Link, Person};
use crate::pure::wire::{Name, Role};

/// The people of the running server.
#[derive(Debug, clap::Args)]
pub(super) struct UserArgs {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, clap::Subcommand)]
enum UserCommand {
    /// Lists all people with their roles.
    List,
    /// Makes somebody an admin, or a member again.
    Role { name: String, role: NewRole },
    /// Signs somebody out everywhere and lets them in no more.
    Disable { name: String },
    /// Lets somebody in again.
    Enable { name: String },
    /// Signs somebody out on all devices.
    SignOut { name: String },
    /// Changes somebody's name.
    Rename { name: String, new: String },
    /// Makes a link with which somebody who forgot their password chooses a new one.
    Reset { name: String },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum NewRole {
    Member,
    Admin,
}

/// Runs the command and writes what it has to say.
pub(super) fn run(args: UserArgs) -> anyhow::Result<()> {
    let server = args.place.server()?;
    let change = |name: &str, change: ChangePerson| -> anyhow::Result<Person> {
        let person = find(&server, name)?;
        server.send("PATCH", &format!("/accounts/{}", person.id), &change)
    };
    match args.command {
        UserCommand::List => list(&server)?,
        UserCommand::Role { name, role } => {
            let role = match role {
                NewRole::Member => Role::Member,
                NewRole::Admin => Role::Admin,
            };
            let person = change(&name, ChangePerson { role: Some(role), ..Default::default() })?;
            say(format_args!("The role of {} is now: {}.", person.name, role_word(person.role)));
        }
        UserCommand::Disable { name } => {
            let disabled = ChangePerson { disabled: Some(true), ..Default::default() };
            let person = change(&name, disabled)?;
            say(format_args!("{} is signed out everywhere and cannot sign in.", person.name));
        }
        UserCommand::Enable { name } => {
            let enabled = ChangePerson { disabled: Some(false), ..Default::default() };
            let person = change(&name, enabled)?;
            say(format_args!("{} can sign in again.", person.name));
        }
        UserCommand::SignOut { name } => {
            let person = find(&server, &name)?;
            server.tell("POST", &format!("/accounts/{}/sign-out", person.id))?;
            say(format_args!("{} is signed out on all devices.", person.name));
        }
        UserCommand::Rename { name, new } => {
            let new =
                Name::new(&new).map_err(|error| anyhow!("{new:?} cannot be a name: {error}"))?;
            let renamed = ChangePerson { name: Some(new), ..Default::default() };
            let person = change(&name, renamed)?;
            say(format_args!("{name} is now called {}.", person.name));
        }
        UserCommand::Reset { name } => {
            let person = find(&server, &name)?;
            let link: Link = server.ask("POST", &format!("/accounts/{}/reset", person.id))?;
            say(format_args!("{}", link.link));
            say(format_args!(
                "Give this link to {} alone. It works once, for {}.",
                person.name,
                span::until(link.expires)
            ));
        }
    }
    Ok(())
}

fn list(server: &Server) -> anyhow::Result<()> {
    let Accounts { accounts } = server.ask("GET", "/accounts")?;
    for Person { name, role, disabled, .. } in accounts {
        let standing = if disabled { ", disabled" } else { "" };
        say(format_args!("{name} ({}{standing})", role_word(role)));
    }
    Ok(())
}

/// The account with this name, as its bearer would write it too.
fn find(server: &Server, name: &str) -> anyhow::Result<Person> {
    let wanted = Name::new(name).map_err(|error| anyhow!("{name:?} cannot be a name: {error}"))?;
    let Accounts { accounts } = server.ask("GET", "/accounts")?;
    let key = wanted.key();
    if let Some(person) = accounts.iter().find(|person| person.name.key() == key) {
        return Ok(person.clone());
    }
    let similar = |person: &&Person| strsim::jaro_winkler(&person.name.key(), &key) > 0.8;
    Err(match accounts.iter().find(similar) {
        Some(person) => anyhow!("there is no {wanted}. Did you mean {}?", person.name),
        None => anyhow!("there is no {wanted}. `callbox user list` shows who there is."),
    })
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Guest => "guest",
        Role::Member => "member",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}
