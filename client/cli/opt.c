/* SPDX-License-Identifier: Apache-2.0
 * The reading of a command line by tables, and the help that is made of them. */
#include "client/cli/opt.h"

#include <ctype.h>
#include <string.h>

#include "client/cli/text.h"

enum { NAMES_MAX = 128, HELP_COLUMN = 26, HELP_WIDTH = 96 };

bool opt_is_argument(const struct opt *opt) { return isupper((unsigned char)opt->name[0]) != 0; }

static const struct opt *by_name(const struct opt_set *set, struct od_str name, void **ret_target)
{
    for (size_t t = 0; t < set->n_tables; t++)
        for (const struct opt *o = set->tables[t].rows; o && o->name; o++)
            if (!opt_is_argument(o) && od_str_eq_c(name, o->name)) {
                *ret_target = set->tables[t].target;
                return o;
            }
    return NULL;
}

static const struct opt *by_letter(const struct opt_set *set, char letter, void **ret_target)
{
    for (size_t t = 0; t < set->n_tables; t++)
        for (const struct opt *o = set->tables[t].rows; o && o->name; o++)
            if (!opt_is_argument(o) && o->letter && o->letter == letter) {
                *ret_target = set->tables[t].target;
                return o;
            }
    return NULL;
}

static const struct opt *by_place(const struct opt_set *set, size_t place, void **ret_target)
{
    for (size_t t = 0; t < set->n_tables; t++)
        for (const struct opt *o = set->tables[t].rows; o && o->name; o++)
            if (opt_is_argument(o) && place-- == 0) {
                *ret_target = set->tables[t].target;
                return o;
            }
    return NULL;
}

static enum ordo_status unknown(const struct opt_set *set, struct od_str name, ordo_error *error)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (size_t t = 0; t < set->n_tables; t++)
        for (const struct opt *o = set->tables[t].rows; o && o->name && n < NAMES_MAX; o++)
            if (!opt_is_argument(o))
                names[n++] = o->name;
    const char *near = text_nearest(name, names, n);
    if (near)
        return cli_usage(error, "there is no option --" OD_STR_FMT "; did you mean --%s?", OD_STR_ARG(name), near);
    return cli_usage(error, "there is no option --" OD_STR_FMT "; --help shows them all", OD_STR_ARG(name));
}

/* --- one value ------------------------------------------------------------------------------------------------------ */

static const char *shown(const struct opt *o, char out[72])
{
    snprintf(out, 72, "%s%s", opt_is_argument(o) ? "" : "--", o->name);
    return out;
}

static enum ordo_status number_set(const struct opt *o, int64_t *target, const char *text, ordo_error *error)
{
    char name[72];
    int64_t min = o->min, max = o->min || o->max ? o->max : INT64_MAX;
    if (od_str_int(od_str_c(text), min, max, target))
        return ORDO_OK;
    if (max == INT64_MAX)
        return cli_usage(error, "%s wants a whole number from %lld on, not \"%s\"", shown(o, name), (long long)min, text);
    return cli_usage(error, "%s wants a whole number from %lld to %lld, not \"%s\"", shown(o, name), (long long)min,
                     (long long)max, text);
}

static enum ordo_status pair_set(const struct opt_set *set, const struct opt *o, const char *text, ordo_error *error)
{
    char name[72];
    const ProtobufCFieldDescriptor *f = msg_field(set->request->descriptor, o->field);
    struct od_str rest = od_str_c(text);
    struct od_str key = od_str_cut(&rest, '=');
    if (!key.n || key.n == strlen(text))
        return cli_usage(error, "%s wants NAME=VALUE, not \"%s\"", shown(o, name), text);
    ProtobufCMessage *member = msg_add_member(set->request, f);
    enum ordo_status s = msg_set_text(member, msg_field(f->descriptor, "name"), shown(o, name), key, error);
    if (s == ORDO_OK)
        s = msg_set_text(member, msg_field(f->descriptor, "value"), shown(o, name), rest, error);
    return s;
}

static enum ordo_status field_set(struct opt_set *set, const struct opt *o, const char *text, ordo_error *error)
{
    char name[72];
    int64_t id;
    od_assert(set->request);
    const ProtobufCFieldDescriptor *f = msg_field(set->request->descriptor, o->field);
    od_assert(f);
    if (o->lookup && !od_str_int(od_str_c(text), INT64_MIN, INT64_MAX, &id)) {
        if (set->n_pending == OPT_PENDING_MAX)
            return cli_usage(error, "%s comes too often", shown(o, name));
        set->pending[set->n_pending++] = (struct opt_pending){o, text};
        return ORDO_OK;
    }
    enum ordo_status s = msg_set_text(set->request, f, shown(o, name), od_str_c(text), error);
    if (s == ORDO_INVALID && error->n_violations)
        return cli_usage(error, "%s %s, not \"%s\"", shown(o, name), error->violations[0].text, text);
    return s;
}

