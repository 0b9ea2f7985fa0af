-- SPDX-License-Identifier: Apache-2.0
-- Logins and sessions. What the application may not read itself comes through functions of ordo_owner.

-- name: login_lookup
SELECT principal_id, kind, name, login, password, branch_id, department_id, customer_id, language, zone, branches,
       permissions, expires_at, failures, failed_at, address_failures, address_failed_at, now()
  FROM login_lookup($1, $2, $3, $4, $5, $6);

-- name: login_failed
SELECT login_failed($1, $2);

-- name: login_succeeded
-- Refused (OD005) when more than $2 logins have failed by now.
SELECT login_succeeded($1, $2);

-- name: session_insert
INSERT INTO session(token_sha256, principal_id, expires_at) VALUES ($1, $2, $3);

-- name: session_end
UPDATE session SET ended_at = now() WHERE token_sha256 = $1 AND principal_id = $2;

-- name: session_end_all
SELECT session_end_all($1);

-- name: session_end_others
UPDATE session SET ended_at = now() WHERE principal_id = $1 AND token_sha256 <> $2 AND ended_at IS NULL;

-- name: setup_code_use
SELECT setup_code_use($1);

-- name: api_key_insert
INSERT INTO api_key(id, principal_id, name, sha256, expires_at) VALUES ($1, $2, $3, $4, $5);

-- name: api_key_revoke
WITH u AS (UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING 1)
SELECT must_hit(count(*)) FROM u;

-- name: certificate_insert
INSERT INTO certificate(sha256, principal_id) VALUES ($1, $2);
