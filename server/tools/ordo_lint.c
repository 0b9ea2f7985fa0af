/* SPDX-License-Identifier: Apache-2.0
 * ordo-lint: errors and warnings of .bpmn and .dmn files. What it says is what the server says when a model is deployed.
 *
 *   ordo-lint [--profile deploy|omg|modeling] [--json] [--quiet] FILE...
 *
 * Exit: 0 no errors, 1 errors in a file, 64 wrong usage, 66 a file that cannot be read, 74 output that cannot be written. A file
 * that cannot be read costs only itself: it has its place in the JSON, and the others are judged. */
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <strings.h>

#include "common/base/limits.h"
#include "server/domain/dmn/dmn.h"
#include "server/domain/process/lint.h"
#include "server/tools/file.h"

enum { OUTPUT_BYTES_MAX = 64 << 20 }; /* of one file */
enum { EXIT_ERRORS = 1, EXIT_NO_INPUT = 66, EXIT_IO = 74 };

static const char HELP[] =
    "usage: ordo-lint [options] FILE...\n"
    "Errors and warnings of BPMN and DMN models; - is standard input.\n"
    "\n"
    "  -p, --profile NAME   what a BPMN model is judged by:\n"
    "                         deploy    what the server refuses (the default)\n"
    "                         omg       and the rules of BPMN 2.0.2\n"
    "                         modeling  a drawing under work: broken structure, and advice\n"
    "  -j, --json           the findings as a JSON list, one object a file\n"
    "  -q, --quiet          errors only, no warnings and no totals\n"
    "  -h, --help\n"
    "  -V, --version\n"
    "\n"
    "Exit: 0 no errors, 1 errors in a file, 64 wrong usage, 66 a file that cannot be read, 74 output that cannot be written.\n";

struct run {
    enum lint_profile profile;
    bool json, quiet;
    unsigned n_files, n_errors, n_warnings;
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

static bool named_dmn(const char *path)
{
    size_t n = strlen(path);
    return n >= 4 && !strcasecmp(path + n - 4, ".dmn");
}

static void take_dmn(void *opaque, const struct dmn_finding *f)
{
    struct lint_report *r = opaque;
    struct lint_finding *kept = lint_add(r, f->warning ? LINT_WARNING : LINT_ERROR, "dmn", NULL, "%s", f->why);
    if (!kept)
        return;
    kept->line = f->line;
    kept->element_name = od_arena_copy(r->arena, od_str_c(f->element));
    kept->element_id = od_arena_copy(r->arena, od_str_c(f->id));
}

static void judge_dmn(struct od_str bytes, struct lint_report *r)
{
    struct od_err err;
    if (dmn_lint(bytes, take_dmn, r, &err) != OD_OK && err.reason != OD_R_DMN_REFUSED) /* which is a finding already */
        lint_unreadable(r, &err);
}

/* By the name or, where that does not tell (standard input), by the root element. */
static void judge(const char *path, struct od_str bytes, struct lint_report *r)
{
    struct model *m = NULL;
    if (named_dmn(path)) {
        judge_dmn(bytes, r);
        return;
    }
    char *copy = od_xstrdup(path);
    struct model_loader loader = {load_beside, dirname(copy)};
    lint_file(bytes, &loader, NULL, r, &m);
    free(copy);
    if (m && m->file.doc.root->ns == XML_NS_DMN) {
        lint_report_init(r, r->profile, r->arena);
        judge_dmn(bytes, r);
    }
}

static void drop_warnings(struct lint_report *r)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < r->n; i++)
        if (r->findings[i].severity == LINT_ERROR)
            r->findings[kept++] = r->findings[i];
    r->n = kept;
    r->n_warnings = 0;
}

/* JSON is UTF-8, a path is any bytes. */
static const char *printable(const char *path, struct od_arena *arena)
{
    char *copy = od_arena_strn(arena, path, strlen(path));
    if (copy && od_utf8_len(od_str_c(copy)) == SIZE_MAX)
        for (char *p = copy; *p; p++)
            *p = (unsigned char)*p < 0x80 ? *p : '?';
    return copy ? copy : "";
}

