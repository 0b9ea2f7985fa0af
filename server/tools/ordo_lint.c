/* SPDX-License-Identifier: Apache-2.0
 * ordo-lint: errors and warnings of .bpmn and .dmn files. What it says is what the server says when a model is deployed.
 *
 *   ordo-lint [--profile deploy|omg|modeling] [--json] FILE...
 *
 * Exit: 0 no errors, 1 errors in a file, 64 wrong usage, 66 a file that cannot be read. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>

#include "common/base/limits.h"
#include "server/domain/dmn/dmn.h"
#include "server/domain/process/lint.h"
#include "server/tools/file.h"

enum { OUTPUT_BYTES_MAX = 64 << 20 };

struct options {
    enum lint_profile profile;
    bool json;
};

static bool slurp(const char *path, struct od_arena *arena, struct od_str *ret)
{
    return tool_file_read(path, OD_MODEL_FILE_MAX + 1, arena, ret); /* one more than the reader takes: it says so */
}

static enum od_status load_beside(void *ctx, struct od_str location, struct od_arena *arena, struct od_str *ret_bytes)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/" OD_STR_FMT, (const char *)ctx, OD_STR_ARG(location));
    bool local = location.n && location.p[0] != '/' && !memmem(location.p, location.n, "://", 3);
    return local && n > 0 && (size_t)n < sizeof path && slurp(path, arena, ret_bytes) ? OD_OK : OD_NOT_FOUND;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);
    return n >= k && !strcmp(s + n - k, end);
}

static void take_dmn(void *opaque, const struct dmn_finding *f)
{
    struct lint_report *r = opaque;
    lint_add(r, f->warning ? LINT_WARNING : LINT_ERROR, "dmn", NULL, "%s", f->why);
    if (!r->n)
        return;
    struct lint_finding *kept = &r->findings[r->n - 1];
    kept->line = f->line;
    kept->element_name = od_arena_copy(r->arena, od_str_c(f->element));
    kept->element_id = od_arena_copy(r->arena, od_str_c(f->id));
}

/* Returns the exit status of this file; appends what is to be said. */
static int lint_one(const char *path, const struct options *o, bool first, struct od_buf *out)
{
    struct od_arena arena;
    struct lint_report report;
    struct od_str bytes;
    struct model *m;
    struct od_err err;
    od_arena_init(&arena, OD_MODEL_BYTES_MAX);
    if (!slurp(path, &arena, &bytes)) {
        fprintf(stderr, "ordo-lint: %s: %s\n", path, errno ? strerror(errno) : "it is too large");
        od_arena_done(&arena);
        return 66;
    }
    lint_report_init(&report, o->profile, &arena);
    if (ends_with(path, ".dmn")) {
        if (dmn_lint(bytes, take_dmn, &report, &err) != OD_OK && !report.n_errors)
            lint_unreadable(&report, &err);
    } else {
        char *copy = od_xstrdup(path);
        struct model_loader loader = {load_beside, dirname(copy)};
        lint_file(bytes, &loader, NULL, &report, &m);
        free(copy);
    }
    if (o->json) {
        od_buf_c(out, first ? "" : ",\n");
        lint_write_json(&report, path, out);
    } else {
        lint_write_text(&report, path, out);
    }
    int status = report.n_errors ? 1 : 0;
    od_arena_done(&arena);
    return status;
}

static int usage(void)
{
    fputs("usage: ordo-lint [--profile deploy|omg|modeling] [--json] FILE...\n"
          "  deploy    what the server refuses (the default)\n"
          "  omg       and the rules of BPMN 2.0.2\n"
          "  modeling  and advice\n",
          stderr);
    return 64;
}

int main(int argc, char **argv)
{
    struct options o = {.profile = LINT_DEPLOY};
    int i = 1, status = 0;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (!strcmp(argv[i], "--json"))
            o.json = true;
        else if (strcmp(argv[i], "--profile") != 0 || i + 1 == argc || !lint_profile_from_name(argv[++i], &o.profile))
            return usage();
    }
    if (i == argc)
        return usage();
    struct od_buf out;
    od_buf_init(&out, OUTPUT_BYTES_MAX);
    od_buf_c(&out, o.json ? "[" : "");
    for (int k = i; k < argc; k++) {
        int s = lint_one(argv[k], &o, k == i, &out);
        status = s > status ? s : status;
    }
    od_buf_c(&out, o.json ? "]\n" : "");
    if (out.n)
        fwrite(out.p, 1, out.n, stdout);
    od_buf_done(&out);
    return fflush(stdout) ? 74 : status;
}
