/* SPDX-License-Identifier: Apache-2.0
 * Rules about what event definitions refer to and carry (BPMN 2.0.2, 10.5.1, 10.5.5). */
#include "server/domain/process/lint.h"

static const struct xml_node *code_of(const struct lint_ctx *c, const struct xml_node *event, const struct xml_node **ret_def)
{
    struct xml_node *defs[MODEL_DEFINITIONS_MAX];
    unsigned n = model_event_definitions(c->m, event, defs, MODEL_DEFINITIONS_MAX);
    *ret_def = NULL;
    for (unsigned i = 0; i < n && i < MODEL_DEFINITIONS_MAX; i++)
        if (defs[i]->kind == BPMN_ESCALATION_DEFINITION) {
            *ret_def = defs[i];
            return model_ref(c->m, defs[i], "escalationRef");
        }
    return NULL;
}

void lint_throw_escalation_code(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *def, *escalation = code_of(c, n, &def);
    if (def && model_is_executable(n) && (!escalation || !xml_attr(escalation, "escalationCode").n))
        lint_hit(c, n);
}

static bool carries_data(enum bpmn_kind definition)
{
    return definition == BPMN_MESSAGE_DEFINITION || definition == BPMN_SIGNAL_DEFINITION || definition == BPMN_ERROR_DEFINITION ||
           definition == BPMN_ESCALATION_DEFINITION;
}

void lint_event_data_count(struct lint_ctx *c, const struct xml_node *n)
{
    enum bpmn_kind data = bpmn_is(n, BPMN_THROW_EVENT) ? BPMN_DATA_INPUT : BPMN_DATA_OUTPUT;
    unsigned have = model_count_children(n, data);
    if (!have || !model_is_executable(n))
        return;
    if (have < lint_definitions(c, n))
        lint_hit(c, n);
}

static const struct xml_node *carried(const struct lint_ctx *c, const struct xml_node *def)
{
    const char *ref = def->kind == BPMN_MESSAGE_DEFINITION  ? "messageRef"
                      : def->kind == BPMN_SIGNAL_DEFINITION ? "signalRef"
                      : def->kind == BPMN_ERROR_DEFINITION  ? "errorRef"
                                                            : "escalationRef";
    const struct xml_node *root = model_ref(c->m, def, ref);
    return root ? lint_item_of(c, root) : NULL;
}

/* Data and definitions belong together by their order (10.5.1). */
void lint_event_data_types(struct lint_ctx *c, const struct xml_node *n)
{
    enum bpmn_kind data = bpmn_is(n, BPMN_THROW_EVENT) ? BPMN_DATA_INPUT : BPMN_DATA_OUTPUT;
    struct xml_node *defs[MODEL_DEFINITIONS_MAX];
    unsigned n_defs = model_event_definitions(c->m, n, defs, MODEL_DEFINITIONS_MAX), i = 0;
    if (!model_is_executable(n))
        return;
    for (struct xml_node *d = model_first(n, data); d && i < n_defs && i < MODEL_DEFINITIONS_MAX; d = model_next(d, data), i++) {
        const struct xml_node *item = carries_data((enum bpmn_kind)defs[i]->kind) ? carried(c, defs[i]) : NULL;
        if (item && !lint_items_equal(c, item, lint_item_of(c, d))) {
            lint_hit(c, n);
            return;
        }
    }
}

void lint_thrown_definition_shared(struct lint_ctx *c, const struct xml_node *n)
{
    for (struct xml_node *k = model_first(n, BPMN_EVENT_DEFINITION_REF); k; k = model_next(k, BPMN_EVENT_DEFINITION_REF)) {
        const struct xml_node *def = model_find(c->m, k, xml_text(k, c->m->arena));
        if (def && def->parent != n && bpmn_is(def->parent, BPMN_THROW_EVENT))
            lint_hit(c, n);
    }
}

/* Modelers' own extension names the message by other means. */
static bool needs_message(const struct xml_node *def)
{
    return model_is_executable(def) && bpmn_is(def->parent, BPMN_EVENT);
}

void lint_message_ref(struct lint_ctx *c, const struct xml_node *n)
{
    if (needs_message(n) && !xml_attr(n, "messageRef").n)
        lint_hit(c, n);
}

void lint_operation_ref(struct lint_ctx *c, const struct xml_node *n)
{
    if (needs_message(n) && !model_first(n, BPMN_OPERATION_REF))
        lint_hit(c, n);
}
