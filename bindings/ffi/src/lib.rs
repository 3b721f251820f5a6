//! The one table of operations that every language exposes.
//!
//! A binding converts and decides nothing: it finds an operation in [`OPERATIONS`], hands in a request, and gives back the
//! response or every problem of the request. Text goes through [`call_json`], values through [`call_value`], columns through
//! [`Batch::run`], and Rust through [`typed`]; all of them end in the same function of the libraries.
//!
//! ```
//! let response = stratum_ffi::call_json("health.evaluate", r#"{"facts": {
//!     "tenant_id": "0198c9a0-0000-7000-8000-000000000001", "platform": "META", "now": "2026-03-01T12:00:00Z",
//!     "components": {"EMQ": 80, "API_HEALTH": 90, "EVENT_LOSS": 90, "PLATFORM_STABILITY": 100, "DATA_QUALITY": 100}
//! }}"#).unwrap();
//! assert!(response.contains(r#""score":88.5,"status":"HEALTHY""#));
//!
//! // All problems at once, each with its place.
//! let problems = stratum_ffi::call_json("health.evaluate", r#"{"facts": {"platform": "LINKEDIN"}}"#).unwrap_err();
//! let places: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
//! assert_eq!(places, ["/facts/tenant_id", "/facts/now", "/facts/platform"]);
//! ```
//!
//! | room | subject |
//! |---|---|
//! | [`table`] | the operations: name, request, response, function, columns |
//! | [`request`] | reading a request: the value, or every problem of it |
//! | [`batch`] | columns in, columns out |
//! | [`guard`](mod@guard) | a panic becomes a problem, and the next call works |
//! | [`hot`] | the hot operations without JSON: numbers in, numbers out |
//! | [`pilot`] | an autopilot for a platform on the other side of the border |
//! | [`operations`] | the request types, and how each operation calls the libraries |
//! | [`schema`] | JSON Schema of every request and response |
//!
//! # With the customer, and without
//!
//! What decides is small, and a browser downloads it before the first decision; what knows the customer is large. So the
//! operations below `customer:` in the table stand behind the feature `customer`, with `stratum-cdp`. Every
//! package has it but one, the small one for browsers, `@stratum-trust/wasm`. There such a name is refused by
//! `unknown_operation`, and the help says that it is in `@stratum-trust/wasm/full`.
//!
//! A new operation about the customer is a line below `customer:`, its types a line of the `use` behind
//! `#[cfg(feature = "customer")]` above the table, its file a line of the same kind in [`operations`]. The packages,
//! their types and their tests follow from that; `cargo check -p stratum-ffi --no-default-features` says whether a `cfg` is
//! missing.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod batch;
pub mod guard;
pub mod hot;
pub mod operations;
pub mod pilot;
pub mod request;
pub mod schema;
pub mod table;

pub use batch::Batch;
pub use guard::guard;
pub use table::{OF_THE_CUSTOMER, OPERATIONS, Op, call_json, call_value, find, find_batch, typed};
// A binding knows this package alone, so it reaches the libraries' types through it.
#[cfg(feature = "customer")]
pub use stratum_cdp;
pub use {stratum_autopilot, stratum_core};
