//! FINGERPRINT: CRC-32 of the message so far, XORed with "STUN" (RFC 8489, 14.7).

use super::Attribute;

/// Whether a FINGERPRINT attribute is right and the last one.
pub(super) fn is_right(message: &[u8], attribute: &Attribute<'_>) -> bool {
    let end = attribute.offset + 4 + 4;
    attribute.value.len() == 4
        && end == message.len()
        && attribute.value == value(&message[..attribute.offset]).to_be_bytes()
}

/// The value for a message whose header already counts the attribute.
pub(super) fn value(message: &[u8]) -> u32 {
    crc32(message) ^ 0x5354_554E
}

/// CRC-32 of ITU V.42, eight bytes at a step: Send indications are as long
/// as media packets, and some clients put a fingerprint on each.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let low = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]) ^ crc;
        let [a, b, c, d] = low.to_le_bytes();
        crc = TABLES[7][usize::from(a)]
            ^ TABLES[6][usize::from(b)]
            ^ TABLES[5][usize::from(c)]
            ^ TABLES[4][usize::from(d)]
            ^ TABLES[3][usize::from(chunk[4])]
            ^ TABLES[2][usize::from(chunk[5])]
            ^ TABLES[1][usize::from(chunk[6])]
            ^ TABLES[0][usize::from(chunk[7])];
    }
    for &byte in chunks.remainder() {
        let [low, ..] = crc.to_le_bytes();
        crc = (crc >> 8) ^ TABLES[0][usize::from(low ^ byte)];
    }
    !crc
}

static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut i = 0;
    while i < 256 {
        let mut crc = i as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        tables[0][i] = crc;
        i += 1;
    }
    let mut step = 1;
    while step < 8 {
        let mut i = 0;
        while i < 256 {
            let before = tables[step - 1][i];
            tables[step][i] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            i += 1;
        }
        step += 1;
    }
    tables
}
