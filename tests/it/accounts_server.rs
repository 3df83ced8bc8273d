//! The API on its own, without the gates in front of it.

use std::net::SocketAddr;
use std::sync::Arc;

use callbox::http::{Auth, Channel, Context, Request, Setup, State, state::now};
use callbox::hub;
use callbox::pure::auth::{attempts::Limits, relay::Keys};
use callbox::store::Store;
use hyper::service::service_fn;
use tokio::net::TcpListener;

pub struct TestServer {
    pub address: SocketAddr,
    pub data: tempfile::TempDir,
    pub state: Arc<State>,
}

impl TestServer {
    pub async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(&data.path().join("callbox.db")).unwrap();
        let directory = store.directory().await.unwrap();
        let install = directory.install_id.clone();
        let relay = hub::Relay {
            keys: Keys::new(&[1; 32], None),
            urls: vec![],
            revocations: tokio::sync::mpsc::unbounded_channel().0,
        };
        let hub = hub::start(store.clone(), directory, relay, hub::Limits::default());
        let auth = Auth::open(data.path(), install, Limits::default()).unwrap();
        let setup = Setup::open(data.path(), now()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state =
            State::new(store, hub, auth, setup, format!("http://localhost:{}", address.port()));
        let state = Arc::new(state);
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let state = shared.clone();
                let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                    let state = state.clone();
                    async move {
                        let context = Context {
                            channel: Channel::Loopback,
                            client: peer.ip(),
                            authority: format!("localhost:{}", address.port()),
                        };
                        let path = request.uri().path().to_owned();
                        let request = Request::new(context, request);
                        let path = path.strip_prefix("/api/v1").unwrap();
                        Ok::<_, std::convert::Infallible>(
                            state.api.answer(state.clone(), path, request).await,
                        )
                    }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(hyper_util::rt::TokioIo::new(stream), service),
                );
            }
        });
        Self { address, data, state }
    }
}
