//! Proofs in progress: what lies between the two requests of a login or a
//! registration, and how often anyone may try.
//!
//! Drives the cores of `pure/auth` with the clock and the system's random
//! bytes. Knows nothing of sessions or the store: handlers bring what they
//! looked up and take away what was proved. The keys of the password protocol
//! live in a file of their own beside the database.

mod passkey;

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use opaque_ke::rand::{self, CryptoRng, RngCore};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::private_file;
use crate::pure::auth::attempts::{Backoff, KeyRate, Limits, Network, NetworkRate};
use crate::pure::auth::opaque::{CredentialId, Login, Malformed, Opaque};
use crate::pure::auth::pending::Pending;
use crate::pure::auth::token::{DeviceMark, Token};
use crate::pure::wire::api::{LoginStarted, PasswordStarted, Ticket};
use crate::pure::wire::{
    AccountId, ApiError, Blob, DeviceId, ErrorCode, LinkId, Millis, Name, ResetId, SessionId,
};
use crate::store::Credentials;

/// Logins and registrations under way, and the limits on them.
#[derive(Debug)]
pub struct Auth {
    opaque: Opaque,
    steps: Mutex<Steps>,
}

#[derive(Debug)]
struct Steps {
    logins: Pending<Network, BegunLogin>,
    registrations: Pending<Network, Registration>,
    guests: Pending<Network, Guest>,
    /// Challenges for passkeys.
    passkeys: Pending<Network, [u8; 32]>,
    login_rate: NetworkRate,
    lookup_rate: NetworkRate,
    setup_rate: NetworkRate,
    recovery_rate: KeyRate<CredentialId>,
    strangers: Backoff<CredentialId>,
    known: Backoff<(CredentialId, DeviceId)>,
}

#[derive(Debug)]
struct BegunLogin {
    login: Login,
    credential: CredentialId,
    /// The device that it is charged to; none when a stranger asks.
    known: Option<DeviceId>,
    account: Option<Proved>,
}

/// Whose password was proved.
#[derive(Debug, Clone, Copy)]
pub struct Proved {
    pub account: AccountId,
    pub disabled: bool,
}

/// What a new password file is for.
#[derive(Debug, Clone)]
pub enum Registration {
    Account {
        account: AccountId,
        device: DeviceId,
        ticket: Ticket,
        name: Name,
    },
    Password {
        account: AccountId,
        session: SessionId,
    },
    /// With a link from an admin; `identity_reset` unless the recovery code was known as well.
    Reset {
        account: AccountId,
        device: DeviceId,
        reset: ResetId,
        secret: Blob,
        identity_reset: bool,
    },
    /// A guest who stays.
    Keep {
        account: AccountId,
        session: SessionId,
        name: Name,
    },
    /// With the recovery code, known by the hash of what it derives.
    Recovery {
        account: AccountId,
        device: DeviceId,
        auth_hash: [u8; 32],
    },
}

/// A guest about to be made.
#[derive(Debug, Clone)]
pub struct Guest {
    pub account: AccountId,
    pub device: DeviceId,
    pub link: LinkId,
    pub auth_hash: [u8; 32],
    pub name: Name,
}

impl Registration {
    fn account(&self) -> AccountId {
        match self {
            Self::Account { account, .. }
            | Self::Password { account, .. }
            | Self::Keep { account, .. }
            | Self::Reset { account, .. }
            | Self::Recovery { account, .. } => *account,
        }
    }
}

/// Where a request comes from, as far as limits go.
#[derive(Debug, Clone, Copy)]
pub struct Requester {
    pub client: IpAddr,
    /// The device that the browser is known as.
    pub mark: Option<DeviceMark>,
}

impl Auth {
    /// Whether the keys are in `data`. Passwords chosen with other keys are lost without them.
    pub fn kept(data: &Path) -> bool {
        data.join(KEYS).exists()
    }

