-- SPDX-License-Identifier: Apache-2.0
-- Requests, their history and their timer.

-- name: request_register_load
-- Everything that registering wants to know, and the number, in one row. $2: the contact; without one, the one who logs in as $5.
-- The branches are those that the assignee may work for: none where there is no such active user.
SELECT c.branch_id, c.state, c.contract_id, c.contract_version, c.sla_id, c.sla_version, k.id, k.principal_id,
       (SELECT t.version FROM newest t WHERE t.kind = 'request_type' AND t.id = $3),
       ARRAY(SELECT s.branch_id FROM principal_scope s JOIN principal a ON a.id = s.principal_id AND a.kind = 1 AND a.active
              WHERE s.principal_id = $4)::text,
       nextval('request_number')
  FROM customer c
  LEFT JOIN contact k ON k.id = coalesce($2, (SELECT m.id FROM contact m WHERE m.principal_id = $5 ORDER BY m.id LIMIT 1))
    AND k.customer_id = c.id
 WHERE c.id = $1;

-- name: request_insert
INSERT INTO request(id, number, branch_id, work_branch_id, customer_id, contact_id, contract_id, contract_version, type_id,
  type_version, sla_id, sla_version, calendar_id, calendar_version, channel, state, priority, urgency, assignee_id,
  department_id, created_by, created_at, updated_at, response_due, response_state, resolution_due, resolution_state, clock,
  title, body, fields, history_seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $22, $23, $24, $25,
  $26, $27, $28, $29, $30, 1);