static enum ordo_status list_add(const struct opt *o, struct opt_list *list, const char *text, ordo_error *error)
{
    if (list->n == OPT_LIST_MAX)
        return cli_usage(error, "--%s may come %d times at most", o->name, OPT_LIST_MAX);
    list->v[list->n++] = text;
    return ORDO_OK;
}

static enum ordo_status value_set(struct opt_set *set, const struct opt *o, void *target, const char *text, ordo_error *error)
{
    od_assert(target || o->kind == OPT_FIELD || o->kind == OPT_PAIR);
    char *at = (char *)target + o->offset;
    switch (o->kind) {
    case OPT_FLAG: *(bool *)(void *)at = true; return ORDO_OK;
    case OPT_TEXT: *(const char **)(void *)at = text; return ORDO_OK;
    case OPT_NUMBER: return number_set(o, (int64_t *)(void *)at, text, error);
    case OPT_LIST: return list_add(o, (struct opt_list *)(void *)at, text, error);
    case OPT_FIELD: return field_set(set, o, text, error);
    case OPT_PAIR: return pair_set(set, o, text, error);
    }
    return ORDO_OK;
}

/* A flag may also be a field: --missed sets a bool of the request. */
static bool takes_value(const struct opt_set *set, const struct opt *o)
{
    if (o->kind == OPT_FLAG)
        return false;
    if (o->kind != OPT_FIELD || !set->request)
        return true;
    const ProtobufCFieldDescriptor *f = msg_field(set->request->descriptor, o->field);
    return !f || f->type != PROTOBUF_C_TYPE_BOOL;
}

/* --- a line --------------------------------------------------------------------------------------------------------- */

static enum ordo_status long_option(struct opt_set *set, int argc, char *const argv[], int *at, ordo_error *error)
{
    void *target;
    const char *text = argv[*at] + 2, *equals = strchr(text, '=');
    struct od_str name = {text, equals ? (size_t)(equals - text) : strlen(text)};
    const struct opt *o = by_name(set, name, &target);
    if (!o)
        return unknown(set, name, error);
    (*at)++;
    if (!takes_value(set, o)) {
        if (equals)
            return cli_usage(error, "--%s takes no value", o->name);
        return value_set(set, o, target, "true", error);
    }
    if (equals)
        return value_set(set, o, target, equals + 1, error);
    if (*at >= argc)
        return cli_usage(error, "--%s wants a value: %s", o->name, o->help);
    return value_set(set, o, target, argv[(*at)++], error);
}

static enum ordo_status letters(struct opt_set *set, int argc, char *const argv[], int *at, ordo_error *error)
{
    const char *text = argv[(*at)++] + 1;
    for (; *text; text++) {
        void *target;
        const struct opt *o = by_letter(set, *text, &target);
        if (!o)
            return cli_usage(error, "there is no option -%c; --help shows them all", *text);
        if (!takes_value(set, o)) {
            enum ordo_status s = value_set(set, o, target, "true", error);
            if (s != ORDO_OK)
                return s;
            continue;
        }
        if (text[1])
            return value_set(set, o, target, text + 1, error);
        if (*at >= argc)
            return cli_usage(error, "-%c wants a value: %s", *text, o->help);
        return value_set(set, o, target, argv[(*at)++], error);
    }
    return ORDO_OK;
}

bool opt_given(const struct opt_set *set, const struct opt *o, const void *target)
{
    bool given = false;
    if (o->kind == OPT_TEXT)
        given = *(const char *const *)(const void *)((const char *)target + o->offset) != NULL;
    if ((o->kind == OPT_FIELD || o->kind == OPT_PAIR) && set->request)
        given = msg_count(set->request, msg_field(set->request->descriptor, o->field)) != 0;
    for (size_t i = 0; i < set->n_pending; i++)
        given = given || set->pending[i].opt == o;
    return given;
}

bool opt_given_name(const struct opt_set *set, const char *name)
{
    for (size_t t = 0; t < set->n_tables; t++)
        for (const struct opt *o = set->tables[t].rows; o && o->name; o++)
            if (!strcmp(o->name, name))
                return opt_given(set, o, set->tables[t].target);
    return false;
}

