/* SPDX-License-Identifier: Apache-2.0
 * One case, one child process, one line. */
#include "tests/conformance/bpmn_case.h"

#include <libgen.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/limits.h"

enum { CASE_SECONDS_MAX = 20 };

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

static void answer_in_child(const char *line, const char *dir, const char *model_key, json_t *(*answer)(struct bpmn_case *c), FILE *out)
{
    struct bpmn_case c = {.row = json_loads(line, 0, NULL), .root = dir};
    const char *id = json_string_value(json_object_get(c.row, "id"));
    const char *model = json_string_value(json_object_get(c.row, model_key));
    json_t *reply = NULL;
    alarm(CASE_SECONDS_MAX);
    od_arena_init(&c.arena, OD_MODEL_BYTES_MAX);
    c.id = id;
    char path[4096];
    snprintf(path, sizeof path, "%s/models/%s", dir, model ? model : "");
    char *copy = od_xstrdup(path);
    c.dir = dirname(copy);
    if (slurp(path, &c.arena, &c.bytes))
        reply = answer(&c);
    else
        reply = json_pack("{s:s}", "error", "the model cannot be read");
    json_object_set_new(reply, "id", json_string(id ? id : ""));
    json_dumpf(reply, out, JSON_COMPACT);
    fputc('\n', out);
    fflush(out);
    json_decref(reply);
    json_decref(c.row);
    od_arena_done(&c.arena);
    free(copy);
}

static void put_failed(const char *line, FILE *out)
{
    json_t *row = json_loads(line, 0, NULL), *reply = json_object();
    json_object_set(reply, "id", json_object_get(row, "id"));
    json_object_set_new(reply, "error", json_string("the case ended abnormally"));
    json_dumpf(reply, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(reply);
    json_decref(row);
}

enum od_status bpmn_cases(FILE *cases, const char *dir, const char *model_key, json_t *(*answer)(struct bpmn_case *c), FILE *out,
                          struct od_err *err)
{
    char *line = NULL;
    size_t cap = 0;
    (void)err;
    while (getline(&line, &cap, cases) > 0) {
        fflush(out);
        pid_t child = fork();
        if (child == 0) {
            answer_in_child(line, dir, model_key, answer, out);
            _exit(0);
        }
        int status = 1;
        if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
            put_failed(line, out);
    }
    free(line);
    return OD_OK;
}
