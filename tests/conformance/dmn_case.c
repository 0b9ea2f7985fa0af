/* SPDX-License-Identifier: Apache-2.0
 * Reads case lines, finds models. Errors of a case stay on its line. */
#include "tests/conformance/dmn_case.h"

#include <dirent.h>
#include <sys/types.h>

#include "common/base/limits.h"
#include "server/domain/feel/feel_json.h"
#include "tests/conformance/case_lines.h"

enum { LINE_MAX_BYTES = 64 << 20 };

static struct feel_value read_text(const struct feel_type *t, const struct feel_value *v)
{
    struct od_decimal d;
    if (v->kind != FEEL_STRING)
        return *v;
    if (t->kind == FEEL_NUMBER)
        return od_decimal_parse(od_str_trim(v->string), &d) ? feel_number(d) : *v;
    if (t->kind == FEEL_BOOLEAN && (od_str_eq_c(v->string, "true") || od_str_eq_c(v->string, "false")))
        return feel_boolean(v->string.p[0] == 't');
    struct feel_value read = feel_temporal_parse(v->string, (enum feel_kind)t->kind);
    return read.kind == FEEL_NULL ? *v : read;
}

static const struct feel_type *member_type(const struct feel_type *t, struct od_str name)
{
    for (unsigned i = 0; t->kind == FEEL_CONTEXT && i < t->n; i++)
        if (od_str_eq(t->members[i].name, name))
            return t->members[i].type;
    return NULL;
}

struct feel_value dmn_case_read_untyped(const struct feel_type *t, const struct feel_value *from, const struct feel_value *v,
                                        struct od_arena *a)
{
    const struct feel_value *tag = from->kind == FEEL_CONTEXT ? feel_context_get(from->context, OD_STR("t")) : NULL;
    const struct feel_value *inner = tag ? feel_context_get(from->context, OD_STR("v")) : NULL;
    if (t && t->kind == FEEL_LIST && v->kind != FEEL_LIST)
        t = t->item;
    if (!t || !inner || tag->kind != FEEL_STRING)
        return *v;
    if (od_str_eq_c(tag->string, "untyped"))
        return read_text(t, v);
    if (v->kind == FEEL_LIST && inner->kind == FEEL_LIST) {
        struct feel_list *l = feel_list_new(a, v->list->n);
        for (size_t i = 0; l && i < l->n; i++)
            l->items[i] = dmn_case_read_untyped(t->kind == FEEL_LIST ? t->item : t, &inner->list->items[i], &v->list->items[i], a);
        return feel_list_value(l);
    }
    if (v->kind == FEEL_CONTEXT && inner->kind == FEEL_CONTEXT) {
        struct feel_context *c = feel_context_new(a, v->context->n);
        for (size_t i = 0; c && i < c->n; i++) {
            const struct feel_entry *e = &v->context->entries[i];
            c->entries[i] = (struct feel_entry){e->name, dmn_case_read_untyped(member_type(t, e->name), &inner->context->entries[i].value,
                                                                               &e->value, a)};
        }
        return feel_context_value(c);
    }
    return *v;
}

struct answering {
    const char *dir;
    size_t arena_max;
    dmn_case_fn answer;
};

static void answer_line(void *ctx, const char *line, FILE *out)
{
    const struct answering *c = ctx;
    struct feel_value row;
    struct od_arena a;
    struct od_buf b;
    struct od_err err = {0};
    char text[512];
    od_arena_init(&a, c->arena_max);
    od_buf_init(&b, LINE_MAX_BYTES);
    if (feel_json_decode_plain(od_str_c(line), &a, &row, &err) != OD_OK || row.kind != FEEL_CONTEXT) {
        od_buf_done(&b);
        od_arena_done(&a);
        return;
    }
    const struct feel_value *id = feel_context_get(row.context, OD_STR("id"));
    od_buf_c(&b, "{\"id\":");
    feel_json_encode_plain(id ? id : &FEEL_NULL_VALUE, &b);
    size_t head = b.n;
    if (c->answer(&row, c->dir, &a, &b, &err) != OD_OK) {
        b.failed = false;
        b.n = head;
        od_buf_c(&b, ",\"error\":");
        feel_json_string(od_str_c(od_err_text(&err, text, sizeof text)), &b);
    }
    od_buf_c(&b, "}\n");
    fwrite(b.p, 1, b.n, out);
    od_buf_done(&b);
    od_arena_done(&a);
}

