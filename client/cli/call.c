/* SPDX-License-Identifier: Apache-2.0
 * Any call by its row: request and answer as messages, lists part by part. Verbs without a `run` end here. */
#include "client/cli/cli.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 16 };

bool call_is_kept(const ordo_method *method)
{
    return (method->access == ORDO_ACCESS_WRITE || method->access == ORDO_ACCESS_LOCAL) && !msg_field(method->request, "password");
}

struct call {
    const ordo_method *method;
    part_fn on_part;
    void *arg;
    ProtobufCMessage *reply;
    bool unreadable;
};

static bool part_came(ordo_call *call, const void *part, size_t size, void *arg)
{
    struct call *c = arg;
    (void)call;
    ProtobufCMessage *m = c->method->part ? protobuf_c_message_unpack(c->method->part, NULL, size, part) : NULL;
    if (!m) {
        c->unreadable = true;
        return false;
    }
    if (c->on_part)
        c->on_part(m, c->arg);
    msg_free(m);
    return true;
}

static void reply_came(ordo_call *call, const void *reply, size_t size, const ordo_error *error, void *arg)
{
    struct call *c = arg;
    (void)call;
    if (error)
        return;
    c->reply = protobuf_c_message_unpack(c->method->reply, NULL, size, reply);
    c->unreadable = c->unreadable || !c->reply;
}

/* --key and --trace hold for the one call that the verb is about, not for look-ups. */
static enum ordo_status next_call_set(struct cli *cli, const ordo_method *method)
{
    unsigned char key[KEY_BYTES], trace[KEY_BYTES];
    ordo_call_options o = {.struct_size = sizeof o};
    if (!cli->verb || !cli->verb->method || strcmp(cli->verb->method, method->name) != 0)
        if (!cli->verb || strcmp(cli->verb->name, "call") != 0)
            return ORDO_OK;
    if (cli->global.key) {
        if (!od_unhex(od_str_c(cli->global.key), key, sizeof key))
            return cli_usage(&cli->error, "--key wants 32 hexadecimal digits, a UUIDv7 without hyphens");
        o.key = key;
    }
    if (cli->global.trace) {
        if (!od_unhex(od_str_c(cli->global.trace), trace, sizeof trace))
            return cli_usage(&cli->error, "--trace wants 32 hexadecimal digits");
        o.trace = trace;
    }
    if (!o.key && !o.trace)
        return ORDO_OK;
    return ordo_next_call(cli->client, &o) == ORDO_OK ? ORDO_OK : cli_usage(&cli->error, "--key or --trace is not usable here");
}

enum ordo_status cli_call(struct cli *cli, const ordo_method *method, const ProtobufCMessage *request, part_fn on_part, void *arg,
                          ProtobufCMessage **ret_reply)
{
    struct call c = {.method = method, .on_part = on_part, .arg = arg};
    ordo_bytes_callbacks callbacks = {.on_part = part_came, .on_reply = reply_came, .arg = &c};
    enum ordo_status s = cli_connect(cli);
    if (s == ORDO_OK)
        s = next_call_set(cli, method);
    if (s != ORDO_OK)
        return s;
    size_t size = protobuf_c_message_get_packed_size(request);
    uint8_t *packed = od_xmalloc(size ? size : 1);
    protobuf_c_message_pack(request, packed);
    s = ordo_bytes(cli->client, method->id, packed, size, &callbacks, &cli->error);
    free(packed);
    if (c.unreadable)
        s = cli_fail(&cli->error, ORDO_PROTOCOL, "MESSAGE_MALFORMED", "the answer of %s cannot be read", method->name);
    if (s == ORDO_OK && ret_reply)
        *ret_reply = od_take(c.reply);
    msg_free(c.reply);
    return s;
}

enum ordo_status cli_request_complete(struct cli *cli, struct input *in)
{
    for (size_t i = 0; in->set && i < in->set->n_pending; i++) {
        const struct opt_pending *p = &in->set->pending[i];
        int64_t id;
        enum ordo_status s = lookup_id(cli, p->opt->lookup, p->text, &id);
        if (s == ORDO_OK)
            s = msg_set_int(in->request, msg_field(in->request->descriptor, p->opt->field), p->opt->name, id, &cli->error);
        if (s != ORDO_OK)
            return s;
    }
    return ORDO_OK;
}

static void rows_part(const ProtobufCMessage *part, void *arg)
{
    const ProtobufCFieldDescriptor *f = msg_field(part->descriptor, "rows");
    for (size_t i = 0; f && i < msg_count(part, f); i++)
        rows_add(arg, msg_value(part, f, i));
}

static enum ordo_status list_call(struct cli *cli, struct input *in)
{
    struct rows rows;
    od_cleanup(msg_freep) ProtobufCMessage *reply = NULL;
    enum ordo_status s = cli_connect(cli); /* a refusal comes before the heading */
    if (s != ORDO_OK)
        return s;
    rows_begin(&rows, &cli->out, cli->verb->columns);
    s = cli_call(cli, in->method, in->request, rows_part, &rows, &reply);
    const ProtobufCFieldDescriptor *f = reply ? msg_field(reply->descriptor, "cursor") : NULL;
    if (s == ORDO_OK || rows.n)
        rows_end(&rows, f && msg_count(reply, f) ? msg_value(reply, f, 0) : NULL);
    else
        rows_drop(&rows);
    return s;
}

enum ordo_status verb_call(struct cli *cli, struct input *in)
{
    enum ordo_status s = cli_request_complete(cli, in);
    if (s != ORDO_OK)
        return s;
    if (in->method->part)
        return list_call(cli, in);
    od_cleanup(msg_freep) ProtobufCMessage *reply = NULL;
    s = cli_call(cli, in->method, in->request, NULL, NULL, &reply);
    if (s == ORDO_OK)
        out_message(&cli->out, reply);
    return s;
}
