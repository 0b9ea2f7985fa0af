/* SPDX-License-Identifier: Apache-2.0
 * The counted life of a session. */
#include "server/rpc/session.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/time.h"

struct session *session_new(void)
{
    struct session *s = od_xcalloc(1, sizeof *s);
    atomic_init(&s->refs, 1);
    s->expires_us = OD_TIME_NONE;
    return s;
}

struct session *session_copy(const struct session *s)
{
    struct session *copy = od_xmalloc(sizeof *copy);
    memcpy(copy, s, sizeof *copy);
    atomic_init(&copy->refs, 1);
    return copy;
}

struct session *session_ref(struct session *s)
{
    if (s)
        atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void session_unref(struct session *s)
{
    if (s && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1)
        free(s);
}
