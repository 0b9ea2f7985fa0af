/* SPDX-License-Identifier: Apache-2.0
 * A case's row, its model and what the model imports. */
#include "tests/conformance/bpmn_case.h"

#include <libgen.h>

#include "common/base/limits.h"
#include "tests/conformance/case_lines.h"

static bool slurp(const char *path, struct od_arena *arena, struct od_str *ret)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    char *p = n >= 0 && n <= OD_MODEL_FILE_MAX ? od_arena_alloc(arena, (size_t)n + 1) : NULL;
    bool ok = p && fread(p, 1, (size_t)n, f) == (size_t)n;
    fclose(f);
    *ret = (struct od_str){p, (size_t)n};
    return ok;
}

static enum od_status load_beside(void *ctx, struct od_str location, struct od_arena *arena, struct od_str *ret_bytes)
{
    const struct bpmn_case *c = ctx;
    char path[4096];
    snprintf(path, sizeof path, "%s/" OD_STR_FMT, c->dir, OD_STR_ARG(location));
    if (!location.n || slurp(path, arena, ret_bytes))
        return location.n ? OD_OK : OD_NOT_FOUND;
    /* a case lists the files that belong to it, which may have been moved: the only one is meant */
    json_t *listed = json_object_get(c->row, "imports");
    const char *only = json_array_size(listed) == 1 ? json_string_value(json_array_get(listed, 0)) : NULL;
    snprintf(path, sizeof path, "%s/models/%s", c->root, only ? only : "");
    return only && slurp(path, arena, ret_bytes) ? OD_OK : OD_NOT_FOUND;
}

struct model_loader bpmn_case_loader(struct bpmn_case *c) { return (struct model_loader){load_beside, c}; }

struct answering {
    const char *dir, *model_key;
    json_t *(*answer)(struct bpmn_case *c);
};

static void answer_line(void *ctx, const char *line, FILE *out)
{
    const struct answering *a = ctx;
    struct bpmn_case c = {.row = json_loads(line, 0, NULL), .root = a->dir};
    const char *id = json_string_value(json_object_get(c.row, "id"));
    const char *model = json_string_value(json_object_get(c.row, a->model_key));
    json_t *reply = NULL;
    od_arena_init(&c.arena, OD_MODEL_BYTES_MAX);
    c.id = id;
    char path[4096];
    snprintf(path, sizeof path, "%s/models/%s", a->dir, model ? model : "");
    char *copy = od_xstrdup(path);
    c.dir = dirname(copy);
    if (slurp(path, &c.arena, &c.bytes))
        reply = a->answer(&c);
    else
        reply = json_pack("{s:s}", "error", "the model cannot be read");
    json_object_set_new(reply, "id", json_string(id ? id : ""));
    json_dumpf(reply, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(reply);
    json_decref(c.row);
    od_arena_done(&c.arena);
    free(copy);
}

enum od_status bpmn_cases(FILE *cases, const char *dir, const char *model_key, json_t *(*answer)(struct bpmn_case *c), FILE *out,
                          struct od_err *err)
{
    struct answering a = {dir, model_key, answer};
    (void)err;
    case_lines(cases, answer_line, &a, out);
    return OD_OK;
}