    /// Reads the keys in `data`, or makes them.
    pub fn open(data: &Path, install_id: String, limits: Limits) -> io::Result<Self> {
        let file = data.join(KEYS);
        let keys = match fs::read(&file) {
            Ok(keys) => keys,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let keys = Opaque::generate(&mut Random);
                private_file::write(&file, &keys)?;
                keys
            }
            Err(error) => return Err(error),
        };
        let opaque = Opaque::new(&keys, install_id)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let steps = Steps {
            logins: Pending::new(),
            registrations: Pending::new(),
            guests: Pending::new(),
            passkeys: Pending::new(),
            login_rate: NetworkRate::new(limits.logins),
            lookup_rate: NetworkRate::new(limits.lookups),
            setup_rate: NetworkRate::new(limits.setups),
            recovery_rate: KeyRate::new(limits.recoveries),
            strangers: Backoff::new(limits.free_failures),
            known: Backoff::new(limits.free_failures),
        };
        Ok(Self { opaque, steps: Mutex::new(steps) })
    }

    /// Other limits are in force from now on; what was counted stays.
    pub fn set_limits(&self, limits: Limits) {
        let mut steps = self.steps();
        steps.login_rate.set_rate(limits.logins);
        steps.lookup_rate.set_rate(limits.lookups);
        steps.setup_rate.set_rate(limits.setups);
    }

    /// The device that a cookie says this browser is, if the server said so itself.
    pub fn mark(&self, text: &str) -> Option<DeviceMark> {
        DeviceMark::read(text, self.device_key())
    }

    /// The cookie for a device.
    pub fn issue_mark(&self, mark: &DeviceMark) -> String {
        mark.issue(self.device_key())
    }

    /// First half of a login. Names that do not exist are treated in every way
    /// like names that do.
    pub fn start_login(
        &self,
        from: Requester,
        name: &Name,
        credentials: Option<&Credentials>,
        request: &Blob,
        now: Millis,
    ) -> Result<LoginStarted, ApiError> {
        let network = Network::of(from.client);
        let credential =
            credentials.map_or_else(|| self.opaque.unknown(name), |known| known.account.into());
        let known = from
            .mark
            .filter(|mark| credentials.is_some_and(|known| known.account == mark.account))
            .map(|mark| mark.device);
        {
            let mut steps = self.steps();
            match known {
                Some(device) => steps.known.charge((credential, device), now),
                None => {
                    let rated = steps.login_rate.take(from.client, now);
                    rated.and_then(|()| steps.strangers.charge(credential, now))
                }
            }
            .map_err(too_many)?;
        }
        let record = credentials.map(|known| &known.password);
        let (login, response) =
            self.opaque.login(&mut Random, credential, record, request.as_ref()).map_err(bad)?;
        let account =
            credentials.map(|known| Proved { account: known.account, disabled: known.disabled });
        let id = random();
        let begun = BegunLogin { login, credential, known, account };
        self.steps().logins.begin(id, network, begun, now);
        let server_id = self.opaque.server_id().to_owned();
        Ok(LoginStarted { login: Blob::from(id.to_vec()), response, server_id })
    }

    /// Second half of a login: whose password it is.
    pub fn finish_login(
        &self,
        client: IpAddr,
        login: &Blob,
        finalization: &Blob,
        now: Millis,
    ) -> Result<Proved, ApiError> {
        const REFUSED: ApiError = ApiError::new(ErrorCode::Unauthorized, "wrong name or password");
        let network = Network::of(client);
        let begun = self.steps().logins.take(login.as_ref(), &network, now).ok_or(REFUSED)?;
        self.opaque.finish(begun.login, finalization.as_ref()).map_err(|_| REFUSED)?;
        let mut steps = self.steps();
        match begun.known {
            Some(device) => steps.known.forgive((begun.credential, device)),
            None => steps.strangers.forgive(begun.credential),
        }
        begun.account.ok_or(REFUSED)
    }

    /// First half of a registration.
    pub fn start_registration(
        &self,
        client: IpAddr,
        registration: Registration,
        request: &Blob,
        now: Millis,
    ) -> Result<PasswordStarted, ApiError> {
        let response =
            self.opaque.register(registration.account(), request.as_ref()).map_err(bad)?;
        let id = random();
        self.steps().registrations.begin(id, Network::of(client), registration, now);
        let server_id = self.opaque.server_id().to_owned();
        Ok(PasswordStarted { registration: Blob::from(id.to_vec()), response, server_id })
    }

    /// Second half of a registration: what it was for, and the record to store.
    pub fn finish_registration(
        &self,
        client: IpAddr,
        registration: &Blob,
        record: &Blob,
        now: Millis,
    ) -> Result<(Registration, Blob), ApiError> {
        const GONE: ApiError =
            ApiError::new(ErrorCode::Unauthorized, "no such registration, or not any more");
        let network = Network::of(client);
        let begun = self.steps().registrations.take(registration.as_ref(), &network, now);
        let begun = begun.ok_or(GONE)?;
        Ok((begun, self.opaque.record(record.as_ref()).map_err(bad)?))
    }

    /// Begins a guest, and names it for `guest`.
    pub fn start_guest(&self, client: IpAddr, guest: Guest, now: Millis) -> Blob {
        let id = random();
        self.steps().guests.begin(id, Network::of(client), guest, now);
        Blob::from(id.to_vec())
    }

    /// A guest that was begun, who stays so.
    pub fn guest(&self, client: IpAddr, guest: &Blob, now: Millis) -> Result<Guest, ApiError> {
        const GONE: ApiError =
            ApiError::new(ErrorCode::Unauthorized, "no such guest, or not any more");
        let network = Network::of(client);
        let mut steps = self.steps();
        let begun = steps.guests.take(guest.as_ref(), &network, now).ok_or(GONE)?;
        let id = guest.as_ref().try_into().map_err(|_| GONE)?;
        steps.guests.begin(id, network, begun.clone(), now);
        Ok(begun)
    }

    /// The guest is made.
    pub fn forget_guest(&self, client: IpAddr, guest: &Blob, now: Millis) {
        self.steps().guests.take(guest.as_ref(), &Network::of(client), now);
    }

    /// Counts a look at a link's secret.
    pub fn lookup(&self, client: IpAddr, now: Millis) -> Result<(), ApiError> {
        self.steps().lookup_rate.take(client, now).map_err(too_many)
    }

    /// Counts a try of a recovery code; names that do not exist are counted alike.
    pub fn try_recovery(
        &self,
        client: IpAddr,
        name: &Name,
        account: Option<AccountId>,
        now: Millis,
    ) -> Result<(), ApiError> {
        let credential = account.map_or_else(|| self.opaque.unknown(name), CredentialId::from);
        let mut steps = self.steps();
        steps.lookup_rate.take(client, now).map_err(too_many)?;
        steps.recovery_rate.take(credential, now).map_err(too_many)
    }

    /// Counts a try of the setup token.
    pub fn try_setup(&self, client: IpAddr, now: Millis) -> Result<(), ApiError> {
        self.steps().setup_rate.take(client, now).map_err(too_many)
    }

    fn device_key(&self) -> &hmac::Key {
        self.opaque.device_key()
    }

    fn steps(&self) -> MutexGuard<'_, Steps> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fresh random bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    Random.fill_bytes(&mut bytes);
    bytes
}

