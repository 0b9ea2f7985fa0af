/* SPDX-License-Identifier: Apache-2.0
 * Rules about data: items, sets, associations (BPMN 2.0.2, 8.4.10, 10.4). */
#include "server/domain/process/lint.h"

struct xml_node *lint_item_of(const struct lint_ctx *c, const struct xml_node *n)
{
    static const char *const attributes[] = {"itemSubjectRef", "itemRef", "structureRef"};
    for (unsigned hops = 0; n && hops < 2; hops++) {
        if (n->kind == BPMN_ITEM_DEFINITION)
            break;
        for (size_t i = 0; i < OD_LEN(attributes); i++) {
            struct xml_node *item = model_ref(c->m, n, attributes[i]);
            if (item)
                return item;
        }
        n = model_ref(c->m, n, n->kind == BPMN_DATA_STORE_REFERENCE ? "dataStoreRef" : "dataObjectRef");
    }
    return NULL;
}

bool lint_items_equal(const struct lint_ctx *c, const struct xml_node *a, const struct xml_node *b)
{
    (void)c;
    if (a == b)
        return true;
    if (!a || !b)
        return false;
    struct od_str x = xml_attr(a, "structureRef"), y = xml_attr(b, "structureRef");
    return x.n && od_str_eq(x, y) && model_flag(a, "isCollection", false) == model_flag(b, "isCollection", false);
}

void lint_collection_agrees(struct lint_ctx *c, const struct xml_node *n)
{
    if (n->kind != BPMN_DATA_OBJECT && n->kind != BPMN_DATA_INPUT && n->kind != BPMN_DATA_OUTPUT)
        return;
    const struct xml_node *item = lint_item_of(c, n);
    if (item && model_flag(item, "isCollection", false) != model_flag(n, "isCollection", false))
        lint_hit(c, n);
}

void lint_data_reference_name(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *object = model_ref(c->m, n, "dataObjectRef"), *state = model_first(n, BPMN_DATA_STATE);
    struct od_str name = xml_attr(n, "name"), object_name = object ? xml_attr(object, "name") : name;
    struct od_str state_name = state ? xml_attr(state, "name") : (struct od_str){NULL, 0};
    if (!name.n || !object_name.n || !state_name.n)
        return;
    const char *want = od_arena_printf(c->m->arena, OD_STR_FMT " [" OD_STR_FMT "]", OD_STR_ARG(object_name), OD_STR_ARG(state_name));
    if (want && !od_str_eq_c(name, want))
        lint_hit(c, n);
}

void lint_sub_process_io(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *io = model_first(n, BPMN_IO_SPECIFICATION);
    if (io)
        lint_hit(c, io);
}

static bool set_lists(const struct lint_ctx *c, const struct xml_node *set, enum bpmn_kind list, const struct xml_node *item)
{
    for (struct xml_node *k = model_first(set, list); k; k = model_next(k, list))
        if (model_find(c->m, k, xml_text(k, c->m->arena)) == item)
            return true;
    return false;
}

/* True if a set beside the data names it. Events hold their one set themselves. */
static bool in_some_set(const struct lint_ctx *c, const struct xml_node *data, enum bpmn_kind set, enum bpmn_kind list)
{
    for (struct xml_node *s = model_first(data->parent, set); s; s = model_next(s, set))
        if (set_lists(c, s, list, data))
            return true;
    return false;
}

void lint_input_in_set(struct lint_ctx *c, const struct xml_node *n)
{
    if (n->kind == BPMN_DATA_INPUT && bpmn_is(n->parent, BPMN_IO_SPECIFICATION) && !in_some_set(c, n, BPMN_INPUT_SET, BPMN_DATA_INPUT_REFS))
        lint_hit(c, n);
}

void lint_output_in_set(struct lint_ctx *c, const struct xml_node *n)
{
    if (n->kind == BPMN_DATA_OUTPUT && bpmn_is(n->parent, BPMN_IO_SPECIFICATION) &&
        !in_some_set(c, n, BPMN_OUTPUT_SET, BPMN_DATA_OUTPUT_REFS))
        lint_hit(c, n);
}

/* Every data that `part` of the set names is also named by `whole`. */
static void check_subset(struct lint_ctx *c, const struct xml_node *set, enum bpmn_kind part, enum bpmn_kind whole)
{
    for (struct xml_node *k = model_first(set, part); k; k = model_next(k, part)) {
        const struct xml_node *data = model_find(c->m, k, xml_text(k, c->m->arena));
        if (data && !set_lists(c, set, whole, data))
            lint_hit(c, set);
    }
}

