/* SPDX-License-Identifier: Apache-2.0
 * What the host of the scenarios adds to expressions: due(calendar, start, duration), working time in one calendar, "office". */
#ifndef TESTS_PROCESS_SCENARIO_HOST_H
#define TESTS_PROCESS_SCENARIO_HOST_H

#include "server/domain/feel/feel.h"
#include "server/domain/sla/calendar.h"

static struct feel_value due(struct feel_call *call, void *opaque, const struct feel_value *args, unsigned n)
{
    const struct calendar *cal;
    struct od_err err;
    int64_t from_us, due_us;
    (void)opaque, (void)n;
    if (args[0].kind != FEEL_STRING || !od_str_eq_c(args[0].string, "office"))
        return feel_call_fail(call, "there is no calendar %s", args[0].kind == FEEL_STRING ? args[0].string : OD_STR("?"));
    if (!feel_value_to_us(&args[1], NULL, &from_us) || args[2].kind != FEEL_DAYS_DURATION)
        return feel_call_fail(call, "a date and time and a duration are wanted", FEEL_NO_SUBJECT);
    if (calendar_parse(OD_STR("mon-fri 09:00-17:00"), OD_STR(""), OD_STR("UTC"), feel_call_arena(call), &cal, &err) != OD_OK ||
        calendar_add(cal, from_us, args[2].days.seconds * OD_US_PER_S, &due_us, &err) != OD_OK)
        return feel_call_fail(call, "the calendar cannot tell", FEEL_NO_SUBJECT);
    return feel_value_from_us(due_us, NULL);
}

static const char *const due_params[] = {"calendar", "start", "duration"};
static const struct feel_host_function host_functions[] = {{"due", due_params, 3, 3, due, NULL}};
static const struct feel_host host = {host_functions, OD_LEN(host_functions)};

#endif
