-- SPDX-License-Identifier: Apache-2.0
-- People, their roles and their scope. Nobody hands out what he does not have: see principal_reach and roles_pick.

-- name: principal_insert
INSERT INTO principal(id, kind, login, name, branch_id, department_id, customer_id, language, zone, password)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: principal_reach
-- Whom the caller administers, by id ($1) or as the owner of an API key ($3), locked; with the first permission that he has and
-- the caller ($2) has not, and the first branch that the caller does not administer.
SELECT p.id, p.kind, p.branch_id,
       (SELECT x FROM principal_role pr JOIN newest n ON n.kind = 'role' AND n.id = pr.role_id
          JOIN role r ON r.id = n.id AND r.version = n.version, unnest(r.permissions) x
         WHERE pr.principal_id = p.id AND x <> ALL ($2::text[]) ORDER BY x LIMIT 1),
       (SELECT t.id FROM (SELECT p.branch_id UNION SELECT s.branch_id FROM principal_scope s WHERE s.principal_id = p.id) AS t(id)
         WHERE NOT EXISTS (SELECT FROM principal_scope m WHERE m.principal_id = (SELECT scope_principal()) AND m.branch_id = t.id)
         ORDER BY t.id LIMIT 1)
  FROM principal p
 WHERE p.id = coalesce($1::bigint, (SELECT k.principal_id FROM api_key k WHERE k.id = $3::bigint)) AND p.kind IN (1, 2)
   FOR NO KEY UPDATE OF p;

-- name: principal_disable
WITH u AS (UPDATE principal SET active = false WHERE id = $1 RETURNING 1)
SELECT must_hit(count(*)) FROM u;

-- name: principal_password
WITH u AS (UPDATE principal SET password = $2 WHERE id = $1 RETURNING 1)
SELECT must_hit(count(*)) FROM u;

-- name: staff_of_department
-- An active user who works for the department's branch.
SELECT p.id FROM department d JOIN principal p ON p.id = $2 AND p.kind = 1 AND p.active
  JOIN principal_scope s ON s.principal_id = p.id AND s.branch_id = d.branch_id
 WHERE d.id = $1;

-- name: scope_size
SELECT count(*) FROM principal_scope WHERE principal_id = $1;

-- name: scope_insert
INSERT INTO principal_scope(principal_id, branch_id) SELECT $1, unnest($2::int[]);

-- name: scope_drop
DELETE FROM principal_scope WHERE principal_id = $1;

-- name: roles_hold
-- Nobody makes a new version of these roles before this transaction ends; what follows reads the newest.
SELECT FROM newest WHERE kind = 'role' AND name = ANY ($1::text[]) ORDER BY id FOR SHARE;

-- name: roles_pick
-- Roles by name, with the first permission of each that the caller may not give away ($2), and that no customer user may have ($3).
SELECT w.name, n.id,
       (SELECT x FROM unnest(r.permissions) x WHERE x <> ALL ($2::text[]) ORDER BY x LIMIT 1),
       (SELECT x FROM unnest(r.permissions) x WHERE x <> ALL ($3::text[]) ORDER BY x LIMIT 1)
  FROM unnest($1::text[]) WITH ORDINALITY AS w(name, place)
  LEFT JOIN newest n ON n.kind = 'role' AND n.name = w.name LEFT JOIN role r ON r.id = n.id AND r.version = n.version
 ORDER BY w.place;

-- name: principal_roles_insert
INSERT INTO principal_role(principal_id, role_id) SELECT $1, unnest($2::bigint[]);

-- name: principal_roles_drop
DELETE FROM principal_role WHERE principal_id = $1;

-- name: role_lock
-- By name; whether customer users have it, and whether the caller has.
SELECT n.id, n.version,
       EXISTS (SELECT FROM principal_role pr JOIN principal p ON p.id = pr.principal_id WHERE pr.role_id = n.id AND p.kind = 2),
       EXISTS (SELECT FROM principal_role pr WHERE pr.role_id = n.id AND pr.principal_id = (SELECT scope_principal()))
  FROM newest n WHERE n.kind = 'role' AND n.name = $1 FOR UPDATE OF n;

-- name: role_insert
INSERT INTO role(id, version, name, permissions) VALUES ($1, $2, $3, $4);

-- name: role_rights_change
-- scans: a role may be everybody's
INSERT INTO rights_change(principal_id) SELECT principal_id FROM principal_role WHERE role_id = $1;

-- name: role_list
SELECT r.id, r.version, r.name, r.permissions
  FROM newest n JOIN role r ON r.id = n.id AND r.version = n.version
 WHERE n.kind = 'role' AND n.id > $1 ORDER BY n.id LIMIT $2;

-- The lists of people: colleagues are seen by all staff, customer users by the staff of their branch and by each other.
-- $1 and $2: the key behind which it goes on, $3 rows.

-- name: user_list
SELECT p.id, p.login, p.name, p.branch_id, p.department_id, p.customer_id, p.active, p.created_at,
       ARRAY(SELECT n.name FROM principal_role pr JOIN newest n ON n.kind = 'role' AND n.id = pr.role_id
              WHERE pr.principal_id = p.id ORDER BY n.name)
  FROM principal p
 WHERE (p.kind = 1 OR (p.kind = 2 AND p.branch_id = ANY (scope_branches())))
   AND (p.created_at, p.id) > ($1::timestamptz, $2::bigint)
 ORDER BY p.created_at, p.id LIMIT $3;

-- name: user_branch_list
SELECT p.id, p.login, p.name, p.branch_id, p.department_id, p.customer_id, p.active, p.created_at,
       ARRAY(SELECT n.name FROM principal_role pr JOIN newest n ON n.kind = 'role' AND n.id = pr.role_id
              WHERE pr.principal_id = p.id ORDER BY n.name)
  FROM principal p
 WHERE (p.kind = 1 OR (p.kind = 2 AND p.branch_id = ANY (scope_branches())))
   AND (p.created_at, p.id) > ($1::timestamptz, $2::bigint) AND p.branch_id = $4
 ORDER BY p.created_at, p.id LIMIT $3;

-- name: user_customer_list
SELECT p.id, p.login, p.name, p.branch_id, p.department_id, p.customer_id, p.active, p.created_at,
       ARRAY(SELECT n.name FROM principal_role pr JOIN newest n ON n.kind = 'role' AND n.id = pr.role_id
              WHERE pr.principal_id = p.id ORDER BY n.name)
  FROM principal p
 WHERE p.customer_id = (SELECT scope_customer()) AND (p.created_at, p.id) > ($1::timestamptz, $2::bigint)
 ORDER BY p.created_at, p.id LIMIT $3;
