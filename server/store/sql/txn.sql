-- SPDX-License-Identifier: Apache-2.0
-- What every transaction is made of.

-- name: txn_begin
BEGIN;

-- name: txn_begin_report
-- All figures of one moment.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: txn_scope
-- Local to the transaction; the clock comes along because every decision wants it.
SELECT set_config('ordo.branches', $1::text, true), set_config('ordo.principal', $2::text, true),
       set_config('ordo.customer', $3::text, true), now(), c.real_at, c.business_at, c.factor
  FROM clock c;

-- name: txn_commit
COMMIT;

-- name: txn_rollback
ROLLBACK;

-- name: txn_ids
SELECT nextval('id_block');

-- name: txn_forget_plans
-- Plans that were made on small tables would stay sequential scans for the connection's life.
DISCARD PLANS;
