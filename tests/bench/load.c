/* SPDX-License-Identifier: Apache-2.0
 * Load by the public SDK: connections with calls in flight, each reply starts the next call. One thread, no journal.
 *
 *   load echo|create|get --host H:P --ca FILE --key HEX [--connections N] [--inflight M] [--seconds S] [--bytes B]
 *       one line of JSON: calls within the seconds, total (with a second of warming up), seconds, per_s, latency
 *       percentiles in microseconds
 *   load create|get ... --calls N [--customer I]
 *       N calls one after the other about customer (or request) I; a line of JSON {"id", "number"} for each
 *
 * The desk's ids are those of desk.h. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "client/lib/ordo.h"
#include "tests/bench/desk.h"

enum { CONNECTIONS_MAX = 256, SLOTS_MAX = 4096, WARM_UP_US = 1000000, ECHO_MAX = 65536 };

struct load;

/* One call in flight. */
struct slot {
    struct load *load;
    ordo_client *client;
    int64_t started_us;
};

struct load {
    void (*start)(struct slot *s);
    const char *host, *ca;
    unsigned char key[32];
    int connections, in_flight, bytes;
    double seconds;
    long calls;      /* > 0: so many, one by one, shown */
    long customer;   /* >= 0: always this one */
    ordo_client *clients[CONNECTIONS_MAX];
    struct slot slots[SLOTS_MAX];
    int running;
    int64_t from_us, until_us;
    long total;      /* calls that ended, also while warming up */
    uint64_t random;
    uint32_t *latencies_us;
    size_t n, room;
    uint8_t payload[ECHO_MAX];
};

static int64_t mono_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void fail(const char *what, const ordo_error *e)
{
    fprintf(stderr, "load: %s: %s %s\n", what, e ? e->reason : "", e ? e->text : "");
    exit(70);
}

static int64_t number(const char *text, int64_t max)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (errno || end == text || *end || v < 0 || v > max) {
        fprintf(stderr, "load: %s is no number from 0 to %lld\n", text, (long long)max);
        exit(64);
    }
    return v;
}

/* xorshift64*: below `below`. */
static int64_t dice(struct load *l, int64_t below)
{
    l->random ^= l->random >> 12;
    l->random ^= l->random << 25;
    l->random ^= l->random >> 27;
    return (int64_t)((l->random * UINT64_C(2685821657736338717) >> 33) % (uint64_t)below);
}

