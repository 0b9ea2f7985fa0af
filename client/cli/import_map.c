/* SPDX-License-Identifier: Apache-2.0
 * The map's lines, one row per key. */
#include "client/cli/import_map.h"

#include <stdlib.h>
#include <string.h>

#include "client/cli/import_time.h"
#include "client/cli/text.h"

enum key_kind { KEY_TEXT, KEY_SEPARATOR, KEY_STATE, KEY_OTHER, KEY_MARK, KEY_ASSIGNS, KEY_LEVEL };

struct map_key {
    const char *name;
    enum key_kind kind;
    size_t offset; /* of a text */
    int value;     /* the state or the mark */
    bool required;
};

#define AT(member) offsetof(struct import_map, member)
#define STATE(sym) (int)ORDO__REQUEST_STATE__##sym
#define MARK(sym) (int)ORDO__IMPORT_MARK__##sym

static const struct map_key KEYS[] = {
    {"name", KEY_TEXT, AT(name), 0, true},
    {"branch", KEY_TEXT, AT(branch), 0, false},
    {"zone", KEY_TEXT, AT(zone_name), 0, true},
    {"time", KEY_TEXT, AT(time_format), 0, true},
    {"week", KEY_TEXT, AT(week), 0, true},
    {"holidays", KEY_TEXT, AT(holidays), 0, false},
    {"separator", KEY_SEPARATOR, 0, 0, false},
    {"column.request", KEY_TEXT, AT(request), 0, true},
    {"column.activity", KEY_TEXT, AT(activity), 0, true},
    {"column.actor", KEY_TEXT, AT(actor), 0, true},
    {"column.time", KEY_TEXT, AT(time), 0, true},
    {"first.customer", KEY_TEXT, AT(customer.column), 0, false},
    {"first.department", KEY_TEXT, AT(department.column), 0, false},
    {"first.level", KEY_TEXT, AT(level.column), 0, false},
    {"always.customer", KEY_TEXT, AT(customer.fixed), 0, false},
    {"always.department", KEY_TEXT, AT(department.fixed), 0, false},
    {"always.level", KEY_TEXT, AT(level.fixed), 0, false},
    {"state.open", KEY_STATE, 0, STATE(OPEN), false},
    {"state.assigned", KEY_STATE, 0, STATE(ASSIGNED_TO), false},
    {"state.in_work", KEY_STATE, 0, STATE(IN_WORK), false},
    {"state.waiting", KEY_STATE, 0, STATE(WAITING), false},
    {"state.resolved", KEY_STATE, 0, STATE(RESOLVED), false},
    {"state.closed", KEY_STATE, 0, STATE(CLOSED), false},
    {"state.cancelled", KEY_STATE, 0, STATE(CANCELLED), false},
    {"other", KEY_OTHER, 0, 0, false},
    {"response", KEY_MARK, 0, MARK(RESPONSE), false},
    {"resolution", KEY_MARK, 0, MARK(RESOLUTION), false},
    {"closing", KEY_MARK, 0, MARK(CLOSING), false},
    {"assigns", KEY_ASSIGNS, 0, 0, false},
    {"level", KEY_LEVEL, 0, 0, false},
};

struct reader {
    struct import_map *map;
    const char *path;
    size_t line;
    ordo_error *error;
};

