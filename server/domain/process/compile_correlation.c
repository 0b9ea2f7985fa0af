/* SPDX-License-Identifier: Apache-2.0
 * The key of a message in the standard's own form (BPMN 2.0.2, 8.4.2): of a message that is awaited the values that a subscription
 * of the process binds to the key's properties, of one that is sent what the properties retrieve from it. The engine knows one key
 * a message; where the model says more than that, or less, it is refused. */
#include "server/domain/process/compile.h"

#include "common/base/limits.h"

struct key_search {
    const struct xml_node *found; /* correlationKey or correlationSubscription */
    const struct xml_node *lacks; /* a property that cannot be retrieved from the message */
    unsigned n;                   /* how many are about the message */
};

static const struct xml_node *property_of(const struct builder *b, const struct xml_node *ref)
{
    const struct xml_node *p = model_find(b->m, ref, xml_text(ref, b->arena));
    return bpmn_is(p, BPMN_CORRELATION_PROPERTY) ? p : NULL;
}

static const struct xml_node *retrieval_of(struct builder *b, const struct xml_node *property, const struct xml_node *message)
{
    const struct xml_node *r = property ? model_first(property, BPMN_CORRELATION_RETRIEVAL) : NULL;
    while (r && b->correlation_steps++ < OD_PROCESS_CORRELATION_MAX && model_ref(b->m, r, "messageRef") != message)
        r = model_next(r, BPMN_CORRELATION_RETRIEVAL);
    return r;
}

/* Notes a key, or a subscription to one, if one of the key's properties is about the message. */
static void look_at(struct key_search *s, struct builder *b, const struct xml_node *found, const struct xml_node *key,
                    const struct xml_node *message)
{
    const struct xml_node *lacks = NULL;
    unsigned n = 0;
    for (const struct xml_node *r = model_first(key, BPMN_CORRELATION_PROPERTY_REF); r; r = model_next(r, BPMN_CORRELATION_PROPERTY_REF)) {
        if (retrieval_of(b, property_of(b, r), message))
            n++;
        else
            lacks = r;
    }
    if (!n)
        return;
    s->found = found;
    s->lacks = lacks;
    s->n++;
}

static struct key_search keys_about(struct builder *b, const struct xml_node *message)
{
    struct key_search s = {NULL, NULL, 0};
    for (uint32_t i = 0; i < b->keys.n; i++)
        look_at(&s, b, *VEC_AT(b->keys, const struct xml_node *, i), *VEC_AT(b->keys, const struct xml_node *, i), message);
    return s;
}

static struct key_search subscriptions_about(struct builder *b, const struct xml_node *message)
{
    struct key_search s = {NULL, NULL, 0};
    const struct xml_node *k = model_first(b->source[0], BPMN_CORRELATION_SUBSCRIPTION);
    for (; k; k = model_next(k, BPMN_CORRELATION_SUBSCRIPTION)) {
        const struct xml_node *key = model_ref(b->m, k, "correlationKeyRef");
        if (bpmn_is(key, BPMN_CORRELATION_KEY))
            look_at(&s, b, k, key, message);
    }
    return s;
}

static const struct xml_node *binding_of(const struct builder *b, const struct xml_node *subscription, const struct xml_node *property)
{
    const struct xml_node *k = model_first(subscription, BPMN_CORRELATION_BINDING);
    while (k && model_ref(b->m, k, "correlationPropertyRef") != property)
        k = model_next(k, BPMN_CORRELATION_BINDING);
    return k;
}

/* Where the value of a property is written, NULL for nowhere: the path over the process's data, or over the message's. */
static const struct xml_node *path_of(struct builder *b, const struct xml_node *found, const struct xml_node *property,
                                      const struct xml_node *message)
{
    bool bound = found->kind == BPMN_CORRELATION_SUBSCRIPTION;
    const struct xml_node *holder = bound ? binding_of(b, found, property) : retrieval_of(b, property, message);
    const struct xml_node *path = holder ? model_first(holder, bound ? BPMN_DATA_PATH : BPMN_MESSAGE_PATH) : NULL;
    return path && xml_text(path, b->arena).n ? path : NULL;
}

