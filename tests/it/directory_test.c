/* SPDX-License-Identifier: Apache-2.0
 * Directories, customers and the clock through the dispatcher against a real database. Each test has a database of its own with the
 * first administrator in it. */
#include "tests/it/inproc_ground.h"

#include "common/base/limits.h"
#include "request.pb-c.h"

static void names_that_are_taken(void **state)
{
    Ordo__BranchCreateReq b = ORDO__BRANCH_CREATE_REQ__INIT;
    Ordo__CustomerCreateReq c = ORDO__CUSTOMER_CREATE_REQ__INIT;
    Ordo__DepartmentCreateReq d = ORDO__DEPARTMENT_CREATE_REQ__INIT;
    Ordo__CalendarPutReq k = company_calendar_req("Weekdays");
    Ordo__UserCreateReq u = company_user_req("Lena", "specialist"), again = company_user_req("LENA", "specialist");
    (void)state;
    b.name = c.name = d.name = S("Twice");
    b.zone = S("UTC");
    d.has_branch_id = 1;
    d.branch_id = 1;
    const struct {
        const char *kind, *name;
        enum inproc_method method;
        const void *first, *second;
    } rows[] = {
        {"branch", "Twice", INPROC_branch_create, &b, &b},
        {"department", "Twice", INPROC_department_create, &d, &d},
        {"customer", "Twice", INPROC_customer_create, &c, &c},
        {"calendar", "Weekdays", INPROC_calendar_put, &k, &k},
        {"user", "LENA", INPROC_user_create, &u, &again},
    };
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  a %s\n", rows[i].kind);
        inproc_must(&p, admin, rows[i].method, rows[i].first);
        assert_true(p.waits <= 2);
        assert_int_equal(inproc_call(&p, admin, rows[i].method, rows[i].second), OD_EXISTS);
        assert_string_equal(inproc_reason(&p), "NAME_TAKEN");
        assert_string_equal(inproc_arg(&p, "kind"), rows[i].kind);
        assert_string_equal(inproc_arg(&p, "name"), rows[i].name);
    }
}

static void what_there_is_not(void **state)
{
    Ordo__DepartmentCreateReq d = ORDO__DEPARTMENT_CREATE_REQ__INIT;
    Ordo__CustomerCreateReq c = ORDO__CUSTOMER_CREATE_REQ__INIT;
    Ordo__CustomerGetReq g = ORDO__CUSTOMER_GET_REQ__INIT;
    Ordo__ContactCreateReq k = ORDO__CONTACT_CREATE_REQ__INIT;
    Ordo__CalendarPutReq cal = company_calendar_req("x");
    Ordo__SlaPutReq s = ORDO__SLA_PUT_REQ__INIT;
    Ordo__SlaTarget target = ORDO__SLA_TARGET__INIT, *targets[] = {&target};
    Ordo__RequestTypePutReq t = ORDO__REQUEST_TYPE_PUT_REQ__INIT;
    Ordo__UserCreateReq u = company_user_req("x", "dreamer"), ub = company_user_req("x", "specialist"), ud = company_user_req("x", NULL);
    Ordo__UserDisableReq dis = ORDO__USER_DISABLE_REQ__INIT;
    Ordo__ApiKeyRevokeReq r = ORDO__API_KEY_REVOKE_REQ__INIT;
    Ordo__ContractPutReq con = ORDO__CONTRACT_PUT_REQ__INIT;
    (void)state;
    d.name = c.name = k.name = s.name = t.name = S("x");
    d.has_branch_id = c.has_branch_id = ub.has_branch_id = 1;
    d.branch_id = c.branch_id = ub.branch_id = 99;
    g.has_customer_id = k.has_customer_id = con.has_customer_id = 1;
    g.customer_id = k.customer_id = con.customer_id = 99;
    cal.has_calendar_id = s.has_calendar_id = 1;
    cal.calendar_id = s.calendar_id = 99;
    target.has_priority = 1;
    target.priority = 1;
    s.n_targets = 1;
    s.targets = targets;
    t.has_impact = t.has_department_id = ud.has_department_id = 1;
    t.impact = 1;
    t.department_id = ud.department_id = 99;
    dis.has_user_id = r.has_key_id = con.has_sla_id = 1;
    dis.user_id = r.key_id = con.sla_id = 99;
    con.number = S("1");
    con.signed_on = S("2024-01-31");
    const struct {
        const char *kind;
        enum inproc_method method;
        const void *req;
    } rows[] = {
        {"branch", INPROC_department_create, &d},    {"branch", INPROC_customer_create, &c}, {"branch", INPROC_user_create, &ub},
        {"customer", INPROC_customer_get, &g},       {"customer", INPROC_contact_create, &k}, {"customer", INPROC_contract_put, &con},
        {"calendar", INPROC_calendar_put, &cal},     {"calendar", INPROC_sla_put, &s},        {"department", INPROC_request_type_put, &t},
        {"department", INPROC_user_create, &ud},     {"role", INPROC_user_create, &u},        {"user", INPROC_user_disable, &dis},
        {"API key", INPROC_api_key_revoke, &r},
    };
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  no such %s (method %d)\n", rows[i].kind, rows[i].method);
        assert_int_equal(inproc_call(&p, admin, rows[i].method, rows[i].req), OD_NOT_FOUND);
        assert_string_equal(inproc_arg(&p, "kind"), rows[i].kind);
        assert_string_equal(inproc_arg(&p, "id"), !strcmp(rows[i].kind, "role") ? "dreamer" : "99");
    }
}

