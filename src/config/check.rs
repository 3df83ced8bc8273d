//! From settings as given to a checked [`Config`].

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, io};

use super::effective::effective;
use super::{
    Calls, Certificates, Config, Drain, Files, Front, Http, Listen, Log, MetricsToken, Proxies,
    Relay, Settings, origin,
};

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the settings in {}", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    #[error("{} is not a settings file", .0.display())]
    Malformed(PathBuf, #[source] Box<toml::de::Error>),
    #[error("{place} has an unknown setting: {name}{}", suggestion(.nearest.as_deref()))]
    Unknown { place: String, name: String, nearest: Option<String> },
    #[error("the setting {name} cannot be {value:?}: {reason}")]
    Value { name: &'static str, value: String, reason: &'static str },
}

impl Config {
    /// Joins flags and environment (as parsed together) with the file they
    /// name, fills in the defaults and checks every value.
    pub fn load(
        given: Settings,
        environment: impl Iterator<Item = String>,
    ) -> Result<Self, ConfigError> {
        check_environment(environment)?;
        let settings = match &given.config {
            Some(file) => {
                let weaker = read_file(file)?;
                given.or(weaker)
            }
            None => given,
        };
        Self::new(settings)
    }

    fn new(settings: Settings) -> Result<Self, ConfigError> {
        let mut shown = effective(&settings);
        let data = settings.data.clone().unwrap_or_else(default_data);
        if let Some(setting) = shown.iter_mut().find(|setting| setting.name == "data") {
            setting.set(data.display().to_string());
        }
        let turn_drain = settings.turn.turn_drain_seconds;
        let domains = host_names("domain", settings.domain)?;
        let proxies = Proxies::new(settings.proxies)?;
        let mut certificates = settings.certificates;
        if proxies.are_there() {
            // Names lead to the proxies then, and they have the certificates.
            certificates.acme_directory.get_or_insert_with(|| "off".to_owned());
        }
        // A name that the world knows is looked for on the ports that the world knows.
        let public = !domains.is_empty() && settings.listen.is_none() && !proxies.are_there();
        let every = |port: Option<u16>| port.map(Listen::Every).into_iter().collect::<Vec<_>>();
        Ok(Self {
            settings: shown,
            data,
            ready_file: settings.ready_file,
            front: Front {
                listen: settings
                    .listen
                    .unwrap_or_else(|| vec![Listen::Every(if public { 443 } else { 3001 })]),
                http_listen: settings.http_listen.unwrap_or_else(|| every(public.then_some(80))),
                connections_per_address: settings
                    .connections_per_address
                    .map(connections)
                    .transpose()?,
                proxy_protocol: proxies.protocol,
            },
            proxies,
            certificates: Certificates::new(certificates, &domains)?,
            relay: Relay::new(settings.turn, public)?,
            http: Http {
                strict: super::certificates::public_names(&domains),
                domains,
                allowed_hosts: host_names("allowed_hosts", settings.allowed_hosts)?,
                allowed_origins: origin::list(settings.allowed_origins.unwrap_or_default())?,
                asset_origin: settings.asset_origin.map(origin::of_assets).transpose()?,
                metrics_token: settings.metrics_token.map(metrics_token).transpose()?,
                logins_per_minute: logins(settings.logins_per_minute.unwrap_or(10))?,
            },
            calls: Calls { ring: ring(settings.ring_seconds.unwrap_or(45))? },
            files: Files {
                quota: size("file_quota", settings.file_quota.as_deref().unwrap_or("5 GiB"))?,
                guest_quota: size(
                    "guest_file_quota",
                    settings.guest_file_quota.as_deref().unwrap_or("200 MiB"),
                )?,
            },
            drain: Drain {
                notice: pause("drain_seconds", settings.drain_seconds.unwrap_or(0))?,
                relay: pause("turn_drain_seconds", turn_drain.unwrap_or(2))?,
            },
            log: Log {
                filter: settings.log.unwrap_or_else(|| "info".to_owned()),
                format: settings.log_format.unwrap_or_default(),
            },
        })
    }
}

