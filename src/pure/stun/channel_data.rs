//! ChannelData: four bytes of header before the application's data
//! (RFC 8656, 12.4).

/// A number that a client may bind to a peer: 0x4000 to 0x4FFF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelNumber(u16);

impl ChannelNumber {
    /// The number, if it is in the range of RFC 8656, 12.
    pub const fn new(number: u16) -> Option<Self> {
        if number >= 0x4000 && number <= 0x4FFF { Some(Self(number)) } else { None }
    }

    /// As it travels.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// A ChannelData message, read in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelData<'a> {
    pub number: ChannelNumber,
    pub data: &'a [u8],
}

impl<'a> ChannelData<'a> {
    /// Bytes before the data.
    pub const HEADER: usize = 4;

    /// Reads a message; bytes behind its length are padding and ignored.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_at_checked(Self::HEADER)?;
        let number = ChannelNumber::new(u16::from_be_bytes([head[0], head[1]]))?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        Some(Self { number, data: rest.get(..length)? })
    }

    /// The four bytes before `length` bytes of data.
    pub fn header(number: ChannelNumber, length: u16) -> [u8; 4] {
        let ([a, b], [c, d]) = (number.0.to_be_bytes(), length.to_be_bytes());
        [a, b, c, d]
    }
}
