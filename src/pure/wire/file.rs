//! Files as the server knows them: blobs of sealed chunks, their sizes and
//! who has them. Names, types and keys travel inside messages.
//!
//! A file of `size` bytes (already padded by the client) is cut into chunks
//! of [`FILE_CHUNK`]; each is stored with its 16-byte tag, one after the other.

use serde::{Deserialize, Serialize};

use super::limits::{FILE_BYTES, FILE_CHUNK};
use super::{Blob, ConversationId, FileId};

/// `POST /conversations/{id}/files`: begins an upload. The client chooses the id, so that
/// asking again is harmless. Answered by [`Upload`]. Then each chunk is put as
/// `application/octet-stream` to `/files/{id}/chunks/{index}`, in any order, and
/// `POST /files/{id}/finish` makes the file readable. An upload without a new chunk for an hour
/// is gone.
///
/// `GET /files/{id}` has the sealed chunks in a row, whole or one range of them.
/// `DELETE /files/{id}` is for who uploaded it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CreateFile {
    pub id: FileId,
    /// Bytes before sealing, padded: 1 to 100 MiB.
    #[cfg_attr(test, ts(type = "number"))]
    pub size: u64,
    /// As many as the size needs; said so that both sides mean the same.
    pub chunks: u32,
}

/// `GET /files/{id}/upload`, for who uploads: what is there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Upload {
    pub id: FileId,
    pub conversation: ConversationId,
    #[cfg_attr(test, ts(type = "number"))]
    pub size: u64,
    pub chunks: u32,
    pub finished: bool,
    /// A bit for each chunk that is there, the lowest bit of the first byte for
    /// chunk 0; empty when finished.
    pub have: Blob,
}

/// `GET /files`: how much of the own quota is used, unfinished uploads included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FileUsage {
    #[cfg_attr(test, ts(type = "number"))]
    pub used: u64,
    #[cfg_attr(test, ts(type = "number"))]
    pub quota: u64,
    pub files: u32,
}

/// How a file of some size is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    size: u64,
}

impl Shape {
    /// Of a file with this many bytes before sealing; none when it is empty or too large.
    pub const fn of(size: u64) -> Option<Self> {
        if size == 0 || size > FILE_BYTES { None } else { Some(Self { size }) }
    }

    /// Bytes before sealing.
    pub const fn size(self) -> u64 {
        self.size
    }

    /// How many chunks there are.
    pub const fn chunks(self) -> u32 {
        // 400 at most, by the limit of the size.
        self.size.div_ceil(FILE_CHUNK) as u32
    }

    /// Bytes on the disk.
    pub const fn stored(self) -> u64 {
        self.size + self.chunks() as u64 * TAG
    }

    /// Where a sealed chunk lies: its offset and length.
    pub const fn chunk(self, index: u32) -> Option<(u64, usize)> {
        if index >= self.chunks() {
            return None;
        }
        let before = index as u64 * FILE_CHUNK;
        let left = self.size - before;
        let plain = if left < FILE_CHUNK { left } else { FILE_CHUNK };
        Some((before + index as u64 * TAG, (plain + TAG) as usize))
    }
}

/// Bytes that sealing adds to a chunk.
const TAG: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_lie_one_after_the_other() {
        for size in [1, FILE_CHUNK - 1, FILE_CHUNK, FILE_CHUNK + 1, 3 * FILE_CHUNK, FILE_BYTES] {
            let shape = Shape::of(size).unwrap();
            let mut end = 0;
            for index in 0..shape.chunks() {
                let (offset, length) = shape.chunk(index).unwrap();
                assert_eq!(offset, end, "{size}");
                assert!(length > 16 && length as u64 <= FILE_CHUNK + TAG, "{size}");
                end = offset + length as u64;
            }
            assert_eq!(end, shape.stored(), "{size}");
            assert_eq!(shape.chunk(shape.chunks()), None);
        }
    }

    #[test]
    fn h80_empty_and_oversized_files_have_no_shape() {
        for size in [0, FILE_BYTES + 1, u64::MAX] {
            assert_eq!(Shape::of(size), None);
        }
    }
}
