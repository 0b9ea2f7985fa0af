/* SPDX-License-Identifier: Apache-2.0
 * ordo-picture: the diagram of a .bpmn file as SVG, with tokens, incidents and heat where they are given.
 *
 *   ordo-picture [--tokens MARKS] [--incidents MARKS] [--heat MARKS] [-o OUT.svg] FILE.bpmn
 *
 * Exit: 0, 64 wrong usage, 65 a model or marks that are not valid, 66 a file that cannot be read, 73 and 74 for the output. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "common/base/limits.h"
#include "server/domain/feel/feel_json.h"
#include "server/domain/process/picture.h"
#include "server/tools/file.h"

enum { PICTURE_BYTES_MAX = 64 << 20, COUNT_MAX = 999999, PERCENT_MAX = 100 };
enum { EXIT_BAD_DATA = 65, EXIT_NO_INPUT = 66, EXIT_NO_OUTPUT = 73, EXIT_IO = 74 };

enum mark_kind { MARK_TOKENS, MARK_INCIDENTS, MARK_HEAT, MARK_KINDS };
static const char *const mark_names[MARK_KINDS] = {"tokens", "incidents", "heat"};

static const char HELP[] =
    "usage: ordo-picture [options] FILE.bpmn\n"
    "Draws the diagram of a BPMN file as SVG.\n"
    "\n"
    "  -t, --tokens MARKS      a badge with the number of tokens\n"
    "  -i, --incidents MARKS   a red badge with the number of incidents\n"
    "  -H, --heat MARKS        a fill from white (0) to red (100)\n"
    "  -o, --output FILE       where the picture goes (standard output)\n"
    "  -h, --help\n"
    "  -V, --version\n"
    "\n"
    "MARKS are a JSON object of element ids and whole numbers, {\"review\": 2, \"pay\": 1}, or the path of a file that holds one.\n"
    "Exit: 0, 64 wrong usage, 65 a model or marks that are not valid, 66 a file that cannot be read.\n";

struct picture {
    struct od_arena arena;
    const char *path;
    struct model *m;
    struct picture_mark *marks;
    size_t n_marks, cap_marks;
    size_t *mark_of; /* by an element's ordinal: the place of its mark, from 1 */
};

static int complain(const char *where, const char *what)
{
    fprintf(stderr, "ordo-picture: %s: %s\n", where, what);
    return EXIT_BAD_DATA;
}

static int complain_err(const char *where, const struct od_err *err)
{
    char text[1024];
    return complain(where, od_err_text(err, text, sizeof text));
}

static int file_read(struct picture *p, const char *path, struct od_str *ret)
{
    if (tool_file_read(path, OD_MODEL_FILE_MAX + 1, &p->arena, ret)) /* one more than the reader takes: it says so */
        return 0;
    complain(path, errno ? strerror(errno) : "it is too large");
    return EXIT_NO_INPUT;
}

static struct picture_mark *mark_of(struct picture *p, const struct xml_node *e)
{
    size_t *place = &p->mark_of[e->ordinal];
    if (*place)
        return &p->marks[*place - 1];
    if (p->n_marks == p->cap_marks) {
        p->cap_marks = p->cap_marks ? 2 * p->cap_marks : 64;
        p->marks = od_xrealloc(p->marks, p->cap_marks * sizeof *p->marks);
    }
    p->marks[p->n_marks] = (struct picture_mark){.id = model_id_of(e)};
    *place = ++p->n_marks;
    return &p->marks[p->n_marks - 1];
}

static int mark(struct picture *p, const char *where, enum mark_kind kind, const struct feel_entry *e)
{
    char why[256];
    int64_t n, max = kind == MARK_HEAT ? PERCENT_MAX : COUNT_MAX;
    const struct xml_node *of = model_find(p->m, p->m->file.doc.root, e->name);
    if (!of) {
        snprintf(why, sizeof why, "%s has no element \"" OD_STR_FMT "\"", p->path, (int)(e->name.n < 80 ? e->name.n : 80), e->name.p);
        return complain(where, why);
    }
    const struct feel_value *v = &e->value;
    if (v->kind != FEEL_NUMBER || !od_decimal_is_integer(v->number) || !od_decimal_to_i64(v->number, &n) || n < 0 || n > max) {
        snprintf(why, sizeof why, "\"" OD_STR_FMT "\" wants a whole number from 0 to %lld", OD_STR_ARG(e->name), (long long)max);
        return complain(where, why);
    }
    struct picture_mark *k = mark_of(p, of);
    *(kind == MARK_TOKENS ? &k->tokens : kind == MARK_INCIDENTS ? &k->incidents : &k->heat_percent) = (unsigned)n;
    return 0;
}

