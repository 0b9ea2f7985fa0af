/* SPDX-License-Identifier: Apache-2.0
 * Kind `vector`: facts about working time, one operation each. A file holds calendars by name and vectors that use
 * them; wall times are in the zone that stands beside them. */
#include "tests/conformance/conform.h"

#include "server/domain/sla/calendar.h"

#include <jansson.h>
#include <string.h>

enum { PAUSES_MAX = 64, ARENA_MAX = 16 * 1024 * 1024 };

struct vector {
    const json_t *row;
    const struct calendar *cal;
    const struct od_zone *zone; /* of start, and of the answer */
    int64_t start_us, end_us;
    struct calendar_pause pauses[PAUSES_MAX]; /* joined */
    size_t n_pauses;
};

static enum od_status wrong(struct od_err *err, const char *why)
{
    return od_fail(err, OD_R_MESSAGE_MALFORMED, "why=%s", why);
}

static const char *text_of(const json_t *row, const char *key) { return json_string_value(json_object_get(row, key)); }

static enum od_status read_zone(const json_t *row, const char *key, const struct od_zone *fallback,
                                const struct od_zone **ret, struct od_err *err)
{
    const char *name = text_of(row, key);
    *ret = fallback;
    return name ? od_zone_get(od_str_c(name), ret, err) : OD_OK;
}

/* "2015-02-17 12:00:00" */
static enum od_status read_wall(const json_t *value, const struct od_zone *zone, int64_t *ret_us, struct od_err *err)
{
    char utc[32];
    int64_t wall;
    if (!zone || !json_is_string(value) ||
        snprintf(utc, sizeof utc, "%sZ", json_string_value(value)) >= (int)sizeof utc ||
        !od_time_parse(od_str_c(utc), &wall))
        return wrong(err, "a time cannot be read");
    *ret_us = od_zone_to_us(zone, wall, false);
    return OD_OK;
}

