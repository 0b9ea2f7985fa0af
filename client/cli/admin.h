/* SPDX-License-Identifier: Apache-2.0
 * The verbs of `ordo admin` that are more than a call, and the options they take. */
#ifndef ORDO_CLI_ADMIN_H
#define ORDO_CLI_ADMIN_H

#include "client/cli/cli.h"

struct password_options {
    const char *file;
    bool none;
};

#define PASSWORD_FILE_OPTION(type)                                                                                     \
    {.name = "password-file", .kind = OPT_TEXT, .offset = offsetof(type, file), .value = "FILE",                       \
     .help = "read the password from the first line of a file"}

struct key_options {
    const char *file;
};

struct sla_options {
    struct opt_list targets;
};

struct type_options {
    struct opt_list fields;
};

enum ordo_status admin_bootstrap(struct cli *cli, struct input *in);
enum ordo_status admin_user_create(struct cli *cli, struct input *in);
enum ordo_status admin_user_password(struct cli *cli, struct input *in);
enum ordo_status admin_key_create(struct cli *cli, struct input *in);
enum ordo_status admin_certificate_add(struct cli *cli, struct input *in);
enum ordo_status admin_sla_put(struct cli *cli, struct input *in);
enum ordo_status admin_type_put(struct cli *cli, struct input *in);

/* "1=30m/4h" and "colour:choice:red|green:required" as one more member of the message. */
enum ordo_status sla_target_parse(Ordo__SlaPutReq *req, const char *text, ordo_error *error);
enum ordo_status type_field_parse(Ordo__RequestTypePutReq *req, const char *text, ordo_error *error);

#endif
