/* SPDX-License-Identifier: Apache-2.0
 * Lists and subscriptions of libordo: credit, cancelling, resuming where the last one ended. */
#include "tests/it/libordo_world.h"

#include <unistd.h>

struct rows {
    int64_t next;
    unsigned parts, stop_after;
};

static bool take_rows(ordo_call *call, const Ordo__RequestListPart *part, void *arg)
{
    struct rows *r = arg;
    (void)call;
    for (size_t i = 0; i < part->n_rows; i++)
        assert_int_equal(part->rows[i]->id, r->next++);
    return ++r->parts != r->stop_after;
}

static enum ordo_status list(ordo_client *client, struct rows *r, uint32_t rows, ordo_error *error)
{
    Ordo__RequestListReq req = ORDO__REQUEST_LIST_REQ__INIT;
    Ordo__RequestListRep *rep;
    req.has_limit = true;
    req.limit = rows;
    enum ordo_status status = ordo_request_list(client, &req, take_rows, r, &rep, error);
    if (status == ORDO_OK)
        assert_int_equal(rep->rows, rows);
    ordo_free_message(rep);
    return status;
}

static void credit_comes_back_as_parts_are_taken(void **state)
{
    struct world *w = *state;
    ordo_options o = options_for(w, peer_host(w->peer));
    o.credit_bytes = 1; /* the least there is */
    o.credit_all_bytes = 160 * 1024;
    client_again(w, &o);
    for (int i = 0; i < 3; i++) {
        struct rows r = {0};
        assert_int_equal(list(w->client, &r, 4000, NULL), ORDO_OK);
        assert_int_equal(r.next, 4000);
        assert_int_equal(r.parts, 200);
    }
    assert_int_equal(atomic_load(&w->control.credit_overruns), 0);
}

static void a_list_that_is_left_is_cancelled(void **state)
{
    struct world *w = *state;
    struct rows r = {.stop_after = 3};
    ordo_error error;
    assert_int_equal(list(w->client, &r, 20000, &error), ORDO_CANCELLED);
    assert_int_equal(r.parts, 3);
    assert_true(atomic_load(&w->control.parts) < 1000);
    r = (struct rows){0};
    assert_int_equal(list(w->client, &r, 100, &error), ORDO_OK);
}

static void a_list_is_not_begun_again_behind_its_back(void **state)
{
    struct world *w = *state;
    struct rows r = {0};
    ordo_error error;
    atomic_store(&w->control.cut_after_parts, 4);
    assert_int_equal(list(w->client, &r, 200, &error), ORDO_UNAVAILABLE);
    assert_string_equal(error.reason, "CONNECTION_LOST");
    assert_int_equal(r.parts, 4);
}

struct inbox {
    uint64_t last, bookmark;
    unsigned events, ends;
    enum ordo_status end;
    bool acknowledge;
    char oldest[24];
};

static void take_event(ordo_subscription *subscription, const Ordo__Event *event, void *arg)
{
    struct inbox *in = arg;
    if (in->last)
        assert_int_equal(event->seq, in->last + 1);
    in->last = event->seq;
    in->events++;
    assert_int_equal(ordo_subscription_seq(subscription), event->seq);
    if (in->acknowledge)
        assert_int_equal(ordo_subscription_ack(subscription, event->seq), ORDO_OK);
    assert_int_equal(ordo_subscription_ack(subscription, event->seq + 1), ORDO_USAGE);
}

static void take_bookmark(ordo_subscription *subscription, uint64_t seq, uint64_t oldest, void *arg)
{
    (void)subscription;
    (void)oldest;
    ((struct inbox *)arg)->bookmark = seq;
}

static void take_end(ordo_subscription *subscription, const ordo_error *error, void *arg)
{
    struct inbox *in = arg;
    (void)subscription;
    in->ends++;
    in->end = error->status;
    (void)ordo_error_arg(error, "oldest", in->oldest, sizeof in->oldest);
}

