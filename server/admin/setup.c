/* SPDX-License-Identifier: Apache-2.0
 * `ordod setup-code`: there is no default account; whoever may run this names the first administrator. */
#include "server/admin/admin.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include "common/base/limits.h"
#include "common/base/str.h"
#include "server/admin/pg.h"

/* 100 bits in four groups of five; letters and digits that are not mistaken for each other. */
enum { CODE_SYMBOLS = 20, CODE_GROUP = 5, CODE_TEXT = CODE_SYMBOLS + CODE_SYMBOLS / CODE_GROUP };

static bool code_make(char out[CODE_TEXT])
{
    static const char symbols[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char random[CODE_SYMBOLS];
    size_t at = 0;
    if (RAND_bytes(random, sizeof random) != 1)
        return false;
    for (size_t i = 0; i < CODE_SYMBOLS; i++) {
        if (i && i % CODE_GROUP == 0)
            out[at++] = '-';
        out[at++] = symbols[random[i] % 32];
    }
    out[at] = '\0';
    return true;
}

enum od_status admin_setup_code(const struct admin_options *o, struct conf *c, struct od_err *err)
{
    (void)o;
    od_cleanup(pg_closep) PGconn *conn = NULL;
    od_cleanup(pg_clearp) PGresult *exists = NULL, *added = NULL;
    char code[CODE_TEXT], hash[2 * SHA256_DIGEST_LENGTH + 1], minutes[16];
    unsigned char sha256[SHA256_DIGEST_LENGTH];

    OD_TRY(pg_open(c->database_owner, &conn, err));
    OD_TRY(pg_query(conn, STMT_administrator_exists, NULL, &exists, err));
    if (*PQgetvalue(exists, 0, 0) == 't')
        return od_fail(err, OD_R_SETUP_DONE, NULL);
    if (!code_make(code))
        return od_fail(err, OD_R_PROGRAM_FAILED, "program=libcrypto" OD_AND "why=no random numbers");
    SHA256((const unsigned char *)code, strlen(code), sha256);
    od_hex(sha256, sizeof sha256, hash);
    snprintf(minutes, sizeof minutes, "%d", OD_SETUP_CODE_MINUTES);
    OD_TRY(pg_query(conn, STMT_setup_code_add, (const char *[]){hash, minutes}, &added, err));
    printf("%s\n", code);
    fprintf(stderr, "This code makes the first administrator, once, within %d minutes, on the local socket %s.\n",
            OD_SETUP_CODE_MINUTES, c->unix_socket);
    return OD_OK;
}
