/* SPDX-License-Identifier: Apache-2.0
 * The list of requests, whatever part of the company one sees: the same rows in the same order as the table itself has them for that
 * scope, in whole and page by page. */
#include "tests/it/inproc_ground.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/buf.h"

enum { REQUESTS = 700, BRANCHES = 12, NUMBERS_BYTES_MAX = 64 * 1024 };

static int64_t first_id;

/* Requests of all branches, three of a moment; every third one is worked on by the next branch. */
static int setup(void **state)
{
    char sql[1024];
    inproc_given(state);
    for (int i = 2; i <= BRANCHES; i++) {
        char name[32];
        snprintf(name, sizeof name, "Branch %d", i);
        company_branch(&p, admin, name);
    }
    int64_t customer_id = company_customer(&p, admin, "Bakery");
    company_contract(&p, admin, customer_id, company_sla(&p, admin, "Gold"));
    first_id = company_request(&p, admin, customer_id, company_type(&p, admin, "Fault", company_department(&p, admin, "Service")), "something");
    snprintf(sql, sizeof sql,
             "INSERT INTO ordo.request SELECT (jsonb_populate_record(r, jsonb_build_object('id', 5000000 + i, 'number', 1 + i,"
             " 'branch_id', b[1 + i %% %d], 'work_branch_id', b[1 + (i + (i %% 3 = 0)::int) %% %d], 'state', (ARRAY[1, 5, 6])[1 + i / 12 %% 3],"
             " 'created_at', r.created_at - make_interval(mins => i / 3)))).*"
             " FROM ordo.request r, (SELECT array_agg(id ORDER BY id) AS b FROM ordo.branch) x, generate_series(1, %d) i WHERE r.id = %lld",
             BRANCHES, BRANCHES, REQUESTS, (long long)first_id);
    pg_sql(p.db.super, sql);
    return 0;
}

static void add(struct od_buf *numbers, const Ordo__RequestListPart *part)
{
    for (size_t i = 0; i < part->n_rows; i++)
        od_buf_printf(numbers, "%s%lld", numbers->n ? "," : "", (long long)part->rows[i]->number);
}

struct list_row {
    const char *name;
    const char *branches; /* the places of those that one sees, by id; NULL: all */
    bool oldest;
    const char *where;    /* the same filter as SQL */
    Ordo__RequestState state; /* 0: any */
    int from_min, to_min; /* created so many minutes before the first one; 0: not asked */
    uint32_t limit;       /* of each list, gone on with by its cursor */
};

static struct session *session_of(const char *branches)
{
    struct session *s = session_copy(admin);
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT array_agg(id ORDER BY id) FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM ordo.branch) b"
                              " WHERE '%s' = '' OR n = ANY ('{%s}')", branches ? branches : "", branches ? branches : "");
    snprintf(s->branches, sizeof s->branches, "%s", pg_sql(p.db.super, sql));
    return s;
}

static void list_all(const struct list_row *row, struct session *s, struct od_buf *numbers)
{
    Ordo__RequestListReq req = ORDO__REQUEST_LIST_REQ__INIT;
    char sql[128];
    req.has_order = 1;
    req.order = row->oldest ? ORDO__REQUEST_ORDER__OLDEST : ORDO__REQUEST_ORDER__NEWEST;
    req.n_states = row->state != 0;
    req.states = (Ordo__RequestState[]){row->state};
    req.has_limit = row->limit != 0;
    req.limit = row->limit;
    snprintf(sql, sizeof sql, "SELECT (extract(epoch FROM created_at) * 1000000)::bigint FROM ordo.request WHERE id = %lld", (long long)first_id);
    int64_t first_us = strtoll(pg_sql(p.db.super, sql), NULL, 10);
    req.has_created_from_us = row->from_min != 0;
    req.created_from_us = first_us - row->from_min * INT64_C(60000000);
    req.has_created_to_us = row->to_min != 0;
    req.created_to_us = first_us - row->to_min * INT64_C(60000000);
    for (;;) {
        add(numbers, inproc_must(&p, s, INPROC_request_list, &req));
        const Ordo__RequestListRep *rep = p.rep;
        if (!rep->has_cursor)
            return;
        req.has_cursor = 1;
        req.cursor = rep->cursor;
    }
}

static void a_list_is_what_the_table_has_for_the_scope(void **state)
{
    static const struct list_row rows[] = {
        {"one branch, with what it works on for others", .branches = "1"},
        {"and from the oldest", .branches = "5", .oldest = true},
        {"two that share requests have each once", .branches = "2,3"},
        {"two that share none", .branches = "2,8", .oldest = true},
        {"by pages of a few", .branches = "3,4", .limit = 7},
        {"by pages of a few from the oldest", .branches = "3,4", .limit = 7, .oldest = true},
        {"only of a state", .branches = "6", .state = ORDO__REQUEST_STATE__RESOLVED, .where = "state = 5"},
        {"only of a time", .branches = "6,7", .from_min = 150, .to_min = 20, .limit = 10,
         .where = "created_at >= f.at - interval '150 min' AND created_at < f.at - interval '20 min'"},
        {"of a time from the oldest", .branches = "6,7", .from_min = 150, .to_min = 20, .limit = 10, .oldest = true,
         .where = "created_at >= f.at - interval '150 min' AND created_at < f.at - interval '20 min'"},
        {"as many as are merged", .branches = "1,2,3,4,5,6,7,8"},
        {"one more", .branches = "1,2,3,4,5,6,7,8,9"},
        {"all of them", .branches = NULL, .oldest = true},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        const struct list_row *r = &rows[i];
        struct session *s = session_of(r->branches);
        struct od_buf numbers;
        char sql[1024];
        print_message("  %s\n", r->name);
        od_buf_init(&numbers, NUMBERS_BYTES_MAX);
        list_all(r, s, &numbers);
        snprintf(sql, sizeof sql,
                 "SELECT string_agg(r.number::text, ',' ORDER BY r.created_at %s, r.id %s) FROM ordo.request r,"
                 " (SELECT created_at AS at FROM ordo.request WHERE id = %lld) f"
                 " WHERE (branch_id = ANY ('%.200s') OR work_branch_id = ANY ('%.200s')) AND %s",
                 r->oldest ? "ASC" : "DESC", r->oldest ? "ASC" : "DESC", (long long)first_id, s->branches, s->branches,
                 r->where ? r->where : "true");
        od_buf_char(&numbers, '\0');
        assert_string_equal(numbers.p, pg_sql(p.db.super, sql));
        assert_true(numbers.n > 40);
        od_buf_done(&numbers);
        session_unref(s);
        inproc_forget(&p);
    }
}

static void whoever_sees_no_branch_sees_no_request(void **state)
{
    (void)state;
    struct session *s = session_copy(admin);
    Ordo__RequestListReq req = ORDO__REQUEST_LIST_REQ__INIT;
    snprintf(s->branches, sizeof s->branches, "{}");
    assert_int_equal(((const Ordo__RequestListPart *)inproc_must(&p, s, INPROC_request_list, &req))->n_rows, 0);
    session_unref(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_what_the_table_has_for_the_scope),
        cmocka_unit_test(whoever_sees_no_branch_sees_no_request),
    };
    return cmocka_run_group_tests_name("list of requests", tests, setup, inproc_taken);
}
