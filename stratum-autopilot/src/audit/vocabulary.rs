//! Who acts, and what can be audited.

use stratum_core::enumeration;

enumeration! {
    /// Who did it.
    pub enum ActorType "actor type" {
        /// A person.
        User = "USER",
        /// A program that signed in with a key.
        ApiKey = "API_KEY",
        /// A rule of the tenant.
        Rule = "RULE",
        /// The engine itself.
        System = "SYSTEM",
        /// The operator of the installation.
        Operator = "OPERATOR",
    }
}

/// Declares the vocabulary of interventions, and that of the whole audit as the same names and more.
macro_rules! audit_vocabulary {
    (
        interventions { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }
        others { $($(#[$other_doc:meta])* $other:ident = $other_text:literal,)+ }
    ) => {
        enumeration! {
            /// What enforcement, the gate or the engine did about an action.
            pub enum InterventionAction "intervention" {
                $($(#[$doc])* $variant = $text,)+
            }
        }

        enumeration! {
            /// What an audit entry is about: every intervention, and what people and programs do otherwise.
            pub enum AuditAction "audit action" {
                $($(#[$doc])* $variant = $text,)+
                $($(#[$other_doc])* $other = $other_text,)+
            }
        }

        impl AuditAction {
            /// The intervention that this is; `None` for everything else.
            #[must_use]
            pub const fn intervention(self) -> Option<InterventionAction> {
                match self {
                    $(Self::$variant => Some(InterventionAction::$variant),)+
                    $(Self::$other => None,)+
                }
            }
        }

        impl From<InterventionAction> for AuditAction {
            fn from(intervention: InterventionAction) -> Self {
                match intervention {
                    $(InterventionAction::$variant => Self::$variant,)+
                }
            }
        }
    };
}

audit_vocabulary! {
    interventions {
        /// Executed with an advisory violation.
        Warned = "WARNED",
        /// Stopped by a hard limit or by the gate.
        Blocked = "BLOCKED",
        /// A pause that enforcement asked for was applied.
        AutoPaused = "AUTO_PAUSED",
        /// An override was asked for, granted or refused.
        OverrideLogged = "OVERRIDE_LOGGED",
        /// Somebody was told.
        NotificationSent = "NOTIFICATION_SENT",
        /// A kill switch was engaged or released.
        KillSwitchChanged = "KILL_SWITCH_CHANGED",
        /// A limit or a mode was changed.
        SettingsChanged = "SETTINGS_CHANGED",
        /// A soft block asked for confirmation.
        ConfirmationIssued = "CONFIRMATION_ISSUED",
        /// A soft block was confirmed.
        Confirmed = "CONFIRMED",
        /// The gate was asked.
        GateEvaluated = "GATE_EVALUATED",
        /// An action was queued.
        Queued = "QUEUED",
        /// An action was approved.
        Approved = "APPROVED",
        /// An approval was taken back.
        Revoked = "REVOKED",
        /// An action was dismissed.
        Dismissed = "DISMISSED",
        /// An action waited too long.
        Expired = "EXPIRED",
        /// The engine is about to call the platform. Without this entry nothing is executed.
        Intent = "INTENT",
        /// An action was applied.
        Applied = "APPLIED",
        /// An action failed.
        Failed = "FAILED",
        /// The action that reverts this one was applied.
        RolledBack = "ROLLED_BACK",
    }
    others {
        /// Something was made.
        Create = "CREATE",
        /// Something was changed.
        Update = "UPDATE",
        /// Something was removed.
        Delete = "DELETE",
        /// Somebody signed in.
        Login = "LOGIN",
        /// Somebody could not sign in.
        LoginFailed = "LOGIN_FAILED",
        /// Somebody signed out.
        Logout = "LOGOUT",
        /// A draft or recommendation was approved.
        Approve = "APPROVE",
        /// A draft or recommendation was rejected.
        Reject = "REJECT",
        /// A draft was published, a recommendation executed.
        Execute = "EXECUTE",
        /// A person decided against the engine.
        Override = "OVERRIDE",
        /// A customer's consent changed.
        ConsentChanged = "CONSENT_CHANGED",
        /// Two profiles became one.
        Merged = "MERGED",
        /// A merge was taken back.
        Unmerged = "UNMERGED",
        /// An audience was synchronised.
        Synced = "SYNCED",
        /// Somebody's rights changed.
        PermissionChanged = "PERMISSION_CHANGED",
        /// Data left the system.
        Export = "EXPORT",
        /// Personal data were removed.
        Anonymize = "ANONYMIZE",
        /// An operator looked into a tenant.
        BreakGlass = "BREAK_GLASS",
    }
}
