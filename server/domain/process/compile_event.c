/* SPDX-License-Identifier: Apache-2.0
 * Triggers of events and what events are to each other: links, compensation, hosts. */
#include "server/domain/process/compile.h"

#include "server/domain/process/timer.h"

static const struct {
    enum bpmn_kind definition;
    enum trigger_kind trigger;
    const char *ref, *code;
} kinds[] = {
    {BPMN_MESSAGE_DEFINITION, TRIGGER_MESSAGE, "messageRef", "name"},
    {BPMN_TIMER_DEFINITION, TRIGGER_TIMER, NULL, NULL},
    {BPMN_SIGNAL_DEFINITION, TRIGGER_SIGNAL, "signalRef", "name"},
    {BPMN_CONDITIONAL_DEFINITION, TRIGGER_CONDITION, NULL, NULL},
    {BPMN_ERROR_DEFINITION, TRIGGER_ERROR, "errorRef", "errorCode"},
    {BPMN_ESCALATION_DEFINITION, TRIGGER_ESCALATION, "escalationRef", "escalationCode"},
    {BPMN_COMPENSATE_DEFINITION, TRIGGER_COMPENSATION, NULL, NULL},
    {BPMN_LINK_DEFINITION, TRIGGER_LINK, NULL, NULL},
    {BPMN_TERMINATE_DEFINITION, TRIGGER_TERMINATE, NULL, NULL},
    {BPMN_CANCEL_DEFINITION, TRIGGER_CANCEL, NULL, NULL},
};

static bool catches(const struct builder *b, uint32_t node)
{
    enum node_kind k = (enum node_kind)VEC_AT(b->nodes, struct def_node, node)->kind;
    return k == NODE_START || k == NODE_CATCH || k == NODE_BOUNDARY || k == NODE_RECEIVE;
}

static void compile_timer(struct builder *b, const struct xml_node *definition, struct def_trigger *t)
{
    static const struct {
        enum bpmn_kind child;
        enum timer_kind timer;
    } forms[] = {{BPMN_TIME_DATE, TIMER_DATE}, {BPMN_TIME_DURATION, TIMER_DURATION}, {BPMN_TIME_CYCLE, TIMER_CYCLE}};
    for (size_t i = 0; i < OD_LEN(forms); i++) {
        const struct xml_node *e = model_first(definition, forms[i].child);
        if (!e)
            continue;
        t->timer = (uint8_t)forms[i].timer;
        t->expr = compile_timer_text(b, e, xml_text(e, b->arena));
    }
    t->external = t->expr == DEF_NONE;
    if (t->external && compile_strict(b))
        compile_refuse(b, definition, "ordo:timer", "a timer needs a date, a duration or a cycle");
    /* what stands there as text is a time now or never */
    const struct def_expr *e = t->external ? NULL : VEC_AT(b->exprs, struct def_expr, t->expr);
    struct feel_value text = feel_string(e ? e->text : (struct od_str){"", 0});
    struct timer_plan ignored;
    if (e && e->form == EXPR_TEXT && compile_strict(b) && !timer_plan(&text, (enum timer_kind)t->timer, OD_TIME_NONE, 0, NULL, &ignored))
        compile_refuse(b, definition, "ordo:timer", "\"" OD_STR_FMT "\" is no time", OD_STR_ARG(e->text));
}

static void compile_condition(struct builder *b, const struct xml_node *definition, struct def_trigger *t)
{
    const struct xml_node *e = model_first(definition, BPMN_CONDITION);
    t->expr = e ? compile_feel(b, e, xml_text(e, b->arena)) : DEF_NONE;
    t->external = t->expr == DEF_NONE;
    if (t->external && compile_strict(b))
        compile_refuse(b, definition, "ordo:condition", "a conditional event needs a condition");
}

