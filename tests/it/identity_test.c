/* SPDX-License-Identifier: Apache-2.0
 * Identity and the two walls on a real node: every proof, no enumeration by text or time, slowed guessing, scopes; and nobody
 * keeps the others waiting: stalled readers, writers on one row. */
#include "tests/it/node_ground.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum ordo_status try_login(const char *login, const char *password, ordo_error *e)
{
    ordo_client *c = client_new(&site, &node, NULL, NULL);
    must(ordo_auth_password(c, login, password), NULL, "auth");
    enum ordo_status s = ordo_connect(c, 20000, e);
    ordo_client_free(c);
    return s;
}

static void forgive(void) { pg_sql(site.db.super, "TRUNCATE ordo.login_failure"); }

static void every_proof_logs_in(void **state)
{
    (void)state;
    ordo_error e;
    unsigned char token[32], key[32], hash[32];
    unsigned n = 0;
    ordo_client *admin = client_login(&site, &node, NULL, "admin", NULL);
    assert_true(ordo_identity(admin)->has_session);
    memcpy(token, ordo_identity(admin)->session.data, 32);

    ordo_client *c = client_new(&site, &node, NULL, NULL);
    must(ordo_auth_session(c, token), NULL, "session");
    must(ordo_connect(c, 10000, &e), &e, "by session token");
    assert_true(ordo_identity(c)->principal_id == site.admin_id);
    ordo_client_free(c);

    for (int i = 0; i < 32; i++)
        key[i] = (unsigned char)(7 * i + 1);
    assert_true(EVP_Digest(key, sizeof key, hash, &n, EVP_sha256(), NULL));
    Ordo__ApiKeyCreateReq req = ORDO__API_KEY_CREATE_REQ__INIT;
    Ordo__ApiKeyCreateRep *rep;
    req.has_user_id = req.has_sha256 = true;
    req.user_id = site.specialist_ids[0];
    req.name = TXT("bridge");
    req.sha256 = (ProtobufCBinaryData){32, hash};
    must(ordo_api_key_create(admin, &req, &rep, &e), &e, "key");
    c = client_new(&site, &node, NULL, NULL);
    must(ordo_auth_api_key(c, key), NULL, "key");
    must(ordo_connect(c, 10000, &e), &e, "by API key");
    assert_true(ordo_identity(c)->principal_id == site.specialist_ids[0]);
    ordo_client_free(c);

    Ordo__ApiKeyRevokeReq revoke = ORDO__API_KEY_REVOKE_REQ__INIT;
    revoke.has_key_id = true;
    revoke.key_id = rep->id;
    must(ordo_api_key_revoke(admin, &revoke, NULL, &e), &e, "revoke");
    c = client_new(&site, &node, NULL, NULL);
    must(ordo_auth_api_key(c, key), NULL, "key");
    assert_int_equal(ordo_connect(c, 10000, &e), ORDO_UNAUTHENTICATED);
    ordo_client_free(c);
    ordo_free_message(rep);
    ordo_client_free(admin);
}

