/* SPDX-License-Identifier: Apache-2.0
 * From a host's name to a connected socket without blocking: c-ares on the client's epoll set, then its addresses,
 * families in turn, each a little after the one before (RFC 8305); the first that answers is taken. */
#include "client/lib/internal.h"

#include <ares.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/queue.h"

enum { NEXT_ADDRESS_MS = 250, LOOKUP_POLL_MAX_MS = 1000 };

static void dial_failed(ordo_client *c, const char *why)
{
    struct od_err err;
    const struct od_host *host = &c->hosts.list[c->hosts.at];
    od_fail(&err, OD_R_CONNECT_FAILED, "host=%s%s%s" OD_AND "why=%s", host->name, host->local ? "" : ":", host->port,
            why);
    od_conn_failed(c, &err);
}

/* --- sockets ------------------------------------------------------------------------------------------------------ */

static void try_next(ordo_client *c);

static void try_ready(struct od_source *source, uint32_t events OD_UNUSED)
{
    struct od_dial_try *t = OD_CONTAINER(source, struct od_dial_try, source);
    ordo_client *c = t->client;
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int error = 0;
    socklen_t error_size = sizeof error;
    if (getsockopt(source->fd, SOL_SOCKET, SO_ERROR, &error, &error_size) == 0 && error == 0) {
        if (getpeername(source->fd, (struct sockaddr *)&peer, &size) != 0)
            return; /* not decided yet */
        int fd = od_client_release(c, source);
        od_dial_stop(c);
        od_conn_dialed(c, fd);
        return;
    }
    c->dial.last_errno = error;
    od_client_unwatch(c, source);
    try_next(c);
}

/* Begins with one address. False: not even that was possible. */
static bool try_start(ordo_client *c, unsigned i)
{
    struct od_dial_try *t = &c->dial.tries[i];
    const struct sockaddr *address = (const struct sockaddr *)&c->dial.addresses[i];
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        c->dial.last_errno = errno;
        return false;
    }
    if (address->sa_family != AF_UNIX)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    int rc = connect(fd, address, c->dial.address_sizes[i]);
    if ((rc != 0 && errno != EINPROGRESS) || !od_client_watch(c, &t->source, fd, EPOLLOUT)) {
        c->dial.last_errno = errno;
        close(fd);
        return false;
    }
    return true;
}