enum ordo_status opt_required(const struct opt_set *set, ordo_error *error)
{
    size_t place = 0;
    for (size_t t = 0; t < set->n_tables; t++)
        for (const struct opt *o = set->tables[t].rows; o && o->name; o++) {
            if (opt_is_argument(o)) {
                if (o->required && place >= set->n_places)
                    return cli_usage(error, "%s is missing: %s", o->name, o->help);
                place++;
                continue;
            }
            if (!o->required || (o->lookup && set->lookup_default && !strcmp(o->lookup, set->lookup_default)))
                continue;
            if (!opt_given(set, o, set->tables[t].target) && !(o->unless && opt_given_name(set, o->unless)))
                return cli_usage(error, "--%s is missing: %s", o->name, o->help);
        }
    return ORDO_OK;
}

enum ordo_status opt_parse(struct opt_set *set, int argc, char *const argv[], int *at, bool stop_at_word, ordo_error *error)
{
    bool words_only = false;
    while (*at < argc) {
        const char *word = argv[*at];
        enum ordo_status s;
        if (!words_only && !strcmp(word, "--")) {
            words_only = true;
            (*at)++;
            continue;
        }
        int64_t number;
        bool negative = word[0] == '-' && od_str_int(od_str_c(word), INT64_MIN, INT64_MAX, &number);
        if (!words_only && word[0] == '-' && word[1] == '-') {
            s = long_option(set, argc, argv, at, error);
        } else if (!words_only && word[0] == '-' && word[1] && !negative) {
            s = letters(set, argc, argv, at, error);
        } else if (stop_at_word) {
            break;
        } else {
            void *target;
            const struct opt *o = by_place(set, set->n_places, &target);
            if (!o)
                return cli_usage(error, "\"%s\" is one argument too many", word);
            (*at)++;
            set->n_places++;
            s = value_set(set, o, target, word, error);
        }
        if (s != ORDO_OK)
            return s;
    }
    return ORDO_OK;
}

/* --- help ----------------------------------------------------------------------------------------------------------- */

void opt_usage(struct od_buf *b, const struct opt *rows)
{
    for (const struct opt *o = rows; o && o->name; o++)
        if (opt_is_argument(o))
            od_buf_printf(b, o->required ? " %s" : " [%s]", o->name);
    for (const struct opt *o = rows; o && o->name; o++)
        if (!opt_is_argument(o) && o->required)
            od_buf_printf(b, " --%s %s", o->name, o->value ? o->value : "VALUE");
}

void opt_wrap(struct od_buf *b, const char *text, size_t column, size_t indent)
{
    struct od_str rest = od_str_c(text);
    bool first = true;
    while (rest.n) {
        struct od_str word = od_str_cut(&rest, ' ');
        size_t width = text_width(word);
        if (!first && column + 1 + width > HELP_WIDTH) {
            od_buf_printf(b, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            od_buf_char(b, ' ');
            column++;
        }
        od_buf_str(b, word);
        column += width;
        first = false;
    }
    od_buf_char(b, '\n');
}

static const char *value_name(const struct opt *o)
{
    if (o->value || o->kind == OPT_FLAG)
        return o->value;
    return o->kind == OPT_PAIR ? "NAME=VALUE" : o->kind == OPT_NUMBER ? "N" : o->lookup ? "ID|NAME" : "VALUE";
}

void opt_help(struct od_buf *b, const char *heading, const struct opt *rows, bool arguments)
{
    bool any = false;
    for (const struct opt *o = rows; o && o->name; o++) {
        char left[80];
        int n;
        if (opt_is_argument(o) != arguments)
            continue;
        if (!any)
            od_buf_printf(b, "\n%s\n", heading);
        any = true;
        if (arguments)
            n = snprintf(left, sizeof left, "  %s", o->name);
        else
            n = snprintf(left, sizeof left, "  %c%c%c --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
                         o->letter ? ',' : ' ', o->name, value_name(o) ? " " : "", value_name(o) ? value_name(o) : "");
        od_buf_c(b, left);
        if (n < 0 || n > HELP_COLUMN - 2) {
            od_buf_printf(b, "\n%*s", HELP_COLUMN, "");
        } else {
            od_buf_printf(b, "%*s", HELP_COLUMN - n, "");
        }
        opt_wrap(b, o->help, HELP_COLUMN, HELP_COLUMN);
    }
}
