/* SPDX-License-Identifier: Apache-2.0
 * Push on two real nodes (design §6): ordered, unique, reliable, atomic, resumable, bookmarked; escalation by due timers, once,
 * whichever node fires; rights that are lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/it/node.h"

static struct site site;
static struct node one, two;

/* What a watching client has seen. */
struct watch {
    ordo_client *client;
    ordo_subscription *subscription;
    uint64_t seqs[4096];
    int64_t request_ids[4096];
    int kinds[4096];
    size_t n;
    uint64_t bookmark;
    size_t bookmarks;
    enum ordo_status end;
    bool acks;
};

static void on_event(ordo_subscription *s, const Ordo__Event *e, void *arg)
{
    struct watch *w = arg;
    assert_true(w->n < 4096);
    w->seqs[w->n] = e->seq;
    w->request_ids[w->n] = e->request_id;
    w->kinds[w->n++] = (int)e->kind;
    if (w->acks)
        assert_int_equal(ordo_subscription_ack(s, e->seq), ORDO_OK);
}

static void on_bookmark(ordo_subscription *s, uint64_t seq, uint64_t oldest, void *arg)
{
    struct watch *w = arg;
    (void)s;
    (void)oldest;
    w->bookmark = seq;
    w->bookmarks++;
}

static void on_end(ordo_subscription *s, const ordo_error *error, void *arg)
{
    (void)s;
    ((struct watch *)arg)->end = error->status;
    ((struct watch *)arg)->subscription = NULL;
}

static void subscribe(struct watch *w, const char *name, bool from_now)
{
    ordo_error e;
    ordo_subscribe_options o = {.struct_size = sizeof o, .name = name, .from_now = from_now, .on_event = on_event,
                                .on_bookmark = on_bookmark, .on_end = on_end, .arg = w};
    must(ordo_subscribe(w->client, &o, &w->subscription, &e), &e, "subscribe");
    for (int64_t end_ms = mono_ms() + 5000; !w->bookmarks && mono_ms() < end_ms;)
        ordo_process(w->client, 20);
    assert_true(w->bookmarks > 0);
}

static struct watch *watch_new(const struct node *a, const struct node *b, const char *login, const char *name)
{
    struct watch *w = calloc(1, sizeof *w);
    w->client = client_login(&site, a, b, login, NULL);
    w->acks = true;
    subscribe(w, name, true);
    return w;
}

static void watch_free(struct watch *w)
{
    ordo_client_free(w->client);
    free(w);
}

static void await_events(struct watch *w, size_t n, int timeout_ms)
{
    for (int64_t end_ms = mono_ms() + timeout_ms; w->n < n && mono_ms() < end_ms;)
        ordo_process(w->client, 20);
}

static void assert_contiguous(const struct watch *w, size_t from)
{
    for (size_t i = from + 1; i < w->n; i++)
        assert_true(w->seqs[i] == w->seqs[i - 1] + 1);
}

static void assign(ordo_client *c, int64_t id, int64_t assignee)
{
    ordo_error e;
    Ordo__RequestAssignReq req = ORDO__REQUEST_ASSIGN_REQ__INIT;
    req.has_request_id = req.has_assignee_id = true;
    req.request_id = id;
    req.assignee_id = assignee;
    must(ordo_request_assign(c, &req, NULL, &e), &e, "assign");
}

/* Ordered and unique: whoever commits, in whatever order, the inbox has one rising sequence without a gap. R2.2: the person who is
 * responsible for a new request is told within seconds. */
