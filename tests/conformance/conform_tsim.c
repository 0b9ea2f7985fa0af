/* SPDX-License-Identifier: Apache-2.0
 * Kind `tsim`: a simulation of the drawn model, step by step: nodes entered, flows taken, processes that ended. */
#include "tests/conformance/bpmn_world.h"
#include "tests/conformance/conform.h"

enum { CHOICES_MAX = 64 };

struct sim {
    struct world w;
    json_t *choices;              /* gateway id -> flows */
    bool wait_at[WORLD_DEFS_MAX][1024];
    json_t *nodes, *flows, *ended;
    const struct def *stepping;   /* definition of the instance that is being stepped */
};

static json_t *text(struct od_str s) { return json_stringn(s.p ? s.p : "", s.n); }

static unsigned def_index(const struct sim *s, const struct def *d)
{
    for (unsigned i = 0; i < s->w.n_defs; i++)
        if (s->w.defs[i] == d)
            return i;
    return 0;
}

static uint64_t choose(void *ctx, uint32_t node, uint32_t n_out, bool several)
{
    const struct sim *s = ctx;
    const struct def *d = s->stepping;
    char id[256];
    snprintf(id, sizeof id, OD_STR_FMT, OD_STR_ARG(d->nodes[node].id));
    json_t *flows = json_object_get(s->choices, id), *flow;
    size_t i;
    uint64_t set = 0;
    json_array_foreach(flows, i, flow)
        for (uint32_t k = 0; k < n_out && k < 64; k++)
            if (od_str_eq_c(d->flows[d->out[d->nodes[node].first_out + k]].id, json_string_value(flow)))
                set |= UINT64_C(1) << k;
    (void)several;
    return set ? set : 1;
}

static bool waits(void *ctx, uint32_t node)
{
    const struct sim *s = ctx;
    return node < 1024 && s->wait_at[def_index(s, s->stepping)][node];
}

static bool trigger(struct sim *s, struct od_str id);

/* Message flows leave their node when the token does; what they lead to is set going, if it waits or can start. */
static void send_flows(struct sim *s, struct od_str from)
{
    for (unsigned i = 0; i < s->w.m->file.n_elements; i++) {
        const struct xml_node *e = s->w.m->file.elements[i];
        if (e->kind == BPMN_MESSAGE_FLOW && od_str_eq(xml_attr(e, "sourceRef"), from)) {
            json_array_append_new(s->flows, text(model_id_of(e)));
            trigger(s, xml_attr(e, "targetRef"));
        }
    }
}

static struct od_str pool_of(const struct sim *s, const struct xml_node *process)
{
    for (unsigned i = 0; i < s->w.m->file.n_elements; i++) {
        const struct xml_node *e = s->w.m->file.elements[i];
        if (e->kind == BPMN_PARTICIPANT && model_ref(s->w.m, e, "processRef") == process)
            return model_id_of(e);
    }
    return model_id_of(process);
}

static void on_effect(struct world *w, uint32_t instance, const struct process_effect *e)
{
    struct sim *s = w->ctx;
    const struct def *d = w->instances[instance].d;
    if (e->kind == PROCESS_FX_ENTERED && e->node)
        json_array_append_new(s->nodes, text(d->nodes[e->node].id));
    else if (e->kind == PROCESS_FX_FLOW && d->nodes[d->flows[e->flow].from].kind != NODE_EVENT_GATEWAY)
        json_array_append_new(s->flows, text(d->flows[e->flow].id)); /* behind an event gateway the event itself is what happens */
    else if (e->kind == PROCESS_FX_ENDED)
        json_array_append_new(s->ended, text(pool_of(s, w->instances[instance].source)));
    else if (e->kind == PROCESS_FX_LEFT)
        send_flows(s, d->nodes[e->node].id);
}

static void step(struct sim *s, uint32_t instance, const struct process_event *e)
{
    s->stepping = s->w.instances[instance].d;
    world_step(&s->w, instance, e);
}

static bool can_start(const struct def *d, uint32_t node)
{
    const struct def_node *n = &d->nodes[node];
    return n->parent == 0 && (n->kind == NODE_START || n->implicit_start || n->instantiates);
}

