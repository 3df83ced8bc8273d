//! Bodies of `/api/v1/owner`: what the owner sees of the server, and the log of admin acts.
//!
//! Long lists come in pages: `?limit=` (1 to 100) and `?offset=`, with the `total` of all pages.

use serde::{Deserialize, Serialize};

use super::api::{Device, Invite};
use super::{Account, AccountId, CallId, CallMedia, InviteId, Millis, Name, Relayed, Role};

/// Somebody, as they are called now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Named {
    pub id: AccountId,
    pub name: Name,
}

/// `GET /owner/people?search=&sort=`: everybody with an account.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct People {
    pub people: Vec<Person>,
    pub total: u32,
}

/// What `GET /owner/people` is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(rename_all = "snake_case"))]
pub enum PeopleOrder {
    #[default]
    Name,
    /// The newest account first.
    Newest,
    /// Who was here last comes first.
    Seen,
    /// Whose files take most comes first.
    Storage,
}

impl std::str::FromStr for PeopleOrder {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "name" => Ok(Self::Name),
            "newest" => Ok(Self::Newest),
            "seen" => Ok(Self::Seen),
            "storage" => Ok(Self::Storage),
            _ => Err(()),
        }
    }
}

/// One account, with what it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Person {
    pub account: Account,
    pub created: Millis,
    /// To the day; none for who was never here.
    pub last_seen: Option<Millis>,
    /// Where it is signed in.
    pub devices: u32,
    pub files: u32,
    /// Bytes of its files.
    #[cfg_attr(test, ts(type = "number"))]
    pub used: u64,
    /// Bytes that its files may take.
    #[cfg_attr(test, ts(type = "number"))]
    pub quota: u64,
    /// The quota was set for this account; else it is that of its role.
    pub own_quota: bool,
}

/// `GET /owner/devices?search=&account=`: where people are signed in, the last seen first.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AllDevices {
    pub devices: Vec<SomeDevice>,
    pub total: u32,
}

/// Somebody's device.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SomeDevice {
    pub account: Named,
    pub device: Device,
}

/// `GET /owner/invites?open=true`: of everybody, the newest first; all, or those that still let in.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AllInvites {
    pub invites: Vec<SomeInvite>,
    pub total: u32,
}

/// Somebody's invite.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SomeInvite {
    pub by: Named,
    pub invite: Invite,
}

/// `GET /owner/calls`: the calls of this moment. Whose they are, is not told.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CallsNow {
    pub now: Millis,
    pub calls: Vec<CallNow>,
    /// Allocations of the relay.
    #[cfg_attr(test, ts(type = "number"))]
    pub allocations: u64,
}

/// A call that rings or runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CallNow {
    pub id: CallId,
    pub media: CallMedia,
    pub ringing: bool,
    /// Since when it rings or runs.
    pub since: Millis,
    /// Devices in it.
    pub devices: u32,
    /// What went through the relay, if anything did.
    pub relayed: Option<Relayed>,
}

/// `GET /owner/server`: how the server is.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ServerFacts {
    pub version: String,
    pub started: Millis,
    pub now: Millis,
    /// Where people find it.
    pub site: String,
    /// It is stopping.
    pub draining: bool,
    /// Absent when the hub does not answer.
    pub connections: Option<u32>,
    pub online: Option<u32>,
    pub calls: Option<u32>,
    pub storage: StorageFacts,
    pub certificates: Vec<CertificateFacts>,
    /// `closed`, or how open the relay is.
    pub relay: String,
    /// What should be looked at, the worst first.
    pub findings: Vec<Finding>,
}

/// Bytes on the disk, where they are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StorageFacts {
    #[cfg_attr(test, ts(type = "number | null"))]
    pub database: Option<u64>,
    #[cfg_attr(test, ts(type = "number | null"))]
    pub files: Option<u64>,
    #[cfg_attr(test, ts(type = "number | null"))]
    pub file_count: Option<u64>,
    /// Messages, calls and control events.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub entries: Option<u64>,
    /// What the disk has left.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub free: Option<u64>,
}

/// How it stands with one certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CertificateFacts {
    /// What it is for: a name, or the file it is in.
    pub name: String,
    pub source: CertificateSource,
    /// Its last moment; absent while this server's own serves.
    pub until: Option<Millis>,
    /// Why there is no newer one, in the words of whoever refused.
    pub trouble: Option<String>,
    pub next_try: Option<Millis>,
}

/// Where a certificate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum CertificateSource {
    /// From an authority, by ACME.
    Acme,
    /// From files that somebody else looks after.
    File,
    /// Made here: browsers have to be told to trust it.
    Own,
}

/// Something that should be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Finding {
    /// The hub does not answer.
    Silent,
    CertificateEnds {
        name: String,
        until: Millis,
    },
    CertificateTrouble {
        name: String,
    },
    DiskFull {
        #[cfg_attr(test, ts(type = "number"))]
        free: u64,
    },
    /// Settings were changed that only a restart puts in force.
    Restart {
        settings: Vec<String>,
    },
    Draining,
}

/// `GET /owner/log?before=`: what admins did, the newest first.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ActLog {
    pub acts: Vec<NotedAct>,
    /// There are older ones.
    pub more: bool,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotedAct {
    /// Counts up.
    #[cfg_attr(test, ts(type = "number"))]
    pub id: u64,
    pub time: Millis,
    /// None: on the server itself, by its command line.
    pub by: Option<Named>,
    pub whom: Option<Named>,
    pub act: Act,
}

/// What an admin did. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Act {
    Renamed {
        from: Name,
        to: Name,
    },
    RoleChanged {
        from: Role,
        to: Role,
    },
    Disabled,
    Enabled,
    /// On all devices.
    SignedOut,
    DeviceSignedOut {
        device: Name,
    },
    /// A link for a new password was made.
    ResetMade,
    QuotaSet {
        #[cfg_attr(test, ts(type = "number | null"))]
        from: Option<u64>,
        /// None: that of the role again.
        #[cfg_attr(test, ts(type = "number | null"))]
        to: Option<u64>,
    },
    InviteMade {
        invite: InviteId,
        uses: u32,
    },
    InviteRevoked {
        invite: InviteId,
    },
    BackedUp,
    /// The authority by which this server vouches for itself was replaced.
    AuthorityReplaced,
}

/// `PUT /admin/accounts/{id}/quota`, by the owner: bytes that the account's files may take
/// together; with none, what its role allows.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetQuota {
    /// Has to be there, so that nobody lifts a quota by a typing mistake.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(test, ts(type = "number | null"))]
    pub quota: Option<u64>,
}
