/* SPDX-License-Identifier: Apache-2.0
 * ordo-feel: evaluates FEEL expressions with a JSON context, given as arguments or typed at a prompt. The only file of the
 * expression language that does I/O and reads a clock. */
#include "server/domain/feel/feel.h"
#include "server/domain/feel/feel_json.h"

#include "common/base/limits.h"
#include "server/tools/file.h"

#include <getopt.h>
#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

enum { ARENA_MAX = 256 << 20, OUT_MAX = 64 << 20, CONTEXT_MAX = 64 << 20, HISTORY_MAX = 1000, CARET_LINE_MAX = 160 };
enum { EXIT_NULL = 1, EXIT_NO_INPUT = 66, EXIT_IO = 74 };

struct tool {
    struct od_arena context;       /* of the variables: as long as the program runs */
    struct feel_value vars;
    struct od_str *names;
    const struct od_zone *zone;
    int64_t now_us;                /* OD_TIME_NONE: the clock's */
    const char *input;             /* text of `?`: evaluate unary tests against it */
    const char *home;              /* where the prompt keeps its history; NULL: nowhere */
    enum { AS_FEEL, AS_JSON, AS_TYPED } as;
};

static const char HELP[] =
    "usage: ordo-feel [options] [EXPRESSION...]\n"
    "Evaluates FEEL expressions (DMN 1.5). Without an expression it reads one a line; on a terminal with editing and history, and\n"
    "an expression may go on over several lines.\n"
    "\n"
    "  -c, --context JSON   variables, as a JSON object\n"
    "  -f, --file PATH      variables, as a JSON object in a file (- for standard input)\n"
    "  -T, --typed          the context is typed JSON: {\"t\":\"context\",\"v\":{...}}\n"
    "  -u, --unary INPUT    the expressions are unary tests of the value of this expression\n"
    "  -j, --json           print plain JSON\n"
    "  -t, --json-typed     print typed JSON\n"
    "  -z, --zone NAME      time zone of now() and today() (UTC)\n"
    "  -n, --now INSTANT    what now() says (the clock), as 2026-01-31T12:00:00Z\n"
    "  -h, --help\n"
    "  -V, --version\n"
    "\n"
    "An expression that begins with - comes after --.\n"
    "Exit: 0, 1 where a value is null because of an error, 64 wrong usage, 65 an expression or a context that cannot be read,\n"
    "66 a file that cannot be read, 74 output that cannot be written.\n";

static int complain(const struct od_err *err)
{
    char text[1024];
    fprintf(stderr, "ordo-feel: %s\n", od_err_text(err, text, sizeof text));
    return od_status_exit_code(err->status);
}

/* --- context ----------------------------------------------------------------------------------------------------------- */

/* The text must live as long as the program runs. */
static int context_set(struct tool *t, struct od_str json, bool typed)
{
    struct od_err err;
    enum od_status (*decode)(struct od_str, struct od_arena *, struct feel_value *, struct od_err *) =
        typed ? feel_json_decode : feel_json_decode_plain;
    enum od_status s = decode(json, &t->context, &t->vars, &err);
    if (s == OD_OK && t->vars.kind == FEEL_CONTEXT) {
        t->names = OD_ARENA_ARRAY(&t->context, t->vars.context->n + 1, struct od_str);
        for (size_t i = 0; t->names && i < t->vars.context->n; i++)
            t->names[i] = t->vars.context->entries[i].name;
        if (t->names)
            return 0;
        s = od_fail(&err, OD_R_MEMORY_LIMIT, "max=%d", ARENA_MAX);
    }
    if (s == OD_OK)
        fputs("ordo-feel: the context: a JSON object is wanted\n", stderr);
    else if (err.reason == OD_R_MESSAGE_MALFORMED) /* "why=" and where in the JSON it is: there is no message here */
        fprintf(stderr, "ordo-feel: the context: %s\n", err.args + strlen("why="));
    else
        complain(&err);
    return od_status_exit_code(OD_INVALID);
}

