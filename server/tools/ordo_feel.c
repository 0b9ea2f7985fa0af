/* SPDX-License-Identifier: Apache-2.0
 * ordo-feel: evaluates FEEL expressions with a JSON context, given as arguments or typed at a prompt. The only file of the
 * expression language that does I/O and reads a clock. */
#include "server/domain/feel/feel.h"
#include "server/domain/feel/feel_json.h"

#include "common/base/limits.h"

#include <getopt.h>
#include <histedit.h>
#include <stdio.h>
#include <unistd.h>

enum { ARENA_MAX = 256 << 20, OUT_MAX = 64 << 20, EXIT_NULL = 1 };

struct tool {
    struct od_arena context;       /* of the variables: as long as the program runs */
    struct feel_value vars;
    struct od_str *names;
    const struct od_zone *zone;
    int64_t now_us;                /* OD_TIME_NONE: the clock's */
    const char *input;             /* text of `?`: evaluate unary tests against it */
    enum { AS_FEEL, AS_JSON, AS_TYPED } as;
};

static const char HELP[] =
    "usage: ordo-feel [options] [EXPRESSION…]\n"
    "Evaluates FEEL expressions (DMN 1.5). Without an expression it reads one a line, with editing on a terminal.\n"
    "\n"
    "  -c, --context JSON   variables, as a JSON object\n"
    "  -f, --file PATH      variables, as a JSON object in a file (- for standard input)\n"
    "  -T, --typed          the context is typed JSON: {\"t\":\"context\",\"v\":{…}}\n"
    "  -u, --unary INPUT    the expressions are unary tests of the value of this expression\n"
    "  -j, --json           print plain JSON\n"
    "  -t, --json-typed     print typed JSON\n"
    "  -z, --zone NAME      time zone of now() and today() (UTC)\n"
    "  -n, --now INSTANT    what now() says (the clock), as 2026-01-31T12:00:00Z\n"
    "  -h, --help\n"
    "\n"
    "Exit: 0, 1 where a value is null because of an error, 65 where an expression cannot be read.\n";

static int complain(const struct od_err *err)
{
    char text[1024];
    fprintf(stderr, "ordo-feel: %s\n", od_err_text(err, text, sizeof text));
    return od_status_exit_code(err->status);
}

/* --- context ----------------------------------------------------------------------------------------------------------- */

static enum od_status context_set(struct tool *t, struct od_str json, bool typed, struct od_err *err)
{
    json = od_arena_copy(&t->context, json);
    if (!json.p)
        return od_fail(err, OD_R_MEMORY_LIMIT, "max=%d", ARENA_MAX);
    OD_TRY(typed ? feel_json_decode(json, &t->context, &t->vars, err) : feel_json_decode_plain(json, &t->context, &t->vars, err));
    if (t->vars.kind != FEEL_CONTEXT)
        return od_fail(err, OD_R_MESSAGE_MALFORMED, "why=the context is no object");
    t->names = OD_ARENA_ARRAY(&t->context, t->vars.context->n + 1, struct od_str);
    if (!t->names)
        return od_fail(err, OD_R_MEMORY_LIMIT, "max=%d", ARENA_MAX);
    for (size_t i = 0; i < t->vars.context->n; i++)
        t->names[i] = t->vars.context->entries[i].name;
    return OD_OK;
}

static enum od_status context_read(struct tool *t, const char *path, bool typed, struct od_err *err)
{
    struct od_buf b;
    FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
    size_t n;
    if (!f)
        return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=cannot be read", path);
    od_buf_init(&b, OUT_MAX);
    do {
        char *room = od_buf_reserve(&b, 65536);
        n = room ? fread(room, 1, 65536, f) : 0;
        b.n += n;
    } while (n);
    if (f != stdin)
        fclose(f);
    enum od_status s = b.failed ? od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=a context" OD_AND "max=%d bytes", OUT_MAX)
                                : context_set(t, od_buf_view(&b), typed, err);
    od_buf_done(&b);
    return s;
}

/* --- evaluating -------------------------------------------------------------------------------------------------------- */

static void print(const struct tool *t, const struct feel_value *v)
{
    struct od_buf out;
    od_buf_init(&out, OUT_MAX);
    if (t->as == AS_TYPED)
        feel_json_encode(v, &out);
    else if (t->as == AS_JSON)
        feel_json_encode_plain(v, &out);
    else if (v->kind == FEEL_STRING)
        feel_json_string(v->string, &out);
    else
        feel_value_format(v, &out);
    if (out.failed)
        fputs("ordo-feel: the value is too large to print\n", stderr);
    else
        printf("%.*s\n", (int)out.n, out.p ? out.p : "");
    od_buf_done(&out);
}

static enum od_status evaluate(const struct tool *t, const char *text, enum feel_grammar g, const struct feel_value *input,
                               struct od_arena *a, struct feel_value *ret, struct od_err *err)
{
    const struct feel_context *vars = t->vars.kind == FEEL_CONTEXT ? t->vars.context : NULL;
    const struct feel_scope scope = {.names = t->names, .n_names = vars ? vars->n : 0};
    const struct feel_env env = {.vars = vars, .zone = t->zone, .now_us = t->now_us == OD_TIME_NONE ? od_real_us() : t->now_us};
    const struct feel_program *p;
    OD_TRY(feel_parse(od_str_c(text), g, &scope, a, &p, err));
    return input ? feel_test(p, &env, input, a, ret, err) : feel_eval(p, &env, a, ret, err);
}

