/* SPDX-License-Identifier: Apache-2.0
 * Extension elements of the modelers (zeebe:, camunda:, ordo:) in what is executed: code that no engine but theirs can run is
 * refused, and what is not known here is told. */
#include "server/domain/process/lint.h"

/* What compile_task.c and its neighbours read, and what only describes. */
static const char *const known[] = {
    "assignmentDefinition", "calledDecision", "calledElement", "form", "formData", "formDefinition", "in", "inputOutput",
    "instruction", "ioMapping", "loopCharacteristics", "out", "priorityDefinition", "properties", "script", "subscription",
    "taskDefinition", "taskHeaders", "taskSchedule", "userTask", "userTaskForm", "versionTag"};
static const char *const code[] = {"connector", "executionListener", "executionListeners", "taskListener", "taskListeners"};

static bool is_one_of(struct od_str name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (od_str_eq_c(name, names[i]))
            return true;
    return false;
}

static bool is_ours(const struct xml_node *n) { return n->ns == XML_NS_ZEEBE || n->ns == XML_NS_CAMUNDA || n->ns == XML_NS_ORDO; }

static bool matters(const struct lint_ctx *c, const struct xml_node *n)
{
    return c->r->profile == LINT_DEPLOY && model_is_executable(n);
}

/* A parameter that a script computes. Depth is the model's, which is bounded. */
static bool has_script(const struct xml_node *n)
{
    for (const struct xml_node *k = xml_child(n); k; k = xml_sibling(k))
        if (is_ours(k) && (od_str_eq_c(k->name, "script") || has_script(k)))
            return true;
    return false;
}

void lint_extension_code(struct lint_ctx *c, const struct xml_node *n)
{
    for (const struct xml_node *k = matters(c, n) ? xml_child(n) : NULL; k; k = xml_sibling(k)) {
        if (is_ours(k) && is_one_of(k->name, code, OD_LEN(code)))
            lint_tell(c, k, OD_STR_FMT " is code that this engine does not execute", OD_STR_ARG(k->qname));
        else if (is_ours(k) && od_str_eq_c(k->name, "inputOutput") && has_script(k))
            lint_tell(c, k, "a parameter that a script computes is not executed by this engine; write it in FEEL");
    }
}

void lint_extension_unknown(struct lint_ctx *c, const struct xml_node *n)
{
    for (const struct xml_node *k = matters(c, n) ? xml_child(n) : NULL; k; k = xml_sibling(k))
        if (is_ours(k) && !is_one_of(k->name, known, OD_LEN(known)) && !is_one_of(k->name, code, OD_LEN(code)))
            lint_tell(c, k, OD_STR_FMT " is not known here and has no effect", OD_STR_ARG(k->qname));
}
