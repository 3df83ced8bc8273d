//! `callbox config`: the settings, in force or only checked.

use clap::Subcommand;

use super::say;
use super::socket::Server;
use crate::config::{self, Config, Settings};
use crate::http::api::overview::{SettingRow, SettingRows};

/// Without a command: the settings in force in the running server, secrets hidden; or,
/// when none is running, those it would start with.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Box<Settings>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the settings as `serve` would, and say what they amount to.
    Check {
        #[command(flatten)]
        settings: Box<Settings>,
    },
    /// Print a file with all settings and what they mean.
    Example,
}

pub(super) fn run(args: ConfigArgs) -> anyhow::Result<()> {
    match args.command {
        None => show(*args.settings)?,
        Some(Command::Check { settings }) => {
            let config = load(*settings)?;
            let list = |items: Vec<String>| items.join(", ");
            let addresses =
                |listen: &[config::Listen]| list(listen.iter().map(ToString::to_string).collect());
            say("The settings are fine.");
            say(format_args!("  pages         {}", addresses(&config.front.listen)));
            if !config.front.http_listen.is_empty() {
                say(format_args!("  plain http    {}", addresses(&config.front.http_listen)));
            }
            say(format_args!("  relay         {}", addresses(&config.relay.listen)));
            say(format_args!("  relay mode    {}", mode(config.relay.mode)));
            say(format_args!("  certificate   {}", certificate(&config.certificates)));
            say(format_args!("  data          {}", config.data.display()));
            if !config.http.domains.is_empty() {
                say(format_args!("  names         {}", list(config.http.domains)));
            }
        }
        Some(Command::Example) => say(config::example().trim_end()),
    }
    Ok(())
}

fn show(settings: Settings) -> anyhow::Result<()> {
    let config = load(settings.clone())?;
    let server = Server::of(&settings, config.data.clone());
    let SettingRows { settings, after_restart } = match server.is_running() {
        true => server.ask("GET", "/settings")?,
        false => {
            say("# no server is running with this data: it would start with these settings");
            let settings = config.settings.iter().map(SettingRow::from).collect();
            SettingRows { settings, after_restart: Vec::new() }
        }
    };
    for SettingRow { name, value, given, .. } in settings {
        // What begins with # is the default.
        let mark = if given { " " } else { "#" };
        let pending =
            if after_restart.contains(&name) { "   # another one after a restart" } else { "" };
        say(format_args!("{mark}{name:24} {value}{pending}"));
    }
    Ok(())
}

fn certificate(certificates: &config::Certificates) -> String {
    match (&certificates.files, &certificates.acme) {
        (Some(files), _) => format!("in {}", files.certificate.display()),
        (None, Some(acme)) => format!("obtained from {}", acme.directory),
        (None, None) => "made here, by an authority that devices may trust".to_owned(),
    }
}

fn mode(mode: config::TurnMode) -> &'static str {
    match mode {
        config::TurnMode::Closed => "closed: only members of the same call",
        config::TurnMode::Lan => "lan: the internet, and the networks that are allowed",
        config::TurnMode::Public => "public: the internet",
    }
}

/// The settings of this process.
pub(super) fn load(settings: Settings) -> anyhow::Result<Config> {
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    Ok(Config::load(settings, names)?)
}