static void refused_logins_read_alike(void **state)
{
    (void)state;
    static const struct {
        const char *name, *login, *password;
    } rows[] = {
        {"a wrong password", "ann", "not the password"},
        {"an unknown name", "nobody", "not the password"},
        {"an empty password", "ann", ""},
        {"a name with odd characters", "x' OR 1=1 --", "not the password"},
    };
    ordo_error first, e;
    forgive();
    assert_int_equal(try_login(rows[0].login, rows[0].password, &first), ORDO_UNAUTHENTICATED);
    for (size_t i = 1; i < sizeof rows / sizeof *rows; i++) {
        print_message("  %s\n", rows[i].name);
        assert_int_equal(try_login(rows[i].login, rows[i].password, &e), ORDO_UNAUTHENTICATED);
        assert_string_equal(e.reason, first.reason);
        assert_string_equal(e.text, first.text);
    }
    forgive();
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* 200 tries each, in turn. Gives how far the medians lie apart, in thousandths of a known name's. */
static int64_t medians_apart(void)
{
    enum { TRIES = 200 };
    static int64_t us[2][TRIES];
    ordo_error e;
    for (int i = 0; i < TRIES; i++) {
        for (int k = 0; k < 2; k++) {
            char login[32];
            forgive();
            int which = (i + k) % 2; /* neither is always the first */
            snprintf(login, sizeof login, which ? "stranger%d" : "ann", i);
            int64_t start = now_us();
            assert_int_equal(try_login(login, "not the password", &e), ORDO_UNAUTHENTICATED);
            assert_string_equal(e.reason, "LOGIN_FAILED");
            us[which][i] = now_us() - start;
        }
    }
    qsort(us[0], TRIES, sizeof us[0][0], by_value);
    qsort(us[1], TRIES, sizeof us[1][0], by_value);
    int64_t known = us[0][TRIES / 2], unknown = us[1][TRIES / 2], off = known > unknown ? known - unknown : unknown - known;
    print_message("  medians: known %lld us, unknown %lld us\n", (long long)known, (long long)unknown);
    return off * 1000 / known;
}

/* The medians lie within 5 % of the time that Argon2 takes. What else the machine does can only drive them apart, a leak would
 * do so each time. */
static void an_unknown_name_takes_the_time_of_a_wrong_password(void **state)
{
    enum { ROUNDS = 4 };
    int64_t apart = 1000;
    (void)state;
    for (int round = 0; round < ROUNDS && apart > 50; round++)
        apart = medians_apart();
    assert_true(apart <= 50);
    forgive();
}

static void guessing_is_slowed_for_an_account(void **state)
{
    (void)state;
    ordo_error e;
    forgive();
    enum ordo_status s = ORDO_UNAUTHENTICATED;
    int tries = 0;
    for (; tries < 12 && s == ORDO_UNAUTHENTICATED; tries++)
        s = try_login("bob", "guess", &e);
    assert_int_equal(s, ORDO_OVERLOADED);
    assert_string_equal(e.reason, "LOGIN_SLOWED");
    assert_true(tries <= 8);
    assert_int_equal(try_login("bob", SITE_PASSWORD, &e), ORDO_OVERLOADED); /* the right one too, until the time is over */
    assert_int_equal(try_login("cat", SITE_PASSWORD, &e), ORDO_OK);         /* others are not concerned */
    s = ORDO_UNAUTHENTICATED;
    for (tries = 0; tries < 12 && s == ORDO_UNAUTHENTICATED; tries++) /* a name that does not exist is slowed the same */
        s = try_login("no such person", "guess", &e);
    assert_int_equal(s, ORDO_OVERLOADED);
    forgive();
}

static void passwords_are_kept_as_argon2id(void **state)
{
    (void)state;
    assert_string_equal(pg_sql(site.db.super, "SELECT count(*) FROM ordo.principal WHERE password IS NOT NULL AND "
                                              "password NOT LIKE '$argon2id$v=19$%'"), "0");
    assert_string_equal(pg_sql(site.db.super, "SELECT has_column_privilege('ordo_app', 'ordo.principal', 'password', 'SELECT')"), "f");
}

/* R0.7: the role that serves owns nothing, bypasses nothing, and cannot change history or audit. */
static void the_application_role_is_walled_in(void **state)
{
    static const struct {
        const char *name, *sql;
    } rows[] = {
        {"it owns nothing", "SELECT count(*) = 0 FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = 'ordo_app'"},
        {"it bypasses nothing", "SELECT NOT rolbypassrls AND NOT rolsuper FROM pg_roles WHERE rolname = 'ordo_app'"},
        {"it cannot change history", "SELECT NOT has_table_privilege('ordo_app', 'ordo.history', 'UPDATE, DELETE, TRUNCATE')"},
        {"it cannot change audit", "SELECT NOT has_table_privilege('ordo_app', 'ordo.audit', 'UPDATE, DELETE, TRUNCATE, SELECT')"},
        {"it cannot read sessions of others", "SELECT relrowsecurity FROM pg_class WHERE oid = 'ordo.session'::regclass"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("  %s\n", rows[i].name);
        assert_string_equal(pg_sql(site.db.super, rows[i].sql), "t");
    }
    assert_string_equal(pg_sql(site.db.app, "SELECT count(*) FROM ordo.request"), "0"); /* no scope, no rows */
    assert_string_equal(pg_sql(site.db.app, "SELECT set_config('ordo.branches', '', true); SELECT count(*) FROM ordo.customer"), "0");
}

static void customer_users_see_their_company_alone(void **state)
{
    (void)state;
    ordo_error e;
    ordo_client *ann = client_login(&site, &node, NULL, "ann", NULL), *client = client_login(&site, &node, NULL, "client", NULL);
    int64_t id = request_make(ann, &site, "with a note", site.specialist_ids[0]);
    Ordo__RequestNoteReq note = ORDO__REQUEST_NOTE_REQ__INIT;
    note.has_request_id = true;
    note.request_id = id;
    note.text = TXT("between us");
    must(ordo_request_note(ann, &note, NULL, &e), &e, "note");
    assert_int_equal(ordo_request_note(client, &note, NULL, &e), ORDO_FORBIDDEN);

    Ordo__RequestHistoryReq h = ORDO__REQUEST_HISTORY_REQ__INIT;
    Ordo__RequestHistoryRep *all, *public;
    h.has_request_id = true;
    h.request_id = id;
    must(ordo_request_history(ann, &h, NULL, NULL, &all, &e), &e, "history");
    must(ordo_request_history(client, &h, NULL, NULL, &public, &e), &e, "history");
    assert_true(all->rows == public->rows + 1);
    ordo_free_message(all);
    ordo_free_message(public);

    pg_sql(site.db.super, "INSERT INTO ordo.customer(id, branch_id, name, language, zone) VALUES (1, 1, 'Another', 'en', 'UTC');"
                          "UPDATE ordo.request SET customer_id = 1 WHERE title = 'with a note'");
    Ordo__RequestGetReq get = ORDO__REQUEST_GET_REQ__INIT;
    get.has_request_id = true;
    get.request_id = id;
    assert_int_equal(ordo_request_get(client, &get, NULL, &e), ORDO_NOT_FOUND); /* not "forbidden": it is not there for him */
    Ordo__CustomerGetReq other = ORDO__CUSTOMER_GET_REQ__INIT;
    other.has_customer_id = true;
    other.customer_id = 1;
    assert_int_equal(ordo_customer_get(client, &other, NULL, &e), ORDO_NOT_FOUND);
    ordo_client_free(ann);
    ordo_client_free(client);
}

/* Not "forbidden": for whoever has no access a request is not there. */
static void staff_see_their_branches_alone(void **state)
{
    (void)state;
    ordo_error e;
    ordo_client *ann = client_login(&site, &node, NULL, "ann", NULL);
    int64_t id = request_make(ann, &site, "elsewhere", 0);
    char sql[256];
    snprintf(sql, sizeof sql,
             "INSERT INTO ordo.branch(id, name, zone, language) VALUES (77, 'Elsewhere', 'UTC', 'en') ON CONFLICT DO NOTHING;"
             "UPDATE ordo.request SET branch_id = 77, work_branch_id = 77 WHERE id = %lld", (long long)id);
    pg_sql(site.db.super, sql);
    Ordo__RequestTakeReq take = ORDO__REQUEST_TAKE_REQ__INIT;
    take.has_request_id = true;
    take.request_id = id;
    assert_int_equal(ordo_request_take(ann, &take, NULL, &e), ORDO_NOT_FOUND);
    ordo_client_free(ann);
}

/* ── nobody keeps the others waiting ──────────────────────────────────────────────────────────────────────────────── */

static void ignore_note(ordo_call *call, const Ordo__RequestNoteRep *rep, const ordo_error *error, void *arg)
{
    (void)call;
    (void)rep;
    (void)error;
    ++*(int *)arg;
}

static bool stall(ordo_call *call, const Ordo__RequestListPart *part, void *arg)
{
    (void)call;
    (void)part;
    (void)arg;
    return true;
}

static void list_done(ordo_call *call, const Ordo__RequestListRep *rep, const ordo_error *error, void *arg)
{
    (void)call;
    (void)rep;
    (void)error;
    (void)arg;
}

static int64_t echo_ms(ordo_client *c)
{
    ordo_error e;
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    req.has_payload = true;
    req.payload = (ProtobufCBinaryData){5, (uint8_t *)"hello"};
    int64_t start = mono_ms();
    must(ordo_echo(c, &req, NULL, &e), &e, "echo");
    return mono_ms() - start;
}

static void stalled_readers_and_writers_on_one_row_delay_nobody(void **state)
{
    enum { READERS = 8, WRITERS = 50 };
    ordo_client *readers[READERS], *writers[WRITERS];
    int noted = 0;
    char sql[200];
    (void)state;
    ordo_client *ann = client_login(&site, &node, NULL, "ann", NULL);
    int64_t id = request_make(ann, &site, "busy", site.specialist_ids[0]), late = request_make(ann, &site, "late", site.specialist_ids[0]);
    pg_sql(site.db.super, /* enough rows that a list runs into its credit */
           "INSERT INTO ordo.request(id, number, customer_id, sla_id, calendar_id, department_id, created_by, created_at, updated_at, branch_id, "
           "work_branch_id, sla_version, calendar_version, channel, state, priority, urgency, response_state, resolution_state, clock, title) "
           "SELECT 900000000 + g, 900000000 + g, r.customer_id, r.sla_id, r.calendar_id, r.department_id, r.created_by, r.created_at, r.updated_at, "
           "r.branch_id, r.work_branch_id, r.sla_version, r.calendar_version, 1, 1, 2, 2, 0, 0, r.clock, repeat('x', 300) "
           "FROM (SELECT * FROM ordo.request WHERE title = 'busy') r, generate_series(1, 5000) g");
    for (int i = 0; i < READERS; i++) {
        Ordo__RequestListReq req = ORDO__REQUEST_LIST_REQ__INIT;
        readers[i] = client_login(&site, &node, NULL, "head", NULL);
        must(ordo_request_list_start(readers[i], &req, stall, list_done, NULL, NULL), NULL, "list");
        ordo_process(readers[i], 0); /* sends, and never reads again */
    }
    for (int i = 0; i < WRITERS; i++)
        writers[i] = client_login(&site, &node, NULL, i % 2 ? "ann" : "bob", NULL);
    for (int i = 0; i < WRITERS; i++) {
        Ordo__RequestNoteReq note = ORDO__REQUEST_NOTE_REQ__INIT;
        note.has_request_id = true;
        note.request_id = id;
        note.text = TXT("a line");
        must(ordo_request_note_start(writers[i], &note, ignore_note, &noted, NULL), NULL, "note");
    }
    for (int i = 0; i < WRITERS; i++)
        ordo_process(writers[i], 0);
    snprintf(sql, sizeof sql, "UPDATE ordo.timer SET due_at = (SELECT business_at + (now() - real_at) * factor FROM ordo.clock) WHERE ref = %lld",
             (long long)late);
    pg_sql(site.db.super, sql);
    int64_t start = mono_ms(), worst = 0;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM ordo.timer WHERE ref = %lld AND due_at <= now()", (long long)late);
    while (mono_ms() - start < 1000) {
        int64_t ms = echo_ms(ann);
        worst = ms > worst ? ms : worst;
        for (int i = 0; i < WRITERS; i++)
            ordo_process(writers[i], 0);
    }
    print_message("  slowest echo: %lld ms\n", (long long)worst);
    assert_true(worst < 1000);
    assert_string_equal(pg_sql(site.db.super, sql), "0"); /* the due timer was looked after within the second */
    for (int64_t end = mono_ms() + 20000; noted < WRITERS && mono_ms() < end;)
        for (int i = 0; i < WRITERS; i++)
            ordo_process(writers[i], 1);
    assert_int_equal(noted, WRITERS);
    for (int i = 0; i < READERS; i++)
        ordo_client_free(readers[i]);
    for (int i = 0; i < WRITERS; i++)
        ordo_client_free(writers[i]);
    ordo_client_free(ann);
}

static int setup(void **state)
{
    (void)state;
    site_serve("auth_memory_kib=16384;auth_passes=2"); /* less than what is served with: the tries are many */
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_proof_logs_in),
        cmocka_unit_test(refused_logins_read_alike),
        cmocka_unit_test(an_unknown_name_takes_the_time_of_a_wrong_password),
        cmocka_unit_test(guessing_is_slowed_for_an_account),
        cmocka_unit_test(passwords_are_kept_as_argon2id),
        cmocka_unit_test(the_application_role_is_walled_in),
        cmocka_unit_test(customer_users_see_their_company_alone),
        cmocka_unit_test(staff_see_their_branches_alone),
        cmocka_unit_test(stalled_readers_and_writers_on_one_row_delay_nobody),
    };
    return cmocka_run_group_tests_name("identity and walls", tests, setup, site_taken);
}
