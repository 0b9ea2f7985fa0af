/* SPDX-License-Identifier: Apache-2.0
 * Collecting effects. */
#include "server/domain/request/effects.h"

#include <stdarg.h>
#include <stdio.h>

/* Cuts at a code point, so that the text stays valid UTF-8. */
static void cut_utf8(char *s)
{
    size_t n = strlen(s);
    while (n && od_utf8_len((struct od_str){s, n}) == SIZE_MAX)
        s[--n] = '\0';
}

void effects_tell(struct effects *fx, int64_t principal_id, enum event_kind kind, const char *fmt, ...)
{
    if (!principal_id || principal_id == fx->actor_id)
        return;
    struct effect_event *e = NULL;
    for (unsigned i = 0; i < fx->n_events; i++)
        if (fx->events[i].principal_id == principal_id)
            e = &fx->events[i];
    if (!e) {
        od_assert(fx->n_events < EFFECT_EVENTS_MAX);
        e = &fx->events[fx->n_events++];
    }
    e->principal_id = principal_id;
    e->kind = kind;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    cut_utf8(e->text);
}

struct effect_history *effects_history(struct effects *fx, enum history_kind kind)
{
    od_assert(fx->n_history < EFFECT_HISTORY_MAX);
    struct effect_history *h = &fx->history[fx->n_history++];
    *h = (struct effect_history){.kind = kind, .happened_us = fx->at_us};
    return h;
}
