//! The size of a JPEG picture, from its headers (ITU-T T.81, annex B).
//!
//! For browsers whose canvas cannot write WebP. Takes only what our client
//! sends: one still picture, with its JFIF header and a colour profile at
//! most. Anything else that the file could hold (Exif, comments, a second
//! picture, bytes after the end) makes it no picture.

/// Width and height in pixels.
pub(super) fn size(file: &[u8]) -> Option<(u32, u32)> {
    let mut rest = file.strip_prefix(&[MARK, SOI])?;
    let mut frame = None;
    let mut scanned = false;
    loop {
        let (&[MARK, kind], after) = rest.split_first_chunk::<2>()? else { return None };
        if kind == EOI {
            return frame.filter(|_| scanned && after.is_empty());
        }
        let (payload, after) = segment(after)?;
        rest = after;
        match kind {
            APP0 if frame.is_none() && payload.starts_with(b"JFIF\0") => {}
            APP2 if frame.is_none() && payload.starts_with(b"ICC_PROFILE\0") => {}
            DQT | DHT | DRI => {}
            SOF0 | SOF2 if frame.is_none() => frame = Some(sides(payload)?),
            SOS if frame.is_some() => {
                scanned = true;
                rest = after_scan(rest)?;
            }
            _ => return None,
        }
    }
}

/// A segment's payload, and what comes after it. The length counts itself.
fn segment(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)).checked_sub(2)?)
}

/// B.2.2: precision, then height and width. No height would mean that it comes later.
fn sides(payload: &[u8]) -> Option<(u32, u32)> {
    let &[8, h1, h0, w1, w0, ..] = payload else { return None };
    let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
    Some((side(w1, w0), side(h1, h0))).filter(|(width, height)| *width > 0 && *height > 0)
}

/// The first marker after the coded data: neither a stuffed byte nor a restart.
fn after_scan(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes
        .windows(2)
        .position(|pair| pair[0] == MARK && pair[1] != 0 && !(RST0..=RST7).contains(&pair[1]))?;
    bytes.get(end..)
}

const MARK: u8 = 0xff;
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const DRI: u8 = 0xdd;
const DHT: u8 = 0xc4;
const SOF0: u8 = 0xc0;
const SOF2: u8 = 0xc2;
const APP0: u8 = 0xe0;
const APP2: u8 = 0xe2;
const RST0: u8 = 0xd0;
const RST7: u8 = 0xd7;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{APP0, APP2, DHT, DQT, SOF0, SOF2, SOS, size};

    const SCAN: &[u8] = b"\x01coded\xff\x00data\xff\xd0more";

    fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8];
        for (kind, payload) in segments {
            file.extend_from_slice(&[0xff, *kind]);
            file.extend_from_slice(&(payload.len() as u16 + 2).to_be_bytes());
            file.extend_from_slice(payload);
            if *kind == SOS {
                file.extend_from_slice(SCAN);
            }
        }
        file.extend_from_slice(&[0xff, 0xd9]);
        file
    }

    fn frame(width: u16, height: u16) -> Vec<u8> {
        [&[8], &height.to_be_bytes()[..], &width.to_be_bytes(), &[1, 1, 0x11, 0]].concat()
    }

    #[test]
    fn the_size_is_in_the_header() {
        let frame = frame(512, 300);
        let plain = [
            (APP0, &b"JFIF\0\x01\x01"[..]),
            (APP2, b"ICC_PROFILE\0\x01\x01"),
            (DQT, &[0; 65]),
            (SOF0, &frame),
            (DHT, &[0; 30]),
            (SOS, &[1, 1, 0, 0, 63, 0]),
        ];
        assert_eq!(size(&jpeg(&plain)), Some((512, 300)));
        let progressive = [(SOF2, &frame[..]), (SOS, &[1]), (DHT, &[0; 9]), (SOS, &[1])];
        assert_eq!(size(&jpeg(&progressive)), Some((512, 300)));
    }

    #[test]
    fn h78_other_files_are_no_pictures() {
        let frame = frame(8, 8);
        let good = jpeg(&[(SOF0, &frame), (SOS, &[1])]);
        assert_eq!(size(&good), Some((8, 8)));
        let polyglot = [&good[..], b"<script>alert(1)</script>"].concat();
        let second = [&good[..], &good].concat();
        let cut = &good[..good.len() - 1];
        let exif = jpeg(&[(0xe1, b"Exif\0\0place"), (SOF0, &frame), (SOS, &[1])]);
        let comment = jpeg(&[(0xfe, b"<svg/>"), (SOF0, &frame), (SOS, &[1])]);
        let disguised = jpeg(&[(APP0, b"<html>"), (SOF0, &frame), (SOS, &[1])]);
        let empty = jpeg(&[(SOF0, &frame)]);
        for file in [&polyglot[..], &second, cut, &exif, &comment, &disguised, &empty, b"\xff\xd8"]
        {
            assert_eq!(size(file), None, "{}", file.escape_ascii());
        }
    }

    #[test]
    fn h79_hidden_sizes_are_no_pictures() {
        let (small, large) = (frame(8, 8), frame(60_000, 60_000));
        assert_eq!(size(&jpeg(&[(SOF0, &small), (SOF0, &large), (SOS, &[1])])), None);
        assert_eq!(size(&jpeg(&[(SOF0, &frame(8, 0)), (SOS, &[1]), (0xdc, &[0xea, 0x60])])), None);
    }

    proptest! {
        #[test]
        fn h78_no_file_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = size(&bytes);
            let _ = size(&[b"\xff\xd8", &bytes[..]].concat());
            for kind in [APP0, SOF0, SOS] {
                let _ = size(&jpeg(&[(kind, &bytes)]));
            }
        }
    }
}
