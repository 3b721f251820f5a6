-- Tenants, the people and sources that act in them, idempotency, the audit chain and the outbox of live events.
--
-- Rules of every migration: each table's key starts with tenant_id; stratum_protect is called on it; a foreign key
-- between tables of a tenant names tenant_id on both sides (its check ignores row-level security); no extension.

-- The tenant that the transaction has named; NULL, and so no row at all, where none was.
CREATE FUNCTION stratum_protect(target regclass, privileges text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    -- The sub-select is planned once per statement. After a transaction the setting reads '' instead of NULL.
    EXECUTE format(
        'CREATE POLICY tenant ON %s TO stratum_app
         USING (tenant_id = (SELECT NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid))
         WITH CHECK (tenant_id = (SELECT NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid))', target);
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
    EXECUTE format('GRANT %s ON %s TO stratum_app', privileges, target);
END $$;

-- Lets stratum_directory find the tenant by some columns of a table, and read nothing else of it.
CREATE FUNCTION stratum_list(target regclass, columns text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY directory ON %s FOR SELECT TO stratum_directory USING (true)', target);
    EXECUTE format('GRANT SELECT (tenant_id, %s) ON %s TO stratum_directory', columns, target);
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO stratum_app, stratum_ingest, stratum_directory;

CREATE TABLE tenant (
    tenant_id uuid PRIMARY KEY,
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    domain text,
    tier text NOT NULL DEFAULT 'STARTER' CHECK (tier IN ('STARTER', 'PROFESSIONAL', 'ENTERPRISE')),
    status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED', 'CLOSING', 'CLOSED')),
    subscription_status text NOT NULL DEFAULT 'NONE'
        CHECK (subscription_status IN ('NONE', 'TRIALING', 'ACTIVE', 'PAST_DUE', 'GRACE_PERIOD', 'EXPIRED', 'CANCELLED')),
    currency text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    timezone text NOT NULL DEFAULT 'UTC',
    settings jsonb NOT NULL DEFAULT '{}',
    feature_flags jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
SELECT stratum_protect('tenant', 'SELECT, INSERT, UPDATE');
SELECT stratum_list('tenant', 'slug, status');

CREATE TABLE account (
    tenant_id uuid NOT NULL REFERENCES tenant,
    user_id uuid NOT NULL,
    email text NOT NULL,
    -- The address as it is compared: trimmed, lower case. One account per address over all tenants.
    email_key text NOT NULL UNIQUE,
    full_name text NOT NULL,
    role text NOT NULL CHECK (role IN ('VIEWER', 'ANALYST', 'MANAGER', 'ADMIN', 'SUPERADMIN')),
    password_hash text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    is_verified boolean NOT NULL DEFAULT false,
    phone text,
    avatar_url text,
    preferences jsonb NOT NULL DEFAULT '{"timezone": "UTC", "notifications": []}',
    failed_logins integer NOT NULL DEFAULT 0,
    first_failure_at timestamptz,
    -- How many times in a row the account was locked: each lock lasts twice as long as the one before.
    lock_count integer NOT NULL DEFAULT 0,
    locked_until timestamptz,
    last_login_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
SELECT stratum_protect('account', 'SELECT, INSERT, UPDATE');
SELECT stratum_list('account', 'email_key');

CREATE TABLE session (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_because text,
    PRIMARY KEY (tenant_id, session_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES account ON DELETE CASCADE
);
CREATE INDEX session_of_user ON session (tenant_id, user_id) WHERE revoked_at IS NULL;
SELECT stratum_protect('session', 'SELECT, INSERT, UPDATE, DELETE');

-- The refresh tokens of a session form its family: each is exchanged once for the next.
CREATE TABLE refresh_token (
    tenant_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, session_id) REFERENCES session ON DELETE CASCADE
);
CREATE UNIQUE INDEX refresh_token_hash ON refresh_token (token_hash);
CREATE INDEX refresh_token_of_session ON refresh_token (tenant_id, session_id);
SELECT stratum_protect('refresh_token', 'SELECT, INSERT, UPDATE, DELETE');
SELECT stratum_list('refresh_token', 'token_hash');

-- Where data come from. A source authenticates with its key, of which only the hash is kept.
CREATE TABLE source (
    tenant_id uuid NOT NULL REFERENCES tenant,
    source_id uuid NOT NULL,
    name text NOT NULL,
    source_type text NOT NULL CHECK (source_type IN ('website', 'server', 'sgtm', 'import', 'crm')),
    key_hash bytea NOT NULL,
    key_hint text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, source_id)
);
CREATE UNIQUE INDEX source_key ON source (key_hash);
SELECT stratum_protect('source', 'SELECT, INSERT, UPDATE, DELETE');
SELECT stratum_list('source', 'key_hash');

-- What a request with an Idempotency-Key was answered; written in the transaction of its effect.
CREATE TABLE idempotency_key (
    tenant_id uuid NOT NULL REFERENCES tenant,
    route text NOT NULL,
    key text NOT NULL,
    body_hash bytea NOT NULL,
    status smallint NOT NULL,
    location text,
    body json,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, route, key)
);
CREATE INDEX idempotency_key_age ON idempotency_key (tenant_id, created_at);
SELECT stratum_protect('idempotency_key', 'SELECT, INSERT, DELETE');

-- The end of each tenant's audit chain; locking the row puts appends in line.
CREATE TABLE audit_head (
    tenant_id uuid PRIMARY KEY REFERENCES tenant,
    seq bigint NOT NULL CHECK (seq >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    -- How many of the entries are interventions: the number of the last one.
    interventions bigint NOT NULL DEFAULT 0 CHECK (interventions >= 0)
);
SELECT stratum_protect('audit_head', 'SELECT, INSERT, UPDATE');

-- No right to update or delete. An entry is written together with the tenant's row of audit_head, whose key to the tenant
-- answers for this table as well: a key of its own would lock the tenant's row once more with each entry. `entry` is the exact text that was hashed (json, not jsonb, which would rewrite it).
CREATE TABLE audit_entry (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    entry_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    action text NOT NULL,
    actor_type text NOT NULL,
    actor_id uuid,
    resource_type text NOT NULL,
    resource_id text,
    prev_hash bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    entry json NOT NULL,
    -- 1, 2, 3 … over the tenant's interventions alone, so that a page of them and their number are found at once.
    intervention_no bigint CHECK (intervention_no > 0),
    PRIMARY KEY (tenant_id, seq)
);
-- Every change pays for each of these: none is here that no statement asks for.
CREATE INDEX audit_entry_of_action ON audit_entry (tenant_id, action, seq);
CREATE UNIQUE INDEX audit_intervention ON audit_entry (tenant_id, intervention_no);
CREATE INDEX audit_intervention_by_time ON audit_entry (tenant_id, created_at, intervention_no)
    WHERE intervention_no IS NOT NULL;
SELECT stratum_protect('audit_entry', 'SELECT, INSERT');

-- Live events, numbered per tenant in the order of the commits: the counter's row is locked until the commit.
CREATE TABLE event_head (
    tenant_id uuid PRIMARY KEY REFERENCES tenant,
    seq bigint NOT NULL
);
SELECT stratum_protect('event_head', 'SELECT, INSERT, UPDATE');

CREATE TABLE event_outbox (
    tenant_id uuid NOT NULL REFERENCES tenant,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    channel text NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX event_outbox_age ON event_outbox (tenant_id, at);
SELECT stratum_protect('event_outbox', 'SELECT, INSERT, DELETE');
