//! People as other people see them.

use serde::{Deserialize, Serialize};

use super::{AccountId, Name};

/// What an account may do on this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Role {
    /// Came by a link, without a password: nothing but the conversations it is in.
    Guest,
    Member,
    Admin,
    Owner,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Account {
    pub id: AccountId,
    pub name: Name,
    /// The hash of the picture, part of its address; none shows initials.
    pub avatar: Option<String>,
    pub role: Role,
    /// Cannot sign in; stays visible beside what was written.
    pub disabled: bool,
    /// The newest version of its record, `GET /accounts/{id}/records`; 0 while there is none.
    pub record: u32,
}