static int marks_read(struct picture *p, enum mark_kind kind, const char *given)
{
    struct od_str text = od_str_trim(od_str_c(given));
    struct feel_value v;
    struct od_err err;
    char where[512];
    bool inside = text.n && text.p[0] == '{';
    snprintf(where, sizeof where, "%s%s%s", mark_names[kind], inside ? "" : " of ", inside ? "" : given);
    int status = inside ? 0 : file_read(p, given, &text);
    if (status)
        return status;
    if (feel_json_decode_plain(text, &p->arena, &v, &err) != OD_OK) /* "why=" and where in the JSON it is: there is no message here */
        return err.reason == OD_R_MESSAGE_MALFORMED ? complain(where, err.args + strlen("why=")) : complain_err(where, &err);
    if (v.kind != FEEL_CONTEXT)
        return complain(where, "a JSON object of element ids and numbers is wanted");
    for (size_t i = 0; i < v.context->n && !status; i++)
        status = mark(p, where, kind, &v.context->entries[i]);
    return status;
}

static int picture_write(const struct picture *p, const char *output)
{
    struct od_buf out;
    od_buf_init(&out, PICTURE_BYTES_MAX);
    picture_draw(p->m, p->marks, p->n_marks, &out);
    FILE *f = output ? fopen(output, "wb") : stdout;
    int status = 0;
    if (out.failed) {
        status = complain(p->path, "the picture is too large");
    } else if (!f) {
        complain(output, strerror(errno));
        status = EXIT_NO_OUTPUT;
    } else if (fwrite(out.p, 1, out.n, f) != out.n || fflush(f)) {
        complain(output ? output : "standard output", strerror(errno));
        status = EXIT_IO;
    }
    if (output && f && fclose(f))
        status = EXIT_IO;
    od_buf_done(&out);
    return status;
}

static int draw(struct picture *p, const char *const given[MARK_KINDS], const char *output)
{
    struct od_str bytes;
    struct od_err err;
    int status = file_read(p, p->path, &bytes);
    if (status)
        return status;
    if (model_read(bytes, NULL, &p->arena, &p->m, &err) != OD_OK)
        return complain_err(p->path, &err);
    if (p->m->file.doc.root->ns != XML_NS_BPMN)
        return complain(p->path, "it is not a BPMN 2.0 model");
    p->mark_of = OD_ARENA_ARRAY(&p->arena, p->m->file.doc.n_elements + 1, size_t);
    if (!p->mark_of)
        return complain(p->path, "there is no memory for it");
    for (int k = 0; k < MARK_KINDS && !status; k++)
        status = given[k] ? marks_read(p, (enum mark_kind)k, given[k]) : 0;
    return status ? status : picture_write(p, output);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"tokens", required_argument, NULL, 't'}, {"incidents", required_argument, NULL, 'i'}, {"heat", required_argument, NULL, 'H'},
        {"output", required_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'},            {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    const char *given[MARK_KINDS] = {NULL}, *output = NULL;
    for (int c; (c = getopt_long(argc, argv, "t:i:H:o:hV", options, NULL)) != -1;) {
        switch (c) {
        case 't': given[MARK_TOKENS] = optarg; break;
        case 'i': given[MARK_INCIDENTS] = optarg; break;
        case 'H': given[MARK_HEAT] = optarg; break;
        case 'o': output = optarg; break;
        case 'h': fputs(HELP, stdout); return 0;
        case 'V': puts("ordo-picture " ORDO_VERSION); return 0;
        default: fputs(HELP, stderr); return od_status_exit_code(OD_USAGE);
        }
    }
    if (optind + 1 != argc) {
        fputs(HELP, stderr);
        return od_status_exit_code(OD_USAGE);
    }
    struct picture p = {.path = argv[optind]};
    od_arena_init(&p.arena, OD_MODEL_BYTES_MAX);
    int status = draw(&p, given, output);
    free(p.marks);
    od_arena_done(&p.arena);
    return status;
}
