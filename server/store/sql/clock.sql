-- SPDX-License-Identifier: Apache-2.0
-- Business time.

-- name: clock_get
SELECT factor FROM clock;

-- name: clock_set
-- What is not given goes on as it was. The table refuses a change outside of development.
WITH u AS (UPDATE clock SET business_at = coalesce($1::timestamptz, business_at + (now() - real_at) * factor),
    real_at = now(), factor = coalesce($2::int, factor) RETURNING 1)
SELECT must_hit(count(*)) FROM u;
