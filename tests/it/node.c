/* SPDX-License-Identifier: Apache-2.0
 * Processes, certificates and the company. */
#include "tests/it/node.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void give_up(const char *what, const char *why)
{
    fprintf(stderr, "cannot test: %s: %s\n", what, why);
    exit(2);
}

void must(enum ordo_status status, const ordo_error *e, const char *what)
{
    if (status != ORDO_OK)
        give_up(what, e ? e->text : ordo_status_text(status));
}

int64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void run(const char *command)
{
    if (system(command) != 0) /* a test's own words, no input of anybody */
        give_up(command, "it failed");
}

static const char *ordod_path(void)
{
    const char *p = getenv("ORDOD");
    return p ? p : "build/release/ordod";
}

void site_start(struct site *s)
{
    char command[1024];
    *s = (struct site){0};
    pg_cluster_start(&s->cluster);
    pg_database_new(&s->cluster, &s->db);
    snprintf(s->dir, sizeof s->dir, "/tmp/ordo-site-XXXXXX");
    if (!mkdtemp(s->dir))
        give_up(s->dir, strerror(errno));
    chmod(s->dir, 0755);
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
             "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout %s/tls.key -out %s/tls.crt 2>/dev/null && chmod 644 %s/tls.key",
             s->dir, s->dir, s->dir);
    run(command);
    pg_sql(s->db.super, "UPDATE ordo.environment SET development = true");
}

void site_stop(struct site *s)
{
    char command[256];
    pg_database_drop(&s->cluster, &s->db);
    pg_cluster_stop(&s->cluster);
    snprintf(command, sizeof command, "rm -rf %s", s->dir);
    run(command);
}

/* ── nodes ────────────────────────────────────────────────────────────────────────────────────────────────────────── */

static void exec_node(const struct site *s, const struct node *n, const char *settings)
{
    static char text[32][512];
    char copy[512];
    const char *argv[80] = {ordod_path(), "serve"};
    int k = 2, t = 0;
    const char *const fixed[] = {"listen=127.0.0.1:0", "metrics_listen=", "auth_memory_kib=8192", "auth_passes=1"};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        snprintf(text[t++], sizeof text[0], "%s", fixed[i]);
    snprintf(text[t++], sizeof text[0], "node=%s", n->name);
    snprintf(text[t++], sizeof text[0], "unix_socket=%s/sock", n->dir);
    snprintf(text[t++], sizeof text[0], "data_dir=%s", s->cluster.dir);
    snprintf(text[t++], sizeof text[0], "database=%s", s->db.app);
    snprintf(text[t++], sizeof text[0], "database_owner=%s", s->db.owner);
    snprintf(text[t++], sizeof text[0], "tls_cert=%s/tls.crt", s->dir);
    snprintf(text[t++], sizeof text[0], "tls_key=%s/tls.key", s->dir);
    snprintf(copy, sizeof copy, "%s", settings ? settings : "");
    for (char *save, *p = strtok_r(copy, ";", &save); p; p = strtok_r(NULL, ";", &save))
        snprintf(text[t++], sizeof text[0], "%s", p);
    argv[k++] = "--config=/dev/null";
    for (int i = 0; i < t; i++) {
        argv[k++] = "--set";
        argv[k++] = text[i];
    }
    execv(argv[0], (char *const *)argv);
    _exit(127);
}

static bool log_find(const struct node *n, const char *what, char *line, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/log", n->dir);
    FILE *f = fopen(path, "r");
    bool found = false;
    while (f && !found && fgets(line, (int)size, f))
        found = strstr(line, what) != NULL;
    if (f)
        fclose(f);
    return found;
}

int node_log_count(const struct node *n, const char *a, const char *b)
{
    char path[128], line[4096];
    int count = 0;
    snprintf(path, sizeof path, "%s/log", n->dir);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        count += strstr(line, a) && (!b || strstr(line, b));
    if (f)
        fclose(f);
    return count;
}

void node_start(struct site *s, struct node *n, const char *settings)
{
    char path[128], line[4096];
    *n = (struct node){0};
    snprintf(n->name, sizeof n->name, "node%d", ++s->n_nodes);
    snprintf(n->dir, sizeof n->dir, "%.60s/%s", s->dir, n->name);
    mkdir(n->dir, 0777);
    chmod(n->dir, 0777);
    snprintf(path, sizeof path, "%s/log", n->dir);
    n->pid = fork();
    if (n->pid == 0) {
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
        dup2(fd, STDERR_FILENO);
        exec_node(s, n, settings);
    }
    for (int64_t end_ms = mono_ms() + 30000; mono_ms() < end_ms; usleep(20000)) {
        if (log_find(n, "msg=serving ", line, sizeof line)) {
            n->port = (int)strtol(strstr(line, " port=") + 6, NULL, 10);
            return;
        }
        if (waitpid(n->pid, NULL, WNOHANG) == n->pid)
            break;
    }
    snprintf(line, sizeof line, "cat %s >&2", path);
    run(line);
    give_up("ordod serve", "it did not start");
}

