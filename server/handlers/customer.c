/* SPDX-License-Identifier: Apache-2.0
 * Customers, their contacts and contracts. */
#include "server/store/customer.h"

#include "common/base/limits.h"
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/handlers/page.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"
#include "server/store/directory.h"

enum od_status rpc_customer_create(struct rpc *rpc, const Ordo__CustomerCreateReq *req, Ordo__CustomerCreateRep *rep)
{
    struct branch branch;
    struct customer c = {
        .name = check_text(rpc, "name", req->name, OD_NAME_MAX),
        .language = check_language(rpc, "language", req->language),
        .zone = check_zone_optional(rpc, "zone", req->zone),
        .communication = check_optional(rpc, "communication", req->communication, OD_TEXT_MAX),
        .version = 1,
    };
    if (req->has_branch_id)
        check_id(rpc, "branch_id", true, req->branch_id);
    OD_TRY(check_done(rpc));
    store_branch_reach(rpc->tx, req->has_branch_id ? req->branch_id : rpc->session->branch_id, &branch);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    if (!branch.in_scope) /* given to the caller since he logged in: his next session has it */
        return od_fail(&rpc->err, OD_R_SESSION_ENDED, NULL);
    c.id = db_id(rpc->tx->db);
    c.branch_id = branch.id;
    if (!c.language.p)
        c.language = od_str_c(branch.language);
    if (!c.zone.p)
        c.zone = od_str_c(branch.zone);
    store_customer_insert(rpc->tx, &c);
    rpc->object_id = c.id;
    rpc->branch_id = c.branch_id;
    rep->has_id = rep->has_version = 1;
    rep->id = c.id;
    rep->version = 1;
    return OD_OK;
}

enum od_status rpc_customer_get(struct rpc *rpc, const Ordo__CustomerGetReq *req, Ordo__CustomerGetRep *rep)
{
    /* a customer user may ask for his own company without knowing its id */
    int64_t id = !req->has_customer_id && scope_is_customer(rpc) ? rpc->session->customer_id : req->customer_id;
    check_id(rpc, "customer_id", true, id);
    OD_TRY(check_done(rpc));
    store_customer_message(rpc->tx, id, rep);
    return OD_OK;
}

static ProtobufCMessage *customer_row(const PGresult *r, int i, struct od_arena *arena, struct list *place)
{
    Ordo__Customer *m = store_customer_row(r, i, arena);
    struct od_str name = pg_get_str(r, i, 2);
    if (!m || name.n >= sizeof place->text)
        return NULL;
    place->id = m->id;
    memcpy(place->text, name.p, name.n);
    place->text[name.n] = '\0';
    return &m->base;
}

