/* SPDX-License-Identifier: Apache-2.0
 * Calendars and SLAs: immutable versions. Whoever refers to one pins the version that is the newest then. */
#include <stdio.h>

#include "common/base/limits.h"
#include "common/wire/prescan.h"
#include "server/domain/sla/calendar.h"
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/handlers/page.h"
#include "server/rpc/cache.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"
#include "server/store/directory.h"

/* The calendar's texts in their one canonical form. */
static enum od_status check_calendar(struct rpc *rpc, const Ordo__CalendarPutReq *req, struct od_str *ret_week,
                                     struct od_str *ret_holidays)
{
    const struct calendar *calendar;
    struct od_buf week, holidays;
    OD_TRY(calendar_parse(od_str_c(req->week ? req->week : ""), od_str_c(req->holidays ? req->holidays : ""),
                          od_str_c(req->zone ? req->zone : ""), &rpc->arena, &calendar, &rpc->err));
    OD_TRY(check_done(rpc));
    od_buf_init(&week, CALENDAR_TEXT_MAX);
    od_buf_init(&holidays, CALENDAR_TEXT_MAX);
    calendar_format(calendar, &week, &holidays);
    bool ok = !week.failed && !holidays.failed;
    *ret_week = od_arena_copy(&rpc->arena, week.n ? od_buf_view(&week) : OD_STR(""));
    *ret_holidays = od_arena_copy(&rpc->arena, holidays.n ? od_buf_view(&holidays) : OD_STR(""));
    od_buf_done(&week);
    od_buf_done(&holidays);
    return ok && ret_week->p && ret_holidays->p ? OD_OK : od_fail(&rpc->err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
}

enum od_status rpc_calendar_put(struct rpc *rpc, const Ordo__CalendarPutReq *req, Ordo__CalendarPutRep *rep)
{
    struct versioned v = VERSIONED_CALENDAR;
    struct od_str week, holidays, name = check_text(rpc, "name", req->name, OD_NAME_MAX);
    if (req->has_calendar_id)
        check_id(rpc, "calendar_id", true, req->calendar_id);
    OD_TRY(check_calendar(rpc, req, &week, &holidays));
    if (req->has_calendar_id)
        store_newest_lock(rpc->tx, req->calendar_id, &v);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    store_version_next(rpc->tx, &v);
    store_newest_put(rpc->tx, &v, name);
    txn_exec(rpc->tx, STMT_calendar_insert,
             PG(pg_int(v.id), pg_int(v.version), pg_str(name), pg_text(req->zone), pg_str(week), pg_str(holidays)));
    rpc->object_id = v.id;
    rep->has_id = rep->has_version = 1;
    rep->id = v.id;
    rep->version = (uint32_t)v.version;
    return OD_OK;
}

static ProtobufCMessage *calendar_row(const PGresult *r, int i, struct od_arena *arena, struct list *place)
{
    Ordo__Calendar *m = page_message(arena, &ordo__calendar__descriptor);
    if (!m)
        return NULL;
    PAGE_INT(m, id, r, i, 0);
    PAGE_INT(m, version, r, i, 1);
    m->name = pg_get_cstr(r, i, 2, arena);
    m->zone = pg_get_cstr(r, i, 3, arena);
    m->week = pg_get_cstr(r, i, 4, arena);
    m->holidays = pg_get_cstr(r, i, 5, arena);
    place->id = m->id;
    return &m->base;
}

enum od_status rpc_calendar_list(struct rpc *rpc, const Ordo__CalendarListReq *req, Ordo__CalendarListRep *rep)
{
    struct page page = {.rpc = rpc, .row = calendar_row};
    (void)req;
    OD_TRY(list_start(rpc, OD_STR("")));
    unsigned asked = list_take(rpc, 0);
    txn_query(rpc->tx, STMT_calendar_list, page_read, &page, PG(pg_int(list_of(rpc)->id), pg_int(asked)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    list_end(rpc, 0, asked, page.got, page.added, NULL, NULL);
    rep->has_rows = 1;
    rep->rows = rpc->rows;
    return OD_OK;
}

/* One of the two ways to name an amount: working seconds or working days. */
static void check_amount(struct rpc *rpc, size_t i, const char *what, uint32_t seconds, uint32_t days)
{
    char field[OD_ERR_FIELD_MAX];
    snprintf(field, sizeof field, "targets[%zu].%s_%s", i, what, days ? "days" : "s");
    if (seconds && days)
        od_fail_field(&rpc->err, field, OD_R_FIELD_FORMAT, "expected=absent where seconds are given");
    else if (seconds > OD_SLA_HOURS_MAX * 3600)
        od_fail_field(&rpc->err, field, OD_R_FIELD_RANGE, "min=0" OD_AND "max=%d", OD_SLA_HOURS_MAX * 3600);
    else if (days > OD_SLA_DAYS_MAX)
        od_fail_field(&rpc->err, field, OD_R_FIELD_RANGE, "min=0" OD_AND "max=%d", OD_SLA_DAYS_MAX);
}

static enum od_status check_targets(struct rpc *rpc, const Ordo__SlaPutReq *req)
{
    bool seen[PRIORITIES] = {false};
    if (!req->n_targets)
        od_fail_field(&rpc->err, "targets", OD_R_FIELD_REQUIRED, NULL);
    for (size_t i = 0; i < req->n_targets; i++) {
        const Ordo__SlaTarget *t = req->targets[i];
        char field[OD_ERR_FIELD_MAX];
        snprintf(field, sizeof field, "targets[%zu].priority", i);
        if (t->priority < 1 || t->priority > PRIORITIES)
            od_fail_field(&rpc->err, field, OD_R_FIELD_RANGE, "min=1" OD_AND "max=%d", PRIORITIES);
        else if (seen[t->priority - 1])
            od_fail_field(&rpc->err, field, OD_R_FIELD_FORMAT, "expected=another one in each target");
        else
            seen[t->priority - 1] = true;
        check_amount(rpc, i, "response", t->response_s, t->response_days);
        check_amount(rpc, i, "resolution", t->resolution_s, t->resolution_days);
    }
    return check_done(rpc);
}

/* As cache.c reads them. {NULL, 0} when memory is out: the dispatcher sees that then. */
static struct od_str pack_targets(struct rpc *rpc, const Ordo__SlaPutReq *req)
{
    Ordo__SlaPutReq only = ORDO__SLA_PUT_REQ__INIT;
    only.n_targets = req->n_targets;
    only.targets = req->targets;
    size_t n = ordo__sla_put_req__get_packed_size(&only);
    uint8_t *p = od_arena_alloc(&rpc->arena, n);
    if (p)
        ordo__sla_put_req__pack(&only, p);
    return (struct od_str){(char *)p, p ? n : 0};
}

/* sla_put: customers keep the version that their contract pinned, until it is put again. */
enum od_status rpc_sla_put(struct rpc *rpc, const Ordo__SlaPutReq *req, Ordo__SlaPutRep *rep)
{
    struct versioned v = VERSIONED_SLA, calendar = VERSIONED_CALENDAR;
    struct od_str name = check_text(rpc, "name", req->name, OD_NAME_MAX);
    int rule = req->has_response_rule ? (int)req->response_rule : ORDO__RESPONSE_RULE__FIRST_TAKE;
    if (req->has_sla_id)
        check_id(rpc, "sla_id", true, req->sla_id);
    check_id(rpc, "calendar_id", req->has_calendar_id, req->calendar_id);
    OD_TRY(check_targets(rpc, req));
    store_newest_get(rpc->tx, req->calendar_id, &calendar);
    if (req->has_sla_id)
        store_newest_lock(rpc->tx, req->sla_id, &v);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    store_version_next(rpc->tx, &v);
    store_newest_put(rpc->tx, &v, name);
    txn_exec(rpc->tx, STMT_sla_insert,
             PG(pg_int(v.id), pg_int(v.version), pg_str(name), pg_int(calendar.id), pg_int(calendar.version), pg_int(rule),
                pg_bytes(pack_targets(rpc, req))));
    rpc->object_id = v.id;
    rep->has_id = rep->has_version = 1;
    rep->id = v.id;
    rep->version = (uint32_t)v.version;
    return OD_OK;
}

static ProtobufCMessage *sla_row(const PGresult *r, int i, struct od_arena *arena, struct list *place)
{
    Ordo__Sla *m = page_message(arena, &ordo__sla__descriptor);
    ProtobufCMessage *packed;
    if (!m || od_message_unpack(&ordo__sla_put_req__descriptor, pg_get_str(r, i, 6), arena, &packed, NULL) != OD_OK)
        return NULL;
    PAGE_INT(m, id, r, i, 0);
    PAGE_INT(m, version, r, i, 1);
    m->name = pg_get_cstr(r, i, 2, arena);
    PAGE_INT(m, calendar_id, r, i, 3);
    PAGE_INT(m, calendar_version, r, i, 4);
    PAGE_INT(m, response_rule, r, i, 5);
    m->n_targets = ((Ordo__SlaPutReq *)packed)->n_targets;
    m->targets = ((Ordo__SlaPutReq *)packed)->targets;
    place->id = m->id;
    return &m->base;
}

/* sla_list: customer users see what they are promised, not what others are. */
enum od_status rpc_sla_list(struct rpc *rpc, const Ordo__SlaListReq *req, Ordo__SlaListRep *rep)
{
    struct page page = {.rpc = rpc, .row = sla_row};
    (void)req;
    OD_TRY(list_start(rpc, OD_STR("")));
    unsigned asked = list_take(rpc, 0);
    txn_query(rpc->tx, STMT_sla_list, page_read, &page,
              PG(pg_int(list_of(rpc)->id), pg_id(rpc->session->customer_id), pg_int(asked)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    list_end(rpc, 0, asked, page.got, page.added, NULL, NULL);
    rep->has_rows = 1;
    rep->rows = rpc->rows;
    return OD_OK;
}
