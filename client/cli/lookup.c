/* SPDX-License-Identifier: Apache-2.0
 * Names that people know instead of ids. One row per kind of thing: the list to read and the field that holds the name. */
#include "client/cli/cli.h"

#include <string.h>

struct lookup {
    const char *what;
    const char *method;
    const char *fields[2]; /* of a row: the one or the other is the name */
    const char *from;      /* of the request: where the list may begin */
};

static const struct lookup LOOKUPS[] = {
    {"branch", "branch_list", {"name", NULL}, NULL},
    {"department", "department_list", {"name", NULL}, NULL},
    {"user", "user_list", {"login", "name"}, NULL},
    {"calendar", "calendar_list", {"name", NULL}, NULL},
    {"sla", "sla_list", {"name", NULL}, NULL},
    {"type", "request_type_list", {"name", NULL}, NULL},
    {"customer", "customer_list", {"name", NULL}, "name_from"},
};

struct search {
    const struct lookup *lookup;
    const char *name;
    int64_t id;
    size_t n;
};

static int64_t row_id(const ProtobufCMessage *row)
{
    const ProtobufCFieldDescriptor *f = msg_field(row->descriptor, "id");
    if (!f || !msg_count(row, f))
        return 0;
    const void *v = msg_value(row, f, 0);
    return f->type == PROTOBUF_C_TYPE_INT32 ? *(const int32_t *)v : *(const int64_t *)v;
}

static void part_search(const ProtobufCMessage *part, void *arg)
{
    struct search *s = arg;
    const ProtobufCFieldDescriptor *rows = msg_field(part->descriptor, "rows");
    for (size_t i = 0; rows && i < msg_count(part, rows); i++) {
        const ProtobufCMessage *row = msg_value(part, rows, i);
        for (size_t k = 0; k < OD_LEN(s->lookup->fields) && s->lookup->fields[k]; k++) {
            const ProtobufCFieldDescriptor *f = msg_field(row->descriptor, s->lookup->fields[k]);
            if (!f || !msg_count(row, f) || strcmp(msg_value(row, f, 0), s->name) != 0)
                continue;
            if (s->n == 0 || s->id != row_id(row))
                s->n++;
            s->id = row_id(row);
            break;
        }
    }
}

/* "#17" is the number that people see; its id is in the request itself. */
static enum ordo_status request_id(struct cli *cli, const char *name, int64_t *ret_id)
{
    Ordo__RequestGetReq req = ORDO__REQUEST_GET_REQ__INIT;
    od_cleanup(msg_freep) ProtobufCMessage *reply = NULL;
    if (name[0] != '#' || !od_str_int(od_str_c(name + 1), 1, INT64_MAX, &req.number))
        return cli_usage(&cli->error, "a request is named by its id or by #number, not \"%s\"", name);
    req.has_number = 1;
    enum ordo_status s = cli_call(cli, ordo_method_by_name("request_get"), &req.base, NULL, NULL, &reply);
    if (s != ORDO_OK)
        return s;
    const Ordo__RequestGetRep *rep = (const Ordo__RequestGetRep *)(const void *)reply;
    *ret_id = rep->request ? rep->request->id : 0;
    return ORDO_OK;
}

/* "me" is whoever is logged in. */
static enum ordo_status own_id(struct cli *cli, int64_t *ret_id)
{
    enum ordo_status s = cli_connect(cli);
    const Ordo__AuthOk *who = s == ORDO_OK ? ordo_identity(cli->client) : NULL;
    if (s == ORDO_OK && !who)
        return cli_fail(&cli->error, ORDO_UNAUTHENTICATED, "LOGIN_REQUIRED", "nobody is logged in");
    if (who)
        *ret_id = who->principal_id;
    return s;
}

enum ordo_status lookup_id(struct cli *cli, const char *what, const char *name, int64_t *ret_id)
{
    if (!strcmp(what, "request"))
        return request_id(cli, name, ret_id);
    if (!strcmp(what, "user") && !strcmp(name, "me"))
        return own_id(cli, ret_id);
    struct search search = {.name = name};
    for (size_t i = 0; i < OD_LEN(LOOKUPS); i++)
        if (!strcmp(LOOKUPS[i].what, what))
            search.lookup = &LOOKUPS[i];
    if (!search.lookup)
        return cli_usage(&cli->error, "a %s is named by its id, not \"%s\"", what, name);
    const ordo_method *method = ordo_method_by_name(search.lookup->method);
    od_assert(method);
    od_cleanup(msg_freep) ProtobufCMessage *request = msg_new(method->request);
    if (search.lookup->from) {
        enum ordo_status set = msg_set_text(request, msg_field(method->request, search.lookup->from), search.lookup->from,
                                            od_str_c(name), &cli->error);
        if (set == ORDO_OK)
            set = msg_set_int(request, msg_field(method->request, "limit"), "limit", 2, &cli->error);
        if (set != ORDO_OK)
            return set;
    }
    enum ordo_status s = cli_call(cli, method, request, part_search, &search, NULL);
    if (s != ORDO_OK)
        return s;
    if (!search.n)
        return cli_fail(&cli->error, ORDO_NOT_FOUND, "NO_SUCH", "there is no %s \"%s\"", what, name);
    if (search.n > 1)
        return cli_fail(&cli->error, ORDO_NOT_FOUND, "NAME_AMBIGUOUS", "%zu of kind %s are named \"%s\"", search.n, what, name);
    *ret_id = search.id;
    return ORDO_OK;
}