static int answer(const struct tool *t, const char *text)
{
    struct od_arena a;
    struct feel_value v, input;
    struct od_err err;
    char why[512];
    od_arena_init(&a, ARENA_MAX);
    enum od_status s = OD_OK;
    if (t->input)
        s = evaluate(t, t->input, FEEL_EXPRESSION, NULL, &a, &input, &err);
    if (s == OD_OK)
        s = evaluate(t, text, t->input ? FEEL_UNARY_TESTS : FEEL_EXPRESSION, t->input ? &input : NULL, &a, &v, &err);
    int code = 0;
    if (s != OD_OK) {
        code = complain(&err);
    } else {
        print(t, &v);
        feel_fault_text(&v, why, sizeof why);
        code = why[0] ? EXIT_NULL : 0;
        if (why[0])
            fprintf(stderr, "ordo-feel: null: %s\n", why);
    }
    od_arena_done(&a);
    return code;
}

/* --- lines ------------------------------------------------------------------------------------------------------------- */

static const char *prompt(EditLine *el)
{
    (void)el;
    return "feel> ";
}

static int lines_edited(const struct tool *t)
{
    HistEvent event;
    EditLine *el = el_init("ordo-feel", stdin, stdout, stderr);
    History *past = history_init();
    const char *line;
    int n, code = 0;
    if (!el || !past)
        return od_status_exit_code(OD_INTERNAL);
    history(past, &event, H_SETSIZE, 1000);
    el_set(el, EL_PROMPT, prompt);
    el_set(el, EL_EDITOR, "emacs");
    el_set(el, EL_HIST, history, past);
    while ((line = el_gets(el, &n)) && n > 0) {
        struct od_str s = od_str_trim((struct od_str){line, (size_t)n});
        char *copy = s.n ? strndup(s.p, s.n) : NULL;
        if (copy) {
            history(past, &event, H_ENTER, line);
            code = answer(t, copy);
        }
        free(copy);
    }
    history_end(past);
    el_end(el);
    return code;
}

static int lines_read(const struct tool *t)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int code = 0;
    while ((n = getline(&line, &cap, stdin)) >= 0) {
        while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            line[--n] = '\0';
        int one = n ? answer(t, line) : 0;
        code = one > code ? one : code;
    }
    free(line);
    return code;
}

/* --- main -------------------------------------------------------------------------------------------------------------- */

struct given {
    const char *context, *file, *zone, *now;
    bool typed, help;
};

static bool options_read(struct tool *t, struct given *g, int argc, char **argv)
{
    static const struct option options[] = {
        {"context", required_argument, NULL, 'c'}, {"file", required_argument, NULL, 'f'}, {"typed", no_argument, NULL, 'T'},
        {"unary", required_argument, NULL, 'u'},   {"json", no_argument, NULL, 'j'},       {"json-typed", no_argument, NULL, 't'},
        {"zone", required_argument, NULL, 'z'},    {"now", required_argument, NULL, 'n'},  {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "c:f:Tu:jtz:n:h", options, NULL)) != -1;) {
        switch (c) {
        case 'c': g->context = optarg; break;
        case 'f': g->file = optarg; break;
        case 'T': g->typed = true; break;
        case 'u': t->input = optarg; break;
        case 'j': t->as = AS_JSON; break;
        case 't': t->as = AS_TYPED; break;
        case 'z': g->zone = optarg; break;
        case 'n': g->now = optarg; break;
        case 'h': g->help = true; break;
        default: return false;
        }
    }
    return true;
}

static enum od_status prepare(struct tool *t, const struct given *g, struct od_err *err)
{
    if (g->zone)
        OD_TRY(od_zone_get(od_str_c(g->zone), &t->zone, err));
    if (g->now && !od_time_parse(od_str_c(g->now), &t->now_us))
        return od_fail(err, OD_R_USAGE_WRONG, "why=--now wants an instant such as 2026-01-31T12:00:00Z");
    if (g->file)
        OD_TRY(context_read(t, g->file, g->typed, err));
    return g->context ? context_set(t, od_str_c(g->context), g->typed, err) : OD_OK;
}

int main(int argc, char **argv)
{
    struct tool t = {.now_us = OD_TIME_NONE};
    struct given g = {0};
    struct od_err err;
    int code = 0;
    if (!options_read(&t, &g, argc, argv)) {
        fputs(HELP, stderr);
        return od_status_exit_code(OD_USAGE);
    }
    if (g.help) {
        fputs(HELP, stdout);
        return 0;
    }
    od_arena_init(&t.context, ARENA_MAX);
    if (prepare(&t, &g, &err) != OD_OK)
        code = complain(&err);
    else if (optind == argc)
        code = isatty(STDIN_FILENO) ? lines_edited(&t) : lines_read(&t);
    else
        for (int i = optind; i < argc; i++) {
            int one = answer(&t, argv[i]);
            code = one > code ? one : code;
        }
    od_arena_done(&t.context);
    return code;
}