static json_t *wall_of(const struct od_zone *zone, int64_t us)
{
    struct od_civil c = od_civil_from_us(od_zone_wall_us(zone, us));
    return json_sprintf("%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

static enum od_status read_pauses(struct vector *v, struct od_err *err)
{
    const json_t *list = json_object_get(v->row, "pauses");
    const struct od_zone *zone;
    size_t n = json_array_size(list);
    OD_TRY(read_zone(v->row, "pauses_tz", v->zone, &zone, err));
    if (n > PAUSES_MAX)
        return wrong(err, "too many pauses");
    for (size_t i = 0; i < n; i++) {
        const json_t *pause = json_array_get(list, i);
        OD_TRY(read_wall(json_array_get(pause, 0), zone, &v->pauses[i].from_us, err));
        OD_TRY(read_wall(json_array_get(pause, 1), zone, &v->pauses[i].to_us, err));
    }
    v->n_pauses = calendar_pauses_join(v->pauses, n);
    return OD_OK;
}

static enum od_status op_add(struct vector *v, json_t **ret, struct od_err *err)
{
    int64_t due, work = json_integer_value(json_object_get(v->row, "seconds"));
    if (work < 0 || work > INT64_MAX / OD_US_PER_S)
        return wrong(err, "seconds out of range");
    OD_TRY(calendar_add_paused(v->cal, v->start_us, work * OD_US_PER_S, v->pauses, v->n_pauses, &due, err));
    *ret = wall_of(v->zone, due);
    return OD_OK;
}

static enum od_status op_sub(struct vector *v, json_t **ret, struct od_err *err)
{
    int64_t from, work = json_integer_value(json_object_get(v->row, "seconds"));
    if (work < 0 || work > INT64_MAX / OD_US_PER_S)
        return wrong(err, "seconds out of range");
    OD_TRY(calendar_sub(v->cal, v->start_us, work * OD_US_PER_S, &from, err));
    *ret = wall_of(v->zone, from);
    return OD_OK;
}

static enum od_status op_between(struct vector *v, json_t **ret, struct od_err *err)
{
    const char *unit = text_of(v->row, "unit");
    const struct od_zone *zone;
    OD_TRY(read_zone(v->row, "end_tz", v->zone, &zone, err));
    OD_TRY(read_wall(json_object_get(v->row, "end"), zone, &v->end_us, err));
    int64_t us = calendar_between(v->cal, v->start_us, v->end_us) -
                 calendar_paused(v->cal, v->pauses, v->n_pauses, v->start_us, v->end_us);
    *ret = json_integer(us / OD_US_PER_S / (unit && !strcmp(unit, "minutes") ? 60 : 1));
    return OD_OK;
}

static enum od_status op_next_open(struct vector *v, json_t **ret, struct od_err *err)
{
    int64_t open;
    OD_TRY(calendar_next_open(v->cal, v->start_us, &open, err));
    *ret = wall_of(v->zone, open);
    return OD_OK;
}

/* A pause delays a promise in days by its working time. */
static enum od_status op_add_days(struct vector *v, json_t **ret, struct od_err *err)
{
    int64_t us, paused = calendar_paused(v->cal, v->pauses, v->n_pauses, INT64_MIN, INT64_MAX);
    OD_TRY(calendar_add_days(v->cal, v->start_us, json_integer_value(json_object_get(v->row, "days")), &us, err));
    if (json_is_true(json_object_get(v->row, "end_of_day")))
        us = calendar_day_close(v->cal, us);
    OD_TRY(calendar_add(v->cal, us, paused, &us, err));
    *ret = wall_of(v->zone, us);
    return OD_OK;
}

static enum od_status op_pause_total(struct vector *v, json_t **ret, struct od_err *err)
{
    (void)err;
    *ret = json_integer(calendar_paused(v->cal, v->pauses, v->n_pauses, INT64_MIN, INT64_MAX) / OD_US_PER_S);
    return OD_OK;
}

static const struct {
    const char *name;
    enum od_status (*run)(struct vector *v, json_t **ret, struct od_err *err);
} ops[] = {
    {"add", op_add},           {"sub", op_sub},
    {"between", op_between},   {"next_open", op_next_open},
    {"add_days", op_add_days}, {"pause_total", op_pause_total},
};

/* The file's form of a calendar as the product's text. */
static enum od_status read_calendar(const json_t *form, struct od_arena *arena, const struct calendar **ret,
                                    struct od_err *err)
{
    struct od_buf week, holidays;
    const char *zone = text_of(form, "tz"), *day;
    json_t *spans;
    size_t i;
    od_buf_init(&week, CALENDAR_TEXT_MAX);
    od_buf_init(&holidays, CALENDAR_TEXT_MAX);
    json_object_foreach(json_object_get(form, "week"), day, spans)
    {
        od_buf_printf(&week, "%s ", day);
        for (i = 0; i < json_array_size(spans); i++) {
            const json_t *span = json_array_get(spans, i);
            const char *open = json_string_value(json_array_get(span, 0)),
                       *close = json_string_value(json_array_get(span, 1));
            od_buf_printf(&week, "%s%s-%s", i ? "," : "", open ? open : "", close ? close : "");
        }
        od_buf_char(&week, ';');
    }
    const json_t *days = json_object_get(form, "holidays");
    for (i = 0; i < json_array_size(days); i++) {
        const char *date = json_string_value(json_array_get(days, i));
        od_buf_printf(&holidays, "%s%s", i ? "," : "", date ? date : "");
    }
    enum od_status s =
        calendar_parse(od_buf_view(&week), od_buf_view(&holidays), od_str_c(zone ? zone : ""), arena, ret, err);
    od_buf_done(&week);
    od_buf_done(&holidays);
    return s;
}

static enum od_status answer(const json_t *file, const json_t *row, struct od_arena *arena, json_t **ret,
                             struct od_err *err)
{
    struct vector v = {.row = row};
    const char *op = text_of(row, "op"), *name = text_of(row, "cal");
    size_t i = 0;
    while (i < OD_LEN(ops) && !(op && !strcmp(ops[i].name, op)))
        i++;
    if (i == OD_LEN(ops))
        return wrong(err, "not an operation of this kind");
    od_arena_reset(arena);
    od_err_clear(err);
    OD_TRY(read_calendar(json_object_get(json_object_get(file, "calendars"), name ? name : ""), arena, &v.cal, err));
    OD_TRY(read_zone(row, "start_tz", calendar_spec(v.cal)->zone, &v.zone, err));
    OD_TRY(read_pauses(&v, err));
    if (json_object_get(row, "start"))
        OD_TRY(read_wall(json_object_get(row, "start"), v.zone, &v.start_us, err));
    return ops[i].run(&v, ret, err);
}

enum od_status conform_vector(FILE *cases, const char *dir, FILE *out, struct od_err *err)
{
    (void)dir;
    json_error_t fault;
    json_t *file = json_loadf(cases, 0, &fault), *row;
    struct od_arena arena;
    size_t i;
    if (!file)
        return wrong(err, fault.text);
    od_arena_init(&arena, ARENA_MAX);
    json_array_foreach(json_object_get(file, "vectors"), i, row)
    {
        struct od_err why = {0};
        char text[512];
        json_t *value = NULL, *line = json_object();
        json_object_set(line, "id", json_object_get(row, "id"));
        if (answer(file, row, &arena, &value, &why) == OD_OK)
            json_object_set_new(line, "value", value);
        else
            json_object_set_new(line, "error", json_string(od_err_text(&why, text, sizeof text)));
        json_dumpf(line, out, JSON_COMPACT);
        fputc('\n', out);
        json_decref(line);
    }
    od_arena_done(&arena);
    json_decref(file);
    return OD_OK;
}
