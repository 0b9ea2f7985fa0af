/* SPDX-License-Identifier: Apache-2.0
 * Rules about pools, message flows, conversations and choreographies (BPMN 2.0.2, clauses 9 and 11). */
#include "server/domain/process/lint.h"

static const struct xml_node *from_of(const struct lint_ctx *c, const struct xml_node *flow) { return model_ref(c->m, flow, "sourceRef"); }
static const struct xml_node *to_of(const struct lint_ctx *c, const struct xml_node *flow) { return model_ref(c->m, flow, "targetRef"); }

void lint_message_flow_to_artifact(struct lint_ctx *c, const struct xml_node *n)
{
    if (bpmn_is(to_of(c, n), BPMN_ARTIFACT))
        lint_hit(c, n);
}

void lint_message_flow_from_artifact(struct lint_ctx *c, const struct xml_node *n)
{
    if (bpmn_is(from_of(c, n), BPMN_ARTIFACT))
        lint_hit(c, n);
}

/* What tells pools apart: the participant, or the process where no participant stands for it. */
static const struct xml_node *pool(const struct lint_ctx *c, const struct xml_node *end)
{
    if (!end || end->kind == BPMN_PARTICIPANT)
        return end;
    const struct xml_node *process = model_above(end, BPMN_PROCESS);
    for (unsigned i = 0; process && i < c->m->file.n_elements; i++) {
        const struct xml_node *e = c->m->file.elements[i];
        if (e->kind == BPMN_PARTICIPANT && model_ref(c->m, e, "processRef") == process)
            return e;
    }
    return process;
}

void lint_message_flow_pools(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *a = pool(c, from_of(c, n)), *b = pool(c, to_of(c, n));
    if (a && a == b)
        lint_hit(c, n);
}

void lint_message_flow_from_start(struct lint_ctx *c, const struct xml_node *n)
{
    if (bpmn_is(from_of(c, n), BPMN_START_EVENT))
        lint_hit(c, n);
}

void lint_message_flow_to_start(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *to = to_of(c, n);
    if (bpmn_is(to, BPMN_START_EVENT) && !lint_defines(c, to, BPMN_MESSAGE_DEFINITION))
        lint_hit(c, n);
}

void lint_message_flow_to_end(struct lint_ctx *c, const struct xml_node *n)
{
    if (bpmn_is(to_of(c, n), BPMN_END_EVENT))
        lint_hit(c, n);
}

void lint_message_flow_from_end(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *from = from_of(c, n);
    if (bpmn_is(from, BPMN_END_EVENT) && !lint_defines(c, from, BPMN_MESSAGE_DEFINITION))
        lint_hit(c, n);
}

void lint_message_flow_intermediate(struct lint_ctx *c, const struct xml_node *n)
{
    if (bpmn_is(from_of(c, n), BPMN_CATCH_INTERMEDIATE) || bpmn_is(to_of(c, n), BPMN_THROW_INTERMEDIATE))
        lint_hit(c, n);
}

void lint_choreography_reference(struct lint_ctx *c, const struct xml_node *n)
{
    if ((bpmn_is(n, BPMN_CHOREOGRAPHY) || n->kind == BPMN_GLOBAL_CONVERSATION) && model_first(n, BPMN_CHOREOGRAPHY_REF))
        lint_hit(c, n);
}

static int64_t number(const struct xml_node *n, const char *attribute, int64_t by_default)
{
    struct od_str s = xml_attr(n, attribute);
    int64_t v = by_default;
    return s.p && od_str_int(od_str_trim(s), INT64_MIN, INT64_MAX, &v) ? v : by_default;
}

void lint_multiplicity_minimum(struct lint_ctx *c, const struct xml_node *n)
{
    if (number(n, "minimum", 0) < 0)
        lint_hit(c, n);
}

void lint_multiplicity_maximum(struct lint_ctx *c, const struct xml_node *n)
{
    int64_t max = number(n, "maximum", 1);
    if (max < 1 || max < number(n, "minimum", 0))
        lint_hit(c, n);
}

void lint_global_conversation(struct lint_ctx *c, const struct xml_node *n)
{
    for (struct xml_node *k = xml_child(n); k; k = xml_sibling(k))
        if (bpmn_is(k, BPMN_CONVERSATION_NODE) || bpmn_is(k, BPMN_ARTIFACT) || k->kind == BPMN_PARTICIPANT_ASSOCIATION ||
            k->kind == BPMN_MESSAGE_FLOW_ASSOCIATION || k->kind == BPMN_CONVERSATION_ASSOCIATION)
            lint_hit(c, k);
}

void lint_choreography_closed(struct lint_ctx *c, const struct xml_node *n)
{
    for (struct xml_node *k = model_first(n, BPMN_CHOREOGRAPHY_REF); k; k = model_next(k, BPMN_CHOREOGRAPHY_REF)) {
        const struct xml_node *to = model_find(c->m, k, xml_text(k, c->m->arena));
        if (bpmn_is(to, BPMN_CHOREOGRAPHY) && model_flag(to, "isClosed", false) != model_flag(n, "isClosed", false))
            lint_hit(c, n);
    }
}

void lint_public_executable(struct lint_ctx *c, const struct xml_node *n)
{
    if (xml_attr_is(n, "processType", "Public") && model_is_executable(n))
        lint_hit(c, n);
}

void lint_process_choreography(struct lint_ctx *c, const struct xml_node *n)
{
    for (struct xml_node *k = model_first(n, BPMN_CHOREOGRAPHY_ACTIVITY); k; k = model_next(k, BPMN_CHOREOGRAPHY_ACTIVITY))
        lint_hit(c, k);
}