void node_stop(struct node *n)
{
    int status = 0;
    kill(n->pid, SIGTERM);
    if (waitpid(n->pid, &status, 0) != n->pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        char line[160];
        snprintf(line, sizeof line, "tail -n 60 %s/log >&2", n->dir);
        run(line);
        give_up("ordod", "it did not end well");
    }
    n->pid = 0;
}

void node_kill(struct node *n)
{
    kill(n->pid, SIGKILL);
    waitpid(n->pid, NULL, 0);
    n->pid = 0;
}

/* ── clients ──────────────────────────────────────────────────────────────────────────────────────────────────────── */

ordo_client *client_new(const struct site *s, const struct node *a, const struct node *b, const char *journal)
{
    char hosts[128], ca[128];
    ordo_client *c = NULL;
    ordo_error e;
    if (b)
        snprintf(hosts, sizeof hosts, "localhost:%d,127.0.0.1:%d", a->port, b->port);
    else
        snprintf(hosts, sizeof hosts, "localhost:%d", a->port);
    snprintf(ca, sizeof ca, "%s/tls.crt", s->dir);
    ordo_options o = {.struct_size = sizeof o, .hosts = hosts, .ca_file = ca, .journal_path = journal, .program = "it",
                      .reconnect_max_ms = 500};
    must(ordo_client_new(&o, &c, &e), &e, "client");
    return c;
}

ordo_client *client_login(const struct site *s, const struct node *a, const struct node *b, const char *login, const char *journal)
{
    ordo_error e;
    ordo_client *c = client_new(s, a, b, journal);
    must(ordo_auth_password(c, login, SITE_PASSWORD), NULL, "auth");
    must(ordo_connect(c, 20000, &e), &e, login);
    return c;
}

/* ── the company ──────────────────────────────────────────────────────────────────────────────────────────────────── */

void site_code(const struct site *s, char code[SITE_CODE_MAX])
{
    char command[1024];
    snprintf(command, sizeof command, "%s setup-code --config=/dev/null --set 'database_owner=%s' 2>/dev/null", ordod_path(),
             s->db.owner);
    FILE *f = popen(command, "r");
    if (!f || !fgets(code, SITE_CODE_MAX, f))
        give_up(command, "no code");
    pclose(f);
    code[strcspn(code, " \n")] = '\0';
}

void site_bootstrap(struct site *s, const struct node *n)
{
    char code[SITE_CODE_MAX], hosts[128];
    site_code(s, code);
    snprintf(hosts, sizeof hosts, "unix:%s/sock", n->dir);
    ordo_client *c;
    ordo_error e;
    ordo_options o = {.struct_size = sizeof o, .hosts = hosts};
    must(ordo_client_new(&o, &c, &e), &e, "local client");
    Ordo__AdminBootstrapReq req = ORDO__ADMIN_BOOTSTRAP_REQ__INIT;
    Ordo__AdminBootstrapRep *rep;
    req.code = code;
    req.login = TXT("admin");
    req.name = TXT("The Administrator");
    req.password = TXT(SITE_PASSWORD);
    req.branch = TXT("Rome");
    req.zone = TXT("Europe/Rome");
    req.language = TXT("en");
    must(ordo_admin_bootstrap(c, &req, &rep, &e), &e, "bootstrap");
    s->admin_id = rep->principal_id;
    s->branch_id = rep->branch_id;
    ordo_free_message(rep);
    ordo_client_free(c);
}

int64_t user_make(ordo_client *c, const struct site *s, const char *login, const char *role, int64_t customer_id)
{
    char *roles[] = {TXT(role)};
    Ordo__UserCreateReq req = ORDO__USER_CREATE_REQ__INIT;
    Ordo__UserCreateRep *rep;
    ordo_error e;
    req.login = req.name = TXT(login);
    req.password = TXT(SITE_PASSWORD);
    req.has_branch_id = customer_id == 0; /* a customer user has his company's */
    req.branch_id = s->branch_id;
    req.n_roles = 1;
    req.roles = roles;
    req.has_customer_id = customer_id != 0;
    req.customer_id = customer_id;
    must(ordo_user_create(c, &req, &rep, &e), &e, login);
    int64_t id = rep->id;
    ordo_free_message(rep);
    return id;
}

