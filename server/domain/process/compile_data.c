/* SPDX-License-Identifier: Apache-2.0
 * Data that goes into a node and comes out of it, as mappings of variables: the standard's data associations (BPMN 2.0.2, 10.4.2)
 * and the parameters of the modelers' extensions. */
#include "server/domain/process/compile.h"

#include "common/base/limits.h"
#include "server/domain/feel/feel_json.h"

static void add_mapping(struct builder *b, bool output, bool if_set, uint32_t expr, struct od_str target)
{
    if (target.n)
        *(struct def_mapping *)vec_push(&b->mappings, NULL) = (struct def_mapping){output, if_set, expr, target};
}

/* The name under which data is a variable: data objects by the name that is drawn. */
static struct od_str data_name(const struct builder *b, const struct xml_node *data)
{
    const struct xml_node *object = data ? model_ref(b->m, data, "dataObjectRef") : NULL;
    return object ? model_name_of(object) : data ? model_name_of(data) : (struct od_str){NULL, 0};
}

/* What an assignment writes to: the target as a whole (empty), or one member of it. False: another place. */
static bool assigned_member(struct od_str place, struct od_str target, struct od_str *ret_member)
{
    *ret_member = (struct od_str){NULL, 0};
    if (!place.n || od_str_eq(place, target))
        return true;
    if (!target.n || place.n < target.n + 2 || memcmp(place.p, target.p, target.n) != 0 || place.p[target.n] != '.')
        return false;
    *ret_member = od_str_trim((struct od_str){place.p + target.n + 1, place.n - target.n - 1});
    return !memchr(ret_member->p, '.', ret_member->n);
}

/* All assignments of one association as one expression for its target: each puts its value into what the ones before it left. */
static struct od_str assignments(struct builder *b, const struct xml_node *association, struct od_str target)
{
    struct od_str text = {NULL, 0};
    for (const struct xml_node *k = model_first(association, BPMN_ASSIGNMENT); k; k = model_next(k, BPMN_ASSIGNMENT)) {
        const struct xml_node *from = model_first(k, BPMN_FROM), *to = model_first(k, BPMN_TO);
        struct od_str value = from ? od_str_trim(xml_text(from, b->arena)) : (struct od_str){NULL, 0}, member;
        if (!value.n)
            continue;
        if (!assigned_member(to ? od_str_trim(xml_text(to, b->arena)) : (struct od_str){NULL, 0}, target, &member)) {
            if (compile_strict(b))
                compile_refuse(b, k, "ordo:assignment", "must write to \"" OD_STR_FMT "\" or to one of its members", OD_STR_ARG(target));
            continue;
        }
        if (!member.n) {
            text = value;
            continue;
        }
        struct od_buf out;
        od_buf_init(&out, FEEL_TEXT_MAX_BYTES);
        od_buf_c(&out, "context put(");
        if (text.n)
            od_buf_printf(&out, "(" OD_STR_FMT ")", OD_STR_ARG(text));
        else
            od_buf_printf(&out, "if " OD_STR_FMT " = null then {} else " OD_STR_FMT, OD_STR_ARG(target), OD_STR_ARG(target));
        od_buf_c(&out, ", ");
        feel_json_string(member, &out);
        od_buf_printf(&out, ", (" OD_STR_FMT "))", OD_STR_ARG(value));
        text = od_arena_copy(b->arena, od_buf_view(&out));
        od_buf_done(&out);
    }
    return text;
}

static bool is_store(const struct xml_node *data)
{
    return data && (data->kind == BPMN_DATA_STORE || data->kind == BPMN_DATA_STORE_REFERENCE);
}

/* Assignments, else the transformation, else a copy of the one source (10.4.2). */
static void data_association(struct builder *b, const struct xml_node *a)
{
    const struct xml_node *s = model_first(a, BPMN_SOURCE_REF), *t = model_first(a, BPMN_TARGET_REF);
    const struct xml_node *source = s ? model_find(b->m, s, xml_text(s, b->arena)) : NULL;
    const struct xml_node *target = t ? model_find(b->m, t, xml_text(t, b->arena)) : NULL;
    struct od_str from = data_name(b, source), to = data_name(b, target);
    const struct xml_node *transformation = model_first(a, BPMN_TRANSFORMATION);
    bool assigned = model_first(a, BPMN_ASSIGNMENT), copied = !assigned && !transformation;
    struct od_str text = assigned ? assignments(b, a, to) : transformation ? xml_text(transformation, b->arena) : from;
    if (copied && s && model_next(s, BPMN_SOURCE_REF) && compile_strict(b))
        compile_refuse(b, a, "ordo:data", "several sources need a transformation");
    if (is_store(source) || is_store(target))
        return; /* ordo:data-store: refused, or only drawn */
    if (!text.n || !to.n || (copied && od_str_eq(from, to)))
        return; /* the same variable: nothing to copy */
    add_mapping(b, a->kind == BPMN_DATA_OUTPUT_ASSOCIATION, copied, compile_feel(b, assigned || copied ? a : transformation, text), to);
}

