/* SPDX-License-Identifier: Apache-2.0
 * What the compiled parts are to each other and could not be executed as it is drawn: catches that compete, events that cannot
 * happen, beginnings that nothing would begin. Refused by name, for the engine would have to choose or to keep silent. */
#include "server/domain/process/compile.h"

static const struct def_node *node(const struct builder *b, uint32_t i) { return VEC_AT(b->nodes, struct def_node, i); }

static const struct def_trigger *trigger(const struct builder *b, uint32_t n, uint32_t k)
{
    return VEC_AT(b->triggers, struct def_trigger, node(b, n)->first_trigger + k);
}

static bool has_trigger(const struct builder *b, uint32_t n, enum trigger_kind kind)
{
    for (uint32_t k = 0; k < node(b, n)->n_triggers; k++)
        if (trigger(b, n, k)->kind == kind)
            return true;
    return false;
}

/* --- competitors: a message or a cancellation goes to one of them, and nothing says to which ------------------------------- */

static bool same_key(const struct builder *b, uint32_t x, uint32_t y)
{
    if (x == DEF_NONE || y == DEF_NONE)
        return x == y;
    return od_str_eq(VEC_AT(b->exprs, struct def_expr, x)->text, VEC_AT(b->exprs, struct def_expr, y)->text);
}

static bool competes(const struct builder *b, uint32_t x, uint32_t y)
{
    for (uint32_t i = 0; i < node(b, x)->n_triggers; i++)
        for (uint32_t k = 0; k < node(b, y)->n_triggers; k++) {
            const struct def_trigger *t = trigger(b, x, i), *u = trigger(b, y, k);
            if (t->kind != u->kind)
                continue;
            if (t->kind == TRIGGER_CANCEL || t->kind == TRIGGER_COMPENSATION ||
                (t->kind == TRIGGER_MESSAGE && t->name.n && od_str_eq(t->name, u->name) && same_key(b, t->key, u->key)))
                return true;
        }
    return false;
}

static void check_competitors(struct builder *b, const uint32_t *nodes, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t k = 0; k < i; k++)
            if (competes(b, nodes[k], nodes[i])) {
                compile_refuse(b, b->source[nodes[i]], "ordo:catch-overlap", "would catch the same as " OD_STR_FMT,
                               OD_STR_ARG(node(b, nodes[k])->id));
                break;
            }
}

/* What begins the process by a message. */
static void check_process_starts(struct builder *b)
{
    struct vec starts = {.size = sizeof(uint32_t)};
    for (uint32_t i = 1; i < b->nodes.n; i = node(b, i)->end)
        if (node(b, i)->kind == NODE_START || (node(b, i)->kind == NODE_RECEIVE && node(b, i)->instantiates))
            *(uint32_t *)vec_push(&starts, NULL) = i;
    check_competitors(b, starts.p, starts.n);
    free(starts.p);
}

static void check_event_gateway(struct builder *b, uint32_t n)
{
    struct vec targets = {.size = sizeof(uint32_t)};
    for (uint32_t i = 0; i < node(b, n)->n_out; i++) {
        uint32_t flow = *VEC_AT(b->out, uint32_t, node(b, n)->first_out + i);
        *(uint32_t *)vec_push(&targets, NULL) = VEC_AT(b->flows, struct def_flow, flow)->to;
    }
    check_competitors(b, targets.p, targets.n);
    free(targets.p);
    if (!node(b, n)->n_out)
        compile_refuse(b, b->source[n], "ordo:event-gateway", "leads to no event that could happen");
}

/* --- one by one ------------------------------------------------------------------------------------------------------------- */

/* Table 10.89: the others end something or lead upwards, they do not come to a place in the flow. */
static void check_catch(struct builder *b, uint32_t n)
{
    static const enum trigger_kind never[] = {TRIGGER_ERROR, TRIGGER_ESCALATION, TRIGGER_CANCEL, TRIGGER_TERMINATE};
    for (size_t i = 0; i < OD_LEN(never); i++)
        if (has_trigger(b, n, never[i])) {
            compile_refuse(b, b->source[n], "ordo:trigger", "no such event comes to an intermediate event in the flow");
            return;
        }
}

