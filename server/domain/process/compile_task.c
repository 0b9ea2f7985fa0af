/* SPDX-License-Identifier: Apache-2.0
 * What a task carries: settings and form, what it calls, runs or sends. The extensions of the usual modelers (zeebe:, camunda:)
 * and our own (ordo:) end up in one model. */
#include "server/domain/process/compile.h"

#include "common/base/limits.h"

static bool is_extension(enum xml_ns ns) { return ns == XML_NS_ZEEBE || ns == XML_NS_CAMUNDA || ns == XML_NS_ORDO; }

static const struct xml_node *find_extension(const struct xml_node *from, const char *name)
{
    for (; from; from = xml_sibling(from))
        if (is_extension(from->ns) && od_str_eq_c(from->name, name))
            return from;
    return NULL;
}

const struct xml_node *extension_child(const struct xml_node *n, const char *name) { return find_extension(xml_child(n), name); }

const struct xml_node *extension_of(const struct xml_node *n, const char *name)
{
    const struct xml_node *ext = model_first(n, BPMN_EXTENSION_ELEMENTS);
    return ext ? extension_child(ext, name) : NULL;
}

const struct xml_node *extension_next(const struct xml_node *n, const char *name) { return find_extension(xml_sibling(n), name); }

struct od_str extension_attr(const struct xml_node *n, const char *name)
{
    static const enum xml_ns order[] = {XML_NS_ORDO, XML_NS_ZEEBE, XML_NS_CAMUNDA};
    for (size_t i = 0; i < OD_LEN(order); i++) {
        struct od_str s = xml_attr_ns(n, order[i], name);
        if (s.p)
            return s;
    }
    return (struct od_str){NULL, 0};
}

bool event_is_job(const struct model *m, const struct xml_node *event)
{
    struct xml_node *definition;
    if (!bpmn_is(event, BPMN_THROW_EVENT) || model_event_definitions(m, event, &definition, 1) != 1 ||
        definition->kind != BPMN_MESSAGE_DEFINITION)
        return false;
    return extension_of(event, "taskDefinition") || extension_attr(definition, "topic").n;
}

/* --- settings ----------------------------------------------------------------------------------------------------------- */

/* Where a setting may stand: an attribute of the task, or an attribute of an extension element. */
static const struct {
    const char *setting;
    const char *element;   /* extension element, NULL: an attribute in an extension namespace at the task itself */
    const char *attribute;
} places[] = {
    {"assignee", NULL, "assignee"},
    {"assignee", "assignmentDefinition", "assignee"},
    {"candidateUsers", NULL, "candidateUsers"},
    {"candidateUsers", "assignmentDefinition", "candidateUsers"},
    {"candidateGroups", NULL, "candidateGroups"},
    {"candidateGroups", "assignmentDefinition", "candidateGroups"},
    {"dueDate", NULL, "dueDate"},
    {"dueDate", "taskSchedule", "dueDate"},
    {"followUpDate", NULL, "followUpDate"},
    {"followUpDate", "taskSchedule", "followUpDate"},
    {"priority", NULL, "priority"},
    {"priority", "priorityDefinition", "priority"},
    {"formKey", NULL, "formKey"},
    {"formKey", "formDefinition", "formKey"},
    {"formKey", "formDefinition", "formId"},
    {"type", "taskDefinition", "type"},
    {"type", NULL, "topic"},
    {"type", NULL, "jobType"},
    {"type", NULL, "type"}, /* what its own engine has built in: "mail" */
    {"resultVariable", NULL, "resultVariable"},
    {"retries", "taskDefinition", "retries"},
    {"retries", NULL, "retries"},
    {"instruction", NULL, "instruction"},
    {"instruction", "instruction", "text"},
    {"successProbability", NULL, "successProbability"},
    {"timeNorm", NULL, "timeNorm"},
    {"calledBinding", "calledElement", "bindingType"},
    {"calledBinding", NULL, "calledElementBinding"},
    {"calledVersion", "calledElement", "versionTag"},
    {"calledVersion", NULL, "calledElementVersion"},
    {"calledVersion", NULL, "calledElementVersionTag"},
    {"implementation", NULL, "class"},
    {"implementation", NULL, "delegateExpression"},
    {"implementation", NULL, "expression"},
};

static bool has_setting(const struct builder *b, uint32_t first, const char *name)
{
    for (uint32_t i = first; i < b->settings.n; i++)
        if (od_str_eq_c(VEC_AT(b->settings, struct def_setting, i)->name, name))
            return true;
    return false;
}