static int context_read(struct tool *t, const char *path, bool typed)
{
    struct od_str json;
    if (tool_file_read(path, CONTEXT_MAX, &t->context, &json))
        return context_set(t, json, typed);
    fprintf(stderr, "ordo-feel: %s: %s\n", path, errno ? strerror(errno) : "it is too large");
    return EXIT_NO_INPUT;
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

static enum od_status evaluate(const struct tool *t, struct od_str text, enum feel_grammar g, const struct feel_value *input,
                               struct od_arena *a, struct feel_value *ret, struct od_err *err)
{
    const struct feel_context *vars = t->vars.kind == FEEL_CONTEXT ? t->vars.context : NULL;
    const struct feel_scope scope = {.names = t->names, .n_names = vars ? vars->n : 0};
    const struct feel_env env = {.vars = vars, .zone = t->zone, .now_us = t->now_us == OD_TIME_NONE ? od_real_us() : t->now_us};
    const struct feel_program *p;
    OD_TRY(feel_parse(text, g, &scope, a, &p, err));
    return input ? feel_test(p, &env, input, a, ret, err) : feel_eval(p, &env, a, ret, err);
}

/* The number after word at the start of s, which is cut off with it. */
static bool number_after(struct od_str *s, const char *word, char end, int64_t *ret)
{
    size_t n = strlen(word);
    if (s->n < n || memcmp(s->p, word, n) != 0)
        return false;
    *s = (struct od_str){s->p + n, s->n - n};
    return od_str_int(od_str_cut(s, end), 1, INT32_MAX, ret);
}

/* The place of "line 1, column 5: why". */
static bool place_of(const char *message, int64_t *ret_line, int64_t *ret_column)
{
    struct od_str s = od_str_c(message);
    return number_after(&s, "line ", ',', ret_line) && number_after(&s, " column ", ':', ret_column);
}

/* The message, then the line of text that it means and a caret below the place. */
static void explain(const char *before, struct od_str text, const char *message)
{
    struct od_str line;
    int64_t nth, column;
    fprintf(stderr, "ordo-feel: %s%s\n", before, message);
    if (!place_of(message, &nth, &column))
        return;
    do
        line = od_str_cut(&text, '\n');
    while (--nth > 0);
    if (!line.n || line.n > CARET_LINE_MAX)
        return;
    fprintf(stderr, "  " OD_STR_FMT "\n  ", OD_STR_ARG(line));
    for (size_t i = 0; i < line.n && column > 1; i++) {
        if (((unsigned char)line.p[i] & 0xC0) == 0x80) /* inside of a character */
            continue;
        fputc(line.p[i] == '\t' ? '\t' : ' ', stderr);
        column--;
    }
    fputs("^\n", stderr);
}

/* 0, or EXIT_NULL and why. */
static int null_explain(const char *before, const struct feel_value *v)
{
    char why[1024];
    if (!feel_fault_text(v, why, sizeof why)[0])
        return 0;
    explain(before, v->fault->source, why);
    return EXIT_NULL;
}

static int answer(const struct tool *t, struct od_str text)
{
    struct od_arena a;
    struct feel_value v, input;
    struct od_err err;
    char why[1024];
    int code = 0;
    od_arena_init(&a, ARENA_MAX);
    while (text.n && strchr(" \t\r\n", text.p[text.n - 1])) /* an end too early is told where the text ends */
        text.n--;
    struct od_str at = t->input ? od_str_c(t->input) : text; /* what is read */
    enum od_status s = t->input ? evaluate(t, at, FEEL_EXPRESSION, NULL, &a, &input, &err) : OD_OK;
    if (s == OD_OK) {
        code = t->input ? null_explain("the input is null: ", &input) : 0;
        s = evaluate(t, at = text, t->input ? FEEL_UNARY_TESTS : FEEL_EXPRESSION, t->input ? &input : NULL, &a, &v, &err);
    }
    if (s != OD_OK) {
        explain("", at, od_err_text(&err, why, sizeof why));
        code = od_status_exit_code(s);
    } else {
        print(t, &v);
        code |= null_explain("null: ", &v);
    }
    od_arena_done(&a);
    return code;
}

/* --- lines ------------------------------------------------------------------------------------------------------------- */

/* Whether more lines could make an expression of whole lines: what is wrong with them is that they end. */
static bool is_begun(const struct tool *t, struct od_str text)
{
    const struct feel_scope scope = {.names = t->names, .n_names = t->vars.kind == FEEL_CONTEXT ? t->vars.context->n : 0};
    const struct feel_program *p;
    struct od_arena a;
    struct od_err err;
    char why[1024];
    int64_t line, column, end = 1;
    od_arena_init(&a, ARENA_MAX);
    enum od_status s = feel_parse(text, t->input ? FEEL_UNARY_TESTS : FEEL_EXPRESSION, &scope, &a, &p, &err);
    od_arena_done(&a);
    for (size_t i = 0; i < text.n; i++)
        end += text.p[i] == '\n';
    return s != OD_OK && place_of(od_err_text(&err, why, sizeof why), &line, &column) && line == end && column == 1;
}

static const char PROMPT_HELP[] =
    "An expression, then Enter; one that is not complete goes on in the next line, an empty line ends it as it is.\n"
    "  :vars   the variables\n"
    "  :help   this\n"
    "  :quit   the end, as ^D is\n";

/* false: the end is wanted. */
static bool command(const struct tool *t, struct od_str word)
{
    if (od_str_eq_c(word, ":quit") || od_str_eq_c(word, ":q"))
        return false;
    if (od_str_eq_c(word, ":vars"))
        print(t, &t->vars);
    else
        fputs(PROMPT_HELP, od_str_eq_c(word, ":help") ? stdout : stderr);
    return true;
}

static const char *prompt(EditLine *el)
{
    const struct od_buf *text = NULL;
    el_get(el, EL_CLIENTDATA, &text);
    return text && text->n ? "  ... " : "feel> ";
}

/* One line more; false: the end is wanted. */
static bool line_take(const struct tool *t, struct od_str line, struct od_buf *text)
{
    bool empty = !od_str_trim(line).n;
    if (!text->n && (empty || line.p[0] == ':'))
        return empty || command(t, od_str_trim(line));
    od_buf_put(text, line.p, line.n);
    if (!empty && is_begun(t, od_buf_view(text)))
        return true;
    answer(t, od_buf_view(text));
    od_buf_clear(text);
    return true;
}

static int lines_edited(const struct tool *t)
{
    HistEvent event;
    EditLine *el = el_init("ordo-feel", stdin, stdout, stderr);
    History *past = history_init();
    struct od_buf text; /* of an expression that is not complete yet */
    char path[4096];
    const char *line;
    int n;
    if (!el || !past)
        return od_status_exit_code(OD_INTERNAL);
    od_buf_init(&text, OUT_MAX);
    snprintf(path, sizeof path, "%s/.ordo_feel_history", t->home ? t->home : "");
    history(past, &event, H_SETSIZE, HISTORY_MAX);
    history(past, &event, H_SETUNIQUE, 1);
    if (t->home)
        history(past, &event, H_LOAD, path);
    el_set(el, EL_PROMPT, prompt);
    el_set(el, EL_CLIENTDATA, &text);
    el_set(el, EL_EDITOR, "emacs");
    el_set(el, EL_SIGNAL, 1); /* it gives the terminal back when one ends the program */
    el_set(el, EL_HIST, history, past);
    puts("FEEL (DMN 1.5); :help for help");
    while ((line = el_gets(el, &n)) && n > 0) {
        if (od_str_trim((struct od_str){line, (size_t)n}).n)
            history(past, &event, H_ENTER, line);
        if (!line_take(t, (struct od_str){line, (size_t)n}, &text))
            break;
    }
    if (!line)
        putchar('\n'); /* after ^D */
    if (t->home)
        history(past, &event, H_SAVE, path);
    history_end(past);
    el_end(el);
    od_buf_done(&text);
    return 0;
}

static int lines_read(const struct tool *t)
{
    char *line = NULL;
    size_t cap = 0;
    int code = 0;
    while (getline(&line, &cap, stdin) >= 0) {
        int one = od_str_trim(od_str_c(line)).n ? answer(t, od_str_c(line)) : 0;
        code = one > code ? one : code;
    }
    free(line);
    return code;
}

/* --- main -------------------------------------------------------------------------------------------------------------- */

struct given {
    const char *context, *file, *zone, *now;
    bool typed;
};

enum { GO_ON = -1 };

/* The exit status where there is nothing more to do, or GO_ON. */
static int options_read(struct tool *t, struct given *g, int argc, char **argv)
{
    static const struct option options[] = {
        {"context", required_argument, NULL, 'c'}, {"file", required_argument, NULL, 'f'}, {"typed", no_argument, NULL, 'T'},
        {"unary", required_argument, NULL, 'u'},   {"json", no_argument, NULL, 'j'},       {"json-typed", no_argument, NULL, 't'},
        {"zone", required_argument, NULL, 'z'},    {"now", required_argument, NULL, 'n'},  {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},       {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "c:f:Tu:jtz:n:hV", options, NULL)) != -1;) {
        switch (c) {
        case 'c': g->context = optarg; break;
        case 'f': g->file = optarg; break;
        case 'T': g->typed = true; break;
        case 'u': t->input = optarg; break;
        case 'j': t->as = AS_JSON; break;
        case 't': t->as = AS_TYPED; break;
        case 'z': g->zone = optarg; break;
        case 'n': g->now = optarg; break;
        case 'h': fputs(HELP, stdout); return 0;
        case 'V': puts("ordo-feel " ORDO_VERSION); return 0;
        default: fputs(HELP, stderr); return od_status_exit_code(OD_USAGE);
        }
    }
    return GO_ON;
}

