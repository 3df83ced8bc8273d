//! Every setting once: flag, environment variable and key of the file.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::Listen;
use super::certificates::CertificateSettings;
use super::proxy::ProxySettings;
use super::turn::TurnSettings;

/// The settings as given, from one source or several; what is absent is not set there.
/// Unknown names of a file are refused before it is read into this.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize, Serialize)]
#[serde(default)]
pub struct Settings {
    /// The file with settings; every flag below is also a key in it.
    ///
    /// The key of `--turn-listen` is `turn_listen`, its environment variable
    /// CALLBOX_TURN_LISTEN. Flags win over the environment, which wins over the file.
    #[arg(long, env = "CALLBOX_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Where browsers connect: HTTP and HTTPS on the same port [default: *:3001].
    ///
    /// With `--domain` the default is `*:443`, and the relay takes UDP on that port as well.
    /// `*:3001` is every address of this computer, `192.168.1.5:3001` or
    /// `[fd00::5]:3001` just that one. Port 0 takes any free one. Can be given several times.
    #[arg(long, env = "CALLBOX_LISTEN", value_name = "ADDR:PORT", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub listen: Option<Vec<Listen>>,

    /// Where plain HTTP is answered: by sending people to HTTPS [default: *:80 with --domain and without --listen, else none].
    ///
    /// Here and on the port of `--listen` ACME servers find what they look for (http-01).
    #[arg(long, env = "CALLBOX_HTTP_LISTEN", value_name = "ADDR:PORT", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub http_listen: Option<Vec<Listen>>,

    /// The directory that keeps everything: history, accounts, keys [default: callbox-data].
    ///
    /// It is made when missing and closed to other users of this computer.
    /// As a systemd service, the default is the service's state directory.
    #[arg(long, env = "CALLBOX_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// The public name of this server; the first is shown in links. Can be given several times.
    #[arg(long, env = "CALLBOX_DOMAIN", value_name = "NAME", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub domain: Option<Vec<String>>,

    /// Other names or addresses this server is reached by, such as those of a port mapping.
    ///
    /// The names of this computer and its addresses need not be listed. Requests to
    /// any other name are refused, so that a foreign site cannot pose as this server.
    #[arg(long, env = "CALLBOX_ALLOWED_HOSTS", value_name = "NAME", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub allowed_hosts: Option<Vec<String>>,

    /// Origins of other web sites that may read the public part of the API [default: none].
    ///
    /// Exact ones, such as `https://status.example`. They never act for a signed-in person.
    #[arg(long, env = "CALLBOX_ALLOWED_ORIGINS", value_name = "ORIGIN", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub allowed_origins: Option<Vec<String>>,

    /// Another origin that the client's files under `/assets` come from, such as a CDN's [default: none].
    ///
    /// An origin, such as `https://assets.example.org`, that serves the same files at the same paths with
    /// `access-control-allow-origin`. The page itself, workers and the service worker never come from there. Leave
    /// it unset unless pages come too slowly: whoever runs that origin learns who opens Callbox, and when.
    #[arg(long, env = "CALLBOX_ASSET_ORIGIN", value_name = "ORIGIN")]
    pub asset_origin: Option<String>,

    /// Connections that one address (IPv6: one /64 network) may have open [default: 64].
    ///
    /// This computer's own addresses are only counted when this is set.
    #[arg(long, env = "CALLBOX_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    pub connections_per_address: Option<u32>,

    /// Logins that one network may begin in a minute [default: 10].
    ///
    /// Links may be looked up twice, the setup token tried half as often.
    #[arg(long, env = "CALLBOX_LOGINS_PER_MINUTE", value_name = "N")]
    pub logins_per_minute: Option<u32>,

    /// Seconds that a call rings until it is missed [default: 45].
    #[arg(long, env = "CALLBOX_RING_SECONDS", value_name = "N")]
    pub ring_seconds: Option<u32>,

    /// What the files that one person sends may take together, such as 500 MiB or 2 TiB [default: 5 GiB].
    ///
    /// 0 allows no files. A single file has at most 100 MiB.
    #[arg(long, env = "CALLBOX_FILE_QUOTA", value_name = "SIZE")]
    pub file_quota: Option<String>,

