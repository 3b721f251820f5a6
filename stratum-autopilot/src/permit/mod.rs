//! The right to apply one action once.
//!
//! A [`Permit`] has no public constructor. It is issued for one claimed action, on evidence that covers exactly this action:
//! a pass of the gate, or the audited override of an authorised person, and in either case the clearance of the tenant's
//! own limits. `AdPlatform::apply` takes it by value, so it is used once; a caller of the library cannot apply an action
//! that the gate did not pass, by construction.

mod issue;
#[cfg(test)]
mod tests;

pub use issue::{Permit, PermitBasis, PermitGround, PermitRefusal};
