-- SPDX-License-Identifier: Apache-2.0
-- The list of whoever sees a few branches: a page of each branch by its own index, of what the branch owns and of what it works on
-- for others, merged. By request_page he would walk over everybody's requests to find his own. Parameters as those of the other
-- lists, in request.sql.

-- name: request_branches_newest_list
-- uses: request_branch_page
-- uses: request_work_branch_page
:request_row
 WHERE id = ANY (ARRAY(SELECT p.id FROM unnest(scope_branches()) AS b(id), LATERAL (
      (SELECT id, created_at FROM request WHERE branch_id = b.id
          AND :request_newest AND :request_wanted
        ORDER BY created_at DESC, id DESC LIMIT $11)
      UNION ALL
      (SELECT id, created_at FROM request WHERE work_branch_id = b.id AND work_branch_id <> branch_id
          AND :request_newest AND :request_wanted
        ORDER BY created_at DESC, id DESC LIMIT $11)) AS p
    GROUP BY p.id, p.created_at -- two branches of the scope may share one
    ORDER BY p.created_at DESC, p.id DESC LIMIT $11))
 ORDER BY created_at DESC, id DESC;

-- name: request_branches_oldest_list
-- uses: request_branch_page
-- uses: request_work_branch_page
:request_row
 WHERE id = ANY (ARRAY(SELECT p.id FROM unnest(scope_branches()) AS b(id), LATERAL (
      (SELECT id, created_at FROM request WHERE branch_id = b.id
          AND :request_oldest AND :request_wanted
        ORDER BY created_at ASC, id ASC LIMIT $11)
      UNION ALL
      (SELECT id, created_at FROM request WHERE work_branch_id = b.id AND work_branch_id <> branch_id
          AND :request_oldest AND :request_wanted
        ORDER BY created_at ASC, id ASC LIMIT $11)) AS p
    GROUP BY p.id, p.created_at -- two branches of the scope may share one
    ORDER BY p.created_at ASC, p.id ASC LIMIT $11))
 ORDER BY created_at ASC, id ASC;