/* R2.4: wrong data are refused by type and format, and the field is named. */
static void fields_are_named(void **state)
{
    Ordo__BranchCreateReq b = ORDO__BRANCH_CREATE_REQ__INIT;
    Ordo__UserCreateReq u = company_user_req("x", NULL), outside = company_user_req("x", NULL);
    Ordo__CalendarPutReq cal = company_calendar_req("x");
    Ordo__SlaPutReq s = ORDO__SLA_PUT_REQ__INIT;
    Ordo__SlaTarget one = ORDO__SLA_TARGET__INIT, same = ORDO__SLA_TARGET__INIT, *targets[] = {&one, &same};
    Ordo__RequestTypePutReq t = ORDO__REQUEST_TYPE_PUT_REQ__INIT;
    Ordo__FieldSpec f0 = ORDO__FIELD_SPEC__INIT, f1 = ORDO__FIELD_SPEC__INIT, f2 = ORDO__FIELD_SPEC__INIT, *specs[] = {&f0, &f1, &f2};
    char *choices[] = {S("red"), S(" red ")};
    Ordo__RolePutReq role = ORDO__ROLE_PUT_REQ__INIT;
    char *permissions[] = {S("request.read"), S("request.dream")};
    Ordo__ContractPutReq con = ORDO__CONTRACT_PUT_REQ__INIT;
    Ordo__ApiKeyCreateReq key = ORDO__API_KEY_CREATE_REQ__INIT;
    Ordo__ContactCreateReq contact = ORDO__CONTACT_CREATE_REQ__INIT;
    Ordo__UserPasswordReq pass = ORDO__USER_PASSWORD_REQ__INIT, shorter = ORDO__USER_PASSWORD_REQ__INIT;
    Ordo__UserListReq list = ORDO__USER_LIST_REQ__INIT;
    Ordo__ClockSetReq clock = ORDO__CLOCK_SET_REQ__INIT;
    (void)state;
    b.zone = S("Mars/Olympus");
    b.language = S("english please");
    u.name = S("   ");
    outside.has_customer_id = outside.has_branch_id = 1;
    outside.customer_id = outside.branch_id = 1;
    cal.week = S("mon-fri 18:00-09:00");
    one.has_priority = same.has_priority = 1;
    one.priority = same.priority = 1;
    one.has_response_s = one.has_response_days = same.has_resolution_days = 1;
    one.response_s = one.response_days = 5;
    same.resolution_days = OD_SLA_DAYS_MAX + 1;
    s.n_targets = 2;
    s.targets = targets;
    t.has_impact = 1;
    t.impact = 5;
    t.n_fields = 3;
    t.fields = specs;
    f0.name = S("Colour");
    f0.has_kind = 1;
    f0.kind = ORDO__FIELD_KIND__CHOICE;
    f0.n_choices = 2;
    f0.choices = choices;
    f1.name = S(" Colour ");
    f1.n_choices = 1;
    f1.choices = choices;
    f2.has_max_chars = 1;
    f2.max_chars = OD_TEXT_MAX + 1;
    role.name = S("x");
    role.n_permissions = 2;
    role.permissions = permissions;
    con.signed_on = S("2024-02-30");
    key.has_sha256 = 1;
    key.sha256 = (ProtobufCBinaryData){5, (uint8_t *)S("short")};
    key.has_expires_us = 1;
    key.expires_us = 1;
    contact.mail = S("not a mail");
    shorter.password = S("short");
    list.has_cursor = 1;
    list.cursor = (ProtobufCBinaryData){23, (uint8_t *)S("-9223372036854775807:1:")}; /* no instant */
    clock.has_factor = 1;
    const struct {
        enum inproc_method method;
        const void *req;
        const char *field, *reason;
    } rows[] = {
        {INPROC_branch_create, &b, "name", "FIELD_REQUIRED"},
        {INPROC_branch_create, &b, "zone", "ZONE_UNKNOWN"},
        {INPROC_branch_create, &b, "language", "FIELD_FORMAT"},
        {INPROC_user_create, &u, "name", "FIELD_REQUIRED"},
        {INPROC_user_create, &outside, "branch_id", "FIELD_FORMAT"},
        {INPROC_calendar_put, &cal, "week", "FIELD_FORMAT"},
        {INPROC_sla_put, &s, "name", "FIELD_REQUIRED"},
        {INPROC_sla_put, &s, "calendar_id", "FIELD_REQUIRED"},
        {INPROC_sla_put, &s, "targets[0].response_days", "FIELD_FORMAT"},
        {INPROC_sla_put, &s, "targets[1].priority", "FIELD_FORMAT"},
        {INPROC_sla_put, &s, "targets[1].resolution_days", "FIELD_RANGE"},
        {INPROC_request_type_put, &t, "impact", "FIELD_RANGE"},
        {INPROC_request_type_put, &t, "fields[0].choices[1]", "FIELD_FORMAT"},
        {INPROC_request_type_put, &t, "fields[1].name", "FIELD_FORMAT"},
        {INPROC_request_type_put, &t, "fields[1].choices", "FIELD_FORMAT"},
        {INPROC_request_type_put, &t, "fields[2].name", "FIELD_REQUIRED"},
        {INPROC_request_type_put, &t, "fields[2].max_chars", "FIELD_RANGE"},
        {INPROC_role_put, &role, "permissions[1]", "FIELD_UNKNOWN"},
        {INPROC_contract_put, &con, "signed_on", "FIELD_FORMAT"},
        {INPROC_contract_put, &con, "number", "FIELD_REQUIRED"},
        {INPROC_api_key_create, &key, "sha256", "FIELD_FORMAT"},
        {INPROC_api_key_create, &key, "expires_us", "FIELD_FORMAT"},
        {INPROC_contact_create, &contact, "mail", "FIELD_FORMAT"},
        {INPROC_user_password, &pass, "password", "FIELD_REQUIRED"},
        {INPROC_user_password, &shorter, "password", "FIELD_RANGE"},
        {INPROC_user_list, &list, "cursor", "FIELD_FORMAT"},
        {INPROC_clock_set, &clock, "factor", "FIELD_RANGE"},
    };
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].field);
        assert_int_equal(inproc_call(&p, admin, rows[i].method, rows[i].req), OD_INVALID);
        if (!inproc_violates(&p, rows[i].field, rows[i].reason))
            for (size_t v = 0; v < p.error->n_violations; v++)
                print_message("    %s %s\n", p.error->violations[v]->field, p.error->violations[v]->reason);
        assert_true(inproc_violates(&p, rows[i].field, rows[i].reason));
    }
}

