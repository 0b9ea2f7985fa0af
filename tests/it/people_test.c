/* SPDX-License-Identifier: Apache-2.0
 * People, their rights and what they prove themselves with, through the dispatcher against a real database. Each test has a
 * database of its own with the first administrator in it. */
#include "tests/it/inproc_ground.h"

#include "server/rpc/authz.h"

static void the_first_administrator(void **state)
{
    Ordo__AdminBootstrapReq req = ORDO__ADMIN_BOOTSTRAP_REQ__INIT;
    (void)state;
    assert_int_equal(admin->permissions & PERMISSION(SYSTEM_TIMER), 0);
    assert_int_equal(admin->permissions | PERMISSION(SYSTEM_TIMER), (UINT64_C(1) << PERMISSION_COUNT) - 1);
    assert_string_equal(admin->branches, "{1}");
    assert_sql("SELECT string_agg(name, ' ' ORDER BY name) FROM newest WHERE kind = 'role'",
               "administrator customer head integrator manager specialist");
    assert_sql("SELECT count(*) FROM inbox_head", "1");
    req.code = S("another");
    req.login = S("second");
    req.name = S("Second");
    req.password = S(INPROC_PASSWORD);
    req.branch = S("Second");
    req.zone = S("UTC");
    assert_int_equal(inproc_call(&p, NULL, INPROC_admin_bootstrap, &req), OD_FORBIDDEN);
    assert_string_equal(inproc_reason(&p), "LOCAL_ONLY");
    p.local = true;
    assert_int_equal(inproc_call(&p, NULL, INPROC_admin_bootstrap, &req), OD_CONFLICT);
    assert_string_equal(inproc_reason(&p), "SETUP_DONE");
}

static void the_setup_code_is_for_one_use(void **state)
{
    struct inproc fresh;
    struct od_uuid key = inproc_key();
    Ordo__AdminBootstrapReq req = ORDO__ADMIN_BOOTSTRAP_REQ__INIT;
    (void)state;
    inproc_start(&fresh);
    pg_sql(fresh.db.owner, "INSERT INTO setup_code(sha256, expires_at) VALUES (sha256('code'), now() + interval '1 hour'), "
                           "(sha256('stale'), now() - interval '1 second')");
    req.login = S("Ada@Example.ORG");
    req.name = S("Ada");
    req.password = S(INPROC_PASSWORD);
    req.branch = S("Head office");
    req.zone = S("Nowhere/Land");
    req.code = S("stale");
    fresh.local = true;
    assert_int_equal(inproc_call(&fresh, NULL, INPROC_admin_bootstrap, &req), OD_INVALID);
    assert_true(inproc_violates(&fresh, "zone", "ZONE_UNKNOWN"));
    req.zone = S("Europe/Rome");
    fresh.local = true;
    assert_int_equal(inproc_call(&fresh, NULL, INPROC_admin_bootstrap, &req), OD_UNAUTHENTICATED);
    assert_string_equal(inproc_reason(&fresh), "SETUP_CODE");
    req.code = S("code");
    fresh.local = true;
    fresh.key = key;
    inproc_must(&fresh, NULL, INPROC_admin_bootstrap, &req);
    fresh.local = true;
    fresh.key = key; /* the answer was lost: the same call again gets it */
    inproc_must(&fresh, NULL, INPROC_admin_bootstrap, &req);
    assert_true(fresh.replayed);
    struct session *s = inproc_login(&fresh, "ada@example.org", INPROC_PASSWORD);
    assert_non_null(s);
    session_unref(s);
    inproc_stop(&fresh);
}

