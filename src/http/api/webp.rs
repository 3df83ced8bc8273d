//! The size of a WebP picture, from its headers (RFC 9649).
//!
//! Takes only what a browser's canvas makes: one still picture, with a colour
//! profile and transparency at most. Anything else that the container could
//! hold (animation, metadata, bytes after the end) makes it no picture.

/// Width and height in pixels.
pub(super) fn size(file: &[u8]) -> Option<(u32, u32)> {
    let (riff, rest) = file.split_at_checked(12)?;
    let length = u32::from_le_bytes(riff[4..8].try_into().ok()?);
    if &riff[..4] != b"RIFF" || &riff[8..] != b"WEBP" || length as usize + 8 != file.len() {
        return None;
    }
    let mut canvas = None;
    let mut image = None;
    let mut chunks = rest;
    while !chunks.is_empty() {
        let (kind, payload, after) = chunk(chunks)?;
        chunks = after;
        match kind {
            b"VP8X" if canvas.is_none() && image.is_none() => canvas = Some(extended(payload)?),
            b"ICCP" | b"ALPH" if canvas.is_some() && image.is_none() => {}
            b"VP8 " if image.is_none() => image = Some(lossy(payload)?),
            b"VP8L" if image.is_none() => image = Some(lossless(payload)?),
            _ => return None,
        }
    }
    // A canvas of another size than the picture in it would hide the real one.
    image.filter(|size| canvas.is_none_or(|canvas| canvas == *size))
}

/// The first chunk's kind and payload, and what comes after its padding.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (kind, rest) = bytes.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let (payload, rest) = rest.split_at_checked(length)?;
    let after = if length % 2 == 1 { rest.split_first()?.1 } else { rest };
    Some((kind, payload, after))
}

/// Section 2.7: flags, then both sides less one in 24 bits.
fn extended(payload: &[u8]) -> Option<(u32, u32)> {
    const ANIMATED: u8 = 0b10;
    let payload: &[u8; 10] = payload.try_into().ok()?;
    let side =
        |at: usize| 1 + u32::from_le_bytes([payload[at], payload[at + 1], payload[at + 2], 0]);
    (payload[0] & ANIMATED == 0).then(|| (side(4), side(7)))
}

/// RFC 6386, section 9.1: a key frame's tag, start code and sides in 14 bits.
fn lossy(payload: &[u8]) -> Option<(u32, u32)> {
    let header: &[u8; 10] = payload.first_chunk()?;
    let is_key_frame = header[0] & 1 == 0;
    if !is_key_frame || header[3..6] != [0x9d, 0x01, 0x2a] {
        return None;
    }
    let side = |at: usize| u32::from(u16::from_le_bytes([header[at], header[at + 1]]) & 0x3fff);
    Some((side(6), side(8))).filter(|(width, height)| *width > 0 && *height > 0)
}

/// Section 3.4: a signature, then both sides less one in 14 bits.
fn lossless(payload: &[u8]) -> Option<(u32, u32)> {
    let header: &[u8; 5] = payload.first_chunk()?;
    let bits = u32::from_le_bytes([header[1], header[2], header[3], header[4]]);
    let has_version_0 = bits >> 29 == 0;
    (header[0] == 0x2f && has_version_0).then(|| (1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::size;

    fn riff(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
        let mut body = b"WEBP".to_vec();
        for (kind, payload) in chunks {
            body.extend_from_slice(*kind);
            body.extend_from_slice(&(payload.len() as u32).to_le_bytes());
            body.extend_from_slice(payload);
            body.resize(body.len().next_multiple_of(2), 0);
        }
        [b"RIFF".to_vec(), (body.len() as u32).to_le_bytes().to_vec(), body].concat()
    }

    fn lossy(width: u16, height: u16) -> Vec<u8> {
        let mut payload = vec![0x30, 1, 0, 0x9d, 0x01, 0x2a];
        payload.extend_from_slice(&width.to_le_bytes());
        payload.extend_from_slice(&height.to_le_bytes());
        payload.extend_from_slice(b"frame");
        payload
    }

    fn lossless(width: u32, height: u32) -> Vec<u8> {
        let bits = (width - 1) | (height - 1) << 14;
        [&[0x2f][..], &bits.to_le_bytes(), b"data"].concat()
    }

    fn extended(flags: u8, width: u32, height: u32) -> Vec<u8> {
        let side = |n: u32| (n - 1).to_le_bytes()[..3].to_vec();
        [vec![flags, 0, 0, 0], side(width), side(height)].concat()
    }

    #[test]
    fn the_size_is_in_the_header() {
        assert_eq!(size(&riff(&[(b"VP8 ", lossy(512, 300))])), Some((512, 300)));
        assert_eq!(size(&riff(&[(b"VP8L", lossless(1, 16_384))])), Some((1, 16_384)));
        let with_profile =
            [(b"VP8X", extended(0x20, 64, 48)), (b"ICCP", vec![1; 7]), (b"VP8 ", lossy(64, 48))];
        assert_eq!(size(&riff(&with_profile)), Some((64, 48)));
    }

    #[test]
    fn h78_other_files_are_no_pictures() {
        let good = riff(&[(b"VP8 ", lossy(8, 8))]);
        let polyglot = [&good[..], b"<script>alert(1)</script>"].concat();
        let cut = &good[..good.len() - 1];
        let with_text = riff(&[(b"VP8 ", lossy(8, 8)), (b"XMP ", b"<svg/>".to_vec())]);
        for file in
            [b"<svg xmlns=".as_slice(), b"%PDF-1.7", b"", b"RIFF", cut, &polyglot, &with_text]
        {
            assert_eq!(size(file), None, "{}", file.escape_ascii());
        }
    }

    #[test]
    fn h79_bombs_and_animations_are_no_pictures() {
        let hidden = [(b"VP8X", extended(0, 8, 8)), (b"VP8L", lossless(16_384, 16_384))];
        assert_eq!(size(&riff(&hidden)), None);
        let animated = [(b"VP8X", extended(2, 8, 8)), (b"ANIM", vec![0; 6])];
        assert_eq!(size(&riff(&animated)), None);
        let twice = [(b"VP8 ", lossy(8, 8)), (b"VP8 ", lossy(9_000, 9_000))];
        assert_eq!(size(&riff(&twice)), None);
    }

    proptest! {
        #[test]
        fn h78_no_file_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = size(&bytes);
            for kind in [b"VP8 ", b"VP8L", b"VP8X"] {
                let _ = size(&riff(&[(kind, bytes.clone())]));
            }
        }
    }
}