static void versions_follow_each_other(void **state)
{
    Ordo__CalendarPutReq req = company_calendar_req("Weekdays");
    Ordo__CalendarListReq list = ORDO__CALENDAR_LIST_REQ__INIT;
    (void)state;
    const Ordo__CalendarPutRep *first = inproc_must(&p, admin, INPROC_calendar_put, &req);
    assert_int_equal(first->version, 1);
    req.has_calendar_id = 1;
    req.calendar_id = first->id;
    req.name = S("Weekdays and Saturday");
    req.week = S("sat 10:00-14:00; mon,tue,wed,thu,fri 09:00-18:00"); /* comes back in the canonical form */
    const Ordo__CalendarPutRep *second = inproc_must(&p, admin, INPROC_calendar_put, &req);
    assert_int_equal(second->id, first->id);
    assert_int_equal(second->version, 2);
    assert_true(p.waits <= 2);
    assert_sql("SELECT string_agg(version::text, ' ' ORDER BY version) FROM calendar", "1 2");
    Ordo__CalendarPutReq old_name = company_calendar_req("Weekdays"); /* free again since the newest has another */
    inproc_must(&p, admin, INPROC_calendar_put, &old_name);
    const Ordo__CalendarListPart *part = inproc_must(&p, admin, INPROC_calendar_list, &list);
    assert_int_equal(part->n_rows, 2);
    assert_string_equal(part->rows[0]->name, "Weekdays and Saturday");
    assert_string_equal(part->rows[0]->week, "mon-fri 09:00-18:00; sat 10:00-14:00");
    assert_string_equal(part->rows[1]->holidays, "--12-25");
}

