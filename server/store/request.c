/* SPDX-License-Identifier: Apache-2.0
 * Columns to members and back; the order of columns is that of sql/request.sql. */
#include "server/store/request.h"

#include "common/wire/prescan.h"
#include "server/domain/sla/clock_bytes.h"

static enum od_status read_register_facts(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct request_register_facts *f = into;
    OD_TRY(txn_one_row(r, "customer", f->number, err)); /* number holds the id that was asked for */
    *f = (struct request_register_facts){
        .branch_id = (int32_t)pg_get_int(r, 0, 0),
        .customer_state = (int)pg_get_int(r, 0, 1),
        .contract_id = pg_get_int(r, 0, 2),
        .contract_version = (int32_t)pg_get_int(r, 0, 3),
        .sla_id = pg_get_int(r, 0, 4),
        .sla_version = (int32_t)pg_get_int(r, 0, 5),
        .contact_id = pg_get_int(r, 0, 6),
        .contact_principal_id = pg_get_int(r, 0, 7),
        .type_version = (int32_t)pg_get_int(r, 0, 8),
        .assignee_branches = pg_get_cstr(r, 0, 9, tx->arena),
        .number = pg_get_int(r, 0, 10),
    };
    return f->assignee_branches ? OD_OK : od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", tx->arena->cap_bytes);
}

void store_request_register_load(struct txn *tx, int64_t customer_id, int64_t contact_id, int64_t type_id, int64_t assignee_id,
                                 int64_t himself, struct request_register_facts *into)
{
    into->number = customer_id;
    txn_query(tx, STMT_request_register_load, read_register_facts, into,
              PG(pg_int(customer_id), pg_id(contact_id), pg_int(type_id), pg_id(assignee_id), pg_id(himself)));
}

static struct od_str encode_clock(const struct sla_clock *c, unsigned char out[SLA_CLOCK_BYTES_MAX])
{
    return (struct od_str){(char *)out, sla_clock_encode(c, out)};
}

void store_request_insert(struct txn *tx, const struct request *r)
{
    unsigned char clock[SLA_CLOCK_BYTES_MAX];
    const struct sla_clock *k = &r->clock;
    txn_exec(tx, STMT_request_insert,
             PG(pg_int(r->id), pg_int(r->number), pg_int(r->branch_id), pg_int(r->work_branch_id), pg_int(r->customer_id),
                pg_id(r->contact_id), pg_id(r->contract_id), pg_id(r->contract_version), pg_id(r->type_id), pg_id(r->type_version),
                pg_int(r->sla_id), pg_int(r->sla_version), pg_int(r->calendar_id), pg_int(r->calendar_version), pg_int(r->channel),
                pg_int(r->state), pg_int(r->priority), pg_int(r->urgency), pg_id(r->assignee_id), pg_int(r->department_id),
                pg_int(r->created_by), pg_time(r->created_us), pg_time(k->response.due_us), pg_int(k->response.state),
                pg_time(k->resolution.due_us), pg_int(k->resolution.state), pg_bytes(encode_clock(k, clock)), pg_str(r->title),
                pg_str(r->body), pg_bytes(r->fields)));
}

static enum od_status read_locked(struct txn *tx, const PGresult *res, void *into, struct od_err *err)
{
    struct request *r = into;
    OD_TRY(txn_one_row(res, "request", r->id, err));
    r->number = pg_get_int(res, 0, 1);
    r->branch_id = (int32_t)pg_get_int(res, 0, 2);
    r->work_branch_id = (int32_t)pg_get_int(res, 0, 3);
    r->customer_id = pg_get_int(res, 0, 4);
    r->contact_id = pg_get_int(res, 0, 5);
    r->sla_id = pg_get_int(res, 0, 6);
    r->sla_version = (int32_t)pg_get_int(res, 0, 7);
    r->state = (enum request_state)pg_get_int(res, 0, 8);
    r->wait_for = (enum wait_for)pg_get_int(res, 0, 9);
    r->priority = (int)pg_get_int(res, 0, 10);
    r->assignee_id = pg_get_int(res, 0, 11);
    r->department_id = pg_get_int(res, 0, 12);
    r->created_us = pg_get_time(res, 0, 13);
    r->version = (uint32_t)pg_get_int(res, 0, 14);
    r->history_seq = (int)pg_get_int(res, 0, 15);
    r->minutes_total = (int)pg_get_int(res, 0, 16);
    if (!sla_clock_decode(pg_get_str(res, 0, 17), &r->clock))
        return od_fail(err, OD_R_DATABASE_ERROR, "message=the clock of request %lld cannot be read", (long long)r->id);
    r->title = pg_get_copy(res, 0, 18, tx->arena);
    r->contact_principal_id = pg_get_int(res, 0, 19);
    r->head_id = pg_get_int(res, 0, 20);
    return OD_OK;
}

