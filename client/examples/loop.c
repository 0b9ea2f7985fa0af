/* SPDX-License-Identifier: Apache-2.0
 * Calls from a program that has an epoll loop of its own: numbers typed in are looked up, several at a time, while the loop
 * also serves its standard input.
 *
 *   ORDO_HOSTS=desk.example.com:7223 ORDO_CA=ca.pem ORDO_LOGIN=ann ORDO_PASSWORD=... loop */
#include <inttypes.h>
#include <ordo/ordo.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

struct loop {
    ordo_client *client;
    int epoll_fd;
    unsigned waiting;
    bool input_over;
};

static void on_request(ordo_call *call, const Ordo__RequestGetRep *rep, const ordo_error *error, void *arg)
{
    struct loop *l = arg;
    (void)call;
    l->waiting--;
    if (error)
        printf("%s\n", error->text);
    else
        printf("%" PRId64 "  %s\n", rep->request->number, rep->request->title ? rep->request->title : "");
}

/* One read gives one line or more from a terminal; a program of worth would keep the rest of a cut line. */
static void read_input(struct loop *l)
{
    char text[4096];
    ssize_t n = read(STDIN_FILENO, text, sizeof text - 1);
    if (n <= 0) {
        l->input_over = true;
        (void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
        return;
    }
    text[n] = '\0';
    char *end;
    for (char *p = text; *p; p = *end ? end + 1 : end) {
        Ordo__RequestGetReq req = ORDO__REQUEST_GET_REQ__INIT;
        req.has_number = 1;
        req.number = strtoll(p, &end, 10);
        if (end == p)
            break;
        if (ordo_request_get_start(l->client, &req, on_request, l, NULL) == ORDO_OK)
            l->waiting++;
    }
}

int main(void)
{
    struct loop l = {.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    ordo_options options = {
        .struct_size = sizeof options,
        .hosts = getenv("ORDO_HOSTS"),
        .ca_file = getenv("ORDO_CA"),
        .program = "example loop",
    };
    ordo_error error;
    if (!getenv("ORDO_LOGIN") || !getenv("ORDO_PASSWORD")) {
        fprintf(stderr, "usage: ORDO_HOSTS= ORDO_CA= ORDO_LOGIN= ORDO_PASSWORD= loop\n");
        return 64;
    }
    if (ordo_client_new(&options, &l.client, &error) != ORDO_OK) {
        fprintf(stderr, "%s\n", error.text);
        return ordo_status_exit_code(error.status);
    }
    if (ordo_auth_password(l.client, getenv("ORDO_LOGIN"), getenv("ORDO_PASSWORD")) != ORDO_OK)
        return 70;
    struct epoll_event input = {.events = EPOLLIN, .data.fd = STDIN_FILENO};
    struct epoll_event ordo = {.events = EPOLLIN, .data.fd = ordo_fd(l.client)};
    if (epoll_ctl(l.epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &input) != 0 ||
        epoll_ctl(l.epoll_fd, EPOLL_CTL_ADD, ordo.data.fd, &ordo) != 0) {
        perror("epoll_ctl");
        return 74;
    }
    while (!l.input_over || l.waiting) {
        struct epoll_event e;
        if (epoll_wait(l.epoll_fd, &e, 1, -1) != 1)
            continue;
        if (e.data.fd == STDIN_FILENO)
            read_input(&l);
        else
            (void)ordo_process(l.client, 0);
    }
    ordo_client_free(l.client);
    close(l.epoll_fd);
    return 0;
}
