/* SPDX-License-Identifier: Apache-2.0
 * Standard loops and multi-instance activities (BPMN 2.0.2, 10.3.8). */
#include "server/domain/process/compile.h"

static uint32_t child_expr(struct builder *b, const struct xml_node *n, enum bpmn_kind kind)
{
    const struct xml_node *e = model_first(n, kind);
    return e ? compile_feel(b, e, xml_text(e, b->arena)) : DEF_NONE;
}

static void standard(struct builder *b, const struct xml_node *n, struct def_loop *l)
{
    int64_t max;
    l->kind = LOOP_STANDARD;
    l->test_before = model_flag(n, "testBefore", false);
    l->condition = child_expr(b, n, BPMN_LOOP_CONDITION);
    struct od_str maximum = xml_attr(n, "loopMaximum");
    if (maximum.p && od_str_int(od_str_trim(maximum), 0, UINT32_MAX - 1, &max))
        l->maximum = (uint32_t)max;
    if (l->condition == DEF_NONE && l->maximum == DEF_NONE && compile_strict(b))
        compile_refuse(b, n, "ordo:loop", "a loop needs a loopCondition or a loopMaximum");
}

static struct od_str data_name(struct builder *b, const struct xml_node *n, enum bpmn_kind ref)
{
    const struct xml_node *r = model_first(n, ref);
    const struct xml_node *data = r ? model_find(b->m, r, xml_text(r, b->arena)) : NULL;
    const struct xml_node *object = data ? model_ref(b->m, data, "dataObjectRef") : NULL;
    return object ? model_name_of(object) : data ? model_name_of(data) : (struct od_str){NULL, 0};
}

/* The collection and what becomes of each item: the standard's data items, or a modeler's extension. */
static void collection(struct builder *b, const struct xml_node *n, struct def_loop *l)
{
    const struct xml_node *z = extension_of(n, "loopCharacteristics");
    const struct xml_node *in = model_first(n, BPMN_INPUT_DATA_ITEM), *out = model_first(n, BPMN_OUTPUT_DATA_ITEM);
    struct od_str source = z ? xml_attr(z, "inputCollection") : extension_attr(n, "collection");
    if (!source.n)
        source = data_name(b, n, BPMN_LOOP_DATA_INPUT_REF);
    l->collection = compile_feel(b, n, source);
    l->element = z ? xml_attr(z, "inputElement") : extension_attr(n, "elementVariable");
    if (!l->element.n && in)
        l->element = model_name_of(in);
    l->results = z ? xml_attr(z, "outputCollection") : data_name(b, n, BPMN_LOOP_DATA_OUTPUT_REF);
    struct od_str output = z ? xml_attr(z, "outputElement") : out ? model_name_of(out) : (struct od_str){NULL, 0};
    l->output = l->results.n ? compile_feel(b, n, output) : DEF_NONE;
}

static uint32_t behavior_trigger(struct builder *b, const struct xml_node *n, const char *attribute, uint32_t node)
{
    const struct xml_node *def = model_ref(b->m, n, attribute);
    return bpmn_is(def, BPMN_EVENT_DEFINITION) ? compile_trigger(b, def, node) : DEF_NONE;
}

static void complex_behaviors(struct builder *b, const struct xml_node *n, struct def_loop *l, uint32_t node)
{
    l->first_behavior = b->behaviors.n;
    for (const struct xml_node *k = model_first(n, BPMN_COMPLEX_BEHAVIOR); k; k = model_next(k, BPMN_COMPLEX_BEHAVIOR)) {
        uint32_t condition = child_expr(b, k, BPMN_CONDITION), trigger = DEF_NONE;
        struct xml_node *defs[1];
        const struct xml_node *event = model_first(k, BPMN_BEHAVIOR_EVENT);
        if (event && model_event_definitions(b->m, event, defs, 1))
            trigger = compile_trigger(b, defs[0], node);
        *(struct def_behavior *)vec_push(&b->behaviors, NULL) = (struct def_behavior){condition, trigger};
    }
    l->n_behaviors = b->behaviors.n - l->first_behavior;
}

/* Table 10.31: "All" is the behavior that throws nothing. */
static void behavior(struct builder *b, const struct xml_node *n, struct def_loop *l, uint32_t node)
{
    struct od_str s = xml_attr(n, "behavior");
    bool one = od_str_eq_c(s, "One") && !xml_attr(n, "oneBehaviorEventRef").n,
         none = od_str_eq_c(s, "None") && !xml_attr(n, "noneBehaviorEventRef").n;
    bool complex = od_str_eq_c(s, "Complex") && !model_first(n, BPMN_COMPLEX_BEHAVIOR);
    if ((one || none || complex) && compile_strict(b))
        compile_refuse(b, n, "ordo:multi-instance", "behavior " OD_STR_FMT " does not say what it throws", OD_STR_ARG(s));
    if (od_str_eq_c(s, "One")) {
        l->behavior = BEHAVIOR_ONE;
        l->behavior_trigger = behavior_trigger(b, n, "oneBehaviorEventRef", node);
    } else if (od_str_eq_c(s, "None")) {
        l->behavior = BEHAVIOR_NONE;
        l->behavior_trigger = behavior_trigger(b, n, "noneBehaviorEventRef", node);
    } else if (od_str_eq_c(s, "Complex")) {
        l->behavior = BEHAVIOR_COMPLEX;
        complex_behaviors(b, n, l, node);
    }
}

void compile_loop(struct builder *b, uint32_t node)
{
    const struct xml_node *n = bpmn_is(b->source[node], BPMN_ACTIVITY) ? model_first(b->source[node], BPMN_LOOP) : NULL;
    VEC_AT(b->nodes, struct def_node, node)->loop = DEF_NONE;
    if (!n)
        return;
    struct def_loop l = {.condition = DEF_NONE, .cardinality = DEF_NONE, .collection = DEF_NONE, .maximum = DEF_NONE,
                         .behavior_trigger = DEF_NONE, .output = DEF_NONE};
    if (n->kind == BPMN_STANDARD_LOOP) {
        standard(b, n, &l);
    } else {
        l.kind = model_flag(n, "isSequential", false) ? LOOP_SEQUENTIAL : LOOP_PARALLEL;
        l.cardinality = child_expr(b, n, BPMN_LOOP_CARDINALITY);
        l.condition = child_expr(b, n, BPMN_COMPLETION_CONDITION);
        collection(b, n, &l);
        behavior(b, n, &l, node);
        if (l.cardinality == DEF_NONE && l.collection == DEF_NONE && compile_strict(b))
            compile_refuse(b, n, "ordo:multi-instance", "a multi-instance activity needs a loopCardinality or a collection");
        if (l.cardinality == DEF_NONE && l.collection == DEF_NONE)
            return; /* a simulation runs it once */
    }
    uint32_t index;
    *(struct def_loop *)vec_push(&b->loops, &index) = l;
    VEC_AT(b->nodes, struct def_node, node)->loop = index;
}