fn read_file(file: &Path) -> Result<Settings, ConfigError> {
    let malformed = |error| ConfigError::Malformed(file.to_owned(), Box::new(error));
    let text = fs::read_to_string(file)
        .map_err(|error| ConfigError::Unreadable(file.to_owned(), error))?;
    let table: toml::Table = text.parse().map_err(malformed)?;
    let known: Vec<_> = Settings::arguments()
        .iter()
        .map(|argument| argument.get_id().to_string())
        .filter(|name| name != "config")
        .collect();
    for name in table.keys() {
        check_name(&file.display().to_string(), name, &known)?;
    }
    toml::from_str(&text).map_err(malformed)
}

/// A misspelt variable would otherwise be a setting silently lost.
fn check_environment(names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let known: Vec<_> = Settings::arguments()
        .iter()
        .filter_map(|argument| argument.get_env())
        .map(|name| name.to_string_lossy().into_owned())
        .chain(BUILD_VARIABLES.map(str::to_owned))
        .collect();
    for name in names.filter(|name| name.starts_with("CALLBOX_")) {
        check_name("the environment", &name, &known)?;
    }
    Ok(())
}

fn check_name(place: &str, name: &str, known: &[String]) -> Result<(), ConfigError> {
    if known.iter().any(|k| k == name) {
        return Ok(());
    }
    let closeness = |known: &String| strsim::jaro_winkler(known, name);
    let nearest = known
        .iter()
        .filter(|known| closeness(known) > 0.75)
        .max_by(|a, b| closeness(a).total_cmp(&closeness(b)))
        .cloned();
    Err(ConfigError::Unknown { place: place.to_owned(), name: name.to_owned(), nearest })
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(" (did you mean {name}?)")).unwrap_or_default()
}

/// systemd names the state directory; with several, the first is ours.
fn default_data() -> PathBuf {
    let state = env::var_os("STATE_DIRECTORY").unwrap_or_default();
    env::split_paths(&state)
        .find(|path| path.is_absolute())
        .unwrap_or_else(|| PathBuf::from("callbox-data"))
}

fn host_names(name: &'static str, given: Option<Vec<String>>) -> Result<Vec<String>, ConfigError> {
    given.unwrap_or_default().into_iter().map(|host| host_name(name, host)).collect()
}

fn host_name(name: &'static str, value: String) -> Result<String, ConfigError> {
    let fault = |reason| ConfigError::Value { name, value: value.clone(), reason };
    if value.contains("://") || value.contains('/') {
        return Err(fault("it is a name, not an address of a page"));
    }
    let address = value.parse::<std::net::IpAddr>().is_ok();
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if !address && (value.len() > 253 || !value.split('.').all(label)) {
        return Err(fault("it is not a host name, such as chat.example.org"));
    }
    Ok(value.to_ascii_lowercase())
}

fn metrics_token(value: String) -> Result<MetricsToken, ConfigError> {
    if value.len() < 16 || !value.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(ConfigError::Value {
            name: "metrics_token",
            value: "…".to_owned(),
            reason: "it needs at least 16 letters, digits or signs",
        });
    }
    Ok(MetricsToken(value))
}

fn pause(name: &'static str, seconds: u32) -> Result<Duration, ConfigError> {
    match seconds {
        0..=3600 => Ok(Duration::from_secs(seconds.into())),
        _ => Err(ConfigError::Value {
            name,
            value: seconds.to_string(),
            reason: "it is at most an hour, 3600",
        }),
    }
}

fn logins(value: u32) -> Result<u32, ConfigError> {
    match value {
        1..=10_000 => Ok(value),
        _ => Err(ConfigError::Value {
            name: "logins_per_minute",
            value: value.to_string(),
            reason: "it is a number from 1 to 10000",
        }),
    }
}

fn connections(value: u32) -> Result<u32, ConfigError> {
    match value {
        1.. => Ok(value),
        0 => Err(ConfigError::Value {
            name: "connections_per_address",
            value: value.to_string(),
            reason: "nobody could connect; it is at least 1",
        }),
    }
}

fn ring(seconds: u32) -> Result<Duration, ConfigError> {
    match seconds {
        1..=600 => Ok(Duration::from_secs(u64::from(seconds))),
        _ => Err(ConfigError::Value {
            name: "ring_seconds",
            value: seconds.to_string(),
            reason: "it is a number from 1 to 600",
        }),
    }
}

