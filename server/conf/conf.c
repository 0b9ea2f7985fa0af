/* SPDX-License-Identifier: Apache-2.0
 * The parser of settings, driven by the rows of conf.def. Knows no setting by name. */
#include "server/conf/conf.h"

#include <errno.h>

#include "common/base/buf.h"
#include "common/base/str.h"

enum conf_kind { KIND_STRING, KIND_PATH, KIND_LIST, KIND_INT, KIND_DURATION, KIND_BOOL, KIND_LEVEL };

struct conf_row {
    const char *key;
    enum conf_kind kind;
    size_t offset;
    unsigned min, max;
    const char *value; /* the default */
    const char *help;
};

static const struct conf_row ROWS[] = {
#define C(key, kind, min, max, default_, help)                                                                         \
    {#key, KIND_##kind, offsetof(struct conf, key), min, max, default_, help},
#include "server/conf/conf.def"
#undef C
};

static const struct conf_row *row_find(struct od_str key)
{
    for (size_t i = 0; i < OD_LEN(ROWS); i++)
        if (od_str_eq_c(key, ROWS[i].key))
            return &ROWS[i];
    return NULL;
}

/* --- values --------------------------------------------------------------------------------------------------------
 */

static char *copy(struct od_str s)
{
    char *p = od_xmalloc(s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return p;
}

static void list_clear(struct conf_list *list)
{
    while (list->n)
        free(list->items[--list->n]);
}

static bool set_text(const struct conf_row *row, char **field, struct od_str value)
{
    if ((row->min && !value.n) || (row->kind == KIND_PATH && value.n && value.p[0] != '/'))
        return false;
    free(*field);
    *field = copy(value);
    return true;
}

static bool set_list(const struct conf_row *row, struct conf_list *list, struct od_str value)
{
    list_clear(list);
    while (value.n) {
        struct od_str item = od_str_trim(od_str_cut(&value, ','));
        if (!item.n || list->n == CONF_LIST_MAX)
            return false;
        list->items[list->n++] = copy(item);
    }
    return list->n >= row->min;
}

static bool set_duration(const struct conf_row *row, unsigned *field, struct od_str value)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    int64_t n, ms = 1;
    size_t digits = 0;
    while (digits < value.n && value.p[digits] >= '0' && value.p[digits] <= '9')
        digits++;
    if (digits < value.n) {
        struct od_str unit = {value.p + digits, value.n - digits};
        size_t i = 0;
        while (i < OD_LEN(units) && !od_str_eq_c(unit, units[i].unit))
            i++;
        if (i == OD_LEN(units))
            return false;
        ms = units[i].ms;
    }
    if (!od_str_int((struct od_str){value.p, digits}, 0, row->max / ms, &n) || n * ms < row->min)
        return false;
    *field = (unsigned)(n * ms);
    return true;
}

static bool set_int(const struct conf_row *row, unsigned *field, struct od_str value)
{
    int64_t n;
    if (!od_str_int(value, row->min, row->max, &n))
        return false;
    *field = (unsigned)n;
    return true;
}

static bool set_bool(bool *field, struct od_str value)
{
    *field = od_str_eq_c(value, "yes");
    return *field || od_str_eq_c(value, "no");
}

static bool set_value(struct conf *c, const struct conf_row *row, struct od_str value)
{
    void *field = (char *)c + row->offset;
    if (od_utf8_len(value) == SIZE_MAX || (value.n && memchr(value.p, '\0', value.n)))
        return false;
    switch (row->kind) {
    case KIND_STRING:
    case KIND_PATH: return set_text(row, field, value);
    case KIND_LIST: return set_list(row, field, value);
    case KIND_INT: return set_int(row, field, value);
    case KIND_DURATION: return set_duration(row, field, value);
    case KIND_BOOL: return set_bool(field, value);
    case KIND_LEVEL: return od_log_level_parse(value, field);
    }
    return false;
}

/* What a value of this row must be; also the help's second column. */
static const char *expected(const struct conf_row *row, char *out, size_t n)
{
    const char *optional = row->min ? "" : " or empty";
    switch (row->kind) {
    case KIND_STRING: snprintf(out, n, "text%s", optional); break;
    case KIND_PATH: snprintf(out, n, "an absolute path%s", optional); break;
    case KIND_LIST: snprintf(out, n, "words between commas, %u to %d of them", row->min, CONF_LIST_MAX); break;
    case KIND_INT: snprintf(out, n, "a whole number from %u to %u", row->min, row->max); break;
    case KIND_DURATION: snprintf(out, n, "a time such as 500ms, 10s or 2m, at most %us", row->max / 1000); break;
    case KIND_BOOL: snprintf(out, n, "yes or no"); break;
    case KIND_LEVEL: snprintf(out, n, "debug, info, warn or error"); break;
    }
    return out;
}

/* --- sources -------------------------------------------------------------------------------------------------------
 */

void conf_init(struct conf *c)
{
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < OD_LEN(ROWS); i++) {
        bool fits = set_value(c, &ROWS[i], od_str_c(ROWS[i].value));
        od_assert(fits);
    }
}

