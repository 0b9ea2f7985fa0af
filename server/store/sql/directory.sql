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