enum od_status rpc_customer_list(struct rpc *rpc, const Ordo__CustomerListReq *req, Ordo__CustomerListRep *rep)
{
    struct page page = {.rpc = rpc, .row = customer_row};
    struct list *l = list_of(rpc);
    bool first = !l->started;
    struct od_str from = check_optional(rpc, "name_from", req->name_from, OD_NAME_MAX);
    OD_TRY(check_done(rpc));
    OD_TRY(list_start(rpc, (struct od_str){(char *)req->cursor.data, req->cursor.len}));
    if (first && !req->cursor.len && from.p) { /* id 0 is before the first of that name */
        memcpy(l->text, from.p, from.n);
        l->text[from.n] = '\0';
    }
    unsigned asked = list_take(rpc, req->limit);
    if (scope_is_customer(rpc))
        txn_query(rpc->tx, STMT_customer_own_list, page_read, &page, PG(pg_text(l->text), pg_int(l->id), pg_int(asked)));
    else if (req->has_branch_id)
        txn_query(rpc->tx, STMT_customer_branch_list, page_read, &page,
                  PG(pg_text(l->text), pg_int(l->id), pg_int(asked), pg_int(req->branch_id)));
    else
        txn_query(rpc->tx, STMT_customer_list, page_read, &page, PG(pg_text(l->text), pg_int(l->id), pg_int(asked)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    list_end(rpc, req->limit, asked, page.got, page.added, &rep->cursor, &rep->has_cursor);
    rep->has_rows = 1;
    rep->rows = rpc->rows;
    return OD_OK;
}

/* contact_create: a person of the customer's; he gets events once he may log in (user_create). */
enum od_status rpc_contact_create(struct rpc *rpc, const Ordo__ContactCreateReq *req, Ordo__ContactCreateRep *rep)
{
    struct customer customer;
    struct contact c = {
        .name = check_text(rpc, "name", req->name, OD_NAME_MAX),
        .phone = check_optional(rpc, "phone", req->phone, OD_PHONE_MAX),
        .mail = check_mail(rpc, "mail", req->mail),
        .language = check_language(rpc, "language", req->language),
        .zone = check_zone_optional(rpc, "zone", req->zone),
    };
    check_id(rpc, "customer_id", req->has_customer_id, req->customer_id);
    OD_TRY(check_done(rpc));
    store_customer_get(rpc->tx, req->customer_id, &customer);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    c.id = db_id(rpc->tx->db);
    c.customer_id = customer.id;
    c.branch_id = customer.branch_id;
    if (!c.language.p)
        c.language = customer.language;
    if (!c.zone.p)
        c.zone = customer.zone;
    store_contact_insert(rpc->tx, &c);
    rpc->object_id = c.id;
    rpc->branch_id = c.branch_id;
    rep->has_id = 1;
    rep->id = c.id;
    return OD_OK;
}

/* contract_put: only a signed contract comes into force (R0.1); it does at once, with the newest version of its SLA. */
enum od_status rpc_contract_put(struct rpc *rpc, const Ordo__ContractPutReq *req, Ordo__ContractPutRep *rep)
{
    struct customer customer;
    struct versioned version = VERSIONED_CONTRACT, sla = VERSIONED_SLA;
    struct contract contract = {
        .id = req->contract_id,
        .number = check_text(rpc, "number", req->number, OD_NAME_MAX),
        .signed_day = check_day(rpc, "signed_on", req->signed_on),
    };
    check_id(rpc, "customer_id", req->has_customer_id, req->customer_id);
    check_id(rpc, "sla_id", req->has_sla_id, req->sla_id);
    if (req->has_contract_id)
        check_id(rpc, "contract_id", true, req->contract_id);
    OD_TRY(check_done(rpc));
    store_customer_lock(rpc->tx, req->customer_id, &customer);
    store_newest_get(rpc->tx, req->sla_id, &sla);
    if (req->has_contract_id) {
        store_contract_check(rpc->tx, &contract, req->customer_id);
        store_newest_lock(rpc->tx, req->contract_id, &version);
    }
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    if (customer.state == ORDO__CUSTOMER_STATE__LEFT)
        return od_fail(&rpc->err, OD_R_CUSTOMER_CLOSED, "customer=%lld", (long long)customer.id);
    if (contract.signed_day > rpc->tx->now_us / (OD_S_PER_DAY * OD_US_PER_S) + 1) /* + 1: somewhere it is tomorrow already */
        return od_fail_field(&rpc->err, "signed_on", OD_R_FIELD_FORMAT, "expected=the date of a signature, which is not to come");
    store_version_next(rpc->tx, &version);
    contract.id = version.id;
    contract.version = version.version;
    contract.sla_id = sla.id;
    contract.sla_version = sla.version;
    store_newest_put(rpc->tx, &version, (struct od_str){NULL, 0});
    store_contract_put(rpc->tx, &customer, &contract);
    rpc->object_id = contract.id;
    rpc->branch_id = customer.branch_id;
    rep->has_id = rep->has_version = 1;
    rep->id = contract.id;
    rep->version = (uint32_t)contract.version;
    return OD_OK;
}
