/* SPDX-License-Identifier: Apache-2.0
 * Registering a request: the exemplary write. Loads are one row; terms and type come from the node's cache. */
#include "common/base/limits.h"
#include "common/wire/prescan.h"
#include "server/handlers/check.h"
#include "server/handlers/fields.h"
#include "server/handlers/handlers.h"
#include "server/rpc/authz.h"
#include "server/rpc/cache.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"
#include "server/store/request.h"

static enum od_status check_request(struct rpc *rpc, const Ordo__RequestRegisterReq *req, struct request *r)
{
    r->title = check_text(rpc, "title", req->title, OD_TITLE_MAX);
    r->body = check_optional(rpc, "text", req->text, OD_TEXT_MAX);
    check_id(rpc, "type_id", req->has_type_id, req->type_id);
    if (!scope_is_customer(rpc))
        check_id(rpc, "customer_id", req->has_customer_id, req->customer_id);
    r->customer_id = scope_is_customer(rpc) ? rpc->session->customer_id : req->customer_id;
    r->channel = req->has_channel ? (enum channel)req->channel : scope_is_customer(rpc) ? CHANNEL_PORTAL : CHANNEL_API;
    if (r->channel == CHANNEL_IMPORT)
        od_fail_field(&rpc->err, "channel", OD_R_FIELD_UNKNOWN, "value=IMPORT");
    r->urgency = req->has_urgency ? (int)req->urgency : ORDO__URGENCY__NORMAL;
    r->type_id = req->type_id;
    return check_done(rpc);
}

/* What was asked for is there, and fits. */
static enum od_status check_facts(struct rpc *rpc, const Ordo__RequestRegisterReq *req, const struct request_register_facts *f)
{
    if (f->customer_state == ORDO__CUSTOMER_STATE__LEFT)
        return od_fail(&rpc->err, OD_R_CUSTOMER_CLOSED, "customer=%lld", (long long)req->customer_id);
    if (!f->contract_id)
        return od_fail(&rpc->err, OD_R_NO_CONTRACT, "customer=%lld", (long long)req->customer_id);
    if (req->has_contact_id && !f->contact_id)
        return od_fail(&rpc->err, OD_R_NO_SUCH, "kind=contact" OD_AND "id=%lld", (long long)req->contact_id);
    if (!f->type_version)
        return od_fail(&rpc->err, OD_R_NO_SUCH, "kind=request type" OD_AND "id=%lld", (long long)req->type_id);
    return OD_OK;
}

/* Whom a request is given to at once: the caller may give it, and he may work where the work is done. */
static enum od_status check_assignee(struct rpc *rpc, const Ordo__RequestRegisterReq *req, const struct request_register_facts *f,
                                     int32_t work_branch_id)
{
    if (!req->has_assignee_id)
        return OD_OK;
    uint64_t needed = req->assignee_id == rpc->session->principal_id ? PERMISSION(REQUEST_WORK) : PERMISSION(REQUEST_ASSIGN);
    if (!(rpc->session->permissions & needed))
        return od_fail(&rpc->err, OD_R_PERMISSION_MISSING, "permission=request.assign");
    if (!scope_holds(f->assignee_branches, work_branch_id))
        return od_fail(&rpc->err, OD_R_ASSIGNEE_UNFIT, "user=%lld", (long long)req->assignee_id);
    return OD_OK;
}

static enum od_status pack_fields(struct rpc *rpc, const Ordo__RequestRegisterReq *req, struct request *r)
{
    if (!req->n_fields)
        return OD_OK;
    Ordo__RequestRegisterReq only = ORDO__REQUEST_REGISTER_REQ__INIT;
    only.n_fields = req->n_fields;
    only.fields = req->fields;
    size_t n = ordo__request_register_req__get_packed_size(&only);
    uint8_t *p = od_arena_alloc(&rpc->arena, n);
    if (!p)
        return od_fail(&rpc->err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
    ordo__request_register_req__pack(&only, p);
    r->fields = (struct od_str){(char *)p, n};
    return OD_OK;
}

static void fill(struct request *r, const struct request_register_facts *f, const struct cached_sla *sla)
{
    r->number = f->number;
    r->branch_id = f->branch_id;
    r->contact_id = f->contact_id;
    r->contact_principal_id = f->contact_principal_id;
    r->contract_id = f->contract_id;
    r->contract_version = f->contract_version;
    r->type_version = f->type_version;
    r->sla_id = sla->id;
    r->sla_version = sla->version;
    r->calendar_id = sla->calendar_id;
    r->calendar_version = sla->calendar_version;
}

/* request_register: one thing that a customer asks for, by himself or through staff on his behalf. */
enum od_status rpc_request_register(struct rpc *rpc, const Ordo__RequestRegisterReq *req, Ordo__RequestRegisterRep *rep)
{
    struct request_register_facts facts;
    struct request *r = OD_ARENA_NEW(&rpc->arena, struct request);
    const struct cached_department *department;
    const struct cached_type *type;
    const struct cached_sla *sla;
    char *why = od_arena_alloc(&rpc->arena, PRIORITY_WHY_TEXT);
    if (!r || !why)
        return od_fail(&rpc->err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
    OD_TRY(check_request(rpc, req, r));

    store_request_register_load(rpc->tx, r->customer_id, req->contact_id, req->type_id, req->assignee_id,
                                scope_is_customer(rpc) ? rpc->session->principal_id : 0, &facts);
    OD_TRY(txn_load(rpc->tx, &rpc->err)); /* the one wait: begin, scope, loads */

    OD_TRY(check_facts(rpc, req, &facts));
    OD_TRY(cache_type(rpc, req->type_id, facts.type_version, &type));
    OD_TRY(cache_sla(rpc, facts.sla_id, facts.sla_version, &sla));
    OD_TRY(cache_department(rpc, req->has_department_id ? req->department_id : type->department_id, &department));
    OD_TRY(check_assignee(rpc, req, &facts, department->branch_id));
    OD_TRY(fields_check(rpc, type->fields, req->fields, req->n_fields));
    OD_TRY(pack_fields(rpc, req, r));
    fill(r, &facts, sla);
    r->department_id = department->id;
    r->work_branch_id = department->branch_id;
    r->assignee_id = req->assignee_id;
    r->id = db_id(rpc->tx->db);
    r->priority = request_priority(type->impact, r->urgency, why);
    const struct sla_terms *terms = &sla->terms[r->priority - 1];
    const struct actor actor = {.id = rpc->session->principal_id, .customer = scope_is_customer(rpc)};
    OD_TRY(request_register(r, terms, &actor, rpc->tx->now_us, rpc->fx, &rpc->err));

    store_request_insert(rpc->tx, r);
    store_effects(rpc->tx, r, rpc->fx, true);
    rpc->object_id = r->id;
    rpc->branch_id = r->branch_id;
    rep->has_id = rep->has_number = rep->has_state = rep->has_version = rep->has_priority = 1;
    rep->id = r->id;
    rep->number = r->number;
    rep->state = (Ordo__RequestState)r->state;
    rep->version = r->version;
    rep->priority = (uint32_t)r->priority;
    rep->priority_why = why;
    rep->response = target_message(&rpc->arena, &r->clock.response);
    rep->resolution = target_message(&rpc->arena, &r->clock.resolution);
    return OD_OK;
}
