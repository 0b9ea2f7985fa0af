/* SPDX-License-Identifier: Apache-2.0
 * Extensions of the modelers (zeebe:, camunda:, ordo:) in what is executed, elements and attributes: code that no engine but theirs
 * can run is refused, and what is not known here is told. */
#include "server/domain/process/compile.h"

/* What compile_task.c and its neighbours read, and what only describes. */
static const char *const known[] = {
    "assignmentDefinition", "calledDecision", "calledElement", "form", "formData", "formDefinition", "in", "inputOutput",
    "instruction", "ioMapping", "loopCharacteristics", "out", "priorityDefinition", "properties", "script", "subscription",
    "taskDefinition", "taskHeaders", "taskSchedule", "userTask", "userTaskForm", "versionTag"};
static const char *const code[] = {"connector", "executionListener", "executionListeners", "taskListener", "taskListeners"};

/* Attributes that are read, and those without a meaning here: who drew it with what, and where to save (each step is saved). */
static const char *const attributes[] = {
    "assignee", "calledElementBinding", "calledElementVersion", "calledElementVersionTag", "candidateGroups",
    "candidateUsers", "class", "collection", "decisionRef", "delegateExpression", "dueDate", "elementVariable",
    "errorCodeVariable", "escalationCodeVariable", "expression", "followUpDate", "formKey", "instruction", "jobType",
    "priority", "resultVariable", "retries", "successProbability", "timeNorm", "topic", "type",
    "async", "asyncAfter", "asyncBefore", "diagramRelationId", "exclusive", "historyTimeToLive", "modelerTemplate",
    "modelerTemplateIcon", "modelerTemplateVersion", "versionTag"};
/* What names work; the tasks that are jobs hand it out. */
static const char *const work[] = {"class", "delegateExpression", "expression", "jobType", "topic", "type"};
static const char *const code_attributes[] = {"formHandlerClass", "resource", "variableMappingClass", "variableMappingDelegateExpression"};

static bool is_one_of(struct od_str name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (od_str_eq_c(name, names[i]))
            return true;
    return false;
}

static bool of_modeler(enum xml_ns ns) { return ns == XML_NS_ZEEBE || ns == XML_NS_CAMUNDA || ns == XML_NS_ORDO; }
static bool is_ours(const struct xml_node *n) { return of_modeler(n->ns); }

static bool hands_out_work(const struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *event = n->kind == BPMN_MESSAGE_DEFINITION ? n->parent : n;
    return n->kind == BPMN_SERVICE_TASK || n->kind == BPMN_SEND_TASK || n->kind == BPMN_RULE_TASK || n->kind == BPMN_SCRIPT_TASK ||
           event_is_job(c->m, event);
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
    for (const struct xml_node *k = lint_deploys(c, n) ? xml_child(n) : NULL; k; k = xml_sibling(k)) {
        if (is_ours(k) && is_one_of(k->name, code, OD_LEN(code)))
            lint_tell(c, k, OD_STR_FMT " is code that this engine does not execute", OD_STR_ARG(k->qname));
        else if (is_ours(k) && od_str_eq_c(k->name, "taskDefinition") && !hands_out_work(c, n->parent))
            lint_tell(c, k, OD_STR_FMT " names work, and this element hands out none", OD_STR_ARG(k->qname));
        else if (is_ours(k) && od_str_eq_c(k->name, "inputOutput") && has_script(k))
            lint_tell(c, k, "a parameter that a script computes is not executed by this engine; write it in FEEL");
    }
}

/* Something of that name beside n that names a variable. */
static bool has_sibling(const struct xml_node *n, const char *name)
{
    for (const struct xml_node *k = xml_child(n->parent); k; k = xml_sibling(k))
        if (k != n && od_str_eq_c(k->name, name) && (xml_child(k) || xml_attr(k, "target").n))
            return true;
    return false;
}

/* What a call says about variables beyond a value and its name: all of them are what it gets and gives where it names none. */
static bool says_more(const struct xml_node *n)
{
    if (od_str_eq_c(n->name, "calledElement"))
        return xml_attr_is(n, "propagateAllParentVariables", "false") ||
               (xml_attr_is(n, "propagateAllChildVariables", "true") && has_sibling(n, "ioMapping"));
    if (!od_str_eq_c(n->name, "in") && !od_str_eq_c(n->name, "out"))
        return false;
    bool named = has_sibling(n, od_str_eq_c(n->name, "in") ? "in" : "out");
    return xml_attr(n, "businessKey").p || xml_attr(n, "local").p || (xml_attr(n, "variables").p && named);
}

void lint_extension_unknown(struct lint_ctx *c, const struct xml_node *n)
{
    for (const struct xml_node *k = lint_deploys(c, n) ? xml_child(n) : NULL; k; k = xml_sibling(k))
        if (is_ours(k) && !is_one_of(k->name, known, OD_LEN(known)) && !is_one_of(k->name, code, OD_LEN(code)))
            lint_tell(c, k, OD_STR_FMT " is not known here and has no effect", OD_STR_ARG(k->qname));
        else if (is_ours(k) && says_more(k))
            lint_tell(c, k, OD_STR_FMT " asks for variables that a call here neither gets nor gives", OD_STR_ARG(k->qname));
}

void lint_extension_attribute_code(struct lint_ctx *c, const struct xml_node *n)
{
    for (unsigned i = 0; lint_deploys(c, n) && i < n->n_attrs; i++) {
        const struct xml_attr *a = &n->attrs[i];
        if (of_modeler(a->ns) && is_one_of(a->name, code_attributes, OD_LEN(code_attributes)))
            lint_tell(c, n, OD_STR_FMT " is code that this engine does not execute", OD_STR_ARG(a->qname));
        else if (of_modeler(a->ns) && is_one_of(a->name, work, OD_LEN(work)) && !hands_out_work(c, n))
            lint_tell(c, n, OD_STR_FMT " names work, and this element hands out none", OD_STR_ARG(a->qname));
    }
}

void lint_extension_attribute_unknown(struct lint_ctx *c, const struct xml_node *n)
{
    for (unsigned i = 0; lint_deploys(c, n) && i < n->n_attrs; i++) {
        const struct xml_attr *a = &n->attrs[i];
        if (of_modeler(a->ns) && !is_one_of(a->name, attributes, OD_LEN(attributes)) &&
            !is_one_of(a->name, code_attributes, OD_LEN(code_attributes)))
            lint_tell(c, n, OD_STR_FMT " is not known here and has no effect", OD_STR_ARG(a->qname));
    }
}
