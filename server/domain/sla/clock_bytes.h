/* SPDX-License-Identifier: Apache-2.0
 * A clock as a few bytes, the form in which it lies in its request's row. Byte 0 is the version of the form. */
#ifndef ORDO_DOMAIN_SLA_CLOCK_BYTES_H
#define ORDO_DOMAIN_SLA_CLOCK_BYTES_H

#include "server/domain/sla/clock.h"

enum { SLA_CLOCK_BYTES_MAX = 256 };

/* Returns the length. Instants are kept relative to created_us, so that a young request's clock is some 60 bytes. */
size_t sla_clock_encode(const struct sla_clock *c, unsigned char out[SLA_CLOCK_BYTES_MAX]);

/* False for an unknown version or cut bytes; *c is then undefined. */
bool sla_clock_decode(struct od_str bytes, struct sla_clock *c);

#endif
