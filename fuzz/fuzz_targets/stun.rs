//! Bytes for the codec.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| callbox_fuzz::stun::run(bytes));
