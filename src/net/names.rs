//! How the names of other computers are looked up.
//!
//! A static binary carries the C library of the computer it was built on. For a look-up that library
//! loads the modules named in `/etc/nsswitch.conf`, and these belong to another version of it: on
//! Debian 13 the process dies of that. `hosts` and DNS need no module.

/// Has names looked up in `/etc/hosts` and by DNS alone, where anything else would be fatal.
///
/// Must be called before the process has a second thread.
pub fn settle() {
    #[cfg(all(target_os = "linux", target_env = "gnu", target_feature = "crt-static"))]
    lookup::settle();
}

#[cfg(all(target_os = "linux", target_env = "gnu", target_feature = "crt-static"))]
#[allow(unsafe_code)]
mod lookup {
    use std::ffi::{CStr, c_char, c_int};

    unsafe extern "C" {
        fn __nss_configure_lookup(database: *const c_char, services: *const c_char) -> c_int;
    }

    pub(super) fn settle() {
        for (database, services) in SERVICES {
            // SAFETY: both are strings that live for ever, and nobody looks anything up yet.
            let status = unsafe { __nss_configure_lookup(database.as_ptr(), services.as_ptr()) };
            assert_eq!(status, 0, "the C library knows its own databases");
        }
    }

    const SERVICES: [(&CStr, &CStr); 2] = [(c"hosts", c"files dns"), (c"services", c"files")];
}
