//! The words of a device that asks to be let in: what stands for its public key
//! where a person has to type it.

use super::label;

/// The first 66 bits of the key's hash, then six zeros: six words of eleven bits.
#[must_use]
pub fn approval_tag(request: &[u8; 32]) -> [u8; 9] {
    let hash = label::hash("approval", &[request]);
    let mut tag = [0; 9];
    tag.copy_from_slice(&hash.as_bytes()[..9]);
    tag[8] &= 0b1100_0000;
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_66_bits_of_the_hash() {
        let hash = label::hash("approval", &[&[7; 32]]);
        let tag = approval_tag(&[7; 32]);
        assert_eq!(tag[..8], hash.as_bytes()[..8]);
        assert_eq!((tag[8] >> 6, tag[8] & 0x3f), (hash.as_bytes()[8] >> 6, 0));
        assert_ne!(tag, approval_tag(&[8; 32]));
    }
}