/* The values in the order of the key's properties: the one value itself, or their list, null as soon as one of them is. */
static uint32_t compile_key(struct builder *b, const struct xml_node *found, const struct xml_node *message)
{
    const struct xml_node *key = found->kind == BPMN_CORRELATION_KEY ? found : model_ref(b->m, found, "correlationKeyRef");
    uint32_t first = b->exprs.n, value = DEF_NONE;
    unsigned n = 0;
    struct od_buf list;
    od_buf_init(&list, FEEL_TEXT_MAX_BYTES);
    for (const struct xml_node *r = model_first(key, BPMN_CORRELATION_PROPERTY_REF); r; r = model_next(r, BPMN_CORRELATION_PROPERTY_REF)) {
        const struct xml_node *property = property_of(b, r), *path = path_of(b, found, property, message);
        if (!path)
            compile_refuse(b, found, "ordo:correlation", "has no path for the property \"" OD_STR_FMT "\"",
                           OD_STR_ARG(model_name_of(property)));
        value = path ? compile_feel(b, path, xml_text(path, b->arena)) : DEF_NONE;
        if (value == DEF_NONE)
            break;
        od_buf_printf(&list, "%s(" OD_STR_FMT ")", n++ ? ", " : "", OD_STR_ARG(VEC_AT(b->exprs, struct def_expr, value)->text));
    }
    if (value != DEF_NONE && n > 1) {
        char *text = od_arena_printf(b->arena, "if list contains([" OD_STR_FMT "], null) then null else [" OD_STR_FMT "]",
                                     OD_STR_ARG(od_buf_view(&list)), OD_STR_ARG(od_buf_view(&list)));
        b->exprs.n = first; /* they are in the list now */
        value = compile_feel(b, found, od_str_c(text ? text : ""));
    }
    od_buf_done(&list);
    return value;
}

uint32_t compile_correlation(struct builder *b, const struct xml_node *at, const struct xml_node *message, bool catching,
                             bool instantiates)
{
    if (!b->keys.n || !compile_strict(b))
        return DEF_NONE;
    struct key_search keys = keys_about(b, message), found = catching ? subscriptions_about(b, message) : keys;
    struct od_str name = model_name_of(message);
    if (b->correlation_steps > OD_PROCESS_CORRELATION_MAX)
        compile_refuse(b, at, "ordo:limit", "the model has more correlation keys and messages than are looked at");
    else if (!keys.n || (!found.n && instantiates)) /* before there is an instance there is nothing to compare with */
        return DEF_NONE;
    else if (!found.n)
        compile_refuse(b, at, "ordo:correlation",
                       "the message \"" OD_STR_FMT "\" has a correlation key, and no correlationSubscription says which one is awaited",
                       OD_STR_ARG(name));
    else if (found.n > 1)
        compile_refuse(b, at, "ordo:correlation", "the message \"" OD_STR_FMT "\" has %u correlation keys here, not one", OD_STR_ARG(name),
                       found.n);
    else if (found.lacks)
        compile_refuse(b, found.lacks, "ordo:correlation", "cannot be retrieved from the message \"" OD_STR_FMT "\"", OD_STR_ARG(name));
    else
        return compile_key(b, found.found, message);
    return DEF_NONE;
}

void compile_keys(struct builder *b)
{
    for (unsigned i = 0; i <= b->m->n_imports; i++) {
        const struct model_file *f = i ? b->m->imports[i - 1].file : &b->m->file;
        for (unsigned k = 0; f && k < f->n_elements; k++)
            if (f->elements[k]->kind == BPMN_CORRELATION_KEY)
                *(const struct xml_node **)vec_push(&b->keys, NULL) = f->elements[k];
    }
}
