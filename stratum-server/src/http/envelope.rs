//! The envelope of every success: `{"data": …}`, and `meta` beside it for lists.

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Paging;

/// 200 with one object.
#[derive(Debug, Serialize, ToSchema)]
pub struct Data<T> {
    /// The object.
    pub data: T,
}

/// Shorthand for [`Data`]'s only field.
impl<T> From<T> for Data<T> {
    fn from(data: T) -> Self {
        Self { data }
    }
}

impl<T: Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// 200 with one page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows of this page; empty past the end.
    pub data: Vec<T>,
    /// Which page of how many rows.
    pub meta: Meta,
}

/// Which page of how many rows.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Meta {
    /// The page, from 1.
    pub page: u32,
    /// Rows per page, 1 to 200.
    pub per_page: u32,
    /// All rows of the list, over all pages.
    pub total: i64,
}

impl<T> Page<T> {
    /// The page that `paging` asked for.
    #[must_use]
    pub fn new(rows: Vec<T>, total: i64, paging: Paging) -> Self {
        Self { data: rows, meta: Meta { page: paging.page, per_page: paging.per_page, total } }
    }
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// As [`Page`], of rows that are written out already: a JSON array.
#[derive(Debug)]
pub struct WrittenPage {
    rows: Arc<str>,
    meta: Meta,
}

impl WrittenPage {
    /// The page that `paging` asked for.
    #[must_use]
    pub fn new(rows: Arc<str>, total: i64, paging: Paging) -> Self {
        Self { rows, meta: Meta { page: paging.page, per_page: paging.per_page, total } }
    }
}

impl IntoResponse for WrittenPage {
    fn into_response(self) -> Response {
        let Meta { page, per_page, total } = self.meta;
        let meta = format!("{{\"page\":{page},\"per_page\":{per_page},\"total\":{total}}}");
        let body = ["{\"data\":", &self.rows, ",\"meta\":", &meta, "}"].concat();
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

/// 201 with the new object and where it is.
#[derive(Debug)]
pub struct Created<T> {
    /// The path of the new object.
    pub location: String,
    /// The object.
    pub data: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(Data { data: self.data })).into_response();
        if let Ok(location) = HeaderValue::try_from(self.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// 202: taken, to be done later.
#[derive(Debug)]
pub struct Accepted<T>(
    /// What is known so far.
    pub T,
);

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(Data { data: self.0 })).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_that_is_written_out_reads_like_any_other() {
        let paging = Paging { page: 3, per_page: 2 };
        let bytes = async |response: Response| {
            let (parts, body) = response.into_parts();
            (parts.headers, axum::body::to_bytes(body, 1000).await.unwrap())
        };
        let plain = bytes(Page::new(vec!["a", "b"], 7, paging).into_response()).await;
        let written = bytes(WrittenPage::new("[\"a\",\"b\"]".into(), 7, paging).into_response()).await;
        assert_eq!(plain, written);
    }
}
