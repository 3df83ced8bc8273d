//! How much a plaintext is padded, so that its length says little: 0x80, then
//! zeros to a multiple of 64 up to 1 KiB, beyond that by Padmé (at most 12 %).

/// Bytes of the padded plaintext for this many bytes of plaintext.
pub const fn padded_len(plain: usize) -> usize {
    round_up(plain + 1)
}

/// Whether some plaintext is padded to this many bytes.
pub const fn is_padded_len(length: usize) -> bool {
    length > 0 && round_up(length) == length
}

const fn round_up(length: usize) -> usize {
    if length <= FINE {
        return length.next_multiple_of(STEP);
    }
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    length.next_multiple_of(1 << (exponent - kept))
}

const STEP: usize = 64;
const FINE: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_padded_in_steps() {
        for (plain, padded) in
            [(0, 64), (63, 64), (64, 128), (1023, 1024), (1024, 1088), (40_000, 40_960)]
        {
            assert_eq!(padded_len(plain), padded, "{plain}");
        }
    }

    #[test]
    fn padding_adds_little_and_is_its_own_fixed_point() {
        for plain in 0..70_000 {
            let padded = padded_len(plain);
            assert!(padded > plain && is_padded_len(padded));
            assert!(plain < 1024 || (padded - plain) * 100 <= plain * 12, "{plain} {padded}");
        }
        for length in [0, 1, 63, 65, 1025, 40_961] {
            assert!(!is_padded_len(length));
        }
    }
}
