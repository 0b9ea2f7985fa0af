/* SPDX-License-Identifier: Apache-2.0
 * Effects happen once (design §5), on real nodes: one key at the same time, others' keys, other bytes, a save that hits nothing,
 * a server that dies between COMMIT and reply, a client that dies after sending. */
#include "tests/it/node_ground.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static long count(const char *what) { return pg_count(site.db.super, what); }

struct registering {
    ordo_client *client;
    const unsigned char *key;
    const char *title;
    uint32_t timeout_ms;
    enum ordo_status status;
    ordo_error error;
    int64_t id;
    bool replayed;
    bool done;
};

static void on_registered(ordo_call *call, const Ordo__RequestRegisterRep *rep, const ordo_error *error, void *arg)
{
    struct registering *r = arg;
    r->done = true;
    r->replayed = ordo_call_replayed(call);
    r->status = error ? error->status : ORDO_OK;
    if (error)
        r->error = *error;
    else
        r->id = rep->id;
}

static void start(struct registering *r)
{
    Ordo__Field f = ORDO__FIELD__INIT, *fields[] = {&f};
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    f.name = TXT("site");
    f.value = TXT("here");
    req.has_customer_id = req.has_type_id = true;
    req.customer_id = site.customer_id;
    req.type_id = site.type_id;
    req.title = TXT(r->title);
    req.n_fields = 1;
    req.fields = fields;
    ordo_call_options o = {.struct_size = sizeof o, .key = r->key, .timeout_ms = r->timeout_ms ? r->timeout_ms : 20000};
    must(ordo_next_call(r->client, &o), NULL, "options");
    must(ordo_request_register_start(r->client, &req, on_registered, r, NULL), NULL, "start");
}

static void finish(struct registering *r)
{
    for (int64_t end_ms = mono_ms() + 30000; !r->done && mono_ms() < end_ms;)
        ordo_process(r->client, 50);
    assert_true(r->done);
}

static void one_key_twice_at_the_same_time_acts_once(void **state)
{
    (void)state;
    ordo_client *a = client_login(&site, &node, NULL, "ann", NULL), *b = client_login(&site, &node, NULL, "ann", NULL);
    for (int round = 0; round < 20; round++) {
        unsigned char key[16];
        long before = count("request"), audits = count("audit");
        must(ordo_key_make(a, key), NULL, "key");
        struct registering x = {.client = a, .key = key, .title = "twice"}, y = {.client = b, .key = key, .title = "twice"};
        start(&x);
        start(&y);
        ordo_process(a, 0);
        ordo_process(b, 0);
        finish(&x);
        finish(&y);
        assert_int_equal(x.status, ORDO_OK);
        assert_int_equal(y.status, ORDO_OK);
        assert_true(x.id == y.id && x.id != 0);
        assert_true(x.replayed != y.replayed);
        assert_int_equal(count("request"), before + 1);
        assert_int_equal(count("audit"), audits + 1);
    }
    ordo_client_free(a);
    ordo_client_free(b);
}

static void anothers_key_sees_nothing(void **state)
{
    (void)state;
    unsigned char key[16];
    ordo_client *a = client_login(&site, &node, NULL, "ann", NULL), *b = client_login(&site, &node, NULL, "bob", NULL);
    must(ordo_key_make(a, key), NULL, "key");
    struct registering x = {.client = a, .key = key, .title = "mine"}, y = {.client = b, .key = key, .title = "mine"};
    start(&x);
    finish(&x);
    start(&y);
    finish(&y);
    assert_int_equal(y.status, ORDO_OK);
    assert_false(y.replayed);
    assert_true(x.id != y.id); /* a call of his own, not a look at hers */
    ordo_client_free(a);
    ordo_client_free(b);
}

static void another_request_under_a_used_key_is_refused(void **state)
{
    (void)state;
    unsigned char key[16];
    ordo_client *a = client_login(&site, &node, NULL, "ann", NULL);
    must(ordo_key_make(a, key), NULL, "key");
    struct registering x = {.client = a, .key = key, .title = "first"}, y = {.client = a, .key = key, .title = "second"};
    start(&x);
    finish(&x);
    long before = count("request");
    start(&y);
    finish(&y);
    assert_int_equal(y.status, ORDO_KEY_REUSED);
    assert_int_equal(count("request"), before);
    ordo_client_free(a);
}

static void a_refusal_is_replayed_too(void **state)
{
    (void)state;
    unsigned char key[16];
    ordo_error first, second;
    ordo_client *a = client_login(&site, &node, NULL, "ann", NULL);
    int64_t id = request_make(a, &site, "refused", 0);
    Ordo__RequestResolveReq req = ORDO__REQUEST_RESOLVE_REQ__INIT;
    req.has_request_id = true;
    req.request_id = id;
    must(ordo_key_make(a, key), NULL, "key");
    ordo_call_options o = {.struct_size = sizeof o, .key = key};
    must(ordo_next_call(a, &o), NULL, "options");
    assert_int_equal(ordo_request_resolve(a, &req, NULL, &first), ORDO_CONFLICT);
    assert_string_equal(first.reason, "REQUEST_STATE");
    Ordo__RequestTakeReq take = ORDO__REQUEST_TAKE_REQ__INIT;
    take.has_request_id = true;
    take.request_id = id;
    must(ordo_request_take(a, &take, NULL, &second), &second, "take");
    must(ordo_next_call(a, &o), NULL, "options"); /* it would be possible now, but this call was answered */
    assert_int_equal(ordo_request_resolve(a, &req, NULL, &second), ORDO_CONFLICT);
    assert_string_equal(second.text, first.text);
    ordo_client_free(a);
}

