/* SPDX-License-Identifier: Apache-2.0
 * The compiler's way through a process: nodes in document order, then flows, then what they are to each other. */
#include "server/domain/process/compile.h"

#include "common/base/limits.h"

void *vec_push(struct vec *v, uint32_t *ret_index)
{
    if (v->n == v->cap) {
        v->cap = v->cap ? 2 * v->cap : 16;
        v->p = od_xrealloc(v->p, v->cap * v->size);
    }
    void *item = (char *)v->p + v->n * v->size;
    memset(item, 0, v->size);
    if (ret_index)
        *ret_index = v->n;
    v->n++;
    return item;
}

bool compile_strict(const struct builder *b) { return b->profile == DEF_DEPLOY; }

/* What a rule of the linter says of the same element already. */
static bool is_said(const struct builder *b, const char *rule, const struct xml_node *at)
{
    static const struct {
        const char *ours, *theirs;
    } same[] = {
        {"ordo:flow", "REF_EXISTENCE"},
        {"ordo:flow", "REF_TYPE"},
        {"ordo:flow", "EXT.021"},
        {"ordo:flow", "EXT.022"},
        {"ordo:flow", "EXT.028"},
        {"ordo:attached", "ordo:attached"},
        {"ordo:link", "EXT.118"},
        {"ordo:trigger", "EXT.148"},
        {"ordo:event-sub-process", "EXT.058"},
        {"ordo:event-gateway", "EXT.136"},
        {"ordo:compensation", "EXT.143"},
        {"ordo:multi-instance", "EXT.067"},
        {"ordo:data", "EXT.092"},
        {"ordo:condition", "EXT.123"},
        {"ordo:ad-hoc", "EXT.062"},
    };
    for (size_t i = 0; i < OD_LEN(same); i++)
        if (!strcmp(rule, same[i].ours) && lint_has(b->report, same[i].theirs, at))
            return true;
    return false;
}

void compile_refuse(struct builder *b, const struct xml_node *at, const char *rule, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    b->n_errors++;
    if (is_said(b, rule, at))
        return;
    lint_add(b->report, b->report->profile == LINT_DEPLOY ? LINT_ERROR : LINT_WARNING, rule, at, "%s", text);
}

static const struct {
    enum bpmn_kind element;
    enum node_kind node;
} kinds[] = {
    {BPMN_SUB_PROCESS, NODE_SUB_PROCESS}, {BPMN_TRANSACTION, NODE_SUB_PROCESS}, {BPMN_AD_HOC_SUB_PROCESS, NODE_AD_HOC},
    {BPMN_TASK, NODE_TASK}, {BPMN_MANUAL_TASK, NODE_MANUAL_TASK}, {BPMN_USER_TASK, NODE_USER_TASK}, {BPMN_SERVICE_TASK, NODE_JOB},
    {BPMN_SCRIPT_TASK, NODE_SCRIPT}, {BPMN_RULE_TASK, NODE_RULE}, {BPMN_SEND_TASK, NODE_SEND}, {BPMN_RECEIVE_TASK, NODE_RECEIVE},
    {BPMN_CALL_ACTIVITY, NODE_CALL}, {BPMN_EXCLUSIVE_GATEWAY, NODE_EXCLUSIVE}, {BPMN_PARALLEL_GATEWAY, NODE_PARALLEL},
    {BPMN_INCLUSIVE_GATEWAY, NODE_INCLUSIVE}, {BPMN_COMPLEX_GATEWAY, NODE_COMPLEX}, {BPMN_EVENT_GATEWAY, NODE_EVENT_GATEWAY},
    {BPMN_START_EVENT, NODE_START}, {BPMN_CATCH_INTERMEDIATE, NODE_CATCH}, {BPMN_BOUNDARY_EVENT, NODE_BOUNDARY},
    {BPMN_THROW_INTERMEDIATE, NODE_THROW}, {BPMN_END_EVENT, NODE_END}, {BPMN_GLOBAL_SCRIPT_TASK, NODE_SCRIPT},
    {BPMN_PROCESS, NODE_PROCESS},
};

static enum node_kind kind_of(const struct xml_node *n)
{
    for (size_t i = 0; i < OD_LEN(kinds); i++)
        if (n->kind == kinds[i].element)
            return kinds[i].node;
    return NODE_KINDS;
}

