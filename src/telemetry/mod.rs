//! Logs and metrics.
//!
//! Log lines go to standard error through a thread of their own and are
//! dropped, and counted, rather than waited for: a stalled reader of a pipe
//! must not stall calls. Values from outside cannot forge lines: control
//! characters are escaped and every field is cut. Metrics are only kept here;
//! `http` shows them.

mod catalog;
mod line;
mod metrics;

use std::io::{self, IsTerminal};
use std::panic;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, reload};

use line::{Lines, Style};
pub use metrics::Metrics;

/// Writes what is left of the log when it is dropped.
#[derive(Debug)]
pub struct Telemetry {
    pub metrics: Metrics,
    filter: reload::Handle<EnvFilter, Registry>,
    _writer: WorkerGuard,
}

impl Telemetry {
    /// Another filter decides from now on what is logged.
    pub fn set_filter(&self, text: &str) -> Result<(), ParseError> {
        let filter = parse(text)?;
        // It is gone only when the process ends.
        let _ = self.filter.reload(filter);
        Ok(())
    }
}

/// Starts logging and counting for this process; once. Unless told whether to
/// write JSON, it writes text for a terminal and JSON for anything else.
pub fn start(filter: &str, json: Option<bool>) -> Result<Telemetry, ParseError> {
    let (filter, handle) = reload::Layer::new(parse(filter)?);
    let terminal = io::stderr().is_terminal();
    let style = match json.unwrap_or(!terminal) {
        true => Style::Json,
        false => Style::Text { color: terminal },
    };
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(BUFFERED_LINES)
        .thread_name("log")
        .finish(io::stderr());
    let dropped = writer.error_counter();
    let lines = tracing_subscriber::fmt::layer()
        .event_format(Lines(style))
        .with_ansi(style == Style::Text { color: true })
        .with_writer(writer);
    tracing_subscriber::registry().with(filter).with(lines).init();
    // A panic is an event like others: on one line, and never waiting for a reader.
    panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    Ok(Telemetry { metrics: Metrics::install(dropped), filter: handle, _writer: guard })
}

/// Checks a filter without using it.
pub fn parse(filter: &str) -> Result<EnvFilter, ParseError> {
    // rustls warns of every client that sends an address as a server name: a
    // stranger could fill the disk with it.
    EnvFilter::builder().parse(format!("rustls=error,{filter}"))
}

/// Lines that may wait for a slow reader before new ones are dropped.
const BUFFERED_LINES: usize = 16_384;