static void keep(struct load *l, int64_t us)
{
    if (l->n == l->room) {
        l->room = l->room ? 2 * l->room : 1 << 16;
        uint32_t *more = realloc(l->latencies_us, l->room * sizeof *more);
        if (!more)
            fail("no memory", NULL);
        l->latencies_us = more;
    }
    l->latencies_us[l->n++] = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

/* A call ended: counts it, and starts the next one until time or number is up. */
static void ended(struct slot *s, const ordo_error *error, int64_t id, int64_t shown)
{
    struct load *l = s->load;
    if (error)
        fail("a call failed", error);
    if (l->calls) {
        printf("{\"id\": %lld, \"number\": %lld}\n", (long long)id, (long long)shown);
        if (--l->calls == 0)
            l->running--;
        else
            l->start(s);
        return;
    }
    int64_t now = mono_us();
    l->total++;
    if (now >= l->from_us && now < l->until_us)
        keep(l, now - s->started_us);
    if (now < l->until_us)
        l->start(s);
    else
        l->running--;
}

static void started(enum ordo_status status)
{
    if (status != ORDO_OK)
        fail(ordo_status_name(status), NULL);
}

/* --- the three calls ----------------------------------------------------------------------------------------------- */

static void on_echo(ordo_call *call, const Ordo__EchoRep *rep, const ordo_error *error, void *arg)
{
    struct slot *s = arg;
    (void)call;
    if (rep && rep->payload.len != (size_t)s->load->bytes)
        fail("another payload came back", NULL);
    ended(s, error, 0, 0);
}

static void start_echo(struct slot *s)
{
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    req.has_payload = 1;
    req.payload = (ProtobufCBinaryData){(size_t)s->load->bytes, s->load->payload};
    s->started_us = mono_us();
    started(ordo_echo_start(s->client, &req, on_echo, s, NULL));
}

static void on_create(ordo_call *call, const Ordo__RequestRegisterRep *rep, const ordo_error *error, void *arg)
{
    (void)call;
    ended(arg, error, rep ? rep->id : 0, rep ? rep->number : 0);
}

/* On the telephone: for a customer's contact, given at once to somebody of the branch. Contact and assignee are told. */
static void start_create(struct slot *s)
{
    struct load *l = s->load;
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    static char title[] = "Printer on the third floor does not answer";
    static char texts[][2][16] = {{"serial", "A-1234"}, {"site", "North building"}};
    Ordo__Field serial = ORDO__FIELD__INIT, site = ORDO__FIELD__INIT, *fields[] = {&serial, &site};
    int64_t i = l->customer >= 0 ? l->customer : dice(l, DESK_CUSTOMERS), branch = i % DESK_BRANCHES;
    serial.name = texts[0][0];
    serial.value = texts[0][1];
    site.name = texts[1][0];
    site.value = texts[1][1];
    req.n_fields = 2;
    req.fields = fields;
    req.title = title;
    req.has_customer_id = req.has_contact_id = req.has_type_id = req.has_assignee_id = req.has_channel = 1;
    req.customer_id = DESK_CUSTOMER + i;
    req.contact_id = DESK_CONTACT + i;
    req.type_id = DESK_TYPE + DESK_BRANCHES * (l->customer >= 0 ? 0 : dice(l, DESK_TYPES / DESK_BRANCHES)) + branch;
    req.assignee_id = DESK_ASSIGNEE + DESK_BRANCHES * (l->customer >= 0 ? 0 : dice(l, DESK_ASSIGNEES / DESK_BRANCHES)) + branch;
    req.channel = ORDO__CHANNEL__PHONE;
    s->started_us = mono_us();
    started(ordo_request_register_start(s->client, &req, on_create, s, NULL));
}

static void on_get(ordo_call *call, const Ordo__RequestGetRep *rep, const ordo_error *error, void *arg)
{
    (void)call;
    ended(arg, error, rep ? rep->request->id : 0, rep ? rep->request->number : 0);
}

static void start_get(struct slot *s)
{
    struct load *l = s->load;
    Ordo__RequestGetReq req = ORDO__REQUEST_GET_REQ__INIT;
    req.has_request_id = 1;
    req.request_id = DESK_REQUEST + (l->customer >= 0 ? l->customer : dice(l, DESK_REQUESTS));
    s->started_us = mono_us();
    started(ordo_request_get_start(s->client, &req, on_get, s, NULL));
}

/* --- the run ------------------------------------------------------------------------------------------------------- */

static void connect_all(struct load *l)
{
    ordo_options o = {.struct_size = sizeof o, .hosts = l->host, .ca_file = l->ca, .program = "bench load"};
    ordo_error error = {0};
    for (int i = 0; i < l->connections; i++) {
        if (ordo_client_new(&o, &l->clients[i], &error) != ORDO_OK ||
            ordo_auth_api_key(l->clients[i], l->key) != ORDO_OK || ordo_connect(l->clients[i], 0, &error) != ORDO_OK)
            fail("cannot connect", &error);
    }
}

/* One connection needs no second poll. */
static void loop(struct load *l)
{
    struct epoll_event events[CONNECTIONS_MAX];
    int poll = l->connections > 1 ? epoll_create1(EPOLL_CLOEXEC) : -1;
    for (int i = 0; poll >= 0 && i < l->connections; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = l->clients[i]};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, ordo_fd(l->clients[i]), &e) != 0)
            fail(strerror(errno), NULL);
    }
    while (l->running) {
        int n = poll < 0 ? 1 : epoll_wait(poll, events, CONNECTIONS_MAX, 1000);
        for (int i = 0; i < n; i++)
            (void)ordo_process(poll < 0 ? l->clients[0] : events[i].data.ptr, poll < 0 ? 1000 : 0);
    }
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static unsigned at(const struct load *l, double share) { return l->latencies_us[(size_t)(share * (double)(l->n - 1))]; }

