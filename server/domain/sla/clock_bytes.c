/* SPDX-License-Identifier: Apache-2.0
 * Zigzag varints in the order of fields(); an instant that is not set is the distance INT64_MIN. */
#include "server/domain/sla/clock_bytes.h"

enum { FORM = 1, INSTANTS = 9, AMOUNTS = 9, STATES = 4 };

struct fields {
    int64_t *instants[INSTANTS];
    int64_t *amounts[AMOUNTS];
};

static struct fields fields(struct sla_clock *c)
{
    return (struct fields){
        .instants = {&c->at_us, &c->response.due_us, &c->response.reached_us, &c->update.due_us, &c->update.reached_us,
                     &c->resolution.due_us, &c->resolution.reached_us, &c->update_from_us, &c->closed_us},
        .amounts = {&c->created_us, &c->worked_us, &c->paused_us, &c->excused_us, &c->stopped_worked_us, &c->waiting_us,
                    &c->update_added_us, &c->lead_us, &c->working_lead_us},
    };
}

static size_t put(unsigned char *out, size_t at, int64_t v)
{
    uint64_t z = (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
    for (; z >= 0x80; z >>= 7)
        out[at++] = (unsigned char)(z | 0x80);
    out[at++] = (unsigned char)z;
    return at;
}

size_t sla_clock_encode(const struct sla_clock *clock, unsigned char out[SLA_CLOCK_BYTES_MAX])
{
    struct sla_clock c = *clock;
    struct fields f = fields(&c);
    size_t at = 0;
    out[at++] = FORM;
    out[at++] = (unsigned char)c.mode;
    out[at++] = (unsigned char)c.response.state;
    out[at++] = (unsigned char)c.update.state;
    out[at++] = (unsigned char)c.resolution.state;
    for (unsigned i = 0; i < AMOUNTS; i++)
        at = put(out, at, *f.amounts[i]);
    for (unsigned i = 0; i < INSTANTS; i++)
        at = put(out, at, *f.instants[i] == OD_TIME_NONE ? OD_TIME_NONE : *f.instants[i] - c.created_us);
    return at;
}

static bool take(struct od_str *s, int64_t *ret)
{
    uint64_t z = 0;
    for (unsigned shift = 0; s->n && shift < 64; shift += 7) {
        unsigned char b = (unsigned char)*s->p;
        s->p++;
        s->n--;
        z |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80)) {
            *ret = (int64_t)(z >> 1) ^ -(int64_t)(z & 1);
            return true;
        }
    }
    return false;
}

bool sla_clock_decode(struct od_str bytes, struct sla_clock *c)
{
    struct fields f = fields(c);
    if (bytes.n < 1 + STATES || bytes.p[0] != FORM)
        return false;
    c->mode = (enum sla_mode)bytes.p[1];
    c->response.state = (enum sla_state)bytes.p[2];
    c->update.state = (enum sla_state)bytes.p[3];
    c->resolution.state = (enum sla_state)bytes.p[4];
    bytes.p += 1 + STATES;
    bytes.n -= 1 + STATES;
    for (unsigned i = 0; i < AMOUNTS; i++)
        if (!take(&bytes, f.amounts[i]))
            return false;
    for (unsigned i = 0; i < INSTANTS; i++) {
        int64_t v;
        if (!take(&bytes, &v))
            return false;
        *f.instants[i] = v == OD_TIME_NONE ? v : v + c->created_us;
    }
    return bytes.n == 0;
}
