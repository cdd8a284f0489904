//! Published files as answers: a strong entity tag, and 304 for whoever has the file already (RFC 9110 section 13).

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use utoipa::ToSchema;

use crate::service::File;

/// A binary file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub(super) struct FileBody(#[expect(dead_code, reason = "the shape for the document")] Vec<u8>);

/// Keeps the shared file alive while its bytes are on the wire, instead of copying them.
struct Wire(Arc<File>);

impl AsRef<[u8]> for Wire {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}

/// Answers with `file`, or with 304 where the caller has it.
pub(super) fn answer(file: Arc<File>, media_type: &'static str, request: &HeaderMap) -> Response {
    let etag = HeaderValue::try_from(&*file.etag).ok();
    let mut response = if has_it(request, &file.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static(media_type))];
        (content_type, Body::from(Bytes::from_owner(Wire(file)))).into_response()
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
        .headers_mut()
        .extend(etag.map(|etag| (header::ETAG, etag)));
    response
}

/// Whether `If-None-Match` names the file. The comparison is the weak one, as the RFC has it for this header.
fn has_it(request: &HeaderMap, etag: &str) -> bool {
    let values = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