void store_request_lock(struct txn *tx, int64_t id, struct request *into)
{
    *into = (struct request){.id = id};
    txn_query(tx, STMT_request_lock, read_locked, into, PG(pg_int(id)));
}

void store_request_save(struct txn *tx, const struct request *r)
{
    unsigned char clock[SLA_CLOCK_BYTES_MAX];
    const struct sla_clock *k = &r->clock;
    bool closed = k->closed_us != OD_TIME_NONE;
    txn_exec(tx, STMT_request_save,
             PG(pg_int(r->id), pg_int(r->version - 1), pg_int(r->work_branch_id), pg_int(r->state), pg_int(r->wait_for),
                pg_id(r->assignee_id), pg_int(r->department_id), pg_time(r->updated_us), pg_int(r->history_seq),
                pg_int(r->minutes_total), pg_time(k->response.due_us), pg_time(k->response.reached_us), pg_int(k->response.state),
                pg_time(k->resolution.due_us), pg_time(k->resolution.reached_us), pg_int(k->resolution.state),
                pg_time(k->closed_us), pg_int(k->waiting_us), closed ? pg_int(k->lead_us) : pg_null(),
                closed ? pg_int(k->working_lead_us) : pg_null(), pg_bytes(encode_clock(k, clock)), pg_str(r->solution)));
}

static void insert_history(struct txn *tx, const struct request *r, const struct effects *fx, const struct effect_history *h)
{
    txn_exec(tx, STMT_history_insert,
             PG(pg_int(r->id), pg_int(h->seq), pg_int(r->branch_id), pg_int(r->work_branch_id), pg_int(r->customer_id),
                pg_time(h->happened_us), pg_int(fx->actor_id), pg_int(h->kind), pg_int(h->state), pg_bool(h->internal),
                pg_id(h->subject_id), pg_id(h->minutes), pg_str(h->body)));
}

void store_effects(struct txn *tx, const struct request *r, const struct effects *fx, bool fresh)
{
    for (unsigned i = 0; i < fx->n_history; i++)
        insert_history(tx, r, fx, &fx->history[i]);
    if (!fx->timer_changed)
        return;
    if (fx->timer_us != OD_TIME_NONE)
        txn_exec(tx, fresh ? STMT_timer_insert : STMT_timer_set,
                 PG(pg_int(TIMER_REQUEST), pg_int(r->id), pg_time(fx->timer_us), pg_int(r->work_branch_id)));
    else if (!fresh)
        txn_exec(tx, STMT_timer_drop, PG(pg_int(TIMER_REQUEST), pg_int(r->id)));
}

static Ordo__Target *target(const PGresult *res, int row, int col, struct od_arena *arena)
{
    Ordo__Target *t = od_arena_alloc(arena, sizeof *t);
    if (!t)
        return NULL;
    ordo__target__init(t);
    t->has_due_us = !pg_is_null(res, row, col);
    t->due_us = t->has_due_us ? pg_get_time(res, row, col) : 0;
    t->has_reached_us = !pg_is_null(res, row, col + 1);
    t->reached_us = t->has_reached_us ? pg_get_time(res, row, col + 1) : 0;
    t->has_state = 1;
    t->state = (Ordo__TargetState)pg_get_int(res, row, col + 2);
    return t;
}