static ordo_subscribe_options inbox_options(struct inbox *in)
{
    return (ordo_subscribe_options){
        .struct_size = sizeof(ordo_subscribe_options),
        .name = "test",
        .on_event = take_event,
        .on_bookmark = take_bookmark,
        .on_end = take_end,
        .arg = in,
    };
}

static void a_cut_subscription_resumes_without_gap_or_repeat(void **state)
{
    struct world *w = *state;
    struct inbox in = {.acknowledge = true};
    ordo_subscribe_options o = inbox_options(&in);
    ordo_subscription *s;
    atomic_store(&w->control.inbox, 100);
    atomic_store(&w->control.cut_after_events, 7);
    assert_int_equal(ordo_subscribe(w->client, &o, &s, NULL), ORDO_OK);
    for (uint64_t until = 100; until <= 1000; until += 100) {
        atomic_store(&w->control.inbox, until);
        while (in.bookmark < until)
            ordo_process(w->client, 1000);
        assert_int_equal(in.events, until);
        atomic_store(&w->control.cut_after_events, (int)(until % 90));
    }
    while (atomic_load(&w->control.acked) != 1000)
        ordo_process(w->client, 100);
    assert_true(atomic_load(&w->control.connections) >= 10);
    assert_int_equal(atomic_load(&w->control.credit_overruns), 0);
    ordo_unsubscribe(s);
    assert_int_equal(in.ends, 0);
    while (!in.ends)
        ordo_process(w->client, 1000);
    assert_int_equal(in.end, ORDO_CANCELLED);
}

static void what_was_not_acknowledged_comes_again(void **state)
{
    struct world *w = *state;
    struct inbox first = {0}, second = {0};
    ordo_subscribe_options o = inbox_options(&first);
    ordo_subscription *s;
    atomic_store(&w->control.inbox, 10);
    assert_int_equal(ordo_subscribe(w->client, &o, &s, NULL), ORDO_OK);
    while (first.last < 10)
        ordo_process(w->client, 1000);
    assert_int_equal(ordo_subscription_ack(s, 4), ORDO_OK);
    client_end(w); /* at once: it still goes out */
    while (atomic_load(&w->control.acked) != 4)
        usleep(1000);
    ordo_options co = options_for(w, peer_host(w->peer));
    client_again(w, &co);
    o = inbox_options(&second);
    assert_int_equal(ordo_subscribe(w->client, &o, NULL, NULL), ORDO_OK);
    while (second.last < 10)
        ordo_process(w->client, 1000);
    assert_int_equal(second.events, 6);
    client_end(w);
    assert_int_equal(second.end, ORDO_CANCELLED);
}

static void events_that_are_gone_ask_for_a_snapshot(void **state)
{
    struct world *w = *state;
    struct inbox in = {0};
    ordo_subscribe_options o = inbox_options(&in);
    atomic_store(&w->control.inbox, 100);
    atomic_store(&w->control.oldest, 50);
    o.has_after = true;
    o.after = 20;
    assert_int_equal(ordo_subscribe(w->client, &o, NULL, NULL), ORDO_OK);
    while (!in.ends)
        ordo_process(w->client, 1000);
    assert_int_equal(in.end, ORDO_RESYNC_REQUIRED);
    assert_string_equal(in.oldest, "50");
    o.after = 49;
    assert_int_equal(ordo_subscribe(w->client, &o, NULL, NULL), ORDO_OK);
    while (in.bookmark < 100)
        ordo_process(w->client, 1000);
    assert_int_equal(in.events, 51);
    client_end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_PEER(credit_comes_back_as_parts_are_taken),
        ON_A_PEER(a_list_that_is_left_is_cancelled),
        ON_A_PEER(a_list_is_not_begun_again_behind_its_back),
        ON_A_PEER(a_cut_subscription_resumes_without_gap_or_repeat),
        ON_A_PEER(what_was_not_acknowledged_comes_again),
        ON_A_PEER(events_that_are_gone_ask_for_a_snapshot),
    };
    return cmocka_run_group_tests_name("libordo: lists and subscriptions", tests, directory_new, directory_free);
}
