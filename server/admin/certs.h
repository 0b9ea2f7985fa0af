/* SPDX-License-Identifier: Apache-2.0
 * A certificate authority of one's own and the server's certificate from it, for those who have no other. */
#ifndef ORDO_ADMIN_CERTS_H
#define ORDO_ADMIN_CERTS_H

#include "server/conf/conf.h"

enum { CERTS_CA_DAYS = 3650, CERTS_SERVER_DAYS = 825, CERTS_RENEW_DAYS = 30 };

enum certs_done { CERTS_KEPT, CERTS_MADE, CERTS_RENEWED };

/* Makes ca.crt, ca.key, server.crt and server.key in dir where they are missing; the server's certificate is for the
 * names and addresses in hosts. One of ours that ends within CERTS_RENEW_DAYS is made anew. Keys get mode 0600.
 * FILE_ERROR. */
enum od_status certs_make(const char *dir, const struct conf_list *hosts, enum certs_done *ret_done,
                          struct od_err *err);

#endif
