//! Who is calling.

use axum::extract::FromRequestParts;
use http::request::Parts;
use stratum_core::Timestamp;
use stratum_core::id::{TenantId, UserId};
use stratum_core::vocabulary::Role;
use uuid::Uuid;

use super::sources::SourceType;
use crate::db::Scope;
use crate::http::ApiError;

/// The caller of an operation that is not public, as [`super::guard`] found it. An extractor.
#[derive(Debug, Clone)]
pub struct Caller {
    pub(super) role: Role,
    pub(super) credential: Credential,
    pub(super) scope: Scope,
}

/// How the caller proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A person with an access token.
    User {
        /// Who.
        user_id: UserId,
        /// The tenant that the person belongs to; an operator may be visiting another.
        home: TenantId,
        /// The session of the token.
        session_id: Uuid,
        /// When the token ends.
        expires_at: Timestamp,
    },
    /// A source with its key.
    Source {
        /// Which source.
        source_id: Uuid,
        /// What kind of source.
        source_type: SourceType,
    },
}

impl Caller {
    /// In whose name this caller's transactions run.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The tenant that the call is about.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.scope.tenant
    }

    /// The caller's role. A source has none and counts as a viewer.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// How the caller proved who they are.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.credential
    }

    /// The person, if it is one.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        match self.credential {
            Credential::User { user_id, .. } => Some(user_id),
            Credential::Source { .. } => None,
        }
    }

    /// The person who answers for a decision; a program cannot.
    ///
    /// # Errors
    /// 403 `FORBIDDEN` for a source.
    pub fn person(&self) -> Result<UserId, ApiError> {
        self.user_id().ok_or_else(|| ApiError::forbidden("FORBIDDEN", "only a person may decide this"))
    }

    /// Holds a part of an operation to a higher role than the operation as a whole (such as releasing the kill switch).
    ///
    /// # Errors
    /// 403 `FORBIDDEN` below `least`.
    pub fn require(&self, least: Role) -> Result<(), ApiError> {
        if self.role >= least { Ok(()) } else { Err(forbidden(least)) }
    }
}

pub(super) fn forbidden(least: Role) -> ApiError {
    ApiError::forbidden("FORBIDDEN", format!("this needs the role {least} or a higher one"))
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| ApiError::unauthenticated("sign in first"))
    }
}