/* A task that passes at once or computes throws nothing; a boundary event could wait for an escalation for ever. */
static void check_boundary(struct builder *b, uint32_t n)
{
    const struct def_node *d = node(b, n);
    if (d->host == DEF_NONE || !has_trigger(b, n, TRIGGER_ESCALATION) || node(b, d->host)->loop != DEF_NONE)
        return;
    enum node_kind host = (enum node_kind)node(b, d->host)->kind;
    if (host == NODE_TASK || host == NODE_MANUAL_TASK || host == NODE_SCRIPT)
        compile_refuse(b, b->source[n], "ordo:never-thrown", "nothing in " OD_STR_FMT " can throw an escalation",
                       OD_STR_ARG(node(b, d->host)->id));
}

/* Whoever catches by code could not tell what this is (table 10.55 wants the code where the process is executable). */
static void check_error_code(struct builder *b, uint32_t n)
{
    for (uint32_t k = 0; k < node(b, n)->n_triggers; k++)
        if (trigger(b, n, k)->kind == TRIGGER_ERROR && !trigger(b, n, k)->name.n)
            compile_refuse(b, b->source[n], "ordo:error-code", "an error that is thrown needs an errorRef with an errorCode");
}

static void check_event_sub_process(struct builder *b, uint32_t n)
{
    uint32_t starts = 0;
    for (uint32_t i = n + 1; i < node(b, n)->end; i = node(b, i)->end) {
        bool start = node(b, i)->kind == NODE_START;
        starts += start;
        if (start && has_trigger(b, i, TRIGGER_COMPENSATION) && node(b, n)->parent == 0)
            compile_refuse(b, b->source[i], "ordo:compensation-scope", "nothing compensates the process that this lies in");
    }
    if (starts != 1)
        compile_refuse(b, b->source[n], "ordo:event-sub-process", "an event sub-process needs one start event, it has %u", starts);
    if (node(b, n)->loop != DEF_NONE)
        compile_refuse(b, b->source[n], "ordo:event-sub-process", "an event sub-process begins by its event, it is not looped");
}

/* 10.3.3, 10.6.6: instantiate makes an instance of the process. */
static void check_instantiates(struct builder *b, uint32_t n)
{
    const struct def_node *d = node(b, n);
    if (d->parent != 0)
        compile_refuse(b, b->source[n], "ordo:instantiate", "only what lies in the process itself can start it");
    else if (d->kind == NODE_RECEIVE && !trigger(b, n, 0)->name.n)
        compile_refuse(b, b->source[n], "ordo:reference", "messageRef must name a message with a name: it starts the process");
}

static void check_node(struct builder *b, uint32_t n)
{
    const struct def_node *d = node(b, n);
    if (d->kind == NODE_START && node(b, d->parent)->kind == NODE_AD_HOC) /* 10.3.5 */
        compile_refuse(b, b->source[n], "ordo:ad-hoc", "an ad-hoc sub-process begins with its activities, never with this");
    if (d->kind == NODE_CATCH)
        check_catch(b, n);
    if (d->kind == NODE_BOUNDARY)
        check_boundary(b, n);
    if (d->kind == NODE_THROW || d->kind == NODE_END)
        check_error_code(b, n);
    if (d->kind == NODE_EVENT_GATEWAY)
        check_event_gateway(b, n);
    if (d->event_sub_process)
        check_event_sub_process(b, n);
    if (d->instantiates && (d->kind == NODE_RECEIVE || d->kind == NODE_EVENT_GATEWAY))
        check_instantiates(b, n);
    if (d->n_boundaries)
        check_competitors(b, VEC_AT(b->attached, uint32_t, d->first_boundary), d->n_boundaries);
    if (d->n_event_subs)
        check_competitors(b, VEC_AT(b->event_subs, uint32_t, d->first_event_sub), d->n_event_subs);
}

void compile_check(struct builder *b)
{
    for (uint32_t i = 0; i < b->nodes.n; i++)
        check_node(b, i);
    check_process_starts(b);
}
