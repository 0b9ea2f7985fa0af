/* SPDX-License-Identifier: Apache-2.0
 * Expressions over the variables of an item: its own, then those of what it lies in. */
#include "server/domain/process/engine.h"

#include "common/base/limits.h"
#include "server/domain/feel/feel_json.h"

struct lookup {
    struct run *r;
    uint32_t slot;
    const struct special *special;
    size_t n_special;
};

/* What a loop knows of itself, for completion conditions. */
static bool loop_number(const struct run *r, uint32_t slot, struct od_str name, struct feel_value *ret)
{
    const struct item *i = at(r, slot);
    if (i->kind != ITEM_LOOP)
        return false;
    if (od_str_eq_c(name, "numberOfInstances") || od_str_eq_c(name, "nrOfInstances"))
        *ret = feel_integer(i->total);
    else if (od_str_eq_c(name, "numberOfCompletedInstances") || od_str_eq_c(name, "nrOfCompletedInstances"))
        *ret = feel_integer(i->done);
    else if (od_str_eq_c(name, "numberOfActiveInstances") || od_str_eq_c(name, "nrOfActiveInstances"))
        *ret = feel_integer((int64_t)i->started - i->done);
    else
        return false;
    return true;
}

static bool look_up(void *opaque, struct od_str name, struct feel_value *ret)
{
    const struct lookup *l = opaque;
    for (size_t i = 0; i < l->n_special; i++)
        if (od_str_eq(name, l->special[i].name)) {
            *ret = l->special[i].value;
            return true;
        }
    for (uint32_t slot = l->slot; slot != SLOT_NONE; slot = at(l->r, slot)->parent) {
        const struct var *v = var_get(l->r->s, slot, name);
        struct od_err ignored;
        if (v)
            return feel_json_decode(v->value, l->r->env->scratch, ret, &ignored) == OD_OK;
        if (loop_number(l->r, slot, name, ret))
            return true;
    }
    return false;
}

bool expr_eval(struct run *r, uint32_t slot, uint32_t expr, const struct special *special, size_t n, struct feel_value *ret, char *why,
               size_t n_why)
{
    const struct def_expr *e = &r->d->exprs[expr];
    if (e->form == EXPR_TEXT) {
        *ret = feel_string(e->text);
        return true;
    }
    struct lookup l = {r, slot, special, n};
    struct feel_env env = {.lookup = look_up, .opaque = &l, .host = r->env->host, .now_us = r->env->now_us, .zone = r->env->zone};
    struct od_err err;
    if (feel_eval(e->program, &env, r->env->scratch, ret, &err) == OD_OK)
        return true;
    od_err_text(&err, why, n_why);
    return false;
}

bool expr_truth(struct run *r, uint32_t slot, uint32_t expr, const struct special *special, size_t n, bool *ret, char *why, size_t n_why)
{
    struct feel_value v;
    if (!expr_eval(r, slot, expr, special, n, &v, why, n_why))
        return false;
    if (v.kind == FEEL_BOOLEAN) {
        *ret = v.boolean;
        return true;
    }
    char fault[256];
    struct od_str text = r->d->exprs[expr].text;
    feel_fault_text(&v, fault, sizeof fault);
    snprintf(why, n_why, "\"" OD_STR_FMT "\" gives %s, not true or false%s%s", OD_STR_ARG(text), feel_kind_name((enum feel_kind)v.kind),
             fault[0] ? ": " : "", fault);
    return false;
}

struct od_str value_text(struct run *r, const struct feel_value *v)
{
    struct od_buf b;
    od_buf_init(&b, OD_PROCESS_VARIABLE_BYTES_MAX);
    feel_json_encode(v, &b);
    struct od_str s = b.failed ? (struct od_str){NULL, 0} : od_arena_copy(r->env->scratch, od_buf_view(&b));
    od_buf_done(&b);
    if (!s.p)
        limit(r, "bytes of a variable", OD_PROCESS_VARIABLE_BYTES_MAX);
    return s;
}

struct od_str value_plain(struct run *r, const struct feel_value *v)
{
    if (v->kind == FEEL_STRING)
        return v->string;
    struct od_buf b;
    od_buf_init(&b, OD_PROCESS_VARIABLE_BYTES_MAX);
    feel_value_format(v, &b);
    struct od_str s = od_arena_copy(r->env->scratch, od_buf_view(&b));
    od_buf_done(&b);
    return s;
}