static void an_sla_pins_its_calendar(void **state)
{
    int64_t id = company_sla(&p, admin, "Gold");
    Ordo__SlaListReq list = ORDO__SLA_LIST_REQ__INIT;
    Ordo__CalendarPutReq calendar = company_calendar_req("Gold");
    (void)state;
    const Ordo__SlaListPart *part = inproc_must(&p, admin, INPROC_sla_list, &list);
    assert_int_equal(part->n_rows, 1);
    assert_int_equal(part->rows[0]->id, id);
    assert_int_equal(part->rows[0]->targets[0]->response_s, 3600);
    assert_int_equal(part->rows[0]->response_rule, ORDO__RESPONSE_RULE__FIRST_TAKE);
    calendar.has_calendar_id = 1;
    calendar.calendar_id = part->rows[0]->calendar_id;
    inproc_must(&p, admin, INPROC_calendar_put, &calendar);
    part = inproc_must(&p, admin, INPROC_sla_list, &list);
    assert_int_equal(part->rows[0]->calendar_version, 1);
}

static void a_request_type_keeps_its_fields(void **state)
{
    Ordo__RequestTypePutReq req = ORDO__REQUEST_TYPE_PUT_REQ__INIT;
    Ordo__RequestTypeListReq list = ORDO__REQUEST_TYPE_LIST_REQ__INIT;
    Ordo__FieldSpec spec = ORDO__FIELD_SPEC__INIT, *specs[] = {&spec};
    char *choices[] = {S("red"), S(" green ")};
    (void)state;
    spec.name = S(" Colour ");
    spec.has_kind = spec.has_mandatory = 1;
    spec.kind = ORDO__FIELD_KIND__CHOICE;
    spec.mandatory = 1;
    spec.n_choices = 2;
    spec.choices = choices;
    req.name = S("Painting");
    req.has_impact = req.has_department_id = 1;
    req.impact = 2;
    req.department_id = company_department(&p, admin, "Painters");
    req.n_fields = 1;
    req.fields = specs;
    inproc_must(&p, admin, INPROC_request_type_put, &req);
    const Ordo__RequestTypeListPart *part = inproc_must(&p, admin, INPROC_request_type_list, &list);
    assert_int_equal(part->n_rows, 1);
    assert_string_equal(part->rows[0]->fields[0]->name, "Colour");
    assert_string_equal(part->rows[0]->fields[0]->choices[1], "green");
    assert_true(part->rows[0]->fields[0]->mandatory);
}

