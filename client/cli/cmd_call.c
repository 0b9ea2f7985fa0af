/* SPDX-License-Identifier: Apache-2.0
 * Any method as it is on the wire, with JSON for its messages. */
#include "client/cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/cli/text.h"
#include "common/base/limits.h"

struct call_options {
    const char *method, *json;
    bool list, show;
};

#define AT(member) offsetof(struct call_options, member)

static const struct opt CALL_OPTIONS[] = {
    {.name = "METHOD", .kind = OPT_TEXT, .offset = AT(method), .help = "such as request_get"},
    {.name = "JSON", .kind = OPT_TEXT, .offset = AT(json),
     .help = "the request as one object with the names of the .proto file; - reads it from standard input; else it is empty"},
    {.name = "list", .letter = 'l', .kind = OPT_FLAG, .offset = AT(list), .help = "list the methods and stop"},
    {.name = "show", .kind = OPT_FLAG, .offset = AT(show), .help = "show the fields of the method's messages and stop"},
    {0},
};

enum { METHODS_MAX = 512 };

static const char *const ACCESS_NAMES[] = {"nodb", "read", "write", "list", "local", "report"};

static void methods_list(struct cli *cli)
{
    json_t *all = json_array();
    if (cli->out.format == OUT_CSV)
        fputs("id,method,access,permission\r\n", cli->out.f);
    for (size_t i = 0; i < ordo_method_count(); i++) {
        const ordo_method *m = ordo_method_at(i);
        const char *access = ACCESS_NAMES[(unsigned)m->access % OD_LEN(ACCESS_NAMES)];
        if (cli->out.format == OUT_JSON)
            json_array_append_new(all, json_pack("{s:i, s:s, s:s, s:s}", "id", (int)m->id, "method", m->name, "access", access,
                                                 "permission", m->permission));
        else if (cli->out.format == OUT_CSV)
            fprintf(cli->out.f, "%u,%s,%s,%s\r\n", m->id, m->name, access, m->permission);
        else
            fprintf(cli->out.f, "%4u  %-20s %-6s %s\n", m->id, m->name, access, m->permission);
    }
    if (cli->out.format == OUT_JSON)
        out_json(&cli->out, all);
    else
        json_decref(all);
}

static const char *type_name(const ProtobufCFieldDescriptor *f)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING: return "text";
    case PROTOBUF_C_TYPE_BYTES: return "hex";
    case PROTOBUF_C_TYPE_BOOL: return "true|false";
    case PROTOBUF_C_TYPE_SFIXED64: return "time";
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_MESSAGE:
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE: return "number";
    }
    return "number";
}

static void fields_show(struct od_buf *b, const ProtobufCMessageDescriptor *d, int indent)
{
    for (unsigned i = 0; i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &d->fields[i];
        const ProtobufCEnumDescriptor *e = f->type == PROTOBUF_C_TYPE_ENUM ? f->descriptor : NULL;
        const char *list = f->label == PROTOBUF_C_LABEL_REPEATED ? "[]" : "";
        od_buf_printf(b, "%*s%s%s", indent, "", f->name, list);
        if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
            od_buf_char(b, '\n');
            fields_show(b, f->descriptor, indent + 2);
            continue;
        }
        od_buf_c(b, ": ");
        for (unsigned k = 0; e && k < e->n_values; k++) {
            od_buf_c(b, k ? "|" : "");
            msg_enum_name(b, e, e->values[k].value, false);
        }
        od_buf_printf(b, "%s\n", e ? "" : type_name(f));
    }
}

static void method_show(struct cli *cli, const ordo_method *m)
{
    struct od_buf b;
    od_buf_init(&b, SIZE_MAX);
    od_buf_printf(&b, "%s (%u), needs %s\n\nrequest\n", m->name, m->id, m->permission);
    fields_show(&b, m->request, 2);
    if (m->part) {
        od_buf_c(&b, "\neach part\n");
        fields_show(&b, m->part, 2);
    }
    od_buf_c(&b, "\nreply\n");
    fields_show(&b, m->reply, 2);
    fwrite(b.p, 1, b.n, cli->out.f);
    od_buf_done(&b);
}

static enum ordo_status method_find(struct cli *cli, const char *name, const ordo_method **ret_method)
{
    const char *names[METHODS_MAX];
    size_t n = 0;
    *ret_method = ordo_method_by_name(name);
    if (*ret_method)
        return ORDO_OK;
    for (size_t i = 0; i < ordo_method_count() && n < METHODS_MAX; i++)
        names[n++] = ordo_method_at(i)->name;
    const char *near = text_nearest(od_str_c(name), names, n);
    if (near)
        return cli_usage(&cli->error, "there is no method \"%s\"; did you mean %s?", name, near);
    return cli_usage(&cli->error, "there is no method \"%s\"; `ordo call --list` shows them", name);
}

/* The text of the request: as it stands, or all of standard input. */
static enum ordo_status json_read(struct cli *cli, const char *text, json_t **ret_json)
{
    json_error_t why;
    if (text && !strcmp(text, "-"))
        *ret_json = json_loadf(stdin, JSON_REJECT_DUPLICATES, &why);
    else
        *ret_json = json_loads(text ? text : "{}", JSON_REJECT_DUPLICATES, &why);
    if (*ret_json)
        return ORDO_OK;
    return cli_fail(&cli->error, ORDO_INVALID, "MESSAGE_MALFORMED", "the JSON cannot be read: line %d, column %d: %s", why.line,
                    why.column, why.text);
}

static void part_show(const ProtobufCMessage *part, void *arg)
{
    struct cli *cli = arg;
    json_t *json = msg_to_json(part, cli->out.zone);
    json_dumpf(json, cli->out.f, JSON_COMPACT);
    fputc('\n', cli->out.f);
    json_decref(json);
}

static enum ordo_status run_call(struct cli *cli, struct input *in)
{
    const struct call_options *o = in->own;
    const ordo_method *method;
    json_t *json;
    if (o->list) {
        methods_list(cli);
        return ORDO_OK;
    }
    if (!o->method)
        return cli_usage(&cli->error, "METHOD is missing; `ordo call --list` shows them");
    enum ordo_status s = method_find(cli, o->method, &method);
    if (s != ORDO_OK)
        return s;
    if (o->show) {
        method_show(cli, method);
        return ORDO_OK;
    }
    s = json_read(cli, o->json, &json);
    if (s != ORDO_OK)
        return s;
    od_cleanup(msg_freep) ProtobufCMessage *request = NULL, *reply = NULL;
    cli->journal = call_is_kept(method);
    s = msg_from_json(method->request, json, &request, &cli->error);
    json_decref(json);
    if (s == ORDO_OK)
        s = cli_call(cli, method, request, part_show, cli, &reply);
    if (s != ORDO_OK)
        return s;
    json = msg_to_json(reply, cli->out.zone);
    if (method->part) {
        json_dumpf(json, cli->out.f, JSON_COMPACT);
        fputc('\n', cli->out.f);
        json_decref(json);
    } else {
        out_json(&cli->out, json);
    }
    return ORDO_OK;
}

const struct verb VERBS_CALL[] = {
    {.name = "call", .summary = "Call any method with JSON", .opts = CALL_OPTIONS, .run = run_call,
     .own_bytes = sizeof(struct call_options),
     .detail = "Enums are their names in lower case, times RFC 3339, bytes hexadecimal. The answer is always JSON; a list prints one "
               "line for each part and one for the reply. --key makes a change that can be repeated without acting twice."},
    {0},
};
