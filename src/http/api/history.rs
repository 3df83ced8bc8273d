//! Pages of a conversation's history.

use std::sync::Arc;

use crate::http::answer::{self, Answer};
use crate::http::{Request, State};
use crate::pure::wire::api::History;
use crate::pure::wire::{ApiError, Blob, ConversationId, ErrorCode, Seq, limits};
use crate::store::Range;

/// `GET /conversations/{id}/entries`
pub(super) async fn page(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let conversation: ConversationId = request.parameter(0)?;
    let limit = request.query("limit")?.unwrap_or(limits::PAGE_ENTRIES);
    if !(1..=limits::PAGE_ENTRIES).contains(&limit) {
        return Err(ApiError::new(ErrorCode::BadRequest, "limit is 1 to 100"));
    }
    let range = match (seq(&request, "before")?, seq(&request, "after")?) {
        (None, None) => Range::Newest,
        (Some(seq), None) => Range::Before(seq),
        (None, Some(seq)) => Range::After(seq),
        (Some(_), Some(_)) => {
            return Err(ApiError::new(ErrorCode::BadRequest, "either before or after"));
        }
    };
    let page = state.store.history(conversation, session.account.id, range, limit).await?;
    // To strangers a conversation is as if it did not exist.
    let page = page.ok_or(ApiError::new(ErrorCode::NotFound, "no such thing"))?;
    let before = Blob::from(page.before.0.as_bytes().to_vec());
    Ok(answer::json(&History { entries: page.entries, before, more: page.more }))
}

/// A sequence number, within what JavaScript's numbers hold exactly.
fn seq(request: &Request, key: &str) -> Result<Option<Seq>, ApiError> {
    match request.query::<u64>(key)? {
        Some(seq) if seq >= 1 << 53 => {
            Err(ApiError::new(ErrorCode::BadRequest, "no such sequence number"))
        }
        seq => Ok(seq.map(Seq)),
    }
}
