/* SPDX-License-Identifier: Apache-2.0
 * The HTTP side of the metrics pages, by libevent's evhttp in the main thread. */
#include "server/net/metrics.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

enum { HTTP_HEADERS_MAX = 8 * 1024, HTTP_IDLE_SECONDS = 10 };

struct metrics_http {
    struct evhttp *http;
    struct evhttp_bound_socket *bound;
    struct server *server;
};

static void answer(struct evhttp_request *request, int code, const char *type, const struct od_buf *page)
{
    struct evbuffer *body = evbuffer_new();
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", type);
    evhttp_add_header(evhttp_request_get_output_headers(request), "Cache-Control", "no-store");
    if (!body || page->failed || evbuffer_add(body, page->p, page->n) != 0)
        evhttp_send_error(request, HTTP_INTERNAL, NULL);
    else
        evhttp_send_reply(request, code, NULL, body);
    if (body)
        evbuffer_free(body);
}

static void on_metrics(struct evhttp_request *request, void *arg)
{
    const struct metrics_http *h = arg;
    struct net_stats stats;
    struct od_buf page;
    if (h->server->net)
        net_stats(h->server->net, &stats);
    od_buf_init(&page, METRICS_PAGE_MAX);
    metrics_page(h->server, h->server->net ? &stats : NULL, &page);
    answer(request, HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", &page);
    od_buf_done(&page);
}

static void on_health(struct evhttp_request *request, void *arg)
{
    const struct metrics_http *h = arg;
    struct od_buf page;
    od_buf_init(&page, METRICS_PAGE_MAX);
    bool well = metrics_health(h->server, &page);
    answer(request, well ? HTTP_OK : HTTP_SERVUNAVAIL, "application/json", &page);
    od_buf_done(&page);
}

/* host:port or [host]:port. */
static bool split(const char *listen, char host[256], uint16_t *ret_port)
{
    const char *colon = strrchr(listen, ':');
    int64_t port;
    size_t n = colon ? (size_t)(colon - listen) : 0;
    bool bracket = n >= 2 && listen[0] == '[' && listen[n - 1] == ']';
    if (!colon || n >= 256 || !od_str_int(od_str_c(colon + 1), 0, UINT16_MAX, &port))
        return false;
    snprintf(host, 256, "%.*s", (int)(bracket ? n - 2 : n), listen + bracket);
    *ret_port = (uint16_t)port;
    return true;
}

enum od_status metrics_http_start(struct event_base *base, const char *listen, struct server *server,
                                  struct metrics_http **ret_http, struct od_err *err)
{
    char host[256];
    uint16_t port;
    if (!split(listen, host, &port))
        return od_fail(err, OD_R_CONFIG_VALUE_GIVEN,
                       "where=settings" OD_AND "key=metrics_listen" OD_AND
                       "expected=an address and a port, such as 127.0.0.1:7224");
    struct metrics_http *h = od_xcalloc(1, sizeof *h);
    h->server = server;
    h->http = evhttp_new(base);
    if (!h->http) {
        metrics_http_free(h);
        return od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
    }
    evhttp_set_allowed_methods(h->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_max_headers_size(h->http, HTTP_HEADERS_MAX);
    evhttp_set_max_body_size(h->http, 0);
    evhttp_set_timeout(h->http, HTTP_IDLE_SECONDS);
    evhttp_set_cb(h->http, "/metrics", on_metrics, h);
    evhttp_set_cb(h->http, "/health", on_health, h);
    h->bound = evhttp_bind_socket_with_handle(h->http, host, port);
    if (!h->bound) {
        int why = errno;
        metrics_http_free(h);
        return od_fail(err, OD_R_FILE_ERROR, "path=metrics_listen %s" OD_AND "why=%s", listen, strerror(why));
    }
    *ret_http = h;
    return OD_OK;
}

uint16_t metrics_http_port(const struct metrics_http *http)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    socklen_t n = sizeof address;
    if (getsockname(evhttp_bound_socket_get_fd(http->bound), &address.any, &n) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

void metrics_http_free(struct metrics_http *http)
{
    if (!http)
        return;
    if (http->http)
        evhttp_free(http->http);
    free(http);
}