static void try_next(ordo_client *c)
{
    struct od_dial *d = &c->dial;
    while (d->n_started < d->n_addresses)
        if (try_start(c, d->n_started++)) {
            if (d->n_started < d->n_addresses)
                od_timer_set(&c->timers, &d->timer, c->now_us + NEXT_ADDRESS_MS * OD_US_PER_MS);
            return;
        }
    for (unsigned i = 0; i < d->n_started; i++)
        if (d->tries[i].source.fd >= 0)
            return; /* another one may still answer */
    od_dial_stop(c);
    dial_failed(c, strerrordesc_np(d->last_errno));
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static void lookup_poll(ordo_client *c)
{
    struct timeval most = {LOOKUP_POLL_MAX_MS / 1000, LOOKUP_POLL_MAX_MS % 1000 * 1000}, wait;
    if (c->dial.looked_up) {
        ares_destroy(c->dial.channel);
        c->dial.channel = NULL;
        c->dial.looked_up = false;
        if (c->dial.n_addresses)
            try_next(c);
        else {
            od_dial_stop(c);
            dial_failed(c, ares_strerror(c->dial.lookup_status));
        }
        return;
    }
    struct timeval *next = ares_timeout(c->dial.channel, &most, &wait);
    od_timer_set(&c->timers, &c->dial.timer, c->now_us + next->tv_sec * OD_US_PER_S + next->tv_usec);
}

static void dial_timer(struct od_timer *timer)
{
    ordo_client *c = OD_CONTAINER(timer, ordo_client, dial.timer);
    if (!c->dial.channel) {
        try_next(c);
        return;
    }
    ares_process_fd(c->dial.channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    lookup_poll(c);
}

static void lookup_ready(struct od_source *source, uint32_t events)
{
    struct od_dial_try *l = OD_CONTAINER(source, struct od_dial_try, source);
    ordo_client *c = l->client;
    if (!c->dial.channel)
        return;
    bool broken = events & (EPOLLERR | EPOLLHUP);
    ares_process_fd(c->dial.channel, broken || (events & EPOLLIN) ? source->fd : ARES_SOCKET_BAD,
                    broken || (events & EPOLLOUT) ? source->fd : ARES_SOCKET_BAD);
    lookup_poll(c);
}

/* c-ares owns its sockets: they leave the epoll set here and are closed there. */
static void lookup_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
    ordo_client *c = arg;
    struct od_source *source = NULL, *unused = NULL;
    uint32_t events = (readable ? (uint32_t)EPOLLIN : 0) | (writable ? (uint32_t)EPOLLOUT : 0);
    for (unsigned i = 0; i < OD_CLIENT_ARES_SOCKETS_MAX; i++) {
        struct od_source *s = &c->dial.lookups[i].source;
        if (s->fd == fd)
            source = s;
        else if (s->fd < 0)
            unused = s;
    }
    if (source && !events) {
        (void)epoll_ctl(c->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        source->fd = -1;
    } else if (source) {
        od_client_rewatch(c, source, events);
    } else if (unused && events) {
        (void)od_client_watch(c, unused, fd, events); /* not watched: its timeout then ends the look-up */
    }
}

/* The next node of a family, or NULL. */
static const struct ares_addrinfo_node *node_of(const struct ares_addrinfo_node *n, int family)
{
    while (n && n->ai_family != family)
        n = n->ai_next;
    return n;
}

static void lookup_done(void *arg, int status, int timeouts OD_UNUSED, struct ares_addrinfo *answer)
{
    ordo_client *c = arg;
    struct od_dial *d = &c->dial;
    d->looked_up = true;
    d->lookup_status = status;
    if (status != ARES_SUCCESS || !answer)
        return;
    /* The system's preference decides who begins; from there the families alternate. */
    const struct ares_addrinfo_node *n[2] = {answer->nodes, NULL};
    int family[2] = {n[0] ? n[0]->ai_family : AF_INET, 0};
    family[1] = family[0] == AF_INET ? AF_INET6 : AF_INET;
    n[1] = node_of(answer->nodes, family[1]);
    for (unsigned side = 0; (n[0] || n[1]) && d->n_addresses < OD_CLIENT_ADDRESSES_MAX; side = !side) {
        if (!n[side])
            continue;
        if (n[side]->ai_addrlen <= sizeof d->addresses[0]) {
            memcpy(&d->addresses[d->n_addresses], n[side]->ai_addr, n[side]->ai_addrlen);
            d->address_sizes[d->n_addresses++] = n[side]->ai_addrlen;
        }
        n[side] = node_of(n[side]->ai_next, family[side]);
    }
    ares_freeaddrinfo(answer);
}

static void lookup_start(ordo_client *c, const struct od_host *host)
{
    struct ares_options o = {.sock_state_cb = lookup_socket, .sock_state_cb_data = c, .timeout = 2000, .tries = 3};
    ares_channel channel;
    int status = ares_init_options(&channel, &o, ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
    if (status != ARES_SUCCESS) {
        dial_failed(c, ares_strerror(status));
        return;
    }
    c->dial.channel = channel;
    struct ares_addrinfo_hints hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = ARES_AI_NUMERICSERV};
    ares_getaddrinfo(channel, host->name, host->port, &hints, lookup_done, c);
    lookup_poll(c);
}

/* --- both --------------------------------------------------------------------------------------------------------- */

void od_dial_init(ordo_client *c)
{
    struct od_dial *d = &c->dial;
    *d = (struct od_dial){.timer.fire = dial_timer};
    for (unsigned i = 0; i < OD_CLIENT_ARES_SOCKETS_MAX; i++)
        d->lookups[i] = (struct od_dial_try){.source = {-1, lookup_ready}, .client = c};
    for (unsigned i = 0; i < OD_CLIENT_ADDRESSES_MAX; i++)
        d->tries[i] = (struct od_dial_try){.source = {-1, try_ready}, .client = c};
}

void od_dial_start(ordo_client *c, const struct od_host *host)
{
    struct od_dial *d = &c->dial;
    od_dial_init(c);
    if (!host->local) {
        lookup_start(c, host);
        return;
    }
    struct sockaddr_un *un = (struct sockaddr_un *)&d->addresses[0];
    if (strlen(host->name) >= sizeof un->sun_path) {
        dial_failed(c, strerrordesc_np(ENAMETOOLONG));
        return;
    }
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, host->name, strlen(host->name) + 1);
    d->address_sizes[0] = sizeof *un;
    d->n_addresses = 1;
    try_next(c);
}

void od_dial_stop(ordo_client *c)
{
    struct od_dial *d = &c->dial;
    if (d->channel)
        ares_destroy(d->channel); /* lookup_done() runs once more, and lookup_socket() for each socket */
    d->channel = NULL;
    d->looked_up = false;
    od_timer_clear(&c->timers, &d->timer);
    for (unsigned i = 0; i < OD_CLIENT_ADDRESSES_MAX; i++)
        if (d->tries[i].source.fd >= 0)
            od_client_unwatch(c, &d->tries[i].source);
}
