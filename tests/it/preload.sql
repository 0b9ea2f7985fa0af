-- SPDX-License-Identifier: Apache-2.0
-- A desk of some size: 5 branches, 40 departments, 600 users, 12,000 customers with a contact each (every second one logs in),
-- 100,000 requests of the last ninety days with four rows of history each, timers, inboxes, sessions, keys, audit. Only lists
-- and look-ups are planned on it, but what the server would read back is what it could have written: clocks too.
-- Runs as superuser, search_path ordo.

-- A number as sla_clock_encode() writes it: zigzag varint; NULL is an instant that is not set.
CREATE FUNCTION pg_temp.varint(v bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  z numeric := CASE WHEN v IS NULL THEN 18446744073709551615 WHEN v < 0 THEN -2 * v::numeric - 1 ELSE 2 * v::numeric END;
  bytes text := '';
BEGIN
  WHILE z >= 128 LOOP
    bytes := bytes || lpad(to_hex((z % 128)::int + 128), 2, '0');
    z := div(z, 128);
  END LOOP;
  RETURN bytes || lpad(to_hex(z::int), 2, '0');
END $$;

CREATE FUNCTION pg_temp.varints(seconds bigint[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(pg_temp.varint(s * 1000000), '' ORDER BY n) FROM unnest(seconds) WITH ORDINALITY AS x(s, n)
$$;

-- Four ways to stand, under one promise: 4 hours to respond, 24 to resolve, by day and night. amounts: what the clock holds behind
-- created_us; instants: from creation, seen, response due and reached, update due and reached, resolution due and reached, update
-- counted from, closed. All in seconds.
CREATE TEMP TABLE kind(nth int, state int, wait_for int, response_state int, resolution_state int, response int, resolution int,
  closed int, mode text, amounts bigint[], instants bigint[]);
INSERT INTO kind VALUES
  (0, 1, 0, 1, 1, NULL, NULL, NULL, '01', '{0,0,0,0,0,0,0,0}', '{0,14400,NULL,NULL,NULL,86400,NULL,0,NULL}'),
  (1, 3, 0, 2, 1, 1800, NULL, NULL, '01', '{1800,0,0,0,0,0,0,0}', '{1800,14400,1800,NULL,NULL,86400,NULL,0,NULL}'),
  (2, 4, 1, 2, 1, 1800, NULL, NULL, '02', '{1800,0,0,0,0,0,0,0}', '{1800,14400,1800,NULL,NULL,NULL,NULL,0,NULL}'),
  (3, 6, 0, 2, 2, 1800, 7200, 10800, '04', '{7200,0,0,7200,0,0,10800,7200}', '{10800,14400,1800,NULL,NULL,86400,7200,0,10800}');
ALTER TABLE kind ADD head text, ADD tail text;
UPDATE kind SET head = '01' || mode || lpad(response_state::text, 2, '0') || '00' || lpad(resolution_state::text, 2, '0'),
  tail = pg_temp.varints(amounts) || pg_temp.varints(instants);

-- ── directories ────────────────────────────────────────────────────────────────────────────────────────────────────
INSERT INTO calendar(id, version, name, zone, week, holidays) VALUES (1, 1, 'Always', 'UTC', 'mon-sun 00:00-24:00', '');
INSERT INTO sla(id, version, name, calendar_id, calendar_version, response_rule, targets)
SELECT s, 1, 'Level ' || s, 1, 1, 1, -- priorities 1 to 4, each {response_s: 14400, resolution_s: 86400}
       decode('2a09080110c0701880a3052a09080210c0701880a3052a09080310c0701880a3052a09080410c0701880a305', 'hex')
  FROM generate_series(1, 3) s;
INSERT INTO branch(id, name, zone, language) SELECT b, 'Branch ' || b, 'Europe/Rome', 'en' FROM generate_series(1, 5) b;
INSERT INTO department(id, branch_id, name) SELECT d, 1 + d % 5, 'Department ' || d FROM generate_series(1, 40) d;
INSERT INTO request_type(id, version, name, impact, department_id, fields)
SELECT t, 1, 'Type ' || t, 1 + t % 4, 1 + t % 40, ''::bytea FROM generate_series(1, 30) t;
INSERT INTO role(id, version, name, permissions) SELECT r, 1, 'Role ' || r, '{request.read}' FROM generate_series(1, 8) r;
INSERT INTO newest(kind, id, version, name)
SELECT 'calendar', 1, 1, 'Always' UNION ALL SELECT 'sla', id, 1, name FROM sla UNION ALL
SELECT 'request_type', id, 1, name FROM request_type UNION ALL SELECT 'role', id, 1, name FROM role;

-- ── people and customers ───────────────────────────────────────────────────────────────────────────────────────────
-- Users have ids from 1000, customers from 100000, their contacts from 200000, customer users from 300000.
INSERT INTO principal(id, kind, login, name, branch_id, department_id, language, zone, created_at)
SELECT 1000 + u, 1, 'user' || u, 'User ' || u, 1 + u % 5, 1 + u % 40, 'en', 'Europe/Rome', now() - make_interval(mins => u)
  FROM generate_series(1, 600) u;
INSERT INTO customer(id, branch_id, name, language, zone, contract_id, contract_version, sla_id, sla_version)
SELECT 100000 + c, 1 + c % 5, 'Customer ' || c, 'en', 'Europe/Rome', 400000 + c, 1, 1 + c % 3, 1 FROM generate_series(1, 12000) c;
INSERT INTO contract(id, version, customer_id, branch_id, number, signed_on, sla_id, sla_version)
SELECT contract_id, 1, id, branch_id, 'C-' || id, current_date - 365, sla_id, sla_version FROM customer;
INSERT INTO contact(id, customer_id, branch_id, name, mail, language, zone, principal_id)
SELECT id + 100000, id, branch_id, 'Contact of ' || name, 'contact' || id || '@example.org', 'en', 'Europe/Rome',
       CASE WHEN id % 2 = 0 THEN id + 200000 END FROM customer;
INSERT INTO principal(id, kind, login, name, branch_id, customer_id, language, zone, created_at)
SELECT principal_id, 2, mail, name, branch_id, customer_id, 'en', 'Europe/Rome', now() - make_interval(mins => (id % 50000)::int)
  FROM contact WHERE principal_id IS NOT NULL;
INSERT INTO principal_role(principal_id, role_id) SELECT id, 1 + id % 8 FROM principal;
INSERT INTO principal_scope(principal_id, branch_id) SELECT id, branch_id FROM principal WHERE kind = 1;
INSERT INTO session(token_sha256, principal_id, expires_at)
SELECT sha256(('token' || id)::bytea), id, now() + interval '12 hours' FROM principal;
INSERT INTO api_key(id, principal_id, name, sha256)
SELECT 500000 + id, id, 'key', sha256(('key' || id)::bytea) FROM principal;
INSERT INTO certificate(sha256, principal_id) SELECT sha256(('certificate' || id)::bytea), id FROM principal;
INSERT INTO login_failure(who, failures, last_at) SELECT 'a:nobody' || i, 1, now() FROM generate_series(1, 10000) i;

-- ── requests ───────────────────────────────────────────────────────────────────────────────────────────────────────
-- Two thirds are closed. Users are those of the branch; every eleventh request is worked on by the next branch.
INSERT INTO request(id, number, customer_id, contact_id, contract_id, contract_version, type_id, type_version, sla_id, sla_version,
  calendar_id, calendar_version, assignee_id, department_id, created_by, created_at, updated_at, response_due, response_at,
  response_state, resolution_due, resolution_at, resolution_state, closed_at, lead_us, working_lead_us, branch_id, work_branch_id,
  version, history_seq, channel, state, wait_for, priority, urgency, clock, title, body)
SELECT 1000000 + i, i, c.id, c.id + 100000, c.contract_id, 1, 1 + i % 30, 1, c.sla_id, c.sla_version, 1, 1,
       CASE WHEN k.state = 1 THEN NULL ELSE 1000 + u END, 1 + u % 40, 1000 + u, at, at + make_interval(secs => coalesce(k.closed, k.response, 0)),
       at + interval '4 hours', at + make_interval(secs => k.response), k.response_state,
       CASE WHEN k.mode <> '02' THEN at + interval '24 hours' END, at + make_interval(secs => k.resolution), k.resolution_state,
       at + make_interval(secs => k.closed), k.closed * 1000000::bigint, k.resolution * 1000000::bigint,
       c.branch_id, CASE WHEN i % 11 = 0 THEN 1 + c.branch_id % 5 ELSE c.branch_id END,
       4, 4, 1 + i % 6, k.state, k.wait_for, 1 + i % 4, 1 + i % 4,
       decode(k.head || pg_temp.varint((extract(epoch FROM at) * 1000000)::bigint) || k.tail, 'hex'),
       'Request ' || i, repeat('What is wrong, in some words. ', 4)
  FROM generate_series(1, 100000) i
  JOIN customer c ON c.id = 100001 + (i * 7919::bigint) % 12000
  CROSS JOIN LATERAL (SELECT now() - interval '90 days' * (1 - i / 100000.0) AS at, c.branch_id - 1 + 5 * (1 + i % 118) AS u) AS x
  JOIN kind k ON k.nth = CASE WHEN i % 9 < 6 THEN 3 ELSE i % 9 - 6 END;
SELECT setval('request_number', 100000), setval('id_block', 2000);

INSERT INTO history(request_id, seq, happened_at, actor_id, customer_id, branch_id, work_branch_id, kind, state, internal, body)
SELECT r.id, s, r.created_at + make_interval(mins => 10 * s), r.created_by, r.customer_id, r.branch_id, r.work_branch_id,
       (ARRAY[1, 2, 12, 13])[s], least(r.state, 3), s = 4, CASE WHEN s > 2 THEN 'A line of text' END
  FROM request r, generate_series(1, 4) s;
INSERT INTO timer(kind, ref, due_at, branch_id)
SELECT 1, id, now() + make_interval(secs => (id % 86400)::int), work_branch_id FROM request WHERE state IN (1, 3);
INSERT INTO audit(id, principal_id, object_id, digest, branch_id, method)
SELECT id, created_by, id, sha256('call'), branch_id, 32 FROM request;
INSERT INTO idempotency(day, principal_id, key, digest, status, reply)
SELECT current_date, created_by, gen_random_uuid(), sha256('call'), 0, ''::bytea FROM request;

-- ── inboxes ────────────────────────────────────────────────────────────────────────────────────────────────────────
INSERT INTO inbox_head(principal_id, seq) SELECT id, CASE WHEN kind = 1 THEN 150 ELSE 2 END FROM principal;
INSERT INTO inbox(principal_id, seq, event) SELECT h.principal_id, s, ''::bytea FROM inbox_head h, LATERAL generate_series(1, h.seq) s;
INSERT INTO subscription(principal_id, name, acked) SELECT principal_id, n, seq FROM inbox_head, (VALUES ('desk'), ('phone')) AS x(n);
INSERT INTO rights_change(principal_id, at) SELECT id, now() - make_interval(secs => id::int % 80000) FROM principal;
