/* SPDX-License-Identifier: Apache-2.0
 * A definition as bytes. One function names the fields of each struct, and both directions go through it. */
#include "server/domain/process/bytes.h"

#include "common/base/limits.h"
#include "server/domain/process/def.h"

enum { DEF_MAGIC = 'D', DEF_BYTES_VERSION = 2, DEF_ITEMS_MAX = 4000000 };

struct codec {
    struct od_buf *out;   /* writing, if set */
    struct bytes_in *in;
    struct od_arena *arena;
};

static void u8(struct codec *c, uint8_t *v)
{
    if (c->out)
        put_number(c->out, *v);
    else
        *v = (uint8_t)get_count(c->in, UINT8_MAX);
}

static void flag(struct codec *c, bool *v)
{
    if (c->out)
        put_number(c->out, *v);
    else
        *v = get_count(c->in, 1);
}

static void u32(struct codec *c, uint32_t *v)
{
    if (c->out)
        put_index(c->out, *v);
    else
        *v = get_index(c->in, UINT32_MAX);
}

static void i64(struct codec *c, int64_t *v)
{
    if (c->out)
        put_signed(c->out, *v);
    else
        *v = get_signed(c->in);
}

static void text(struct codec *c, struct od_str *s)
{
    if (c->out) {
        put_text(c->out, *s);
        return;
    }
    struct od_str view = get_text(c->in);
    *s = od_arena_copy(c->arena, view);
    if (view.n && !s->p)
        c->in->broken = true;
}

static void code_node(struct codec *c, void *p)
{
    struct def_node *n = p;
    uint32_t *const numbers[] = {&n->parent, &n->end, &n->line, &n->first_in, &n->n_in, &n->first_out, &n->n_out, &n->default_flow,
                                 &n->first_trigger, &n->n_triggers, &n->first_boundary, &n->n_boundaries, &n->first_event_sub,
                                 &n->n_event_subs, &n->first_start, &n->n_starts, &n->first_mapping, &n->n_mappings, &n->first_setting,
                                 &n->n_settings, &n->first_field, &n->n_fields, &n->loop, &n->expr, &n->handler, &n->host,
                                 &n->link_target, &n->start_quantity, &n->completion_quantity, &n->join};
    bool *const flags[] = {&n->interrupting, &n->instantiates, &n->parallel_multiple, &n->for_compensation, &n->event_sub_process,
                           &n->transaction, &n->sequential, &n->cancel_remaining, &n->implicit_start};
    u8(c, &n->kind);
    for (size_t i = 0; i < OD_LEN(flags); i++)
        flag(c, flags[i]);
    for (size_t i = 0; i < OD_LEN(numbers); i++)
        u32(c, numbers[i]);
    text(c, &n->id);
    text(c, &n->name);
    text(c, &n->result);
    text(c, &n->called);
}

static void code_flow(struct codec *c, void *p)
{
    struct def_flow *f = p;
    u32(c, &f->from);
    u32(c, &f->to);
    u32(c, &f->condition);
    flag(c, &f->open_condition);
    text(c, &f->id);
    u32(c, &f->line);
}

static void code_trigger(struct codec *c, void *p)
{
    struct def_trigger *t = p;
    u8(c, &t->kind);
    u8(c, &t->timer);
    flag(c, &t->any);
    flag(c, &t->external);
    flag(c, &t->wait);
    flag(c, &t->follows);
    u32(c, &t->expr);
    u32(c, &t->key);
    u32(c, &t->activity);
    text(c, &t->name);
    text(c, &t->result);
}

static void code_loop(struct codec *c, void *p)
{
    struct def_loop *l = p;
    uint32_t *const numbers[] = {&l->condition, &l->cardinality, &l->collection, &l->maximum, &l->behavior_trigger,
                                 &l->first_behavior, &l->n_behaviors, &l->output};
    u8(c, &l->kind);
    u8(c, &l->behavior);
    flag(c, &l->test_before);
    for (size_t i = 0; i < OD_LEN(numbers); i++)
        u32(c, numbers[i]);
    text(c, &l->element);
    text(c, &l->results);
}

static void code_behavior(struct codec *c, void *p)
{
    struct def_behavior *b = p;
    u32(c, &b->condition);
    u32(c, &b->trigger);
}

static void code_mapping(struct codec *c, void *p)
{
    struct def_mapping *m = p;
    flag(c, &m->output);
    flag(c, &m->if_set);
    u32(c, &m->expr);
    text(c, &m->target);
}

