-- SPDX-License-Identifier: Apache-2.0
-- A desk with 10,000 customers and 50,000 requests, as the server itself would have stored it; ids as in desk.h. Run by a
-- superuser on a migrated, empty database:
--   psql -v targets=HEX -v specs=HEX -v fields=HEX -v requests=FILE -v key_sha256=HEX -f preload.sql
-- The hex and the file come from preload.c; key_sha256 is that of the caller's API key.
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL search_path = ordo;

INSERT INTO calendar(id, version, name, zone, week, holidays) VALUES (9100000, 1, 'always', 'UTC', 'mon-sun 00:00-24:00', '');
INSERT INTO sla(id, version, name, calendar_id, calendar_version, response_rule, targets)
SELECT 9000000 + g, 1, 'level ' || g, 9100000, 1, 1, decode(:'targets', 'hex') FROM generate_series(0, 4) g;

INSERT INTO branch(id, name, zone, language) SELECT 7000 + g, 'Branch ' || g, 'UTC', 'en' FROM generate_series(0, 9) g;
INSERT INTO department(id, branch_id, name) SELECT 5000000 + g, 7000 + g, 'Service' FROM generate_series(0, 9) g;
INSERT INTO request_type(id, version, name, impact, department_id, fields)
SELECT 6000000 + g, 1, 'Type ' || g, 1 + g % 4, 5000000 + g % 10, decode(:'specs', 'hex') FROM generate_series(0, 19) g;

INSERT INTO role(id, version, name, permissions) VALUES
  (9200000, 1, 'bench', '{self,request.read,request.write,request.work,request.assign,customer.read,directory.read}'),
  (9200001, 1, 'bench contact', '{self,request.read,request.write}');

-- the caller, the assignees, the customers' contacts
INSERT INTO principal(id, kind, login, name, branch_id, language, zone) VALUES (4900000, 1, 'bench', 'Bench', 7000, 'en', 'UTC');
INSERT INTO principal(id, kind, login, name, branch_id, department_id, language, zone)
SELECT 4000000 + g, 1, 'assignee' || g, 'Assignee ' || g, 7000 + g % 10, 5000000 + g % 10, 'en', 'UTC' FROM generate_series(0, 499) g;
INSERT INTO customer(id, branch_id, name, language, zone, contract_id, contract_version, sla_id, sla_version)
SELECT 1000000 + g, 7000 + g % 10, 'Customer ' || g, 'en', 'UTC', 8000000 + g, 1, 9000000 + g % 5, 1 FROM generate_series(0, 9999) g;
INSERT INTO contract(id, version, customer_id, branch_id, number, signed_on, sla_id, sla_version)
SELECT 8000000 + g, 1, 1000000 + g, 7000 + g % 10, 'C-' || g, '2025-01-01', 9000000 + g % 5, 1 FROM generate_series(0, 9999) g;
INSERT INTO principal(id, kind, login, name, branch_id, customer_id, language, zone)
SELECT 3000000 + g, 2, 'contact' || g, 'Contact ' || g, 7000 + g % 10, 1000000 + g, 'en', 'UTC' FROM generate_series(0, 9999) g;
INSERT INTO contact(id, customer_id, branch_id, name, phone, mail, language, zone, principal_id)
SELECT 2000000 + g, 1000000 + g, 7000 + g % 10, 'Contact ' || g, '+1 555 ' || g, 'contact' || g || '@example.com', 'en', 'UTC', 3000000 + g
  FROM generate_series(0, 9999) g;

INSERT INTO principal_role(principal_id, role_id)
SELECT id, CASE kind WHEN 2 THEN 9200001 ELSE 9200000 END FROM principal;
INSERT INTO principal_scope(principal_id, branch_id) SELECT 4900000, id FROM branch;
INSERT INTO principal_scope(principal_id, branch_id) SELECT id, branch_id FROM principal WHERE kind = 1 AND id <> 4900000;
INSERT INTO inbox_head(principal_id) SELECT id FROM principal;
INSERT INTO api_key(id, principal_id, name, sha256) VALUES (9300000, 4900000, 'bench', decode(:'key_sha256', 'hex'));
INSERT INTO newest(kind, id, version, name)
SELECT 'calendar', id, version, name FROM calendar UNION ALL SELECT 'sla', id, version, name FROM sla
UNION ALL SELECT 'request_type', id, version, name FROM request_type UNION ALL SELECT 'role', id, version, name FROM role
UNION ALL SELECT 'contract', id, version, NULL FROM contract;

-- requests that a contact made by telephone and that were given to somebody at once, with their history and timer; recorded
-- this month, where the partitions begin
CREATE TEMP TABLE made(g int, created_us bigint, response_us bigint, resolution_us bigint, clock text) ON COMMIT DROP;
COPY made FROM :'requests';
INSERT INTO request(id, number, branch_id, work_branch_id, customer_id, contact_id, contract_id, contract_version, type_id,
  type_version, sla_id, sla_version, calendar_id, calendar_version, channel, state, priority, urgency, assignee_id,
  department_id, created_by, created_at, updated_at, recorded_at, response_due, response_state, resolution_due,
  resolution_state, clock, title, fields)
SELECT 10000000 + g, 1 + g, 7000 + g % 10, 7000 + g % 10, 1000000 + g % 10000, 2000000 + g % 10000, 8000000 + g % 10000, 1,
  6000000 + g % 20, 1, 9000000 + g % 5, 1, 9100000, 1, 4, 2, 3, 2, 4000000 + g % 500, 5000000 + g % 10, 4900000,
  to_timestamp(created_us / 1e6), to_timestamp(created_us / 1e6), greatest(to_timestamp(created_us / 1e6), date_trunc('month', now())),
  to_timestamp(response_us / 1e6), 1,
  to_timestamp(resolution_us / 1e6), 1, decode(clock, 'hex'), 'Printer on the third floor does not answer', decode(:'fields', 'hex')
  FROM made ORDER BY g;
INSERT INTO history(request_id, recorded_at, happened_at, actor_id, customer_id, subject_id, seq, branch_id, work_branch_id, kind,
  state, internal)
SELECT id, recorded_at, created_at, 4900000, customer_id, assignee_id, 1, branch_id, work_branch_id,
  1, 2, false FROM request ORDER BY id;
INSERT INTO timer(kind, ref, due_at, branch_id) SELECT 1, id, response_due, work_branch_id FROM request ORDER BY id;

-- behind all of the above
SELECT setval('id_block', 100000), setval('request_number', 1000000);
COMMIT;
VACUUM ANALYZE;
CHECKPOINT;
