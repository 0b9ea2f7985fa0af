/* SPDX-License-Identifier: Apache-2.0
 * Checking answers by kind. */
#include "server/handlers/fields.h"

#include <stdio.h>

#include "common/base/limits.h"

static bool is_number(struct od_str s)
{
    size_t digits = 0, points = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9')
            digits++;
        else if (s.p[i] == '.' && !points)
            points++;
        else if (!(i == 0 && (s.p[i] == '-' || s.p[i] == '+')))
            return false;
    }
    return digits > 0;
}

static bool is_date(struct od_str s)
{
    char text[OD_TIME_TEXT];
    int64_t us;
    if (s.n != 10)
        return false;
    snprintf(text, sizeof text, "%.10sT00:00:00Z", s.p);
    return od_time_parse(od_str_c(text), &us);
}

static void check_answer(struct rpc *rpc, const Ordo__FieldSpec *spec, const char *path, struct od_str value)
{
    size_t max = spec->max_chars ? spec->max_chars : OD_TEXT_MAX;
    if (od_utf8_len(value) > max) {
        od_fail_field(&rpc->err, path, OD_R_FIELD_TOO_LONG, "max=%zu", max);
        return;
    }
    switch (spec->kind) {
    case ORDO__FIELD_KIND__NUMBER:
        if (!is_number(value))
            od_fail_field(&rpc->err, path, OD_R_FIELD_FORMAT, "expected=a number such as 12.5");
        break;
    case ORDO__FIELD_KIND__DATE:
        if (!is_date(value))
            od_fail_field(&rpc->err, path, OD_R_FIELD_FORMAT, "expected=a date such as 2026-01-31");
        break;
    case ORDO__FIELD_KIND__CHOICE:
        for (size_t i = 0; i < spec->n_choices; i++)
            if (od_str_eq_c(value, spec->choices[i]))
                return;
        od_fail_field(&rpc->err, path, OD_R_FIELD_UNKNOWN, "value=%.40s", value.p);
        break;
    case ORDO__FIELD_KIND__TEXT:
    case _ORDO__FIELD_KIND_IS_INT_SIZE: break;
    }
}

static const Ordo__FieldSpec *spec_find(const Ordo__FieldSpecs *specs, const char *name)
{
    for (size_t i = 0; name && i < specs->n_fields; i++)
        if (!strcmp(specs->fields[i]->name, name))
            return specs->fields[i];
    return NULL;
}

enum od_status fields_check(struct rpc *rpc, const Ordo__FieldSpecs *specs, Ordo__Field *const *fields, size_t n)
{
    char path[OD_ERR_FIELD_MAX + 16];
    for (size_t i = 0; i < n; i++) {
        const Ordo__FieldSpec *spec = spec_find(specs, fields[i]->name);
        snprintf(path, sizeof path, "fields[%zu].%.40s", i, fields[i]->name ? fields[i]->name : "");
        if (!spec)
            od_fail_field(&rpc->err, path, OD_R_FIELD_UNKNOWN, "value=%.40s", fields[i]->name ? fields[i]->name : "");
        else if (fields[i]->value && fields[i]->value[0])
            check_answer(rpc, spec, path, od_str_c(fields[i]->value));
    }
    for (size_t s = 0; s < specs->n_fields; s++) {
        bool answered = !specs->fields[s]->mandatory;
        for (size_t i = 0; !answered && i < n; i++)
            answered = fields[i]->name && !strcmp(fields[i]->name, specs->fields[s]->name) && fields[i]->value &&
                       od_str_trim(od_str_c(fields[i]->value)).n;
        snprintf(path, sizeof path, "fields.%.50s", specs->fields[s]->name);
        if (!answered)
            od_fail_field(&rpc->err, path, OD_R_FIELD_REQUIRED, NULL);
    }
    return rpc->err.n_violations ? rpc->err.status : OD_OK;
}

Ordo__Target *target_message(struct od_arena *arena, const struct sla_target *t)
{
    Ordo__Target *m = od_arena_alloc(arena, sizeof *m);
    if (!m)
        return NULL;
    ordo__target__init(m);
    m->has_due_us = t->due_us != OD_TIME_NONE;
    m->due_us = m->has_due_us ? t->due_us : 0;
    m->has_reached_us = t->reached_us != OD_TIME_NONE;
    m->reached_us = m->has_reached_us ? t->reached_us : 0;
    m->has_state = 1;
    m->state = (Ordo__TargetState)t->state;
    return m;
}