/// A fresh session token.
pub fn random_token() -> Token {
    Token::from_bytes(random())
}

fn too_many(wait: Millis) -> ApiError {
    ApiError::rate_limited(wait.0)
}

fn bad(_: Malformed) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, "not a message of the password protocol")
}

/// Seed and private key of the password protocol. Without it nobody can sign
/// in; with it and the database, passwords can be guessed.
const KEYS: &str = "keys/opaque";

/// The system's random bytes, as the password protocol wants them.
struct Random;

impl RngCore for Random {
    fn next_u32(&mut self) -> u32 {
        rand::RngCore::next_u64(self) as u32
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_ne_bytes(random())
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        SystemRandom::new().fill(bytes).expect("the system has random bytes once it has started");
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Random {}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_keys_are_made_once_and_for_the_owner_alone() {
        let data = tempfile::tempdir().unwrap();
        let open = || Auth::open(data.path(), "install".into(), Limits::default());
        let mark = DeviceMark {
            account: AccountId::from_bytes([1; 16]),
            device: DeviceId::from_bytes([2; 16]),
        };
        let text = open().unwrap().issue_mark(&mark);
        assert_eq!(open().unwrap().mark(&text), Some(mark));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&data.path().join(KEYS)), 0o600);
        assert_eq!(mode(data.path().join(KEYS).parent().unwrap()), 0o700);
        fs::write(data.path().join(KEYS), b"short").unwrap();
        assert_eq!(open().unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn h31_a_network_starts_ten_logins_a_minute() {
        let data = tempfile::tempdir().unwrap();
        let auth = Auth::open(data.path(), "install".into(), Limits::default()).unwrap();
        let account = AccountId::from_bytes([1; 16]);
        let device = DeviceId::from_bytes([2; 16]);
        // Zeros are no message, which is found out once the try is counted.
        let start = |client: [u8; 4], name: &str, mark| {
            let from = Requester { client: client.into(), mark };
            let name = Name::new(name).unwrap();
            let nothing = Blob::from(vec![0; 96]);
            let error = auth.start_login(from, &name, None, &nothing, Millis(0)).unwrap_err();
            error.code
        };
        for n in 0..10 {
            assert_eq!(start([192, 0, 2, 1], &format!("N{n}"), None), ErrorCode::BadRequest);
        }
        assert_eq!(start([192, 0, 2, 1], "Somebody", None), ErrorCode::RateLimited);
        assert_eq!(start([192, 0, 2, 2], "Somebody", None), ErrorCode::BadRequest);
        // A mark of another account is the mark of a stranger.
        let mark = Some(DeviceMark { account, device });
        assert_eq!(start([192, 0, 2, 1], "Somebody", mark), ErrorCode::RateLimited);
    }
}