/* A parameter that is a list or a map as FEEL: its texts are strings unless they are marked as expressions. Depth is the
 * model's, which is bounded. */
static void parameter_feel(struct builder *b, const struct xml_node *n, struct od_buf *out)
{
    bool list = od_str_eq_c(n->name, "list"), map = od_str_eq_c(n->name, "map");
    const struct xml_node *inner = extension_child(n, "list");
    inner = inner ? inner : extension_child(n, "map");
    if (list || map) {
        od_buf_char(out, list ? '[' : '{');
        for (const struct xml_node *k = xml_child(n); k; k = xml_sibling(k)) {
            od_buf_c(out, k == xml_child(n) ? "" : ", ");
            if (map) {
                feel_json_string(xml_attr(k, "key"), out);
                od_buf_c(out, ": ");
            }
            parameter_feel(b, k, out);
        }
        od_buf_char(out, list ? ']' : '}');
    } else if (inner) {
        parameter_feel(b, inner, out);
    } else {
        compile_text_as_feel(b, xml_text(n, b->arena), out);
    }
}

static uint32_t parameter(struct builder *b, const struct xml_node *n)
{
    if (!extension_child(n, "list") && !extension_child(n, "map"))
        return compile_marked(b, n, xml_text(n, b->arena));
    struct od_buf text;
    od_buf_init(&text, FEEL_TEXT_MAX_BYTES);
    parameter_feel(b, n, &text);
    if (text.failed)
        compile_refuse(b, n, "ordo:limit", "a parameter has at most %d bytes", FEEL_TEXT_MAX_BYTES);
    uint32_t expr = compile_feel(b, n, od_arena_copy(b->arena, od_buf_view(&text)));
    od_buf_done(&text);
    return expr;
}

static void io_mappings(struct builder *b, const struct xml_node *n)
{
    const struct xml_node *io = extension_of(n, "ioMapping"); /* zeebe:, ordo: */
    for (const struct xml_node *c = io ? xml_child(io) : NULL; c; c = xml_sibling(c))
        if (od_str_eq_c(c->name, "input") || od_str_eq_c(c->name, "output"))
            add_mapping(b, od_str_eq_c(c->name, "output"), false, compile_marked(b, c, xml_attr(c, "source")), xml_attr(c, "target"));
    io = extension_of(n, "inputOutput"); /* camunda: */
    for (const struct xml_node *c = io ? xml_child(io) : NULL; c; c = xml_sibling(c))
        if (od_str_eq_c(c->name, "inputParameter") || od_str_eq_c(c->name, "outputParameter"))
            add_mapping(b, od_str_eq_c(c->name, "outputParameter"), false, parameter(b, c), xml_attr(c, "name"));
}

/* camunda:in and camunda:out of a call activity. zeebe: nothing comes out that is not named: an output that writes nothing stands
 * for that, as others do. */
static void call_mappings(struct builder *b, const struct xml_node *n)
{
    const struct xml_node *called = extension_of(n, "calledElement");
    if (called && xml_attr_is(called, "propagateAllChildVariables", "false"))
        add_mapping(b, true, false, DEF_NONE, OD_STR("calledElement"));
    static const char *const names[] = {"in", "out"};
    for (size_t i = 0; i < OD_LEN(names); i++)
        for (const struct xml_node *c = extension_of(n, names[i]); c; c = extension_next(c, names[i])) {
            struct od_str source = xml_attr(c, "source"), expression = xml_attr(c, "sourceExpression");
            uint32_t expr = compile_feel(b, c, source.n ? source : expression);
            add_mapping(b, i == 1, source.n != 0, expr, xml_attr(c, "target"));
        }
}

void compile_data(struct builder *b, uint32_t node)
{
    const struct xml_node *at = b->source[node];
    uint32_t first = b->mappings.n;
    for (const struct xml_node *c = xml_child(at); c; c = xml_sibling(c))
        if (c->kind == BPMN_DATA_OBJECT || c->kind == BPMN_PROPERTY)
            add_mapping(b, false, false, DEF_NONE, model_name_of(c));
    io_mappings(b, at);
    call_mappings(b, at);
    for (const struct xml_node *a = model_first(at, BPMN_DATA_ASSOCIATION); a; a = model_next(a, BPMN_DATA_ASSOCIATION))
        data_association(b, a);
    struct def_node *d = VEC_AT(b->nodes, struct def_node, node);
    d->first_mapping = first;
    d->n_mappings = b->mappings.n - first;
}
