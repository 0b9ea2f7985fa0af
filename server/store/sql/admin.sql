-- SPDX-License-Identifier: Apache-2.0
-- What the operator's commands ask: migrations, the fitness of a database, the first administrator's code.

-- name: migration_applied
SELECT number, name, encode(sha256, 'hex') FROM migration ORDER BY number;

-- name: migration_add
INSERT INTO migration (number, name, sha256) VALUES ($1::int, $2::text, decode($3::text, 'hex'));

-- name: migration_lock
-- One program migrates at a time; the lock goes with the connection. The number is any that nothing else uses.
SELECT pg_advisory_lock(7223001);

-- name: schema_version_get
SELECT version, min_program FROM schema_version;

-- name: schema_version_set
WITH changed AS (UPDATE schema_version SET version = $1::int RETURNING 1)
SELECT must_hit((SELECT count(*) FROM changed));

-- name: schema_exists
-- Was anything migrated yet?
SELECT to_regclass('ordo.schema_version') IS NOT NULL;

-- name: partitions_make
SELECT partition_ensure($1::int);

-- name: partition_days
SELECT partition_days_ahead();

-- name: database_fitness
SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
       current_setting('server_encoding'), current_setting('server_version_num')::int >= 150000, rolsuper, rolbypassrls
FROM pg_roles WHERE rolname = current_user;

-- name: setup_code_add
-- A new code takes the place of those that were not used.
WITH old AS (DELETE FROM setup_code WHERE used_at IS NULL)
INSERT INTO setup_code (sha256, expires_at) VALUES (decode($1::text, 'hex'), now() + make_interval(mins => $2::int));

-- name: environment_marked
SELECT development FROM environment;

-- name: environment_develop
WITH changed AS (UPDATE environment SET development = true RETURNING 1)
SELECT must_hit((SELECT count(*) FROM changed));

-- name: role_exists
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1::text);

-- name: database_exists
SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1::text);

-- name: administrator_exists
SELECT EXISTS (SELECT FROM principal WHERE kind = 1 AND login IS NOT NULL);

-- name: environment_id
SELECT replace(id::text, '-', ''), development FROM environment;

-- name: timers_parked
-- What was tried too often. Due times are of the business, the rest is real.
SELECT CASE kind WHEN 1 THEN 'request id' ELSE 'kind ' || kind || ' ref' END, ref, branch_id, to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), tries,
       to_char(parked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
  FROM timer WHERE parked_at IS NOT NULL ORDER BY parked_at, kind, ref LIMIT $1::int;

-- name: timers_release
WITH released AS (UPDATE timer SET parked_at = NULL, tries = 0, claimed_until = NULL WHERE parked_at IS NOT NULL RETURNING 1)
SELECT count(*) FROM released;