static enum ordo_status line_error(const struct reader *r, const char *fmt, ...) od_printf(2, 3);
static enum ordo_status line_error(const struct reader *r, const char *fmt, ...)
{
    char why[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    if (r->line)
        return cli_fail(r->error, ORDO_INVALID, "FILE_ROW", "%s, line %zu: %s", r->path, r->line, why);
    return cli_fail(r->error, ORDO_INVALID, "FILE_ROW", "%s: %s", r->path, why);
}

static char *copy(struct od_str s)
{
    char *p = od_xmalloc(s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return p;
}

static enum ordo_status text_set(const struct reader *r, const struct map_key *key, struct od_str value)
{
    char **place = (char **)(void *)((char *)r->map + key->offset);
    if (*place)
        return line_error(r, "%s was given before", key->name);
    *place = copy(value);
    return ORDO_OK;
}

static enum ordo_status separator_set(const struct reader *r, struct od_str value)
{
    if (od_str_eq_c(value, "tab"))
        r->map->separator = '\t';
    else if (value.n == 1 && strchr(",;|", value.p[0]))
        r->map->separator = value.p[0];
    else
        return line_error(r, "separator is one of , ; | tab");
    return ORDO_OK;
}

static enum ordo_status other_set(const struct reader *r, struct od_str value)
{
    for (size_t i = 0; i < OD_LEN(KEYS); i++)
        if (KEYS[i].kind == KEY_STATE && od_str_eq_c(value, KEYS[i].name + strlen("state."))) {
            r->map->other_state = (Ordo__RequestState)KEYS[i].value;
            r->map->has_other_state = true;
            return ORDO_OK;
        }
    return line_error(r, "other is one of open, assigned, in_work, waiting, resolved, closed, cancelled");
}

static struct map_activity *activity(const struct reader *r, struct od_str name)
{
    struct import_map *m = r->map;
    for (size_t i = 0; i < m->n_activities; i++)
        if (od_str_eq_c(name, m->activities[i].name))
            return &m->activities[i];
    if (m->n_activities == MAP_ACTIVITIES_MAX)
        return NULL;
    m->activities[m->n_activities] = (struct map_activity){.name = copy(name), .line = r->line};
    return &m->activities[m->n_activities++];
}

static enum ordo_status activity_set(const struct reader *r, const struct map_key *key, struct od_str value)
{
    struct map_activity *a = activity(r, value);
    if (!a)
        return line_error(r, "at most %d activities can be named", MAP_ACTIVITIES_MAX);
    if (key->kind == KEY_ASSIGNS) {
        a->assigns = true;
        return ORDO_OK;
    }
    if (key->kind == KEY_STATE) {
        if (a->has_state && a->state != (Ordo__RequestState)key->value)
            return line_error(r, "%s has another state already, in line %zu", a->name, a->line);
        a->state = (Ordo__RequestState)key->value;
        a->has_state = true;
        return ORDO_OK;
    }
    if (a->mark != ORDO__IMPORT_MARK__PLAIN && a->mark != (Ordo__ImportMark)key->value)
        return line_error(r, "%s can be only one of response, resolution and closing", a->name);
    a->mark = (Ordo__ImportMark)key->value;
    return ORDO_OK;
}

/* "240/4320 Value 1": minutes to the response and to the resolution, then the name. */
static enum ordo_status level_add(const struct reader *r, struct od_str value)
{
    enum { MINUTES_MAX = 10 * 366 * 24 * 60 };
    struct import_map *m = r->map;
    struct od_str rest = value;
    struct od_str response = od_str_trim(od_str_cut(&rest, '/'));
    rest = od_str_trim(rest);
    struct od_str resolution = od_str_cut(&rest, ' ');
    int64_t response_min, resolution_min;
    rest = od_str_trim(rest);
    if (!od_str_int(response, 0, MINUTES_MAX, &response_min) || !od_str_int(resolution, 0, MINUTES_MAX, &resolution_min) || !rest.n)
        return line_error(r, "level is RESPONSE/RESOLUTION NAME in working minutes, such as 240/4320 Gold; 0 promises nothing");
    if (import_map_level(m, rest))
        return line_error(r, "the level " OD_STR_FMT " was given before", OD_STR_ARG(rest));
    if (m->n_levels == MAP_LEVELS_MAX)
        return line_error(r, "at most %d levels can be named", MAP_LEVELS_MAX);
    m->levels[m->n_levels++] = (struct map_level){copy(rest), (uint32_t)response_min * 60, (uint32_t)resolution_min * 60};
    return ORDO_OK;
}

static enum ordo_status line_read(const struct reader *r, struct od_str text, bool given[])
{
    const char *names[OD_LEN(KEYS)];
    struct od_str value = text;
    struct od_str name = od_str_trim(od_str_cut(&value, '='));
    value = od_str_trim(value);
    for (size_t i = 0; i < OD_LEN(KEYS); i++) {
        names[i] = KEYS[i].name;
        if (!od_str_eq_c(name, KEYS[i].name))
            continue;
        if (!value.n && KEYS[i].offset != AT(holidays))
            return line_error(r, "%s has no value", KEYS[i].name);
        given[i] = true;
        switch (KEYS[i].kind) {
        case KEY_TEXT: return text_set(r, &KEYS[i], value);
        case KEY_SEPARATOR: return separator_set(r, value);
        case KEY_OTHER: return other_set(r, value);
        case KEY_LEVEL: return level_add(r, value);
        case KEY_STATE:
        case KEY_MARK:
        case KEY_ASSIGNS: return activity_set(r, &KEYS[i], value);
        }
    }
    const char *near = text_nearest(name, names, OD_LEN(KEYS));
    if (near)
        return line_error(r, "the key " OD_STR_FMT " is not known; did you mean %s?", OD_STR_ARG(name), near);
    return line_error(r, "the key " OD_STR_FMT " is not known", OD_STR_ARG(name));
}

static enum ordo_status source_check(const struct reader *r, const struct map_source *s, const char *what)
{
    if (s->column && s->fixed)
        return line_error(r, "first.%s and always.%s exclude each other", what, what);
    if (s->column || s->fixed)
        return ORDO_OK;
    return line_error(r, "first.%s is missing: the column of the log (or always.%s: one value)", what, what);
}

static enum ordo_status map_check(struct reader *r, const bool given[])
{
    struct import_map *m = r->map;
    struct od_err err;
    char why[200];
    r->line = 0;
    for (size_t i = 0; i < OD_LEN(KEYS); i++)
        if (KEYS[i].required && !given[i])
            return line_error(r, "%s is missing", KEYS[i].name);
    enum ordo_status s = source_check(r, &m->customer, "customer");
    if (s == ORDO_OK)
        s = source_check(r, &m->department, "department");
    if (s == ORDO_OK)
        s = source_check(r, &m->level, "level");
    if (s != ORDO_OK)
        return s;
    if (!m->n_levels)
        return line_error(r, "no level is given");
    if (m->level.fixed && !import_map_level(m, od_str_c(m->level.fixed)))
        return line_error(r, "always.level names no level that is given: %s", m->level.fixed);
    if (!time_format_check(m->time_format, why, sizeof why))
        return line_error(r, "time: %s", why);
    if (od_zone_get(od_str_c(m->zone_name), &m->zone, &err) != OD_OK)
        return line_error(r, "%s", od_err_text(&err, why, sizeof why));
    return ORDO_OK;
}

enum ordo_status import_map_read(struct import_map *ret_map, const char *path, struct od_str text, ordo_error *error)
{
    struct reader r = {.map = ret_map, .path = path, .error = error};
    bool given[OD_LEN(KEYS)] = {false};
    memset(ret_map, 0, sizeof *ret_map);
    ret_map->separator = ',';
    ret_map->other_state = ORDO__REQUEST_STATE__IN_WORK;
    if (text.n >= 3 && !memcmp(text.p, "\xef\xbb\xbf", 3)) /* a byte order mark */
        text = (struct od_str){text.p + 3, text.n - 3};
    if (od_utf8_len(text) == SIZE_MAX)
        return cli_fail(error, ORDO_INVALID, "FILE_ROW", "%s is not UTF-8", path);
    while (text.n) {
        struct od_str line = od_str_trim(od_str_cut(&text, '\n'));
        r.line++;
        if (!line.n || line.p[0] == '#')
            continue;
        enum ordo_status s = line_read(&r, line, given);
        if (s != ORDO_OK)
            return s;
    }
    return map_check(&r, given);
}

void import_map_done(struct import_map *m)
{
    for (size_t i = 0; i < OD_LEN(KEYS); i++)
        if (KEYS[i].kind == KEY_TEXT)
            free(*(char **)(void *)((char *)m + KEYS[i].offset));
    for (size_t i = 0; i < m->n_activities; i++)
        free(m->activities[i].name);
    for (size_t i = 0; i < m->n_levels; i++)
        free(m->levels[i].name);
    memset(m, 0, sizeof *m);
}

const struct map_activity *import_map_activity(const struct import_map *m, struct od_str name)
{
    for (size_t i = 0; i < m->n_activities; i++)
        if (od_str_eq_c(name, m->activities[i].name))
            return &m->activities[i];
    return NULL;
}

const struct map_level *import_map_level(const struct import_map *m, struct od_str name)
{
    for (size_t i = 0; i < m->n_levels; i++)
        if (od_str_eq_c(name, m->levels[i].name))
            return &m->levels[i];
    return NULL;
}
