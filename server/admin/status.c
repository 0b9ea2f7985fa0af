/* SPDX-License-Identifier: Apache-2.0
 * `ordod status`: one GET of the health page, shown as it came. */
#include "server/admin/admin.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/str.h"

enum { ANSWER_BYTES_MAX = 16 * 1024, WAIT_SECONDS = 5 };

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Hands a descriptor over, as od_take does with a pointer. */
static int fd_take(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

static void free_addresses(struct addrinfo **list)
{
    if (*list)
        freeaddrinfo(*list);
}

/* host:port or [host]:port, as in the settings. */
static enum od_status dial(const char *where, int *ret_fd, struct od_err *err)
{
    char host[256], port[16];
    const char *colon = strrchr(where, ':');
    size_t n = colon ? (size_t)(colon - where) : 0;
    bool bracket = n >= 2 && where[0] == '[' && where[n - 1] == ']';
    if (!colon || n >= sizeof host)
        return od_fail(err, OD_R_CONNECT_FAILED, "host=%s" OD_AND "why=metrics_listen is no address and port", where);
    snprintf(host, sizeof host, "%.*s", (int)(bracket ? n - 2 : n), where + bracket);
    snprintf(port, sizeof port, "%s", colon + 1);

    od_cleanup(free_addresses) struct addrinfo *list = NULL;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    int failed = getaddrinfo(*host ? host : NULL, port, &hints, &list);
    if (failed)
        return od_fail(err, OD_R_CONNECT_FAILED, "host=%s" OD_AND "why=%s", where, gai_strerror(failed));
    od_cleanup(close_fd) int fd = socket(list->ai_family, list->ai_socktype | SOCK_CLOEXEC, 0);
    struct timeval wait = {.tv_sec = WAIT_SECONDS};
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) || connect(fd, list->ai_addr, list->ai_addrlen))
        return od_fail(err, OD_R_CONNECT_FAILED, "host=%s" OD_AND "why=%s; is ordod running?", where, strerror(errno));
    *ret_fd = fd_take(&fd);
    return OD_OK;
}

enum od_status admin_status(const struct admin_options *o, struct conf *c, struct od_err *err)
{
    static const char request[] = "GET /health HTTP/1.0\r\n\r\n";
    od_cleanup(close_fd) int fd = -1;
    char answer[ANSWER_BYTES_MAX];
    size_t n = 0;
    (void)o;

    if (!*c->metrics_listen)
        return od_fail(err, OD_R_USAGE_WRONG, "why=metrics_listen is empty, so there is no health page to ask");
    OD_TRY(dial(c->metrics_listen, &fd, err));
    if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof request - 1))
        return od_fail(err, OD_R_CONNECT_FAILED, "host=%s" OD_AND "why=%s", c->metrics_listen, strerror(errno));
    for (ssize_t got; n < sizeof answer - 1 && (got = read(fd, answer + n, sizeof answer - 1 - n)) > 0;)
        n += (size_t)got;
    answer[n] = '\0';
    const char *body = strstr(answer, "\r\n\r\n");
    struct od_str rest = od_str_c(answer), version = od_str_cut(&rest, ' '), code = od_str_cut(&rest, ' ');
    if (!body || version.n < 5 || memcmp(version.p, "HTTP/", 5) != 0)
        return od_fail(err, OD_R_NOT_WELL, "host=%s" OD_AND "why=it gave no HTTP answer", c->metrics_listen);
    printf("%s", body + 4);
    if (!od_str_eq_c(code, "200"))
        return od_fail(err, OD_R_NOT_WELL, "host=%s" OD_AND "why=see above", c->metrics_listen);
    return OD_OK;
}
