/* SPDX-License-Identifier: Apache-2.0
 * Where to connect next and when: the host list, its rounds and the jitter. No socket, no clock. */
#ifndef ORDO_CLIENT_RECONNECT_H
#define ORDO_CLIENT_RECONNECT_H

#include "client/lib/keys.h"
#include "common/base/status.h"

enum { OD_HOSTS_MAX = 16, OD_HOST_MAX = 256 };

struct od_host {
    char name[OD_HOST_MAX]; /* host or address; the path of a local socket */
    char port[6];
    bool local;
};

struct od_hosts {
    struct od_host list[OD_HOSTS_MAX];
    unsigned n;
    unsigned at;    /* the one to try next */
    unsigned tried; /* in this round */
    unsigned round; /* rounds that failed in a row */
};

/* Adds "host:port", "[address]:port" and "unix:/path", separated by commas; one that is there already is not doubled.
 * USAGE_WRONG says what is wrong. */
enum od_status od_hosts_add(struct od_hosts *h, const char *text, struct od_err *err);

/* The wait before the next attempt, after one that failed: none within a round over the list, then a random part of a
 * span that doubles from min to max. Moves on to the next host; *ret_round (may be NULL): a round is through. */
int64_t od_hosts_failed(struct od_hosts *h, struct od_random *r, int64_t min_us, int64_t max_us, bool *ret_round);
/* The same after a connection that was in use was lost. */
int64_t od_hosts_lost(struct od_hosts *h, struct od_random *r, int64_t min_us);
/* The same after the server asked to leave within a window: its random moment lies wait_us ahead. */
int64_t od_hosts_left(struct od_hosts *h, int64_t wait_us);
void od_hosts_connected(struct od_hosts *h);

/* Full jitter: random in [0, min(max, min * 2^round)]. */
int64_t od_jitter_us(struct od_random *r, int64_t min_us, int64_t max_us, unsigned round);

#endif