#define ROW_INT(member, col)                                                                                           \
    do {                                                                                                               \
        m->has_##member = !pg_is_null(res, row, (col));                                                                \
        m->member = (__typeof__(m->member))pg_get_int(res, row, (col));                                                \
    } while (0)

Ordo__RequestRow *store_request_row(const PGresult *res, int row, struct od_arena *arena)
{
    Ordo__RequestRow *m = od_arena_alloc(arena, sizeof *m);
    if (!m)
        return NULL;
    ordo__request_row__init(m);
    ROW_INT(id, 0);
    ROW_INT(number, 1);
    ROW_INT(branch_id, 2);
    ROW_INT(work_branch_id, 3);
    ROW_INT(customer_id, 4);
    m->customer = pg_get_cstr(res, row, 5, arena);
    ROW_INT(type_id, 6);
    m->type = pg_get_cstr(res, row, 7, arena);
    ROW_INT(channel, 8);
    ROW_INT(state, 9);
    ROW_INT(wait_for, 10);
    ROW_INT(priority, 11);
    m->title = pg_get_cstr(res, row, 12, arena);
    ROW_INT(assignee_id, 13);
    m->assignee = pg_get_cstr(res, row, 14, arena);
    ROW_INT(department_id, 15);
    m->department = pg_get_cstr(res, row, 16, arena);
    m->level = pg_get_cstr(res, row, 17, arena);
    m->has_created_us = m->has_updated_us = 1;
    m->created_us = pg_get_time(res, row, 18);
    m->updated_us = pg_get_time(res, row, 19);
    m->response = target(res, row, 20, arena);
    m->resolution = target(res, row, 23, arena);
    ROW_INT(version, 26);
    return m;
}

static enum od_status read_get(struct txn *tx, const PGresult *res, void *into, struct od_err *err)
{
    struct request_get *get = into;
    Ordo__RequestGetRep *m = get->rep;
    const int row = 0;
    m->request = store_request_row(res, 0, tx->arena);
    m->text = pg_get_cstr(res, 0, 27, tx->arena);
    struct od_str fields = pg_get_str(res, 0, 28);
    if (fields.p) {
        ProtobufCMessage *packed;
        OD_TRY(od_message_unpack(&ordo__request_register_req__descriptor, fields, tx->arena, &packed, err));
        m->n_fields = ((Ordo__RequestRegisterReq *)packed)->n_fields;
        m->fields = ((Ordo__RequestRegisterReq *)packed)->fields;
    }
    ROW_INT(urgency, 29);
    ROW_INT(contact_id, 30);
    ROW_INT(contract_id, 31);
    ROW_INT(created_by, 32);
    ROW_INT(minutes_total, 33);
    m->solution = pg_get_cstr(res, 0, 34, tx->arena);
    m->has_waiting_s = 1;
    m->waiting_s = (uint64_t)(pg_get_int(res, 0, 35) / OD_US_PER_S);
    get->type_version = (int32_t)pg_get_int(res, 0, 36);
    get->sla_id = pg_get_int(res, 0, 37);
    get->sla_version = (int32_t)pg_get_int(res, 0, 38);
    return m->request ? OD_OK : od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", tx->arena->cap_bytes);
}

static enum od_status read_get_by_id(struct txn *tx, const PGresult *res, void *into, struct od_err *err)
{
    OD_TRY(txn_one_row(res, "request", ((struct request_get *)into)->key, err));
    return read_get(tx, res, into, err);
}

static enum od_status read_get_by_number(struct txn *tx, const PGresult *res, void *into, struct od_err *err)
{
    OD_TRY(txn_one_row(res, "request number", ((struct request_get *)into)->key, err));
    return read_get(tx, res, into, err);
}

void store_request_get(struct txn *tx, int64_t id, struct request_get *into)
{
    into->key = id;
    txn_query(tx, STMT_request_get, read_get_by_id, into, PG(pg_int(id)));
}

void store_request_get_by_number(struct txn *tx, int64_t number, struct request_get *into)
{
    into->key = number;
    txn_query(tx, STMT_request_get_by_number, read_get_by_number, into, PG(pg_int(number)));
}