void conf_done(struct conf *c)
{
    for (size_t i = 0; i < OD_LEN(ROWS); i++) {
        void *field = (char *)c + ROWS[i].offset;
        if (ROWS[i].kind == KIND_LIST)
            list_clear(field);
        else if (ROWS[i].kind == KIND_STRING || ROWS[i].kind == KIND_PATH)
            free(*(char **)field);
    }
    memset(c, 0, sizeof *c);
}

static enum od_status read_line(struct conf *c, struct od_str line, const char *path, unsigned number, bool *seen,
                                struct od_err *err)
{
    char what[96];
    line = od_str_trim(line);
    if (!line.n || line.p[0] == '#')
        return OD_OK;
    struct od_str value = line, key = od_str_trim(od_str_cut(&value, '='));
    if (line.n == key.n) /* nothing was cut off: no equals sign */
        return od_fail(err, OD_R_CONFIG_VALUE,
                       "path=%s" OD_AND "line=%u" OD_AND "key=the line" OD_AND "expected=key = value", path, number);
    const struct conf_row *row = row_find(key);
    if (!row)
        return od_fail(err, OD_R_CONFIG_KEY, "path=%s" OD_AND "line=%u" OD_AND "key=%.*s", path, number,
                       (int)(key.n < 64 ? key.n : 64), key.p);
    if (seen[row - ROWS])
        return od_fail(err, OD_R_CONFIG_VALUE, "path=%s" OD_AND "line=%u" OD_AND "key=%s" OD_AND "expected=given once",
                       path, number, row->key);
    seen[row - ROWS] = true;
    if (!set_value(c, row, od_str_trim(value)))
        return od_fail(err, OD_R_CONFIG_VALUE, "path=%s" OD_AND "line=%u" OD_AND "key=%s" OD_AND "expected=%s", path,
                       number, row->key, expected(row, what, sizeof what));
    return OD_OK;
}

static void closep(FILE **f)
{
    if (*f)
        fclose(*f);
}

enum od_status conf_read(struct conf *c, const char *path, struct od_err *err)
{
    od_cleanup(closep) FILE *f = fopen(path, "re");
    od_cleanup(od_freep) char *text = od_xmalloc(CONF_FILE_BYTES_MAX + 1);
    bool seen[OD_LEN(ROWS)] = {false};

    size_t n = f ? fread(text, 1, CONF_FILE_BYTES_MAX + 1, f) : 0;
    if (!f || ferror(f))
        return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=%s", path, strerror(errno));
    if (n > CONF_FILE_BYTES_MAX)
        return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=more than %d bytes", path, CONF_FILE_BYTES_MAX);
    struct od_str rest = {text, n};
    for (unsigned number = 1; rest.n; number++)
        OD_TRY(read_line(c, od_str_cut(&rest, '\n'), path, number, seen, err));
    return OD_OK;
}

static enum od_status set_given(struct conf *c, const char *where, struct od_str key, struct od_str value,
                                struct od_err *err)
{
    char what[96];
    const struct conf_row *row = row_find(key);
    if (!row)
        return od_fail(err, OD_R_CONFIG_KEY_GIVEN, "where=%s" OD_AND "key=%.*s", where, (int)(key.n < 64 ? key.n : 64),
                       key.p);
    if (!set_value(c, row, value))
        return od_fail(err, OD_R_CONFIG_VALUE_GIVEN, "where=%s" OD_AND "key=%s" OD_AND "expected=%s", where, row->key,
                       expected(row, what, sizeof what));
    return OD_OK;
}

enum od_status conf_environment(struct conf *c, char *const *environment, struct od_err *err)
{
    static const char prefix[] = "ORDOD_";
    for (; *environment; environment++) {
        char key[64];
        struct od_str value = od_str_c(*environment), name = od_str_cut(&value, '=');
        if (name.n < sizeof prefix || name.n >= sizeof key || memcmp(name.p, prefix, sizeof prefix - 1) != 0)
            continue;
        size_t n = name.n - (sizeof prefix - 1);
        for (size_t i = 0; i < n; i++) {
            char letter = name.p[sizeof prefix - 1 + i];
            key[i] = letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
        }
        OD_TRY(set_given(c, "environment", (struct od_str){key, n}, value, err));
    }
    return OD_OK;
}

enum od_status conf_set(struct conf *c, const char *assignment, struct od_err *err)
{
    struct od_str value = od_str_c(assignment), key = od_str_cut(&value, '=');
    if (key.n == strlen(assignment))
        return od_fail(err, OD_R_USAGE_WRONG, "why=--set wants key=value, not %.64s", assignment);
    return set_given(c, "--set", od_str_trim(key), od_str_trim(value), err);
}

