//! HTTP as every room speaks it: one envelope, one error, one way to read bodies, queries and pages.
//!
//! A handler reads with [`Json`], [`Query`], [`ListQuery`] and [`Path`], fails with [`ApiError`], and answers with
//! [`Data`], [`Page`], [`Created`] or a bare status.

mod envelope;
mod error;
pub mod idempotency;
mod json;
pub mod limits;
mod listen;
mod middleware;
mod path;
mod problems;
mod query;

pub use envelope::{Accepted, Created, Data, Page, WrittenPage};
pub use error::{ApiError, Detail};
pub use json::Json;
pub use listen::{ClientAddress, Listener, Settings as ListenSettings};
pub use middleware::{RequestId, layer};
pub use path::Path;
pub use problems::read as read_value;
pub use query::{ListParams, ListQuery, Paging, Query, Sort};
