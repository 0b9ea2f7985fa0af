/* SPDX-License-Identifier: Apache-2.0
 * Columns to members and back; the order of columns is that of sql/customer.sql. */
#include "server/store/customer.h"

static enum od_status read_customer(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct customer *c = into;
    OD_TRY(txn_one_row(r, "customer", c->id, err));
    c->branch_id = (int32_t)pg_get_int(r, 0, 1);
    c->name = pg_get_copy(r, 0, 2, tx->arena);
    c->state = (int)pg_get_int(r, 0, 3);
    c->language = pg_get_copy(r, 0, 4, tx->arena);
    c->zone = pg_get_copy(r, 0, 5, tx->arena);
    c->communication = pg_get_copy(r, 0, 6, tx->arena);
    c->version = (int32_t)pg_get_int(r, 0, 10);
    return OD_OK;
}

void store_customer_get(struct txn *tx, int64_t id, struct customer *into)
{
    *into = (struct customer){.id = id};
    txn_query(tx, STMT_customer_get, read_customer, into, PG(pg_int(id)));
}

void store_customer_lock(struct txn *tx, int64_t id, struct customer *into)
{
    *into = (struct customer){.id = id};
    txn_query(tx, STMT_customer_lock, read_customer, into, PG(pg_int(id)));
}

void store_customer_insert(struct txn *tx, const struct customer *c)
{
    txn_unique(tx, "customer_branch_id_name_key", "customer", c->name);
    txn_exec(tx, STMT_customer_insert,
             PG(pg_int(c->id), pg_int(c->branch_id), pg_str(c->name), pg_str(c->language), pg_str(c->zone), pg_str(c->communication)));
}

#define ROW_INT(member, col)                                                                                           \
    do {                                                                                                               \
        m->has_##member = !pg_is_null(r, row, (col));                                                                  \
        m->member = (__typeof__(m->member))pg_get_int(r, row, (col));                                                  \
    } while (0)

Ordo__Customer *store_customer_row(const PGresult *r, int row, struct od_arena *arena)
{
    Ordo__Customer *m = od_arena_alloc(arena, sizeof *m);
    if (!m)
        return NULL;
    ordo__customer__init(m);
    ROW_INT(id, 0);
    ROW_INT(branch_id, 1);
    m->name = pg_get_cstr(r, row, 2, arena);
    ROW_INT(state, 3);
    m->language = pg_get_cstr(r, row, 4, arena);
    m->zone = pg_get_cstr(r, row, 5, arena);
    m->communication = pg_get_cstr(r, row, 6, arena);
    ROW_INT(contract_id, 7);
    ROW_INT(contract_version, 8);
    m->has_created_us = 1;
    m->created_us = pg_get_time(r, row, 9);
    ROW_INT(version, 10);
    return m;
}

struct wanted {
    int64_t id;
    Ordo__CustomerGetRep *rep;
};

static enum od_status read_message(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct wanted *wanted = into;
    OD_TRY(txn_one_row(r, "customer", wanted->id, err));
    wanted->rep->customer = store_customer_row(r, 0, tx->arena);
    return OD_OK;
}

void store_customer_message(struct txn *tx, int64_t id, Ordo__CustomerGetRep *into)
{
    struct wanted *wanted = OD_ARENA_NEW(tx->arena, struct wanted);
    if (!wanted) /* the dispatcher sees that the arena is exhausted */
        return;
    *wanted = (struct wanted){id, into};
    txn_query(tx, STMT_customer_get, read_message, wanted, PG(pg_int(id)));
}

void store_contact_insert(struct txn *tx, const struct contact *c)
{
    txn_exec(tx, STMT_contact_insert,
             PG(pg_int(c->id), pg_int(c->customer_id), pg_int(c->branch_id), pg_str(c->name), pg_str(c->phone), pg_str(c->mail),
                pg_str(c->language), pg_str(c->zone), pg_id(c->principal_id)));
}

static enum od_status read_match(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    int64_t *id = into;
    (void)tx;
    (void)err;
    *id = PQntuples(r) ? pg_get_int(r, 0, 0) : 0;
    return OD_OK;
}

void store_contact_match(struct txn *tx, int64_t customer_id, struct od_str name, struct od_str mail, int64_t *into)
{
    txn_query(tx, STMT_contact_match, read_match, into, PG(pg_int(customer_id), pg_str(name), pg_str(mail)));
}

void store_contact_link(struct txn *tx, int64_t contact_id, int64_t principal_id)
{
    txn_exec(tx, STMT_contact_link, PG(pg_int(contact_id), pg_int(principal_id)));
}

static enum od_status read_contract(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    const struct contract *contract = into;
    (void)tx;
    return txn_one_row(r, "contract", contract->id, err);
}

void store_contract_check(struct txn *tx, struct contract *contract, int64_t customer_id)
{
    txn_query(tx, STMT_contract_of_customer, read_contract, contract, PG(pg_int(contract->id), pg_int(customer_id)));
}

void store_contract_put(struct txn *tx, const struct customer *c, const struct contract *contract)
{
    txn_exec(tx, STMT_contract_insert,
             PG(pg_int(contract->id), pg_int(contract->version), pg_int(c->id), pg_int(c->branch_id), pg_str(contract->number),
                pg_day(contract->signed_day), pg_int(contract->sla_id), pg_int(contract->sla_version)));
    txn_exec(tx, STMT_customer_contract_set,
             PG(pg_int(c->id), pg_int(c->version), pg_int(contract->id), pg_int(contract->version), pg_int(contract->sla_id),
                pg_int(contract->sla_version)));
}