static void add_setting(struct builder *b, const struct xml_node *at, const char *name, struct od_str text)
{
    uint32_t expr = compile_marked(b, at, text);
    bool literal = expr != DEF_NONE && VEC_AT(b->exprs, struct def_expr, expr)->form == EXPR_TEXT;
    *(struct def_setting *)vec_push(&b->settings, NULL) =
        (struct def_setting){od_str_c(name), literal ? DEF_NONE : expr, od_str_trim(text)};
}

static void add_text(struct builder *b, const char *name, struct od_str text)
{
    if (text.n)
        *(struct def_setting *)vec_push(&b->settings, NULL) = (struct def_setting){od_str_c(name), DEF_NONE, text};
}

/* Whom a role names (10.3.1): who the expression gives, or the resource as a whole. Who a resource is for certain parameters
 * nobody here could find out. */
static struct od_str named_by(struct builder *b, const struct xml_node *role)
{
    const struct xml_node *assignment = model_first(role, BPMN_RESOURCE_ASSIGNMENT), *ref = model_first(role, BPMN_RESOURCE_REF);
    const struct xml_node *e = assignment ? model_first(assignment, BPMN_EXPRESSION) : NULL;
    const struct xml_node *resource = ref ? model_find(b->m, ref, xml_text(ref, b->arena)) : NULL;
    const struct xml_node *binding = model_first(role, BPMN_RESOURCE_PARAMETER_BINDING);
    if (binding && compile_strict(b))
        compile_refuse(b, binding, "ordo:resource", "a resource is a name here and has no parameters; name people by an expression");
    if (assignment && ref && compile_strict(b))
        compile_refuse(b, role, "ordo:resource", "names people both by a resource and by an expression");
    if (e && !compile_speaks_feel(b, e, true))
        e = NULL;
    return e ? xml_text(e, b->arena) : resource ? model_name_of(resource) : (struct od_str){NULL, 0};
}

/* The standard's own way to name people: all owners are candidates, of the others there is one. An extension of the task goes
 * before. */
static void standard_roles(struct builder *b, const struct xml_node *n, uint32_t first)
{
    bool owners_named = has_setting(b, first, "candidateGroups"), assignee_named = has_setting(b, first, "assignee");
    const struct xml_node *owner = NULL, *performer = NULL;
    struct od_str owner_text = {NULL, 0};
    struct od_buf all;
    unsigned n_owners = 0;
    od_buf_init(&all, FEEL_TEXT_MAX_BYTES);
    for (const struct xml_node *r = model_first(n, BPMN_RESOURCE_ROLE); r; r = model_next(r, BPMN_RESOURCE_ROLE)) {
        struct od_str text = named_by(b, r);
        bool owns = r->kind == BPMN_POTENTIAL_OWNER;
        if (!text.n || (owns ? owners_named : assignee_named))
            continue;
        if (owns) {
            od_buf_c(&all, n_owners++ ? ", " : "flatten([");
            compile_text_as_feel(b, text, &all);
            owner = r;
            owner_text = text;
        } else if (!performer) {
            performer = r;
            add_setting(b, r, "assignee", text);
        } else if (compile_strict(b)) {
            compile_refuse(b, r, "ordo:resource", "a second performer: a task has one assignee");
        }
    }
    od_buf_c(&all, "])");
    if (n_owners == 1)
        add_setting(b, owner, "candidateGroups", owner_text);
    else if (n_owners)
        *(struct def_setting *)vec_push(&b->settings, NULL) = (struct def_setting){
            od_str_c("candidateGroups"), compile_feel(b, owner, od_arena_copy(b->arena, od_buf_view(&all))), {NULL, 0}};
    od_buf_done(&all);
}

/* The values that say nothing (table 10.8): what they stand for is left to the engine. */
static struct od_str implementation_of(const struct xml_node *n)
{
    static const char *const open[] = {"##unspecified", "##WebService", "unspecified", "webService", "WebService"};
    struct od_str s = od_str_trim(xml_attr(n, "implementation"));
    for (size_t i = 0; i < OD_LEN(open); i++)
        if (od_str_eq_c(s, open[i]))
            return (struct od_str){NULL, 0};
    return s;
}

/* What the task invokes, and by what (8.5, 10.3.3): the worker is told, and finds the job by it where no extension has its type.
 * A message that is sent or received as such needs no worker. */