static void events_are_ordered_and_unique(void **state)
{
    (void)state;
    enum { WRITERS = 8, EACH = 25 };
    struct watch *w = watch_new(&one, NULL, "ann", "order");
    ordo_client *heads[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        heads[i] = client_login(&site, i % 2 ? &one : &two, NULL, "head", NULL);
    for (int k = 0; k < EACH; k++)
        for (int i = 0; i < WRITERS; i++)
            request_make(heads[i], &site, "for ann", site.specialist_ids[0]);
    await_events(w, WRITERS * EACH, 5000);
    assert_int_equal(w->n, WRITERS * EACH);
    assert_contiguous(w, 0);
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(w->request_ids[i] != w->request_ids[k]);
    for (int i = 0; i < WRITERS; i++)
        ordo_client_free(heads[i]);
    watch_free(w);
}

/* Reliable: what committed while nobody listened is there when somebody does. */
static void events_wait_for_their_reader(void **state)
{
    (void)state;
    struct watch *w = watch_new(&one, NULL, "bob", "reliable");
    ordo_client_free(w->client);
    ordo_client *head = client_login(&site, &two, NULL, "head", NULL);
    int64_t id = request_make(head, &site, "while bob was away", site.specialist_ids[1]);
    w->client = client_login(&site, &one, NULL, "bob", NULL);
    w->n = w->bookmarks = 0;
    subscribe(w, "reliable", true);
    await_events(w, 1, 5000);
    assert_int_equal(w->n, 1);
    assert_true(w->request_ids[0] == id);
    assert_int_equal(w->kinds[0], ORDO__EVENT_KIND__ASSIGNED);
    ordo_client_free(head);
    watch_free(w);
}

/* Atomic: a change that is refused or rolled back tells nobody; one that is told is there to be read. */
static void events_come_with_their_change_or_not_at_all(void **state)
{
    (void)state;
    ordo_error e;
    struct watch *w = watch_new(&one, NULL, "cat", "atomic");
    ordo_client *head = client_login(&site, &one, NULL, "head", NULL), *cat = client_login(&site, &two, NULL, "cat", NULL);
    int64_t id = request_make(head, &site, "told", 0);
    Ordo__RequestAssignReq req = ORDO__REQUEST_ASSIGN_REQ__INIT;
    req.has_request_id = req.has_assignee_id = req.has_version = true;
    req.request_id = id;
    req.assignee_id = site.specialist_ids[2];
    req.version = 99;
    assert_int_equal(ordo_request_assign(head, &req, NULL, &e), ORDO_CONFLICT);
    await_events(w, 1, 600);
    assert_int_equal(w->n, 0);
    assign(head, id, site.specialist_ids[2]);
    await_events(w, 1, 5000);
    assert_int_equal(w->n, 1);
    Ordo__RequestGetReq get = ORDO__REQUEST_GET_REQ__INIT;
    Ordo__RequestGetRep *rep;
    get.has_request_id = true;
    get.request_id = w->request_ids[0];
    must(ordo_request_get(cat, &get, &rep, &e), &e, "get");
    assert_true(rep->request->assignee_id == site.specialist_ids[2]);
    ordo_free_message(rep);
    ordo_client_free(cat);
    ordo_client_free(head);
    watch_free(w);
}

/* Resumable: the node dies, the next connection lands on another one, nothing is missing and nothing comes twice. */
static void a_watch_resumes_on_another_node(void **state)
{
    (void)state;
    struct node third;
    node_start(&site, &third, NULL);
    struct watch *w = watch_new(&third, &one, "ann", "resume");
    while (strcmp(ordo_server(w->client)->node, third.name) != 0) {
        watch_free(w);
        w = watch_new(&third, &one, "ann", "resume");
    }
    w->acks = false; /* resuming is by what was handed out, not by what was acknowledged */
    ordo_client *head = client_login(&site, &two, NULL, "head", NULL);
    for (int i = 0; i < 10; i++)
        request_make(head, &site, "before the cut", site.specialist_ids[0]);
    await_events(w, 10, 5000);
    assert_int_equal(w->n, 10);
    node_kill(&third);
    for (int i = 0; i < 10; i++)
        request_make(head, &site, "during the cut", site.specialist_ids[0]);
    await_events(w, 20, 15000);
    assert_int_equal(w->n, 20);
    assert_contiguous(w, 0);
    ordo_client_free(head);
    watch_free(w);
}

/* Two devices of one person each have their own place. */
static void two_devices_do_not_steal_from_each_other(void **state)
{
    (void)state;
    struct watch *desk = watch_new(&one, NULL, "bob", "desk"), *phone = watch_new(&two, NULL, "bob", "phone");
    ordo_client *head = client_login(&site, &one, NULL, "head", NULL);
    for (int i = 0; i < 5; i++)
        request_make(head, &site, "for both", site.specialist_ids[1]);
    await_events(desk, 5, 5000);
    await_events(phone, 5, 5000);
    assert_int_equal(desk->n, 5);
    assert_int_equal(phone->n, 5);
    ordo_client_free(head);
    watch_free(desk);
    watch_free(phone);
}

/* Bookmarked: after a backlog a bookmark says that nothing up to it is missing. */
static void a_bookmark_follows_the_backlog(void **state)
{
    (void)state;
    struct watch *w = watch_new(&one, NULL, "cat", "bookmark");
    ordo_client *head = client_login(&site, &one, NULL, "head", NULL);
    ordo_client_free(w->client);
    for (int i = 0; i < 300; i++) /* more than a page */
        request_make(head, &site, "backlog", site.specialist_ids[2]);
    w->client = client_login(&site, &one, NULL, "cat", NULL);
    w->n = w->bookmarks = 0;
    subscribe(w, "bookmark", true);
    await_events(w, 300, 10000);
    assert_int_equal(w->n, 300);
    assert_contiguous(w, 0);
    for (int64_t end_ms = mono_ms() + 5000; w->bookmark < w->seqs[299] && mono_ms() < end_ms;)
        ordo_process(w->client, 20);
    assert_true(w->bookmark == w->seqs[299]);
    ordo_client_free(head);
    watch_free(w);
}

static void what_is_no_longer_kept_wants_a_resync(void **state)
{
    (void)state;
    ordo_error e;
    char sql[256];
    struct watch *w = watch_new(&one, NULL, "bob", "old");
    uint64_t at = w->bookmark;
    ordo_client *head = client_login(&site, &one, NULL, "head", NULL);
    request_make(head, &site, "will be forgotten", site.specialist_ids[1]);
    await_events(w, 1, 5000);
    ordo_client_free(w->client);
    snprintf(sql, sizeof sql,
             "UPDATE ordo.inbox_head SET oldest = seq + 1 WHERE principal_id = %lld; DELETE FROM ordo.inbox WHERE principal_id = %lld",
             (long long)site.specialist_ids[1], (long long)site.specialist_ids[1]);
    pg_sql(site.db.super, sql);
    w->client = client_login(&site, &one, NULL, "bob", NULL);
    ordo_subscribe_options o = {.struct_size = sizeof o, .name = "old2", .after = at, .has_after = true, .on_event = on_event,
                                .on_end = on_end, .arg = w};
    must(ordo_subscribe(w->client, &o, &w->subscription, &e), &e, "subscribe");
    for (int64_t end_ms = mono_ms() + 5000; w->subscription && mono_ms() < end_ms;)
        ordo_process(w->client, 20);
    assert_int_equal(w->end, ORDO_RESYNC_REQUIRED);
    ordo_client_free(head);
    watch_free(w);
}

static size_t escalations(const struct watch *w, const int64_t *ids, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < n; k++)
            count += w->kinds[i] == ORDO__EVENT_KIND__ESCALATED && w->request_ids[i] == ids[k];
    return count;
}

