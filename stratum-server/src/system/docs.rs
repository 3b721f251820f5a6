//! `/docs`, `/redoc` and `/openapi.json`. Everything comes out of the binary: no page loads anything from elsewhere.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, Info, OpenApi, OpenApiBuilder};
use utoipa_swagger_ui::Config;

use crate::auth::access::{self, Access};
use crate::http::{ApiError, Path};
use crate::state::AppState;

/// Completes the document that the rooms' operations make: title, credentials, and the least role of each operation.
#[must_use]
pub fn document(operations: OpenApi) -> OpenApi {
    let mut info = Info::new("Stratum", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "The trust layer for automated marketing: signal health, the gate, enforcement, permits and the audit chain. \
         Answers carry their content in `data` (lists with `meta`); errors are `{error: {code, message, details[]}}`."
            .to_owned(),
    );
    let mut document = OpenApiBuilder::from(operations).info(info).build();
    let components = document.components.get_or_insert_with(Components::new);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let source_key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-Source-Key")));
    components.add_security_scheme("source_key", source_key);
    for operation in access::all() {
        let Some(item) = document.paths.paths.get_mut(operation.path) else { continue };
        let slot = match operation.method.as_str() {
            "GET" => &mut item.get,
            "POST" => &mut item.post,
            "PUT" => &mut item.put,
            "PATCH" => &mut item.patch,
            "DELETE" => &mut item.delete,
            _ => continue,
        };
        if let Some(described) = slot {
            let (who, credentials) = match operation.access {
                Access::Public => ("Anybody.".to_owned(), &[][..]),
                Access::Role(least) => (format!("Role {least} or above."), &["bearer"][..]),
                Access::SourceKey { .. } => {
                    ("A source key, or role MANAGER or above.".to_owned(), &["source_key", "bearer"][..])
                }
            };
            let required =
                credentials.iter().map(|scheme| SecurityRequirement::new(*scheme, Vec::<String>::new()));
            described.security = Some(required.collect()).filter(|required: &Vec<_>| !required.is_empty());
            described.operation_id = Some(operation_id(operation.method.as_str(), operation.path));
            let text = described.description.take().unwrap_or_default();
            described.description = Some(format!("{text}\n\n{who}").trim().to_owned());
        }
    }
    document
}

/// An id that no other operation has, from what is unique about one. (Handlers share names: each room has its `list`.)
fn operation_id(method: &str, path: &str) -> String {
    let parts = path.trim_start_matches("/api/v1").replace("/tenant/{tenant_id}", "");
    let words = parts.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(method.to_ascii_lowercase(), |id, word| format!("{id}_{word}"))
}

/// The pages, with the document as they show it.
///
/// # Errors
/// When the document does not serialize.
pub fn routes(document: &OpenApi) -> anyhow::Result<Router<AppState>> {
    let json: Arc<str> = document.to_json()?.into();
    let page: Arc<str> = reference(document).into();
    let config = Arc::new(Config::from("/openapi.json"));
    let assets = Arc::clone(&config);
    Ok(Router::new()
        .route(
            "/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], json.to_string()) }),
        )
        .route("/docs", get(|| async { Redirect::permanent("/docs/") }))
        .route("/docs/", get(move || async move { asset("index.html", config) }))
        .route("/docs/{*rest}", get(move |Path(rest): Path<String>| async move { asset(&rest, assets) }))
        .route("/redoc", get(move || async move { html(page.to_string()) })))
}

fn asset(path: &str, config: Arc<Config<'static>>) -> Result<Response, ApiError> {
    match utoipa_swagger_ui::serve(path, config) {
        Ok(Some(file)) => {
            let kind = HeaderValue::try_from(file.content_type).map_err(ApiError::internal)?;
            let mut response = (StatusCode::OK, file.bytes.into_owned()).into_response();
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, page_policy());
            Ok(response)
        }
        Ok(None) => Err(ApiError::not_found("page")),
        Err(error) => Err(ApiError::internal(error)),
    }
}

fn html(text: String) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, page_policy());
    response
}

/// Pages may use what this server sends, and nothing else.
fn page_policy() -> HeaderValue {
    HeaderValue::from_static(
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    )
}

/// A plain reference of all operations, readable without a script.
fn reference(document: &OpenApi) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Stratum API reference</title><style>\
         body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
         code{background:#f2f2f4;padding:.1em .3em}h2{margin-top:2.5rem;font-size:1.05rem}\
         .m{font-weight:700}td{vertical-align:top;padding:.15rem .8rem .15rem 0}</style>\
         <h1>Stratum API reference</h1><p>Try the operations in <a href=\"/docs/\">/docs</a>; the machine-readable \
         description is <a href=\"/openapi.json\">/openapi.json</a>.</p>",
    );
    for (path, item) in &document.paths.paths {
        let operations = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            page.push_str(&format!(
                "<h2><span class=\"m\">{method}</span> <code>{}</code></h2>",
                escape(path)
            ));
            for text in [&operation.summary, &operation.description].into_iter().flatten() {
                page.push_str(&format!("<p>{}</p>", escape(text)));
            }
            page.push_str("<table>");
            for (status, response) in &operation.responses.responses {
                let text = match response {
                    utoipa::openapi::RefOr::T(response) => response.description.as_str(),
                    utoipa::openapi::RefOr::Ref(_) => "",
                };
                page.push_str(&format!("<tr><td>{}<td>{}", escape(status), escape(text)));
            }
            page.push_str("</table>");
        }
    }
    page.push_str("</html>");
    page
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