static uint32_t quantity(const struct xml_node *n, const char *attribute)
{
    int64_t v = 1;
    od_str_int(od_str_trim(xml_attr(n, attribute)), 1, OD_PROCESS_QUANTITY_MAX, &v);
    return (uint32_t)v;
}

static uint32_t add_node(struct builder *b, const struct xml_node *at, enum node_kind kind, uint32_t parent)
{
    uint32_t i;
    struct def_node *n = vec_push(&b->nodes, &i);
    *n = (struct def_node){.kind = (uint8_t)kind, .parent = parent, .end = i + 1, .line = at->line, .default_flow = DEF_NONE,
                           .loop = DEF_NONE, .expr = DEF_NONE, .handler = DEF_NONE, .host = DEF_NONE, .link_target = DEF_NONE,
                           .join = DEF_NONE, .id = model_id_of(at), .name = model_name_of(at)};
    n->start_quantity = quantity(at, "startQuantity");
    n->completion_quantity = quantity(at, "completionQuantity");
    n->event_sub_process = model_is_event_sub_process(at);
    n->transaction = at->kind == BPMN_TRANSACTION;
    n->for_compensation = model_flag(at, "isForCompensation", false) && !n->event_sub_process;
    n->interrupting = at->kind == BPMN_BOUNDARY_EVENT ? model_flag(at, "cancelActivity", true) : model_flag(at, "isInterrupting", true);
    n->instantiates = model_flag(at, "instantiate", false);
    n->parallel_multiple = model_flag(at, "parallelMultiple", false) || xml_attr_is(at, "eventGatewayType", "Parallel");
    n->sequential = xml_attr_is(at, "ordering", "Sequential");
    n->cancel_remaining = model_flag(at, "cancelRemainingInstances", true);
    b->source[i] = at;
    b->node_of[at->ordinal] = i;
    return i;
}

/* Every flow node below a process, parents first; what is not executed is refused by name. Depth is the model's, which is bounded. */
static void collect(struct builder *b, const struct xml_node *scope_at, uint32_t scope)
{
    for (const struct xml_node *c = model_first(scope_at, BPMN_FLOW_NODE); c; c = model_next(c, BPMN_FLOW_NODE)) {
        enum node_kind kind = kind_of(c);
        if (kind == NODE_KINDS) {
            compile_refuse(b, c, "ordo:unsupported", "is not executed by this engine");
            continue;
        }
        if (b->nodes.n == OD_PROCESS_NODES_MAX) {
            compile_refuse(b, c, "ordo:limit", "a process has at most %d elements", OD_PROCESS_NODES_MAX);
            return;
        }
        uint32_t i = add_node(b, c, kind, scope);
        if (kind == NODE_SUB_PROCESS || kind == NODE_AD_HOC)
            collect(b, c, i);
        VEC_AT(b->nodes, struct def_node, i)->end = b->nodes.n;
    }
    VEC_AT(b->nodes, struct def_node, scope)->end = b->nodes.n;
}

static bool decides(const struct def_node *n)
{
    return n->kind == NODE_EXCLUSIVE || n->kind == NODE_INCLUSIVE;
}

/* A gateway that decides needs to know how; activities and events may take a flow without a condition. */
static void check_condition(struct builder *b, const struct xml_node *at, struct def_flow *f, uint32_t n_out, bool is_default)
{
    const struct def_node *from = VEC_AT(b->nodes, struct def_node, f->from);
    bool open = decides(from) && n_out > 1 && f->condition == DEF_NONE && !is_default;
    f->open_condition = open || (model_first(at, BPMN_CONDITION_EXPRESSION) && f->condition == DEF_NONE);
    if (from->kind == NODE_COMPLEX || from->kind == NODE_PARALLEL || from->kind == NODE_EVENT_GATEWAY)
        f->open_condition = false;
    if (open && compile_strict(b))
        compile_refuse(b, at, "ordo:flow-condition", "a sequence flow out of this gateway needs a condition");
}

