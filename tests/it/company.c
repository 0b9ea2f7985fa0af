/* SPDX-License-Identifier: Apache-2.0
 * A small company. */
#include "tests/it/company.h"

int32_t company_branch(struct inproc *p, struct session *admin, const char *name)
{
    Ordo__BranchCreateReq req = ORDO__BRANCH_CREATE_REQ__INIT;
    req.name = S(name);
    req.zone = S("Asia/Tokyo");
    req.language = S("ja");
    return ((const Ordo__BranchCreateRep *)inproc_must(p, admin, INPROC_branch_create, &req))->id;
}

int64_t company_department(struct inproc *p, struct session *admin, const char *name)
{
    Ordo__DepartmentCreateReq req = ORDO__DEPARTMENT_CREATE_REQ__INIT;
    req.has_branch_id = 1;
    req.branch_id = 1;
    req.name = S(name);
    return ((const Ordo__DepartmentCreateRep *)inproc_must(p, admin, INPROC_department_create, &req))->id;
}

int64_t company_customer(struct inproc *p, struct session *admin, const char *name)
{
    Ordo__CustomerCreateReq req = ORDO__CUSTOMER_CREATE_REQ__INIT;
    req.name = S(name);
    return ((const Ordo__CustomerCreateRep *)inproc_must(p, admin, INPROC_customer_create, &req))->id;
}

Ordo__UserCreateReq company_user_req(const char *login, const char *role)
{
    static char *roles[8]; /* of the last few requests */
    static unsigned made;
    Ordo__UserCreateReq req = ORDO__USER_CREATE_REQ__INIT;
    req.login = S(login);
    req.name = S(login);
    req.password = S(INPROC_PASSWORD);
    if (role) {
        req.roles = &roles[made++ % OD_LEN(roles)];
        req.roles[0] = S(role);
        req.n_roles = 1;
    }
    return req;
}

int64_t company_user(struct inproc *p, struct session *admin, const char *login, const char *role)
{
    Ordo__UserCreateReq req = company_user_req(login, role);
    return ((const Ordo__UserCreateRep *)inproc_must(p, admin, INPROC_user_create, &req))->id;
}

Ordo__CalendarPutReq company_calendar_req(const char *name)
{
    Ordo__CalendarPutReq req = ORDO__CALENDAR_PUT_REQ__INIT;
    req.name = S(name);
    req.zone = S("Europe/Rome");
    req.week = S("mon-fri 09:00-13:00,14:00-18:00");
    req.holidays = S("--12-25");
    return req;
}

int64_t company_sla(struct inproc *p, struct session *admin, const char *name)
{
    Ordo__CalendarPutReq calendar = company_calendar_req(name);
    Ordo__SlaPutReq req = ORDO__SLA_PUT_REQ__INIT;
    Ordo__SlaTarget targets[4], *list[OD_LEN(targets)];
    for (size_t i = 0; i < OD_LEN(targets); i++) {
        ordo__sla_target__init(&targets[i]);
        targets[i].has_priority = targets[i].has_response_s = targets[i].has_resolution_days = 1;
        targets[i].priority = (uint32_t)i + 1;
        targets[i].response_s = 3600;
        targets[i].resolution_days = 2;
        list[i] = &targets[i];
    }
    req.name = S(name);
    req.has_calendar_id = 1;
    req.calendar_id = ((const Ordo__CalendarPutRep *)inproc_must(p, admin, INPROC_calendar_put, &calendar))->id;
    req.n_targets = OD_LEN(targets);
    req.targets = list;
    return ((const Ordo__SlaPutRep *)inproc_must(p, admin, INPROC_sla_put, &req))->id;
}

int64_t company_contract(struct inproc *p, struct session *admin, int64_t customer_id, int64_t sla_id)
{
    Ordo__ContractPutReq req = ORDO__CONTRACT_PUT_REQ__INIT;
    req.has_customer_id = req.has_sla_id = 1;
    req.customer_id = customer_id;
    req.sla_id = sla_id;
    req.number = S("2024/1");
    req.signed_on = S("2024-01-31");
    return ((const Ordo__ContractPutRep *)inproc_must(p, admin, INPROC_contract_put, &req))->id;
}

int64_t company_type(struct inproc *p, struct session *admin, const char *name, int64_t department_id)
{
    Ordo__RequestTypePutReq req = ORDO__REQUEST_TYPE_PUT_REQ__INIT;
    req.name = S(name);
    req.has_impact = req.has_department_id = 1;
    req.impact = 2;
    req.department_id = department_id;
    return ((const Ordo__RequestTypePutRep *)inproc_must(p, admin, INPROC_request_type_put, &req))->id;
}

Ordo__RequestRegisterReq company_register_req(int64_t customer_id, int64_t type_id, const char *title)
{
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    req.has_customer_id = req.has_type_id = 1;
    req.customer_id = customer_id;
    req.type_id = type_id;
    req.title = S(title);
    return req;
}

int64_t company_request(struct inproc *p, struct session *admin, int64_t customer_id, int64_t type_id, const char *title)
{
    Ordo__RequestRegisterReq req = company_register_req(customer_id, type_id, title);
    return ((const Ordo__RequestRegisterRep *)inproc_must(p, admin, INPROC_request_register, &req))->id;
}
