//! `callbox serve`: start, say where to go, run until told to stop.

use std::io::{self, IsTerminal};
use std::pin::pin;
use std::time::Duration;

use anyhow::{Context, bail};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::{config, doctor, say};
use crate::boot::{Notifier, Ready, Server};
use crate::config::{Changes, Config, LogFormat, Settings};
use crate::http::Doctor;
use crate::telemetry::{self, Telemetry};

pub(super) fn run(settings: Settings) -> anyhow::Result<()> {
    let config = config::load(settings.clone())?;
    let json = match config.log.format {
        LogFormat::Auto => None,
        LogFormat::Text => Some(false),
        LogFormat::Json => Some(true),
    };
    let telemetry = telemetry::start(&config.log.filter, json)
        .with_context(|| format!("the setting log cannot be {:?}", config.log.filter))?;
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads that serve")?;
    let result = runtime.block_on(serve(&settings, &config, &telemetry));
    // The last tasks go, and with them the store, which commits what it holds.
    runtime.shutdown_timeout(LAST_TIME);
    result
}

async fn serve(settings: &Settings, config: &Config, telemetry: &Telemetry) -> anyhow::Result<()> {
    let listen = |kind| signal(kind).context("cannot listen to signals");
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut hangup = listen(SignalKind::hangup())?;
    let notifier = Notifier::from_environment();
    let examine = Doctor::new(doctor::examiner(settings, config));
    let server = Server::start(config, telemetry, examine).await?;
    greet(config, &server.ready);
    tracing::info!(version = server.ready.version, "serving");
    notifier.ready();
    let mut tidying = tokio::time::interval(TIDY_EVERY);
    let broken = {
        let mut alive = pin!(notifier.watch(server.hub()));
        loop {
            tokio::select! {
                _ = terminate.recv() => break None,
                _ = interrupt.recv() => break None,
                _ = hangup.recv() => {
                    notifier.reloading();
                    reload(settings, &server, telemetry);
                    notifier.ready();
                }
                cause = server.broken() => break Some(cause),
                _ = tidying.tick() => telemetry.metrics.tidy(),
                () = &mut alive => {}
            }
        }
    };
    tracing::info!("stopping");
    notifier.stopping();
    let again = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    server.stop(again).await;
    match broken {
        Some(cause) => bail!("the database cannot be trusted any more: {cause}"),
        None => Ok(()),
    }
}

/// Reads the settings again; whatever is wrong with them, the server goes on with what it has.
fn reload(settings: &Settings, server: &Server, telemetry: &Telemetry) {
    let reloaded = config::load(settings.clone())
        .and_then(|config| tokio::task::block_in_place(|| server.reload(&config, telemetry)));
    match reloaded {
        Ok(Changes { live, restart }) => {
            tracing::info!(changed = live.join(", "), "the settings were read again");
            if !restart.is_empty() {
                tracing::warn!(settings = restart.join(", "), "these take effect after a restart");
            }
        }
        Err(error) => {
            let error: &(dyn std::error::Error + 'static) = error.as_ref();
            tracing::error!(error, "the settings stay as they were");
        }
    }
}

/// Says where to go, in plain words.
fn greet(config: &Config, ready: &Ready) {
    let (here, network): (Vec<_>, Vec<_>) =
        ready.urls.iter().partition(|url| url.starts_with("http:"));
    say(format_args!("Callbox {} is running.\n", ready.version));
    if let Some(url) = here.first() {
        say(format_args!("  On this computer:   {url}"));
    }
    for (n, url) in network.iter().enumerate() {
        let label = if n == 0 { "On the network:" } else { "" };
        say(format_args!("  {label:18}  {url}"));
    }
    if let Some(acme) = &config.certificates.acme {
        let names = acme.names.join(", ");
        say(format_args!("\nCertificates are obtained and renewed by themselves, for {names}."));
        say(
            "Until the first is there, browsers warn of this server's own; the log says why it takes long.",
        );
    }
    let trust =
        ready.authority.as_ref().and_then(|authority| authority.page.as_ref().zip(Some(authority)));
    if let Some((page, authority)) = trust {
        say(
            "\nOther devices warn until they trust the certificate made here. How, they are told at\n",
        );
        say(format_args!("  {page}\n\n  {}, SHA-256", authority.name));
        let pairs: Vec<_> = authority.fingerprint.split(':').collect();
        for line in pairs.chunks(16) {
            say(format_args!("  {}", line.join(":")));
        }
    }
    if let Some(url) = &ready.setup_url {
        say(format_args!("\nNobody owns this server yet. Open this link to set it up:\n\n  {url}"));
    }
    let scanned = trust.map(|(page, _)| page).or(network.first().copied());
    if let Some(url) = scanned.filter(|_| io::stdout().is_terminal())
        && let Ok(code) = QrCode::new(url.as_bytes())
    {
        say("");
        for line in code.render::<Dense1x2>().quiet_zone(true).build().lines() {
            // Black on white, whatever the terminal's own colors: cameras expect that.
            say(format_args!("  \x1b[38;5;16;48;5;231m{line}\x1b[0m"));
        }
    }
    say("");
}

const TIDY_EVERY: Duration = Duration::from_secs(30);
const LAST_TIME: Duration = Duration::from_secs(3);
