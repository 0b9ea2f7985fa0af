/* SPDX-License-Identifier: Apache-2.0
 * Changing a request: load and lock, decide by the domain's table, save. The handlers differ in the command alone. */
#include "common/base/limits.h"
#include "server/handlers/check.h"
#include "server/handlers/fields.h"
#include "server/handlers/handlers.h"
#include "server/rpc/authz.h"
#include "server/rpc/cache.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"
#include "server/store/people.h"
#include "server/store/request.h"

static struct actor actor_of(const struct rpc *rpc)
{
    return (struct actor){
        .id = rpc->session->principal_id,
        .customer = scope_is_customer(rpc),
        .may_assign = rpc->session->permissions & PERMISSION(REQUEST_ASSIGN),
    };
}

static enum od_status check_version(struct rpc *rpc, const struct request *r, bool has, uint32_t version)
{
    if (!has || version == r->version)
        return OD_OK;
    return od_fail(&rpc->err, OD_R_VERSION_STALE, "kind=request" OD_AND "id=%lld" OD_AND "version=%u", (long long)r->id, r->version);
}

static enum od_status terms_of(struct rpc *rpc, const struct request *r, const struct sla_terms **ret_terms)
{
    const struct cached_sla *sla;
    OD_TRY(cache_sla(rpc, r->sla_id, r->sla_version, &sla));
    *ret_terms = &sla->terms[r->priority - 1];
    return OD_OK;
}

static void save(struct rpc *rpc, const struct request *r)
{
    store_request_save(rpc->tx, r);
    store_effects(rpc->tx, r, rpc->fx, false);
    rpc->object_id = r->id;
    rpc->branch_id = r->branch_id;
}

static Ordo__RequestChangeRep *change_rep(struct rpc *rpc, const struct request *r)
{
    Ordo__RequestChangeRep *m = od_arena_alloc(&rpc->arena, sizeof *m);
    if (!m)
        return NULL;
    ordo__request_change_rep__init(m);
    m->has_id = m->has_state = m->has_version = 1;
    m->id = r->id;
    m->state = (Ordo__RequestState)r->state;
    m->version = r->version;
    m->has_assignee_id = r->assignee_id != 0;
    m->assignee_id = r->assignee_id;
    m->response = target_message(&rpc->arena, &r->clock.response);
    m->resolution = target_message(&rpc->arena, &r->clock.resolution);
    return m;
}

/* The straight line of every action. Loads that the caller queued before come in with the same wait. */
static enum od_status act(struct rpc *rpc, struct request *r, bool has_version, uint32_t version, const struct request_command *c,
                          Ordo__RequestChangeRep **ret_rep)
{
    const struct sla_terms *terms;
    const struct actor actor = actor_of(rpc);
    OD_TRY(check_version(rpc, r, has_version, version));
    OD_TRY(terms_of(rpc, r, &terms));
    OD_TRY(request_act(r, c, terms, &actor, rpc->tx->now_us, rpc->fx, &rpc->err));
    save(rpc, r);
    *ret_rep = change_rep(rpc, r);
    return OD_OK;
}

static enum od_status load(struct rpc *rpc, bool has_id, int64_t id, struct request *r)
{
    check_id(rpc, "request_id", has_id, id);
    OD_TRY(check_done(rpc));
    store_request_lock(rpc->tx, id, r);
    return OD_OK;
}

