//! The doctor of `callbox doctor`, for the owner's page.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::state::now;
use crate::pure::doctor::Report;
use crate::pure::wire::doctor::Examination;
use crate::pure::wire::{ApiError, ErrorCode};

/// Examines the server when it is wanted, once at a time, and keeps the last result.
#[derive(Clone, Default)]
pub struct Doctor {
    examine: Option<Arc<dyn Fn() -> Report + Send + Sync>>,
    last: Arc<Mutex<Option<Examination>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Doctor {
    /// One that examines by this, which may take its thread for some seconds.
    pub fn new(examine: impl Fn() -> Report + Send + Sync + 'static) -> Self {
        Self { examine: Some(Arc::new(examine)), ..Self::default() }
    }

    /// What was found the last time.
    pub fn last(&self) -> Option<Examination> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Examines now. Who asks while that is under way gets what it finds.
    pub async fn examine(&self) -> Result<Examination, ApiError> {
        const NOT_NOW: ApiError = ApiError::new(ErrorCode::Unavailable, "not now");
        let asked = now();
        let _turn = self.turn.lock().await;
        if let Some(last) = self.last().filter(|last| last.at >= asked) {
            return Ok(last);
        }
        let examine = self.examine.clone().ok_or(NOT_NOW)?;
        let report = tokio::task::spawn_blocking(move || examine()).await.map_err(|_| NOT_NOW)?;
        let examination = Examination { at: now(), findings: report.findings };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(examination.clone());
        Ok(examination)
    }
}

impl fmt::Debug for Doctor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doctor").field("last", &self.last).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn who_asks_while_it_examines_gets_the_same_result() {
        let (begin, may_begin) = mpsc::channel::<()>();
        let (may_begin, times) = (Mutex::new(may_begin), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&times);
        let doctor = Doctor::new(move || {
            may_begin.lock().unwrap().recv().unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            Report { running: true, findings: Vec::new() }
        });
        assert_eq!(doctor.last(), None);
        let (first, second) = (doctor.clone(), doctor.clone());
        let asked = async { tokio::join!(first.examine(), second.examine()) };
        let (both, ()) = tokio::join!(asked, async { begin.send(()).unwrap() });
        assert_eq!(times.load(Ordering::Relaxed), 1);
        assert_eq!(both.0.unwrap(), both.1.unwrap());
        assert!(doctor.last().is_some());
    }
}
