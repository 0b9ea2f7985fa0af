/* SPDX-License-Identifier: Apache-2.0
 * Binding and accepting. When descriptors or memory run out it rests a little longer each time instead of spinning. */
#include "server/net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/limits.h"
#include "common/base/time.h"

enum { BACKLOG = 511, ACCEPTS_PER_WAKE = 64, REST_FIRST_MS = 50, REST_LAST_MS = 2000 };

struct listening {
    struct listener *listener;
    int fd;
    bool local;
    struct event *event;
    struct event *rested;
    int rest_ms;
};

struct listener {
    struct net *net;
    struct listening tcp, local;
    uint16_t port;
    char unix_path[sizeof((struct sockaddr_un *)NULL)->sun_path];
};

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

/* The address without the port: logins are slowed down by it. */
static void peer_tcp(const union address *a, char out[64])
{
    if (a->any.sa_family == AF_INET)
        inet_ntop(AF_INET, &a->four.sin_addr, out, 64);
    else if (IN6_IS_ADDR_V4MAPPED(&a->six.sin6_addr))
        inet_ntop(AF_INET, a->six.sin6_addr.s6_addr + 12, out, 64);
    else
        inet_ntop(AF_INET6, &a->six.sin6_addr, out, 64);
}

static bool peer_local(int fd, char out[64])
{
    struct ucred who;
    socklen_t n = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) || n != sizeof who)
        return false;
    snprintf(out, 64, "local:uid=%u", (unsigned)who.uid);
    return true;
}

static struct io_thread *least_loaded(struct net *net)
{
    struct io_thread *best = net->threads;
    for (unsigned i = 1; i < net->n_threads; i++) {
        struct io_thread *t = &net->threads[i];
        if (atomic_load_explicit(&t->counters.connections_open, memory_order_relaxed) <
            atomic_load_explicit(&best->counters.connections_open, memory_order_relaxed))
            best = t;
    }
    return best;
}

static void hand_over(struct listening *l, int fd, const union address *from)
{
    struct net *net = l->listener->net;
    size_t n = atomic_fetch_add(&net->connections, 1);
    struct io_mail *mail = NULL;
    if (n >= net->options.connections_max + OD_CONNECTIONS_SURPLUS_MAX || !(mail = calloc(1, sizeof *mail)))
        goto refuse;
    mail->kind = IO_MAIL_SOCKET;
    mail->fd = fd;
    mail->local = l->local;
    mail->surplus = n >= net->options.connections_max;
    if (!l->local) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        peer_tcp(from, mail->peer);
    } else if (!peer_local(fd, mail->peer)) {
        goto refuse;
    }
    io_mail_post(least_loaded(net), mail);
    return;
refuse:
    free(mail);
    close(fd);
    atomic_fetch_sub(&net->connections, 1);
}

static void rest(struct listening *l)
{
    l->rest_ms = l->rest_ms ? l->rest_ms * 2 : REST_FIRST_MS;
    if (l->rest_ms > REST_LAST_MS)
        l->rest_ms = REST_LAST_MS;
    const struct timeval tv = {l->rest_ms / 1000, l->rest_ms % 1000 * 1000L};
    event_del(l->event);
    event_add(l->rested, &tv);
}

static void on_rested(evutil_socket_t fd OD_UNUSED, short what OD_UNUSED, void *arg)
{
    struct listening *l = arg;
    event_add(l->event, NULL);
}

