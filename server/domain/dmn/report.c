/* SPDX-License-Identifier: Apache-2.0
 * What a compilation says and keeps: findings, memory, names in scope, parsed texts. */
#include "server/domain/dmn/compile.h"

#include <stdio.h>

#include "common/base/limits.h"

static struct od_str nearest_id(const struct dmn_xml_node *n)
{
    for (; n; n = n->parent) {
        struct od_str id = dmn_xml_attr(n, "id");
        if (id.n)
            return id;
    }
    return OD_STR("");
}

enum od_status dmn_refusal(const struct dmn_finding *f, struct od_err *err)
{
    return od_fail(err, OD_R_DMN_REFUSED, "line=%u" OD_AND "element=%s%s%s" OD_AND "why=%s", f->line, f->element, f->id[0] ? " " : "",
                   f->id, f->why);
}

static void finding(struct compiler *c, const struct dmn_xml_node *n, bool warning, bool refuse, const char *why)
{
    struct dmn_finding f = {.warning = warning, .line = n->line};
    struct od_str id = nearest_id(n);
    snprintf(f.element, sizeof f.element, "%.*s", OD_STR_ARG(n->name));
    snprintf(f.id, sizeof f.id, "%.*s", OD_STR_ARG(id));
    if (c->import_depth)
        snprintf(f.why, sizeof f.why, "in the imported model %.*s: %s", OD_STR_ARG(c->m->name_space), why);
    else
        snprintf(f.why, sizeof f.why, "%s", why);
    if (c->report)
        c->report(c->opaque, &f);
    if (refuse && c->status == OD_OK)
        c->status = dmn_refusal(&f, c->err);
}

void dmn_find(struct compiler *c, const struct dmn_xml_node *n, bool warning, const char *fmt, ...)
{
    char why[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    finding(c, n, warning, !warning && c->options->strict, why);
}

void dmn_refuse(struct compiler *c, const struct dmn_xml_node *n, const char *why) { finding(c, n, false, true, why); }

void *dmn_alloc(struct compiler *c, size_t n, size_t size)
{
    void *p = od_arena_array(c->arena, n ? n : 1, size);
    if (!p && c->status == OD_OK)
        c->status = od_fail(c->err, OD_R_MEMORY_LIMIT, "max=%zu", c->arena->cap_bytes);
    return p;
}

bool dmn_index(struct compiler *c, struct od_arena *arena, const struct od_str *keys, unsigned n, struct dmn_index *ret)
{
    if (!dmn_index_build(arena, keys, n, ret) && c->status == OD_OK)
        c->status = od_fail(c->err, OD_R_MEMORY_LIMIT, "max=%zu", arena->cap_bytes);
    return ret->order != NULL;
}

struct od_str dmn_copy(struct compiler *c, struct od_str s)
{
    char *p = dmn_alloc(c, s.n + 1, 1);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return (struct od_str){p ? p : "", p ? s.n : 0};
}

struct od_str dmn_name(struct compiler *c, struct od_str s)
{
    char *p = dmn_alloc(c, s.n + 1, 1);
    size_t n = 0;
    for (size_t i = 0; p && i < s.n; i++) {
        bool space = s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r');
        if (!space)
            p[n++] = s.p[i];
        else if (n && p[n - 1] != ' ')
            p[n++] = ' ';
    }
    if (n && p[n - 1] == ' ')
        n--;
    return (struct od_str){p ? p : "", n};
}

bool dmn_names_check(struct compiler *c, const struct dmn_xml_node *n, const char *child, const char *inner)
{
    unsigned count = dmn_xml_count(n, child), i = 0, first;
    struct od_str *names = od_arena_array(c->scratch, count + 1, sizeof *names);
    struct dmn_index index;
    bool unique = true;
    XML_EACH(e, n, child)
    {
        const struct dmn_xml_node *named = inner ? dmn_xml_child(e, inner) : e;
        if (names)
            names[i++] = named ? dmn_name(c, dmn_xml_attr(named, "name")) : OD_STR("");
        if (named && !od_str_trim(dmn_xml_attr(named, "name")).n)
            dmn_find(c, named, false, "the element has no name");
    }
    if (!names || !dmn_index(c, c->scratch, names, count, &index))
        return true;
    i = 0;
    XML_EACH(e, n, child)
    {
        if (names[i].n && dmn_index_find(&index, names[i], &first) && first != i) {
            dmn_find(c, e, false, "there is another %s of the name %.*s", child, OD_STR_ARG(names[i]));
            unique = false;
        }
        i++;
    }
    return unique;
}

/* Where names may begin. */
static size_t words(struct od_str text)
{
    size_t n = 0;
    bool inside = false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char b = (unsigned char)text.p[i];
        bool letter = (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || b >= 0x80 || b == '_' || b == '?';
        n += letter && !inside;
        inside = letter;
    }
    return n;
}

/* A name in a text is compared with all that are known there. */
static bool work(struct compiler *c, uint64_t n)
{
    c->work += n;
    if (c->work > DMN_NAMES_WORK_MAX && c->status == OD_OK)
        c->status = od_fail(c->err, OD_R_LIMIT_EXCEEDED, "limit=comparisons of a model's names" OD_AND "max=%lld",
                            (long long)DMN_NAMES_WORK_MAX);
    return dmn_going(c);
}

void dmn_scope_push(struct compiler *c, struct od_str name)
{
    if (!work(c, 1))
        return;
    if (c->n_names == c->cap_names) {
        unsigned cap = c->cap_names ? c->cap_names * 2 : 64;
        struct od_str *names = od_arena_array(c->scratch, cap, sizeof *names);
        if (!names) {
            c->status = od_fail(c->err, OD_R_MEMORY_LIMIT, "max=%zu", c->scratch->cap_bytes);
            return;
        }
        if (c->n_names)
            memcpy(names, c->names, c->n_names * sizeof *names);
        c->names = names;
        c->cap_names = cap;
    }
    c->names[c->n_names++] = name;
}

const struct feel_program *dmn_parse(struct compiler *c, const struct dmn_xml_node *n, struct od_str text, enum feel_grammar g,
                                     const char **ret_why)
{
    const struct feel_scope scope = {.names = c->names, .n_names = c->n_names, .members = c->m->members, .n_members = c->m->n_members,
                                     .types = c->m->types, .n_types = c->m->n_types, .host = c->m->host};
    const struct feel_program *p = NULL;
    struct od_err err;
    char why[256];
    struct od_str language = dmn_xml_attr(n, "expressionLanguage");
    *ret_why = NULL;
    if (!language.n)
        language = c->language;
    if (language.n && !memmem(language.p, language.n, "FEEL", 4) && !memmem(language.p, language.n, "feel", 4)) {
        dmn_find(c, n, false, "the expression language %.*s is not executed", OD_STR_ARG(language));
        *ret_why = "the expression language is not executed";
        return NULL;
    }
    if (!work(c, (uint64_t)words(text) * (c->n_names + c->m->n_members)))
        return NULL;
    if (feel_parse(text, g, &scope, c->arena, &p, &err) == OD_OK)
        return p;
    if (c->arena->exhausted) {
        c->status = od_fail(c->err, OD_R_MEMORY_LIMIT, "max=%zu", c->arena->cap_bytes);
        return NULL;
    }
    od_err_text(&err, why, sizeof why);
    dmn_find(c, n, false, "%s", why);
    *ret_why = dmn_copy(c, od_str_c(why)).p;
    return NULL;
}
