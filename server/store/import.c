/* SPDX-License-Identifier: Apache-2.0
 * Arrays to unnest and back; the order of columns is that of sql/import.sql. */
#include "server/store/import.h"

#include "server/domain/sla/clock_bytes.h"

size_t import_names_add(struct import_names *names, struct od_str name)
{
    for (size_t i = 0; i < names->n; i++)
        if (od_str_eq(names->names[i], name))
            return i;
    od_assert(names->n < OD_LEN(names->names));
    names->names[names->n] = name;
    return names->n++;
}

static enum od_status read_source(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct import_source *s = into;
    (void)tx;
    if (PQntuples(r) != 1)
        return od_fail(err, OD_R_NO_SUCH, "kind=import source" OD_AND "id=%llu", (unsigned long long)s->next_batch);
    s->next_batch = (uint64_t)pg_get_int(r, 0, 0);
    s->branch_id = (int32_t)pg_get_int(r, 0, 1);
    return OD_OK;
}

static enum od_status read_levels(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct import_source *s = into;
    (void)err;
    for (int i = 0; i < PQntuples(r) && s->n_levels < IMPORT_LEVELS_MAX; i++)
        s->levels[s->n_levels++] =
            (struct import_level){pg_get_copy(r, i, 0, tx->arena), pg_get_int(r, i, 1), (int32_t)pg_get_int(r, i, 2)};
    return OD_OK;
}

void store_import_source_lock(struct txn *tx, int64_t source_id, struct import_source *into)
{
    *into = (struct import_source){.next_batch = (uint64_t)source_id};
    txn_query(tx, STMT_import_source_lock, read_source, into, PG(pg_int(source_id)));
    txn_query(tx, STMT_import_levels, read_levels, into, PG(pg_int(source_id)));
}

static enum od_status read_requests(struct txn *tx, const PGresult *res, void *into, struct od_err *err)
{
    struct import_requests *q = into;
    (void)tx;
    for (int i = 0; i < PQntuples(res); i++) {
        for (size_t k = 0; k < q->n; k++) {
            struct request *r = &q->rows[k].r;
            if (!od_str_eq(pg_get_str(res, i, 1), q->rows[k].key))
                continue;
            q->rows[k].fresh = false;
            r->id = pg_get_int(res, i, 0);
            r->customer_id = pg_get_int(res, i, 2);
            r->sla_id = pg_get_int(res, i, 3);
            r->sla_version = (int32_t)pg_get_int(res, i, 4);
            r->assignee_id = pg_get_int(res, i, 5);
            r->state = (enum request_state)pg_get_int(res, i, 6);
            r->version = (uint32_t)pg_get_int(res, i, 7);
            r->history_seq = (int)pg_get_int(res, i, 8);
            if (!sla_clock_decode(pg_get_str(res, i, 9), &r->clock))
                return od_fail(err, OD_R_DATABASE_ERROR, "message=the clock of request %lld cannot be read", (long long)r->id);
        }
    }
    return OD_OK;
}

void store_import_requests_lock(struct txn *tx, int64_t source_id, struct import_requests *into)
{
    struct od_str keys[OD_IMPORT_EVENTS_MAX];
    for (size_t i = 0; i < into->n; i++)
        keys[i] = into->rows[i].key;
    txn_query(tx, STMT_import_requests, read_requests, into, PG(pg_int(source_id), pg_texts(keys, into->n)));
}

static enum od_status read_names(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct import_names *names = into;
    (void)tx;
    (void)err;
    for (int i = 0; i < PQntuples(r); i++)
        for (size_t k = 0; k < names->n; k++)
            if (od_str_eq(pg_get_str(r, i, 1), names->names[k]))
                names->ids[k] = pg_get_int(r, i, 0);
    return OD_OK;
}

void store_import_names(struct txn *tx, enum stmt stmt, int64_t source_id, struct import_names *into)
{
    if (into->n)
        txn_query(tx, stmt, read_names, into, PG(pg_int(source_id), pg_texts(into->names, into->n)));
}

static enum od_status read_numbers(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct import_requests *q = into;
    (void)tx;
    (void)err;
    for (size_t i = 0; i < q->n && i < (size_t)PQntuples(r); i++)
        q->rows[i].r.number = pg_get_int(r, (int)i, 0);
    return OD_OK;
}

void store_import_numbers(struct txn *tx, struct import_requests *into)
{
    txn_query(tx, STMT_import_numbers, read_numbers, into, PG(pg_int((int64_t)into->n)));
}

void store_import_names_insert(struct txn *tx, enum stmt stmt, int32_t branch_id, const struct import_names *names)
{
    struct od_str fresh[OD_IMPORT_EVENTS_MAX];
    int64_t ids[OD_IMPORT_EVENTS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++) {
        if (names->made[i]) {
            fresh[n] = names->names[i];
            ids[n++] = names->ids[i];
        }
    }
    if (n)
        txn_exec(tx, stmt, PG(pg_int(branch_id), pg_ints(ids, n), pg_texts(fresh, n)));
}

