/* SPDX-License-Identifier: Apache-2.0
 * Options by rows, and the table of verbs held against the methods: a row that names a field which does not exist fails here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/cli/admin.h"

struct own {
    const char *word, *text;
    int64_t number;
    bool flag;
    struct opt_list list;
};

static const struct opt ROWS[] = {
    {.name = "REQUEST", .kind = OPT_FIELD, .required = true, .field = "request_id", .lookup = "request", .help = "h"},
    {.name = "WORD", .kind = OPT_TEXT, .offset = offsetof(struct own, word), .help = "h"},
    {.name = "text", .letter = 't', .kind = OPT_TEXT, .offset = offsetof(struct own, text), .help = "h"},
    {.name = "number", .letter = 'n', .kind = OPT_NUMBER, .offset = offsetof(struct own, number), .min = 1, .max = 9, .help = "h"},
    {.name = "flag", .letter = 'f', .kind = OPT_FLAG, .offset = offsetof(struct own, flag), .help = "h"},
    {.name = "list", .kind = OPT_LIST, .offset = offsetof(struct own, list), .help = "h"},
    {.name = "for", .kind = OPT_FIELD, .field = "wait_for", .help = "h"},
    {0},
};

static void parse_rows(void **state)
{
    static const struct {
        const char *name;
        const char *argv[8];
        const char *refused; /* a part of the message; NULL: taken */
        const char *text;
        int64_t request, number;
    } rows[] = {
        {"a value behind a space, an equals sign or a letter", {"5", "--text=a", "-n3"}, NULL, "a", 5, 3},
        {"letters may stand together", {"5", "-fn", "4"}, NULL, NULL, 5, 4},
        {"options may come first", {"--text", "b", "7"}, NULL, "b", 7, 0},
        {"behind -- everything is an argument", {"5", "--", "--text"}, NULL, NULL, 5, 0},
        {"a negative number is an argument", {"-5"}, NULL, NULL, -5, 0},
        {"a name waits for its look-up", {"#17"}, NULL, NULL, 0, 0},
        {"an unknown option with the nearest name", {"5", "--txt", "a"}, "did you mean --text?", NULL, 0, 0},
        {"an unknown letter", {"5", "-x"}, "no option -x", NULL, 0, 0},
        {"a value is missing", {"5", "--text"}, "wants a value", NULL, 0, 0},
        {"a flag takes none", {"5", "--flag=yes"}, "takes no value", NULL, 0, 0},
        {"a number beyond its range", {"5", "-n", "10"}, "from 1 to 9", NULL, 0, 0},
        {"too many arguments", {"5", "a", "b"}, "one argument too many", NULL, 0, 0},
        {"a required argument is missing", {"--flag"}, "REQUEST is missing", NULL, 0, 0},
        {"an enum's value", {"5", "--for", "nobdy"}, "must be one of nobody customer", NULL, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct own own = {0};
        Ordo__RequestWaitReq *m = (Ordo__RequestWaitReq *)(void *)msg_new(&ordo__request_wait_req__descriptor);
        struct opt_set set = {.tables = {{ROWS, &own}}, .n_tables = 1, .request = &m->base};
        ordo_error error = {.status = ORDO_OK};
        int argc = 0, at = 0;
        while (rows[i].argv[argc])
            argc++;
        enum ordo_status s = opt_parse(&set, argc, (char *const *)rows[i].argv, &at, false, &error);
        if (s == ORDO_OK)
            s = opt_required(&set, &error);
        if (rows[i].refused) {
            if (s != ORDO_USAGE || !strstr(error.text, rows[i].refused))
                fail_msg("%s: %d \"%s\"", rows[i].name, (int)s, error.text);
        } else if (s != ORDO_OK || m->request_id != rows[i].request || own.number != rows[i].number ||
                   (rows[i].text && strcmp(own.text, rows[i].text) != 0)) {
            fail_msg("%s: %d \"%s\"", rows[i].name, (int)s, error.text);
        }
        msg_free(&m->base);
    }
}

