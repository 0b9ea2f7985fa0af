/* SPDX-License-Identifier: Apache-2.0
 * What this engine needs beyond the standard's rules, as far as the drawing tells it; expressions are the compiler's. */
#include "server/domain/process/lint.h"

void lint_unsupported(struct lint_ctx *c, const struct xml_node *n)
{
    bool global_task = bpmn_is(n, BPMN_GLOBAL_TASK) && n->kind != BPMN_GLOBAL_SCRIPT_TASK;
    if (global_task || bpmn_is(n, BPMN_CHOREOGRAPHY) || bpmn_is(n, BPMN_CHOREOGRAPHY_ACTIVITY) ||
        bpmn_is(n, BPMN_CONVERSATION_NODE) || n->kind == BPMN_GLOBAL_CONVERSATION)
        lint_hit(c, n);
}

void lint_boundary_attached(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *host = model_ref(c->m, n, "attachedToRef");
    if (!xml_attr(n, "attachedToRef").n || (host && model_is_event_sub_process(host)))
        lint_hit(c, n);
}

void lint_root_id(struct lint_ctx *c, const struct xml_node *n)
{
    bool referred = n->kind == BPMN_MESSAGE || n->kind == BPMN_SIGNAL || n->kind == BPMN_ERROR || n->kind == BPMN_ESCALATION ||
                    n->kind == BPMN_PROCESS;
    if (referred && !model_id_of(n).n)
        lint_hit(c, n);
}

/* 8.3.3: whoever does not know such an extension cannot tell what the model means. */
void lint_must_understand(struct lint_ctx *c, const struct xml_node *n)
{
    if (c->r->profile == LINT_DEPLOY && model_flag(n, "mustUnderstand", false))
        lint_hit(c, n);
}

/* 10.3.5: a transaction may be undone otherwise than by compensation, by an image or a store of what was before. */
void lint_transaction_method(struct lint_ctx *c, const struct xml_node *n)
{
    struct od_str method = od_str_trim(xml_attr(n, "method"));
    bool compensates = !method.n || od_str_eq_c(method, "##Compensate") || od_str_eq_c(method, "compensate");
    if (lint_deploys(c, n) && !compensates)
        lint_tell(c, n, "the method \"" OD_STR_FMT "\" is not executed; a transaction is undone by compensation", OD_STR_ARG(method));
}

/* --- errors and escalations: who catches what ------------------------------------------------------------------------ */

struct caught {
    bool any;             /* there is a definition of that kind */
    struct od_str code;   /* empty: everything */
};

static struct caught caught_by(const struct lint_ctx *c, const struct xml_node *event, enum bpmn_kind kind)
{
    struct xml_node *defs[MODEL_DEFINITIONS_MAX];
    unsigned n = model_event_definitions(c->m, event, defs, MODEL_DEFINITIONS_MAX);
    for (unsigned i = 0; i < n && i < MODEL_DEFINITIONS_MAX; i++) {
        if (defs[i]->kind != kind)
            continue;
        bool error = kind == BPMN_ERROR_DEFINITION;
        const struct xml_node *root = model_ref(c->m, defs[i], error ? "errorRef" : "escalationRef");
        struct od_str code = root ? xml_attr(root, error ? "errorCode" : "escalationCode") : (struct od_str){NULL, 0};
        return (struct caught){true, code};
    }
    return (struct caught){false, {NULL, 0}};
}

/* Events of one place, with what each of them catches. */
struct catches {
    struct catch {
        const struct xml_node *event;
        struct caught error, escalation;
    } *list;
    unsigned n;
};

static void add_catch(const struct lint_ctx *c, struct catches *all, const struct xml_node *event)
{
    struct catch it = {event, caught_by(c, event, BPMN_ERROR_DEFINITION), caught_by(c, event, BPMN_ESCALATION_DEFINITION)};
    if (all->list && (it.error.any || it.escalation.any))
        all->list[all->n++] = it;
}

/* The same code twice is ambiguous. Of escalations, which may be caught alongside, one with and one without a code is too:
 * both would run. An error goes to the catch that names it. */
static bool overlap(const struct catch *a, const struct catch *b)
{
    if (a->error.any && b->error.any && od_str_eq(a->error.code, b->error.code))
        return true;
    struct caught x = a->escalation, y = b->escalation;
    return x.any && y.any && (!x.code.n || !y.code.n || od_str_eq(x.code, y.code));
}

