-- SPDX-License-Identifier: Apache-2.0
-- Keys, audit and inboxes: what the dispatcher adds to every write.

-- name: idempotency_insert
INSERT INTO idempotency(day, principal_id, key, digest, status, reply) VALUES ($1, $2, $3, $4, $5, $6);

-- name: idempotency_get
SELECT digest, status, reply FROM idempotency WHERE day = $1 AND principal_id = $2 AND key = $3;

-- name: audit_insert
INSERT INTO audit(id, principal_id, object_id, key, trace, peer, digest, branch_id, method)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: inbox_add
SELECT inbox_add($1::bigint[], $2::bytea[]);

-- name: inbox_page
SELECT seq, event FROM inbox WHERE principal_id = $1 AND seq > $2 ORDER BY seq LIMIT $3;

-- name: inbox_head_get
SELECT h.seq, h.oldest, s.acked FROM inbox_head h
  LEFT JOIN subscription s ON s.principal_id = h.principal_id AND s.name = $2
 WHERE h.principal_id = $1;

-- name: inbox_heads
SELECT principal_id, seq FROM inbox_head WHERE principal_id = ANY ($1::bigint[]);

-- name: inbox_head_insert
INSERT INTO inbox_head(principal_id) VALUES ($1);

-- name: subscription_put
INSERT INTO subscription(principal_id, name, acked) VALUES ($1, $2, $3)
ON CONFLICT (principal_id, name) DO UPDATE SET seen_at = now();

-- name: subscription_ack
UPDATE subscription SET acked = $3, seen_at = now() WHERE principal_id = $1 AND name = $2 AND acked < $3;

-- name: rights_change_insert
INSERT INTO rights_change(principal_id) VALUES ($1);

-- name: rights_changes
SELECT id, principal_id FROM rights_change WHERE at > now() - make_interval(secs => $1::int) ORDER BY id;

-- name: notify_wake
SELECT pg_notify('ordo_wake', $1);