static void customer_users_are_contacts(void **state)
{
    Ordo__ContactCreateReq contact = ORDO__CONTACT_CREATE_REQ__INIT;
    Ordo__UserCreateReq req = company_user_req("carl@acme.example", "customer"), more = company_user_req("new@acme.example", "specialist");
    int64_t acme = company_customer(&p, admin, "Acme");
    (void)state;
    company_customer(&p, admin, "Other");
    contact.has_customer_id = 1;
    contact.customer_id = acme;
    contact.name = S("Carl");
    contact.mail = S("carl@acme.example");
    inproc_must(&p, admin, INPROC_contact_create, &contact);
    req.has_customer_id = more.has_customer_id = 1;
    req.customer_id = more.customer_id = acme;
    inproc_must(&p, admin, INPROC_user_create, &req);
    assert_sql("SELECT string_agg(k.name || ' ' || p.login, ',') FROM contact k JOIN principal p ON p.id = k.principal_id",
               "Carl carl@acme.example");
    assert_int_equal(inproc_call(&p, admin, INPROC_user_create, &more), OD_INVALID); /* a role of staff */
    assert_true(inproc_violates(&p, "roles", "FIELD_FORMAT"));
    more.roles[0] = S("customer");
    inproc_must(&p, admin, INPROC_user_create, &more);
    assert_sql("SELECT count(*) FROM contact WHERE principal_id IS NOT NULL AND mail LIKE '%@acme.example'", "2");
    assert_sql("SELECT count(*) FROM inbox_head", "3");

    struct session *carl = inproc_login(&p, "CARL@acme.example", INPROC_PASSWORD);
    Ordo__UserListReq users = ORDO__USER_LIST_REQ__INIT;
    Ordo__CustomerListReq customers = ORDO__CUSTOMER_LIST_REQ__INIT;
    Ordo__CustomerGetReq own = ORDO__CUSTOMER_GET_REQ__INIT;
    assert_string_equal(carl->branches, "{}");
    assert_int_equal(((const Ordo__UserListPart *)inproc_must(&p, carl, INPROC_user_list, &users))->n_rows, 2);
    assert_int_equal(((const Ordo__CustomerListPart *)inproc_must(&p, carl, INPROC_customer_list, &customers))->n_rows, 1);
    assert_string_equal(((const Ordo__CustomerGetRep *)inproc_must(&p, carl, INPROC_customer_get, &own))->customer->name, "Acme");
    Ordo__CustomerCreateReq create = ORDO__CUSTOMER_CREATE_REQ__INIT;
    create.name = S("Mine");
    assert_int_equal(inproc_call(&p, carl, INPROC_customer_create, &create), OD_FORBIDDEN);
    session_unref(carl);

    Ordo__RolePutReq role = ORDO__ROLE_PUT_REQ__INIT;
    char *permissions[] = {S("admin.users")};
    role.name = S("customer");
    role.n_permissions = 1;
    role.permissions = permissions;
    assert_int_equal(inproc_call(&p, admin, INPROC_role_put, &role), OD_INVALID);
    assert_true(inproc_violates(&p, "permissions", "FIELD_FORMAT"));
}

/* Somebody who administers people, but has nothing else. */
static struct session *keeper(void)
{
    Ordo__RolePutReq role = ORDO__ROLE_PUT_REQ__INIT;
    char *permissions[] = {S("admin.users"), S("request.read"), S("directory.read")};
    role.name = S("keeper");
    role.n_permissions = 3;
    role.permissions = permissions;
    inproc_must(&p, admin, INPROC_role_put, &role);
    company_user(&p, admin, "kim", "keeper");
    struct session *s = inproc_login(&p, "kim", INPROC_PASSWORD);
    assert_non_null(s);
    return s;
}

