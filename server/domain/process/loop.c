/* SPDX-License-Identifier: Apache-2.0
 * Standard loops and multi-instance activities (BPMN 2.0.2, 13.3.6, 13.3.7). The loop's item stands around the instances: it
 * has the boundary events, they have the work. */
#include "server/domain/process/engine.h"

#include "common/base/limits.h"
#include "server/domain/feel/feel_json.h"

/* Names that no model can write: of the items that are still to come, and of the results. */
static struct od_str item_name(char out[24], uint32_t i) { return (struct od_str){out, (size_t)snprintf(out, 24, "\x01i%u", i)}; }
static struct od_str result_name(char out[24], uint32_t i) { return (struct od_str){out, (size_t)snprintf(out, 24, "\x01r%u", i)}; }

static const struct def_loop *loop_of(const struct run *r, uint32_t slot) { return &r->d->loops[node_of(r, slot)->loop]; }

static bool count_collection(struct run *r, uint32_t slot, const struct def_loop *l, char *why, size_t n_why, int64_t *ret)
{
    struct feel_value v;
    if (!expr_eval(r, at(r, slot)->parent, l->collection, NULL, 0, &v, why, n_why))
        return false;
    if (v.kind != FEEL_LIST) {
        snprintf(why, n_why, "the collection is a %s, not a list", feel_kind_name((enum feel_kind)v.kind));
        return false;
    }
    *ret = (int64_t)v.list->n;
    char name[24];
    for (uint32_t i = 0; l->element.n && ok(r) && *ret <= OD_PROCESS_LOOPS_MAX && i < v.list->n; i++)
        var_set(r, slot, item_name(name, i), value_text(r, &v.list->items[i]));
    return true;
}

static bool count_cardinality(struct run *r, uint32_t slot, const struct def_loop *l, char *why, size_t n_why, int64_t *ret)
{
    struct feel_value v;
    if (!expr_eval(r, at(r, slot)->parent, l->cardinality, NULL, 0, &v, why, n_why))
        return false;
    struct od_str text = value_plain(r, &v);
    if (od_str_int(text, 0, INT64_MAX, ret))
        return true;
    snprintf(why, n_why, "the loop cardinality is " OD_STR_FMT ", not a whole number from 0", OD_STR_ARG(text));
    return false;
}

static bool condition_holds(struct run *r, uint32_t slot, uint32_t expr, bool *ret)
{
    char why[400];
    struct special counter = {OD_STR("loopCounter"), feel_integer(at(r, slot)->done)};
    if (expr_truth(r, slot, expr, &counter, 1, ret, why, sizeof why))
        return true;
    incident(r, slot, PHASE_ENTERED, "%s", why);
    return false;
}

/* The list of results goes to where the activity lies. */
static void collect_results(struct run *r, uint32_t slot)
{
    const struct def_loop *l = loop_of(r, slot);
    if (!l->results.n)
        return;
    struct od_buf b;
    od_buf_init(&b, OD_PROCESS_VARIABLE_BYTES_MAX);
    od_buf_c(&b, "{\"t\":\"list\",\"v\":[");
    for (uint32_t i = 0; i < at(r, slot)->started; i++) {
        char name[24];
        const struct var *v = var_get(r->s, slot, result_name(name, i));
        od_buf_c(&b, i ? "," : "");
        od_buf_str(&b, v ? v->value : od_str_c("{\"t\":\"null\"}"));
    }
    od_buf_c(&b, "]}");
    if (b.failed)
        limit(r, "bytes of a variable", OD_PROCESS_VARIABLE_BYTES_MAX);
    else
        var_assign(r, at(r, slot)->parent, l->results, od_buf_view(&b));
    od_buf_done(&b);
}

static void loop_end(struct run *r, uint32_t slot)
{
    collect_results(r, slot);
    vars_clear(r->s, slot);
    if (ok(r))
        activity_done(r, slot);
}

void loop_enter(struct run *r, uint32_t slot)
{
    const struct def_loop *l = loop_of(r, slot);
    char why[400];
    int64_t total = l->maximum == DEF_NONE ? (int64_t)UINT32_MAX : (int64_t)l->maximum;
    bool go = true, counted = true;
    if (l->kind == LOOP_STANDARD) {
        if (l->test_before && l->condition != DEF_NONE && !condition_holds(r, slot, l->condition, &go))
            return;
    } else {
        counted = l->cardinality != DEF_NONE ? count_cardinality(r, slot, l, why, sizeof why, &total)
                                             : count_collection(r, slot, l, why, sizeof why, &total);
        if (counted && total > OD_PROCESS_LOOPS_MAX) {
            snprintf(why, sizeof why, "%lld instances; an activity has at most %d", (long long)total, OD_PROCESS_LOOPS_MAX);
            counted = false;
        }
    }
    if (!counted) {
        incident(r, slot, PHASE_ENTERED, "%s", why);
        return;
    }
    at(r, slot)->total = go ? (uint32_t)total : 0;
    queue_push(r->s, slot, PHASE_COMPLETING);
}

