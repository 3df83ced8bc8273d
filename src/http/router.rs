//! A table of routes: method and path to handler.
//!
//! Paths are matched segment by segment, as they stand; `{}` takes any one
//! segment. Nothing is decoded, so `%2e%2e` is a segment like any other.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode, header};

use super::answer::{self, Answer, Response};
use super::request::Request;
use super::state::State;
use crate::pure::wire::{ApiError, ErrorCode};

/// Routes below a common prefix.
#[derive(Default)]
pub struct Router {
    routes: Vec<Route>,
}

struct Route {
    method: Method,
    path: &'static str,
    before_setup: bool,
    handler: Handler,
}

type Handler =
    Box<dyn Fn(Arc<State>, Request) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

impl Router {
    /// A table without routes: everything is 404.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a route, such as `GET`, `/devices/{}`.
    pub fn on<H, F>(mut self, method: Method, path: &'static str, handler: H) -> Self
    where
        H: Fn(Arc<State>, Request) -> F + Send + Sync + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        let handler: Handler = Box::new(move |state, request| Box::pin(handler(state, request)));
        self.routes.push(Route { method, path, before_setup: false, handler });
        self
    }

    /// Opens the route added last to a server that is not set up yet.
    pub fn before_setup(mut self) -> Self {
        self.routes.last_mut().expect("a route was added before").before_setup = true;
        self
    }

    /// Finds the route for this path (without the prefix) and runs its handler.
    pub async fn answer(&self, state: Arc<State>, path: &str, mut request: Request) -> Response {
        let matching = || self.routes.iter().filter_map(|r| Some((r, parameters(r.path, path)?)));
        let method = &request.head.method;
        let found = matching().find(|(route, _)| route.method == *method);
        if state.setup.required() && found.as_ref().is_none_or(|(route, _)| !route.before_setup) {
            return answer::error(ApiError::new(ErrorCode::SetupRequired, "not set up yet"));
        }
        let Some((route, parameters)) = found else {
            let methods: Vec<_> = matching().map(|(route, _)| route.method.as_str()).collect();
            return refused(&methods);
        };
        request.set_parameters(parameters);
        (route.handler)(state, request).await.unwrap_or_else(answer::error)
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.routes.iter().map(|r| (&r.method, r.path))).finish()
    }
}

/// 404, or 405 with the methods that exist.
fn refused(methods: &[&str]) -> Response {
    if methods.is_empty() {
        return answer::error(ApiError::new(ErrorCode::NotFound, "no such route"));
    }
    let mut response = answer::error(ApiError::new(ErrorCode::BadRequest, "no such method here"));
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    let allow = HeaderValue::from_str(&methods.join(", ")).expect("methods are header text");
    response.headers_mut().insert(header::ALLOW, allow);
    response
}

/// What the `{}` of the pattern stand for, when the path fits it.
fn parameters(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        if expected == "{}" {
            found.push(segment.to_owned());
        } else if expected != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn paths_fit_whole_segments_only() {
        let found = |path| parameters("/a/{}/b/{}", path);
        assert_eq!(found("/a/1/b/x%2fy"), Some(vec!["1".into(), "x%2fy".into()]));
        for path in ["/a/1/b", "/a/1/b/2/", "/a/1/b/2/c", "/A/1/b/2", "//a/1/b/2", ""] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
