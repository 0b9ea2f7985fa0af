-- SPDX-License-Identifier: Apache-2.0
-- Logins and sessions. What the application may not read itself comes through functions of ordo_owner.

-- name: login_lookup
SELECT principal_id, kind, name, login, password, branch_id, department_id, customer_id, language, zone, branches,
       permissions, expires_at, failures, failed_at, address_failures, address_failed_at, now()
  FROM login_lookup($1, $2, $3, $4, $5);

-- name: login_failed
SELECT login_failed($1, $2);

-- name: login_succeeded
SELECT login_succeeded($1);

-- name: session_insert
INSERT INTO session(token_sha256, principal_id, expires_at) VALUES ($1, $2, $3);

-- name: session_end
UPDATE session SET ended_at = now() WHERE token_sha256 = $1 AND principal_id = $2;

-- name: session_end_all
SELECT session_end_all($1);
