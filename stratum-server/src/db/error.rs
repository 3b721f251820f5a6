//! What the database's errors mean to us.

/// The name of the constraint that a statement violated.
#[must_use]
pub fn constraint_of(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
}

/// Whether the connection, not the statement, was the trouble: the same read may succeed on another connection.
#[must_use]
pub fn is_connection_loss(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P01" | "57P02" | "57P03" | "08006" | "08003" | "08000"))
        }
        _ => false,
    }
}

/// Whether the same work may succeed a moment later: a lock that was held too long, a deadlock, no free connection.
pub(crate) fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("40001" | "40P01" | "55P03" | "57014" | "53300"))
        }
        other => is_connection_loss(other),
    }
}
