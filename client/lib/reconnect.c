/* SPDX-License-Identifier: Apache-2.0
 * Host list and jitter. Full jitter keeps a thousand clients that lost the same node from coming back as one. */
#include "client/lib/reconnect.h"

#include <stdio.h>

static bool host_parse(struct od_str item, struct od_host *host)
{
    struct od_str name, port = {0};
    *host = (struct od_host){0};
    if (item.n > 5 && !memcmp(item.p, "unix:", 5)) {
        name = (struct od_str){item.p + 5, item.n - 5};
        host->local = true;
    } else if (item.n && item.p[0] == '[') {
        const char *close = memchr(item.p, ']', item.n);
        if (!close || close + 1 == item.p + item.n || close[1] != ':')
            return false;
        name = (struct od_str){item.p + 1, (size_t)(close - item.p - 1)};
        port = (struct od_str){close + 2, item.n - (size_t)(close + 2 - item.p)};
    } else {
        name = od_str_cut(&item, ':');
        port = item;
    }
    int64_t number;
    if (!host->local && !od_str_int(port, 1, 65535, &number))
        return false;
    if (!name.n || name.n >= sizeof host->name || memchr(name.p, '\0', name.n))
        return false;
    memcpy(host->name, name.p, name.n);
    if (!host->local)
        snprintf(host->port, sizeof host->port, "%u", (unsigned)number);
    return true;
}

enum od_status od_hosts_add(struct od_hosts *h, const char *text, struct od_err *err)
{
    struct od_str rest = od_str_c(text);
    while (rest.n) {
        struct od_str item = od_str_trim(od_str_cut(&rest, ','));
        struct od_host host;
        if (!host_parse(item, &host))
            return od_fail(err, OD_R_USAGE_WRONG,
                           "why=\"" OD_STR_FMT "\" is not host:port, [address]:port or unix:/path", OD_STR_ARG(item));
        unsigned i = 0;
        while (i < h->n && (strcmp(h->list[i].name, host.name) != 0 || strcmp(h->list[i].port, host.port) != 0))
            i++;
        if (i < h->n)
            continue;
        if (h->n == OD_HOSTS_MAX)
            return od_fail(err, OD_R_USAGE_WRONG, "why=at most %d hosts", OD_HOSTS_MAX);
        h->list[h->n++] = host;
    }
    return OD_OK;
}

int64_t od_jitter_us(struct od_random *r, int64_t min_us, int64_t max_us, unsigned round)
{
    int64_t span = min_us;
    for (unsigned i = 0; i < round && span < max_us; i++)
        span *= 2;
    if (span > max_us)
        span = max_us;
    return (int64_t)od_random_below(r, (uint64_t)span + 1);
}

int64_t od_hosts_failed(struct od_hosts *h, struct od_random *r, int64_t min_us, int64_t max_us, bool *ret_round)
{
    h->at = (h->at + 1) % h->n;
    bool through = ++h->tried >= h->n;
    if (ret_round)
        *ret_round = through;
    if (!through)
        return 0;
    h->tried = 0;
    int64_t wait_us = od_jitter_us(r, min_us, max_us, h->round);
    if (h->round < 32)
        h->round++;
    return wait_us;
}

int64_t od_hosts_lost(struct od_hosts *h, struct od_random *r, int64_t min_us)
{
    h->at = (h->at + 1) % h->n;
    return od_jitter_us(r, min_us, min_us, 0);
}

int64_t od_hosts_left(struct od_hosts *h, int64_t wait_us)
{
    h->at = (h->at + 1) % h->n;
    return wait_us > 0 ? wait_us : 0;
}

void od_hosts_connected(struct od_hosts *h) { h->tried = h->round = 0; }