static void check_overlaps(struct lint_ctx *c, const struct catches *all)
{
    for (unsigned i = 1; i < all->n; i++)
        for (unsigned k = 0; k < i; k++)
            if (overlap(&all->list[k], &all->list[i])) {
                lint_hit(c, all->list[i].event);
                break;
            }
}

void lint_boundary_overlap(struct lint_ctx *c, const struct xml_node *n)
{
    unsigned count = 0;
    if (!bpmn_is(n, BPMN_ACTIVITY))
        return;
    for (struct xml_node *b = model_node(c->m, n)->boundary; b; b = model_next_boundary(c->m, b))
        count++;
    struct catches all = {.list = count > 1 ? OD_ARENA_ARRAY(c->m->arena, count, struct catch) : NULL};
    for (struct xml_node *b = model_node(c->m, n)->boundary; b; b = model_next_boundary(c->m, b))
        add_catch(c, &all, b);
    check_overlaps(c, &all);
}

static const struct xml_node *event_sub_process_start(const struct xml_node *n)
{
    return model_is_event_sub_process(n) ? model_first(n, BPMN_START_EVENT) : NULL;
}

void lint_event_sub_process_overlap(struct lint_ctx *c, const struct xml_node *n)
{
    if (n->kind != BPMN_PROCESS && !bpmn_is(n, BPMN_ANY_SUB_PROCESS))
        return;
    unsigned count = 0;
    for (struct xml_node *k = model_first(n, BPMN_ANY_SUB_PROCESS); k; k = model_next(k, BPMN_ANY_SUB_PROCESS))
        count += event_sub_process_start(k) != NULL;
    struct catches all = {.list = count > 1 ? OD_ARENA_ARRAY(c->m->arena, count, struct catch) : NULL};
    for (struct xml_node *k = model_first(n, BPMN_ANY_SUB_PROCESS); k; k = model_next(k, BPMN_ANY_SUB_PROCESS)) {
        const struct xml_node *s = event_sub_process_start(k);
        if (s)
            add_catch(c, &all, s);
    }
    check_overlaps(c, &all);
}

void lint_engine_escalation(struct lint_ctx *c, const struct xml_node *n)
{
    struct caught e = caught_by(c, n, BPMN_ESCALATION_DEFINITION);
    if (lint_deploys(c, n) && e.any && !e.code.n)
        lint_hit(c, n);
}

/* --- compensation (10.7) --------------------------------------------------------------------------------------------- */

void lint_compensation_scope(struct lint_ctx *c, const struct xml_node *n)
{
    struct xml_node *defs[MODEL_DEFINITIONS_MAX];
    unsigned n_defs = model_event_definitions(c->m, n, defs, MODEL_DEFINITIONS_MAX);
    for (unsigned i = 0; i < n_defs && i < MODEL_DEFINITIONS_MAX; i++) {
        const struct xml_node *activity = defs[i]->kind == BPMN_COMPENSATE_DEFINITION ? model_ref(c->m, defs[i], "activityRef") : NULL;
        if (!activity)
            continue;
        const struct xml_node *level = model_scope(n);
        bool reaches = model_scope(activity) == level;
        if (level && model_is_event_sub_process(level))
            reaches = reaches || model_scope(activity) == model_scope(level);
        if (!reaches)
            lint_hit(c, n);
    }
}

void lint_compensation_twice(struct lint_ctx *c, const struct xml_node *n)
{
    bool boundary = false, inside = false;
    for (struct xml_node *b = model_node(c->m, n)->boundary; b; b = model_next_boundary(c->m, b))
        boundary = boundary || lint_defines(c, b, BPMN_COMPENSATE_DEFINITION);
    for (struct xml_node *k = model_first(n, BPMN_ANY_SUB_PROCESS); boundary && k; k = model_next(k, BPMN_ANY_SUB_PROCESS)) {
        const struct xml_node *s = event_sub_process_start(k);
        inside = inside || (s && lint_defines(c, s, BPMN_COMPENSATE_DEFINITION));
    }
    if (boundary && inside)
        lint_hit(c, n);
}

void lint_compensation_flow(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_flag(n, "isForCompensation", false) && (model_node(c->m, n)->in || model_node(c->m, n)->out))
        lint_hit(c, n);
}
