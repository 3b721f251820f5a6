//! Whether a person may approve an action. That the person has the role for it is the caller's to check.

use stratum_core::enumeration;
use stratum_core::id::UserId;

use super::ApprovalSettings;
use crate::action::{Action, Origin};
use crate::enforcement::{Confirmation, EnforcementCheck, EnforcementMode};

enumeration! {
    /// Why a person may not approve an action.
    pub enum PersonRefusal "refusal of an approval" {
        /// A kill switch is engaged.
        KillSwitchActive = "KILL_SWITCH_ACTIVE",
        /// The person queued the action by hand, and four eyes are asked for.
        SelfApproval = "SELF_APPROVAL",
        /// A hard limit forbids the change; nobody can confirm it.
        EnforcementBlocked = "ENFORCEMENT_BLOCKED",
        /// A limit is violated that the person must confirm first.
        ConfirmationRequired = "ENFORCEMENT_CONFIRMATION_REQUIRED",
    }
}

impl std::error::Error for PersonRefusal {}

/// Whether a person may approve an action. `check` is made now; `confirmation` is one that was attached to this action.
///
/// The gate is not asked: an approved action waits until it passes, or expires.
///
/// # Errors
/// The first of [`PersonRefusal`] that holds, in the order of its values.
pub fn by_person(
    settings: &ApprovalSettings,
    action: &Action,
    user_id: UserId,
    frozen: bool,
    check: &EnforcementCheck,
    confirmation: Option<&Confirmation>,
) -> Result<(), PersonRefusal> {
    if frozen {
        return Err(PersonRefusal::KillSwitchActive);
    }
    if settings.four_eyes && action.origin() == Origin::Manual && action.created_by() == Some(user_id) {
        return Err(PersonRefusal::SelfApproval);
    }
    if check.mode == EnforcementMode::HardBlock {
        return Err(PersonRefusal::EnforcementBlocked);
    }
    let confirmed = check
        .of_mode(EnforcementMode::SoftBlock)
        .all(|violation| confirmation.is_some_and(|given| given.covers(action, violation)));
    if confirmed { Ok(()) } else { Err(PersonRefusal::ConfirmationRequired) }
}