static void a_branch_comes_into_scope(void **state)
{
    int32_t id = company_branch(&p, admin, "Tokyo");
    Ordo__DepartmentCreateReq d = ORDO__DEPARTMENT_CREATE_REQ__INIT;
    Ordo__CustomerCreateReq c = ORDO__CUSTOMER_CREATE_REQ__INIT;
    (void)state;
    d.has_branch_id = c.has_branch_id = 1;
    d.branch_id = c.branch_id = id;
    d.name = c.name = S("x");
    inproc_must(&p, admin, INPROC_department_create, &d);
    assert_int_equal(inproc_call(&p, admin, INPROC_customer_create, &c), OD_UNAUTHENTICATED);
    struct session *anew = inproc_login(&p, "admin", INPROC_PASSWORD);
    assert_string_equal(anew->branches, "{1,2}");
    inproc_must(&p, anew, INPROC_customer_create, &c);
    Ordo__CustomerGetReq get = ORDO__CUSTOMER_GET_REQ__INIT;
    get.has_customer_id = 1;
    get.customer_id = ((const Ordo__CustomerCreateRep *)p.rep)->id;
    const Ordo__CustomerGetRep *rep = inproc_must(&p, anew, INPROC_customer_get, &get);
    assert_string_equal(rep->customer->zone, "Asia/Tokyo"); /* the branch's, where none was given */
    assert_int_equal(inproc_call(&p, admin, INPROC_customer_get, &get), OD_NOT_FOUND);
    session_unref(anew);
}

static void heads_work_in_their_branch(void **state)
{
    Ordo__DepartmentHeadReq req = ORDO__DEPARTMENT_HEAD_REQ__INIT;
    Ordo__DepartmentListReq list = ORDO__DEPARTMENT_LIST_REQ__INIT;
    Ordo__UserCreateReq far = company_user_req("far", "head");
    int32_t elsewhere = company_branch(&p, admin, "Tokyo");
    (void)state;
    far.has_branch_id = 1;
    far.branch_id = elsewhere;
    req.has_department_id = req.has_head_id = 1;
    req.department_id = company_department(&p, admin, "Support");
    req.head_id = ((const Ordo__UserCreateRep *)inproc_must(&p, admin, INPROC_user_create, &far))->id;
    assert_int_equal(inproc_call(&p, admin, INPROC_department_head, &req), OD_CONFLICT);
    assert_string_equal(inproc_reason(&p), "ASSIGNEE_UNFIT");
    req.head_id = company_user(&p, admin, "near", "head");
    inproc_must(&p, admin, INPROC_department_head, &req);
    const Ordo__DepartmentListPart *part = inproc_must(&p, admin, INPROC_department_list, &list);
    assert_int_equal(part->n_rows, 1);
    assert_int_equal(part->rows[0]->head_id, req.head_id);
    req.has_head_id = 0;
    req.head_id = 0;
    inproc_must(&p, admin, INPROC_department_head, &req);
    assert_sql("SELECT head_id IS NULL FROM department", "t");
}

static void contracts_put_terms_in_force(void **state)
{
    Ordo__ContractPutReq req = ORDO__CONTRACT_PUT_REQ__INIT;
    int64_t customer_id = company_customer(&p, admin, "Acme"), other = company_customer(&p, admin, "Other");
    (void)state;
    req.has_customer_id = req.has_sla_id = 1;
    req.customer_id = customer_id;
    req.sla_id = company_sla(&p, admin, "Gold");
    req.number = S("2024/1");
    req.signed_on = S("2999-01-01");
    assert_int_equal(inproc_call(&p, admin, INPROC_contract_put, &req), OD_INVALID);
    assert_true(inproc_violates(&p, "signed_on", "FIELD_FORMAT"));
    req.signed_on = S("2024-01-31");
    const Ordo__ContractPutRep *first = inproc_must(&p, admin, INPROC_contract_put, &req);
    assert_true(p.waits <= 2);
    assert_int_equal(first->version, 1);
    req.has_contract_id = 1;
    req.contract_id = first->id;
    req.customer_id = other;
    assert_int_equal(inproc_call(&p, admin, INPROC_contract_put, &req), OD_NOT_FOUND);
    assert_string_equal(inproc_arg(&p, "kind"), "contract");
    req.customer_id = customer_id;
    req.sla_id = company_sla(&p, admin, "Silver");
    assert_int_equal(((const Ordo__ContractPutRep *)inproc_must(&p, admin, INPROC_contract_put, &req))->version, 2);
    assert_sql("SELECT s.name FROM customer c JOIN sla s ON s.id = c.sla_id AND s.version = c.sla_version WHERE c.name = 'Acme'", "Silver");
    assert_sql("SELECT contract_version || ' ' || version FROM customer WHERE name = 'Acme'", "2 3");
    assert_sql("SELECT string_agg(signed_on::text, ' ') FROM contract", "2024-01-31 2024-01-31");
}

