/* SPDX-License-Identifier: Apache-2.0
 * What became of changes whose answer was never seen: the journal's open calls. */
#include "client/cli/cli.h"

#include <stdlib.h>

struct resolve_options {
    bool list;
    const char *drop;
};

#define AT(member) offsetof(struct resolve_options, member)

static const struct opt RESOLVE_OPTIONS[] = {
    {.name = "list", .letter = 'l', .kind = OPT_FLAG, .offset = AT(list), .help = "only show them; nothing is sent"},
    {.name = "drop", .kind = OPT_TEXT, .offset = AT(drop), .value = "UUID7",
     .help = "give up knowing what became of this one"},
    {0},
};

enum { KEY_BYTES = 16 };

struct resolve {
    struct cli *cli;
    json_t *all;
    size_t n;
};

static json_t *entry_json(struct cli *cli, const ordo_journal_entry *entry)
{
    const ordo_method *m = ordo_method_find(entry->method);
    char key[2 * KEY_BYTES + 1];
    struct od_buf at;
    od_hex(entry->key, sizeof entry->key, key);
    od_buf_init(&at, 64);
    msg_instant(&at, entry->saved_us, cli->out.zone, false);
    json_t *o = json_pack("{s:s, s:s, s:s}", "key", key, "method", m ? m->name : "unknown", "saved", od_buf_cstr(&at));
    od_buf_done(&at);
    ProtobufCMessage *request =
        m ? protobuf_c_message_unpack(m->request, NULL, entry->request_size, entry->request) : NULL;
    /* a password in a request is not for the screen */
    if (request && !msg_field(m->request, "password"))
        json_object_set_new(o, "request", msg_to_json(request, cli->out.zone));
    msg_free(request);
    return o;
}

static void entry_show(struct resolve *r, json_t *o, const char *outcome)
{
    r->n++;
    if (r->cli->out.format == OUT_JSON) {
        json_array_append_new(r->all, o);
        return;
    }
    char *request = json_dumps(json_object_get(o, "request"), JSON_COMPACT | JSON_ENCODE_ANY);
    fprintf(r->cli->out.f, "%s  %-20s  %s%s%s\n", json_string_value(json_object_get(o, "key")),
            json_string_value(json_object_get(o, "method")), outcome, request ? "  " : "", request ? request : "");
    free(request);
    json_decref(o);
}

static bool listed(const ordo_journal_entry *entry, void *arg)
{
    struct resolve *r = arg;
    json_t *o = entry_json(r->cli, entry);
    entry_show(r, o, json_string_value(json_object_get(o, "saved")));
    return true;
}

static void resolved(const ordo_journal_entry *entry, const void *reply, size_t size, const ordo_error *error, void *arg)
{
    struct resolve *r = arg;
    const ordo_method *m = ordo_method_find(entry->method);
    json_t *o = entry_json(r->cli, entry);
    char outcome[sizeof error->text + sizeof error->reason + 32] = "done";
    if (error)
        snprintf(outcome, sizeof outcome, "%s: %s (%s)", error->outcome == ORDO_OUTCOME_UNKNOWN ? "still not known" : "not done",
                 error->text[0] ? error->text : ordo_status_text(error->status), error->reason);
    json_object_set_new(o, "outcome", json_string(outcome));
    ProtobufCMessage *rep = !error && m ? protobuf_c_message_unpack(m->reply, NULL, size, reply) : NULL;
    if (rep)
        json_object_set_new(o, "reply", msg_to_json(rep, r->cli->out.zone));
    msg_free(rep);
    entry_show(r, o, outcome);
}

static enum ordo_status run_drop(struct cli *cli, const char *text)
{
    unsigned char key[KEY_BYTES];
    if (!od_unhex(od_str_c(text), key, sizeof key))
        return cli_usage(&cli->error, "--drop wants 32 hexadecimal digits, as `ordo resolve --list` shows them");
    return ordo_journal_drop(cli->client, key, &cli->error);
}

static enum ordo_status run_resolve(struct cli *cli, struct input *in)
{
    const struct resolve_options *o = in->own;
    struct resolve r = {.cli = cli};
    cli->journal = true;
    enum ordo_status s = cli_connect(cli); /* the journal's calls belong to an environment and a principal */
    if (s == ORDO_OK && o->drop)
        return run_drop(cli, o->drop);
    if (s != ORDO_OK)
        return s;
    r.all = json_array();
    if (o->list)
        s = ordo_journal_list(cli->client, listed, &r, &cli->error);
    else
        s = ordo_journal_resolve(cli->client, resolved, &r, &cli->error);
    if (cli->out.format == OUT_JSON)
        out_json(&cli->out, r.all);
    else
        json_decref(r.all);
    if (s == ORDO_OK && !r.n && cli->out.format != OUT_JSON)
        fputs("no call is open: what became of each change is known\n", cli->out.f);
    return s;
}

const struct verb VERBS_JOURNAL[] = {
    {.name = "resolve", .summary = "Find out what became of changes whose answer was lost", .opts = RESOLVE_OPTIONS,
     .run = run_resolve, .own_bytes = sizeof(struct resolve_options),
     .detail = "Every change is written to the profile's journal before it is sent. One whose answer was never seen is sent again with "
               "its own key: if it was done, the server answers as it did then; if not, it is done now. Nothing is done twice."},
    {0},
};