static void standard_work(struct builder *b, const struct xml_node *n, uint32_t first)
{
    const struct xml_node *operation = model_ref(b->m, n, "operationRef");
    const struct xml_node *sent = n->kind == BPMN_SEND_TASK ? compile_message_of(b, n) : NULL;
    struct od_str how = implementation_of(n), type = how;
    bool named = has_setting(b, first, "type") || has_setting(b, first, "implementation");
    if (n->kind == BPMN_RECEIVE_TASK || (sent && xml_attr(sent, "name").n && !named && !how.n))
        return;
    if (!has_setting(b, first, "implementation"))
        add_text(b, "implementation", how);
    if (operation) {
        struct od_str ref = xml_attr(operation, "implementationRef");
        type = ref.n ? ref : model_name_of(operation);
        add_text(b, "operation", model_name_of(operation));
        add_text(b, "interface", model_name_of(operation->parent));
    }
    if (!named && n->kind != BPMN_USER_TASK)
        add_text(b, "type", type);
}

/* What the worker of a job is told besides, as settings "header.<key>". */
static void job_headers(struct builder *b, const struct xml_node *n)
{
    const struct xml_node *headers = extension_of(n, "taskHeaders");
    for (const struct xml_node *h = headers ? xml_child(headers) : NULL; h; h = xml_sibling(h)) {
        struct od_str key = xml_attr(h, "key"), value = xml_attr(h, "value");
        char *name = key.n ? od_arena_printf(b->arena, "header." OD_STR_FMT, OD_STR_ARG(key)) : NULL;
        if (name)
            *(struct def_setting *)vec_push(&b->settings, NULL) = (struct def_setting){od_str_c(name), DEF_NONE, value};
    }
}

static void compile_settings(struct builder *b, uint32_t node)
{
    const struct xml_node *at = b->source[node];
    uint32_t first = b->settings.n;
    for (size_t i = 0; i < OD_LEN(places); i++) {
        const struct xml_node *e = places[i].element ? extension_of(at, places[i].element) : NULL;
        struct od_str text = places[i].element ? (e ? xml_attr(e, places[i].attribute) : (struct od_str){NULL, 0})
                                               : extension_attr(at, places[i].attribute);
        if (!text.n || has_setting(b, first, places[i].setting))
            continue;
        if (!strcmp(places[i].setting, "implementation")) /* code for the worker, not for us */
            add_text(b, places[i].setting, text);
        else
            add_setting(b, at, places[i].setting, text);
    }
    struct xml_node *definition;
    if (event_is_job(b->m, at) && model_event_definitions(b->m, at, &definition, 1) && !has_setting(b, first, "type"))
        add_setting(b, at, "type", extension_attr(definition, "topic"));
    if (bpmn_is(at, BPMN_ANY_TASK)) {
        standard_roles(b, at, first);
        standard_work(b, at, first);
    }
    job_headers(b, at);
    enum node_kind kind = (enum node_kind)VEC_AT(b->nodes, struct def_node, node)->kind;
    bool for_people = kind == NODE_USER_TASK || kind == NODE_MANUAL_TASK;
    if (for_people && !has_setting(b, first, "candidateGroups") && !has_setting(b, first, "assignee"))
        add_text(b, "candidateGroups", b->lane_of[node]);
    struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    d->first_setting = first;
    d->n_settings = b->settings.n - first;
}

/* --- forms -------------------------------------------------------------------------------------------------------------- */

static void constraint(struct def_field *f, struct od_str name, struct od_str value)
{
    int64_t v;
    if (od_str_eq_c(name, "required"))
        f->required = !od_str_eq_c(value, "false");
    else if (od_str_eq_c(name, "pattern"))
        f->pattern = value;
    else if ((od_str_eq_c(name, "min") || od_str_eq_c(name, "minlength")) && od_str_int(value, INT64_MIN, INT64_MAX, &v))
        f->has_min = true, f->min = v;
    else if ((od_str_eq_c(name, "max") || od_str_eq_c(name, "maxlength") || od_str_eq_c(name, "length")) &&
             od_str_int(value, INT64_MIN, INT64_MAX, &v))
        f->has_max = true, f->max = v;
}

static void add_field(struct builder *b, const struct xml_node *at)
{
    static const char *const constraints[] = {"required", "pattern", "min", "max", "minlength", "maxlength", "length"};
    struct def_field *f = vec_push(&b->fields, NULL);
    f->id = xml_attr(at, "id");
    f->label = xml_attr(at, "label");
    f->type = xml_attr(at, "type");
    f->default_value = xml_attr(at, "defaultValue");
    for (size_t i = 0; i < OD_LEN(constraints); i++) {
        struct od_str v = xml_attr(at, constraints[i]);
        if (v.p)
            constraint(f, od_str_c(constraints[i]), v);
    }
    const struct xml_node *validation = extension_child(at, "validation");
    for (const struct xml_node *c = validation ? xml_child(validation) : NULL; c; c = xml_sibling(c))
        constraint(f, xml_attr(c, "name"), xml_attr(c, "config"));
}