static void code_setting(struct codec *c, void *p)
{
    struct def_setting *s = p;
    text(c, &s->name);
    u32(c, &s->expr);
    text(c, &s->text);
}

static void code_field(struct codec *c, void *p)
{
    struct def_field *f = p;
    text(c, &f->id);
    text(c, &f->label);
    text(c, &f->type);
    text(c, &f->pattern);
    text(c, &f->default_value);
    flag(c, &f->required);
    flag(c, &f->has_min);
    flag(c, &f->has_max);
    i64(c, &f->min);
    i64(c, &f->max);
}

static void code_expr(struct codec *c, void *p)
{
    struct def_expr *e = p;
    u8(c, &e->form);
    text(c, &e->text);
}

static void code_number(struct codec *c, void *p) { u32(c, p); }

/* An array: its length, its items. */
static void array(struct codec *c, void *pointer, uint32_t *n, size_t size, void (*code)(struct codec *, void *))
{
    char *p;
    memcpy(&p, pointer, sizeof p);
    if (c->out) {
        put_number(c->out, *n);
    } else {
        *n = get_count(c->in, DEF_ITEMS_MAX);
        if (*n > c->in->rest.n) /* every item has at least one byte */
            c->in->broken = true;
        p = c->in->broken ? NULL : od_arena_array(c->arena, *n + 1, size);
        if (!p)
            c->in->broken = true, *n = 0;
        memcpy(pointer, &p, sizeof p);
    }
    for (uint32_t i = 0; i < *n && (c->out || !c->in->broken); i++)
        code(c, p + i * size);
}

static void code_joins(struct codec *c, struct def *d)
{
    for (uint32_t i = 0; i < d->n_joins && (c->out || !c->in->broken); i++) {
        struct def_join *j = &d->joins[i];
        u32(c, &j->node);
        if (!c->out && (j->node >= d->n_nodes || d->nodes[j->node].join != i)) {
            c->in->broken = true;
            return;
        }
        size_t n = (size_t)d->nodes[j->node].n_in * d->words;
        uint64_t **const rows[] = {&j->reach, &j->path};
        for (size_t k = 0; k < OD_LEN(rows); k++) {
            if (!c->out)
                *rows[k] = n <= c->in->rest.n ? OD_ARENA_ARRAY(c->arena, n + 1, uint64_t) : NULL;
            if (!*rows[k]) {
                c->in->broken = true;
                return;
            }
            for (size_t w = 0; w < n; w++) {
                if (c->out)
                    put_number(c->out, (*rows[k])[w]);
                else
                    (*rows[k])[w] = get_number(c->in);
            }
        }
    }
}

static void code_def(struct codec *c, struct def *d)
{
    u8(c, &d->profile);
    array(c, &d->nodes, &d->n_nodes, sizeof *d->nodes, code_node);
    array(c, &d->flows, &d->n_flows, sizeof *d->flows, code_flow);
    array(c, &d->in, &d->n_in, sizeof *d->in, code_number);
    array(c, &d->out, &d->n_out, sizeof *d->out, code_number);
    array(c, &d->attached, &d->n_attached, sizeof *d->attached, code_number);
    array(c, &d->event_subs, &d->n_event_subs, sizeof *d->event_subs, code_number);
    array(c, &d->starts, &d->n_starts, sizeof *d->starts, code_number);
    array(c, &d->triggers, &d->n_triggers, sizeof *d->triggers, code_trigger);
    array(c, &d->loops, &d->n_loops, sizeof *d->loops, code_loop);
    array(c, &d->behaviors, &d->n_behaviors, sizeof *d->behaviors, code_behavior);
    array(c, &d->mappings, &d->n_mappings, sizeof *d->mappings, code_mapping);
    array(c, &d->settings, &d->n_settings, sizeof *d->settings, code_setting);
    array(c, &d->fields, &d->n_fields, sizeof *d->fields, code_field);
    array(c, &d->exprs, &d->n_exprs, sizeof *d->exprs, code_expr);
    d->words = (d->n_nodes + 63) / 64;
    if (c->out) {
        put_number(c->out, d->n_joins);
    } else {
        d->n_joins = get_count(c->in, d->n_nodes);
        d->joins = OD_ARENA_ARRAY(c->arena, d->n_joins + 1, struct def_join);
        if (!d->joins)
            c->in->broken = true;
    }
    if (c->out || !c->in->broken)
        code_joins(c, d);
}

