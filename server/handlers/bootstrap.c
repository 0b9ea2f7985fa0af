/* SPDX-License-Identifier: Apache-2.0
 * The first administrator: there is no default account. On the local socket, with a one-time code; he gets the first branch and
 * the standard roles, which are ordinary roles from then on. */
#include <openssl/evp.h>

#include "common/base/fold.h"
#include "common/base/limits.h"
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/handlers/rights.h"
#include "server/rpc/session.h"
#include "server/rpc/worker.h"
#include "server/store/directory.h"
#include "server/store/people.h"

#define EVERYTHING (((UINT64_C(1) << (PERMISSION_COUNT - 1)) << 1) - 1)
#define P(sym) PERMISSION(sym)

static const struct {
    const char *name;
    uint64_t permissions;
} ROLES[] = {
    {"administrator", EVERYTHING & ~P(SYSTEM_TIMER)},
    {"head", P(SELF) | P(REQUEST_READ) | P(REQUEST_WRITE) | P(REQUEST_WORK) | P(REQUEST_ASSIGN) | P(CUSTOMER_READ) |
                 P(CUSTOMER_WRITE) | P(DIRECTORY_READ) | P(REPORT_READ)},
    {"manager", P(SELF) | P(REQUEST_READ) | P(REQUEST_WRITE) | P(CUSTOMER_READ) | P(CUSTOMER_WRITE) | P(DIRECTORY_READ) |
                    P(REPORT_READ)},
    {"specialist", P(SELF) | P(REQUEST_READ) | P(REQUEST_WRITE) | P(REQUEST_WORK) | P(CUSTOMER_READ) | P(DIRECTORY_READ)},
    {"customer", P(SELF) | P(REQUEST_READ) | P(REQUEST_WRITE) | P(CUSTOMER_READ) | P(DIRECTORY_READ)},
    {"integrator", P(SELF) | P(REQUEST_READ) | P(REQUEST_WRITE) | P(CUSTOMER_READ) | P(CUSTOMER_WRITE) | P(DIRECTORY_READ) |
                       P(IMPORT_HISTORY) | P(REPORT_READ)},
};

#undef P

static enum od_status check_bootstrap(struct rpc *rpc, const Ordo__AdminBootstrapReq *req, struct principal *p,
                                      struct od_str *ret_code, struct od_str *ret_branch)
{
    *ret_code = check_text(rpc, "code", req->code, OD_NAME_MAX);
    *ret_branch = check_text(rpc, "branch", req->branch, OD_NAME_MAX);
    p->kind = PRINCIPAL_USER;
    p->shown_login = check_text(rpc, "login", req->login, OD_LOGIN_MAX);
    p->name = check_text(rpc, "name", req->name, OD_NAME_MAX);
    p->zone = check_text(rpc, "zone", req->zone, OD_ZONE_MAX);
    p->language = check_language(rpc, "language", req->language);
    p->password = rpc->password_hash;
    if (p->zone.n)
        check_zone(rpc, "zone", req->zone);
    if (!p->language.p)
        p->language = OD_STR("en");
    if (!p->password)
        od_fail_field(&rpc->err, "password", OD_R_FIELD_REQUIRED, NULL);
    OD_TRY(check_done(rpc));
    p->login = od_fold(p->shown_login, &rpc->arena);
    if (!p->login.n || od_utf8_len(p->login) > (size_t)4 * OD_LOGIN_MAX)
        return od_fail_field(&rpc->err, "login", OD_R_FIELD_FORMAT, "expected=a name of letters and digits, or a mail address");
    return OD_OK;
}

static void save_roles(struct rpc *rpc, int64_t ids[OD_LEN(ROLES)])
{
    for (size_t i = 0; i < OD_LEN(ROLES); i++) {
        struct versioned v = VERSIONED_ROLE;
        struct od_str name = od_str_c(ROLES[i].name);
        struct rights rights;
        rights_of_bits(ROLES[i].permissions, &rights);
        store_version_next(rpc->tx, &v);
        store_newest_put(rpc->tx, &v, name);
        txn_exec(rpc->tx, STMT_role_insert, PG(pg_int(v.id), pg_int(v.version), pg_str(name), pg_texts(rights.names, rights.n)));
        ids[i] = v.id;
    }
}

enum od_status rpc_admin_bootstrap(struct rpc *rpc, const Ordo__AdminBootstrapReq *req, Ordo__AdminBootstrapRep *rep)
{
    struct principal p = {0};
    struct od_str code, branch;
    unsigned char sha256[32];
    int64_t roles[OD_LEN(ROLES)];
    OD_TRY(check_bootstrap(rpc, req, &p, &code, &branch));
    od_assert(EVP_Digest(code.p, code.n, sha256, NULL, EVP_sha256(), NULL));
    txn_exec(rpc->tx, STMT_setup_code_use, PG(pg_bytes((struct od_str){(char *)sha256, sizeof sha256})));
    txn_ids(rpc->tx, OD_LEN(ROLES) + 2); /* roles, administrator, audit */
    store_branch_id(rpc->tx, &p.branch_id);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    p.id = db_id(rpc->tx->db);
    store_branch_insert(rpc->tx, p.branch_id, branch, p.zone, p.language);
    save_roles(rpc, roles);
    store_principal_insert(rpc->tx, &p);
    store_scope_insert(rpc->tx, p.id, (int64_t[]){p.branch_id}, 1);
    store_roles_insert(rpc->tx, p.id, &(struct role_pick){.n = 1, .ids = {roles[0]}});
    rpc->object_id = p.id;
    rpc->branch_id = p.branch_id;
    rep->has_principal_id = rep->has_branch_id = 1;
    rep->principal_id = p.id;
    rep->branch_id = p.branch_id;
    return OD_OK;
}