static void compile_form(struct builder *b, uint32_t node)
{
    uint32_t first = b->fields.n;
    static const char *const forms[] = {"formData", "form"};
    for (size_t i = 0; i < OD_LEN(forms); i++) {
        const struct xml_node *form = extension_of(b->source[node], forms[i]);
        for (const struct xml_node *f = form ? xml_child(form) : NULL; f; f = xml_sibling(f))
            if (od_str_eq_c(f->name, "formField") || od_str_eq_c(f->name, "field"))
                add_field(b, f);
    }
    struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    d->first_field = first;
    d->n_fields = b->fields.n - first;
}

/* --- what the kinds add ------------------------------------------------------------------------------------------------- */

static void compile_script(struct builder *b, uint32_t node)
{
    const struct xml_node *at = b->source[node], *script = model_first(at, BPMN_SCRIPT), *ours = extension_of(at, "script");
    struct od_str format = xml_attr(at, at->kind == BPMN_GLOBAL_SCRIPT_TASK ? "scriptLanguage" : "scriptFormat");
    struct od_str result = extension_attr(at, "resultVariable");
    struct od_str text = ours ? xml_attr(ours, "expression") : script ? xml_text(script, b->arena) : (struct od_str){NULL, 0};
    if (ours && !result.n)
        result = xml_attr(ours, "resultVariable");
    bool feel = !format.n || (format.n >= 4 && (!memcmp(format.p, "feel", 4) || !memcmp(format.p, "FEEL", 4)));
    struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    d->result = result;
    if (!text.n && has_setting(b, d->first_setting, "type")) { /* the worker knows what to run */
        d->kind = NODE_JOB;
        return;
    }
    if (!feel) { /* somebody else's language: a job for a worker that knows it */
        d->kind = NODE_JOB;
        add_setting(b, at, "type", od_str_c(od_arena_printf(b->arena, "script:" OD_STR_FMT, OD_STR_ARG(format))));
        *(struct def_setting *)vec_push(&b->settings, NULL) = (struct def_setting){OD_STR("script"), DEF_NONE, text};
        VEC_AT(b->nodes, struct def_node, node)->n_settings += 2;
        return;
    }
    uint32_t expr = compile_strict(b) ? compile_feel(b, script ? script : at, text) : DEF_NONE;
    VEC_AT(b->nodes, struct def_node, node)->expr = expr;
    if (!text.n && compile_strict(b))
        compile_refuse(b, at, "ordo:script", "a script task needs a script");
}

static void compile_called(struct builder *b, uint32_t node)
{
    const struct xml_node *at = b->source[node], *called = extension_of(at, "calledElement"),
                          *decision = extension_of(at, "calledDecision");
    struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    if (d->kind == NODE_CALL) {
        struct od_str id = xml_attr(at, "calledElement");
        const struct xml_node *here = id.n ? model_find(b->m, at, id) : NULL;
        d->called = here ? model_id_of(here) : id.n ? id : called ? xml_attr(called, "processId") : id;
        if (here && bpmn_is(here, BPMN_GLOBAL_TASK) && here->kind != BPMN_GLOBAL_SCRIPT_TASK && compile_strict(b))
            compile_refuse(b, at, "ordo:unsupported", "calls a " OD_STR_FMT ", which this engine does not execute", OD_STR_ARG(here->name));
    } else {
        struct od_str ref = extension_attr(at, "decisionRef");
        d->called = ref.n ? ref : decision ? xml_attr(decision, "decisionId") : ref;
        d->result = decision ? xml_attr(decision, "resultVariable") : extension_attr(at, "resultVariable");
    }
    if (!d->called.n && d->kind == NODE_CALL && compile_strict(b))
        compile_refuse(b, at, "ordo:called", "needs the element that it calls");
}

static void compile_sent(struct builder *b, uint32_t node)
{
    const struct xml_node *message = compile_message_of(b, b->source[node]);
    struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    d->called = message ? xml_attr(message, "name") : (struct od_str){NULL, 0};
    if (!d->called.n && !d->n_settings && compile_strict(b))
        compile_refuse(b, b->source[node], "ordo:reference", "needs a message with a name, or the type of a job");
}

void compile_task(struct builder *b, uint32_t node)
{
    compile_data(b, node);
    compile_settings(b, node);
    compile_form(b, node);
    switch (VEC_AT(b->nodes, struct def_node, node)->kind) {
    case NODE_SCRIPT:
        compile_script(b, node);
        break;
    case NODE_CALL:
    case NODE_RULE:
        compile_called(b, node);
        break;
    case NODE_SEND:
        compile_sent(b, node);
        break;
    default:
        break;
    }
}
