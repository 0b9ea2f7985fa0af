/* SPDX-License-Identifier: Apache-2.0
 * Prints what concerns one, as it happens, and acknowledges it. Cuts and restarts of the server lose and repeat nothing; a
 * restart of this program begins behind what it acknowledged.
 *
 *   ORDO_HOSTS=desk.example.com:7223 ORDO_CA=ca.pem ORDO_LOGIN=ann ORDO_PASSWORD=... watch */
#include <inttypes.h>
#include <ordo/ordo.h>
#include <stdio.h>
#include <stdlib.h>

struct watch {
    bool over;
    enum ordo_status status;
};

static void on_event(ordo_subscription *subscription, const Ordo__Event *event, void *arg)
{
    (void)arg;
    printf("%" PRIu64 "  request %" PRId64 "  %s\n", event->seq, event->request_number, event->text ? event->text : "");
    if (fflush(stdout) == 0) /* a real program commits it to its own store here */
        ordo_subscription_ack(subscription, event->seq);
}

static void on_end(ordo_subscription *subscription, const ordo_error *error, void *arg)
{
    struct watch *w = arg;
    (void)subscription;
    if (error->status == ORDO_RESYNC_REQUIRED)
        fprintf(stderr, "away for too long: read the requests again (ordo_request_list), then subscribe from now\n");
    else
        fprintf(stderr, "%s\n", error->text);
    w->over = true;
    w->status = error->status;
}

static void on_state(ordo_client *client, enum ordo_state state, const ordo_error *why, void *arg)
{
    (void)client;
    (void)arg;
    if (state == ORDO_STATE_READY)
        fprintf(stderr, "connected\n");
    else if (why)
        fprintf(stderr, "%s\n", why->text);
}

int main(void)
{
    struct watch w = {0};
    ordo_options options = {
        .struct_size = sizeof options,
        .hosts = getenv("ORDO_HOSTS"),
        .ca_file = getenv("ORDO_CA"),
        .program = "example watch",
        .on_state = on_state,
    };
    ordo_subscribe_options inbox = {
        .struct_size = sizeof inbox,
        .name = "example-watch",
        .on_event = on_event,
        .on_end = on_end,
        .arg = &w,
    };
    ordo_client *client;
    ordo_error error;
    if (!getenv("ORDO_LOGIN") || !getenv("ORDO_PASSWORD")) {
        fprintf(stderr, "usage: ORDO_HOSTS= ORDO_CA= ORDO_LOGIN= ORDO_PASSWORD= watch\n");
        return 64;
    }
    w.status = ordo_client_new(&options, &client, &error);
    if (w.status == ORDO_OK)
        w.status = ordo_auth_password(client, getenv("ORDO_LOGIN"), getenv("ORDO_PASSWORD"));
    if (w.status == ORDO_OK)
        w.status = ordo_subscribe(client, &inbox, NULL, &error);
    if (w.status != ORDO_OK) {
        fprintf(stderr, "%s\n", error.text);
        w.over = true;
    }
    while (!w.over)
        (void)ordo_process(client, -1);
    ordo_client_free(client);
    return ordo_status_exit_code(w.status);
}