/* Earlier tests' requests are late too: only these count. */
static void await_escalations(struct watch *w, const int64_t *ids, size_t n, int timeout_ms)
{
    for (int64_t end_ms = mono_ms() + timeout_ms; escalations(w, ids, n) < n && mono_ms() < end_ms;)
        ordo_process(w->client, 20);
}

/* Escalation: the due timer fires through the dispatch path, once, and tells assignee and head; two nodes run. */
static void a_due_timer_fires_once_with_two_nodes(void **state)
{
    (void)state;
    char sql[256];
    struct watch *head_watch = watch_new(&one, NULL, "head", "escalation"), *ann = watch_new(&two, NULL, "ann", "escalation");
    ordo_client *admin = client_login(&site, &one, NULL, "admin", NULL);
    enum { REQUESTS = 20 };
    int64_t ids[REQUESTS];
    for (int i = 0; i < REQUESTS; i++)
        ids[i] = request_make(admin, &site, "will be late", site.specialist_ids[0]);
    await_events(ann, REQUESTS, 5000);
    pg_sql(site.db.super, "UPDATE ordo.clock SET business_at = business_at + interval '61 minutes'"); /* past the response target */
    await_escalations(head_watch, ids, REQUESTS, 20000);
    await_escalations(ann, ids, REQUESTS, 20000);
    await_events(head_watch, head_watch->n + 1, 1000); /* nothing comes twice */
    await_events(ann, ann->n + 1, 1000);
    assert_int_equal(escalations(head_watch, ids, REQUESTS), REQUESTS);
    assert_int_equal(escalations(ann, ids, REQUESTS), REQUESTS);
    for (int i = 0; i < REQUESTS; i++) {
        snprintf(sql, sizeof sql, "SELECT count(*) FROM ordo.history WHERE kind = 15 AND body = 'response' AND request_id = %lld",
                 (long long)ids[i]);
        assert_string_equal(pg_sql(site.db.super, sql), "1");
    }
    ordo_client_free(admin);
    watch_free(ann);
    watch_free(head_watch);
}

