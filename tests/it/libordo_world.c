/* SPDX-License-Identifier: Apache-2.0
 * The ground of libordo's tests. */
#include "tests/it/libordo_world.h"

#include <unistd.h>

char directory[64], ca_file[96], journal_file[96];

void directory_use(const char *path)
{
    snprintf(directory, sizeof directory, "%s", path);
    snprintf(ca_file, sizeof ca_file, "%s/server.pem", directory);
    snprintf(journal_file, sizeof journal_file, "%s/journal", directory);
}

int directory_new(void **state)
{
    char path[] = "/tmp/libordo_test.XXXXXX";
    (void)state;
    if (!mkdtemp(path))
        return -1;
    directory_use(path);
    return 0;
}

int directory_free(void **state)
{
    static const char *const left[] = {"server.pem", "server.key", "socket", "journal"};
    (void)state;
    for (size_t i = 0; i < OD_LEN(left); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", directory, left[i]);
        unlink(path);
    }
    return rmdir(directory);
}

static void note_state(ordo_client *client, enum ordo_state state, const ordo_error *why, void *arg)
{
    struct world *w = arg;
    (void)client;
    assert_true((why != NULL) == (state == ORDO_STATE_LOST || state == ORDO_STATE_REFUSED));
    if (w->n_states < OD_LEN(w->states))
        w->states[w->n_states++] = state;
}

ordo_options options_for(struct world *w, const char *hosts)
{
    return (ordo_options){
        .struct_size = sizeof(ordo_options),
        .hosts = hosts,
        .ca_file = ca_file,
        .program = "libordo_test",
        .timeout_ms = 10000,
        .reconnect_min_ms = 5,
        .reconnect_max_ms = 50,
        .on_state = note_state,
        .arg = w,
    };
}

static ordo_client *client_for(const ordo_options *o)
{
    ordo_client *client;
    ordo_error error;
    enum ordo_status status = ordo_client_new(o, &client, &error);
    if (status != ORDO_OK)
        print_error("%s\n", error.text);
    assert_int_equal(status, ORDO_OK);
    return client;
}

int peer_given(void **state)
{
    struct world *w = od_xcalloc(1, sizeof *w);
    w->peer = peer_start(directory, false, &w->control);
    ordo_options o = options_for(w, peer_host(w->peer));
    w->client = client_for(&o);
    *state = w;
    return 0;
}

int peer_taken(void **state)
{
    struct world *w = *state;
    ordo_client_free(w->client);
    peer_stop(w->peer);
    free(w);
    unlink(journal_file);
    return 0;
}

void client_end(struct world *w)
{
    ordo_client_free(w->client);
    w->client = NULL;
}

void client_again(struct world *w, const ordo_options *o)
{
    ordo_client_free(w->client);
    w->client = client_for(o);
}

void client_with_journal(struct world *w)
{
    ordo_options o = options_for(w, peer_host(w->peer));
    o.journal_path = journal_file;
    client_again(w, &o);
}

enum ordo_status echo(ordo_client *client, ordo_error *error)
{
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    Ordo__EchoRep *rep;
    uint8_t bytes[100] = "hello";
    req.has_payload = true;
    req.payload = (ProtobufCBinaryData){sizeof bytes, bytes};
    enum ordo_status status = ordo_echo(client, &req, &rep, error);
    if (status == ORDO_OK) {
        assert_int_equal(rep->payload.len, sizeof bytes);
        assert_memory_equal(rep->payload.data, bytes, sizeof bytes);
        ordo_free_message(rep);
    } else {
        assert_null(rep);
    }
    return status;
}

enum ordo_status register_one(ordo_client *client, int64_t *ret_id, ordo_error *error)
{
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    Ordo__RequestRegisterRep *rep;
    req.title = (char[]){"the printer is on fire"};
    enum ordo_status status = ordo_request_register(client, &req, &rep, error);
    if (status == ORDO_OK && ret_id)
        *ret_id = rep->id;
    ordo_free_message(rep);
    return status;
}