fn size(name: &'static str, value: &str) -> Result<u64, ConfigError> {
    let digits = value.trim_start_matches(|c: char| c.is_ascii_digit());
    let (number, unit) = value.split_at(value.len() - digits.len());
    let shift = match unit.trim() {
        "" if number == "0" => Some(0),
        "MiB" => Some(20),
        "GiB" => Some(30),
        "TiB" => Some(40),
        _ => None,
    };
    let number = number.parse::<u64>().ok().filter(|number| *number <= 1 << 20);
    number.zip(shift).map(|(number, shift)| number << shift).ok_or_else(|| ConfigError::Value {
        name,
        value: value.to_owned(),
        reason: "it is a number with MiB, GiB or TiB, such as 5 GiB",
    })
}

/// Read by the build script; `cargo run` leaves them in the environment.
const BUILD_VARIABLES: [&str; 1] = ["CALLBOX_WEB_DIST"];

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::config::TurnMode;

    fn load(file: &str) -> Result<Config, String> {
        let mut temporary = tempfile::NamedTempFile::new().unwrap();
        temporary.write_all(file.as_bytes()).unwrap();
        let given = Settings { config: Some(temporary.path().into()), ..Settings::default() };
        Config::load(given, std::iter::empty()).map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            format!("{error} {}", cause.unwrap_or_default())
        })
    }

    #[test]
    fn the_stronger_source_wins() {
        let stronger = Settings { log: Some("debug".into()), ..Settings::default() };
        let weaker = Settings {
            log: Some("warn".into()),
            connections_per_address: Some(5),
            ..Settings::default()
        };
        let config = Config::new(stronger.or(weaker)).unwrap();
        assert_eq!(config.log.filter, "debug");
        assert_eq!(config.front.connections_per_address, Some(5));
        assert_eq!(config.front.listen, [Listen::Every(3001)]);
        assert_eq!(config.relay.listen, [Listen::Every(3478)]);
    }

    #[test]
    fn a_quota_is_a_size() {
        for (text, quota) in [
            ("", 5 << 30),
            ("file_quota = '500 MiB'", 500 << 20),
            ("file_quota = '2TiB'", 2 << 40),
            ("file_quota = '0'", 0),
        ] {
            assert_eq!(load(text).unwrap().files.quota, quota, "{text}");
        }
        assert_eq!(load("").unwrap().files.guest_quota, 200 << 20);
        assert_eq!(load("guest_file_quota = '1 GiB'").unwrap().files.guest_quota, 1 << 30);
    }

    #[test]
    fn the_relay_is_closed_unless_told_otherwise() {
        let closed = load("turn_user = 'anna:pass:word'\nturn_bandwidth = 0").unwrap().relay;
        assert_eq!((closed.mode, closed.limits.allocations_per_ip), (TurnMode::Closed, 256));
        assert_eq!(
            (closed.users[0].0.as_str(), closed.users[0].1.0.as_str()),
            ("anna", "pass:word")
        );
        assert!(closed.limits.bandwidth > 1 << 50);
        let public = "turn_mode = 'public'\nturn_allow_peer = ['127.0.0.0/8', '::1']\n\
            turn_external_ip = ['9.9.9.9', '2a00::9']\nturn_ports = '50000-50000'";
        let public = load(public).unwrap().relay;
        assert_eq!((public.allow.len(), public.external.len()), (2, 2));
        assert_eq!((public.ports.first, public.ports.last), (50_000, 50_000));
        let idle = |text| load(text).unwrap().relay.idle_setting();
        assert_eq!(idle("turn_deny_peer = '10.0.0.0/8'"), Some("turn_deny_peer"));
        assert_eq!(idle("turn_mode = 'lan'\nturn_deny_peer = '10.0.0.0/8'"), None);
        let lan = load("turn_mode = 'lan'\nturn_allow_peer = '10.0.0.0/8'").unwrap().relay;
        assert_eq!(lan.allow.len(), 1);
    }

    #[test]
    fn a_file_sets_one_or_more() {
        let config = load("listen = '127.0.0.1:0'\ndomain = ['A.example', 'b.example']").unwrap();
        assert_eq!(config.front.listen, [Listen::One("127.0.0.1:0".parse().unwrap())]);
        assert_eq!(config.http.domains, ["a.example", "b.example"]);
    }

    #[test]
    fn a_name_is_where_the_world_looks_for_it() {
        let places = |file: &str| {
            let config = load(file).unwrap();
            (config.front.listen, config.front.http_listen, config.relay.listen_udp)
        };
        let every = |port| vec![Listen::Every(port)];
        assert_eq!(places(""), (every(3001), vec![], vec![]));
        assert_eq!(places("domain = 'a.example'"), (every(443), every(80), every(443)));
        let elsewhere = "domain = 'a.example'\nlisten = '*:8443'";
        assert_eq!(places(elsewhere), (every(8443), vec![], vec![]));
        let behind = "domain = 'a.example'\nbehind_proxy = '127.0.0.1'";
        assert_eq!(places(behind), (every(3001), vec![], vec![]));
        assert!(load(behind).unwrap().certificates.acme.is_none());
        let relay = "domain = 'a.example'\nturn_listen = '*:3479'\nhttp_listen = '*:8080'";
        assert_eq!(places(relay), (every(443), every(8080), vec![]));
    }

    #[test]
    fn unknown_names_are_refused_with_the_nearest() {
        let fault = load("lisen = '*:1'").unwrap_err();
        assert!(fault.contains("unknown setting: lisen (did you mean listen?)"), "{fault}");
        let fault = load("config = 'x'").unwrap_err();
        assert!(fault.contains("unknown setting: config"), "{fault}");
        let names = ["HOME", "CALLBOX_TURNLISTEN"].map(str::to_owned).into_iter();
        let fault = Config::load(Settings::default(), names).unwrap_err().to_string();
        assert!(
            fault.contains("CALLBOX_TURNLISTEN (did you mean CALLBOX_TURN_LISTEN?)"),
            "{fault}"
        );
    }

    #[test]
    fn bad_values_say_what_is_wrong_with_them() {
        for (file, part) in [
            ("listen = 'x'", "expected"),
            ("domain = 'https://a.example'", "not an address of a page"),
            ("domain = 'a..example'", "not a host name"),
            ("allowed_origins = ['*']", "an origin is"),
            ("allowed_origins = ['https://a.example/']", "an origin is"),
            ("asset_origin = 'https://a.example/x'", "an origin is"),
            ("asset_origin = 'https://a.example; script-src *'", "an origin is"),
            ("asset_origin = 'cdn.example'", "an origin is"),
            ("asset_origin = 'http://a.example'", "plain HTTP"),
            ("asset_origin = 'http://localhost.example'", "plain HTTP"),
            ("metrics_token = 'short'", "at least 16"),
            ("logins_per_minute = 0", "from 1 to"),
            ("ring_seconds = 0", "from 1 to"),
            ("connections_per_address = 0", "at least 1"),
            ("file_quota = '5'", "such as 5 GiB"),
            ("file_quota = '5 GB'", "such as 5 GiB"),
            ("file_quota = '99999999999 TiB'", "such as 5 GiB"),
            ("log_format = 'xml'", "unknown variant"),
            ("listen", "not a settings file"),
            ("behind_proxy = '0.0.0.0/0'", "that is everybody"),
            ("behind_proxy = '10.0.0.0/33'", "expected a network"),
            ("behind_proxy = '::ffff:10.0.0.0/104'", "which is written 10.0.0.0/8"),
            ("turn_mode = 'lan'\nturn_allow_peer = '::ffff:10.0.0.7'", "written 10.0.0.7/32"),
            ("turn_mode = 'lan'\nturn_deny_peer = '::ffff:a00:0/8'", "as such: 10.0.0.0, with"),
            ("proxy_protocol = 'required'", "from where"),
            ("turn_mode = 'open'", "unknown variant"),
            ("turn_mode = 'public'\nturn_allow_peer = '10.0.0.0/8'", "need turn_mode lan"),
            ("turn_mode = 'lan'\nturn_allow_peer = '10.0.0.0/33'", "expected a network"),
            ("turn_mode = 'lan'\nturn_ports = '50100-50000'", "expected a range"),
            ("turn_mode = 'lan'\nturn_external_ip = '0.0.0.0'", "no address of a computer"),
            ("turn_mode = 'lan'\nturn_external_ip = ['9.9.9.9', '8.8.8.8']", "one of its family"),
            ("turn_secret = 'short'", "at least 16"),
            ("turn_user = 'anna'", "a colon and a password"),
            ("turn_realm = 'a b'", "at most 64"),
            ("turn_quota_ip = 0", "at least 1"),
        ] {
            let fault = load(file).unwrap_err();
            assert!(fault.contains(part), "{file}: {fault}");
        }
    }
}
