//! `callbox invite`: links with which people join the running server.

use super::socket::{Place, Server};
use super::{say, span};
use crate::http::api::local::{InviteRow, InviteRows, Link, NewInvite};
use crate::pure::wire::{InviteId, Millis};

/// Links with which people join the running server.
#[derive(Debug, clap::Args)]
pub(super) struct InviteArgs {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: InviteCommand,
}

#[derive(Debug, clap::Subcommand)]
enum InviteCommand {
    /// Makes a link.
    Create {
        /// How many people can join with it.
        #[arg(long, value_name = "N", default_value_t = 1,
              value_parser = clap::value_parser!(u32).range(1..=1000))]
        uses: u32,
        /// How long it works: minutes, hours or days, such as 30m, 12h or 7d; up to 90d.
        #[arg(long, value_name = "SPAN", default_value = "7d", value_parser = span::parse)]
        valid: Millis,
    },
    /// Lists the links that were made, the newest first.
    List,
    /// Makes a link useless, by the id that `list` shows.
    Revoke {
        // Some begin with a hyphen.
        #[arg(allow_hyphen_values = true)]
        id: InviteId,
    },
}

/// Runs the command and writes what it has to say.
pub(super) fn run(args: InviteArgs) -> anyhow::Result<()> {
    let server = args.place.server()?;
    match args.command {
        InviteCommand::Create { uses, valid } => {
            let wanted = NewInvite { valid_for: valid, uses };
            let link: Link = server.send("POST", "/invites", &wanted)?;
            say(format_args!("{}", link.link));
            let people = if uses == 1 { "One person".to_owned() } else { format!("{uses} people") };
            say(format_args!("{people} can join with it, for {}.", span::until(link.expires)));
        }
        InviteCommand::List => list(&server)?,
        InviteCommand::Revoke { id } => {
            server.tell("DELETE", &format!("/invites/{id}"))?;
            say(format_args!("Nobody can join with {id} any more."));
        }
    }
    Ok(())
}

fn list(server: &Server) -> anyhow::Result<()> {
    let InviteRows { invites } = server.ask("GET", "/invites")?;
    if invites.is_empty() {
        say(format_args!("No links were made. `callbox invite create` makes one."));
    }
    for InviteRow { id, by, expires, uses, max_uses, revoked } in invites {
        let left = span::until(expires);
        let standing = if revoked {
            "revoked".to_owned()
        } else if uses >= max_uses {
            "used up".to_owned()
        } else if span::is_past(expires) {
            "expired".to_owned()
        } else {
            format!("for {left}")
        };
        let by = by.map(|name| format!(", by {name}")).unwrap_or_default();
        say(format_args!("{id}  {uses} of {max_uses} used, {standing}{by}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: InviteArgs,
    }

    #[test]
    fn an_id_may_begin_with_a_hyphen() {
        let line = Line::try_parse_from(["callbox", "revoke", "-4NL0P0ymF6fS-KBDmJAXw"]);
        let command = line.unwrap().args.command;
        assert!(matches!(command, InviteCommand::Revoke { .. }));
    }
}