void lint_input_set_optional(struct lint_ctx *c, const struct xml_node *n)
{
    check_subset(c, n, BPMN_OPTIONAL_INPUT_REFS, BPMN_DATA_INPUT_REFS);
}

void lint_set_pairs(struct lint_ctx *c, const struct xml_node *n)
{
    bool input = n->kind == BPMN_INPUT_SET;
    enum bpmn_kind there = input ? BPMN_OUTPUT_SET_REFS : BPMN_INPUT_SET_REFS, back = input ? BPMN_INPUT_SET_REFS : BPMN_OUTPUT_SET_REFS;
    if (!input && n->kind != BPMN_OUTPUT_SET)
        return;
    for (struct xml_node *k = model_first(n, there); k; k = model_next(k, there)) {
        const struct xml_node *other = model_find(c->m, k, xml_text(k, c->m->arena));
        if (other && !set_lists(c, other, back, n))
            lint_hit(c, n);
    }
}

void lint_input_set_executing(struct lint_ctx *c, const struct xml_node *n)
{
    check_subset(c, n, BPMN_WHILE_EXECUTING_INPUT_REFS, BPMN_DATA_INPUT_REFS);
}

void lint_output_set_optional(struct lint_ctx *c, const struct xml_node *n)
{
    check_subset(c, n, BPMN_OPTIONAL_OUTPUT_REFS, BPMN_DATA_OUTPUT_REFS);
}

void lint_output_set_executing(struct lint_ctx *c, const struct xml_node *n)
{
    check_subset(c, n, BPMN_WHILE_EXECUTING_OUTPUT_REFS, BPMN_DATA_OUTPUT_REFS);
}

void lint_association_types(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *from = model_first(n, BPMN_SOURCE_REF), *to = model_first(n, BPMN_TARGET_REF);
    if (!from || !to || model_first(n, BPMN_TRANSFORMATION))
        return;
    const struct xml_node *a = model_find(c->m, from, xml_text(from, c->m->arena)), *b = model_find(c->m, to, xml_text(to, c->m->arena));
    if (!a || !b)
        return;
    const struct xml_node *x = lint_item_of(c, a), *y = lint_item_of(c, b);
    if (x && y && !lint_items_equal(c, x, y))
        lint_hit(c, n);
}

void lint_association_sources(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_count_children(n, BPMN_SOURCE_REF) > 1 && !model_first(n, BPMN_TRANSFORMATION))
        lint_hit(c, n);
}

/* --- data stores: outside of the process, and nothing that this engine has (10.4.1) ------------------------------------- */

static bool is_store(const struct lint_ctx *c, const struct xml_node *ref)
{
    const struct xml_node *data = ref ? model_find(c->m, ref, xml_text(ref, c->m->arena)) : NULL;
    return data && (data->kind == BPMN_DATA_STORE || data->kind == BPMN_DATA_STORE_REFERENCE);
}

static bool has_store(const struct lint_ctx *c, const struct xml_node *n, enum bpmn_kind ref)
{
    const struct xml_node *r = model_first(n, ref);
    while (r && !is_store(c, r))
        r = model_next(r, ref);
    return r;
}

/* Modelers draw the association of an activity without data of its own to a property that stands for nothing, or from nowhere. */
static bool only_drawn(const struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *ref = model_first(n, BPMN_TARGET_REF), *source = model_first(n, BPMN_SOURCE_REF);
    const struct xml_node *target = ref ? model_find(c->m, ref, xml_text(ref, c->m->arena)) : NULL;
    if (model_first(n, BPMN_ASSIGNMENT) || model_first(n, BPMN_TRANSFORMATION))
        return false;
    return !source || !target || (target->kind == BPMN_PROPERTY && xml_attr_is(target, "name", "__targetRef_placeholder"));
}

static bool at_store(const struct lint_ctx *c, const struct xml_node *n)
{
    return lint_deploys(c, n) && (has_store(c, n, BPMN_SOURCE_REF) || has_store(c, n, BPMN_TARGET_REF));
}

void lint_data_store(struct lint_ctx *c, const struct xml_node *n)
{
    if (at_store(c, n) && !only_drawn(c, n))
        lint_hit(c, n);
}

void lint_data_store_drawn(struct lint_ctx *c, const struct xml_node *n)
{
    if (at_store(c, n) && only_drawn(c, n))
        lint_hit(c, n);
}

void lint_data_store_items(struct lint_ctx *c, const struct xml_node *n)
{
    if (lint_deploys(c, n) && (has_store(c, n, BPMN_LOOP_DATA_INPUT_REF) || has_store(c, n, BPMN_LOOP_DATA_OUTPUT_REF)))
        lint_hit(c, n);
}
