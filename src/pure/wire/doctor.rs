//! Bodies of `/api/v1/owner/doctor`, and what `callbox doctor --json` consists of.

use serde::{Deserialize, Serialize};

use super::Millis;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "DoctorVerdict"))]
pub enum Verdict {
    Ok,
    /// It works, and should be looked at.
    Warn,
    /// Something does not work.
    Fail,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "DoctorCheck"))]
pub enum Check {
    Server,
    Names,
    Address,
    Ports,
    Certificate,
    Clock,
    Relay,
    Limits,
    Disk,
    Database,
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "DoctorFinding"))]
pub struct Finding {
    pub check: Check,
    pub verdict: Verdict,
    /// In plain words, a sentence or two.
    pub says: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cure: Option<String>,
}

/// `POST /owner/doctor`: what was found when the server was examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Examination {
    pub at: Millis,
    /// In the order in which people would look, in English.
    pub findings: Vec<Finding>,
}

/// `GET /owner/doctor`
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Examinations {
    /// Since this server was started.
    pub last: Option<Examination>,
}