/* A node dies after its claim: the claim expires and another node fires. */
static void a_claim_of_a_dead_node_is_claimed_again(void **state)
{
    (void)state;
    char sql[256];
    struct watch *w = watch_new(&one, NULL, "head", "dead claim");
    ordo_client *admin = client_login(&site, &one, NULL, "admin", NULL);
    int64_t id = request_make(admin, &site, "claimed by the dead", site.specialist_ids[1]);
    snprintf(sql, sizeof sql, "UPDATE ordo.timer SET claim = claim + 1, claimed_until = now() + interval '3 seconds' WHERE ref = %lld",
             (long long)id); /* as a node does that dies at once */
    pg_sql(site.db.super, sql);
    pg_sql(site.db.super, "UPDATE ordo.clock SET business_at = business_at + interval '61 minutes'");
    await_escalations(w, &id, 1, 2000);
    assert_int_equal(escalations(w, &id, 1), 0); /* not while the claim holds */
    await_escalations(w, &id, 1, 6000);
    assert_int_equal(escalations(w, &id, 1), 1);
    ordo_client_free(admin);
    watch_free(w);
}

/* Lost rights close sessions and subscriptions on all nodes within 2 s. */
static void lost_rights_end_connections_on_all_nodes(void **state)
{
    (void)state;
    ordo_error e;
    Ordo__UserDisableReq req = ORDO__USER_DISABLE_REQ__INIT;
    ordo_client *admin = client_login(&site, &one, NULL, "admin", NULL);
    ordo_client *cat1 = client_login(&site, &one, NULL, "cat", NULL), *cat2 = client_login(&site, &two, NULL, "cat", NULL);
    must(ordo_connect_start(cat1), NULL, "keep");
    must(ordo_connect_start(cat2), NULL, "keep");
    req.has_user_id = true;
    req.user_id = site.specialist_ids[2];
    must(ordo_user_disable(admin, &req, NULL, &e), &e, "disable");
    int64_t start_ms = mono_ms();
    while ((ordo_client_state(cat1) == ORDO_STATE_READY || ordo_client_state(cat2) == ORDO_STATE_READY) && mono_ms() < start_ms + 5000) {
        ordo_process(cat1, 20);
        ordo_process(cat2, 20);
    }
    assert_true(mono_ms() - start_ms <= 2100);
    Ordo__WhoamiReq who = ORDO__WHOAMI_REQ__INIT;
    assert_int_equal(ordo_whoami(cat2, &who, NULL, &e), ORDO_UNAUTHENTICATED);
    ordo_client_free(cat1);
    ordo_client_free(cat2);
    ordo_client_free(admin);
}

static int setup(void **state)
{
    (void)state;
    site_start(&site);
    node_start(&site, &one, NULL);
    node_start(&site, &two, NULL);
    site_company(&site, &one);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    node_stop(&one);
    node_stop(&two);
    site_stop(&site);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_ordered_and_unique),
        cmocka_unit_test(events_wait_for_their_reader),
        cmocka_unit_test(events_come_with_their_change_or_not_at_all),
        cmocka_unit_test(a_watch_resumes_on_another_node),
        cmocka_unit_test(two_devices_do_not_steal_from_each_other),
        cmocka_unit_test(a_bookmark_follows_the_backlog),
        cmocka_unit_test(what_is_no_longer_kept_wants_a_resync),
        cmocka_unit_test(a_due_timer_fires_once_with_two_nodes),
        cmocka_unit_test(a_claim_of_a_dead_node_is_claimed_again),
        cmocka_unit_test(lost_rights_end_connections_on_all_nodes),
    };
    return cmocka_run_group_tests_name("push", tests, setup, teardown);
}