    /// What the files that one guest sends may take together [default: 200 MiB].
    #[arg(long, env = "CALLBOX_GUEST_FILE_QUOTA", value_name = "SIZE")]
    pub guest_file_quota: Option<String>,

    /// The password for reading /metrics from other computers, 16 characters or more [default: none].
    ///
    /// Sent as `Authorization: Bearer …`. From this computer /metrics is open, unless a proxy asks.
    #[arg(long, env = "CALLBOX_METRICS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,

    /// Seconds between the order to stop and closing the doors [default: 0].
    ///
    /// Meanwhile /readyz says 503 and everything else goes on, so that a load balancer
    /// in front can send new clients elsewhere.
    #[arg(long, env = "CALLBOX_DRAIN_SECONDS", value_name = "N")]
    pub drain_seconds: Option<u32>,

    /// What to log: error, warn, info, debug or trace, also for parts, such as `info,callbox::relay=debug` [default: info].
    #[arg(long, env = "CALLBOX_LOG", value_name = "FILTER")]
    pub log: Option<String>,

    /// How log lines are written: text, json, or auto: text to a terminal, otherwise json [default: auto].
    #[arg(
        long,
        env = "CALLBOX_LOG_FORMAT",
        value_name = "FORMAT",
        value_enum,
        hide_possible_values = true
    )]
    pub log_format: Option<LogFormat>,

    /// A file to write, as JSON, once the server serves: its addresses, and the setup link.
    #[arg(long, env = "CALLBOX_READY_FILE", value_name = "FILE")]
    pub ready_file: Option<PathBuf>,

    #[command(flatten)]
    #[serde(flatten)]
    pub proxies: ProxySettings,

    #[command(flatten)]
    #[serde(flatten)]
    pub certificates: CertificateSettings,

    #[command(flatten)]
    #[serde(flatten)]
    pub turn: TurnSettings,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    #[default]
    Auto,
    Text,
    Json,
}

impl Settings {
    /// These settings, and those of `weaker` where nothing is set here.
    pub(super) fn or(self, weaker: Self) -> Self {
        Self {
            config: self.config.or(weaker.config),
            listen: self.listen.or(weaker.listen),
            http_listen: self.http_listen.or(weaker.http_listen),
            data: self.data.or(weaker.data),
            domain: self.domain.or(weaker.domain),
            allowed_hosts: self.allowed_hosts.or(weaker.allowed_hosts),
            allowed_origins: self.allowed_origins.or(weaker.allowed_origins),
            asset_origin: self.asset_origin.or(weaker.asset_origin),
            connections_per_address: self
                .connections_per_address
                .or(weaker.connections_per_address),
            logins_per_minute: self.logins_per_minute.or(weaker.logins_per_minute),
            ring_seconds: self.ring_seconds.or(weaker.ring_seconds),
            file_quota: self.file_quota.or(weaker.file_quota),
            guest_file_quota: self.guest_file_quota.or(weaker.guest_file_quota),
            metrics_token: self.metrics_token.or(weaker.metrics_token),
            drain_seconds: self.drain_seconds.or(weaker.drain_seconds),
            log: self.log.or(weaker.log),
            log_format: self.log_format.or(weaker.log_format),
            ready_file: self.ready_file.or(weaker.ready_file),
            proxies: self.proxies.or(weaker.proxies),
            certificates: self.certificates.or(weaker.certificates),
            turn: self.turn.or(weaker.turn),
        }
    }

    /// The flags, whose names and texts serve the file and the environment too.
    pub(super) fn arguments() -> Vec<clap::Arg> {
        let command = <Self as clap::Args>::augment_args(clap::Command::new("callbox"));
        command.get_arguments().cloned().collect()
    }
}

/// `listen = "…"` as well as `listen = ["…", "…"]`.
pub(super) fn one_or_more<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a text, or several in brackets")]
    enum Values {
        One(String),
        More(Vec<String>),
    }
    let values = match Values::deserialize(deserializer)? {
        Values::One(value) => vec![value],
        Values::More(values) => values,
    };
    let parsed: Result<_, _> = values.iter().map(|value| value.parse()).collect();
    parsed.map(Some).map_err(de::Error::custom)
}
