/* SPDX-License-Identifier: Apache-2.0
 * Real `ordod serve` processes for integration tests, and a small company set up through the SDK. What goes wrong in here ends
 * the test program with a message. */
#ifndef ORDO_TESTS_IT_NODE_H
#define ORDO_TESTS_IT_NODE_H

#include <sys/types.h>

#include "client/lib/ordo.h"
#include "tests/it/pg.h"

struct node {
    pid_t pid;
    int port;
    char dir[96];          /* socket and log */
    char name[16];
};

/* Everything of one test program: a cluster, a development database, certificates. */
struct site {
    struct pg_cluster cluster;
    struct pg_database db;
    char dir[96];
    int n_nodes;
    /* the company, made by site_company() */
    int32_t branch_id;
    int64_t department_id, customer_id, contract_id, type_id, sla_id, calendar_id, contact_id;
    int64_t admin_id, head_id, specialist_ids[3], customer_user_id;
};

void site_start(struct site *s);
void site_stop(struct site *s);

/* Starts a node and waits until it serves. settings: NULL, or "key=value;key=value". */
void node_start(struct site *s, struct node *n, const char *settings);
void node_stop(struct node *n);   /* SIGTERM; asserts that it ended well */
void node_kill(struct node *n);   /* SIGKILL */
/* Counts lines of the node's log that contain all of up to two texts. */
int node_log_count(const struct node *n, const char *a, const char *b);

/* protobuf-c wants char * for what it only reads. */
#define TXT(s) ((char *)(s))

/* A client of one or two nodes, logged in; journal may be NULL. */
ordo_client *client_login(const struct site *s, const struct node *a, const struct node *b, const char *login, const char *journal);
ordo_client *client_new(const struct site *s, const struct node *a, const struct node *b, const char *journal);

/* The first administrator by one-time code over the Unix socket, then branch, department, calendar, SLA, type, people, a
 * customer with contract, contact and customer user. Logins: admin, head, ann, bob, cat, client; all with SITE_PASSWORD. */
#define SITE_PASSWORD "correct horse battery"
void site_company(struct site *s, const struct node *n);
void site_bootstrap(struct site *s, const struct node *n);   /* the administrator alone */
enum { SITE_CODE_MAX = 128 };
void site_code(const struct site *s, char code[SITE_CODE_MAX]); /* the one-time code for him */

/* A user of the company's branch with SITE_PASSWORD, or of a customer's (else 0); returns his id. */
int64_t user_make(ordo_client *admin, const struct site *s, const char *login, const char *role, int64_t customer_id);

/* Registers a request for the company's customer; returns its id. */
int64_t request_make(ordo_client *c, const struct site *s, const char *title, int64_t assignee_id);

/* Ends the test program unless the call went well. */
void must(enum ordo_status status, const ordo_error *e, const char *what);

int64_t mono_ms(void);

#endif
