//! `GET /api/v1/console`: what the page must know before anybody has signed in.

use axum::extract::State;
use serde::Serialize;
use stratum_core::vocabulary::Role;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::demo;
use crate::http::Data;
use crate::state::AppState;

/// The operation.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(about))
}

/// What the page must know before anybody has signed in.
#[derive(Debug, Serialize, ToSchema)]
struct About {
    /// The version of the server.
    version: &'static str,
    /// What the server was told that it is, such as `production`.
    environment: String,
    /// The accounts of a demo server; null on every other.
    demo: Option<DemoAccounts>,
}

/// Accounts that anybody may use: what they protect is generated.
#[derive(Debug, Serialize, ToSchema)]
struct DemoAccounts {
    /// The password of all of them.
    password: &'static str,
    /// From the most to the least.
    accounts: Vec<DemoAccount>,
}

/// One account.
#[derive(Debug, Serialize, ToSchema)]
struct DemoAccount {
    /// The address to sign in with.
    email: &'static str,
    /// Whose it is.
    name: &'static str,
    /// The role.
    #[schema(value_type = String, example = "MANAGER")]
    role: Role,
    /// What the role may do.
    may: &'static str,
}

/// The version, and on a demo server the accounts to sign in with.
#[utoipa::path(get, path = "/api/v1/console", tag = "system",
    responses((status = 200, description = "Known to everybody", body = inline(Data<About>))))]
async fn about(State(state): State<AppState>) -> Data<About> {
    let demo = state.config.demo.then(|| DemoAccounts {
        password: demo::PASSWORD,
        accounts: demo::PEOPLE
            .iter()
            .map(|person| DemoAccount {
                email: person.email,
                name: person.name,
                role: person.role,
                may: person.may,
            })
            .collect(),
    });
    About { version: env!("CARGO_PKG_VERSION"), environment: state.config.environment.clone(), demo }.into()
}
