//! How an event becomes a line.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes events as lines of one style.
pub(super) struct Lines(pub(super) Style);

/// For eyes or for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Text { color: bool },
    Json,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut fields = Fields::default();
        event.record(&mut fields);
        let (level, target) = (event.metadata().level(), event.metadata().target());
        match self.0 {
            Style::Json => writeln!(writer, "{}", fields.json(&time, level, target)),
            Style::Text { color } => {
                let (on, off) = if color { (shade(level), "\x1b[0m") } else { ("", "") };
                writeln!(writer, "{time} {on}{level:5}{off} {target}: {}", fields.text())
            }
        }
    }
}

/// The fields of an event, cut and with control characters escaped.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, String)>,
}

impl Fields {
    fn json(&self, time: &str, level: &Level, target: &str) -> serde_json::Value {
        let mut line = serde_json::Map::new();
        line.insert("time".into(), time.into());
        line.insert("level".into(), level.as_str().into());
        line.insert("target".into(), target.into());
        line.insert("message".into(), self.message.as_str().into());
        for (name, value) in &self.others {
            line.insert((*name).into(), value.as_str().into());
        }
        line.into()
    }

    fn text(&self) -> String {
        let mut text = self.message.clone();
        for (name, value) in &self.others {
            let _ = write!(text, " {name}={value}");
        }
        text
    }

    fn add(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let mut cut = Cut { text: String::new(), room: FIELD_CHARS };
        if cut.write_fmt(value).is_err() {
            cut.text.push('…');
        }
        match field.name() {
            "message" => self.message = cut.text,
            name => self.others.push((name, cut.text)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut chain = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let _ = write!(chain, ": {error}");
            cause = error.source();
        }
        self.add(field, format_args!("{chain}"));
    }
}

/// Takes so many characters and then refuses, which also stops a huge `Debug` early.
struct Cut {
    text: String,
    room: usize,
}

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            self.room = self.room.checked_sub(1).ok_or(fmt::Error)?;
            if c.is_control() || is_bidi(c) {
                self.text.extend(c.escape_default());
            } else {
                self.text.push(c);
            }
        }
        Ok(())
    }
}

/// Characters that reorder a line on a terminal.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn shade(level: &Level) -> &'static str {
    match *level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG | Level::TRACE => "\x1b[2m",
    }
}

const FIELD_CHARS: usize = 256;

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Memory {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    fn logged(style: Style, act: impl FnOnce()) -> String {
        let memory = Memory::default();
        let subscriber = tracing_subscriber::fmt()
            .event_format(Lines(style))
            .with_writer(memory.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, act);
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn h86_outside_text_cannot_forge_lines() {
        for style in [Style::Json, Style::Text { color: false }] {
            let line = logged(style, || {
                let agent = "x\r\nERROR forged\x1b[2J\u{202e}";
                tracing::info!(agent, same = %agent, debug = ?agent, "hello");
            });
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            assert!(!line.contains(['\r', '\x1b', '\u{202e}']), "{line}");
        }
    }

    #[test]
    fn h86_fields_are_cut() {
        let line = logged(Style::Json, || {
            let agent = "a".repeat(1 << 20);
            tracing::info!(agent, "{}", "b".repeat(1 << 20));
        });
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["agent"].as_str().unwrap().chars().count(), 257);
        assert_eq!(line["message"].as_str().unwrap().chars().count(), 257);
        assert_eq!(line["level"], "INFO");
    }
}