/* The event, or the task, makes an instance of the process: so does what stands behind an instantiating gateway (10.6.6). */
static bool begins_process(const struct builder *b, uint32_t node)
{
    const struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    bool begins = d->parent == 0 && (d->kind == NODE_START || (d->kind == NODE_RECEIVE && d->instantiates));
    for (const struct model_end *in = model_node(b->m, b->source[node])->in; in; in = in->next) {
        const struct xml_node *from = model_source(b->m, in->flow);
        begins = begins || (from && from->kind == BPMN_EVENT_GATEWAY && model_flag(from, "instantiate", false));
    }
    return begins;
}

/* The message of a task is the one that its operation takes (10.3.3). */
const struct xml_node *compile_message_of(const struct builder *b, const struct xml_node *n)
{
    const struct xml_node *message = model_ref(b->m, n, "messageRef"), *operation = model_ref(b->m, n, "operationRef");
    const struct xml_node *taken = operation ? model_first(operation, BPMN_IN_MESSAGE_REF) : NULL;
    return message || !taken ? message : model_find(b->m, taken, xml_text(taken, b->arena));
}

/* What both sides must agree on besides the name of the message: a modeler's extension of it, or the standard's own form. */
static uint32_t compile_key(struct builder *b, const struct xml_node *at, const struct xml_node *message, uint32_t node)
{
    const struct xml_node *subscription = extension_of(message, "subscription");
    return subscription ? compile_marked(b, subscription, xml_attr(subscription, "correlationKey"))
                        : compile_correlation(b, at, message, catches(b, node), begins_process(b, node));
}

/* The name by which throwing and catching find each other. An error without code that is caught catches every error; in a
 * simulation two events that refer to the same element meet, code or not. */
static void compile_reference(struct builder *b, const struct xml_node *definition, size_t row, uint32_t node, struct def_trigger *t)
{
    const struct xml_node *root = t->kind == TRIGGER_MESSAGE ? compile_message_of(b, definition)
                                                             : model_ref(b->m, definition, kinds[row].ref);
    struct od_str name = root ? xml_attr(root, kinds[row].code) : (struct od_str){NULL, 0};
    bool coded = t->kind == TRIGGER_ERROR || t->kind == TRIGGER_ESCALATION;
    if (root && !name.n && !compile_strict(b))
        name = model_id_of(root);
    t->name = name.n ? name : (struct od_str){"", 0};
    t->any = coded && catches(b, node) && !name.n;
    if (coded)
        t->result = extension_attr(definition, t->kind == TRIGGER_ERROR ? "errorCodeVariable" : "escalationCodeVariable");
    if (t->kind == TRIGGER_MESSAGE && !name.n)
        t->external = true;
    /* a receive task without a message waits for whoever may complete it (10.3.3) */
    if (!coded && !name.n && (root || definition->kind != BPMN_RECEIVE_TASK) && compile_strict(b))
        compile_refuse(b, definition, "ordo:reference", "%s must name a %s with a name", kinds[row].ref,
                       t->kind == TRIGGER_MESSAGE ? "message" : "signal");
    if (t->kind == TRIGGER_MESSAGE && root)
        t->key = compile_key(b, definition, root, node);
    t->follows = t->key != DEF_NONE && catches(b, node) && !extension_of(root, "subscription");
    b->def->follows = b->def->follows || t->follows;
}

uint32_t compile_trigger(struct builder *b, const struct xml_node *definition, uint32_t node)
{
    for (size_t i = 0; i < OD_LEN(kinds); i++) {
        if (definition->kind != kinds[i].definition)
            continue;
        struct def_trigger t = {.kind = (uint8_t)kinds[i].trigger, .expr = DEF_NONE, .key = DEF_NONE, .activity = DEF_NONE,
                                .wait = true, .name = {"", 0}};
        if (kinds[i].ref)
            compile_reference(b, definition, i, node, &t);
        else if (t.kind == TRIGGER_TIMER)
            compile_timer(b, definition, &t);
        else if (t.kind == TRIGGER_CONDITION)
            compile_condition(b, definition, &t);
        else if (t.kind == TRIGGER_LINK)
            t.name = xml_attr(definition, "name");
        if (t.kind == TRIGGER_COMPENSATION) {
            const struct xml_node *activity = model_ref(b->m, definition, "activityRef");
            t.activity = bpmn_is(activity, BPMN_ACTIVITY) ? node_index(b, activity) : DEF_NONE;
            t.wait = model_flag(definition, "waitForCompletion", true);
        }
        uint32_t index;
        *(struct def_trigger *)vec_push(&b->triggers, &index) = t;
        return index;
    }
    return DEF_NONE;
}

