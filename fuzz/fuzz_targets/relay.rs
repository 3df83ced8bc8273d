//! Scripts for the state machine of the relay.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    callbox_fuzz::play::run(bytes);
});
