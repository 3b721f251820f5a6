-- Actions, the limits they are held to, and the switches that stop them.

CREATE TABLE autopilot_settings (
    tenant_id uuid PRIMARY KEY REFERENCES tenant,
    mode text NOT NULL DEFAULT 'APPROVAL_REQUIRED'
        CHECK (mode IN ('SUGGEST_ONLY', 'GUARDED_AUTO', 'APPROVAL_REQUIRED')),
    four_eyes boolean NOT NULL DEFAULT false,
    auto_approve_types text[] NOT NULL,
    action_ttl_hours integer NOT NULL DEFAULT 24 CHECK (action_ttl_hours BETWEEN 1 AND 72),
    -- The tenant's own kill switch, and who turned it last, either way.
    frozen boolean NOT NULL DEFAULT false,
    frozen_reason text,
    frozen_by uuid,
    frozen_at timestamptz,
    -- The operators' switches as they concern this tenant: everything, or single platforms.
    operator_frozen boolean NOT NULL DEFAULT false,
    operator_frozen_platforms text[] NOT NULL DEFAULT '{}',
    mode_changed_by uuid,
    mode_changed_at timestamptz,
    updated_at timestamptz NOT NULL
);
SELECT stratum_protect('autopilot_settings', 'SELECT, INSERT, UPDATE');

-- `settings` is the library's EnforcementSettings without the custom rules, null where the defaults are in force; `rules`
-- are the custom rules in the order of their names: [{"rule": …, "created_at": …}]. All in one row, because every check
-- reads it.
CREATE TABLE enforcement_settings (
    tenant_id uuid PRIMARY KEY REFERENCES tenant,
    settings jsonb,
    updated_by uuid,
    updated_at timestamptz,
    rules jsonb NOT NULL DEFAULT '[]'
);
SELECT stratum_protect('enforcement_settings', 'SELECT, INSERT, UPDATE');

-- `action` is the library's Action; the columns beside it repeat what is asked for in queries.
CREATE TABLE action (
    tenant_id uuid NOT NULL REFERENCES tenant,
    action_id uuid NOT NULL,
    action_type text NOT NULL,
    platform text NOT NULL CHECK (platform IN ('META', 'GOOGLE', 'TIKTOK', 'SNAPCHAT')),
    entity_type text NOT NULL CHECK (entity_type IN ('CAMPAIGN', 'ADSET', 'CREATIVE')),
    entity_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('QUEUED', 'APPROVED', 'APPLYING', 'APPLIED', 'FAILED', 'DISMISSED')),
    status text NOT NULL CHECK (status IN ('QUEUED', 'APPROVED', 'APPLIED', 'FAILED', 'DISMISSED')),
    status_reason text,
    waiting_for text CHECK (waiting_for IN ('GATE', 'CONFIRMATION', 'KILL_SWITCH', 'MIN_INTERVAL', 'CHANGES_PER_DAY')),
    action jsonb NOT NULL,
    -- The newest enforcement result and gate decision, for the list.
    violations jsonb NOT NULL DEFAULT '[]',
    decision_id uuid,
    gate jsonb,
    confirmation jsonb,
    applied_value jsonb,
    error jsonb,
    pair_id uuid,
    reverts uuid,
    created_by uuid,
    approved_by uuid,
    dismissed_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    approved_at timestamptz,
    applied_at timestamptz,
    dismissed_at timestamptz,
    failed_at timestamptz,
    expires_at timestamptz,
    -- When the executor looks at it again.
    due_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, action_id)
);
CREATE INDEX action_by_time ON action (tenant_id, created_at DESC, action_id DESC);
CREATE INDEX action_of_entity ON action (tenant_id, platform, entity_type, entity_id, applied_at DESC);
CREATE INDEX action_due ON action (due_at) WHERE state IN ('QUEUED', 'APPROVED', 'APPLYING');
-- What reserves one of the tenant's changes of the day, and what used one up.
CREATE INDEX action_reserved ON action (tenant_id) WHERE state IN ('APPROVED', 'APPLYING');
CREATE INDEX action_applied ON action (tenant_id, applied_at) WHERE state = 'APPLIED';
-- One reversal per applied action.
CREATE UNIQUE INDEX action_reverted_once ON action (tenant_id, reverts)
    WHERE reverts IS NOT NULL AND state NOT IN ('FAILED', 'DISMISSED');
SELECT stratum_protect('action', 'SELECT, INSERT, UPDATE');
-- The executor asks which tenants have work; it reads nothing else of an action.
SELECT stratum_list('action', 'state, due_at');

CREATE TABLE action_transition (
    tenant_id uuid NOT NULL REFERENCES tenant,
    action_id uuid NOT NULL,
    seq integer NOT NULL,
    from_status text,
    to_status text NOT NULL,
    actor_id uuid,
    at timestamptz NOT NULL,
    note text,
    PRIMARY KEY (tenant_id, action_id, seq),
    FOREIGN KEY (tenant_id, action_id) REFERENCES action
);
SELECT stratum_protect('action_transition', 'SELECT, INSERT');

-- A confirmation token of a soft block: of the token only its hash.
CREATE TABLE confirmation_token (
    tenant_id uuid NOT NULL REFERENCES tenant,
    token_hash bytea NOT NULL,
    action_id uuid NOT NULL,
    token jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, action_id) REFERENCES action
);
SELECT stratum_protect('confirmation_token', 'SELECT, INSERT, UPDATE');

-- Background work that a request was answered 202 for.
CREATE TABLE job (
    tenant_id uuid NOT NULL REFERENCES tenant,
    job_id uuid NOT NULL,
    kind text NOT NULL,
    status text NOT NULL CHECK (status IN ('PENDING', 'RUNNING', 'COMPLETED', 'PARTIAL', 'FAILED', 'CANCELLED')),
    request jsonb NOT NULL,
    result jsonb,
    error jsonb,
    attempts integer NOT NULL DEFAULT 0,
    progress_pct integer CHECK (progress_pct BETWEEN 0 AND 100),
    due_at timestamptz NOT NULL,
    lease_until timestamptz,
    created_by uuid,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, job_id)
);
CREATE INDEX job_by_time ON job (tenant_id, created_at DESC, job_id DESC);
CREATE INDEX job_due ON job (due_at) WHERE status IN ('PENDING', 'RUNNING');
SELECT stratum_protect('job', 'SELECT, INSERT, UPDATE');
SELECT stratum_list('job', 'status, due_at, lease_until');
