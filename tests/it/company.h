/* SPDX-License-Identifier: Apache-2.0
 * What tests need of a company, made through calls in process. Each of these must succeed. Ids are returned. */
#ifndef ORDO_TESTS_IT_COMPANY_H
#define ORDO_TESTS_IT_COMPANY_H

#include "admin.pb-c.h"
#include "customer.pb-c.h"
#include "request.pb-c.h"
#include "tests/it/inproc.h"

/* Texts of requests: messages want them writable, and nobody writes. */
#define S(text) ((char *)(text))

int32_t company_branch(struct inproc *p, struct session *admin, const char *name);        /* Asia/Tokyo, ja */
int64_t company_department(struct inproc *p, struct session *admin, const char *name);    /* of branch 1 */
int64_t company_customer(struct inproc *p, struct session *admin, const char *name);      /* of the caller's branch */
int64_t company_user(struct inproc *p, struct session *admin, const char *login, const char *role); /* INPROC_PASSWORD */
int64_t company_sla(struct inproc *p, struct session *admin, const char *name);           /* and a calendar of that name */
int64_t company_contract(struct inproc *p, struct session *admin, int64_t customer_id, int64_t sla_id);

int64_t company_type(struct inproc *p, struct session *admin, const char *name, int64_t department_id); /* without fields */
int64_t company_request(struct inproc *p, struct session *admin, int64_t customer_id, int64_t type_id, const char *title);

/* Requests to be changed before they are sent. role NULL: none; the text must live on. */
Ordo__UserCreateReq company_user_req(const char *login, const char *role);
Ordo__RequestRegisterReq company_register_req(int64_t customer_id, int64_t type_id, const char *title);
Ordo__CalendarPutReq company_calendar_req(const char *name); /* mon-fri 09:00-13:00,14:00-18:00 in Rome; not on 25 December */

#endif
