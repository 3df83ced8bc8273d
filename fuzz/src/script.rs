//! What happens to a relay, one step behind the other, as bytes and back.
//!
//! Every byte string is a script, and a change of one byte is mostly a change
//! of one thing, so that mutations stay near what they came from.

use arbitrary::{Arbitrary, Result, Unstructured};

/// A relay and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// With sockets, or closed.
    pub open: bool,
    pub shards: u8,
    pub steps: Vec<Step>,
}

/// One thing that happens. People and peers are places in tables, whatever the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Somebody asks for something.
    Ask { who: u8, what: Ask, flaw: Flaw },
    /// The last thing that somebody sent comes again.
    Again { who: u8 },
    /// ChannelData.
    Channel { who: u8, number: u8, length: u8 },
    /// A Send indication.
    Indicate { who: u8, peer: u8, length: u8 },
    /// Something comes to the socket of somebody's allocation.
    Arrive { to: u8, peer: u8, length: u8 },
    /// Bytes as they are.
    Raw { who: u8, bytes: Vec<u8> },
    /// A connection ends.
    Disconnect { who: u8 },
    /// The hub takes something back: a call, a leg, a session.
    Revoke { what: u8, who: u8 },
    /// Time passes.
    Wait { seconds: u16 },
    /// Credentials are signed by another key from now on.
    TurnKey,
    /// Somebody gets new credentials.
    Renew { who: u8 },
    /// From now on there are sockets to have, or there are none.
    Sockets { some: bool },
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    Binding,
    Allocate { family: u8, lifetime: u8 },
    Refresh { lifetime: u8 },
    Permit { peers: Vec<u8> },
    Bind { number: u8, peer: u8 },
}

/// What is wrong with a request; for most kinds, nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flaw {
    pub kind: u8,
    pub at: u8,
    pub by: u8,
}

/// Steps beyond that are not played.
const MOST: usize = 200;

impl<'a> Arbitrary<'a> for Script {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let setup: u8 = bytes.arbitrary()?;
        let mut steps = Vec::new();
        while !bytes.is_empty() && steps.len() < MOST {
            steps.push(Step::read(bytes)?);
        }
        Ok(Self { open: setup & 1 == 1, shards: 1 + (setup >> 1) % 3, steps })
    }
}

impl Script {
    /// The script that bytes are.
    pub fn of(bytes: &[u8]) -> Self {
        Self::arbitrary(&mut Unstructured::new(bytes)).expect("any bytes are a script")
    }

    /// The bytes that are this script.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.open) | (self.shards - 1) << 1];
        self.steps.iter().for_each(|step| step.write(&mut bytes));
        bytes
    }
}

impl Step {
    fn read(bytes: &mut Unstructured<'_>) -> Result<Self> {
        let mut byte = || bytes.arbitrary::<u8>();
        Ok(match byte()? % 18 {
            // What matters most is most likely.
            kind @ (0..=4 | 12..=14) => {
                let who = byte()?;
                let flaw = Flaw { kind: byte()?, at: byte()?, by: byte()? };
                let what = match kind {
                    0 => Ask::Binding,
                    1 | 12 => Ask::Allocate { family: byte()?, lifetime: byte()? },
                    2 => Ask::Refresh { lifetime: byte()? },
                    3 | 13 => {
                        let count = byte()? % 8;
                        Ask::Permit { peers: (0..count).map(|_| byte()).collect::<Result<_>>()? }
                    }
                    _ => Ask::Bind { number: byte()?, peer: byte()? },
                };
                Self::Ask { who, what, flaw }
            }
            5 | 15 => Self::Channel { who: byte()?, number: byte()?, length: byte()? },
            6 | 16 => Self::Indicate { who: byte()?, peer: byte()?, length: byte()? },
            7 => Self::Arrive { to: byte()?, peer: byte()?, length: byte()? },
            8 => {
                let (who, length) = (byte()?, usize::from(byte()?));
                let length = length.min(bytes.len());
                Self::Raw { who, bytes: bytes.bytes(length)?.to_vec() }
            }
            9 => Self::Disconnect { who: byte()? },
            10 => Self::Revoke { what: byte()? % 3, who: byte()? },
            11 => Self::Wait { seconds: u16::from(byte()?) * 8 },
            _ => match byte()? % 4 {
                0 => Self::TurnKey,
                1 => Self::Renew { who: byte()? },
                2 => Self::Sockets { some: byte()? % 4 != 0 },
                _ => Self::Again { who: byte()? },
            },
        })
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Ask { who, what, flaw } => {
                let kind = match what {
                    Ask::Binding => 0,
                    Ask::Allocate { .. } => 1,
                    Ask::Refresh { .. } => 2,
                    Ask::Permit { .. } => 3,
                    Ask::Bind { .. } => 4,
                };
                bytes.extend([kind, *who, flaw.kind, flaw.at, flaw.by]);
                match what {
                    Ask::Binding => {}
                    Ask::Allocate { family, lifetime } => bytes.extend([*family, *lifetime]),
                    Ask::Refresh { lifetime } => bytes.push(*lifetime),
                    Ask::Permit { peers } => {
                        bytes.push(peers.len() as u8);
                        bytes.extend(peers);
                    }
                    Ask::Bind { number, peer } => bytes.extend([*number, *peer]),
                }
            }
            Self::Channel { who, number, length } => bytes.extend([5, *who, *number, *length]),
            Self::Indicate { who, peer, length } => bytes.extend([6, *who, *peer, *length]),
            Self::Arrive { to, peer, length } => bytes.extend([7, *to, *peer, *length]),
            Self::Raw { who, bytes: raw } => {
                bytes.extend([8, *who, raw.len() as u8]);
                bytes.extend(raw);
            }
            Self::Disconnect { who } => bytes.extend([9, *who]),
            Self::Revoke { what, who } => bytes.extend([10, *what, *who]),
            Self::Wait { seconds } => bytes.extend([11, (seconds / 8) as u8]),
            Self::TurnKey => bytes.extend([17, 0]),
            Self::Renew { who } => bytes.extend([17, 1, *who]),
            Self::Sockets { some } => bytes.extend([17, 2, u8::from(*some)]),
            Self::Again { who } => bytes.extend([17, 3, *who]),
        }
    }
}
