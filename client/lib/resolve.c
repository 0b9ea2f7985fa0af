/* SPDX-License-Identifier: Apache-2.0
 * Saved calls whose outcome is not known: listed, and sent again with their own keys. */
#include "client/lib/internal.h"

#include <stdlib.h>

struct resolve {
    ordo_resolve_cb on_outcome;
    void *arg;
    size_t left;
    bool waited;             /* lives in the caller; otherwise freed with the last outcome */
    enum ordo_status status; /* the first that left an outcome open */
    ordo_error *error;
};

static enum ordo_status journal_missing(ordo_error *error) { return od_error_set(error, OD_R_JOURNAL_NONE, NULL); }

enum ordo_status ordo_journal_list(ordo_client *client, ordo_journal_cb on_entry, void *arg, ordo_error *error)
{
    od_cleanup(od_buf_done) struct od_buf body;
    struct od_err err = {.status = OD_OK};
    if (!client->journal)
        return journal_missing(error);
    od_buf_init(&body, OD_FRAME_MAX);
    od_client_enter(client);
    for (struct od_journal_entry *e = od_journal_first(client->journal), *next; e; e = next) {
        next = e->next;
        if (e->busy)
            continue;
        od_buf_clear(&body);
        if (od_journal_read(client->journal, e, &body, &err) != OD_OK)
            break;
        ordo_journal_entry entry = {
            .method = e->method, .saved_us = e->saved_us, .request = body.p, .request_size = body.n};
        memcpy(entry.key, e->key.b, sizeof entry.key);
        if (!on_entry(&entry, arg))
            break;
    }
    od_client_leave(client);
    return od_error_local(error, &err);
}

static void resolve_finish(ordo_call *call, struct od_str reply, const ordo_error *error)
{
    struct resolve *r = call->waiter;
    ordo_journal_entry entry = {
        .method = call->method->id,
        .saved_us = call->entry->saved_us,
        .request = call->payload.p + call->body_at,
        .request_size = call->payload.n - call->body_at,
    };
    memcpy(entry.key, call->entry->key.b, sizeof entry.key);
    if (error && error->outcome == ORDO_OUTCOME_UNKNOWN && r->status == ORDO_OK) {
        r->status = error->status;
        if (r->error)
            *r->error = *error;
    }
    r->left--;
    if (r->on_outcome)
        r->on_outcome(&entry, error ? NULL : reply.p, reply.n, error, r->arg);
    if (!r->left && !r->waited)
        free(r);
}

/* Starts a call for each entry that this library knows the method of. Some may be under way when it fails. */
static enum od_status resolve_start(ordo_client *c, struct resolve *r, struct od_err *err)
{
    od_cleanup(od_buf_done) struct od_buf body;
    od_buf_init(&body, OD_FRAME_MAX);
    for (struct od_journal_entry *e = od_journal_first(c->journal); e; e = e->next) {
        struct od_start s = {.method = ordo_method_find(e->method), .finish = resolve_finish, .waiter = r, .entry = e};
        if (e->busy || !s.method)
            continue;
        od_buf_clear(&body);
        OD_TRY(od_journal_read(c->journal, e, &body, err));
        s.bytes = od_buf_view(&body);
        enum od_status status = od_call_start(c, &s, NULL);
        if (status == OD_OVERLOADED)
            return od_fail(err, OD_R_IN_FLIGHT_LIMIT, "max=%u", c->calls_max);
        if (status != OD_OK)
            return od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
        r->left++;
    }
    return OD_OK;
}

enum ordo_status ordo_journal_resolve_start(ordo_client *client, ordo_resolve_cb on_outcome, void *arg,
                                            size_t *ret_count, ordo_error *error)
{
    struct od_err err = {.status = OD_OK};
    if (!client->journal)
        return journal_missing(error);
    struct resolve *r = calloc(1, sizeof *r);
    if (!r)
        return od_error_set(error, OD_R_OUT_OF_MEMORY, NULL);
    r->on_outcome = on_outcome;
    r->arg = arg;
    od_client_enter(client);
    (void)resolve_start(client, r, &err);
    size_t count = r->left;
    if (!count)
        free(r);
    od_client_leave(client);
    if (ret_count)
        *ret_count = count;
    return count ? od_error_local(error, &(struct od_err){.status = OD_OK}) : od_error_local(error, &err);
}

static bool resolve_done(void *arg) { return ((struct resolve *)arg)->left == 0; }

enum ordo_status ordo_journal_resolve(ordo_client *client, ordo_resolve_cb on_outcome, void *arg, ordo_error *error)
{
    struct resolve r = {.on_outcome = on_outcome, .arg = arg, .waited = true, .error = error};
    struct od_err err = {.status = OD_OK};
    if (!client->journal)
        return journal_missing(error);
    od_client_enter(client);
    if (client->in_callback)
        od_fail(&err, OD_R_USAGE_WRONG, "why=a synchronous call inside a callback");
    else
        (void)resolve_start(client, &r, &err);
    if (r.left)
        od_client_wait(client, resolve_done, &r);
    od_client_leave(client);
    return r.status != ORDO_OK ? r.status : od_error_local(error, &err);
}

enum ordo_status ordo_journal_drop(ordo_client *client, const unsigned char key[16], ordo_error *error)
{
    if (!client->journal)
        return journal_missing(error);
    od_client_enter(client);
    struct od_journal_entry *e = od_journal_first(client->journal);
    while (e && (e->busy || memcmp(e->key.b, key, sizeof e->key.b) != 0))
        e = e->next;
    if (e)
        od_journal_strike(client->journal, e);
    od_client_leave(client);
    char text[OD_UUID_TEXT];
    struct od_uuid id;
    memcpy(id.b, key, sizeof id.b);
    return e ? od_error_local(error, &(struct od_err){.status = OD_OK})
             : od_error_set(error, OD_R_NO_SUCH, "kind=saved call" OD_AND "id=%s", od_uuid_format(&id, text));
}