/* Targets, fields, contract and head as they were set up are what a request is registered by. */
static void a_request_goes_by_the_terms(void **state)
{
    Ordo__RequestTypePutReq type = ORDO__REQUEST_TYPE_PUT_REQ__INIT;
    Ordo__FieldSpec spec = ORDO__FIELD_SPEC__INIT, *specs[] = {&spec};
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    Ordo__RequestGetReq get = ORDO__REQUEST_GET_REQ__INIT;
    Ordo__Field field = ORDO__FIELD__INIT, *fields[] = {&field};
    int64_t acme = company_customer(&p, admin, "Acme");
    (void)state;
    spec.name = S("Device");
    spec.has_mandatory = spec.mandatory = 1;
    type.name = S("Repair");
    type.has_impact = type.has_department_id = 1;
    type.impact = 1;
    type.department_id = company_department(&p, admin, "Workshop");
    type.n_fields = 1;
    type.fields = specs;
    req.has_customer_id = req.has_type_id = 1;
    req.customer_id = acme;
    req.type_id = ((const Ordo__RequestTypePutRep *)inproc_must(&p, admin, INPROC_request_type_put, &type))->id;
    req.title = S("It hums");
    assert_int_equal(inproc_call(&p, admin, INPROC_request_register, &req), OD_CONFLICT);
    assert_string_equal(inproc_reason(&p), "NO_CONTRACT");
    company_contract(&p, admin, acme, company_sla(&p, admin, "Gold"));
    assert_int_equal(inproc_call(&p, admin, INPROC_request_register, &req), OD_INVALID);
    assert_true(inproc_violates(&p, "fields.Device", "FIELD_REQUIRED"));
    field.name = S("Device");
    field.value = S("Pump 7");
    req.n_fields = 1;
    req.fields = fields;
    const Ordo__RequestRegisterRep *rep = inproc_must(&p, admin, INPROC_request_register, &req);
    assert_true(rep->response->has_due_us && rep->resolution->has_due_us);
    get.has_request_id = 1;
    get.request_id = rep->id;
    const Ordo__RequestGetRep *got = inproc_must(&p, admin, INPROC_request_get, &get);
    assert_string_equal(got->request->level, "Gold");
    assert_string_equal(got->request->department, "Workshop");
    assert_string_equal(got->fields[0]->value, "Pump 7");
    inproc_must(&p, admin, INPROC_request_register, &req);
    assert_int_equal(p.waits, 2); /* terms and type are in the node's cache by now */
}

static void lists_come_in_pages(void **state)
{
    Ordo__CustomerListReq req = ORDO__CUSTOMER_LIST_REQ__INIT;
    Ordo__UserListReq users = ORDO__USER_LIST_REQ__INIT;
    uint8_t cursor[256];
    (void)state;
    pg_sql(p.db.super, "INSERT INTO customer(id, branch_id, name, language, zone) SELECT 5000 + i, 1, 'c' || lpad(i::text, 4, '0'), 'en', "
                       "'UTC' FROM generate_series(1, 250) i");
    pg_sql(p.db.super, "INSERT INTO principal(id, kind, login, name, branch_id, language, zone) SELECT 9000 + i, 1, 'u' || i, 'u' || i, 1, "
                       "'en', 'UTC' FROM generate_series(1, 250) i");
    const Ordo__CustomerListPart *all = inproc_must(&p, admin, INPROC_customer_list, &req);
    assert_int_equal(p.pages, 3);
    assert_int_equal(all->n_rows, 250);
    for (size_t i = 0; i < all->n_rows; i++)
        assert_int_equal(all->rows[i]->id, 5001 + (int64_t)i);
    assert_int_equal(((const Ordo__UserListPart *)inproc_must(&p, admin, INPROC_user_list, &users))->n_rows, 251);
    users.has_branch_id = 1;
    users.branch_id = 2;
    assert_int_equal(((const Ordo__UserListPart *)inproc_must(&p, admin, INPROC_user_list, &users))->n_rows, 0);

    req.has_branch_id = req.has_limit = 1;
    req.branch_id = 1;
    req.limit = 120;
    req.name_from = S("c0100");
    const Ordo__CustomerListPart *some = inproc_must(&p, admin, INPROC_customer_list, &req);
    const Ordo__CustomerListRep *rep = p.rep;
    assert_int_equal(some->n_rows, 120);
    assert_string_equal(some->rows[0]->name, "c0100");
    assert_true(rep->has_cursor && rep->cursor.len < sizeof cursor);
    memcpy(cursor, rep->cursor.data, rep->cursor.len);
    req.has_cursor = 1;
    req.cursor = (ProtobufCBinaryData){rep->cursor.len, cursor};
    some = inproc_must(&p, admin, INPROC_customer_list, &req);
    assert_int_equal(some->n_rows, 31);
    assert_string_equal(some->rows[0]->name, "c0220");
    assert_false(((const Ordo__CustomerListRep *)p.rep)->has_cursor);
}