static void nobody_gives_what_he_has_not(void **state)
{
    struct session *kim = keeper();
    int32_t far = company_branch(&p, admin, "Tokyo");
    int64_t lena = company_user(&p, admin, "lena", "specialist");
    Ordo__UserCreateReq u = company_user_req("x", "administrator"), away = company_user_req("x", NULL), fine = company_user_req("x", "keeper");
    Ordo__UserRolesReq own = ORDO__USER_ROLES_REQ__INIT, up = ORDO__USER_ROLES_REQ__INIT;
    Ordo__UserPasswordReq boss = ORDO__USER_PASSWORD_REQ__INIT;
    Ordo__UserDisableReq out = ORDO__USER_DISABLE_REQ__INIT, myself = ORDO__USER_DISABLE_REQ__INIT;
    Ordo__ApiKeyCreateReq key = ORDO__API_KEY_CREATE_REQ__INIT;
    Ordo__RolePutReq role = ORDO__ROLE_PUT_REQ__INIT;
    char *roles[] = {S("administrator")}, *permissions[] = {S("admin.setup")};
    unsigned char digest[32] = {1};
    (void)state;
    away.branch_ids = &far;
    away.n_branch_ids = 1;
    own.has_user_id = up.has_user_id = boss.has_user_id = out.has_user_id = myself.has_user_id = key.has_user_id = 1;
    own.user_id = myself.user_id = kim->principal_id;
    boss.user_id = out.user_id = key.user_id = admin->principal_id;
    up.user_id = lena;
    up.n_roles = 1;
    up.roles = roles;
    boss.password = S("another good password");
    key.name = S("door");
    key.has_sha256 = 1;
    key.sha256 = (ProtobufCBinaryData){32, digest};
    role.name = S("keeper");
    role.n_permissions = 1;
    role.permissions = permissions;
    const struct {
        const char *name;
        const void *req;
        enum inproc_method method;
        enum od_status status;
    } rows[] = {
        {"a role with more than his own", &u, INPROC_user_create, OD_FORBIDDEN},
        {"a branch that is not his", &away, INPROC_user_create, OD_NOT_FOUND},
        {"more rights for somebody", &up, INPROC_user_roles, OD_FORBIDDEN},
        {"rights of his own", &own, INPROC_user_roles, OD_INVALID},
        {"the password of somebody with more", &boss, INPROC_user_password, OD_FORBIDDEN},
        {"the end of somebody with more", &out, INPROC_user_disable, OD_FORBIDDEN},
        {"his own end", &myself, INPROC_user_disable, OD_INVALID},
        {"a key of somebody with more", &key, INPROC_api_key_create, OD_FORBIDDEN},
        {"a permission that he has not", &role, INPROC_role_put, OD_FORBIDDEN},
        {"what he has he may give", &fine, INPROC_user_create, OD_OK},
    };
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        assert_int_equal(inproc_call(&p, kim, rows[i].method, rows[i].req), rows[i].status);
    }
    session_unref(kim);
}

static void rights_that_are_lost_are_told(void **state)
{
    int64_t lena = company_user(&p, admin, "lena", "specialist");
    Ordo__UserRolesReq roles = ORDO__USER_ROLES_REQ__INIT;
    Ordo__UserDisableReq out = ORDO__USER_DISABLE_REQ__INIT;
    Ordo__UserPasswordReq pass = ORDO__USER_PASSWORD_REQ__INIT;
    Ordo__SessionEndReq end = ORDO__SESSION_END_REQ__INIT;
    Ordo__WhoamiReq who = ORDO__WHOAMI_REQ__INIT;
    char *names[] = {S("manager"), S("manager")}, sql[160];
    (void)state;
    struct session *here = inproc_login(&p, "lena", INPROC_PASSWORD), *there = inproc_login(&p, "lena", INPROC_PASSWORD);
    const Ordo__WhoamiRep *me = inproc_must(&p, here, INPROC_whoami, &who);
    assert_int_equal(p.waits, 1);
    assert_int_equal(me->principal_id, lena);
    assert_string_equal(me->permissions[0], "self");
    pass.password = S("another good password");
    inproc_must(&p, here, INPROC_user_password, &pass); /* goes on here, ends there */
    assert_sql("SELECT count(*) FROM session WHERE principal_id <> 1 AND ended_at IS NOT NULL", "1");
    assert_null(inproc_login(&p, "lena", INPROC_PASSWORD));
    session_unref(there);
    there = inproc_login(&p, "lena", "another good password");
    assert_non_null(there);
    inproc_must(&p, there, INPROC_session_end, &end);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM session WHERE principal_id = %lld AND ended_at IS NULL", (long long)lena);
    assert_sql(sql, "1");
    roles.has_user_id = out.has_user_id = 1;
    roles.user_id = out.user_id = lena;
    roles.roles = names;
    roles.n_roles = 2; /* named twice, given once */
    inproc_must(&p, admin, INPROC_user_roles, &roles);
    inproc_must(&p, admin, INPROC_user_disable, &out);
    assert_sql(sql, "0");
    assert_null(inproc_login(&p, "lena", "another good password"));
    snprintf(sql, sizeof sql, "SELECT count(*) FROM rights_change WHERE principal_id = %lld", (long long)lena);
    assert_sql(sql, "4");
    session_unref(here);
    session_unref(there);
}

