/* SPDX-License-Identifier: Apache-2.0
 * Every allocation of libordo fails once: the call concerned reports it or gets through by another connection, nothing
 * crashes, leaks or hangs, and a change is still made at most once. Linked with --wrap for the allocators. */
#include "tests/it/libordo_world.h"

#include <unistd.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);

/* Of the thread under test; the peer's thread allocates freely. 0: nothing fails. */
static _Thread_local unsigned fail_at, allocations;

static bool fails(void) { return fail_at && ++allocations == fail_at; }

void *__wrap_malloc(size_t n) { return fails() ? NULL : __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t size) { return fails() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *p, size_t n) { return fails() ? NULL : __real_realloc(p, n); }
char *__wrap_strdup(const char *s) { return fails() ? NULL : __real_strdup(s); }

struct seen {
    uint64_t events;
    unsigned rows;
    bool over;
};

static bool on_rows(ordo_call *call, const Ordo__RequestListPart *part, void *arg)
{
    (void)call;
    ((struct seen *)arg)->rows += (unsigned)part->n_rows;
    return true;
}

static void on_event(ordo_subscription *subscription, const Ordo__Event *event, void *arg)
{
    struct seen *s = arg;
    assert_true(event->seq == ++s->events);
    ordo_subscription_ack(subscription, event->seq);
}

static void on_end(ordo_subscription *subscription, const ordo_error *error, void *arg)
{
    (void)subscription;
    assert_int_not_equal(error->status, ORDO_OK);
    ((struct seen *)arg)->over = true;
}

static void watch(ordo_client *client)
{
    struct seen s = {0};
    ordo_subscribe_options o = {
        .struct_size = sizeof o, .name = "test", .on_event = on_event, .on_end = on_end, .arg = &s};
    ordo_subscription *subscription;
    o.has_after = true;
    if (ordo_subscribe(client, &o, &subscription, NULL) != ORDO_OK)
        return;
    while (s.events < 5 && !s.over)
        ordo_process(client, 1000);
    if (!s.over)
        ordo_unsubscribe(subscription);
    while (!s.over)
        ordo_process(client, 1000);
}

static void use(ordo_client *client, struct peer_control *control)
{
    int before = atomic_load(&control->executed);
    struct seen s = {0};
    ordo_error error;
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    Ordo__RequestRegisterRep *rep = NULL;
    Ordo__RequestListReq list = ORDO__REQUEST_LIST_REQ__INIT;
    if (ordo_auth_password(client, "ann", "correct horse") != ORDO_OK)
        return;
    atomic_store(&control->cut_before_answer, 1);
    enum ordo_status status = ordo_request_register(client, &req, &rep, &error);
    int executed = atomic_load(&control->executed) - before;
    assert_in_range(executed, status == ORDO_OK || error.outcome == ORDO_EXECUTED,
                    error.outcome == ORDO_NOT_EXECUTED && status != ORDO_OK ? 0 : 1);
    ordo_free_message(rep);
    atomic_store(&control->cut_before_answer, 0);
    list.has_limit = true;
    list.limit = 100;
    status = ordo_request_list(client, &list, on_rows, &s, NULL, &error);
    assert_true(status != ORDO_OK || s.rows == 100);
    watch(client);
    (void)!ordo_journal_resolve(client, NULL, NULL, NULL);
}

/* Returns how many allocations there were. */
static unsigned run(const char *host, struct peer_control *control, unsigned n)
{
    ordo_client *client;
    ordo_error error;
    ordo_options o = {
        .struct_size = sizeof o,
        .hosts = host,
        .ca_file = ca_file,
        .journal_path = journal_file,
        .timeout_ms = 5000,
        .reconnect_min_ms = 1,
        .reconnect_max_ms = 5,
    };
    fail_at = n;
    allocations = 0;
    if (ordo_client_new(&o, &client, &error) == ORDO_OK)
        use(client, control);
    else
        assert_string_equal(error.reason, "OUT_OF_MEMORY");
    ordo_client_free(client);
    fail_at = 0;
    unlink(journal_file);
    return allocations;
}

static void each_allocation_fails_once(bool local)
{
    struct peer_control control = {0};
    struct peer *peer = peer_start(directory, local, &control);
    atomic_store(&control.inbox, 5);
    unsigned all = run(peer_host(peer), &control, UINT32_MAX), failed = 0;
    int64_t from_us = od_mono_us();
    for (unsigned n = 1; n <= all + 20; n++)
        failed += run(peer_host(peer), &control, n) >= n;
    print_message("  %u allocations, %u failed, %lld ms\n", all, failed, (long long)(od_mono_us() - from_us) / 1000);
    assert_true(all > 20 && failed >= all - 5);
    peer_stop(peer);
}

static void over_tls(void **state)
{
    (void)state;
    each_allocation_fails_once(false);
}

static void over_a_local_socket(void **state)
{
    (void)state;
    each_allocation_fails_once(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(over_tls), cmocka_unit_test(over_a_local_socket)};
    return cmocka_run_group_tests_name("libordo: allocations", tests, directory_new, directory_free);
}
