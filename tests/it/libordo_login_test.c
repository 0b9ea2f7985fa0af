/* SPDX-License-Identifier: Apache-2.0
 * Logins and connections of libordo: whose they are, which server they may go to, when one is given up for the next. */
#include "tests/it/libordo_world.h"

#include <pthread.h>

static void a_token_stands_for_the_password(void **state)
{
    struct world *w = *state;
    assert_int_equal(ordo_auth_password(w->client, "ann", "correct horse"), ORDO_OK);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    atomic_store(&w->control.cut_before_run, 1);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_int_equal(atomic_load(&w->control.logins), 2);
    assert_int_equal(atomic_load(&w->control.password_logins), 1);
    atomic_store(&w->control.refuse_tokens, true);
    atomic_store(&w->control.cut_before_run, 1);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_int_equal(atomic_load(&w->control.password_logins), 2);
}

static void a_refused_login_ends_what_waits(void **state)
{
    struct world *w = *state;
    ordo_error error;
    assert_int_equal(ordo_auth_password(w->client, "ann", "wrong horse"), ORDO_OK);
    assert_int_equal(echo(w->client, &error), ORDO_UNAUTHENTICATED);
    assert_string_equal(error.reason, "LOGIN_FAILED");
    assert_int_equal(ordo_client_state(w->client), ORDO_STATE_REFUSED);
    assert_int_equal(ordo_connect(w->client, 0, &error), ORDO_UNAUTHENTICATED);
    assert_int_equal(echo(w->client, &error), ORDO_UNAUTHENTICATED);
    assert_int_equal(atomic_load(&w->control.connections), 1);
    assert_int_equal(ordo_auth_password(w->client, "ann", "correct horse"), ORDO_OK);
    assert_int_equal(echo(w->client, &error), ORDO_OK);
}

static void a_busy_login_is_tried_again(void **state)
{
    struct world *w = *state;
    unsigned char key[32] = {1};
    atomic_store(&w->control.busy_logins, 2);
    assert_int_equal(ordo_auth_api_key(w->client, key), ORDO_OK);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_int_equal(atomic_load(&w->control.logins), 1);
}

static void another_login_goes_over_the_same_connection(void **state)
{
    struct world *w = *state;
    assert_int_equal(ordo_auth_password(w->client, "ann", "correct horse"), ORDO_OK);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_int_equal(ordo_auth_password(w->client, "bob", "correct horse"), ORDO_OK);
    assert_int_equal(ordo_connect(w->client, 0, NULL), ORDO_OK);
    assert_int_equal(atomic_load(&w->control.password_logins), 2);
    assert_int_equal(atomic_load(&w->control.connections), 1);
    assert_int_equal(ordo_auth_none(w->client), ORDO_OK);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_null(ordo_identity(w->client));
    assert_int_equal(atomic_load(&w->control.connections), 2);
}

static void another_database_is_no_substitute(void **state)
{
    struct world *w = *state;
    ordo_error error;
    ordo_call_options soon = {.struct_size = sizeof soon, .timeout_ms = 200};
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    atomic_store(&w->control.environment, 1);
    atomic_store(&w->control.cut_before_answer, 1);
    assert_int_equal(ordo_next_call(w->client, &soon), ORDO_OK);
    assert_int_equal(register_one(w->client, NULL, &error), ORDO_UNKNOWN);
    assert_int_equal(atomic_load(&w->control.executed), 1);
    assert_int_equal(atomic_load(&w->control.replayed), 0);
}

static void keys_are_dated_by_the_server(void **state)
{
    struct world *w = *state;
    const int64_t ahead_us = 3600 * OD_US_PER_S;
    atomic_store(&w->control.clock_ahead_us, ahead_us);
    assert_int_equal(register_one(w->client, NULL, NULL), ORDO_OK);
    int64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | atomic_load(&w->control.last_key[i]);
    int64_t off_us = ms * OD_US_PER_MS - od_real_us() - ahead_us;
    assert_in_range(off_us + 5 * OD_US_PER_S, 0, 10 * OD_US_PER_S);
}

static void a_leaving_server_is_left_within_its_window(void **state)
{
    struct world *w = *state;
    atomic_store(&w->control.go_away_min_ms, 200);
    atomic_store(&w->control.go_away_max_ms, 400);
    atomic_store(&w->control.go_away, 1);
    assert_int_equal(register_one(w->client, NULL, NULL), ORDO_OK);
    int64_t from_us = od_mono_us();
    int64_t id = 0;
    assert_int_equal(register_one(w->client, &id, NULL), ORDO_OK);
    assert_in_range(od_mono_us() - from_us, 150 * OD_US_PER_MS, 2000 * OD_US_PER_MS);
    assert_int_equal(id, 2);
    assert_int_equal(atomic_load(&w->control.connections), 2);
    assert_int_equal(atomic_load(&w->control.executed), 2);
}

static void a_silent_server_is_given_up(void **state)
{
    struct world *w = *state;
    assert_int_equal(ordo_connect(w->client, 0, NULL), ORDO_OK);
    atomic_store(&w->control.silent, true);
    int64_t from_us = od_mono_us();
    while (ordo_client_state(w->client) == ORDO_STATE_READY)
        ordo_process(w->client, 1000);
    assert_in_range(od_mono_us() - from_us, 400 * OD_US_PER_MS, 3000 * OD_US_PER_MS);
    assert_true(atomic_load(&w->control.pings) >= 1);
    atomic_store(&w->control.silent, false);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
}

static void *echo_thread(void *arg)
{
    for (int i = 0; i < 200; i++)
        if (echo(arg, NULL) != ORDO_OK)
            return arg;
    return NULL;
}

static void a_client_with_a_thread_serves_many(void **state)
{
    struct world *w = *state;
    pthread_t threads[4];
    ordo_options o = options_for(w, peer_host(w->peer));
    o.on_state = NULL;
    client_again(w, &o);
    assert_int_equal(ordo_start_thread(w->client, NULL), ORDO_OK);
    assert_int_equal(ordo_connect(w->client, 0, NULL), ORDO_OK);
    assert_int_equal(ordo_process(w->client, 0), ORDO_USAGE);
    for (size_t i = 0; i < OD_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, echo_thread, w->client), 0);
    peer_cut(w->peer);
    for (size_t i = 0; i < OD_LEN(threads); i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_PEER(a_token_stands_for_the_password),
        ON_A_PEER(a_refused_login_ends_what_waits),
        ON_A_PEER(a_busy_login_is_tried_again),
        ON_A_PEER(another_login_goes_over_the_same_connection),
        ON_A_PEER(another_database_is_no_substitute),
        ON_A_PEER(keys_are_dated_by_the_server),
        ON_A_PEER(a_leaving_server_is_left_within_its_window),
        ON_A_PEER(a_silent_server_is_given_up),
        ON_A_PEER(a_client_with_a_thread_serves_many),
    };
    return cmocka_run_group_tests_name("libordo: logins and connections", tests, directory_new, directory_free);
}