static void keys_have_their_time(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t shift_ms;
        enum ordo_status status;
        const char *reason;
    } rows[] = {
        {"13 days old is kept", -13 * 86400000LL, ORDO_OK, ""},
        {"older than it is kept: unknown, not executed", -15 * 86400000LL, ORDO_KEY_EXPIRED, "KEY_TOO_OLD"},
        {"5 minutes ahead is a clock that is off", 5 * 60000, ORDO_OK, ""},
        {"an hour ahead is refused", 3600000, ORDO_KEY_IN_FUTURE, "KEY_TOO_NEW"},
    };
    ordo_client *a = client_login(&site, &node, NULL, "ann", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char key[16];
        print_message("  %s\n", rows[i].name);
        must(ordo_key_make(a, key), NULL, "key");
        uint64_t ms = 0;
        for (int k = 0; k < 6; k++)
            ms = ms << 8 | key[k];
        ms += (uint64_t)rows[i].shift_ms;
        for (int k = 5; k >= 0; k--, ms >>= 8)
            key[k] = (unsigned char)ms;
        long before = count("request");
        struct registering x = {.client = a, .key = key, .title = rows[i].name};
        start(&x);
        finish(&x);
        assert_int_equal(x.status, rows[i].status);
        assert_int_equal(count("request"), before + (rows[i].status == ORDO_OK));
        if (rows[i].status != ORDO_OK)
            assert_string_equal(x.error.reason, rows[i].reason);
        if (rows[i].status == ORDO_KEY_EXPIRED)
            assert_int_equal(x.error.outcome, ORDO_OUTCOME_UNKNOWN);
    }
    ordo_client_free(a);
}

/* A deferred trigger makes COMMIT last, so that the server can be killed while PostgreSQL is inside it. */
static void a_server_killed_in_commit_answers_the_retry(void **state)
{
    (void)state;
    struct node victim, other;
    pg_sql(site.db.owner,
           "SET search_path = ordo; CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END';"
           "GRANT EXECUTE ON FUNCTION slow() TO ordo_app;"
           "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON request DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()");
    node_start(&site, &victim, NULL);
    node_start(&site, &other, NULL);
    ordo_client *a = client_login(&site, &victim, &other, "ann", NULL);
    while (strncmp(ordo_server(a)->node, victim.name, strlen(victim.name)) != 0) { /* it may have chosen the other one */
        ordo_client_free(a);
        a = client_login(&site, &victim, &other, "ann", NULL);
    }
    long before = count("request");
    struct registering x = {.client = a, .title = "killed in COMMIT"};
    start(&x);
    for (int64_t end_ms = mono_ms() + 700; mono_ms() < end_ms;)
        ordo_process(a, 20);
    assert_false(x.done);
    node_kill(&victim);
    finish(&x);
    assert_int_equal(x.status, ORDO_OK);
    assert_true(x.replayed);
    assert_int_equal(count("request"), before + 1);
    pg_sql(site.db.owner, "SET search_path = ordo; DROP TRIGGER slow ON request; DROP FUNCTION slow()");
    ordo_client_free(a);
    node_stop(&other);
}

static int outcomes;
static void on_outcome(const ordo_journal_entry *entry, const void *reply, size_t size, const ordo_error *error, void *arg)
{
    (void)entry;
    (void)size;
    assert_null(error);
    assert_non_null(reply);
    outcomes++;
    *(bool *)arg = true;
}

