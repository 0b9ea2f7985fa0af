/* SPDX-License-Identifier: Apache-2.0
 * The payload of an ERROR frame, made of an error. */
#ifndef ORDO_RPC_REPLY_H
#define ORDO_RPC_REPLY_H

#include "common/base/buf.h"

/* Appends a packed ordo.Error: reason, arguments, text, violations, outcome, what the registry says of trying again, trace.
 * Any thread. */
void reply_error(const struct od_err *err, const unsigned char trace[16], enum od_language language, struct od_buf *out);

#endif
