//! The settings of a server with proxies in front of it.

use serde::{Deserialize, Serialize};

use super::Cidr;
use super::check::ConfigError;
use super::settings::one_or_more;

/// The settings of proxies as given; what is absent is not set there.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize, Serialize)]
#[serde(default)]
pub struct ProxySettings {
    /// The network of a proxy in front of this server, such as 127.0.0.1 or 10.0.0.0/24 [default: none].
    ///
    /// From there, and from nowhere else, it is believed who asks: by `X-Forwarded-For`, `-Proto` and
    /// `-Host`, by `Forwarded`, and by the PROXY protocol, version 2. Whoever is in that network can
    /// pose as anybody. With it the default ports are those without `--domain`, and no certificates
    /// are obtained unless `--acme-directory` is given. Can be given several times.
    #[arg(long, env = "CALLBOX_BEHIND_PROXY", value_name = "CIDR", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub behind_proxy: Option<Vec<Cidr>>,

    /// Whether connections from a proxy begin with the PROXY protocol: accepted, or required [default: accepted].
    ///
    /// `required` is for proxies that pass connections on as they are: without it, what
    /// their clients say of themselves would be taken for the proxy's word.
    #[arg(
        long,
        env = "CALLBOX_PROXY_PROTOCOL",
        value_name = "MODE",
        value_enum,
        hide_possible_values = true
    )]
    pub proxy_protocol: Option<ProxyProtocol>,
}

/// Whether connections from a proxy begin with the PROXY protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyProtocol {
    #[default]
    Accepted,
    Required,
}

/// The proxies in front of this server.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    pub networks: Vec<Cidr>,
    pub protocol: ProxyProtocol,
}

impl ProxySettings {
    /// These settings, and those of `weaker` where nothing is set here.
    pub(super) fn or(self, weaker: Self) -> Self {
        Self {
            behind_proxy: self.behind_proxy.or(weaker.behind_proxy),
            proxy_protocol: self.proxy_protocol.or(weaker.proxy_protocol),
        }
    }
}

impl Proxies {
    /// Fills in the defaults and checks every value.
    pub(super) fn new(given: ProxySettings) -> Result<Self, ConfigError> {
        let networks = given.behind_proxy.unwrap_or_default();
        if let Some(everybody) = networks.iter().find(|network| network.prefix == 0) {
            return Err(ConfigError::Value {
                name: "behind_proxy",
                value: format!("{}/0", everybody.ip),
                reason: "that is everybody",
            });
        }
        if given.proxy_protocol.is_some() && networks.is_empty() {
            return Err(ConfigError::Value {
                name: "proxy_protocol",
                value: format!("{:?}", given.proxy_protocol.unwrap_or_default()).to_lowercase(),
                reason: "behind_proxy does not say from where",
            });
        }
        Ok(Self { networks, protocol: given.proxy_protocol.unwrap_or_default() })
    }

    /// Whether there are any.
    pub fn are_there(&self) -> bool {
        !self.networks.is_empty()
    }

    /// Whether they pass connections on as they are, TURN and TLS included.
    pub fn pass_connections(&self) -> bool {
        self.are_there() && self.protocol == ProxyProtocol::Required
    }
}
