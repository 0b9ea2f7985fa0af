-- SPDX-License-Identifier: Apache-2.0
-- What a node asks on its own account.

-- name: maintain
-- Partitions ahead, expired ones away, inboxes shortened, what nobody will ask for again.
SELECT partition_ensure($1), partition_drop_expired(), inbox_expire($2, $3), forget_expired();

-- name: commit_probe
-- Writes to the log and nowhere else, so that its commit is synced like any other.
SELECT pg_logical_emit_message(true, 'ordo', 'probe');