/* What is thrown upwards is caught at once or not at all: nothing keeps it until the rest has come. */
static void check_parallel(struct builder *b, uint32_t node)
{
    const struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    for (uint32_t i = 0; d->parallel_multiple && d->n_triggers > 1 && i < d->n_triggers; i++) {
        enum trigger_kind k = (enum trigger_kind)VEC_AT(b->triggers, struct def_trigger, d->first_trigger + i)->kind;
        if (catches(b, node) && k != TRIGGER_MESSAGE && k != TRIGGER_TIMER && k != TRIGGER_SIGNAL && k != TRIGGER_CONDITION &&
            compile_strict(b))
            compile_refuse(b, b->source[node], "ordo:trigger",
                           "a parallel multiple event waits for messages, times, signals and conditions only");
    }
}

void compile_triggers(struct builder *b, uint32_t node)
{
    const struct xml_node *at = b->source[node];
    struct xml_node *defs[MODEL_DEFINITIONS_MAX];
    uint32_t first = b->triggers.n;
    if (compile_strict(b) && event_is_job(b->m, at)) { /* nothing is thrown here: the worker sends it */
        VEC_AT(b->nodes, struct def_node, node)->kind = NODE_JOB;
        return;
    }
    unsigned n = bpmn_is(at, BPMN_EVENT) ? model_event_definitions(b->m, at, defs, MODEL_DEFINITIONS_MAX) : 0;
    if (n > MODEL_DEFINITIONS_MAX)
        compile_refuse(b, at, "ordo:limit", "an event has at most %d triggers", MODEL_DEFINITIONS_MAX);
    for (unsigned i = 0; i < n && i < MODEL_DEFINITIONS_MAX; i++)
        compile_trigger(b, defs[i], node);
    struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    d->first_trigger = first;
    d->n_triggers = b->triggers.n - first;
    const struct xml_node *sent = at->kind == BPMN_SEND_TASK ? compile_message_of(b, at) : NULL;
    if (at->kind == BPMN_RECEIVE_TASK || (sent && xml_attr(sent, "name").n)) {
        struct def_trigger *t = vec_push(&b->triggers, &d->first_trigger);
        *t = (struct def_trigger){.kind = TRIGGER_MESSAGE, .expr = DEF_NONE, .key = DEF_NONE, .activity = DEF_NONE, .name = {"", 0}};
        compile_reference(b, at, 0, node, t);
        d = VEC_AT(b->nodes, struct def_node, node);
        d->n_triggers = 1;
    }
    check_parallel(b, node);
    bool must = d->kind == NODE_CATCH || d->kind == NODE_BOUNDARY;
    if (must && !d->n_triggers && compile_strict(b))
        compile_refuse(b, at, "ordo:trigger", "needs a trigger");
}

/* --- links (10.5.5): the definition that is named, or the one of the same name in the same level ----------------------- */

static bool is_link(const struct builder *b, uint32_t node, enum node_kind kind)
{
    const struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    return d->kind == kind && d->n_triggers && VEC_AT(b->triggers, struct def_trigger, d->first_trigger)->kind == TRIGGER_LINK;
}

/* Modelers that leave the definition's name out put it on the event. */
static struct od_str link_name(const struct builder *b, uint32_t node)
{
    const struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    struct od_str name = VEC_AT(b->triggers, struct def_trigger, d->first_trigger)->name;
    return name.n ? name : xml_attr(b->source[node], "name");
}

