-- The operators' freeze of all tenants or of single platforms: one row, which is no tenant's and holds for every one.
CREATE TABLE operator_freeze (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    all_tenants boolean NOT NULL DEFAULT false,
    platforms text[] NOT NULL DEFAULT '{}',
    -- Who turned a switch last, when and why.
    reason text,
    changed_by uuid,
    changed_at timestamptz
);
INSERT INTO operator_freeze DEFAULT VALUES;
REVOKE ALL ON operator_freeze FROM PUBLIC;
GRANT SELECT, UPDATE ON operator_freeze TO stratum_app;

COMMENT ON COLUMN autopilot_settings.operator_frozen IS 'As the tenant was told last; operator_freeze says how it is.';
COMMENT ON COLUMN autopilot_settings.operator_frozen_platforms IS 'As operator_frozen.';

-- The end of each tenant's audit chain as it was on each day, signed. No right to update or delete.
CREATE TABLE audit_signature (
    tenant_id uuid NOT NULL REFERENCES tenant,
    signed_on date NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    signed_at timestamptz NOT NULL,
    signature bytea NOT NULL CHECK (octet_length(signature) = 32),
    PRIMARY KEY (tenant_id, signed_on)
);
SELECT stratum_protect('audit_signature', 'SELECT, INSERT');
-- Signing looks for the tenants whose chain was not signed today.
SELECT stratum_list('audit_signature', 'signed_on');