static void on_accept(evutil_socket_t fd, short what OD_UNUSED, void *arg)
{
    struct listening *l = arg;
    for (int i = 0; i < ACCEPTS_PER_WAKE; i++) {
        union address from = {.six = {0}};
        socklen_t n = sizeof from;
        int accepted = accept4(fd, &from.any, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted >= 0) {
            l->rest_ms = 0;
            hand_over(l, accepted, &from);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            rest(l);
        if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}

static enum od_status listening_start(struct listening *l, struct listener *owner, int fd, bool local, struct od_err *err)
{
    struct event_base *base = owner->net->threads[0].base;
    *l = (struct listening){.listener = owner, .fd = fd, .local = local};
    l->event = event_new(base, fd, EV_READ | EV_PERSIST, on_accept, l);
    l->rested = event_new(base, -1, 0, on_rested, l);
    if (!l->event || !l->rested || event_add(l->event, NULL))
        return od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
    return OD_OK;
}

static void listening_stop(struct listening *l)
{
    if (l->event)
        event_free(l->event);
    if (l->rested)
        event_free(l->rested);
    if (l->fd >= 0)
        close(l->fd);
    *l = (struct listening){.fd = -1};
}

/* host:port, [host]:port; an empty host or * is every address. */
static bool address_split(const char *listen_at, char host[256], char port[16])
{
    const char *colon = strrchr(listen_at, ':');
    size_t n = colon ? (size_t)(colon - listen_at) : 0;
    if (!colon || n >= 256 || strlen(colon + 1) >= 16 || !colon[1])
        return false;
    const char *from = listen_at;
    if (n >= 2 && from[0] == '[' && from[n - 1] == ']') {
        from++;
        n -= 2;
    }
    snprintf(host, 256, "%.*s", (int)n, from);
    snprintf(port, 16, "%s", colon + 1);
    return true;
}

static int bind_first(const struct addrinfo *list)
{
    for (const struct addrinfo *a = list; a; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
        if (a->ai_family == AF_INET6)
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, sizeof(int));
        if (!bind(fd, a->ai_addr, a->ai_addrlen) && !listen(fd, BACKLOG))
            return fd;
        int why = errno;
        close(fd);
        errno = why;
    }
    return -1;
}

static enum od_status tcp_open(struct listener *l, const char *listen_at, struct od_err *err)
{
    char host[256], port[16];
    struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *list = NULL;
    if (!address_split(listen_at, host, port))
        return od_fail(err, OD_R_CONNECT_FAILED, "host=%s" OD_AND "why=it must be host:port", listen_at);
    int rc = getaddrinfo(*host && strcmp(host, "*") != 0 ? host : NULL, port, &hints, &list);
    if (rc)
        return od_fail(err, OD_R_CONNECT_FAILED, "host=%s" OD_AND "why=%s", listen_at, gai_strerror(rc));
    int fd = bind_first(list);
    freeaddrinfo(list);
    if (fd < 0)
        return od_fail(err, OD_R_CONNECT_FAILED, "host=%s" OD_AND "why=%s", listen_at, strerror(errno));
    union address bound = {.six = {0}};
    socklen_t n = sizeof bound;
    if (!getsockname(fd, &bound.any, &n))
        l->port = ntohs(bound.any.sa_family == AF_INET ? bound.four.sin_port : bound.six.sin6_port);
    return listening_start(&l->tcp, l, fd, false, err);
}

/* A socket file that nobody listens on is left over from a crash and is replaced. */
static bool unix_in_use(const struct sockaddr_un *at)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool used = fd >= 0 && !connect(fd, (const struct sockaddr *)at, sizeof *at);
    if (fd >= 0)
        close(fd);
    return used;
}

static enum od_status unix_open(struct listener *l, const char *path, struct od_err *err)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof at.sun_path)
        return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=longer than a socket's path may be", path);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    if (unix_in_use(&at))
        return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=another server listens there", path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) || chmod(path, 0660) || listen(fd, BACKLOG)) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=%s", path, strerror(why));
    }
    snprintf(l->unix_path, sizeof l->unix_path, "%s", path);
    return listening_start(&l->local, l, fd, true, err);
}

enum od_status listener_new(struct net *net, struct listener **ret_listener, struct od_err *err)
{
    struct listener *l = od_xcalloc(1, sizeof *l);
    l->net = net;
    l->tcp.fd = l->local.fd = -1;
    enum od_status status = net->options.listen ? tcp_open(l, net->options.listen, err) : OD_OK;
    if (status == OD_OK && net->options.unix_path)
        status = unix_open(l, net->options.unix_path, err);
    if (status != OD_OK) {
        listener_free(l);
        return status;
    }
    *ret_listener = l;
    return OD_OK;
}

uint16_t listener_port(const struct listener *l) { return l->port; }

void listener_stop(struct listener *l)
{
    listening_stop(&l->tcp);
    listening_stop(&l->local);
    if (*l->unix_path)
        unlink(l->unix_path);
    *l->unix_path = '\0';
}

void listener_free(struct listener *l)
{
    if (!l)
        return;
    listener_stop(l);
    free(l);
}
