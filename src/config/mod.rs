//! Settings: flags over environment over file over default, into one checked
//! [`Config`]. A module receives its own section only and checks nothing again.
//!
//! [`Settings`] names every setting once; its doc comments are the help of the
//! flags and the text of the example file. Unknown names are refused.

mod certificates;
mod check;
mod effective;
mod example;
mod listen;
mod origin;
mod proxy;
mod relay;
mod settings;
mod turn;

use std::path::PathBuf;
use std::time::Duration;

pub use certificates::{Acme, AcmeChallenge, Binding, Certificates, KeyFiles, Switch};
pub use check::ConfigError;
pub use effective::{Changes, Setting, changes, reloaded};
pub use example::example;
pub use listen::Listen;
pub use proxy::{Proxies, ProxyProtocol, ProxySettings};
pub use relay::{Relay, RelayLimits};
pub use settings::{LogFormat, Settings};
pub use turn::{Cidr, Ports, TurnMode};

/// Everything a server is told before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    pub data: PathBuf,
    pub ready_file: Option<PathBuf>,
    pub front: Front,
    pub proxies: Proxies,
    pub certificates: Certificates,
    pub relay: Relay,
    pub http: Http,
    pub calls: Calls,
    pub files: Files,
    pub log: Log,
    pub drain: Drain,
    /// All of it as given or by default, to be shown and compared.
    pub settings: Vec<Setting>,
}

/// Where connections are accepted, and how many.
#[derive(Debug, Clone)]
pub struct Front {
    /// For everything.
    pub listen: Vec<Listen>,
    /// For plain HTTP alone: what sends people to HTTPS.
    pub http_listen: Vec<Listen>,
    /// When unset, 64, and addresses of this computer are not counted.
    pub connections_per_address: Option<u32>,
    pub proxy_protocol: ProxyProtocol,
}

/// Which names and origins are this server's.
#[derive(Debug, Clone, Default)]
pub struct Http {
    /// Names it is reached by, in lower case; the first is the one to show.
    pub domains: Vec<String>,
    /// Those of them that browsers are to ask for over TLS alone from the first visit on.
    pub strict: Vec<String>,
    /// More names, such as those of a port mapping.
    pub allowed_hosts: Vec<String>,
    /// Origins of other sites that may use the API without credentials.
    pub allowed_origins: Vec<String>,
    /// Where the client's files come from, if not from here.
    pub asset_origin: Option<String>,
    pub metrics_token: Option<MetricsToken>,
    /// Logins that one network may begin in a minute.
    pub logins_per_minute: u32,
}

/// How calls behave.
#[derive(Debug, Clone, Copy)]
pub struct Calls {
    /// How long a call rings until it is missed.
    pub ring: Duration,
}

/// What people may keep here.
#[derive(Debug, Clone, Copy)]
pub struct Files {
    /// Bytes that the files of one account may take together.
    pub quota: u64,
    /// The same, for one guest.
    pub guest_quota: u64,
}

/// How long stopping takes for the sake of others.
#[derive(Debug, Clone, Copy)]
pub struct Drain {
    /// Not ready any more, and still serving.
    pub notice: Duration,
    /// The relay goes on for calls that use it.
    pub relay: Duration,
}

/// What is logged, and how it is written.
#[derive(Debug, Clone)]
pub struct Log {
    pub filter: String,
    pub format: LogFormat,
}

/// A secret that has no printed form.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// A secret that has no printed form.
#[derive(Clone)]
pub struct MetricsToken(pub String);

impl std::fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MetricsToken")
    }
}