static uint32_t link_target(const struct builder *b, uint32_t thrower)
{
    const struct xml_node *def = model_first(b->source[thrower], BPMN_LINK_DEFINITION);
    const struct xml_node *ref = def ? model_first(def, BPMN_TARGET) : NULL;
    const struct xml_node *to = ref ? model_find(b->m, ref, xml_text(ref, b->arena)) : NULL;
    uint32_t scope = VEC_AT(b->nodes, struct def_node, thrower)->parent;
    uint32_t named = to && bpmn_is(to, BPMN_LINK_DEFINITION) ? node_index(b, to->parent) : DEF_NONE;
    if (named != DEF_NONE && VEC_AT(b->nodes, struct def_node, named)->parent == scope)
        return named;
    for (uint32_t i = 0; i < b->nodes.n; i++)
        if (is_link(b, i, NODE_CATCH) && VEC_AT(b->nodes, struct def_node, i)->parent == scope &&
            (link_name(b, i).n || !compile_strict(b)) && od_str_eq(link_name(b, i), link_name(b, thrower)))
            return i;
    return DEF_NONE;
}

/* An association between a compensation boundary event and an activity that compensates, in either direction (10.7.1). */
static void note_handler(struct builder *b, const struct xml_node *event, const struct xml_node *activity, uint32_t *handlers)
{
    uint32_t e = node_index(b, event), a = bpmn_is(activity, BPMN_ACTIVITY) ? node_index(b, activity) : DEF_NONE;
    if (e == DEF_NONE || a == DEF_NONE || VEC_AT(b->nodes, struct def_node, e)->kind != NODE_BOUNDARY ||
        !VEC_AT(b->nodes, struct def_node, a)->for_compensation ||
        VEC_AT(b->nodes, struct def_node, a)->parent != VEC_AT(b->nodes, struct def_node, e)->parent)
        return;
    if (handlers[e] != DEF_NONE && handlers[e] != a && compile_strict(b))
        compile_refuse(b, event, "ordo:compensation", "is associated with two compensation activities");
    handlers[e] = handlers[e] == DEF_NONE ? a : handlers[e];
}

/* By boundary event: the activity that compensates. */
static uint32_t *find_handlers(struct builder *b)
{
    uint32_t *handlers = OD_ARENA_ARRAY(b->arena, b->nodes.n + 1, uint32_t);
    for (uint32_t i = 0; handlers && i < b->nodes.n; i++)
        handlers[i] = DEF_NONE;
    for (unsigned i = 0; handlers && i < b->m->file.n_elements; i++) {
        const struct xml_node *e = b->m->file.elements[i];
        if (e->kind != BPMN_ASSOCIATION)
            continue;
        const struct xml_node *from = model_ref(b->m, e, "sourceRef"), *to = model_ref(b->m, e, "targetRef");
        note_handler(b, from, to, handlers);
        note_handler(b, to, from, handlers);
    }
    return handlers;
}

static void compile_compensation(struct builder *b, uint32_t node, uint32_t handler)
{
    const struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    if (d->kind != NODE_BOUNDARY || !d->n_triggers || d->host == DEF_NONE ||
        VEC_AT(b->triggers, struct def_trigger, d->first_trigger)->kind != TRIGGER_COMPENSATION)
        return;
    if (handler == DEF_NONE && compile_strict(b))
        compile_refuse(b, b->source[node], "ordo:compensation",
                       "a compensation boundary event needs an association to a compensation activity");
    VEC_AT(b->nodes, struct def_node, d->host)->handler = handler;
}

void compile_links(struct builder *b)
{
    const uint32_t *handlers = find_handlers(b);
    for (uint32_t i = 0; handlers && i < b->nodes.n; i++) {
        compile_compensation(b, i, handlers[i]);
        if (!is_link(b, i, NODE_THROW))
            continue;
        uint32_t to = link_target(b, i);
        VEC_AT(b->nodes, struct def_node, i)->link_target = to;
        if (to == DEF_NONE && compile_strict(b))
            compile_refuse(b, b->source[i], "ordo:link", "no catching link event of this name in the same level");
    }
}
