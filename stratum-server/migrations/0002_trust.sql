-- What health is judged by, what it was, and what the gate said of it.

-- A platform that a tenant uses. CONNECTED makes it count in the tenant's health, with or without data.
CREATE TABLE connection (
    tenant_id uuid NOT NULL REFERENCES tenant,
    platform text NOT NULL CHECK (platform IN ('META', 'GOOGLE', 'TIKTOK', 'SNAPCHAT')),
    status text NOT NULL CHECK (status IN ('CONNECTED', 'EXPIRED', 'ERROR', 'DISCONNECTED')),
    last_error text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform)
);
SELECT stratum_protect('connection', 'SELECT, INSERT, UPDATE');

CREATE TABLE campaign (
    tenant_id uuid NOT NULL REFERENCES tenant,
    campaign_id uuid NOT NULL,
    platform text NOT NULL CHECK (platform IN ('META', 'GOOGLE', 'TIKTOK', 'SNAPCHAT')),
    external_id text NOT NULL,
    ad_account_id uuid NOT NULL,
    name text NOT NULL,
    status text NOT NULL CHECK (status IN ('DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED', 'ARCHIVED')),
    objective text,
    labels text[] NOT NULL DEFAULT '{}',
    currency text NOT NULL,
    start_date date,
    end_date date,
    last_synced_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, campaign_id),
    UNIQUE (tenant_id, platform, external_id)
);
SELECT stratum_protect('campaign', 'SELECT, INSERT, UPDATE');

-- Campaigns, ad sets and creatives as the platform shows them: what an action changes.
CREATE TABLE entity (
    tenant_id uuid NOT NULL REFERENCES tenant,
    platform text NOT NULL CHECK (platform IN ('META', 'GOOGLE', 'TIKTOK', 'SNAPCHAT')),
    entity_type text NOT NULL CHECK (entity_type IN ('CAMPAIGN', 'ADSET', 'CREATIVE')),
    entity_id text NOT NULL,
    campaign_id uuid NOT NULL,
    name text,
    status text CHECK (status IN ('ACTIVE', 'PAUSED')),
    daily_budget_cents bigint CHECK (daily_budget_cents > 0),
    lifetime_budget_cents bigint CHECK (lifetime_budget_cents > 0),
    bid_cents bigint CHECK (bid_cents > 0),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform, entity_type, entity_id),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaign
);
CREATE INDEX entity_of_campaign ON entity (tenant_id, campaign_id);
SELECT stratum_protect('entity', 'SELECT, INSERT, UPDATE');

-- Daily figures, one row per entity and day; a row sent again replaces the one before.
CREATE TABLE daily_metric (
    tenant_id uuid NOT NULL REFERENCES tenant,
    campaign_id uuid NOT NULL,
    entity_type text NOT NULL CHECK (entity_type IN ('CAMPAIGN', 'ADSET', 'CREATIVE')),
    entity_id text NOT NULL,
    day date NOT NULL,
    impressions bigint NOT NULL CHECK (impressions >= 0),
    clicks bigint NOT NULL CHECK (clicks >= 0),
    conversions bigint NOT NULL CHECK (conversions >= 0),
    spend_cents bigint NOT NULL CHECK (spend_cents >= 0),
    revenue_cents bigint NOT NULL CHECK (revenue_cents >= 0),
    ga4_revenue_cents bigint CHECK (ga4_revenue_cents >= 0),
    ga4_conversions bigint CHECK (ga4_conversions >= 0),
    reach_7d bigint CHECK (reach_7d >= 0),
    stored_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, campaign_id, entity_type, entity_id, day),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaign
);
CREATE INDEX daily_metric_by_day ON daily_metric (tenant_id, day);
SELECT stratum_protect('daily_metric', 'SELECT, INSERT, UPDATE');

-- Measurements as they were pushed or collected.
CREATE TABLE signal (
    tenant_id uuid NOT NULL REFERENCES tenant,
    id uuid NOT NULL,
    -- The sender's id of the signal, or a digest of its content: the same one again is a duplicate.
    dedup_key text NOT NULL,
    signal_id text,
    type text NOT NULL CHECK (type IN ('METRIC', 'EVENT', 'WEBHOOK')),
    name text NOT NULL,
    platform text CHECK (platform IN ('META', 'GOOGLE', 'TIKTOK', 'SNAPCHAT')),
    value double precision,
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    attributes jsonb NOT NULL DEFAULT '{}',
    origin text NOT NULL CHECK (origin IN ('PUSHED', 'COLLECTOR')),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, dedup_key)
);
CREATE INDEX signal_by_name ON signal (tenant_id, platform, name, observed_at DESC);
CREATE INDEX signal_by_time ON signal (tenant_id, observed_at DESC, id DESC);
SELECT stratum_protect('signal', 'SELECT, INSERT');