static void compile_flow(struct builder *b, const struct xml_node *at)
{
    const struct xml_node *from = model_source(b->m, at), *to = model_target(b->m, at);
    uint32_t f = node_index(b, from), t = node_index(b, to);
    const struct def_node *source = f == DEF_NONE ? NULL : VEC_AT(b->nodes, struct def_node, f);
    const struct def_node *target = t == DEF_NONE ? NULL : VEC_AT(b->nodes, struct def_node, t);
    if (!source || !target || source->parent != target->parent || source->event_sub_process || target->event_sub_process) {
        if (compile_strict(b))
            compile_refuse(b, at, "ordo:flow", "must connect two flow nodes of one level");
        return;
    }
    if (target->kind == NODE_START || target->kind == NODE_BOUNDARY)
        return; /* EXT.096, EXT.112: refused by the linter, not there for a simulation */
    const struct xml_node *condition = model_first(at, BPMN_CONDITION_EXPRESSION);
    uint32_t expr = DEF_NONE;
    if (condition && source->kind != NODE_PARALLEL && source->kind != NODE_EVENT_GATEWAY)
        expr = compile_feel(b, condition, xml_text(condition, b->arena));
    struct def_flow *flow = vec_push(&b->flows, NULL);
    *flow = (struct def_flow){.from = f, .to = t, .condition = expr, .id = model_id_of(at), .line = at->line};
    bool is_default = model_ref(b->m, from, "default") == at;
    if (is_default)
        VEC_AT(b->nodes, struct def_node, f)->default_flow = b->flows.n - 1;
    check_condition(b, at, flow, model_count(model_node(b->m, from)->out), is_default);
}

/* Lists of flows by node, in document order: count, place, fill. */
static void index_flows(struct builder *b)
{
    uint32_t n = b->nodes.n, at_in = 0, at_out = 0;
    for (uint32_t i = 0; i < b->flows.n; i++) {
        VEC_AT(b->nodes, struct def_node, VEC_AT(b->flows, struct def_flow, i)->from)->n_out++;
        VEC_AT(b->nodes, struct def_node, VEC_AT(b->flows, struct def_flow, i)->to)->n_in++;
        vec_push(&b->in, NULL);
        vec_push(&b->out, NULL);
    }
    for (uint32_t i = 0; i < n; i++) {
        struct def_node *d = VEC_AT(b->nodes, struct def_node, i);
        d->first_in = at_in;
        d->first_out = at_out;
        at_in += d->n_in;
        at_out += d->n_out;
        d->n_in = d->n_out = 0;
    }
    for (uint32_t i = 0; i < b->flows.n; i++) {
        const struct def_flow *f = VEC_AT(b->flows, struct def_flow, i);
        struct def_node *from = VEC_AT(b->nodes, struct def_node, f->from), *to = VEC_AT(b->nodes, struct def_node, f->to);
        *VEC_AT(b->out, uint32_t, from->first_out + from->n_out++) = i;
        *VEC_AT(b->in, uint32_t, to->first_in + to->n_in++) = i;
    }
}

static bool link_catch(const struct builder *b, const struct def_node *n)
{
    return n->kind == NODE_CATCH && n->n_triggers && VEC_AT(b->triggers, struct def_trigger, n->first_trigger)->kind == TRIGGER_LINK;
}

/* Something starts with its scope though nothing leads to it (13.2). */
static bool starts_by_itself(const struct builder *b, const struct def_node *n)
{
    return !n->n_in && n->kind != NODE_START && n->kind != NODE_BOUNDARY && !n->event_sub_process && !n->for_compensation &&
           !n->instantiates && !link_catch(b, n);
}

/* Boundary events by host, in document order: count, place, fill. */
static void index_boundaries(struct builder *b)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < b->nodes.n; i++) {
        uint32_t host = VEC_AT(b->nodes, struct def_node, i)->host;
        if (host == DEF_NONE)
            continue;
        VEC_AT(b->nodes, struct def_node, host)->n_boundaries++;
        vec_push(&b->attached, NULL);
    }
    for (uint32_t i = 0; i < b->nodes.n; i++) {
        struct def_node *d = VEC_AT(b->nodes, struct def_node, i);
        d->first_boundary = at;
        at += d->n_boundaries;
        d->n_boundaries = 0;
    }
    for (uint32_t i = 0; i < b->nodes.n; i++) {
        uint32_t host = VEC_AT(b->nodes, struct def_node, i)->host;
        if (host == DEF_NONE)
            continue;
        struct def_node *h = VEC_AT(b->nodes, struct def_node, host);
        *VEC_AT(b->attached, uint32_t, h->first_boundary + h->n_boundaries++) = i;
    }
}

