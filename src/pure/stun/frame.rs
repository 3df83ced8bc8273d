//! Where one message ends and the next begins on a stream (RFC 8489, 6.2.2;
//! RFC 8656, 12.5: over a stream ChannelData is padded to four bytes).

use super::{ChannelData, HEADER, MAGIC_COOKIE};

/// What stands at the front of a stream's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// Not enough bytes yet to tell or to be whole.
    Partial,
    /// A message of `message` bytes, which takes `padded` bytes of the stream.
    Whole { message: usize, padded: usize },
    /// No message can start like this, or it is longer than `longest`: the
    /// stream has lost its step and cannot find it again.
    Broken,
}

/// Looks at the front of a stream.
pub fn next_frame(bytes: &[u8], longest: usize) -> Frame {
    let Some(head) = bytes.first_chunk::<4>() else {
        return match bytes.first() {
            Some(first) if !matches!(first >> 6, 0 | 1) => Frame::Broken,
            _ => Frame::Partial,
        };
    };
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let (message, padded) = match head[0] >> 6 {
        0 => {
            let cookie = &bytes[4..bytes.len().min(8)];
            if length % 4 != 0 || !MAGIC_COOKIE.starts_with(cookie) {
                return Frame::Broken;
            }
            (HEADER + length, HEADER + length)
        }
        1 => {
            let message = ChannelData::HEADER + length;
            (message, message.next_multiple_of(4))
        }
        _ => return Frame::Broken,
    };
    if padded > longest {
        Frame::Broken
    } else if bytes.len() < padded {
        Frame::Partial
    } else {
        Frame::Whole { message, padded }
    }
}