/* Actions that need nothing but the request and, some of them, a text. */
#define SIMPLE_ACTION(name, stem, action_, text_)                                                                      \
    enum od_status rpc_##name(struct rpc *rpc, const Ordo__##stem##Req *req, Ordo__##stem##Rep *rep)                   \
    {                                                                                                                  \
        struct request r;                                                                                              \
        struct request_command c = {.action = (action_)};                                                              \
        c.text = check_optional(rpc, #text_, req->text_, OD_TEXT_MAX);                                                 \
        OD_TRY(load(rpc, req->has_request_id, req->request_id, &r));                                                   \
        OD_TRY(txn_load(rpc->tx, &rpc->err));                                                                          \
        return act(rpc, &r, req->has_version, req->version, &c, &rep->request);                                        \
    }

SIMPLE_ACTION(request_return, RequestReturn, ACTION_RETURN, reason)
SIMPLE_ACTION(request_resolve, RequestResolve, ACTION_RESOLVE, solution)
SIMPLE_ACTION(request_close, RequestClose, ACTION_CLOSE, reason)
SIMPLE_ACTION(request_cancel, RequestCancel, ACTION_CANCEL, reason)
SIMPLE_ACTION(request_reopen, RequestReopen, ACTION_REOPEN, reason)

enum od_status rpc_request_take(struct rpc *rpc, const Ordo__RequestTakeReq *req, Ordo__RequestTakeRep *rep)
{
    struct request r;
    const struct request_command c = {.action = ACTION_TAKE};
    OD_TRY(load(rpc, req->has_request_id, req->request_id, &r));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    return act(rpc, &r, req->has_version, req->version, &c, &rep->request);
}

enum od_status rpc_request_resume(struct rpc *rpc, const Ordo__RequestResumeReq *req, Ordo__RequestResumeRep *rep)
{
    struct request r;
    const struct request_command c = {.action = ACTION_RESUME};
    OD_TRY(load(rpc, req->has_request_id, req->request_id, &r));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    return act(rpc, &r, req->has_version, req->version, &c, &rep->request);
}

/* request_assign: give an open request to a specialist. */
enum od_status rpc_request_assign(struct rpc *rpc, const Ordo__RequestAssignReq *req, Ordo__RequestAssignRep *rep)
{
    struct request r;
    bool fit;
    struct request_command c = {.action = ACTION_ASSIGN, .assignee_id = req->assignee_id};
    c.text = check_optional(rpc, "reason", req->reason, OD_TEXT_MAX);
    check_id(rpc, "assignee_id", req->has_assignee_id, req->assignee_id);
    OD_TRY(load(rpc, req->has_request_id, req->request_id, &r));
    store_assignee_fit(rpc->tx, req->assignee_id, req->request_id, &fit); /* queued */
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    if (!fit)
        return od_fail(&rpc->err, OD_R_ASSIGNEE_UNFIT, "user=%lld", (long long)req->assignee_id);
    return act(rpc, &r, req->has_version, req->version, &c, &rep->request);
}

enum od_status rpc_request_transfer(struct rpc *rpc, const Ordo__RequestTransferReq *req, Ordo__RequestTransferRep *rep)
{
    struct request r;
    struct department d;
    struct request_command c = {.action = ACTION_TRANSFER};
    c.text = check_optional(rpc, "reason", req->reason, OD_TEXT_MAX);
    check_id(rpc, "department_id", req->has_department_id, req->department_id);
    OD_TRY(load(rpc, req->has_request_id, req->request_id, &r));
    store_department_get(rpc->tx, req->department_id, &d);
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    c.department_id = d.id;
    c.department_branch_id = d.branch_id;
    return act(rpc, &r, req->has_version, req->version, &c, &rep->request);
}

enum od_status rpc_request_wait(struct rpc *rpc, const Ordo__RequestWaitReq *req, Ordo__RequestWaitRep *rep)
{
    struct request r;
    struct request_command c = {.action = ACTION_WAIT, .wait_for = (enum wait_for)req->wait_for};
    c.text = check_optional(rpc, "reason", req->reason, OD_TEXT_MAX);
    OD_TRY(load(rpc, req->has_request_id, req->request_id, &r));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    return act(rpc, &r, req->has_version, req->version, &c, &rep->request);
}

enum od_status rpc_request_comment(struct rpc *rpc, const Ordo__RequestCommentReq *req, Ordo__RequestCommentRep *rep)
{
    struct request r;
    const struct sla_terms *terms;
    const struct actor actor = actor_of(rpc);
    struct od_str text = check_text(rpc, "text", req->text, OD_TEXT_MAX);
    OD_TRY(load(rpc, req->has_request_id, req->request_id, &r));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    OD_TRY(terms_of(rpc, &r, &terms));
    OD_TRY(request_comment(&r, text, terms, &actor, rpc->tx->now_us, rpc->fx, &rpc->err));
    save(rpc, &r);
    rep->has_seq = rep->has_version = 1;
    rep->seq = (uint32_t)rpc->fx->history[0].seq;
    rep->version = r.version;
    return OD_OK;
}

enum od_status rpc_request_note(struct rpc *rpc, const Ordo__RequestNoteReq *req, Ordo__RequestNoteRep *rep)
{
    struct request r;
    const struct actor actor = actor_of(rpc);
    struct od_str text = check_text(rpc, "text", req->text, OD_TEXT_MAX);
    OD_TRY(load(rpc, req->has_request_id, req->request_id, &r));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    request_note(&r, text, &actor, rpc->tx->now_us, rpc->fx);
    save(rpc, &r);
    rep->has_seq = rep->has_version = 1;
    rep->seq = (uint32_t)r.history_seq;
    rep->version = r.version;
    return OD_OK;
}

enum od_status rpc_request_work(struct rpc *rpc, const Ordo__RequestWorkReq *req, Ordo__RequestWorkRep *rep)
{
    struct request r;
    const struct actor actor = actor_of(rpc);
    struct od_str text = check_optional(rpc, "text", req->text, OD_TEXT_MAX);
    int64_t worked_us = check_time(rpc, "worked_us", req->has_worked_us, req->worked_us, OD_TIME_NONE);
    int minutes = req->minutes > INT32_MAX ? INT32_MAX : (int)req->minutes;
    OD_TRY(load(rpc, req->has_request_id, req->request_id, &r));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    OD_TRY(request_work(&r, minutes, text, worked_us, &actor, rpc->tx->now_us, rpc->fx, &rpc->err));
    save(rpc, &r);
    rep->has_seq = rep->has_version = rep->has_minutes_total = 1;
    rep->seq = (uint32_t)r.history_seq;
    rep->version = r.version;
    rep->minutes_total = (uint32_t)r.minutes_total;
    return OD_OK;
}
