/* SPDX-License-Identifier: Apache-2.0
 * Subscriptions: order, gaps, credit, acknowledgements, lost rights. */
#include "tests/it/net_world.h"

#include "push.pb-c.h"

/* Commits n events to the inbox of 17. */
static void commit(struct world *w, unsigned n)
{
    pthread_mutex_lock(&w->table.lock);
    w->table.head += n;
    pthread_mutex_unlock(&w->table.lock);
}

/* Tells the io threads of one event of it; seq 0: only that it has grown. */
static void publish(struct world *w, uint64_t seq)
{
    struct od_buf b;
    od_buf_init(&b, 20000);
    event_payload(&w->table, seq, &b);
    struct push_batch *batch = od_xmalloc(sizeof *batch + sizeof(struct push_event) + b.n);
    char *bytes = (char *)&batch->events[1];
    memcpy(bytes, b.p, b.n);
    atomic_init(&batch->refs, 1);
    batch->n = 1;
    batch->events[0] = (struct push_event){17, seq, {seq ? bytes : NULL, seq ? b.n : 0}};
    push_publish(&w->server, batch);
    od_buf_done(&b);
}

/* Returns the payload's size. */
static size_t expect_event(struct peer *p, uint64_t id, uint64_t seq)
{
    struct od_frame f;
    struct od_arena arena;
    od_arena_init(&arena, 1 << 20);
    peer_expect(p, &f, OD_F_EVENT, id);
    const Ordo__Event *m = (const Ordo__Event *)decoded(&ordo__event__descriptor, f.payload, &arena);
    assert_int_equal(m->seq, seq);
    assert_int_equal(m->request_id, (int64_t)seq * 10);
    od_arena_done(&arena);
    return f.payload.n;
}

static void ack(struct peer *p, uint64_t id, uint64_t seq)
{
    Ordo__EventAck m = ORDO__EVENT_ACK__INIT;
    struct od_buf b;
    od_buf_init(&b, 100);
    m.has_seq = true;
    m.seq = seq;
    od_message_pack(&m.base, &b);
    peer_send(p, &(struct od_frame){.type = OD_F_EVENT_ACK, .id = id, .payload = od_buf_view(&b)});
    od_buf_done(&b);
}

static uint64_t table_acked(struct world *w)
{
    pthread_mutex_lock(&w->table.lock);
    uint64_t seq = w->table.acked;
    pthread_mutex_unlock(&w->table.lock);
    return seq;
}

static void events_come_in_order_whatever_is_heard(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    commit(w, 3);
    login(w, &p, 0);
    uint64_t id = subscribe(&p, "laptop", false, 0);
    expect_bookmark(&p, id, 0);
    for (uint64_t seq = 1; seq <= 3; seq++)
        expect_event(&p, id, seq);
    expect_bookmark(&p, id, 3); /* behind the backlog */

    unsigned fetches = w->table.fetches;
    commit(w, 2);
    publish(w, 4); /* from memory */
    publish(w, 5);
    expect_event(&p, id, 4);
    expect_event(&p, id, 5);
    assert_int_equal(w->table.fetches, fetches);

    publish(w, 5); /* heard twice */
    commit(w, 3);
    publish(w, 8); /* out of order: the table has them all */
    publish(w, 6);
    publish(w, 7);
    for (uint64_t seq = 6; seq <= 8; seq++)
        expect_event(&p, id, seq);
    expect_bookmark(&p, id, 8);

    commit(w, 2);
    publish(w, 0); /* told by another node */
    expect_event(&p, id, 9);
    expect_event(&p, id, 10);
    expect_bookmark(&p, id, 10);
    publish(w, 0); /* a false alarm */
    expect_bookmark(&p, id, 10);
    assert_false(peer_next(&p, &f, 100));

    int64_t ids[4];
    assert_int_equal(push_subscribed(&w->server, ids, 4), 1);
    assert_int_equal(ids[0], 17);
    peer_close(&p);
}

