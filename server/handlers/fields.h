/* SPDX-License-Identifier: Apache-2.0
 * The answers of a request's form against its type's fields, and small conversions that request handlers share. */
#ifndef ORDO_HANDLERS_FIELDS_H
#define ORDO_HANDLERS_FIELDS_H

#include "admin.pb-c.h"
#include "request.pb-c.h"
#include "server/domain/sla/clock.h"
#include "server/rpc/rpc.h"

/* Each answer belongs to a field and has its form; mandatory ones are there (R1.2, R1.24). Violations name fields[i].<name>. */
enum od_status fields_check(struct rpc *rpc, const Ordo__FieldSpecs *specs, Ordo__Field *const *fields, size_t n);

/* In the arena; NULL when memory is out (the arena remembers). */
Ordo__Target *target_message(struct od_arena *arena, const struct sla_target *t);

#endif
