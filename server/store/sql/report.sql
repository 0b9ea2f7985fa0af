-- SPDX-License-Identifier: Apache-2.0
-- The summary: $1 and $2 when the requests were created, $3 one branch or all. Percentiles are nearest rank (percentile_disc).

-- name: report_totals
SELECT count(*), coalesce(sum(waiting_us), 0)::bigint,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY lead_us) FILTER (WHERE lead_us IS NOT NULL),
       percentile_disc(0.9) WITHIN GROUP (ORDER BY lead_us) FILTER (WHERE lead_us IS NOT NULL),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY working_lead_us) FILTER (WHERE working_lead_us IS NOT NULL),
       percentile_disc(0.9) WITHIN GROUP (ORDER BY working_lead_us) FILTER (WHERE working_lead_us IS NOT NULL)
  FROM request WHERE created_at >= $1 AND created_at < $2 AND ($3::int IS NULL OR branch_id = $3);

-- name: report_by_state
SELECT state, count(*) FROM request
 WHERE created_at >= $1 AND created_at < $2 AND ($3::int IS NULL OR branch_id = $3) GROUP BY state ORDER BY state;

-- name: report_by_department
SELECT d.name, count(*) FROM request r JOIN department d ON d.id = r.department_id
 WHERE r.created_at >= $1 AND r.created_at < $2 AND ($3::int IS NULL OR r.branch_id = $3) GROUP BY d.name ORDER BY 2 DESC, 1;

-- name: report_by_customer
SELECT c.name, count(*) FROM request r JOIN customer c ON c.id = r.customer_id
 WHERE r.created_at >= $1 AND r.created_at < $2 AND ($3::int IS NULL OR r.branch_id = $3) GROUP BY c.name ORDER BY 2 DESC, 1;

-- name: report_by_level
SELECT s.name, count(*) FILTER (WHERE r.response_state = 2), count(*) FILTER (WHERE r.response_state = 3),
       count(*) FILTER (WHERE r.resolution_state = 2), count(*) FILTER (WHERE r.resolution_state = 3)
  FROM request r JOIN sla s ON s.id = r.sla_id AND s.version = r.sla_version
 WHERE r.created_at >= $1 AND r.created_at < $2 AND ($3::int IS NULL OR r.branch_id = $3) GROUP BY s.name ORDER BY s.name;

-- name: report_by_actor
SELECT coalesce(p.name, 'Ordo'), count(*) FROM request r JOIN history h ON h.request_id = r.id
  LEFT JOIN principal p ON p.id = h.actor_id
 WHERE r.created_at >= $1 AND r.created_at < $2 AND ($3::int IS NULL OR r.branch_id = $3) GROUP BY 1 ORDER BY 2 DESC, 1;