void var_set(struct run *r, uint32_t slot, struct od_str name, struct od_str value)
{
    if (!ok(r))
        return;
    if (!var_put(r->s, slot, name, value)) {
        limit(r, "variables of a process", OD_PROCESS_VARIABLES_MAX);
        return;
    }
    if (name.n && name.p[0] == 1) /* of a loop or gate: no expression sees it */
        return;
    r->changed = r->ad_hoc_due = true;
    if (!r->env->history)
        return;
    struct process_effect *e = effect(r, PROCESS_FX_VARIABLE, at(r, slot)->key, at(r, slot)->node);
    e->name = effect_text(r, name);
    e->text = effect_text(r, value);
}

void var_assign(struct run *r, uint32_t slot, struct od_str name, struct od_str value)
{
    uint32_t to = slot;
    while (!var_get(r->s, to, name) && at(r, to)->parent != SLOT_NONE)
        to = at(r, to)->parent;
    var_set(r, to, name, value);
}

void vars_from(struct run *r, uint32_t slot, const struct process_event *e, bool local)
{
    for (size_t i = 0; e && i < e->n_vars; i++) {
        if (local)
            var_set(r, slot, e->vars[i].name, e->vars[i].value);
        else
            var_assign(r, slot, e->vars[i].name, e->vars[i].value);
    }
}

static bool has_var(const struct run *r, uint32_t slot, struct od_str name)
{
    for (; slot != SLOT_NONE; slot = at(r, slot)->parent)
        if (var_get(r->s, slot, name))
            return true;
    return false;
}

/* Source text of a data association is a plain name: it is copied if it was given. */
static bool is_absent(const struct run *r, uint32_t slot, const struct def_mapping *m)
{
    return m->if_set && m->expr != DEF_NONE && !has_var(r, slot, r->d->exprs[m->expr].text);
}

/* What a loop gives to its instance, by name. */
static size_t of_instance(struct run *r, uint32_t slot, struct special out[2])
{
    const struct od_str names[] = {OD_STR("loopCounter"), at(r, slot)->in_loop ? r->d->loops[node_of(r, slot)->loop].element : OD_STR("")};
    size_t n = 0;
    for (size_t i = 0; at(r, slot)->in_loop && i < OD_LEN(names); i++) {
        const struct var *v = names[i].n ? var_get(r->s, slot, names[i]) : NULL;
        struct od_err ignored;
        out[n].name = names[i];
        n += v && feel_json_decode(v->value, r->env->scratch, &out[n].value, &ignored) == OD_OK;
    }
    return n;
}

/* Inputs look from where the activity lies, so that one does not change the next; an instance of a loop knows its item too. */
bool mappings_in(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    struct special special[2];
    size_t n_special = n->n_mappings ? of_instance(r, slot, special) : 0;
    char why[400];
    for (uint32_t i = 0; i < n->n_mappings; i++) {
        const struct def_mapping *m = &r->d->mappings[n->first_mapping + i];
        struct feel_value v = FEEL_NULL_VALUE;
        if (m->output || is_absent(r, slot, m))
            continue;
        if (m->expr == DEF_NONE && var_get(r->s, slot, m->target))
            continue;
        if (m->expr != DEF_NONE && !expr_eval(r, at(r, slot)->parent, m->expr, special, n_special, &v, why, sizeof why)) {
            incident(r, slot, PHASE_ENTERED, "input %.*s: %s", OD_STR_ARG(m->target), why);
            return false;
        }
        var_set(r, slot, m->target, value_text(r, &v));
    }
    return ok(r);
}

bool mappings_out(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    char why[400];
    uint32_t parent = at(r, slot)->parent;
    for (uint32_t i = 0; i < n->n_mappings; i++) {
        const struct def_mapping *m = &r->d->mappings[n->first_mapping + i];
        struct feel_value v;
        if (!m->output || m->expr == DEF_NONE || is_absent(r, slot, m))
            continue;
        if (!expr_eval(r, slot, m->expr, NULL, 0, &v, why, sizeof why)) {
            incident(r, slot, PHASE_COMPLETING, "output %.*s: %s", OD_STR_ARG(m->target), why);
            return false;
        }
        var_assign(r, parent == SLOT_NONE ? slot : parent, m->target, value_text(r, &v));
    }
    return ok(r);
}