-- name: history_insert
INSERT INTO history(request_id, seq, branch_id, work_branch_id, customer_id, happened_at, actor_id, kind, state, internal,
  subject_id, minutes, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: timer_insert
INSERT INTO timer(kind, ref, due_at, branch_id) VALUES ($1, $2, $3, $4);

-- name: timer_set
INSERT INTO timer(kind, ref, due_at, branch_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (kind, ref) DO UPDATE SET due_at = excluded.due_at, branch_id = excluded.branch_id, claim = timer.claim + 1,
  claimed_until = NULL, tries = 0, parked_at = NULL;

-- name: timer_drop
DELETE FROM timer WHERE kind = $1 AND ref = $2;

-- name: request_lock
SELECT r.id, r.number, r.branch_id, r.work_branch_id, r.customer_id, r.contact_id, r.sla_id, r.sla_version, r.state, r.wait_for,
       r.priority, r.assignee_id, r.department_id, r.created_at, r.version, r.history_seq, r.minutes_total, r.clock, r.title,
       (SELECT k.principal_id FROM contact k WHERE k.id = r.contact_id),
       (SELECT d.head_id FROM department d WHERE d.id = r.department_id), r.source_id
  FROM request r WHERE r.id = $1 FOR NO KEY UPDATE;

-- name: request_save
WITH u AS (UPDATE request SET work_branch_id = $3, state = $4, wait_for = $5, assignee_id = $6, department_id = $7, updated_at = $8,
    version = version + 1, history_seq = $9, minutes_total = $10, response_due = $11, response_at = $12, response_state = $13,
    resolution_due = $14, resolution_at = $15, resolution_state = $16, closed_at = $17, waiting_us = $18, lead_us = $19,
    working_lead_us = $20, clock = $21, solution = coalesce($22, solution)
  WHERE id = $1 AND version = $2 RETURNING 1)
SELECT must_hit(count(*)) FROM u;

-- name: assignee_fit_request
-- A user may get requests of the branches in his scope.
SELECT p.id FROM request r JOIN principal p ON p.id = $1 AND p.kind = 1 AND p.active
  JOIN principal_scope s ON s.principal_id = p.id AND s.branch_id = r.work_branch_id
 WHERE r.id = $2;

-- name: department_get
SELECT id, branch_id, name, head_id FROM department WHERE id = $1;

-- part: request_whole
-- The columns of a list's row, and the rest. What never changes (type, department, level) the worker knows by id: its names are
-- put in there.
SELECT r.id, r.number, r.branch_id, r.work_branch_id, r.customer_id,
       coalesce((SELECT c.name FROM customer c WHERE c.id = r.customer_id), customer_name(r.customer_id)),
       r.type_id, NULL::text, r.channel, r.state, r.wait_for, r.priority, r.title, r.assignee_id,
       (SELECT a.name FROM principal a WHERE a.id = r.assignee_id), r.department_id, NULL::text, NULL::text, r.created_at,
       r.updated_at, r.response_due, r.response_at, r.response_state, r.resolution_due, r.resolution_at, r.resolution_state,
       r.version, r.body, r.fields, r.urgency, r.contact_id, r.contract_id, r.created_by, r.minutes_total, r.solution,
       r.waiting_us, r.type_version, r.sla_id, r.sla_version
  FROM request r

-- name: request_get
:request_whole WHERE r.id = $1;

-- name: request_get_by_number
-- By what people know.
:request_whole WHERE r.number = $1;

-- The lists: one statement for each way in and direction, all with the same parameters, so that each has its index.
-- $1 states, $2 only missed, $3 and $4 created from and to, $5 and $6 the key behind which it goes on, $7 only unassigned,
-- $8 customer, $9 assignee, $10 department, $11 rows.

-- part: request_row
SELECT id, number, branch_id, work_branch_id, customer_id, customer, type_id, type, channel, state, wait_for, priority, title,
       assignee_id, assignee, department_id, department, level, created_at, updated_at, response_due, response_at, response_state,
       resolution_due, resolution_at, resolution_state, version
  FROM request_row

-- part: request_wanted
-- Only the bounds that the index takes stand as such; the other conditions stand in a CASE. Seen one by one, with parameters
-- that it does not know, the planner takes them for so selective that it reads and sorts instead of walking the index until the
-- page is full.
CASE WHEN state = ANY ($1::int2[]) AND (NOT $2::bool OR response_state = 3 OR resolution_state = 3) AND created_at >= $3
  AND created_at < $4 AND (NOT $7::bool OR assignee_id IS NULL) AND ($8::bigint IS NULL OR customer_id = $8)
  AND ($9::bigint IS NULL OR assignee_id = $9) AND ($10::bigint IS NULL OR department_id = $10) THEN true ELSE false END

-- part: request_newest
created_at >= $3 AND (created_at, id) < ($5::timestamptz, $6::bigint)

-- part: request_oldest
created_at < $4 AND (created_at, id) > ($5::timestamptz, $6::bigint)

-- name: request_all_newest_list
-- uses: request_page
:request_row
 WHERE :request_newest AND :request_wanted ORDER BY created_at DESC, id DESC LIMIT $11;

-- name: request_all_oldest_list
-- uses: request_page
:request_row
 WHERE :request_oldest AND :request_wanted ORDER BY created_at ASC, id ASC LIMIT $11;

-- name: request_customer_newest_list
-- uses: request_customer_page
:request_row
 WHERE customer_id = $8 AND :request_newest AND :request_wanted ORDER BY created_at DESC, id DESC LIMIT $11;

-- name: request_customer_oldest_list
-- uses: request_customer_page
:request_row
 WHERE customer_id = $8 AND :request_oldest AND :request_wanted ORDER BY created_at ASC, id ASC LIMIT $11;

-- name: request_assignee_newest_list
-- uses: request_assignee_page
:request_row
 WHERE assignee_id = $9 AND :request_newest AND :request_wanted ORDER BY created_at DESC, id DESC LIMIT $11;

-- name: request_assignee_oldest_list
-- uses: request_assignee_page
:request_row
 WHERE assignee_id = $9 AND :request_oldest AND :request_wanted ORDER BY created_at ASC, id ASC LIMIT $11;

-- name: request_queue_newest_list
-- uses: request_queue_page
:request_row
 WHERE department_id = $10 AND state <= 4 AND :request_newest AND :request_wanted ORDER BY created_at DESC, id DESC LIMIT $11;

-- name: request_queue_oldest_list
-- uses: request_queue_page
:request_row
 WHERE department_id = $10 AND state <= 4 AND :request_oldest AND :request_wanted ORDER BY created_at ASC, id ASC LIMIT $11;

-- name: request_history
SELECT h.seq, h.kind, h.happened_at, h.recorded_at, h.actor_id, p.name, h.state, h.body, h.subject_id, h.minutes
  FROM history h LEFT JOIN principal p ON p.id = h.actor_id
 WHERE h.request_id = $1 AND h.seq > $2 AND h.recorded_at >= (SELECT r.recorded_at FROM request r WHERE r.id = $1)
 ORDER BY h.seq LIMIT $3;

-- name: timer_claim
-- uses: timer_due
-- A claim is a committed statement of its own; one that has expired is claimed again, after twice the pause, and parked after $2
-- tries. The batch is a number here, not a parameter: only so the planner knows that it is small against the table.
UPDATE timer SET claimed_until = now() + make_interval(secs => $1::int * 2 ^ least(tries, 10)), claim = claim + 1,
   tries = least(tries + 1, $2), parked_at = CASE WHEN tries >= $2::int THEN now() END
 WHERE (kind, ref) IN (SELECT t.kind, t.ref FROM timer t
    WHERE t.parked_at IS NULL AND t.due_at <= (SELECT c.business_at + (now() - c.real_at) * c.factor FROM clock c)
      AND (t.claimed_until IS NULL OR t.claimed_until < now())
    ORDER BY t.due_at LIMIT 64 FOR UPDATE SKIP LOCKED)
RETURNING kind, ref, branch_id, claim, tries, parked_at IS NOT NULL;

-- name: timer_parked_count
-- uses: timer_parked
SELECT count(*) FROM timer WHERE parked_at IS NOT NULL;

-- name: timer_take
-- The timer is the fired one's only while nobody has claimed it since.
WITH d AS (DELETE FROM timer WHERE kind = $1 AND ref = $2 AND claim = $3 RETURNING 1)
SELECT count(*) FROM d;