static void acknowledgements_are_kept_and_resumed_from(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    commit(w, 5);
    login(w, &p, 0);
    uint64_t id = subscribe(&p, "laptop", false, 0);
    expect_bookmark(&p, id, 0);
    for (uint64_t seq = 1; seq <= 5; seq++) {
        expect_event(&p, id, seq);
        ack(&p, id, seq > 4 ? 4 : seq);
    }
    expect_bookmark(&p, id, 5);
    peer_send(&p, &(struct od_frame){.type = OD_F_UNSUBSCRIBE, .id = id});
    peer_expect(&p, &f, OD_F_RESPONSE, id);
    assert_int_equal(table_acked(w), 4); /* before the answer */
    echo(&p);
    assert_int_equal(push_subscribed(&w->server, NULL, 0), 0);

    id = subscribe(&p, "laptop", false, 0);
    expect_bookmark(&p, id, 4);
    expect_event(&p, id, 5);
    expect_bookmark(&p, id, 5);
    ack(&p, id, 6);
    expect_error(&p, id, "FIELDS_INVALID"); /* not delivered yet; only the subscription ends */
    peer_close(&p);                         /* cut */

    commit(w, 1);
    login(w, &p, 0);
    id = subscribe(&p, "laptop", true, 2);
    expect_bookmark(&p, id, 2);
    for (uint64_t seq = 3; seq <= 6; seq++)
        expect_event(&p, id, seq);
    expect_bookmark(&p, id, 6);
    peer_close(&p);

    w->table.oldest = 5;
    login(w, &p, 0);
    id = subscribe(&p, "laptop", true, 2);
    expect_error(&p, id, "SUBSCRIPTION_GAP");
    echo(&p);
    peer_close(&p);
}

static void events_follow_credit(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    w->table.event_bytes = 10000;
    commit(w, 60);
    login(w, &p, 0);
    uint64_t id = subscribe(&p, "laptop", false, 0), seq = 1;
    expect_bookmark(&p, id, 0);
    int64_t window = OD_CREDIT_MIN_BYTES;
    while (window > 10500) /* an event has a little over 10,000 */
        window -= (int64_t)expect_event(&p, id, seq++);
    assert_false(peer_next(&p, &f, 100));
    publish(w, 60);
    echo(&p);
    credit(&p, id, 1000000);
    while (seq <= 60)
        expect_event(&p, id, seq++);
    expect_bookmark(&p, id, 60);
    peer_close(&p);
}

static void lost_rights_end_the_connection(void **state)
{
    struct world *w = *state;
    struct peer p, other;
    login(w, &p, 0);
    login(w, &other, 0);
    uint64_t id = subscribe(&p, "laptop", false, 0);
    expect_bookmark(&p, id, 0);
    push_revoke(&w->server, 18);
    echo(&p);
    push_revoke(&w->server, 17);
    expect_error(&p, 0, "SESSION_ENDED");
    expect_end(&p);
    expect_error(&other, 0, "SESSION_ENDED");
    peer_close(&p);
    peer_close(&other);
}

static void a_session_ends_by_itself(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    peer_open(w, &p);
    hello(&p, 0);
    uint64_t id = auth_send(&p, "brief", "right");
    peer_expect(&p, &f, OD_F_AUTH_OK, id);
    echo(&p);
    expect_error(&p, 0, "SESSION_ENDED");
    peer_close(&p);
}

static void subscriptions_have_a_limit(void **state)
{
    struct world *w = *state;
    struct peer p;
    login(w, &p, 0);
    for (int i = 0; i < OD_SUBSCRIPTIONS_PER_CONNECTION_MAX; i++)
        expect_bookmark(&p, subscribe(&p, "laptop", false, 0), 0);
    uint64_t id = subscribe(&p, "laptop", false, 0);
    expect_error(&p, id, "LIMIT_EXCEEDED");
    commit(w, 1);
    publish(w, 1);
    struct od_frame f;
    for (int i = 0; i < OD_SUBSCRIPTIONS_PER_CONNECTION_MAX; i++) {
        assert_true(peer_next(&p, &f, READ_MS));
        assert_int_equal(f.type, OD_F_EVENT);
    }
    peer_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_SERVER(events_come_in_order_whatever_is_heard),
        ON_A_SERVER(acknowledgements_are_kept_and_resumed_from),
        ON_A_SERVER(events_follow_credit),
        ON_A_SERVER(lost_rights_end_the_connection),
        ON_A_SERVER(a_session_ends_by_itself),
        ON_A_SERVER(subscriptions_have_a_limit),
    };
    return cmocka_run_group_tests_name("net push", tests, world_new, world_free);
}
