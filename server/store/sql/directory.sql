-- SPDX-License-Identifier: Apache-2.0
-- Directories: calendars, SLAs, request types, branches, departments, roles.

-- name: sla_terms
-- An SLA's version with its calendar's: what the node keeps.
SELECT s.name, s.calendar_id, s.calendar_version, s.response_rule, s.targets, c.zone, c.week, c.holidays
  FROM sla s JOIN calendar c ON c.id = s.calendar_id AND c.version = s.calendar_version
 WHERE s.id = $1 AND s.version = $2;

-- name: request_type_version
SELECT t.name, t.impact, t.department_id, d.branch_id, t.fields
  FROM request_type t JOIN department d ON d.id = t.department_id
 WHERE t.id = $1 AND t.version = $2;

-- name: branch_next_id
SELECT nextval('branch_id_seq');

-- name: branch_insert
INSERT INTO branch(id, name, zone, language) VALUES ($1, $2, $3, $4);

-- name: branch_reach
-- A branch that the caller administers: by his scope as it is written now, which may be wider than his session's.
SELECT b.zone, b.language, b.id = ANY (scope_branches())
  FROM branch b JOIN principal_scope s ON s.branch_id = b.id AND s.principal_id = (SELECT scope_principal())
 WHERE b.id = $1;

-- name: branches_beyond
-- The first that the caller does not administer.
SELECT u.id FROM unnest($1::int[]) AS u(id)
 WHERE NOT EXISTS (SELECT FROM principal_scope s WHERE s.principal_id = (SELECT scope_principal()) AND s.branch_id = u.id)
 ORDER BY u.id LIMIT 1;

-- name: branch_list
SELECT id, name, zone, language FROM branch WHERE id > $1 ORDER BY id LIMIT $2;

-- name: department_insert
INSERT INTO department(id, branch_id, name) VALUES ($1, $2, $3);

-- name: department_reach
-- One of a branch that the caller administers.
SELECT d.id, d.branch_id, d.name, d.head_id
  FROM department d JOIN principal_scope s ON s.branch_id = d.branch_id AND s.principal_id = (SELECT scope_principal())
 WHERE d.id = $1;

-- name: department_head_set
WITH u AS (UPDATE department SET head_id = $2 WHERE id = $1 RETURNING 1)
SELECT must_hit(count(*)) FROM u;

-- name: department_list
SELECT id, branch_id, name, head_id FROM department WHERE id > $1 AND ($2::int IS NULL OR branch_id = $2) ORDER BY id LIMIT $3;

-- name: newest_get
SELECT version FROM newest WHERE kind = $1 AND id = $2;

-- name: newest_lock
-- Who makes a version holds this row, so that versions follow each other.
SELECT version FROM newest WHERE kind = $1 AND id = $2 FOR UPDATE;

-- name: newest_insert
INSERT INTO newest(kind, id, version, name) VALUES ($1, $2, $3, $4);

-- name: newest_raise
WITH u AS (UPDATE newest SET version = $3, name = $4 WHERE kind = $1 AND id = $2 AND version = $3 - 1 RETURNING 1)
SELECT must_hit(count(*)) FROM u;

-- name: calendar_insert
INSERT INTO calendar(id, version, name, zone, week, holidays) VALUES ($1, $2, $3, $4, $5, $6);

-- name: calendar_list
SELECT c.id, c.version, c.name, c.zone, c.week, c.holidays
  FROM newest n JOIN calendar c ON c.id = n.id AND c.version = n.version
 WHERE n.kind = 'calendar' AND n.id > $1 ORDER BY n.id LIMIT $2;

-- name: sla_insert
INSERT INTO sla(id, version, name, calendar_id, calendar_version, response_rule, targets) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: sla_list
-- $2: the one of this customer's contract alone.
SELECT s.id, s.version, s.name, s.calendar_id, s.calendar_version, s.response_rule, s.targets
  FROM newest n JOIN sla s ON s.id = n.id AND s.version = n.version
 WHERE n.kind = 'sla' AND n.id > $1 AND ($2::bigint IS NULL OR n.id = (SELECT c.sla_id FROM customer c WHERE c.id = $2))
 ORDER BY n.id LIMIT $3;

-- name: request_type_insert
INSERT INTO request_type(id, version, name, impact, department_id, fields) VALUES ($1, $2, $3, $4, $5, $6);

-- name: request_type_list
SELECT t.id, t.version, t.name, t.impact, t.department_id, t.fields
  FROM newest n JOIN request_type t ON t.id = n.id AND t.version = n.version
 WHERE n.kind = 'request_type' AND n.id > $1 ORDER BY n.id LIMIT $2;
