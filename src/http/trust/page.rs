//! The page itself: readable without a script, which only chooses the system and makes the test.

use http::{HeaderValue, StatusCode, header};
use qrcode::{Color, QrCode};

use super::Place;
use super::words::{System, Words};
use crate::http::answer::{self, Response};
use crate::tls::AuthorityReport;

pub(super) const STYLE: &str = include_str!("trust.css");
pub(super) const SCRIPT: &str = include_str!("trust.js");

pub(super) struct Page<'a> {
    pub(super) words: &'static Words,
    pub(super) authority: &'a AuthorityReport,
    pub(super) place: &'a Place<'a>,
}

impl Page<'_> {
    pub(super) fn answer(&self) -> Response {
        // A policy has no way to name an address of IPv6 (CSP3, host-source).
        let secure = match self.place.secure.as_str() {
            ip if ip.starts_with('[') => "https:".to_owned(),
            named => format!("https://{named}"),
        };
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src {secure}; \
             frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        );
        let mut response = answer::plain(StatusCode::OK, self.text());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
        let policy = HeaderValue::from_str(&policy).expect("an authority is header text");
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        response
    }

    fn text(&self) -> String {
        let Words { language, title, lead, choose, compare, terminal, .. } = self.words;
        let Words { test, test_lead, testing, yes, no, anyway, other, scope, name, .. } =
            self.words;
        let systems: String = self.words.systems.iter().map(|system| self.system(system)).collect();
        let secure = escape(&self.place.secure);
        let (authority, print) = (escape(&self.authority.name), fingerprint(self.authority));
        // On this computer itself there is no other device to show a code to.
        let code = match self.place.authority.host.is_loopback() {
            true => String::new(),
            false => {
                let code = code(&format!("http://{}/trust", self.place.authority.text));
                format!("<section class=\"card code\">{code}<p>{other}</p></section>")
            }
        };
        format!(
            r#"<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Callbox</title>
<link rel="stylesheet" href="/trust.css">
<script src="/trust.js" defer></script>
</head>
<body data-secure="https://{secure}" data-testing="{testing}" data-yes="{yes}" data-no="{no}">
<main>
<header><p class="brand">Callbox</p><h1>{title}</h1><p class="lead">{lead}</p></header>
<section class="card"><h2><span>1</span>{choose}</h2>
{systems}</section>
<section class="card"><h2><span>2</span>{compare}</h2>
<p>{terminal}</p>
<p class="name">{name} <strong>{authority}</strong></p>
<p class="print">{print}</p></section>
<section class="card"><h2><span>3</span>{test}</h2>
<p>{test_lead}</p>
<p class="actions"><button id="test" type="button" hidden>{test}</button>
<a class="quiet" href="https://{secure}/">{anyway}</a></p>
<p id="result" role="status"></p></section>
{code}
<footer>{scope}</footer>
</main>
</body>
</html>
"#
        )
    }

    fn system(&self, system: &System) -> String {
        let System { id, name, button, file, steps } = system;
        let steps: String = steps.iter().map(|step| format!("<li>{step}</li>")).collect();
        format!(
            "<details id=\"{id}\"><summary>{name}</summary>\
             <p><a class=\"button\" href=\"{file}\">{button}</a></p><ol>{steps}</ol></details>\n"
        )
    }
}

/// In groups that people can compare.
fn fingerprint(authority: &AuthorityReport) -> String {
    let pairs: Vec<_> = authority.fingerprint.split(':').collect();
    let groups = pairs.chunks(4).map(|group| format!("<span>{}</span>", group.join(":")));
    groups.collect::<Vec<_>>().join(" ")
}

/// The address as a picture, black on white whatever the page's colors: cameras expect that.
fn code(url: &str) -> String {
    let Ok(code) = QrCode::new(url.as_bytes()) else { return String::new() };
    let (width, colors) = (code.width(), code.to_colors());
    let dark = colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark);
    let path: String =
        dark.map(|(n, _)| format!("M{} {}h1v1h-1z", n % width + 4, n / width + 4)).collect();
    let size = width + 8;
    format!(
        "<svg viewBox=\"0 0 {size} {size}\" role=\"img\" aria-label=\"{}\">\
         <rect width=\"{size}\" height=\"{size}\" rx=\"2\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\" shape-rendering=\"crispEdges\"/></svg>",
        escape(url)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