static int report_write(const struct run *run, const struct lint_report *r, const char *path)
{
    struct od_buf out;
    od_buf_init(&out, OUTPUT_BYTES_MAX);
    if (run->json) {
        od_buf_c(&out, run->n_files ? ",\n" : "[");
        lint_write_json(r, printable(path, r->arena), &out);
    } else {
        lint_write_text(r, path, &out);
        if (r->n < r->n_errors + r->n_warnings)
            od_buf_printf(&out, "%s: %u more are not shown\n", path, r->n_errors + r->n_warnings - r->n);
    }
    bool ok = !out.failed && (!out.n || fwrite(out.p, 1, out.n, stdout) == out.n);
    od_buf_done(&out);
    return ok ? 0 : EXIT_IO;
}

/* Returns the exit status of this file. */
static int lint_one(const char *path, struct run *run)
{
    struct od_arena arena;
    struct lint_report report;
    struct od_str bytes;
    int status = 0;
    od_arena_init(&arena, OD_MODEL_BYTES_MAX);
    lint_report_init(&report, run->profile, &arena);
    if (slurp(path, &arena, &bytes)) {
        judge(path, bytes, &report);
        status = report.n_errors ? EXIT_ERRORS : 0;
    } else {
        lint_add(&report, LINT_ERROR, "file", NULL, "%s", errno ? strerror(errno) : "it is too large");
        status = EXIT_NO_INPUT;
    }
    if (run->quiet)
        drop_warnings(&report);
    int written = 0;
    if (run->json || status != EXIT_NO_INPUT)
        written = report_write(run, &report, path);
    if (status == EXIT_NO_INPUT)
        fprintf(stderr, "ordo-lint: %s: %s\n", path, report.n ? report.findings[0].text : "no memory");
    run->n_files++;
    run->n_errors += report.n_errors;
    run->n_warnings += report.n_warnings;
    od_arena_done(&arena);
    return written > status ? written : status;
}

static void totals(const struct run *run)
{
    fflush(stdout); /* they come last */
    fprintf(stderr, "%u files: %u error%s, %u warning%s\n", run->n_files, run->n_errors, run->n_errors == 1 ? "" : "s", run->n_warnings,
            run->n_warnings == 1 ? "" : "s");
}

static int usage(const char *why, const char *subject)
{
    if (why)
        fprintf(stderr, "ordo-lint: %s%s\n", why, subject);
    fputs(HELP, stderr);
    return od_status_exit_code(OD_USAGE);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"profile", required_argument, NULL, 'p'}, {"json", no_argument, NULL, 'j'},    {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},          {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0},
    };
    struct run run = {.profile = LINT_DEPLOY};
    int status = 0;
    for (int c; (c = getopt_long(argc, argv, "p:jqhV", options, NULL)) != -1;) {
        switch (c) {
        case 'p':
            if (!lint_profile_from_name(optarg, &run.profile))
                return usage("there is no profile ", optarg);
            break;
        case 'j': run.json = true; break;
        case 'q': run.quiet = true; break;
        case 'h': fputs(HELP, stdout); return 0;
        case 'V': puts("ordo-lint " ORDO_VERSION); return 0;
        default: return usage(NULL, NULL);
        }
    }
    if (optind == argc)
        return usage(NULL, NULL);
    for (int i = optind; i < argc; i++) {
        int one = lint_one(argv[i], &run);
        status = one > status ? one : status;
    }
    if (run.json)
        puts("]");
    else if (!run.quiet && run.n_files > 1)
        totals(&run);
    if (status != EXIT_IO && !fflush(stdout) && !ferror(stdout))
        return status;
    fputs("ordo-lint: standard output cannot be written\n", stderr);
    return EXIT_IO;
}