static void the_clock_is_set_in_development_alone(void **state)
{
    Ordo__ClockSetReq set = ORDO__CLOCK_SET_REQ__INIT;
    Ordo__ClockGetReq get = ORDO__CLOCK_GET_REQ__INIT;
    (void)state;
    set.has_business_us = set.has_factor = 1;
    set.business_us = INT64_C(1735689600000000); /* 2025-01-01 */
    set.factor = 60;
    assert_int_equal(inproc_call(&p, admin, INPROC_clock_set, &set), OD_FORBIDDEN);
    assert_string_equal(inproc_reason(&p), "DEVELOPMENT_ONLY");
    pg_sql(p.db.super, "UPDATE environment SET development = true");
    inproc_must(&p, admin, INPROC_clock_set, &set);
    const Ordo__ClockGetRep *now = inproc_must(&p, admin, INPROC_clock_get, &get);
    assert_int_equal(now->factor, 60);
    assert_true(now->business_us >= set.business_us && now->business_us < set.business_us + 3600 * OD_US_PER_S);
    set.has_business_us = 0;
    set.factor = 1;
    inproc_must(&p, admin, INPROC_clock_set, &set);
    const Ordo__ClockGetRep *later = inproc_must(&p, admin, INPROC_clock_get, &get);
    assert_int_equal(later->factor, 1);
    assert_true(later->business_us >= now->business_us); /* it goes on from where it was */
}

static void an_echo_copies_nothing(void **state)
{
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    (void)state;
    req.has_payload = 1;
    req.payload = (ProtobufCBinaryData){4, (uint8_t *)S("ping")};
    const Ordo__EchoRep *rep = inproc_must(&p, admin, INPROC_echo, &req);
    assert_int_equal(rep->payload.len, 4);
    assert_memory_equal(rep->payload.data, "ping", 4);
    assert_int_equal(p.statements, 0);
}

static void a_key_acts_once(void **state)
{
    Ordo__CustomerCreateReq req = ORDO__CUSTOMER_CREATE_REQ__INIT;
    struct od_uuid key = inproc_key();
    (void)state;
    req.name = S("Once");
    p.key = key;
    int64_t id = ((const Ordo__CustomerCreateRep *)inproc_must(&p, admin, INPROC_customer_create, &req))->id;
    assert_false(p.replayed);
    p.key = key;
    assert_int_equal(((const Ordo__CustomerCreateRep *)inproc_must(&p, admin, INPROC_customer_create, &req))->id, id);
    assert_true(p.replayed);
    req.name = S("Other");
    p.key = key;
    assert_int_equal(inproc_call(&p, admin, INPROC_customer_create, &req), OD_KEY_REUSED);
    assert_sql("SELECT count(*) FROM customer", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROCESS(names_that_are_taken),
        IN_PROCESS(what_there_is_not),
        IN_PROCESS(fields_are_named),
        IN_PROCESS(versions_follow_each_other),
        IN_PROCESS(an_sla_pins_its_calendar),
        IN_PROCESS(a_request_type_keeps_its_fields),
        IN_PROCESS(a_branch_comes_into_scope),
        IN_PROCESS(heads_work_in_their_branch),
        IN_PROCESS(contracts_put_terms_in_force),
        IN_PROCESS(a_request_goes_by_the_terms),
        IN_PROCESS(lists_come_in_pages),
        IN_PROCESS(the_clock_is_set_in_development_alone),
        IN_PROCESS(an_echo_copies_nothing),
        IN_PROCESS(a_key_acts_once),
    };
    return cmocka_run_group_tests_name("directories", tests, NULL, NULL);
}
