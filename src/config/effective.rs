//! The settings as they are in force, to be shown and compared.

use std::fmt;

use serde_json::Value;

use super::Settings;
use super::example::split_default;

/// One setting with its value or default. Of a secret, only whether there is one is ever shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    value: String,
    pub secret: bool,
    /// Not the default.
    pub given: bool,
    /// Changes without a restart.
    pub live: bool,
}

/// What differs between the settings in force and others.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Taken over at once.
    pub live: Vec<String>,
    /// Need a restart.
    pub restart: Vec<String>,
}

impl Setting {
    /// The default depends on where the server runs.
    pub(super) fn set(&mut self, value: String) {
        self.value = value;
    }

    /// What people and logs may see.
    pub fn shown(&self) -> &str {
        if self.secret && self.given { "(hidden)" } else { &self.value }
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.shown())
    }
}

/// All settings but the name of the file, in the order of the flags.
pub(super) fn effective(given: &Settings) -> Vec<Setting> {
    let values = serde_json::to_value(given).expect("settings are texts, numbers and lists");
    let row = |argument: clap::Arg| {
        let name = argument.get_id().as_str().to_owned();
        let help = argument.get_long_help().or(argument.get_help());
        let help = help.map(ToString::to_string).unwrap_or_default();
        let value = text(&values[&name]);
        let default = || split_default(&help).1.unwrap_or("none").to_owned();
        Setting {
            given: value.is_some(),
            value: value.unwrap_or_else(default),
            secret: argument.is_hide_env_values_set(),
            live: LIVE.contains(&name.as_str()),
            name,
        }
    };
    Settings::arguments().into_iter().filter(|a| a.get_id() != "config").map(row).collect()
}

/// What has to be done to have `new` in force.
pub fn changes(old: &[Setting], new: &[Setting]) -> Changes {
    let mut changes = Changes::default();
    for setting in new {
        if old.iter().any(|other| other.name == setting.name && other.value == setting.value) {
            continue;
        }
        let list = if setting.live { &mut changes.live } else { &mut changes.restart };
        list.push(setting.name.clone());
    }
    changes
}

/// What of `new` is in force after a reload: what needs a restart stays as it was.
pub fn reloaded(old: &[Setting], new: Vec<Setting>) -> Vec<Setting> {
    let merge = |setting: Setting| match old.iter().find(|other| other.name == setting.name) {
        Some(other) if !setting.live => other.clone(),
        _ => setting,
    };
    new.into_iter().map(merge).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => {
            let texts: Vec<_> = values.iter().filter_map(text).collect();
            Some(texts.join(", "))
        }
        other => Some(other.to_string()),
    }
}

/// What a running server takes over; everything else is asked for once, at the start.
const LIVE: [&str; 9] = [
    "allowed_hosts",
    "allowed_origins",
    "connections_per_address",
    "logins_per_minute",
    "ring_seconds",
    "file_quota",
    "guest_file_quota",
    "metrics_token",
    "log",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(ring: u32, token: &str, listen: &str) -> Vec<Setting> {
        effective(&Settings {
            ring_seconds: Some(ring),
            metrics_token: Some(token.to_owned()),
            listen: Some(vec![listen.parse().unwrap()]),
            ..Settings::default()
        })
    }

    #[test]
    fn what_changes_at_once_and_what_needs_a_restart() {
        let old = settings(45, "0123456789abcdef", "*:3001");
        assert_eq!(changes(&old, &old), Changes::default());
        let new = settings(50, "another 89abcdef", "*:3002");
        let found = changes(&old, &new);
        assert_eq!(found.live, ["ring_seconds", "metrics_token"]);
        assert_eq!(found.restart, ["listen"]);
        let now = reloaded(&old, new.clone());
        assert_eq!(changes(&now, &new), Changes { live: vec![], restart: vec!["listen".into()] });
    }

    #[test]
    fn every_name_that_changes_at_once_is_a_setting() {
        let all = effective(&Settings::default());
        for name in LIVE {
            assert!(all.iter().any(|setting| setting.name == name), "{name}");
        }
    }

    #[test]
    fn defaults_are_shown_and_secrets_are_not() {
        let all = settings(45, "0123456789abcdef", "*:3001");
        let find = |name: &str| all.iter().find(|setting| setting.name == name).unwrap();
        assert_eq!((find("file_quota").shown(), find("file_quota").given), ("5 GiB", false));
        assert_eq!((find("listen").shown(), find("listen").given), ("*:3001", true));
        assert_eq!(find("metrics_token").shown(), "(hidden)");
        assert!(!format!("{all:?}").contains("0123456789abcdef"));
    }
}
