/* SPDX-License-Identifier: Apache-2.0
 * Registers a request and prints its number. The journal makes sure that it is registered once, whatever happens here.
 *
 *   ORDO_HOSTS=desk.example.com:7223 ORDO_CA=ca.pem ORDO_LOGIN=ann ORDO_PASSWORD=... register TYPE CUSTOMER TITLE */
#include <inttypes.h>
#include <ordo/ordo.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(const ordo_error *error)
{
    fprintf(stderr, "%s: %s\n", error->reason, error->text);
    for (unsigned i = 0; i < error->n_violations; i++)
        fprintf(stderr, "  %s: %s\n", error->violations[i].field, error->violations[i].text);
    return ordo_status_exit_code(error->status);
}

static void resolved(const ordo_journal_entry *entry, const void *reply, size_t size, const ordo_error *error, void *arg)
{
    (void)reply;
    (void)size;
    (void)arg;
    fprintf(stderr, "an earlier %s: %s\n", ordo_method_find(entry->method)->name, error ? error->text : "done");
}

int main(int argc, char **argv)
{
    ordo_options options = {
        .struct_size = sizeof options,
        .hosts = getenv("ORDO_HOSTS"),
        .ca_file = getenv("ORDO_CA"),
        .journal_path = "register.journal",
        .program = "example register",
    };
    ordo_client *client;
    ordo_error error;
    if (argc != 4 || !getenv("ORDO_LOGIN") || !getenv("ORDO_PASSWORD")) {
        fprintf(stderr, "usage: ORDO_HOSTS= ORDO_CA= ORDO_LOGIN= ORDO_PASSWORD= register TYPE CUSTOMER TITLE\n");
        return 64;
    }
    if (ordo_client_new(&options, &client, &error) != ORDO_OK)
        return fail(&error);

    /* What an earlier run left open comes first: its requests may or may not have been registered. */
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    Ordo__RequestRegisterRep *rep = NULL;
    req.has_type_id = req.has_customer_id = 1;
    req.type_id = strtoll(argv[1], NULL, 10);
    req.customer_id = strtoll(argv[2], NULL, 10);
    req.title = argv[3];
    enum ordo_status status = ordo_auth_password(client, getenv("ORDO_LOGIN"), getenv("ORDO_PASSWORD"));
    if (status == ORDO_OK)
        status = ordo_connect(client, 0, &error);
    if (status == ORDO_OK)
        status = ordo_journal_resolve(client, resolved, NULL, &error);
    if (status == ORDO_OK)
        status = ordo_request_register(client, &req, &rep, &error);
    if (status == ORDO_OK)
        printf("request %" PRId64 ", priority %u\n", rep->number, rep->priority);
    ordo_free_message(rep);
    ordo_client_free(client);
    return status == ORDO_OK ? 0 : fail(&error);
}
