/* SPDX-License-Identifier: Apache-2.0
 * A linked list under one mutex: the critical section is a few stores, so contention costs less than spinning would. */
#include "common/base/queue.h"

#include <errno.h>
#include <time.h>

void od_queue_init(struct od_queue *q, size_t max)
{
    *q = (struct od_queue){.max = max};
    q->tail = &q->head;
    pthread_condattr_t attr;
    od_assert(pthread_mutex_init(&q->lock, NULL) == 0 && pthread_condattr_init(&attr) == 0);
    od_assert(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 && pthread_cond_init(&q->filled, &attr) == 0);
    pthread_condattr_destroy(&attr);
}

void od_queue_done(struct od_queue *q)
{
    od_assert(!q->head && !q->waiting);
    pthread_cond_destroy(&q->filled);
    pthread_mutex_destroy(&q->lock);
}

bool od_queue_push(struct od_queue *q, struct od_queue_item *first, struct od_queue_item *last, size_t count)
{
    last->next = NULL;
    pthread_mutex_lock(&q->lock);
    bool ok = !q->closed && count <= q->max - q->n;
    if (ok) {
        *q->tail = first;
        q->tail = &last->next;
        q->n += count;
    }
    size_t wake = !ok ? 0 : q->waiting < count ? q->waiting : count;
    pthread_mutex_unlock(&q->lock);
    for (; wake; wake--)
        pthread_cond_signal(&q->filled);
    return ok;
}

static bool wait_filled(struct od_queue *q, const struct timespec *until)
{
    q->waiting++;
    int rc = until ? pthread_cond_timedwait(&q->filled, &q->lock, until) : pthread_cond_wait(&q->filled, &q->lock);
    q->waiting--;
    return rc != ETIMEDOUT;
}

static struct od_queue_item *take(struct od_queue *q)
{
    struct od_queue_item *item = q->head;
    q->head = item->next;
    if (!q->head)
        q->tail = &q->head;
    q->n--;
    return item;
}

static struct timespec in_ms(int ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

size_t od_queue_pop_some(struct od_queue *q, bool (*together)(const struct od_queue_item *item), struct od_queue_item *items[],
                         size_t max, int timeout_ms)
{
    struct timespec until = in_ms(timeout_ms > 0 ? timeout_ms : 0);
    size_t n = 0;
    pthread_mutex_lock(&q->lock);
    while (!q->head && !q->closed && timeout_ms != 0)
        if (!wait_filled(q, timeout_ms > 0 ? &until : NULL))
            break;
    if (q->head)
        items[n++] = take(q);
    while (n && n < max && q->head && together(items[0]) && together(q->head))
        items[n++] = take(q);
    pthread_mutex_unlock(&q->lock);
    return n;
}

struct od_queue_item *od_queue_pop(struct od_queue *q, int timeout_ms)
{
    struct od_queue_item *item;
    return od_queue_pop_some(q, NULL, &item, 1, timeout_ms) ? item : NULL;
}

struct od_queue_item *od_queue_drain(struct od_queue *q)
{
    pthread_mutex_lock(&q->lock);
    struct od_queue_item *all = q->head;
    q->head = NULL;
    q->tail = &q->head;
    q->n = 0;
    pthread_mutex_unlock(&q->lock);
    return all;
}

void od_queue_close(struct od_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->filled);
    pthread_mutex_unlock(&q->lock);
}

bool od_queue_over(struct od_queue *q)
{
    pthread_mutex_lock(&q->lock);
    bool over = q->closed && !q->head;
    pthread_mutex_unlock(&q->lock);
    return over;
}

size_t od_queue_count(struct od_queue *q)
{
    pthread_mutex_lock(&q->lock);
    size_t n = q->n;
    pthread_mutex_unlock(&q->lock);
    return n;
}
