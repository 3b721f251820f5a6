//! Answers for whatever no operation has: a file of the page, the page itself for its own addresses, or 404.

use std::sync::LazyLock;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use sha2::{Digest as _, Sha256};

use super::files::Files;
use crate::http::ApiError;

/// Nothing from elsewhere, and nothing inline. WebAssembly decides in the page. The one hash is that of the rule by which
/// React Aria lets a finger pan over what can be pressed.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self' 'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o='; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

/// Paths that belong to operations: an unknown one below them is an error for programs, not a page for people.
const OPERATIONS: &[&str] = &["api", "docs", "redoc", "openapi.json", "health", "ready", "metrics", "ws"];

/// What is shown where the page was not built.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Stratum</title>\
    <h1>The server runs, its console was not built</h1>\
    <p>Run <code>make console</code> (it needs Node.js 20 or newer), then start the server again.</p>\
    <p>The API is described at <a href=\"/docs/\">/docs</a>.</p></html>";

static FILES: LazyLock<Files> = LazyLock::new(Files::of_this_binary);

/// The last resort of the router.
pub async fn fallback(request: Request) -> Response {
    answer(&FILES, request.method(), request.uri().path(), request.headers())
}

pub(super) fn answer(files: &Files, method: &Method, path: &str, headers: &HeaderMap) -> Response {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if !matches!(*method, Method::GET | Method::HEAD) || OPERATIONS.contains(&first) {
        return ApiError::not_found("path").into_response();
    }
    if !path.ends_with(".br")
        && !path.ends_with(".gz")
        && let Some(found) = file(files, path, headers)
    {
        return found;
    }
    // An address of a room, as the page's own links make them; a file that is gone is not.
    let last = path.rsplit('/').next().unwrap_or_default();
    let of_the_page = path == "/" || (accepts_html(headers) && !last.contains('.'));
    if !of_the_page {
        return ApiError::not_found("path").into_response();
    }
    file(files, "/index.html", headers).unwrap_or_else(|| {
        let mut response =
            (StatusCode::OK, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], NOT_BUILT).into_response();
        protect(response.headers_mut());
        response
    })
}

fn file(files: &Files, path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = files.read(path)?;
    let tag = HeaderValue::try_from(format!("\"{}\"", hex::encode(Sha256::digest(&plain)))).ok()?;
    let packed = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(coding, _)| accepts_coding(headers, coding))
        .find_map(|(coding, ending)| Some((coding, files.read(&format!("{path}{ending}"))?)));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| mentions(known, &tag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let (coding, bytes) = packed.map_or((None, plain), |(coding, bytes)| (Some(coding), bytes));
        let mut response = axum::body::Body::from(bytes.into_owned()).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)));
        if let Some(coding) = coding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    };
    // Vite puts a hash of the content into the names below /assets.
    let keep = if path.starts_with("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let set = response.headers_mut();
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    set.insert(header::ETAG, tag);
    set.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    protect(set);
    Some(response)
}

fn protect(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
}

fn mentions(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn accepts_coding(headers: &HeaderMap, coding: &str) -> bool {
    let accept = headers.get(header::ACCEPT_ENCODING).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| {
        accept.split(',').any(|one| {
            let mut parts = one.split(';').map(str::trim);
            parts.next() == Some(coding) && !parts.any(|part| part == "q=0")
        })
    })
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