enum od_status dmn_case_lines(FILE *cases, const char *dir, FILE *out, size_t arena_max, dmn_case_fn answer, struct od_err *err)
{
    struct answering c = {dir, arena_max, answer};
    (void)err;
    case_lines(cases, answer_line, &c, out);
    return OD_OK;
}

/* --- models ---------------------------------------------------------------------------------------------------------- */

static bool file_read(const char *path, struct od_buf *out)
{
    FILE *f = fopen(path, "r");
    size_t n;
    od_buf_init(out, DMN_MODEL_MAX_BYTES);
    if (!f)
        return false;
    do {
        char *room = od_buf_reserve(out, 65536);
        n = room ? fread(room, 1, 65536, f) : 0;
        out->n += n;
    } while (n);
    fclose(f);
    return !out->failed;
}

static bool is_model(const char *file)
{
    size_t n = strlen(file);
    return n > 4 && !strcmp(file + n - 4, ".dmn");
}

/* An imported model lies in the same folder: the one that says so in its namespace. */
struct folder {
    char path[900];
    struct od_buf texts[16];
    size_t n;
};

static bool has_namespace(const struct od_buf *text, struct od_str name_space)
{
    static const struct dmn_options alone = {.alone = true};
    struct dmn_model *m = NULL;
    struct od_err err;
    bool has = dmn_model_compile(od_buf_view(text), &alone, NULL, NULL, &m, &err) == OD_OK && od_str_eq(dmn_model_namespace(m), name_space);
    dmn_model_free(m);
    return has;
}

static bool find_import(void *opaque, struct od_str name_space, struct od_str location, struct od_str *ret_xml)
{
    struct folder *f = opaque;
    char path[1200];
    bool found = false;
    (void)location;
    DIR *d = opendir(f->path);
    for (struct dirent *e; d && !found && f->n < OD_LEN(f->texts) && (e = readdir(d));) {
        if (!is_model(e->d_name))
            continue;
        struct od_buf *text = &f->texts[f->n];
        snprintf(path, sizeof path, "%s/%s", f->path, e->d_name);
        if (!file_read(path, text)) {
            od_buf_done(text);
            continue;
        }
        found = has_namespace(text, name_space);
        if (found)
            f->n++;
        else
            od_buf_done(text);
    }
    if (d)
        closedir(d);
    if (found)
        *ret_xml = od_buf_view(&f->texts[f->n - 1]);
    return found;
}

enum od_status dmn_case_model(const char *dir, struct od_str in, struct od_str file, const struct dmn_model **ret, struct od_err *err)
{
    struct folder folder = {.n = 0};
    struct dmn_options options = {.import = find_import, .opaque = &folder};
    struct dmn_model *model = NULL;
    struct od_buf xml;
    char path[1024];
    snprintf(folder.path, sizeof folder.path, "%s/models/%.*s", dir, OD_STR_ARG(in));
    snprintf(path, sizeof path, "%.*s/%.*s", 880, folder.path, file.n > 120 ? 120 : (int)file.n, file.p);
    enum od_status s = file_read(path, &xml) ? dmn_model_compile(od_buf_view(&xml), &options, NULL, NULL, &model, err)
                                             : od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=cannot be read", path);
    od_buf_done(&xml);
    for (size_t i = 0; i < folder.n; i++)
        od_buf_done(&folder.texts[i]);
    *ret = model;
    return s;
}

enum od_status dmn_case_model_in(const char *dir, struct od_str in, struct od_arena *a, const struct dmn_model **ret, struct od_err *err)
{
    char folder[900];
    const char *file = NULL;
    snprintf(folder, sizeof folder, "%s/models/%.*s", dir, OD_STR_ARG(in));
    DIR *d = opendir(folder);
    for (struct dirent *e; d && !file && (e = readdir(d));)
        if (is_model(e->d_name))
            file = od_arena_strn(a, e->d_name, strlen(e->d_name));
    if (d)
        closedir(d);
    if (!file)
        return od_fail(err, OD_R_NO_SUCH, "kind=model" OD_AND "id=%s", folder);
    return dmn_case_model(dir, in, od_str_c(file), ret, err);
}
