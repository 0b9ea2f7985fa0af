/* SPDX-License-Identifier: Apache-2.0
 * Prints the open requests, however many there are: they come in parts, and the server waits for this program.
 *
 *   ORDO_HOSTS=desk.example.com:7223 ORDO_CA=ca.pem ORDO_LOGIN=ann ORDO_PASSWORD=... list */
#include <inttypes.h>
#include <ordo/ordo.h>
#include <stdio.h>
#include <stdlib.h>

static bool print_rows(ordo_call *call, const Ordo__RequestListPart *part, void *arg)
{
    (void)call;
    (void)arg;
    for (size_t i = 0; i < part->n_rows; i++) {
        const Ordo__RequestRow *row = part->rows[i];
        printf("%8" PRId64 "  %u  %s\n", row->number, row->priority, row->title ? row->title : "");
    }
    return !ferror(stdout); /* false leaves the list */
}

int main(void)
{
    ordo_options options = {
        .struct_size = sizeof options,
        .hosts = getenv("ORDO_HOSTS"),
        .ca_file = getenv("ORDO_CA"),
        .program = "example list",
    };
    ordo_client *client;
    ordo_error error;
    if (!getenv("ORDO_LOGIN") || !getenv("ORDO_PASSWORD")) {
        fprintf(stderr, "usage: ORDO_HOSTS= ORDO_CA= ORDO_LOGIN= ORDO_PASSWORD= list\n");
        return 64;
    }
    enum ordo_status status = ordo_client_new(&options, &client, &error);
    if (status == ORDO_OK)
        status = ordo_auth_password(client, getenv("ORDO_LOGIN"), getenv("ORDO_PASSWORD"));
    if (status == ORDO_OK) {
        Ordo__RequestListReq req = ORDO__REQUEST_LIST_REQ__INIT;
        Ordo__RequestListRep *rep;
        Ordo__RequestState open[] = {ORDO__REQUEST_STATE__OPEN, ORDO__REQUEST_STATE__IN_WORK};
        req.states = open;
        req.n_states = 2;
        status = ordo_request_list(client, &req, print_rows, NULL, &rep, &error);
        if (status == ORDO_OK)
            fprintf(stderr, "%u requests\n", rep->rows);
        ordo_free_message(rep);
    }
    ordo_client_free(client);
    if (status != ORDO_OK)
        fprintf(stderr, "%s\n", error.text);
    return ordo_status_exit_code(status);
}