static int prepare(struct tool *t, const struct given *g)
{
    struct od_err err;
    if (g->zone && od_zone_get(od_str_c(g->zone), &t->zone, &err) != OD_OK)
        return complain(&err);
    if (g->now && !od_time_parse(od_str_c(g->now), &t->now_us)) {
        fputs("ordo-feel: --now wants an instant such as 2026-01-31T12:00:00Z\n", stderr);
        return od_status_exit_code(OD_USAGE);
    }
    if (g->file && g->context) {
        fputs("ordo-feel: either --context or --file gives the variables\n", stderr);
        return od_status_exit_code(OD_USAGE);
    }
    return g->file ? context_read(t, g->file, g->typed) : g->context ? context_set(t, od_str_c(g->context), g->typed) : 0;
}

static int run(const struct tool *t, char *const *expressions)
{
    int code = 0;
    if (!*expressions)
        return isatty(STDIN_FILENO) ? lines_edited(t) : lines_read(t);
    for (; *expressions; expressions++) {
        int one = answer(t, od_str_c(*expressions));
        code = one > code ? one : code;
    }
    return code;
}

int main(int argc, char **argv)
{
    struct tool t = {.now_us = OD_TIME_NONE, .home = getenv("HOME")};
    struct given g = {0};
    setlocale(LC_CTYPE, ""); /* the editor of lines wants to know what a character is */
    int code = options_read(&t, &g, argc, argv);
    if (code != GO_ON)
        return code;
    od_arena_init(&t.context, ARENA_MAX);
    code = prepare(&t, &g);
    if (!code)
        code = run(&t, argv + optind);
    od_arena_done(&t.context);
    if (!fflush(stdout) && !ferror(stdout))
        return code;
    fputs("ordo-feel: standard output cannot be written\n", stderr);
    return EXIT_IO;
}
