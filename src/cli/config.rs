//! `callbox config`: looking at the settings without starting.

use clap::Subcommand;

use super::say;
use crate::config::{self, Config, Settings};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the settings as `serve` would, and say what they amount to.
    Check {
        #[command(flatten)]
        settings: Box<Settings>,
    },
    /// Print a file with all settings and what they mean.
    Example,
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Check { settings } => {
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
        Command::Example => say(config::example().trim_end()),
    }
    Ok(())
}

fn certificate(certificates: &config::Certificates) -> String {
    match (&certificates.files, &certificates.acme) {
        (Some(files), _) => format!("in {}", files.certificate.display()),
        (None, Some(acme)) => format!("obtained from {}", acme.directory),
        (None, None) => "made here; browsers do not know it".to_owned(),
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
