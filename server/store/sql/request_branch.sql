-- SPDX-License-Identifier: Apache-2.0
-- The list of whoever sees a few branches: a page of each branch by its own index, of what the branch owns and of what it works on
-- for others, merged. By request_page he would walk over everybody's requests to find his own. Parameters as those of the other
-- lists, in request.sql.
--
-- Only the bounds that the index takes stand as such; the other conditions stand in a CASE. Seen one by one, with parameters
-- that it does not know, the planner takes them for so selective that it reads and sorts a whole branch instead of walking the
-- index until the page is full.

-- name: request_branches_newest_list
-- uses: request_branch_page
-- uses: request_work_branch_page
SELECT id, number, branch_id, work_branch_id, customer_id, customer, type_id, type, channel, state, wait_for, priority, title,
       assignee_id, assignee, department_id, department, level, created_at, updated_at, response_due, response_at, response_state,
       resolution_due, resolution_at, resolution_state, version
  FROM request_row
 WHERE id = ANY (ARRAY(SELECT p.id FROM unnest(scope_branches()) AS b(id), LATERAL (
      (SELECT id, created_at FROM request WHERE branch_id = b.id
          AND created_at >= $3 AND (created_at, id) < ($5::timestamptz, $6::bigint)
          AND CASE WHEN created_at < $4 AND state = ANY ($1::int2[]) AND (NOT $2::bool OR response_state = 3 OR resolution_state = 3)
            AND (NOT $7::bool OR assignee_id IS NULL) AND ($8::bigint IS NULL OR customer_id = $8)
            AND ($9::bigint IS NULL OR assignee_id = $9) AND ($10::bigint IS NULL OR department_id = $10) THEN true ELSE false END
        ORDER BY created_at DESC, id DESC LIMIT $11)
      UNION ALL
      (SELECT id, created_at FROM request WHERE work_branch_id = b.id AND work_branch_id <> branch_id
          AND created_at >= $3 AND (created_at, id) < ($5::timestamptz, $6::bigint)
          AND CASE WHEN created_at < $4 AND state = ANY ($1::int2[]) AND (NOT $2::bool OR response_state = 3 OR resolution_state = 3)
            AND (NOT $7::bool OR assignee_id IS NULL) AND ($8::bigint IS NULL OR customer_id = $8)
            AND ($9::bigint IS NULL OR assignee_id = $9) AND ($10::bigint IS NULL OR department_id = $10) THEN true ELSE false END
        ORDER BY created_at DESC, id DESC LIMIT $11)) AS p
    GROUP BY p.id, p.created_at -- two branches of the scope may share one
    ORDER BY p.created_at DESC, p.id DESC LIMIT $11))
 ORDER BY created_at DESC, id DESC;

-- name: request_branches_oldest_list
-- uses: request_branch_page
-- uses: request_work_branch_page
SELECT id, number, branch_id, work_branch_id, customer_id, customer, type_id, type, channel, state, wait_for, priority, title,
       assignee_id, assignee, department_id, department, level, created_at, updated_at, response_due, response_at, response_state,
       resolution_due, resolution_at, resolution_state, version
  FROM request_row
 WHERE id = ANY (ARRAY(SELECT p.id FROM unnest(scope_branches()) AS b(id), LATERAL (
      (SELECT id, created_at FROM request WHERE branch_id = b.id
          AND created_at < $4 AND (created_at, id) > ($5::timestamptz, $6::bigint)
          AND CASE WHEN created_at >= $3 AND state = ANY ($1::int2[]) AND (NOT $2::bool OR response_state = 3 OR resolution_state = 3)
            AND (NOT $7::bool OR assignee_id IS NULL) AND ($8::bigint IS NULL OR customer_id = $8)
            AND ($9::bigint IS NULL OR assignee_id = $9) AND ($10::bigint IS NULL OR department_id = $10) THEN true ELSE false END
        ORDER BY created_at ASC, id ASC LIMIT $11)
      UNION ALL
      (SELECT id, created_at FROM request WHERE work_branch_id = b.id AND work_branch_id <> branch_id
          AND created_at < $4 AND (created_at, id) > ($5::timestamptz, $6::bigint)
          AND CASE WHEN created_at >= $3 AND state = ANY ($1::int2[]) AND (NOT $2::bool OR response_state = 3 OR resolution_state = 3)
            AND (NOT $7::bool OR assignee_id IS NULL) AND ($8::bigint IS NULL OR customer_id = $8)
            AND ($9::bigint IS NULL OR assignee_id = $9) AND ($10::bigint IS NULL OR department_id = $10) THEN true ELSE false END
        ORDER BY created_at ASC, id ASC LIMIT $11)) AS p
    GROUP BY p.id, p.created_at -- two branches of the scope may share one
    ORDER BY p.created_at ASC, p.id ASC LIMIT $11))
 ORDER BY created_at ASC, id ASC;