static void list_text(const struct conf_list *list, struct od_buf *out)
{
    for (size_t i = 0; i < list->n; i++)
        od_buf_printf(out, "%s%s", i ? "," : "", list->items[i]);
}

/* A value as a file would give it. */
static void value_text(const struct conf *c, const struct conf_row *row, struct od_buf *out)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    const void *field = (const char *)c + row->offset;
    switch (row->kind) {
    case KIND_STRING:
    case KIND_PATH: od_buf_c(out, *(char *const *)field); break;
    case KIND_LIST: list_text(field, out); break;
    case KIND_INT: od_buf_printf(out, "%u", *(const unsigned *)field); break;
    case KIND_DURATION: od_buf_printf(out, "%ums", *(const unsigned *)field); break;
    case KIND_BOOL: od_buf_c(out, *(const bool *)field ? "yes" : "no"); break;
    case KIND_LEVEL: od_buf_c(out, levels[*(const enum od_log_level *)field]); break;
    }
}

void conf_write(const struct conf *c, FILE *out)
{
    od_cleanup(conf_done) struct conf defaults;
    struct od_buf value, usual;
    conf_init(&defaults);
    od_buf_init(&value, CONF_FILE_BYTES_MAX);
    od_buf_init(&usual, CONF_FILE_BYTES_MAX);
    for (size_t i = 0; i < OD_LEN(ROWS); i++) {
        od_buf_clear(&value);
        od_buf_clear(&usual);
        value_text(c, &ROWS[i], &value);
        value_text(&defaults, &ROWS[i], &usual);
        if (!od_str_eq(od_buf_view(&value), od_buf_view(&usual)))
            fprintf(out, "%s =%s%s\n", ROWS[i].key, value.n ? " " : "", od_buf_cstr(&value));
    }
    od_buf_done(&value);
    od_buf_done(&usual);
}

/* --- renderings ----------------------------------------------------------------------------------------------------
 */

void conf_help(FILE *out)
{
    char what[96];
    for (size_t i = 0; i < OD_LEN(ROWS); i++)
        fprintf(out, "%s = %s\n    %s.\n    %s\n", ROWS[i].key, ROWS[i].value, ROWS[i].help,
                expected(&ROWS[i], what, sizeof what));
    fprintf(out, "\nEach may also come as ORDOD_<KEY> from the environment or as --set key=value; the later wins.\n");
}

void conf_sample(FILE *out)
{
    char what[96];
    fprintf(out, "# Settings of ordod. What is commented out shows the default. A comment has its own line.\n");
    for (size_t i = 0; i < OD_LEN(ROWS); i++)
        fprintf(out, "\n# %s\n# (%s)\n#%s =%s%s\n", ROWS[i].help, expected(&ROWS[i], what, sizeof what), ROWS[i].key,
                *ROWS[i].value ? " " : "", ROWS[i].value);
}

void conf_markdown(FILE *out)
{
    char what[96];
    fprintf(
        out,
        "# Settings of ordod\n\n"
        "One `key = value` a line in the file that `--config` names (`/etc/ordo/ordod.conf`); a comment has its own\n"
        "line and starts with `#`. `ORDOD_<KEY>` in the environment wins over the file, `--set key=value` on the\n"
        "command line over both. A key that is not known stops the start with its line.\n\n"
        "| key | value | default | what it does |\n|---|---|---|---|\n");
    for (size_t i = 0; i < OD_LEN(ROWS); i++)
        fprintf(out, "| `%s` | %s | %s%s%s | %s |\n", ROWS[i].key, expected(&ROWS[i], what, sizeof what),
                *ROWS[i].value ? "`" : "", ROWS[i].value, *ROWS[i].value ? "`" : "", ROWS[i].help);
    fprintf(out, "\nThis page is made from `server/conf/conf.def` by `make docs`.\n");
}

/* Manual pages keep their source lines short. */
static void mdoc_sentence(FILE *out, const char *text)
{
    struct od_str rest = od_str_c(text);
    size_t column = 0;
    while (rest.n) {
        struct od_str word = od_str_cut(&rest, ' ');
        fprintf(out, "%s" OD_STR_FMT, !column ? "" : column + word.n < 75 ? " " : "\n", OD_STR_ARG(word));
        column = column + word.n < 75 ? column + word.n + 1 : word.n;
    }
    fprintf(out, ".\n");
}

void conf_mdoc(FILE *out)
{
    char what[96], value[128];
    fprintf(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < OD_LEN(ROWS); i++) {
        fprintf(out, ".It Ic %s\n", ROWS[i].key);
        mdoc_sentence(out, ROWS[i].help);
        snprintf(value, sizeof value, "The value is %s", expected(&ROWS[i], what, sizeof what));
        mdoc_sentence(out, value);
        if (*ROWS[i].value)
            fprintf(out, "The default is\n.Ql %s .\n", ROWS[i].value);
        else
            fprintf(out, "It is empty by default.\n");
    }
    fprintf(out, ".El\n");
}
