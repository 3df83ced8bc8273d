//! All findings together: as text, as JSON, as an exit code.

use serde::{Deserialize, Serialize};

use super::{Check, Finding, Verdict};

/// What the doctor says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// A server is running with this data.
    pub running: bool,
    pub findings: Vec<Finding>,
}

/// How many findings of each verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub ok: usize,
    pub warn: usize,
    pub fail: usize,
}

impl Report {
    /// The worst of all.
    pub fn verdict(&self) -> Verdict {
        self.findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok)
    }

    /// How many of each.
    pub fn counts(&self) -> Counts {
        let count = |verdict| self.findings.iter().filter(|f| f.verdict == verdict).count();
        Counts { ok: count(Verdict::Ok), warn: count(Verdict::Warn), fail: count(Verdict::Fail) }
    }

    /// 1 when something does not work, else 0: warnings stop no script.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.verdict() == Verdict::Fail)
    }

    /// The lines for people.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut last = None;
        for Finding { check, verdict, says, cure } in &self.findings {
            let title = if last == Some(*check) { "" } else { check.title() };
            last = Some(*check);
            lines.push(format!("{title:12} {}  {says}", verdict.mark()));
            if let Some(cure) = cure {
                lines.push(format!("{:12}       → {cure}", ""));
            }
        }
        lines.push(String::new());
        lines.push(self.summary());
        lines
    }

    fn summary(&self) -> String {
        let Counts { ok, warn, fail } = self.counts();
        match (fail, warn) {
            (0, 0) => format!("All {ok} checks are fine."),
            (0, warn) => {
                let works = match self.running {
                    true => "It works.",
                    false => "Nothing stands in the way of a server.",
                };
                format!("{works} {warn} of {} checks deserve a look.", ok + warn)
            }
            (fail, warn) => {
                let total = ok + warn + fail;
                format!("{fail} of {total} checks failed, and {warn} deserve a look.")
            }
        }
    }
}

impl Verdict {
    /// As wide as the others.
    fn mark(self) -> &'static str {
        match self {
            Self::Ok => "ok  ",
            Self::Warn => "look",
            Self::Fail => "FAIL",
        }
    }
}

impl Check {
    fn title(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Names => "names",
            Self::Address => "address",
            Self::Ports => "ports",
            Self::Certificate => "certificate",
            Self::Clock => "clock",
            Self::Relay => "relay",
            Self::Limits => "limits",
            Self::Disk => "disk",
            Self::Database => "database",
        }
    }
}
