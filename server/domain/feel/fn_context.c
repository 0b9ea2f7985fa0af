/* SPDX-License-Identifier: Apache-2.0
 * Context functions (§10.3.4.10). */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/eval.h"

#include "common/base/limits.h"

struct feel_value fn_get_value(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    if (!feel_run_charge(run, args[0].context->n / FEEL_NAMES_PER_STEP))
        return FEEL_NULL_VALUE;
    const struct feel_value *v = feel_context_get(args[0].context, args[1].string);
    return v ? *v : feel_run_fail(run, "the context has no entry %s", args[1].string);
}

struct feel_value fn_get_entries(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_context *c = args[0].context;
    struct feel_vec vec = {0};
    (void)n_given;
    for (size_t i = 0; i < c->n && feel_run_charge(run, 1); i++) {
        struct feel_context *entry = feel_context_new(run->arena, 2);
        if (!entry) {
            feel_run_stop(run, OD_R_MEMORY_LIMIT);
            return FEEL_NULL_VALUE;
        }
        entry->entries[0] = (struct feel_entry){OD_STR("key"), feel_string(c->entries[i].name)};
        entry->entries[1] = (struct feel_entry){OD_STR("value"), c->entries[i].value};
        struct feel_value v = feel_context_value(entry);
        if (!feel_vec_add(run, &vec, &v))
            return FEEL_NULL_VALUE;
    }
    return feel_vec_list(run, &vec);
}

static struct feel_value context_value(struct feel_run *run, const struct feel_context *c)
{
    if (!c)
        feel_run_stop(run, OD_R_MEMORY_LIMIT);
    return feel_context_value(c);
}

struct feel_value fn_context(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *l = args[0].list;
    struct feel_context *c = feel_context_new(run->arena, l->n);
    (void)n_given;
    if (!c)
        return context_value(run, c);
    c->n = 0;
    for (size_t i = 0; i < l->n && feel_run_charge(run, 1 + c->n / 8); i++) {
        const struct feel_value *item = &l->items[i];
        const struct feel_value *key = item->kind == FEEL_CONTEXT ? feel_context_get(item->context, OD_STR("key")) : NULL;
        const struct feel_value *value = item->kind == FEEL_CONTEXT ? feel_context_get(item->context, OD_STR("value")) : NULL;
        if (!key || key->kind != FEEL_STRING || !value)
            return feel_run_fail(run, "an entry is a context of key, a string, and value", FEEL_NO_SUBJECT);
        if (feel_context_get(c, key->string))
            return feel_run_fail(run, "the key %s is there twice", key->string);
        c->entries[c->n++] = (struct feel_entry){key->string, *value};
    }
    return context_value(run, c);
}

struct feel_value fn_context_put(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    if (!feel_run_charge(run, args[0].context->n / 8))
        return FEEL_NULL_VALUE;
    return context_value(run, feel_context_put(run->arena, args[0].context, args[1].string, &args[2]));
}

/* Along the keys, all but the last of which must lead to contexts. */
struct feel_value fn_context_put_path(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *keys = args[1].list;
    const struct feel_context *along[FEEL_VALUE_DEPTH_MAX];
    struct feel_value v = args[0];
    (void)n_given;
    if (!keys->n || keys->n > FEEL_VALUE_DEPTH_MAX)
        return feel_run_fail(run, "a list of keys is wanted", FEEL_NO_SUBJECT);
    for (size_t i = 0; i < keys->n; i++) {
        if (keys->items[i].kind != FEEL_STRING || v.kind != FEEL_CONTEXT)
            return feel_run_fail(run, "the keys do not lead through contexts", FEEL_NO_SUBJECT);
        along[i] = v.context;
        const struct feel_value *next = feel_context_get(v.context, keys->items[i].string);
        v = next ? *next : FEEL_NULL_VALUE;
    }
    v = args[2];
    for (size_t i = keys->n; i-- && feel_run_charge(run, 1 + along[i]->n / 8);) {
        v = context_value(run, feel_context_put(run->arena, along[i], keys->items[i].string, &v));
        if (v.kind == FEEL_NULL)
            return v;
    }
    return v;
}

struct feel_value fn_context_merge(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *l = args[0].list;
    size_t n = 0;
    (void)n_given;
    for (size_t i = 0; i < l->n; i++) {
        if (l->items[i].kind != FEEL_CONTEXT)
            return feel_run_fail(run, "only contexts can be merged", FEEL_NO_SUBJECT);
        n += l->items[i].context->n;
    }
    struct feel_context *c = feel_context_new(run->arena, n);
    if (!c)
        return context_value(run, c);
    c->n = 0;
    for (size_t i = 0; i < l->n; i++)
        for (size_t k = 0; k < l->items[i].context->n && feel_run_charge(run, 1 + c->n / 8); k++) {
            const struct feel_entry *e = &l->items[i].context->entries[k];
            size_t at = 0;
            while (at < c->n && !od_str_eq(c->entries[at].name, e->name))
                at++;
            c->entries[at] = *e;
            c->n += at == c->n;
        }
    return context_value(run, c);
}