/* The columns that inserting and updating have in common, one array each. */
struct columns {
    size_t n;
    int64_t id[OD_IMPORT_EVENTS_MAX], number[OD_IMPORT_EVENTS_MAX], customer[OD_IMPORT_EVENTS_MAX], sla[OD_IMPORT_EVENTS_MAX],
        sla_version[OD_IMPORT_EVENTS_MAX], assignee[OD_IMPORT_EVENTS_MAX], department[OD_IMPORT_EVENTS_MAX],
        created_by[OD_IMPORT_EVENTS_MAX], created[OD_IMPORT_EVENTS_MAX], updated[OD_IMPORT_EVENTS_MAX], state[OD_IMPORT_EVENTS_MAX],
        seq[OD_IMPORT_EVENTS_MAX], response_due[OD_IMPORT_EVENTS_MAX], response_at[OD_IMPORT_EVENTS_MAX],
        response_state[OD_IMPORT_EVENTS_MAX], resolution_due[OD_IMPORT_EVENTS_MAX], resolution_at[OD_IMPORT_EVENTS_MAX],
        resolution_state[OD_IMPORT_EVENTS_MAX], closed[OD_IMPORT_EVENTS_MAX], waiting[OD_IMPORT_EVENTS_MAX],
        lead[OD_IMPORT_EVENTS_MAX], working_lead[OD_IMPORT_EVENTS_MAX];
    struct od_str key[OD_IMPORT_EVENTS_MAX], clock[OD_IMPORT_EVENTS_MAX];
    unsigned char clock_bytes[OD_IMPORT_EVENTS_MAX][SLA_CLOCK_BYTES_MAX];
};

static void add_clock(struct columns *c, size_t i, const struct sla_clock *k)
{
    bool closed = k->closed_us != OD_TIME_NONE;
    c->response_due[i] = k->response.due_us;
    c->response_at[i] = k->response.reached_us;
    c->response_state[i] = k->response.state;
    c->resolution_due[i] = k->resolution.due_us;
    c->resolution_at[i] = k->resolution.reached_us;
    c->resolution_state[i] = k->resolution.state;
    c->closed[i] = k->closed_us;
    c->waiting[i] = k->waiting_us;
    c->lead[i] = closed ? k->lead_us : INT64_MIN;
    c->working_lead[i] = closed ? k->working_lead_us : INT64_MIN;
    c->clock[i] = (struct od_str){(char *)c->clock_bytes[i], sla_clock_encode(k, c->clock_bytes[i])};
}

static struct columns *columns_of(struct txn *tx, const struct import_requests *q, bool fresh)
{
    struct columns *c = OD_ARENA_NEW(tx->arena, struct columns);
    for (size_t i = 0; c && i < q->n; i++) {
        const struct request *r = &q->rows[i].r;
        if (q->rows[i].fresh != fresh)
            continue;
        c->id[c->n] = r->id;
        c->number[c->n] = r->number;
        c->key[c->n] = q->rows[i].key;
        c->customer[c->n] = r->customer_id;
        c->sla[c->n] = r->sla_id;
        c->sla_version[c->n] = r->sla_version;
        c->assignee[c->n] = r->assignee_id ? r->assignee_id : INT64_MIN;
        c->department[c->n] = r->department_id;
        c->created_by[c->n] = r->created_by;
        c->created[c->n] = r->created_us;
        c->updated[c->n] = r->updated_us;
        c->state[c->n] = r->state;
        c->seq[c->n] = r->history_seq;
        add_clock(c, c->n++, &r->clock);
    }
    return c && c->n ? c : NULL;
}

void store_import_requests_insert(struct txn *tx, int64_t source_id, const struct import_requests *requests)
{
    const struct columns *c = columns_of(tx, requests, true);
    if (!c)
        return;
    const size_t n = c->n;
    txn_exec(tx, STMT_import_request_insert,
             PG(pg_int(source_id), pg_ints(c->id, n), pg_ints(c->number, n), pg_texts(c->key, n), pg_ints(c->customer, n),
                pg_ints(c->sla, n), pg_ints(c->sla_version, n), pg_ints(c->assignee, n), pg_ints(c->department, n),
                pg_ints(c->created_by, n), pg_times(c->created, n), pg_times(c->updated, n), pg_ints(c->state, n),
                pg_ints(c->seq, n), pg_times(c->response_due, n), pg_times(c->response_at, n), pg_ints(c->response_state, n),
                pg_times(c->resolution_due, n), pg_times(c->resolution_at, n), pg_ints(c->resolution_state, n),
                pg_times(c->closed, n), pg_ints(c->waiting, n), pg_ints(c->lead, n), pg_ints(c->working_lead, n),
                pg_byteses(c->clock, n)));
}

void store_import_requests_update(struct txn *tx, const struct import_requests *requests)
{
    const struct columns *c = columns_of(tx, requests, false);
    if (!c)
        return;
    const size_t n = c->n;
    txn_exec(tx, STMT_import_request_update,
             PG(pg_ints(c->id, n), pg_ints(c->assignee, n), pg_times(c->updated, n), pg_ints(c->state, n), pg_ints(c->seq, n),
                pg_times(c->response_due, n), pg_times(c->response_at, n), pg_ints(c->response_state, n),
                pg_times(c->resolution_due, n), pg_times(c->resolution_at, n), pg_ints(c->resolution_state, n),
                pg_times(c->closed, n), pg_ints(c->waiting, n), pg_ints(c->lead, n), pg_ints(c->working_lead, n),
                pg_byteses(c->clock, n)));
}

void store_import_history_insert(struct txn *tx, int32_t branch_id, const struct import_history *h)
{
    txn_exec(tx, STMT_import_history_insert,
             PG(pg_int(branch_id), pg_ints(h->request_id, h->n), pg_ints(h->seq, h->n), pg_ints(h->customer_id, h->n),
                pg_times(h->happened_us, h->n), pg_ints(h->actor_id, h->n), pg_ints(h->state, h->n), pg_texts(h->body, h->n)));
}