/* Hosts of boundary events; event sub-processes and beginnings by scope. */
static void index_scopes(struct builder *b)
{
    for (uint32_t i = 0; i < b->nodes.n; i++) {
        struct def_node *d = VEC_AT(b->nodes, struct def_node, i);
        const struct xml_node *host = b->source[i]->kind == BPMN_BOUNDARY_EVENT ? model_ref(b->m, b->source[i], "attachedToRef") : NULL;
        uint32_t h = bpmn_is(host, BPMN_ACTIVITY) ? node_index(b, host) : DEF_NONE;
        if (h != DEF_NONE && VEC_AT(b->nodes, struct def_node, h)->parent == d->parent)
            d->host = h;
        if (d->kind == NODE_BOUNDARY && (d->host == DEF_NONE || VEC_AT(b->nodes, struct def_node, d->host)->event_sub_process)) {
            d->host = DEF_NONE;
            if (compile_strict(b))
                compile_refuse(b, b->source[i], "ordo:attached", "must be attached to an activity of its level");
        }
        d->implicit_start = starts_by_itself(b, d);
    }
    index_boundaries(b);
    for (uint32_t i = 0; i < b->nodes.n; i++) {
        struct def_node *d = VEC_AT(b->nodes, struct def_node, i);
        d->first_event_sub = b->event_subs.n;
        d->first_start = b->starts.n;
        for (uint32_t k = i + 1; k < d->end; k = VEC_AT(b->nodes, struct def_node, k)->end) {
            const struct def_node *c = VEC_AT(b->nodes, struct def_node, k);
            bool blank = c->kind == NODE_START && (!c->n_triggers || d->event_sub_process);
            if (blank || c->implicit_start)
                *(uint32_t *)vec_push(&b->starts, NULL) = k;
            if (!c->event_sub_process)
                continue;
            for (uint32_t s = k + 1; s < c->end; s = VEC_AT(b->nodes, struct def_node, s)->end)
                if (VEC_AT(b->nodes, struct def_node, s)->kind == NODE_START)
                    *(uint32_t *)vec_push(&b->event_subs, NULL) = s;
        }
        d->n_event_subs = b->event_subs.n - d->first_event_sub;
        d->n_starts = b->starts.n - d->first_start;
    }
}

static void compile_node(struct builder *b, uint32_t i)
{
    const struct xml_node *at = b->source[i];
    compile_triggers(b, i);
    compile_task(b, i);
    compile_loop(b, i);
    enum bpmn_kind condition = at->kind == BPMN_COMPLEX_GATEWAY      ? BPMN_ACTIVATION_CONDITION
                               : at->kind == BPMN_AD_HOC_SUB_PROCESS ? BPMN_COMPLETION_CONDITION
                                                                     : BPMN_NONE;
    const struct xml_node *e = condition ? model_first(at, condition) : NULL;
    uint32_t expr = e ? compile_feel(b, e, xml_text(e, b->arena)) : DEF_NONE;
    if (expr != DEF_NONE)
        VEC_AT(b->nodes, struct def_node, i)->expr = expr;
    if (at->kind == BPMN_COMPLEX_GATEWAY && expr == DEF_NONE && model_count(model_node(b->m, at)->in) > 1 && compile_strict(b))
        compile_refuse(b, at, "ordo:activation", "a complex gateway that joins needs an activationCondition");
}

/* --- from the builder's arrays to the definition ------------------------------------------------------------------------ */

static void take(struct builder *b, const struct vec *v, void *ret_items, uint32_t *ret_n)
{
    void *p = od_arena_array(b->arena, v->n + 1, v->size);
    if (p && v->n)
        memcpy(p, v->p, v->n * v->size);
    memcpy(ret_items, &p, sizeof p);
    *ret_n = v->n;
}

static void take_all(struct builder *b)
{
    struct def *d = b->def;
    take(b, &b->nodes, &d->nodes, &d->n_nodes);
    take(b, &b->flows, &d->flows, &d->n_flows);
    take(b, &b->in, &d->in, &d->n_in);
    take(b, &b->out, &d->out, &d->n_out);
    take(b, &b->attached, &d->attached, &d->n_attached);
    take(b, &b->event_subs, &d->event_subs, &d->n_event_subs);
    take(b, &b->starts, &d->starts, &d->n_starts);
    take(b, &b->triggers, &d->triggers, &d->n_triggers);
    take(b, &b->loops, &d->loops, &d->n_loops);
    take(b, &b->behaviors, &d->behaviors, &d->n_behaviors);
    take(b, &b->mappings, &d->mappings, &d->n_mappings);
    take(b, &b->settings, &d->settings, &d->n_settings);
    take(b, &b->fields, &d->fields, &d->n_fields);
    take(b, &b->exprs, &d->exprs, &d->n_exprs);
    d->words = (d->n_nodes + 63) / 64;
    d->profile = (uint8_t)b->profile;
}