/* Something that waits goes on, the youngest instance first; else something begins. */
static bool trigger(struct sim *s, struct od_str id)
{
    for (unsigned i = s->w.n_instances; i-- > 0;) {
        const struct def *d = s->w.instances[i].d;
        uint32_t node = s->w.instances[i].ended ? DEF_NONE : def_node_by_id(d, id);
        uint64_t key = node == DEF_NONE ? 0 : process_waiting_for(&s->w.instances[i].s, node);
        if (key) {
            step(s, i, &(struct process_event){.kind = PROCESS_TRIGGER, .key = key});
            return true;
        }
        key = node == DEF_NONE ? 0 : process_open_at(&s->w.instances[i].s, node);
        if (key) {
            step(s, i, &(struct process_event){.kind = PROCESS_COMPLETE, .key = key});
            return true;
        }
    }
    for (unsigned i = 0; i < s->w.n_defs; i++) {
        uint32_t node = def_node_by_id(s->w.defs[i], id);
        if (node == DEF_NONE || !can_start(s->w.defs[i], node))
            continue;
        s->stepping = s->w.defs[i];
        world_start(&s->w, i, node, NULL, 0);
        return true;
    }
    return false;
}

static void set_wait(struct sim *s, struct od_str id)
{
    for (unsigned i = 0; i < s->w.n_defs; i++) {
        uint32_t node = def_node_by_id(s->w.defs[i], id);
        if (node < 1024)
            s->wait_at[i][node] = true;
    }
}

static void perform(struct sim *s, json_t *op)
{
    const char *what = json_string_value(json_object_get(op, "op"));
    struct od_str id = od_str_c(json_string_value(json_object_get(op, "element")));
    if (!what || !id.p)
        return;
    if (!strcmp(what, "trigger")) {
        trigger(s, id);
    } else if (!strcmp(what, "wait_at")) {
        set_wait(s, id);
    } else if (!strcmp(what, "choose_outgoing")) {
        json_object_set(s->choices, id.p, json_object_get(op, "flows"));
    } else if (!strcmp(what, "signal")) {
        const struct xml_node *flow = model_find(s->w.m, s->w.m->file.doc.root, id);
        if (bpmn_is(flow, BPMN_MESSAGE_FLOW)) {
            json_array_append_new(s->flows, text(id));
            trigger(s, xml_attr(flow, "targetRef"));
        } else {
            trigger(s, id);
        }
    }
}

static json_t *run_steps(struct sim *s, json_t *row)
{
    json_t *out = json_array(), *one, *op;
    size_t i, k;
    json_array_foreach(json_object_get(row, "steps"), i, one)
    {
        s->nodes = json_array();
        s->flows = json_array();
        s->ended = json_array();
        json_array_foreach(json_object_get(one, "do"), k, op)
            perform(s, op);
        json_array_append_new(out, json_pack("{s:o,s:o,s:o}", "nodes", s->nodes, "flows", s->flows, "ended", s->ended));
    }
    return json_pack("{s:o}", "steps", out);
}

static json_t *answer(struct bpmn_case *c)
{
    struct sim *s = od_xcalloc(1, sizeof *s);
    struct lint_report report;
    struct model *m;
    struct od_err err;
    json_t *reply;
    s->choices = json_object();
    s->w.ctx = s;
    s->w.on_effect = on_effect;
    s->w.env.ctx = s;
    s->w.env.choose = choose;
    s->w.env.waits = waits;
    lint_report_init(&report, LINT_DEPLOY, &c->arena);
    if (model_read(c->bytes, NULL, &c->arena, &m, &err) != OD_OK)
        reply = json_pack("{s:s}", "error", "the model cannot be read");
    else if (!world_init(&s->w, m, DEF_SIMULATE, &c->arena, &report))
        reply = json_pack("{s:s}", "error", report.n ? report.findings[0].text : "the model cannot be simulated");
    else
        reply = run_steps(s, c->row);
    world_done(&s->w);
    json_decref(s->choices);
    free(s);
    return reply;
}

enum od_status conform_tsim(FILE *cases, const char *dir, FILE *out, struct od_err *err)
{
    return bpmn_cases(cases, dir, "bpmn", answer, out, err);
}