-- The tenant's trust policy (TrustGateConfig) and the switches that stop everything. One row per tenant.
CREATE TABLE trust_settings (
    tenant_id uuid PRIMARY KEY REFERENCES tenant,
    policy jsonb NOT NULL,
    updated_by uuid,
    updated_at timestamptz NOT NULL
);
SELECT stratum_protect('trust_settings', 'SELECT, INSERT, UPDATE');

-- A stored evaluation of health. `snapshot` is the library's HealthSnapshot, `facts` the measurements it used.
CREATE TABLE health_snapshot (
    tenant_id uuid NOT NULL REFERENCES tenant,
    snapshot_id uuid NOT NULL,
    platform text NOT NULL CHECK (platform IN ('META', 'GOOGLE', 'TIKTOK', 'SNAPCHAT')),
    -- SCHEDULE is the five-minute cadence that the incident rules count; others are SIGNALS and REQUEST.
    trigger text NOT NULL CHECK (trigger IN ('SCHEDULE', 'SIGNALS', 'REQUEST')),
    score double precision NOT NULL CHECK (score >= 0 AND score <= 100),
    status text NOT NULL,
    computed_at timestamptz NOT NULL,
    data_as_of timestamptz,
    snapshot jsonb NOT NULL,
    facts jsonb NOT NULL,
    PRIMARY KEY (tenant_id, snapshot_id)
);
CREATE INDEX health_snapshot_newest ON health_snapshot (tenant_id, platform, computed_at DESC);
SELECT stratum_protect('health_snapshot', 'SELECT, INSERT');

-- Signal incidents with the state that the incident rules carry from one evaluation to the next.
CREATE TABLE incident (
    tenant_id uuid NOT NULL REFERENCES tenant,
    incident_id uuid NOT NULL,
    platform text NOT NULL CHECK (platform IN ('META', 'GOOGLE', 'TIKTOK', 'SNAPCHAT')),
    kind text NOT NULL CHECK (kind IN ('SIGNAL_HEALTH', 'EMQ', 'ANOMALY', 'PLATFORM')),
    severity text NOT NULL CHECK (severity IN ('HIGH', 'CRITICAL')),
    status text NOT NULL CHECK (status IN ('OPEN', 'ACKNOWLEDGED', 'CLOSED')),
    opened_at timestamptz NOT NULL,
    acknowledged_by uuid,
    closed_at timestamptz,
    detail jsonb NOT NULL,
    timeline jsonb NOT NULL,
    PRIMARY KEY (tenant_id, incident_id)
);
CREATE UNIQUE INDEX incident_one_open ON incident (tenant_id, platform, kind) WHERE status <> 'CLOSED';
SELECT stratum_protect('incident', 'SELECT, INSERT, UPDATE');

CREATE TABLE incident_state (
    tenant_id uuid NOT NULL REFERENCES tenant,
    platform text NOT NULL,
    state jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform)
);
SELECT stratum_protect('incident_state', 'SELECT, INSERT, UPDATE');

-- Every decision of the gate, with what it takes to decide it again. `record` is the exact text that was digested.
-- It is written in one statement with its audit entry, and needs no further key to the tenant than that has.
CREATE TABLE gate_decision (
    tenant_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    action_id uuid,
    action_type text NOT NULL,
    platforms text[] NOT NULL,
    decision text NOT NULL CHECK (decision IN ('PASS', 'HOLD', 'BLOCK')),
    score double precision,
    threshold double precision NOT NULL,
    evaluated_at timestamptz NOT NULL,
    valid_until timestamptz,
    -- The evaluation as the API shows it, with its sentences.
    evaluation jsonb NOT NULL,
    record json NOT NULL,
    -- Where it stands in the audit chain.
    audit_seq bigint NOT NULL,
    audit_hash bytea NOT NULL CHECK (octet_length(audit_hash) = 32),
    PRIMARY KEY (tenant_id, decision_id)
);
CREATE INDEX gate_decision_by_time ON gate_decision (tenant_id, evaluated_at DESC, decision_id DESC);
CREATE INDEX gate_decision_of_action ON gate_decision (tenant_id, action_id, evaluated_at DESC);
SELECT stratum_protect('gate_decision', 'SELECT, INSERT');

-- When a platform's health is evaluated next: every five minutes, or at once after accepted signals.
CREATE TABLE health_due (
    tenant_id uuid NOT NULL REFERENCES tenant,
    platform text NOT NULL,
    next_at timestamptz NOT NULL,
    -- Set by new signals and metrics; cleared by the evaluation that has seen them.
    requested_at timestamptz,
    PRIMARY KEY (tenant_id, platform)
);
CREATE INDEX health_due_next ON health_due (next_at);
CREATE INDEX health_due_requested ON health_due (requested_at) WHERE requested_at IS NOT NULL;
SELECT stratum_protect('health_due', 'SELECT, INSERT, UPDATE, DELETE');
SELECT stratum_list('health_due', 'next_at, requested_at');
