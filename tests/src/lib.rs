//! What the tests of the workspace as a whole share.

pub mod vectors;
pub mod workspace;