static void directories(struct site *s, ordo_client *c)
{
    ordo_error e;
    Ordo__DepartmentCreateReq d = ORDO__DEPARTMENT_CREATE_REQ__INIT;
    Ordo__DepartmentCreateRep *drep;
    d.has_branch_id = true;
    d.branch_id = s->branch_id;
    d.name = TXT("Service");
    must(ordo_department_create(c, &d, &drep, &e), &e, "department");
    s->department_id = drep->id;
    ordo_free_message(drep);

    Ordo__CalendarPutReq k = ORDO__CALENDAR_PUT_REQ__INIT;
    Ordo__CalendarPutRep *krep;
    k.name = TXT("Always");
    k.zone = TXT("Europe/Rome");
    k.week = TXT("mon-sun 00:00-24:00");
    must(ordo_calendar_put(c, &k, &krep, &e), &e, "calendar");
    s->calendar_id = krep->id;
    ordo_free_message(krep);

    Ordo__SlaTarget targets[4], *list[4];
    for (uint32_t i = 0; i < 4; i++) {
        ordo__sla_target__init(&targets[i]);
        targets[i].has_priority = targets[i].has_response_s = targets[i].has_resolution_s = true;
        targets[i].priority = i + 1;
        targets[i].response_s = 3600;
        targets[i].resolution_s = 4 * 3600;
        list[i] = &targets[i];
    }
    Ordo__SlaPutReq l = ORDO__SLA_PUT_REQ__INIT;
    Ordo__SlaPutRep *lrep;
    l.name = TXT("Gold");
    l.has_calendar_id = l.has_response_rule = true;
    l.calendar_id = s->calendar_id;
    l.response_rule = ORDO__RESPONSE_RULE__FIRST_TAKE;
    l.n_targets = 4;
    l.targets = list;
    must(ordo_sla_put(c, &l, &lrep, &e), &e, "SLA");
    s->sla_id = lrep->id;
    ordo_free_message(lrep);

    Ordo__FieldSpec site = ORDO__FIELD_SPEC__INIT, *specs[] = {&site};
    Ordo__RequestTypePutReq t = ORDO__REQUEST_TYPE_PUT_REQ__INIT;
    Ordo__RequestTypePutRep *trep;
    site.name = TXT("site");
    site.has_kind = site.has_mandatory = true;
    site.kind = ORDO__FIELD_KIND__TEXT;
    site.mandatory = true;
    t.name = TXT("Fault");
    t.has_impact = t.has_department_id = true;
    t.impact = 2;
    t.department_id = s->department_id;
    t.n_fields = 1;
    t.fields = specs;
    must(ordo_request_type_put(c, &t, &trep, &e), &e, "request type");
    s->type_id = trep->id;
    ordo_free_message(trep);
}

static void customer(struct site *s, ordo_client *c)
{
    ordo_error e;
    Ordo__CustomerCreateReq r = ORDO__CUSTOMER_CREATE_REQ__INIT;
    Ordo__CustomerCreateRep *rep;
    r.has_branch_id = true;
    r.branch_id = s->branch_id;
    r.name = TXT("Bakery");
    must(ordo_customer_create(c, &r, &rep, &e), &e, "customer");
    s->customer_id = rep->id;
    ordo_free_message(rep);

    Ordo__ContractPutReq k = ORDO__CONTRACT_PUT_REQ__INIT;
    Ordo__ContractPutRep *krep;
    k.has_customer_id = k.has_sla_id = true;
    k.customer_id = s->customer_id;
    k.sla_id = s->sla_id;
    k.number = TXT("2026/1");
    k.signed_on = TXT("2026-01-31");
    must(ordo_contract_put(c, &k, &krep, &e), &e, "contract");
    s->contract_id = krep->id;
    ordo_free_message(krep);
    s->customer_user_id = user_make(c, s, "client", "customer", s->customer_id);
}

void site_company(struct site *s, const struct node *n)
{
    char sql[256];
    ordo_error e;
    site_bootstrap(s, n);
    ordo_client *c = client_login(s, n, NULL, "admin", NULL);
    directories(s, c);
    s->head_id = user_make(c, s, "head", "head", 0);
    static const char *const people[] = {"ann", "bob", "cat"};
    for (int i = 0; i < 3; i++)
        s->specialist_ids[i] = user_make(c, s, people[i], "specialist", 0);
    Ordo__DepartmentHeadReq h = ORDO__DEPARTMENT_HEAD_REQ__INIT;
    h.has_department_id = h.has_head_id = true;
    h.department_id = s->department_id;
    h.head_id = s->head_id;
    must(ordo_department_head(c, &h, NULL, &e), &e, "department's head");
    customer(s, c);
    ordo_client_free(c);
    snprintf(sql, sizeof sql, "SELECT id FROM ordo.contact WHERE principal_id = %lld", (long long)s->customer_user_id);
    s->contact_id = strtoll(pg_sql(s->db.super, sql), NULL, 10);
}

int64_t request_make(ordo_client *c, const struct site *s, const char *title, int64_t assignee_id)
{
    ordo_error e;
    Ordo__Field f = ORDO__FIELD__INIT, *fields[] = {&f};
    Ordo__RequestRegisterReq r = ORDO__REQUEST_REGISTER_REQ__INIT;
    Ordo__RequestRegisterRep *rep;
    f.name = TXT("site");
    f.value = TXT("North building");
    r.has_customer_id = r.has_type_id = true;
    r.customer_id = s->customer_id;
    r.has_contact_id = s->contact_id != 0;
    r.contact_id = s->contact_id;
    r.type_id = s->type_id;
    r.title = TXT(title);
    r.n_fields = 1;
    r.fields = fields;
    r.has_assignee_id = assignee_id != 0;
    r.assignee_id = assignee_id;
    must(ordo_request_register(c, &r, &rep, &e), &e, "register");
    int64_t id = rep->id;
    ordo_free_message(rep);
    return id;
}
