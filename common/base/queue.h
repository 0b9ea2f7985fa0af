/* SPDX-License-Identifier: Apache-2.0
 * A bounded queue of intrusive items between threads: any number of producers and consumers, first in, first out. */
#ifndef OD_BASE_QUEUE_H
#define OD_BASE_QUEUE_H

#include <pthread.h>

#include "common/base/base.h"

/* Embed as a member; one item is in one queue at most. */
struct od_queue_item {
    struct od_queue_item *next;
};

struct od_queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct od_queue_item *head;
    struct od_queue_item **tail;
    size_t n;
    size_t max;
    unsigned waiting;   /* consumers asleep */
    bool closed;
};

void od_queue_init(struct od_queue *q, size_t max);
void od_queue_done(struct od_queue *q); /* must be empty, nobody waiting */

/* Appends a chain of count linked items; all or none. Returns false when it is full or closed. Wakes as many as needed. */
bool od_queue_push(struct od_queue *q, struct od_queue_item *first, struct od_queue_item *last, size_t count);

/* Takes one item, sleeping until there is one or timeout_ms passed (< 0: for ever). NULL: time is up, or closed and empty. */
struct od_queue_item *od_queue_pop(struct od_queue *q, int timeout_ms);

/* The same, and with an item that `together` likes those behind it that it likes too, up to max. Gives how many. */
size_t od_queue_pop_some(struct od_queue *q, bool (*together)(const struct od_queue_item *item), struct od_queue_item *items[],
                         size_t max, int timeout_ms);

/* Takes everything at once, without sleeping; a chain by next. */
struct od_queue_item *od_queue_drain(struct od_queue *q);

void od_queue_close(struct od_queue *q); /* pushes fail, pops empty it and then give NULL */
bool od_queue_over(struct od_queue *q);  /* closed and empty: no pop will ever give anything again */
size_t od_queue_count(struct od_queue *q);

#define OD_CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr) - offsetof(type, member)))

#endif