static void report(struct load *l)
{
    if (!l->n)
        fail("no call ended in time", NULL);
    qsort(l->latencies_us, l->n, sizeof *l->latencies_us, by_value);
    printf("{\"calls\": %zu, \"total\": %ld, \"seconds\": %g, \"per_s\": %.1f, ", l->n, l->total, l->seconds, (double)l->n / l->seconds);
    printf("\"p50_us\": %u, \"p90_us\": %u, \"p99_us\": %u, \"max_us\": %u}\n", at(l, 0.5), at(l, 0.9), at(l, 0.99),
           l->latencies_us[l->n - 1]);
}

static void key_read(struct load *l, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 64; i++) {
        const char *d = hex[i] ? strchr(digits, hex[i]) : NULL;
        if (!d) {
            fprintf(stderr, "load: --key wants 64 digits of lower case hex\n");
            exit(64);
        }
        l->key[i / 2] = (unsigned char)(l->key[i / 2] << 4 | (d - digits));
    }
}

static bool arguments(struct load *l, int argc, char **argv)
{
    static const struct option options[] = {
        {"host", 1, NULL, 'h'},    {"ca", 1, NULL, 'a'},    {"key", 1, NULL, 'k'},   {"connections", 1, NULL, 'c'},
        {"inflight", 1, NULL, 'i'}, {"seconds", 1, NULL, 's'}, {"bytes", 1, NULL, 'b'}, {"calls", 1, NULL, 'n'},
        {"customer", 1, NULL, 'u'}, {0},
    };
    static const struct {
        const char *name;
        void (*start)(struct slot *s);
    } kinds[] = {{"echo", start_echo}, {"create", start_create}, {"get", start_get}};
    for (int got; (got = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (got) {
        case 'h': l->host = optarg; break;
        case 'a': l->ca = optarg; break;
        case 'k': key_read(l, optarg); break;
        case 'c': l->connections = (int)number(optarg, CONNECTIONS_MAX); break;
        case 'i': l->in_flight = (int)number(optarg, 256); break;
        case 's': l->seconds = (double)number(optarg, 3600); break;
        case 'b': l->bytes = (int)number(optarg, ECHO_MAX); break;
        case 'n': l->calls = (long)number(optarg, 1000000); break;
        case 'u': l->customer = (long)number(optarg, DESK_CUSTOMERS - 1); break;
        default: return false;
        }
    }
    for (size_t i = 0; optind + 1 == argc && i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(argv[optind], kinds[i].name))
            l->start = kinds[i].start;
    if (l->calls)
        l->connections = l->in_flight = 1;
    if (!l->start || !l->host || l->connections < 1 || l->in_flight < 1 || l->connections * l->in_flight > SLOTS_MAX) {
        fprintf(stderr, "usage: load echo|create|get --host H:P --ca FILE --key HEX [--connections N] [--inflight M] [--seconds S]\n"
                        "            [--bytes B] [--calls N] [--customer I]\n");
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct load l = {.connections = 1, .in_flight = 1, .bytes = 100, .seconds = 5, .customer = -1};
    if (!arguments(&l, argc, argv) || !l.start)
        return 64;
    void (*const start)(struct slot *s) = l.start;
    l.random = (uint64_t)mono_us() | 1;
    connect_all(&l);
    l.from_us = mono_us() + WARM_UP_US;
    l.until_us = l.from_us + (int64_t)(l.seconds * 1e6);
    l.running = l.connections * l.in_flight;
    for (int i = 0; i < l.running; i++) {
        l.slots[i] = (struct slot){.load = &l, .client = l.clients[i % l.connections]};
        start(&l.slots[i]);
    }
    loop(&l);
    if (l.latencies_us)
        report(&l);
    for (int i = 0; i < l.connections; i++)
        ordo_client_free(l.clients[i]);
    free(l.latencies_us);
    return 0;
}
