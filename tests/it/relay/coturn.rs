//! The test client of Debian's coturn against our server.
