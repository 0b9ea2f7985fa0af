/* SPDX-License-Identifier: Apache-2.0
 * Rules about expressions and scripts (BPMN 2.0.2, 8.4.6: Expression is natural language, FormalExpression is executable). */
#include "server/domain/process/lint.h"

bool lint_formal(const struct xml_node *n)
{
    /* the schema gives these the formal type themselves */
    if (n->kind == BPMN_TRANSFORMATION || n->kind == BPMN_MESSAGE_PATH || n->kind == BPMN_DATA_PATH || n->kind == BPMN_FORMAL_EXPRESSION)
        return true;
    struct od_str type = xml_attr_ns(n, XML_NS_XSI, "type"), local = type;
    od_str_cut(&local, ':');
    return od_str_eq_c(local.n ? local : type, "tFormalExpression");
}

void lint_expression_formal(struct lint_ctx *c, const struct xml_node *n)
{
    if (n->kind == BPMN_CONDITION) /* EXT.123 says it */
        return;
    if (model_is_executable(n) && !lint_formal(n))
        lint_hit(c, n);
}

void lint_expression_body(struct lint_ctx *c, const struct xml_node *n)
{
    bool formal = n->kind == BPMN_MESSAGE_PATH || n->kind == BPMN_DATA_PATH || (bpmn_is(n, BPMN_EXPRESSION) && lint_formal(n));
    if (formal && !xml_text(n, c->m->arena).n && !xml_child(n))
        lint_hit(c, n);
}

void lint_conditional_formal(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *condition = model_first(n, BPMN_CONDITION);
    if (model_is_executable(n) && (!condition || !lint_formal(condition)))
        lint_hit(c, n);
}

void lint_script_format(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_first(n, BPMN_SCRIPT) && !xml_attr(n, "scriptFormat").n)
        lint_hit(c, n);
}
