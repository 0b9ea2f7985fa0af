-- SPDX-License-Identifier: Apache-2.0
-- Customers, their contacts and contracts.

-- name: customer_insert
INSERT INTO customer(id, branch_id, name, language, zone, communication) VALUES ($1, $2, $3, $4, $5, $6);

-- name: customer_get
SELECT id, branch_id, name, state, language, zone, communication, contract_id, contract_version, created_at, version
  FROM customer WHERE id = $1;

-- name: customer_lock
SELECT id, branch_id, name, state, language, zone, communication, contract_id, contract_version, created_at, version
  FROM customer WHERE id = $1 FOR NO KEY UPDATE;

-- The lists. $1 and $2: the key behind which it goes on, $3 rows.

-- name: customer_list
-- uses: customer_page
SELECT id, branch_id, name, state, language, zone, communication, contract_id, contract_version, created_at, version
  FROM customer WHERE (name, id) > ($1::text, $2::bigint) ORDER BY name, id LIMIT $3;

-- name: customer_branch_list
-- uses: customer_branch_id_name_key
SELECT id, branch_id, name, state, language, zone, communication, contract_id, contract_version, created_at, version
  FROM customer WHERE branch_id = $4 AND (name, id) > ($1::text, $2::bigint) ORDER BY name, id LIMIT $3;

-- name: customer_own_list
-- A customer user's own company.
SELECT id, branch_id, name, state, language, zone, communication, contract_id, contract_version, created_at, version
  FROM customer WHERE id = (SELECT scope_customer()) AND (name, id) > ($1::text, $2::bigint) ORDER BY name, id LIMIT $3;

-- name: contact_insert
INSERT INTO contact(id, customer_id, branch_id, name, phone, mail, language, zone, principal_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: contact_match
-- The contact that a new customer user is: one without a login who has his mail address or name.
SELECT id FROM contact
 WHERE customer_id = $1 AND principal_id IS NULL AND (name = $2::text OR mail = $3::text)
 ORDER BY (mail = $3::text) IS TRUE DESC, id LIMIT 1 FOR NO KEY UPDATE;

-- name: contact_link
WITH u AS (UPDATE contact SET principal_id = $2 WHERE id = $1 AND principal_id IS NULL RETURNING 1)
SELECT must_hit(count(*)) FROM u;

-- name: contract_of_customer
SELECT id FROM contract WHERE id = $1 AND customer_id = $2 LIMIT 1;

-- name: contract_insert
INSERT INTO contract(id, version, customer_id, branch_id, number, signed_on, sla_id, sla_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: customer_contract_set
WITH u AS (UPDATE customer SET contract_id = $3, contract_version = $4, sla_id = $5, sla_version = $6, version = version + 1
  WHERE id = $1 AND version = $2 RETURNING 1)
SELECT must_hit(count(*)) FROM u;
