-- SPDX-License-Identifier: Apache-2.0
-- History of another desk: whole batches in a handful of statements.

-- name: import_source_find
SELECT id, next_batch FROM import_source WHERE digest = $1;

-- name: import_source_insert
INSERT INTO import_source(id, digest, name, branch_id, calendar_id, calendar_version) VALUES ($1, $2, $3, $4, $5, 1);

-- name: import_calendar_insert
INSERT INTO calendar(id, version, name, zone, week, holidays) VALUES ($1, 1, $2, $3, $4, $5);

-- name: import_sla_insert
INSERT INTO sla(id, version, name, calendar_id, calendar_version, response_rule, targets) VALUES ($1, 1, $2, $3, 1, 1, $4);

-- name: import_newest_insert
-- Without a name: the log's names are not the directory's.
INSERT INTO newest(kind, id, version) VALUES ($1, $2, 1);

-- name: import_level_insert
INSERT INTO import_level(source_id, name, sla_id, sla_version) VALUES ($1, $2, $3, 1);

-- name: import_source_lock
SELECT next_batch, branch_id FROM import_source WHERE id = $1 FOR NO KEY UPDATE;

-- name: import_levels
SELECT l.name, l.sla_id, l.sla_version FROM import_level l WHERE l.source_id = $1;

-- name: import_requests
SELECT id, source_key, customer_id, sla_id, sla_version, assignee_id, state, version, history_seq, clock
  FROM request WHERE source_id = $1 AND source_key = ANY ($2::text[]) ORDER BY id FOR NO KEY UPDATE;

-- name: import_customers
SELECT c.id, c.name FROM customer c JOIN import_source s ON s.id = $1 AND s.branch_id = c.branch_id WHERE c.name = ANY ($2::text[]);

-- name: import_departments
SELECT d.id, d.name FROM department d JOIN import_source s ON s.id = $1 AND s.branch_id = d.branch_id WHERE d.name = ANY ($2::text[]);

-- name: import_people
SELECT p.id, p.name FROM principal p JOIN import_source s ON s.id = $1 AND s.branch_id = p.branch_id
 WHERE p.name = ANY ($2::text[]) AND p.login IS NULL AND p.kind = 1;

-- name: import_numbers
SELECT nextval('request_number') FROM generate_series(1, $1);

-- name: import_customer_insert
INSERT INTO customer(id, branch_id, name, language, zone)
SELECT x.id, $1, x.name, b.language, b.zone FROM branch b, unnest($2::bigint[], $3::text[]) AS x(id, name) WHERE b.id = $1;

-- name: import_department_insert
INSERT INTO department(id, branch_id, name) SELECT x.id, $1, x.name FROM unnest($2::bigint[], $3::text[]) AS x(id, name);

-- name: import_people_insert
-- They cannot log in; an administrator may give them a login later.
WITH p AS (INSERT INTO principal(id, kind, name, branch_id, language, zone)
  SELECT x.id, 1, x.name, $1, b.language, b.zone FROM branch b, unnest($2::bigint[], $3::text[]) AS x(id, name) WHERE b.id = $1)
INSERT INTO inbox_head(principal_id) SELECT unnest($2::bigint[]);

-- name: import_request_insert
INSERT INTO request(id, number, source_key, customer_id, sla_id, sla_version, calendar_id, calendar_version, assignee_id,
  department_id, created_by, created_at, updated_at, state, wait_for, history_seq, response_due, response_at, response_state,
  resolution_due, resolution_at, resolution_state, closed_at, waiting_us, lead_us, working_lead_us, clock, title,
  source_id, branch_id, work_branch_id, channel, priority, urgency)
SELECT x.id, x.number, x.source_key, x.customer_id, x.sla_id, x.sla_version, s.calendar_id, s.calendar_version, x.assignee_id,
  x.department_id, x.created_by, x.created_at, x.updated_at, x.state, CASE WHEN x.state = 4 THEN 1 ELSE 0 END, x.history_seq,
  x.response_due, x.response_at, x.response_state, x.resolution_due, x.resolution_at, x.resolution_state, x.closed_at,
  x.waiting_us, x.lead_us, x.working_lead_us, x.clock, x.source_key, $1, s.branch_id, s.branch_id, 7, 3, 2
  FROM import_source s,
       unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::int[], $8::bigint[], $9::bigint[],
              $10::bigint[], $11::timestamptz[], $12::timestamptz[], $13::int2[], $14::int[], $15::timestamptz[],
              $16::timestamptz[], $17::int2[], $18::timestamptz[], $19::timestamptz[], $20::int2[], $21::timestamptz[],
              $22::bigint[], $23::bigint[], $24::bigint[], $25::bytea[])
       AS x(id, number, source_key, customer_id, sla_id, sla_version, assignee_id, department_id, created_by, created_at,
            updated_at, state, history_seq, response_due, response_at, response_state, resolution_due, resolution_at,
            resolution_state, closed_at, waiting_us, lead_us, working_lead_us, clock)
 WHERE s.id = $1;

-- name: import_request_update
UPDATE request r SET assignee_id = x.assignee_id, updated_at = x.updated_at, state = x.state,
    wait_for = CASE WHEN x.state = 4 THEN 1 ELSE 0 END, version = r.version + 1, history_seq = x.history_seq,
    response_due = x.response_due, response_at = x.response_at, response_state = x.response_state,
    resolution_due = x.resolution_due, resolution_at = x.resolution_at, resolution_state = x.resolution_state,
    closed_at = x.closed_at, waiting_us = x.waiting_us, lead_us = x.lead_us, working_lead_us = x.working_lead_us, clock = x.clock
  FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::int2[], $5::int[], $6::timestamptz[], $7::timestamptz[],
              $8::int2[], $9::timestamptz[], $10::timestamptz[], $11::int2[], $12::timestamptz[], $13::bigint[], $14::bigint[],
              $15::bigint[], $16::bytea[])
       AS x(id, assignee_id, updated_at, state, history_seq, response_due, response_at, response_state, resolution_due,
            resolution_at, resolution_state, closed_at, waiting_us, lead_us, working_lead_us, clock)
 WHERE r.id = x.id;

-- name: import_history_insert
INSERT INTO history(request_id, seq, branch_id, work_branch_id, customer_id, happened_at, actor_id, kind, state, internal, body)
SELECT x.request_id, x.seq, $1, $1, x.customer_id, x.happened_at, x.actor_id, 16, x.state, false, x.body
  FROM unnest($2::bigint[], $3::int[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7::int2[], $8::text[])
       AS x(request_id, seq, customer_id, happened_at, actor_id, state, body);

-- name: import_source_advance
WITH u AS (UPDATE import_source SET next_batch = next_batch + 1 WHERE id = $1 AND next_batch = $2 RETURNING 1)
SELECT must_hit(count(*)) FROM u;
