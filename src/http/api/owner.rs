//! What the owner sees of the server: people, devices, invites, calls, its state and the log.
//!
//! Nothing is changed here, only looked at; acts are in `admin`. Of calls it is not told whose they are, and what
//! people write is sealed to this server as to its owner.

use std::sync::Arc;

use crate::http::answer::{self, Answer};
use crate::http::figures::Figures;
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::wire::doctor::Examinations;
use crate::pure::wire::owner::{
    ActLog, CallNow, CallsNow, CertificateFacts, CertificateSource, Finding, ServerFacts,
    StorageFacts,
};
use crate::pure::wire::{ApiError, Call, CallState, ErrorCode, Millis, Name, Role, limits};
use crate::store::{Part, SessionRecord};
use crate::tls;

/// `GET /owner/people`
pub(super) async fn people(state: Arc<State>, request: Request) -> Answer {
    owner(&state, &request).await?;
    let order = request.query("sort")?.unwrap_or_default();
    let mut people = state.store.people(search(&request)?, order, part(&request)?).await?;
    for person in people.people.iter_mut().filter(|person| !person.own_quota) {
        person.quota = state.files.quota(person.account.role);
    }
    Ok(answer::json(&people))
}

/// `GET /owner/devices`
pub(super) async fn devices(state: Arc<State>, request: Request) -> Answer {
    let current = owner(&state, &request).await?.device;
    let (search, account) = (search(&request)?, request.query("account")?);
    let devices = state.store.all_devices(search, account, current, part(&request)?).await?;
    Ok(answer::json(&devices))
}

/// `GET /owner/invites`
pub(super) async fn invites(state: Arc<State>, request: Request) -> Answer {
    owner(&state, &request).await?;
    let open = request.query("open")?.unwrap_or(false).then(now);
    Ok(answer::json(&state.store.all_invites(open, part(&request)?).await?))
}

/// `GET /owner/doctor`
pub(super) async fn examined(state: Arc<State>, request: Request) -> Answer {
    owner(&state, &request).await?;
    Ok(answer::json(&Examinations { last: state.doctor.last() }))
}

/// `POST /owner/doctor`: answered when it has been examined, some seconds later.
pub(super) async fn examine(state: Arc<State>, request: Request) -> Answer {
    owner(&state, &request).await?;
    Ok(answer::json(&state.doctor.examine().await?))
}

/// `GET /owner/calls`
pub(super) async fn calls(state: Arc<State>, request: Request) -> Answer {
    owner(&state, &request).await?;
    let calls = state.hub.calls().await;
    let calls = calls.ok_or(ApiError::new(ErrorCode::Unavailable, "the hub does not answer"))?;
    let relay = state.relay.read();
    let mut calls: Vec<_> = calls.iter().filter_map(call_now).collect();
    for call in &mut calls {
        let relayed = relay.calls.iter().find(|relayed| relayed.call == call.id);
        call.relayed = relayed.map(|relayed| relayed.relayed);
    }
    calls.sort_by_key(|call| (call.since, call.id));
    Ok(answer::json(&CallsNow { now: now(), calls, allocations: relay.allocations }))
}

/// `GET /owner/server`
pub(super) async fn server(state: Arc<State>, request: Request) -> Answer {
    owner(&state, &request).await?;
    let Figures { summary, usage, free } = Figures::of(&state).await;
    let facts = &state.facts;
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut server = ServerFacts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: facts.started,
        now: now(),
        site: state.site.clone(),
        draining: state.is_draining(),
        connections: summary.map(|summary| count(summary.connections)),
        online: summary.map(|summary| count(summary.online)),
        calls: summary.map(|summary| count(summary.ringing + summary.active)),
        storage: StorageFacts {
            database: usage.map(|usage| usage.database),
            files: usage.map(|usage| usage.files),
            file_count: usage.map(|usage| usage.file_count),
            entries: usage.map(|usage| usage.entries),
            free,
        },
        certificates: state.certificates.report().into_iter().map(CertificateFacts::from).collect(),
        relay: facts.relay_mode.clone(),
        findings: Vec::new(),
    };
    server.findings = findings(&server, facts.settings.get().after_restart.clone());
    Ok(answer::json(&server))
}

/// `GET /owner/log`
pub(super) async fn log(state: Arc<State>, request: Request) -> Answer {
    owner(&state, &request).await?;
    let (acts, more) = state.store.acts(request.query("before")?, part(&request)?.limit).await?;
    Ok(answer::json(&ActLog { acts, more }))
}

/// The owner's session; 403 for others.
async fn owner(state: &State, request: &Request) -> Result<SessionRecord, ApiError> {
    let session = state.session(request).await?;
    match session.account.role {
        Role::Owner => Ok(session),
        Role::Guest | Role::Member | Role::Admin => {
            Err(ApiError::new(ErrorCode::Forbidden, "for the owner"))
        }
    }
}

/// Which part of a long list is asked for.
fn part(request: &Request) -> Result<Part, ApiError> {
    let limit = request.query("limit")?.unwrap_or(50);
    if !(1..=limits::PAGE_ENTRIES).contains(&limit) {
        return Err(ApiError::new(ErrorCode::BadRequest, "limit is 1 to 100"));
    }
    Ok(Part { offset: request.query("offset")?.unwrap_or(0), limit })
}

/// What is looked for, as keys of names are written; what can be in no name finds everybody.
fn search(request: &Request) -> Result<String, ApiError> {
    let text = request.query_text("search")?;
    Ok(Name::new(&text).map_or_else(|_| String::new(), |name| name.key()))
}

fn call_now(call: &Call) -> Option<CallNow> {
    let (ringing, since) = match call.state {
        CallState::Ringing { since } => (true, since),
        CallState::Active { since } => (false, since),
        CallState::Ended { .. } => return None,
    };
    let devices = u32::try_from(call.legs.len()).unwrap_or(u32::MAX);
    Some(CallNow { id: call.id, media: call.media, ringing, since, devices, relayed: None })
}

/// What should be looked at, the worst first.
fn findings(server: &ServerFacts, after_restart: Vec<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if server.connections.is_none() {
        findings.push(Finding::Silent);
    }
    for CertificateFacts { name, source, until, trouble, .. } in &server.certificates {
        let name = name.clone();
        match (source, until) {
            (CertificateSource::Own, _) => {}
            (_, Some(until)) if until.since(server.now) < SOON => {
                findings.push(Finding::CertificateEnds { name, until: *until });
            }
            _ if trouble.is_some() => findings.push(Finding::CertificateTrouble { name }),
            _ => {}
        }
    }
    if let Some(free) = server.storage.free.filter(|free| *free < LITTLE) {
        findings.push(Finding::DiskFull { free });
    }
    if server.draining {
        findings.push(Finding::Draining);
    }
    if !after_restart.is_empty() {
        findings.push(Finding::Restart { settings: after_restart });
    }
    findings
}

impl From<tls::Report> for CertificateFacts {
    fn from(report: tls::Report) -> Self {
        let tls::Report { name, source, until, trouble, next_try } = report;
        let source = match source {
            tls::Source::Acme => CertificateSource::Acme,
            tls::Source::File => CertificateSource::File,
            tls::Source::Own => CertificateSource::Own,
        };
        Self { name, source, until, trouble, next_try }
    }
}

/// A certificate that ends within this span should have been renewed.
const SOON: Millis = Millis(7 * 24 * 3_600_000);

/// So little of a disk is soon written.
const LITTLE: u64 = 1 << 30;