static void a_client_killed_after_sending_learns_its_outcome(void **state)
{
    (void)state;
    char journal[128];
    bool told = false;
    ordo_error e;
    snprintf(journal, sizeof journal, "%s/journal", site.dir);
    long before = count("request");
    pid_t pid = fork();
    if (pid == 0) { /* its own client: sends and is gone before the answer */
        ordo_client *a = client_login(&site, &node, NULL, "cat", journal);
        struct registering x = {.client = a, .title = "sent and forgotten"};
        start(&x);
        ordo_process(a, 0);
        _exit(0);
    }
    int status;
    assert_true(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    ordo_client *b = client_login(&site, &node, NULL, "cat", journal);
    must(ordo_journal_resolve(b, on_outcome, &told, &e), &e, "resolve");
    assert_true(told);
    assert_int_equal(outcomes, 1);
    assert_int_equal(count("request"), before + 1);
    must(ordo_journal_resolve(b, on_outcome, &told, &e), &e, "resolve");
    assert_int_equal(outcomes, 1); /* nothing is left to learn */
    ordo_client_free(b);
}

/* Two writers on one row with the version that both saw: one wins, the other is told. */
static void a_stale_version_changes_nothing(void **state)
{
    (void)state;
    ordo_error e;
    char sql[128], before[64];
    ordo_client *a = client_login(&site, &node, NULL, "ann", NULL);
    int64_t id = request_make(a, &site, "stale", 0);
    Ordo__RequestTakeReq take = ORDO__REQUEST_TAKE_REQ__INIT;
    take.has_request_id = take.has_version = true;
    take.request_id = id;
    take.version = 7;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM ordo.history WHERE request_id = %lld", (long long)id);
    snprintf(before, sizeof before, "%s", pg_sql(site.db.super, sql));
    assert_int_equal(ordo_request_take(a, &take, NULL, &e), ORDO_CONFLICT);
    assert_string_equal(e.reason, "VERSION_STALE");
    assert_string_equal(pg_sql(site.db.super, sql), before);
    ordo_client_free(a);
}

/* The row goes away under the server between its load and its save: a rule drops the update, the save hits no row. */
static void a_save_that_hits_no_row_leaves_nothing_behind(void **state)
{
    (void)state;
    ordo_error e;
    ordo_client *a = client_login(&site, &node, NULL, "ann", NULL);
    int64_t id = request_make(a, &site, "lost", 0);
    long history = count("history"), audits = count("audit"), timers = count("timer"), inbox = count("inbox");
    pg_sql(site.db.owner, "SET search_path = ordo; CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
                          "CREATE TRIGGER lose BEFORE UPDATE ON request FOR EACH ROW EXECUTE FUNCTION lose()");
    Ordo__RequestTakeReq take = ORDO__REQUEST_TAKE_REQ__INIT;
    take.has_request_id = true;
    take.request_id = id;
    assert_int_equal(ordo_request_take(a, &take, NULL, &e), ORDO_CONFLICT);
    assert_string_equal(e.reason, "SAVE_LOST");
    pg_sql(site.db.owner, "SET search_path = ordo; DROP TRIGGER lose ON request; DROP FUNCTION lose()");
    assert_int_equal(count("history"), history);
    assert_int_equal(count("audit"), audits);
    assert_int_equal(count("timer"), timers);
    assert_int_equal(count("inbox"), inbox);
    must(ordo_request_take(a, &take, NULL, &e), &e, "the same call with a new key");
    ordo_client_free(a);
}

static void on_noted(ordo_call *call, const Ordo__RequestNoteRep *rep, const ordo_error *error, void *arg)
{
    (void)call;
    (void)error;
    *(int *)arg += rep != NULL;
}

/* Serialisation faults are run again: writers that deadlock or wait too long end well or say CONTENTION. */
static void contention_is_said_and_nothing_is_lost(void **state)
{
    (void)state;
    enum { WRITERS = 20, ROUNDS = 5 };
    ordo_error e;
    ordo_client *a = client_login(&site, &node, NULL, "ann", NULL);
    int64_t id = request_make(a, &site, "busy", 0);
    Ordo__RequestNoteReq note = ORDO__REQUEST_NOTE_REQ__INIT;
    note.has_request_id = true;
    note.request_id = id;
    note.text = TXT("a line");
    ordo_client *clients[4];
    int noted = 0;
    for (int i = 0; i < 4; i++)
        clients[i] = client_login(&site, &node, NULL, i % 2 ? "ann" : "bob", NULL);
    for (int i = 0; i < WRITERS * ROUNDS; i++)
        must(ordo_request_note_start(clients[i % 4], &note, on_noted, &noted, NULL), NULL, "note");
    for (int64_t end_ms = mono_ms() + 20000; noted < WRITERS * ROUNDS && mono_ms() < end_ms;)
        for (int i = 0; i < 4; i++)
            ordo_process(clients[i], 1);
    assert_int_equal(noted, WRITERS * ROUNDS);
    Ordo__RequestGetReq get = ORDO__REQUEST_GET_REQ__INIT;
    Ordo__RequestGetRep *rep;
    get.has_request_id = true;
    get.request_id = id;
    must(ordo_request_get(a, &get, &rep, &e), &e, "get");
    assert_int_equal(rep->request->version, 1 + WRITERS * ROUNDS);
    ordo_free_message(rep);
    for (int i = 0; i < 4; i++)
        ordo_client_free(clients[i]);
    ordo_client_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_key_twice_at_the_same_time_acts_once),
        cmocka_unit_test(anothers_key_sees_nothing),
        cmocka_unit_test(another_request_under_a_used_key_is_refused),
        cmocka_unit_test(a_refusal_is_replayed_too),
        cmocka_unit_test(keys_have_their_time),
        cmocka_unit_test(a_server_killed_in_commit_answers_the_retry),
        cmocka_unit_test(a_client_killed_after_sending_learns_its_outcome),
        cmocka_unit_test(a_stale_version_changes_nothing),
        cmocka_unit_test(a_save_that_hits_no_row_leaves_nothing_behind),
        cmocka_unit_test(contention_is_said_and_nothing_is_lost),
    };
    return cmocka_run_group_tests_name("effects once", tests, site_given, site_taken);
}