static void builder_init(struct builder *b)
{
    b->nodes.size = sizeof(struct def_node);
    b->flows.size = sizeof(struct def_flow);
    b->triggers.size = sizeof(struct def_trigger);
    b->loops.size = sizeof(struct def_loop);
    b->behaviors.size = sizeof(struct def_behavior);
    b->mappings.size = sizeof(struct def_mapping);
    b->settings.size = sizeof(struct def_setting);
    b->fields.size = sizeof(struct def_field);
    b->joins.size = sizeof(struct def_join);
    b->exprs.size = sizeof(struct def_expr);
    b->in.size = b->out.size = b->attached.size = b->event_subs.size = b->starts.size = sizeof(uint32_t);
    b->keys.size = sizeof(const struct xml_node *);
}

static void builder_done(struct builder *b)
{
    enum { ARRAYS = 16 };
    struct vec *const all[ARRAYS] = {&b->nodes, &b->flows, &b->triggers, &b->loops, &b->behaviors, &b->mappings, &b->settings, &b->fields,
                         &b->joins, &b->exprs, &b->in, &b->out, &b->attached, &b->event_subs, &b->starts, &b->keys};
    for (size_t i = 0; i < ARRAYS; i++)
        free(all[i]->p);
}

/* A lane offers the work drawn in it to the group of its name (10.8). Nested lanes come later in the file: the innermost one stays. */
static void note_lanes(struct builder *b)
{
    for (unsigned i = 0; i < b->m->file.n_elements; i++) {
        const struct xml_node *e = b->m->file.elements[i];
        const struct xml_node *n = e->kind == BPMN_FLOW_NODE_REF ? model_find(b->m, e, xml_text(e, b->arena)) : NULL;
        if (node_index(b, n) != DEF_NONE && e->parent->kind == BPMN_LANE)
            b->lane_of[node_index(b, n)] = model_name_of(e->parent);
    }
}

static void compile_all(struct builder *b, const struct xml_node *process)
{
    bool task = process->kind == BPMN_GLOBAL_SCRIPT_TASK;
    add_node(b, process, NODE_PROCESS, DEF_NONE);
    if (task) {
        add_node(b, process, NODE_SCRIPT, 0);
        VEC_AT(b->nodes, struct def_node, 0)->end = 2;
    } else {
        collect(b, process, 0);
    }
    note_lanes(b);
    compile_keys(b);
    for (uint32_t i = task ? 1 : 0; i < b->nodes.n; i++)
        compile_node(b, i);
    for (uint32_t i = 0; i < b->m->file.n_elements; i++) {
        const struct xml_node *e = b->m->file.elements[i];
        if (e->kind == BPMN_SEQUENCE_FLOW && (model_above(e, BPMN_PROCESS) == process))
            compile_flow(b, e);
    }
    index_flows(b);
    index_scopes(b);
    compile_links(b);
    if (compile_strict(b))
        compile_check(b);
    take_all(b);
    if (!b->arena->exhausted)
        compile_reach(b);
    take(b, &b->joins, &b->def->joins, &b->def->n_joins);
}

enum od_status def_compile(const struct model *m, const struct xml_node *process, enum def_profile profile,
                           const struct feel_host *host, struct od_arena *arena, struct lint_report *report,
                           const struct def **ret_def, struct od_err *err)
{
    struct builder b = {.m = m, .host = host, .arena = arena, .report = report, .err = err, .profile = profile};
    *ret_def = NULL;
    builder_init(&b);
    b.def = OD_ARENA_NEW(arena, struct def);
    b.source = OD_ARENA_ARRAY(arena, m->file.n_elements + 2, const struct xml_node *);
    b.node_of = OD_ARENA_ARRAY(arena, m->file.doc.n_elements + 1, uint32_t);
    b.lane_of = OD_ARENA_ARRAY(arena, m->file.n_elements + 2, struct od_str);
    if (!b.def || !b.source || !b.node_of || !b.lane_of)
        return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", arena->cap_bytes);
    memset(b.node_of, 0xFF, m->file.doc.n_elements * sizeof *b.node_of);
    compile_all(&b, process);
    builder_done(&b);
    if (arena->exhausted)
        return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", arena->cap_bytes);
    *ret_def = b.n_errors ? NULL : b.def;
    return OD_OK;
}