void def_encode(const struct def *d, struct od_buf *out)
{
    struct def copy = *d; /* the arrays are only read when writing */
    struct bytes_in nothing = {0};
    struct codec c = {.out = out, .in = &nothing};
    od_buf_char(out, DEF_MAGIC);
    put_number(out, DEF_BYTES_VERSION);
    code_def(&c, &copy);
}

/* --- what was read must be a definition: every index leads somewhere ------------------------------------------------------ */

static bool range(uint32_t first, uint32_t n, uint32_t of) { return first <= of && n <= of - first; }
static bool below(uint32_t i, uint32_t n) { return i < n; }
static bool none_or_below(uint32_t i, uint32_t n) { return i == DEF_NONE || i < n; }

static bool node_is_sound(const struct def *d, uint32_t i)
{
    const struct def_node *n = &d->nodes[i];
    bool tree = i == 0 ? n->parent == DEF_NONE && n->end == d->n_nodes && n->kind == NODE_PROCESS
                       : n->parent < i && n->end > i && n->end <= d->nodes[n->parent].end && n->kind != NODE_PROCESS &&
                             def_has(d, n->parent, NODE_SCOPE);
    bool lists = range(n->first_in, n->n_in, d->n_in) && range(n->first_out, n->n_out, d->n_out) &&
                 range(n->first_trigger, n->n_triggers, d->n_triggers) && range(n->first_boundary, n->n_boundaries, d->n_attached) &&
                 range(n->first_event_sub, n->n_event_subs, d->n_event_subs) && range(n->first_start, n->n_starts, d->n_starts) &&
                 range(n->first_mapping, n->n_mappings, d->n_mappings) && range(n->first_setting, n->n_settings, d->n_settings) &&
                 range(n->first_field, n->n_fields, d->n_fields);
    bool refs = none_or_below(n->default_flow, d->n_flows) && none_or_below(n->loop, d->n_loops) && none_or_below(n->expr, d->n_exprs) &&
                none_or_below(n->handler, d->n_nodes) && none_or_below(n->host, d->n_nodes) &&
                none_or_below(n->link_target, d->n_nodes) && none_or_below(n->join, d->n_joins);
    return tree && lists && refs && (n->join == DEF_NONE || d->joins[n->join].node == i);
}

static bool siblings(const struct def *d, uint32_t a, uint32_t b) { return d->nodes[a].parent == d->nodes[b].parent; }

/* The lists of a node name nodes and flows that are really its own. */
static bool lists_are_sound(const struct def *d, uint32_t i)
{
    const struct def_node *n = &d->nodes[i];
    bool ok = true;
    for (uint32_t k = 0; ok && k < n->n_in; k++)
        ok = below(d->in[n->first_in + k], d->n_flows) && d->flows[d->in[n->first_in + k]].to == i;
    for (uint32_t k = 0; ok && k < n->n_out; k++)
        ok = below(d->out[n->first_out + k], d->n_flows) && d->flows[d->out[n->first_out + k]].from == i;
    for (uint32_t k = 0; ok && k < n->n_boundaries; k++)
        ok = below(d->attached[n->first_boundary + k], d->n_nodes) && d->nodes[d->attached[n->first_boundary + k]].host == i;
    for (uint32_t k = 0; ok && k < n->n_starts; k++)
        ok = below(d->starts[n->first_start + k], d->n_nodes) && d->nodes[d->starts[n->first_start + k]].parent == i;
    for (uint32_t k = 0; ok && k < n->n_event_subs; k++) {
        uint32_t s = d->event_subs[n->first_event_sub + k];
        ok = below(s, d->n_nodes) && s > i && d->nodes[s].kind == NODE_START && d->nodes[d->nodes[s].parent].parent == i &&
             d->nodes[d->nodes[s].parent].event_sub_process;
    }
    ok = ok && (n->handler == DEF_NONE ||
                (siblings(d, i, n->handler) && d->nodes[n->handler].for_compensation && def_has(d, n->handler, NODE_ACTIVITY)));
    ok = ok && (n->host == DEF_NONE || (n->kind == NODE_BOUNDARY && siblings(d, i, n->host) && def_has(d, n->host, NODE_ACTIVITY)));
    return ok && (n->link_target == DEF_NONE || siblings(d, i, n->link_target)) && (n->loop == DEF_NONE || def_has(d, i, NODE_ACTIVITY));
}

static bool expr_ok(const struct def *d, uint32_t e) { return none_or_below(e, d->n_exprs); }

