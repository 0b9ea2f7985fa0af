/* SPDX-License-Identifier: Apache-2.0
 * `ordod serve`: checks the database, starts the node around the main thread's event loop, ends it in order. */
#ifndef ORDO_ADMIN_SERVE_H
#define ORDO_ADMIN_SERVE_H

#include "server/admin/admin.h"

/* Returns when the node was told to stop and has drained. SIGTERM, SIGINT: drain (a second one: at once). SIGHUP: noted
 * in the log, settings and certificates are read at the start. */
enum od_status admin_serve(const struct admin_options *o, struct conf *c, struct od_err *err);

#endif
