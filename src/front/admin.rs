//! The Unix socket for the command line. Whoever can open it, by the modes of
//! the data directory, may do what an admin may.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::UnixListener;
use tokio::sync::watch;

use crate::http::{self, State, Transport, Version, Wire};

/// The open socket; closed and its file removed when dropped.
#[derive(Debug)]
pub struct AdminSocket {
    file: PathBuf,
    stop: watch::Sender<bool>,
}

impl AdminSocket {
    /// Begins to accept on this file, in place of what an earlier run left there.
    pub fn start(file: &Path, state: Arc<State>) -> io::Result<Self> {
        if file.exists() {
            fs::remove_file(file)?;
        }
        let listener = UnixListener::bind(file)?;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(accept(listener, state, stopped));
        Ok(Self { file: file.to_owned(), stop })
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        // Left behind, it would be replaced at the next start.
        let _ = fs::remove_file(&self.file);
    }
}

async fn accept(listener: UnixListener, state: Arc<State>, mut stop: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let serving =
                    http::serve(Arc::clone(&state), stream, WIRE, Version::Http1, stop.clone());
                tokio::spawn(serving);
            }
            Err(error) => {
                tracing::warn!(%error, "the admin socket failed; only a restart brings it back");
                return;
            }
        }
    }
}

const WIRE: Wire = Wire {
    transport: Transport::Unix,
    client: IpAddr::V4(Ipv4Addr::LOCALHOST),
    local: IpAddr::V4(Ipv4Addr::LOCALHOST),
    elsewhere: None,
};