static void start_instance(struct run *r, uint32_t slot)
{
    const struct def_loop *l = loop_of(r, slot);
    uint32_t index = at(r, slot)->started, inst = spawn(r, ITEM_ACTIVITY, at(r, slot)->node, slot);
    if (inst == SLOT_NONE)
        return;
    at(r, inst)->in_loop = true;
    at(r, slot)->started = index + 1;
    struct feel_value counter = feel_integer((int64_t)index + 1);
    var_set(r, inst, od_str_c("loopCounter"), value_text(r, &counter));
    char name[24];
    struct od_str item = item_name(name, index);
    const struct var *v = l->element.n ? var_get(r->s, slot, item) : NULL;
    if (v) {
        var_set(r, inst, l->element, v->value);
        var_remove(r->s, slot, item);
    }
    queue_push(r->s, inst, PHASE_ENTERED);
}

void loop_turn(struct run *r, uint32_t slot)
{
    const struct def_loop *l = loop_of(r, slot);
    const struct item *i = at(r, slot);
    at(r, slot)->phase = PHASE_WAITING;
    if (i->started < i->total && (l->kind == LOOP_PARALLEL || i->started == i->done)) {
        start_instance(r, slot);
        if (ok(r) && l->kind == LOOP_PARALLEL && at(r, slot)->started < at(r, slot)->total)
            queue_push(r->s, slot, PHASE_COMPLETING);
    } else if (i->done >= i->total && i->n_live == 0) {
        loop_end(r, slot);
    }
}

/* Events that the completion of an instance throws (table 10.31). They are caught by the activity's own boundary events, and
 * without ending it: None throws one for each instance, which presumes that the others go on. */
static void throw_behavior(struct run *r, uint32_t slot, uint32_t trigger)
{
    const struct def_node *n = node_of(r, slot);
    const struct def_trigger *t = trigger == DEF_NONE ? NULL : &r->d->triggers[trigger];
    for (uint32_t i = 0; t && i < n->n_boundaries; i++) {
        uint32_t b = r->d->attached[n->first_boundary + i];
        for (uint32_t k = 0; k < r->d->nodes[b].n_triggers; k++) {
            const struct def_trigger *c = def_trigger(r->d, b, k);
            if (c->kind == t->kind && (c->any || od_str_eq(c->name, t->name)))
                boundary_fire(r, slot, b, NULL, false);
        }
    }
}

/* Those of Complex are all judged before the first of them is thrown, so that a retry throws none twice. */
static bool behave_complex(struct run *r, uint32_t slot, const struct def_loop *l)
{
    bool *holds = run_array(r, r->env->scratch, l->n_behaviors, sizeof *holds);
    if (!holds)
        return false;
    for (uint32_t i = 0; i < l->n_behaviors; i++) {
        uint32_t condition = r->d->behaviors[l->first_behavior + i].condition;
        holds[i] = false;
        if (condition != DEF_NONE && !condition_holds(r, slot, condition, &holds[i]))
            return false;
    }
    for (uint32_t i = 0; i < l->n_behaviors; i++)
        if (holds[i])
            throw_behavior(r, slot, r->d->behaviors[l->first_behavior + i].trigger);
    return true;
}

/* False: an incident was raised; the instance is not done yet. */
static bool keep_result(struct run *r, uint32_t slot, uint32_t inst)
{
    const struct def_loop *l = loop_of(r, slot);
    char name[24], why[400];
    struct feel_value v, index;
    struct od_err ignored;
    const struct var *counter = var_get(r->s, inst, od_str_c("loopCounter"));
    int64_t i = 1;
    if (l->output == DEF_NONE)
        return true;
    if (!expr_eval(r, inst, l->output, NULL, 0, &v, why, sizeof why)) {
        incident(r, inst, PHASE_COMPLETING, "output " OD_STR_FMT ": %s", OD_STR_ARG(l->results), why);
        return false;
    }
    if (counter && feel_json_decode(counter->value, r->env->scratch, &index, &ignored) == OD_OK)
        od_str_int(value_plain(r, &index), 1, OD_PROCESS_LOOPS_MAX, &i);
    var_set(r, slot, result_name(name, (uint32_t)i - 1), value_text(r, &v));
    return ok(r);
}

void loop_judge(struct run *r, uint32_t slot)
{
    const struct def_loop *l = loop_of(r, slot);
    bool finished = false;
    if (l->behavior == BEHAVIOR_COMPLEX && !behave_complex(r, slot, l))
        return;
    if (l->condition != DEF_NONE) {
        bool holds = false;
        if (!condition_holds(r, slot, l->condition, &holds))
            return;
        finished = l->kind == LOOP_STANDARD ? !holds : holds; /* loop while it holds; complete when it holds */
    }
    if (finished) {
        terminate_children(r, slot, true);
        at(r, slot)->total = at(r, slot)->started = at(r, slot)->done;
    }
    if (ok(r))
        queue_push(r->s, slot, PHASE_COMPLETING);
}

void loop_instance_done(struct run *r, uint32_t slot, uint32_t inst)
{
    const struct def_loop *l = loop_of(r, slot);
    if (!keep_result(r, slot, inst))
        return;
    effect_history(r, PROCESS_FX_LEFT, inst);
    record(r, inst);
    if (!ok(r))
        return;
    drop(r, inst);
    at(r, slot)->done++;
    if (l->behavior == BEHAVIOR_NONE || (l->behavior == BEHAVIOR_ONE && at(r, slot)->done == 1))
        throw_behavior(r, slot, l->behavior_trigger);
    if (at(r, slot)->incident && at(r, slot)->phase == PHASE_ENTERED)
        return; /* the retry looks at this one too */
    resolve(r, slot);
    if (ok(r))
        loop_judge(r, slot);
}
