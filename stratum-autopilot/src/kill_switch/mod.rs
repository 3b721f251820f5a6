//! The kill switch: while it is engaged nothing is approved, confirmed or claimed.
//!
//! A tenant engages its own; an operator can stop one platform, or everything, for all tenants. Every engaged switch that
//! concerns a change blocks it (row 2 of the gate), pauses included. Queueing goes on, and a change that was sent to a
//! platform already is not interrupted: its result is recorded.
//!
//! ```
//! use stratum_autopilot::kill_switch::{KillSwitches, Scope};
//! use stratum_core::vocabulary::{Platform, Role};
//!
//! let mut switches = KillSwitches::default();
//! assert!(switches.engage(Scope::Tenant, Role::Manager, "spend doubled within an hour").unwrap());
//! assert!(!switches.engage(Scope::Tenant, Role::Manager, "again").unwrap()); // engaged already: nothing changed
//! assert!(switches.engaged_for(Platform::Meta));
//! assert!(switches.release(Scope::Tenant, Role::Manager, "all is well").is_err()); // an admin releases, with a reason
//! assert!(switches.release(Scope::Tenant, Role::Admin, "budgets corrected").unwrap());
//! assert!(!switches.engaged_for(Platform::Meta));
//! ```

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use stratum_core::enumeration;
use stratum_core::vocabulary::{Platform, Role};

/// What a switch stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "scope", content = "platform")]
pub enum Scope {
    /// Every change of the tenant.
    Tenant,
    /// Every change of every tenant; an operator's.
    AllTenants,
    /// Every change on one platform in all tenants; an operator's.
    Platform(Platform),
}

impl Scope {
    /// The least role that engages this switch.
    #[must_use]
    pub const fn engaged_by(self) -> Role {
        match self {
            Self::Tenant => Role::Manager,
            Self::AllTenants | Self::Platform(_) => Role::Superadmin,
        }
    }

    /// The least role that releases it: stopping is easier than starting again.
    #[must_use]
    pub const fn released_by(self) -> Role {
        match self {
            Self::Tenant => Role::Admin,
            Self::AllTenants | Self::Platform(_) => Role::Superadmin,
        }
    }

    const fn needs_reason_to_engage(self) -> bool {
        !matches!(self, Self::Tenant)
    }
}

enumeration! {
    /// Why a switch was not turned.
    pub enum SwitchRefusal "refusal of the kill switch" {
        /// The person's role does not reach.
        RoleTooLow = "ROLE_TOO_LOW",
        /// Releasing a switch, and stopping other tenants, needs a reason.
        ReasonMissing = "REASON_MISSING",
    }
}

impl std::error::Error for SwitchRefusal {}

/// The switches that concern one tenant: its own and the operators'.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct KillSwitches {
    /// The tenant's own.
    pub tenant: bool,
    /// That of all tenants.
    pub all_tenants: bool,
    /// Those of single platforms in all tenants.
    pub platforms: BTreeSet<Platform>,
}

impl KillSwitches {
    /// Whether a change on this platform is stopped.
    #[must_use]
    pub fn engaged_for(&self, platform: Platform) -> bool {
        self.tenant || self.all_tenants || self.platforms.contains(&platform)
    }

    /// Whether a switch is engaged.
    #[must_use]
    pub fn is_engaged(&self, scope: Scope) -> bool {
        match scope {
            Scope::Tenant => self.tenant,
            Scope::AllTenants => self.all_tenants,
            Scope::Platform(platform) => self.platforms.contains(&platform),
        }
    }

    /// Engages a switch. Gives whether anything changed: engaging twice is no error, and is not audited twice.
    ///
    /// # Errors
    /// [`SwitchRefusal`].
    pub fn engage(&mut self, scope: Scope, role: Role, reason: &str) -> Result<bool, SwitchRefusal> {
        if role < scope.engaged_by() {
            return Err(SwitchRefusal::RoleTooLow);
        }
        if scope.needs_reason_to_engage() && reason.trim().is_empty() {
            return Err(SwitchRefusal::ReasonMissing);
        }
        Ok(self.set(scope, true))
    }

    /// Releases a switch. Gives whether anything changed.
    ///
    /// # Errors
    /// [`SwitchRefusal`].
    pub fn release(&mut self, scope: Scope, role: Role, reason: &str) -> Result<bool, SwitchRefusal> {
        if role < scope.released_by() {
            return Err(SwitchRefusal::RoleTooLow);
        }
        if reason.trim().is_empty() {
            return Err(SwitchRefusal::ReasonMissing);
        }
        Ok(self.set(scope, false))
    }

    fn set(&mut self, scope: Scope, engaged: bool) -> bool {
        let slot = match scope {
            Scope::Tenant => &mut self.tenant,
            Scope::AllTenants => &mut self.all_tenants,
            Scope::Platform(platform) => {
                return if engaged {
                    self.platforms.insert(platform)
                } else {
                    self.platforms.remove(&platform)
                };
            }
        };
        std::mem::replace(slot, engaged) != engaged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_switch_stops_that_platform_alone() {
        let mut switches = KillSwitches::default();
        let scope = Scope::Platform(Platform::Tiktok);
        assert!(switches.engage(scope, Role::Superadmin, "outage").unwrap());
        assert!(switches.is_engaged(scope));
        assert!(switches.engaged_for(Platform::Tiktok));
        assert!(!switches.engaged_for(Platform::Meta));
        assert!(switches.release(scope, Role::Superadmin, "over").unwrap());
        assert!(!switches.release(scope, Role::Superadmin, "over").unwrap());
    }

    #[test]
    fn only_an_operator_with_a_reason_stops_all_tenants() {
        let mut switches = KillSwitches::default();
        let engage =
            |switches: &mut KillSwitches, role, reason| switches.engage(Scope::AllTenants, role, reason);
        assert_eq!(engage(&mut switches, Role::Admin, "outage"), Err(SwitchRefusal::RoleTooLow));
        assert_eq!(engage(&mut switches, Role::Superadmin, "  "), Err(SwitchRefusal::ReasonMissing));
        assert_eq!(engage(&mut switches, Role::Superadmin, "outage"), Ok(true));
        assert!(Platform::ALL.iter().all(|&platform| switches.engaged_for(platform)));
    }

    #[test]
    fn a_manager_stops_the_tenant_without_a_reason_and_an_admin_starts_it_with_one() {
        let mut switches = KillSwitches::default();
        assert_eq!(switches.engage(Scope::Tenant, Role::Analyst, ""), Err(SwitchRefusal::RoleTooLow));
        assert_eq!(switches.engage(Scope::Tenant, Role::Manager, ""), Ok(true));
        assert_eq!(switches.release(Scope::Tenant, Role::Admin, ""), Err(SwitchRefusal::ReasonMissing));
        assert_eq!(switches.release(Scope::Tenant, Role::Admin, "checked"), Ok(true));
    }
}
