//! The example file, made from the settings' own texts.

use std::fmt::Write;

use super::Settings;

/// The text of `docs/callbox.example.toml`: every setting, its text and its default.
pub fn example() -> String {
    let mut text = String::from(HEAD);
    for argument in Settings::arguments() {
        let key = argument.get_id().as_str();
        if key == "config" {
            continue;
        }
        let help = argument.get_long_help().or(argument.get_help());
        let help = help.expect("every setting has a doc comment").to_string();
        let (help, default) = split_default(&help);
        text.push('\n');
        for line in help.lines() {
            wrap(&mut text, line);
        }
        writeln!(text, "#{key} = {}", value(key, default)).expect("a string takes all");
    }
    text
}

/// Takes `[default: …]` out of a text.
pub(super) fn split_default(help: &str) -> (String, Option<&str>) {
    let Some((before, rest)) = help.split_once(" [default: ") else { return (help.into(), None) };
    let (default, after) = rest.split_once(']').expect("the bracket is closed");
    (format!("{before}{after}"), Some(default))
}

/// Writes a paragraph as comment lines.
fn wrap(text: &mut String, paragraph: &str) {
    let mut line = String::from("#");
    for word in paragraph.split_whitespace() {
        if line.len() + 1 + word.len() > COLUMNS {
            writeln!(text, "{line}").expect("a string takes all");
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(word);
    }
    writeln!(text, "{line}").expect("a string takes all");
}

fn value(key: &str, default: Option<&str>) -> String {
    let default = match (key, default) {
        ("domain" | "allowed_hosts", _) => "chat.example.org",
        ("allowed_origins", _) => "https://www.example.org",
        ("asset_origin", _) => "https://assets.example.org",
        ("metrics_token" | "turn_secret", _) => "sixteen-characters-or-more",
        ("turns_listen", _) => "*:5349",
        ("turn_allow_peer" | "turn_deny_peer", _) => "192.168.0.0/16",
        ("http_listen", _) => "*:80",
        ("behind_proxy", _) => "127.0.0.1",
        ("tls_cert", _) => "/etc/callbox/fullchain.pem",
        ("tls_key", _) => "/etc/callbox/key.pem",
        ("acme_ca", _) => "/etc/callbox/acme-roots.pem",
        ("acme_contact", _) => "admin@example.org",
        ("acme_eab_kid", _) => "identifier-from-your-provider",
        ("acme_eab_hmac_key", _) => "a2V5LWZyb20teW91ci1wcm92aWRlcg",
        ("turn_external_ip", _) => "203.0.113.7",
        ("turn_user", _) => "name:password",
        ("turn_workers", _) => "4",
        ("ready_file", _) => "/run/callbox/ready.json",
        (_, Some(default)) => default,
        (_, None) => unreachable!("a setting has a default or an example here"),
    };
    let number = default.parse::<u32>().is_ok();
    let list = LISTS.contains(&key);
    match (number, list) {
        (true, _) => default.to_owned(),
        (_, true) => format!("[\"{default}\"]"),
        (_, false) => format!("\"{default}\""),
    }
}

/// Settings that can have several values.
const LISTS: &[&str] = &[
    "listen",
    "http_listen",
    "behind_proxy",
    "acme_contact",
    "turn_listen",
    "turns_listen",
    "turn_allow_peer",
    "turn_deny_peer",
    "turn_external_ip",
    "turn_user",
    "domain",
    "allowed_hosts",
    "allowed_origins",
];

const COLUMNS: usize = 100;

const HEAD: &str = "\
# Settings of callbox: `callbox serve --config FILE`, checked by `callbox config check --config FILE`.
# All are optional. A line with # in front shows the default, or an example where there is none.
# The same names work as flags (--turn-listen) and as environment variables (CALLBOX_TURN_LISTEN),
# both of which win over this file.
";

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_example_file_is_up_to_date() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/callbox.example.toml");
        if std::env::var_os("UPDATE_EXAMPLE").is_some() {
            fs::write(file, example()).unwrap();
        }
        let committed = fs::read_to_string(file).unwrap_or_default();
        assert_eq!(committed, example(), "run UPDATE_EXAMPLE=1 cargo test --lib config");
    }

    #[test]
    fn the_example_is_a_valid_file() {
        let text: String = example()
            .lines()
            .filter_map(|line| line.strip_prefix('#').filter(|line| !line.starts_with(' ')))
            .map(|line| format!("{line}\n"))
            .collect();
        let settings: Settings = toml::from_str(&text).unwrap();
        assert!(settings.listen.is_some() && settings.log_format.is_some(), "{text}");
    }
}
