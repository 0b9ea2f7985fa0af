/* SPDX-License-Identifier: Apache-2.0
 * Targets of an SLA and fields of a request type, from one word each. */
#include "client/cli/admin.h"

#include <string.h>

enum { PRIORITIES = 4, HOUR_S = 3600, MINUTE_S = 60, COUNT_MAX = 100000 };

/* "30m", "4h", "90s" are working time, "5d" working days, "-" nothing. */
static bool duration_parse(struct od_str text, uint32_t *ret_seconds, uint32_t *ret_days)
{
    int64_t n;
    *ret_seconds = *ret_days = 0;
    if (od_str_eq_c(text, "-"))
        return true;
    if (text.n < 2 || !od_str_int((struct od_str){text.p, text.n - 1}, 1, COUNT_MAX, &n))
        return false;
    switch (text.p[text.n - 1]) {
    case 's': *ret_seconds = (uint32_t)n; return true;
    case 'm': *ret_seconds = (uint32_t)n * MINUTE_S; return true;
    case 'h': *ret_seconds = (uint32_t)n * HOUR_S; return true;
    case 'd': *ret_days = (uint32_t)n; return true;
    default: return false;
    }
}

enum ordo_status sla_target_parse(Ordo__SlaPutReq *req, const char *text, ordo_error *error)
{
    struct od_str rest = od_str_c(text);
    struct od_str priority = od_str_cut(&rest, '=');
    struct od_str response = od_str_cut(&rest, '/');
    uint32_t response_s, response_days, resolution_s, resolution_days;
    int64_t p;
    if (!od_str_int(priority, 1, PRIORITIES, &p) || !duration_parse(response, &response_s, &response_days) ||
        !duration_parse(rest, &resolution_s, &resolution_days))
        return cli_usage(error, "--target wants P=RESPONSE/RESOLUTION such as 1=30m/4h, 3=4h/5d or 4=-/10d, not \"%s\"", text);
    Ordo__SlaTarget *t = (Ordo__SlaTarget *)(void *)msg_add_member(&req->base, msg_field(req->base.descriptor, "targets"));
    t->has_priority = 1;
    t->priority = (uint32_t)p;
    t->has_response_s = response_s != 0;
    t->response_s = response_s;
    t->has_response_days = response_days != 0;
    t->response_days = response_days;
    t->has_resolution_s = resolution_s != 0;
    t->resolution_s = resolution_s;
    t->has_resolution_days = resolution_days != 0;
    t->resolution_days = resolution_days;
    return ORDO_OK;
}

static enum ordo_status field_part(ProtobufCMessage *field, struct od_str part, ordo_error *error)
{
    const ProtobufCMessageDescriptor *d = field->descriptor;
    int64_t max;
    if (od_str_eq_c(part, "required"))
        return msg_set_int(field, msg_field(d, "mandatory"), "--field", 1, error);
    if (part.n > 4 && !memcmp(part.p, "max=", 4)) {
        if (!od_str_int((struct od_str){part.p + 4, part.n - 4}, 1, COUNT_MAX, &max))
            return cli_usage(error, "--field: \"" OD_STR_FMT "\" is no length", OD_STR_ARG(part));
        return msg_set_int(field, msg_field(d, "max_chars"), "--field", max, error);
    }
    while (part.n) {
        struct od_str choice = od_str_cut(&part, '|');
        enum ordo_status s = choice.n ? msg_set_text(field, msg_field(d, "choices"), "--field", choice, error)
                                      : cli_usage(error, "--field: an empty choice");
        if (s != ORDO_OK)
            return s;
    }
    return ORDO_OK;
}

enum ordo_status type_field_parse(Ordo__RequestTypePutReq *req, const char *text, ordo_error *error)
{
    struct od_str rest = od_str_c(text);
    struct od_str name = od_str_cut(&rest, ':');
    struct od_str kind = od_str_cut(&rest, ':');
    if (!name.n || !kind.n)
        return cli_usage(error, "--field wants NAME:KIND, such as serial:text:required, not \"%s\"", text);
    ProtobufCMessage *field = msg_add_member(&req->base, msg_field(req->base.descriptor, "fields"));
    enum ordo_status s = msg_set_text(field, msg_field(field->descriptor, "name"), "--field", name, error);
    if (s == ORDO_OK)
        s = msg_set_text(field, msg_field(field->descriptor, "kind"), "--field", kind, error);
    if (s == ORDO_INVALID && error->n_violations)
        return cli_usage(error, "--field %s: the kind %s", text, error->violations[0].text);
    while (s == ORDO_OK && rest.n)
        s = field_part(field, od_str_cut(&rest, ':'), error);
    return s;
}

enum ordo_status admin_sla_put(struct cli *cli, struct input *in)
{
    const struct sla_options *o = in->own;
    for (size_t i = 0; i < o->targets.n; i++) {
        enum ordo_status s = sla_target_parse((Ordo__SlaPutReq *)(void *)in->request, o->targets.v[i], &cli->error);
        if (s != ORDO_OK)
            return s;
    }
    return verb_call(cli, in);
}

enum ordo_status admin_type_put(struct cli *cli, struct input *in)
{
    const struct type_options *o = in->own;
    for (size_t i = 0; i < o->fields.n; i++) {
        enum ordo_status s = type_field_parse((Ordo__RequestTypePutReq *)(void *)in->request, o->fields.v[i], &cli->error);
        if (s != ORDO_OK)
            return s;
    }
    return verb_call(cli, in);
}