static void a_role_changes_for_all(void **state)
{
    Ordo__RolePutReq req = ORDO__ROLE_PUT_REQ__INIT;
    Ordo__RoleListReq list = ORDO__ROLE_LIST_REQ__INIT;
    Ordo__UserListReq users = ORDO__USER_LIST_REQ__INIT;
    char *permissions[] = {S("request.read"), S("request.read"), S("report.read")};
    int64_t lena = company_user(&p, admin, "lena", "specialist");
    char sql[128];
    (void)state;
    req.name = S("specialist");
    req.n_permissions = 3;
    req.permissions = permissions;
    const Ordo__RolePutRep *rep = inproc_must(&p, admin, INPROC_role_put, &req);
    assert_int_equal(rep->version, 2);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM rights_change WHERE principal_id = %lld", (long long)lena);
    assert_sql(sql, "1");
    struct session *s = inproc_login(&p, "lena", INPROC_PASSWORD);
    assert_int_equal(s->permissions, PERMISSION(SELF) | PERMISSION(REQUEST_READ) | PERMISSION(REPORT_READ));
    session_unref(s);
    const Ordo__RoleListPart *roles = inproc_must(&p, admin, INPROC_role_list, &list);
    assert_int_equal(roles->n_rows, 6);
    for (size_t i = 0; i < roles->n_rows; i++)
        if (!strcmp(roles->rows[i]->name, "specialist"))
            assert_int_equal(roles->rows[i]->n_permissions, 2);
    const Ordo__UserListPart *part = inproc_must(&p, admin, INPROC_user_list, &users);
    assert_int_equal(part->n_rows, 2);
    assert_string_equal(part->rows[1]->roles[0], "specialist");
    req.name = S("administrator"); /* his own role keeps what makes him an administrator */
    assert_int_equal(inproc_call(&p, admin, INPROC_role_put, &req), OD_INVALID);
}

static void keys_and_certificates(void **state)
{
    unsigned char digest[32] = {7};
    Ordo__ApiKeyCreateReq key = ORDO__API_KEY_CREATE_REQ__INIT;
    Ordo__ApiKeyRevokeReq revoke = ORDO__API_KEY_REVOKE_REQ__INIT;
    Ordo__CertificateAddReq cert = ORDO__CERTIFICATE_ADD_REQ__INIT;
    int64_t bot = company_user(&p, admin, "bot", "integrator");
    (void)state;
    key.has_user_id = cert.has_user_id = key.has_sha256 = cert.has_sha256 = 1;
    key.user_id = cert.user_id = bot;
    key.name = S("nightly");
    key.sha256 = cert.sha256 = (ProtobufCBinaryData){32, digest};
    revoke.has_key_id = 1;
    revoke.key_id = ((const Ordo__ApiKeyCreateRep *)inproc_must(&p, admin, INPROC_api_key_create, &key))->id;
    assert_int_equal(inproc_call(&p, admin, INPROC_api_key_create, &key), OD_EXISTS);
    assert_string_equal(inproc_arg(&p, "kind"), "API key");
    inproc_must(&p, admin, INPROC_certificate_add, &cert);
    assert_int_equal(inproc_call(&p, admin, INPROC_certificate_add, &cert), OD_EXISTS);
    assert_string_equal(inproc_arg(&p, "kind"), "certificate");
    inproc_must(&p, admin, INPROC_api_key_revoke, &revoke);
    inproc_must(&p, admin, INPROC_api_key_revoke, &revoke);
    assert_sql("SELECT count(*) FROM api_key WHERE revoked_at IS NOT NULL", "1");
    assert_sql("SELECT count(*) FROM rights_change", "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROCESS(the_first_administrator),
        IN_PROCESS(the_setup_code_is_for_one_use),
        IN_PROCESS(customer_users_are_contacts),
        IN_PROCESS(nobody_gives_what_he_has_not),
        IN_PROCESS(rights_that_are_lost_are_told),
        IN_PROCESS(a_role_changes_for_all),
        IN_PROCESS(keys_and_certificates),
    };
    return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
