//! The counters and gauges of this process, in Prometheus' text form.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_appender::non_blocking::ErrorCounter;

use super::catalog;

/// A handle to all metrics; cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    dropped_lines: Option<ErrorCounter>,
    /// Those who count by themselves, and say what when they are asked.
    sources: Arc<Mutex<Vec<Source>>>,
}

type Source = Box<dyn Fn() + Send>;

impl Metrics {
    /// Makes this the place that the `metrics` macros of the whole process write to.
    pub(super) fn install(dropped_lines: ErrorCounter) -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).expect("telemetry is started once");
        catalog::introduce();
        Self { handle, dropped_lines: Some(dropped_lines), sources: Arc::default() }
    }

    /// Has this called before the metrics are shown, to write those that are not
    /// written when they change.
    pub fn ask(&self, source: impl Fn() + Send + 'static) {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(source));
    }

    /// All metrics as text.
    pub fn render(&self) -> String {
        if let Some(counter) = &self.dropped_lines {
            metrics::counter!("callbox_log_lines_dropped_total")
                .absolute(counter.dropped_lines() as u64);
        }
        for source in &*self.sources.lock().unwrap_or_else(PoisonError::into_inner) {
            source();
        }
        self.handle.render()
    }

    /// The value of a counter or gauge, summed up over its labels.
    pub fn value(&self, name: &str) -> Option<f64> {
        let text = self.render();
        let values = text.lines().filter_map(|line| {
            let rest = line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' ']))?;
            rest.rsplit(' ').next()?.parse::<f64>().ok()
        });
        values.fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
    }

    /// Forgets old samples of histograms; to be called now and then.
    pub fn tidy(&self) {
        self.handle.run_upkeep();
    }
}

/// Metrics that nothing is written to.
impl Default for Metrics {
    fn default() -> Self {
        let handle = PrometheusBuilder::new().build_recorder().handle();
        Self { handle, dropped_lines: None, sources: Arc::default() }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}
