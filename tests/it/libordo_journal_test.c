/* SPDX-License-Identifier: Apache-2.0
 * The journal of libordo: what a client that was killed or gave up waiting learns later, and what is kept until then. */
#include "tests/it/libordo_world.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

struct entries {
    unsigned n, resolved, replies;
    enum ordo_status error;
};

static bool count_entry(const ordo_journal_entry *entry, void *arg)
{
    struct entries *e = arg;
    e->n++;
    assert_int_equal(entry->method, 70);
    return true;
}

static void count_outcome(const ordo_journal_entry *entry, const void *reply, size_t size, const ordo_error *error,
                          void *arg)
{
    struct entries *e = arg;
    Ordo__RequestRegisterReq *req = ordo__request_register_req__unpack(NULL, entry->request_size, entry->request);
    assert_non_null(req);
    assert_string_equal(req->title, "the printer is on fire");
    ordo_free_message(req);
    e->resolved++;
    if (error)
        e->error = error->status;
    if (reply) {
        Ordo__RequestRegisterRep *rep = ordo__request_register_rep__unpack(NULL, size, reply);
        assert_non_null(rep);
        ordo_free_message(rep);
        e->replies++;
    }
}

static unsigned journal_entries(ordo_client *client)
{
    struct entries e = {0};
    assert_int_equal(ordo_journal_list(client, count_entry, &e, NULL), ORDO_OK);
    return e.n;
}

/* In a process of its own: sends a changing call and dies before the answer can come. */
static int child(const char *host, const char *path)
{
    struct world w = {0};
    directory_use(path);
    ordo_options o = options_for(&w, host);
    ordo_client *client;
    ordo_call *call;
    unsigned char key[16];
    o.journal_path = journal_file;
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    req.title = (char[]){"the printer is on fire"};
    if (ordo_client_new(&o, &client, NULL) != ORDO_OK ||
        ordo_request_register_start(client, &req, NULL, NULL, &call) != ORDO_OK)
        return 1;
    while (!ordo_call_key(call, key))
        ordo_process(client, 10);
    _exit(9);
}

extern char **environ;

static void a_killed_client_learns_what_its_call_did(void **state)
{
    struct world *w = *state;
    char name[] = "libordo_test", verb[] = "child";
    char *argv[] = {name, verb, (char *)peer_host(w->peer), directory, NULL};
    pid_t pid;
    int status;
    struct entries e = {0};
    assert_int_equal(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    client_with_journal(w);
    assert_int_equal(journal_entries(w->client), 1);
    while (atomic_load(&w->control.executed) == 0)
        usleep(1000);
    assert_int_equal(ordo_journal_resolve(w->client, count_outcome, &e, NULL), ORDO_OK);
    assert_int_equal(e.resolved, 1);
    assert_int_equal(e.replies, 1);
    assert_int_equal(atomic_load(&w->control.executed), 1);
    assert_int_equal(atomic_load(&w->control.replayed), 1);
    assert_int_equal(journal_entries(w->client), 0);
}

static void a_journal_keeps_what_is_unknown_and_nothing_else(void **state)
{
    struct world *w = *state;
    struct entries e = {0};
    ordo_call_options soon = {.struct_size = sizeof soon, .timeout_ms = 100};
    client_with_journal(w);
    for (int i = 0; i < 20; i++)
        assert_int_equal(register_one(w->client, NULL, NULL), ORDO_OK);
    assert_int_equal(journal_entries(w->client), 0);
    atomic_store(&w->control.silent, true);
    assert_int_equal(ordo_next_call(w->client, &soon), ORDO_OK);
    assert_int_equal(register_one(w->client, NULL, NULL), ORDO_UNKNOWN);
    atomic_store(&w->control.silent, false);
    client_with_journal(w);
    assert_int_equal(journal_entries(w->client), 1);
    size_t count = 0;
    assert_int_equal(ordo_journal_resolve_start(w->client, count_outcome, &e, &count, NULL), ORDO_OK);
    assert_int_equal(count, 1);
    while (!e.resolved)
        ordo_process(w->client, 1000);
    assert_int_equal(e.replies, 1);
    assert_int_equal(atomic_load(&w->control.executed), 21);
    client_with_journal(w);
    assert_int_equal(journal_entries(w->client), 0);
}

static void a_journal_is_one_process_s_and_one_login_s(void **state)
{
    struct world *w = *state;
    ordo_error error;
    ordo_client *second;
    ordo_call_options soon = {.struct_size = sizeof soon, .timeout_ms = 100};
    client_with_journal(w);
    ordo_options o = options_for(w, peer_host(w->peer));
    o.journal_path = journal_file;
    assert_int_equal(ordo_client_new(&o, &second, &error), ORDO_CONFIG);
    assert_string_equal(error.reason, "JOURNAL_BUSY");
    atomic_store(&w->control.silent, true);
    assert_int_equal(ordo_next_call(w->client, &soon), ORDO_OK);
    assert_int_equal(register_one(w->client, NULL, NULL), ORDO_UNKNOWN);
    atomic_store(&w->control.silent, false);
    client_with_journal(w);
    assert_int_equal(ordo_auth_password(w->client, "ann", "correct horse"), ORDO_OK);
    assert_int_equal(register_one(w->client, NULL, &error), ORDO_CONFIG);
    assert_string_equal(error.reason, "JOURNAL_OTHER");
    assert_int_equal(echo(w->client, &error), ORDO_OK);
    assert_int_equal(journal_entries(w->client), 1);
}

int main(int argc, char **argv)
{
    if (argc == 4 && !strcmp(argv[1], "child"))
        return child(argv[2], argv[3]);
    const struct CMUnitTest tests[] = {
        ON_A_PEER(a_killed_client_learns_what_its_call_did),
        ON_A_PEER(a_journal_keeps_what_is_unknown_and_nothing_else),
        ON_A_PEER(a_journal_is_one_process_s_and_one_login_s),
    };
    return cmocka_run_group_tests_name("libordo: the journal", tests, directory_new, directory_free);
}