static bool parts_are_sound(const struct def *d)
{
    bool ok = true;
    for (uint32_t i = 0; ok && i < d->n_flows; i++)
        ok = below(d->flows[i].from, d->n_nodes) && below(d->flows[i].to, d->n_nodes) && d->flows[i].to && d->flows[i].from &&
             siblings(d, d->flows[i].from, d->flows[i].to) && expr_ok(d, d->flows[i].condition);
    for (uint32_t i = 0; ok && i < d->n_triggers; i++) {
        const struct def_trigger *t = &d->triggers[i];
        bool needs = !t->external && (t->kind == TRIGGER_TIMER || t->kind == TRIGGER_CONDITION);
        ok = t->kind < TRIGGER_KINDS && t->timer <= TIMER_CYCLE && expr_ok(d, t->expr) && expr_ok(d, t->key) &&
             none_or_below(t->activity, d->n_nodes) && (!needs || t->expr != DEF_NONE) && t->activity != 0;
    }
    for (uint32_t i = 0; ok && i < d->n_loops; i++) {
        const struct def_loop *l = &d->loops[i];
        bool counted = l->kind == LOOP_STANDARD || l->cardinality != DEF_NONE || l->collection != DEF_NONE;
        ok = l->kind > LOOP_NONE && l->kind <= LOOP_PARALLEL && l->behavior <= BEHAVIOR_COMPLEX && counted && expr_ok(d, l->condition) &&
             expr_ok(d, l->cardinality) && expr_ok(d, l->collection) && expr_ok(d, l->output) &&
             none_or_below(l->behavior_trigger, d->n_triggers) && range(l->first_behavior, l->n_behaviors, d->n_behaviors);
    }
    for (uint32_t i = 0; ok && i < d->n_behaviors; i++)
        ok = expr_ok(d, d->behaviors[i].condition) && none_or_below(d->behaviors[i].trigger, d->n_triggers);
    for (uint32_t i = 0; ok && i < d->n_mappings; i++)
        ok = expr_ok(d, d->mappings[i].expr) && d->mappings[i].target.n;
    for (uint32_t i = 0; ok && i < d->n_settings; i++)
        ok = expr_ok(d, d->settings[i].expr);
    return ok;
}

static bool is_sound(const struct def *d)
{
    if (!d->n_nodes || d->n_nodes > OD_PROCESS_NODES_MAX || d->profile > DEF_SIMULATE)
        return false;
    for (uint32_t i = 0; i < d->n_nodes; i++)
        if (d->nodes[i].kind >= NODE_KINDS)
            return false;
    for (uint32_t i = 0; i < d->n_nodes; i++)
        if (!node_is_sound(d, i))
            return false;
    if (!parts_are_sound(d))
        return false;
    for (uint32_t i = 0; i < d->n_nodes; i++)
        if (!lists_are_sound(d, i))
            return false;
    return true;
}

enum od_status def_decode(struct od_str bytes, const struct feel_host *host, struct od_arena *arena, const struct def **ret_def,
                          struct od_err *err)
{
    if (bytes.n < 2 || bytes.p[0] != DEF_MAGIC)
        return od_fail(err, OD_R_STATE_BROKEN, "why=it is no definition");
    struct bytes_in in = {.rest = {bytes.p + 1, bytes.n - 1}};
    uint64_t version = get_number(&in);
    if (version != DEF_BYTES_VERSION)
        return od_fail(err, OD_R_STATE_VERSION, "what=definition" OD_AND "have=%llu" OD_AND "need=%d", (unsigned long long)version,
                       DEF_BYTES_VERSION);
    struct def *d = OD_ARENA_NEW(arena, struct def);
    struct codec c = {.in = &in, .arena = arena};
    if (!d)
        return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", arena->cap_bytes);
    code_def(&c, d);
    if (in.broken || in.rest.n || !is_sound(d))
        return od_fail(err, OD_R_STATE_BROKEN, "why=the definition does not add up");
    for (uint32_t i = 0; i < d->n_triggers; i++)
        d->follows = d->follows || d->triggers[i].follows;
    for (uint32_t i = 0; i < d->n_exprs; i++) {
        struct feel_scope scope = {.host = host};
        if (d->exprs[i].form > EXPR_TEXT)
            return od_fail(err, OD_R_STATE_BROKEN, "why=the definition does not add up");
        if (d->exprs[i].form == EXPR_FEEL)
            OD_TRY(feel_parse(d->exprs[i].text, FEEL_EXPRESSION, &scope, arena, &d->exprs[i].program, err));
    }
    *ret_def = d;
    return OD_OK;
}