/* Every verb's method exists, every field is its request's, every column is a path of its rows, no letter comes twice. */
static void verbs_fit_methods(void **state)
{
    (void)state;
    for (size_t f = 0; VERBS_ALL[f]; f++)
        for (const struct verb *v = VERBS_ALL[f]; v->name; v++) {
            const ordo_method *m = v->method ? ordo_method_by_name(v->method) : NULL;
            bool letters[128] = {false};
            if (v->method && !m)
                fail_msg("%s: there is no method %s", v->name, v->method);
            if (!v->method && !v->run)
                fail_msg("%s does nothing", v->name);
            if (m && m->part && !v->columns && !v->run)
                fail_msg("%s is a list without columns", v->name);
            for (const struct opt *o = GLOBAL_OPTIONS; o->name; o++)
                letters[(unsigned char)o->letter] = true;
            for (const struct opt *o = v->opts; o && o->name; o++) {
                if ((o->kind == OPT_FIELD || o->kind == OPT_PAIR) && (!m || !msg_field(m->request, o->field)))
                    fail_msg("%s --%s: no field %s", v->name, o->name, o->field);
                if (o->letter && !opt_is_argument(o) && letters[(unsigned char)o->letter])
                    fail_msg("%s --%s: the letter %c is taken", v->name, o->name, o->letter);
                letters[(unsigned char)o->letter] = true;
                if (!opt_is_argument(o))
                    for (const struct opt *g = GLOBAL_OPTIONS; g->name; g++)
                        if (!strcmp(o->name, g->name))
                            fail_msg("%s --%s hides an option of every command", v->name, o->name);
                if (!o->help || (o->kind != OPT_FIELD && o->kind != OPT_PAIR && v->own_bytes <= o->offset))
                    fail_msg("%s --%s is not complete", v->name, o->name);
            }
            for (const struct column *c = v->columns; c && c->title; c++) {
                const ProtobufCFieldDescriptor *rows = m && m->part ? msg_field(m->part, "rows") : NULL;
                const ProtobufCMessageDescriptor *d = rows ? rows->descriptor : NULL;
                struct od_str rest = od_str_c(c->path);
                while (rest.n) {
                    char name[64];
                    struct od_str part = od_str_cut(&rest, '.');
                    snprintf(name, sizeof name, OD_STR_FMT, OD_STR_ARG(part));
                    const ProtobufCFieldDescriptor *field = d ? msg_field(d, name) : NULL;
                    if (!field)
                        fail_msg("%s: no column %s", v->name, c->path);
                    d = field && field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : NULL;
                }
            }
        }
}

static void target_rows(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        uint32_t response_s, resolution_s, resolution_days;
    } rows[] = {
        {"1=30m/4h", true, 1800, 14400, 0}, {"3=2h/5d", true, 7200, 0, 5}, {"4=-/10d", true, 0, 0, 10},
        {"5=1h/2h", false, 0, 0, 0},        {"1=1h", false, 0, 0, 0},      {"1=1/2", false, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        Ordo__SlaPutReq *req = (Ordo__SlaPutReq *)(void *)msg_new(&ordo__sla_put_req__descriptor);
        ordo_error error;
        enum ordo_status s = sla_target_parse(req, rows[i].text, &error);
        if ((s == ORDO_OK) != rows[i].ok)
            fail_msg("%s", rows[i].text);
        if (rows[i].ok && (req->targets[0]->response_s != rows[i].response_s || req->targets[0]->resolution_s != rows[i].resolution_s ||
                           req->targets[0]->resolution_days != rows[i].resolution_days))
            fail_msg("%s is read wrongly", rows[i].text);
        msg_free(&req->base);
    }
}

static void type_field_is_read(void **state)
{
    Ordo__RequestTypePutReq *req = (Ordo__RequestTypePutReq *)(void *)msg_new(&ordo__request_type_put_req__descriptor);
    ordo_error error;
    (void)state;
    assert_int_equal(type_field_parse(req, "colour:choice:red|green:required:max=9", &error), ORDO_OK);
    assert_int_equal(req->n_fields, 1);
    assert_string_equal(req->fields[0]->name, "colour");
    assert_int_equal(req->fields[0]->kind, ORDO__FIELD_KIND__CHOICE);
    assert_int_equal(req->fields[0]->n_choices, 2);
    assert_string_equal(req->fields[0]->choices[1], "green");
    assert_true(req->fields[0]->mandatory);
    assert_int_equal(req->fields[0]->max_chars, 9);
    assert_int_equal(type_field_parse(req, "colour", &error), ORDO_USAGE);
    assert_int_equal(type_field_parse(req, "colour:smell", &error), ORDO_USAGE);
    msg_free(&req->base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_rows),
        cmocka_unit_test(verbs_fit_methods),
        cmocka_unit_test(target_rows),
        cmocka_unit_test(type_field_is_read),
    };
    return cmocka_run_group_tests_name("cli options", tests, NULL, NULL);
}
