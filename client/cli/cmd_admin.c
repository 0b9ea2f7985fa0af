/* SPDX-License-Identifier: Apache-2.0
 * Setting a company up: verbs that are calls by their rows. Those that do more: admin_setup.c, admin_people.c. */
#include "client/cli/admin.h"

#define BRANCH_OPTION                                                                                                  \
    {.name = "branch", .letter = 'b', .kind = OPT_FIELD, .required = true, .field = "branch_id", .lookup = "branch",   \
     .help = "of which branch; else the profile's"}
#define BRANCH_FILTER                                                                                                  \
    {.name = "branch", .letter = 'b', .kind = OPT_FIELD, .field = "branch_id", .lookup = "branch",                     \
     .help = "of this branch only"}
#define USER_ARGUMENT                                                                                                  \
    {.name = "USER", .kind = OPT_FIELD, .required = true, .field = "user_id", .lookup = "user",                        \
     .help = "id, login or name; me: yourself"}

static const struct opt BRANCH_OPTIONS[] = {
    {.name = "NAME", .kind = OPT_FIELD, .required = true, .field = "name", .help = "what the branch is called"},
    {.name = "branch-zone", .kind = OPT_FIELD, .required = true, .field = "zone", .value = "ZONE",
     .help = "where it is, such as Europe/Rome"},
    {.name = "language", .kind = OPT_FIELD, .field = "language", .value = "BCP47", .help = "such as it or en"},
    {0},
};
static const struct column BRANCH_COLUMNS[] = {{"ID", "id"}, {"NAME", "name"}, {"ZONE", "zone"}, {"LANGUAGE", "language"}, {0}};

static const struct opt DEPARTMENT_OPTIONS[] = {
    {.name = "NAME", .kind = OPT_FIELD, .required = true, .field = "name", .help = "what the department is called"},
    BRANCH_OPTION,
    {0},
};
static const struct opt DEPARTMENT_HEAD_OPTIONS[] = {
    {.name = "DEPARTMENT", .kind = OPT_FIELD, .required = true, .field = "department_id", .lookup = "department",
     .help = "id or name"},
    {.name = "HEAD", .kind = OPT_FIELD, .required = true, .field = "head_id", .lookup = "user",
     .help = "who is told of escalations"},
    {0},
};
static const struct opt BRANCH_FILTERS[] = {BRANCH_FILTER, {0}};
static const struct column DEPARTMENT_COLUMNS[] = {{"ID", "id"}, {"BRANCH", "branch_id"}, {"NAME", "name"}, {"HEAD", "head_id"}, {0}};

static const struct opt CALENDAR_OPTIONS[] = {
    {.name = "NAME", .kind = OPT_FIELD, .required = true, .field = "name", .help = "what the calendar is called"},
    {.name = "calendar-zone", .kind = OPT_FIELD, .required = true, .field = "zone", .value = "ZONE",
     .help = "whose clock it follows"},
    {.name = "week", .kind = OPT_FIELD, .required = true, .field = "week", .value = "HOURS",
     .help = "such as 'mon-fri 09:00-13:00,14:00-18:00; sat 10:00-14:00'"},
    {.name = "holidays", .kind = OPT_FIELD, .field = "holidays", .value = "DATES", .help = "such as '2026-01-01, --05-01'"},
    {.name = "calendar", .kind = OPT_FIELD, .field = "calendar_id", .lookup = "calendar",
     .help = "a new version of this one; else a new calendar"},
    {0},
};
static const struct column CALENDAR_COLUMNS[] = {
    {"ID", "id"}, {"VERSION", "version"}, {"NAME", "name"}, {"ZONE", "zone"}, {"WEEK", "week"}, {"HOLIDAYS", "holidays"}, {0},
};

static const struct opt SLA_OPTIONS[] = {
    {.name = "NAME", .kind = OPT_FIELD, .required = true, .field = "name", .help = "what the level is called"},
    {.name = "calendar", .kind = OPT_FIELD, .required = true, .field = "calendar_id", .lookup = "calendar",
     .help = "when time runs"},
    {.name = "target", .letter = 't', .kind = OPT_LIST, .offset = offsetof(struct sla_options, targets), .value = "P=RESPONSE/RESOLUTION",
     .help = "of priority P (1 is the most urgent): such as 1=30m/4h or 3=4h/5d; - promises nothing; d are working days; may come again"},
    {.name = "response", .kind = OPT_FIELD, .field = "response_rule", .value = "RULE",
     .help = "what a response is: first_take or first_public_answer"},
    {.name = "sla", .kind = OPT_FIELD, .field = "sla_id", .lookup = "sla",
     .help = "a new version of this one; else a new SLA"},
    {0},
};
static const struct column SLA_COLUMNS[] = {
    {"ID", "id"}, {"VERSION", "version"}, {"NAME", "name"}, {"CALENDAR", "calendar_id"}, {"RESPONSE", "response_rule"}, {0},
};

static const struct opt TYPE_OPTIONS[] = {
    {.name = "NAME", .kind = OPT_FIELD, .required = true, .field = "name", .help = "what the type is called"},
    {.name = "impact", .kind = OPT_FIELD, .required = true, .field = "impact", .value = "1-4", .help = "1 is the highest"},
    {.name = "department", .kind = OPT_FIELD, .field = "department_id", .lookup = "department",
     .help = "where its requests go"},
    {.name = "field", .letter = 'F', .kind = OPT_LIST, .offset = offsetof(struct type_options, fields), .value = "NAME:KIND[:...]",
     .help = "such as serial:text:required, seats:number, colour:choice:red|green, notes:text:max=200; may come again"},
    {.name = "type", .kind = OPT_FIELD, .field = "type_id", .lookup = "type",
     .help = "a new version of this one; else a new type"},
    {0},
};
static const struct column TYPE_COLUMNS[] = {
    {"ID", "id"}, {"VERSION", "version"}, {"NAME", "name"}, {"IMPACT", "impact"}, {"DEPARTMENT", "department_id"}, {0},
};

static const struct opt BOOTSTRAP_OPTIONS[] = {
    {.name = "LOGIN", .kind = OPT_FIELD, .required = true, .field = "login", .help = "the first administrator's login name"},
    {.name = "code", .kind = OPT_FIELD, .required = true, .field = "code", .value = "CODE",
     .help = "the one-time code of `ordod init` or `ordod setup-code`"},
    {.name = "name", .kind = OPT_FIELD, .required = true, .field = "name", .value = "TEXT",
     .help = "the administrator's name"},
    {.name = "branch", .letter = 'b', .kind = OPT_FIELD, .required = true, .field = "branch", .value = "NAME",
     .help = "the first branch's name"},
    {.name = "branch-zone", .kind = OPT_FIELD, .required = true, .field = "zone", .value = "ZONE",
     .help = "where it is, such as Europe/Rome"},
    {.name = "language", .kind = OPT_FIELD, .field = "language", .value = "BCP47", .help = "such as it or en"},
    PASSWORD_FILE_OPTION(struct password_options),
    {0},
};

static const struct opt USER_OPTIONS[] = {
    {.name = "LOGIN", .kind = OPT_FIELD, .required = true, .field = "login", .help = "login name"},
    {.name = "name", .letter = 'n', .kind = OPT_FIELD, .required = true, .field = "name", .value = "TEXT",
     .help = "the person's name"},
    {.name = "branch", .letter = 'b', .kind = OPT_FIELD, .required = true, .unless = "customer", .field = "branch_id", .lookup = "branch",
     .help = "of which branch; else the profile's; a customer's user has his company's"},
    {.name = "department", .kind = OPT_FIELD, .field = "department_id", .lookup = "department", .help = "where he works"},
    {.name = "scope", .kind = OPT_FIELD, .field = "branch_ids", .lookup = "branch",
     .help = "a branch that he sees; may come again; else his own"},
    {.name = "role", .letter = 'r', .kind = OPT_FIELD, .field = "roles", .value = "NAME",
     .help = "what he may do; may come again"},
    {.name = "language", .kind = OPT_FIELD, .field = "language", .value = "BCP47", .help = "such as it or en"},
    {.name = "user-zone", .kind = OPT_FIELD, .field = "zone", .value = "ZONE", .help = "his time zone"},
    {.name = "customer", .letter = 'c', .kind = OPT_FIELD, .field = "customer_id", .lookup = "customer",
     .help = "makes a customer's own user"},
    PASSWORD_FILE_OPTION(struct password_options),
    {.name = "no-password", .kind = OPT_FLAG, .offset = offsetof(struct password_options, none),
     .help = "he gets a key or a certificate instead"},
    {0},
};
static const struct opt USER_LIST_OPTIONS[] = {
    BRANCH_FILTER,
    {.name = "limit", .letter = 'n', .kind = OPT_FIELD, .field = "limit", .value = "N", .help = "so many at most"},
    {.name = "cursor", .kind = OPT_FIELD, .field = "cursor", .value = "HEX", .help = "go on behind an earlier list"},
    {0},
};
static const struct column USER_COLUMNS[] = {
    {"ID", "id"}, {"LOGIN", "login"}, {"NAME", "name"}, {"BRANCH", "branch_id"}, {"DEPARTMENT", "department_id"},
    {"CUSTOMER", "customer_id"}, {"ACTIVE", "active"}, {"ROLES", "roles"}, {0},
};
static const struct opt USER_OPTION[] = {USER_ARGUMENT, {0}};
static const struct opt PASSWORD_OPTIONS[] = {USER_ARGUMENT, PASSWORD_FILE_OPTION(struct password_options), {0}};
static const struct opt ROLES_OPTIONS[] = {
    USER_ARGUMENT,
    {.name = "role", .letter = 'r', .kind = OPT_FIELD, .field = "roles", .value = "NAME",
     .help = "these and no others; may come again"},
    {.name = "scope", .kind = OPT_FIELD, .field = "branch_ids", .lookup = "branch",
     .help = "a branch that he sees; may come again"},
    {0},
};

static const struct opt ROLE_OPTIONS[] = {
    {.name = "NAME", .kind = OPT_FIELD, .required = true, .field = "name", .help = "what the role is called"},
    {.name = "permission", .kind = OPT_FIELD, .required = true, .field = "permissions", .value = "NAME",
     .help = "such as request.work; may come again"},
    {0},
};
static const struct column ROLE_COLUMNS[] = {{"ID", "id"}, {"VERSION", "version"}, {"NAME", "name"}, {"PERMISSIONS", "permissions"}, {0}};

static const struct opt KEY_OPTIONS[] = {
    USER_ARGUMENT,
    {.name = "name", .letter = 'n', .kind = OPT_FIELD, .required = true, .field = "name", .value = "TEXT",
     .help = "what it is for"},
    {.name = "out", .letter = 'o', .kind = OPT_TEXT, .required = true, .offset = offsetof(struct key_options, file), .value = "FILE",
     .help = "where the key is written, readable by you alone; nothing else ever shows it"},
    {.name = "expires", .kind = OPT_FIELD, .field = "expires_us", .value = "TIME", .help = "when it ends"},
    {0},
};
static const struct opt KEY_REVOKE_OPTIONS[] = {
    {.name = "KEY", .kind = OPT_FIELD, .required = true, .field = "key_id", .help = "the key's id"},
    {0},
};
static const struct opt CERTIFICATE_OPTIONS[] = {
    USER_ARGUMENT,
    {.name = "FILE", .kind = OPT_TEXT, .required = true, .offset = offsetof(struct key_options, file),
     .help = "the certificate, PEM"},
    {0},
};

static const struct opt CLOCK_OPTIONS[] = {
    {.name = "at", .kind = OPT_FIELD, .field = "business_us", .value = "TIME",
     .help = "what time it is now for the business"},
    {.name = "factor", .kind = OPT_FIELD, .field = "factor", .value = "N",
     .help = "how many times faster than real time it runs"},
    {0},
};

const struct verb VERBS_ADMIN[] = {
    {.name = "admin bootstrap", .summary = "Make the first administrator, on the server itself", .method = "admin_bootstrap",
     .opts = BOOTSTRAP_OPTIONS, .run = admin_bootstrap, .own_bytes = sizeof(struct password_options),
     .detail = "Only over the local socket: --host unix:/run/ordod/ordod.sock. The password comes from --password-file, from "
               "ORDO_PASSWORD, or is asked for."},
    {.name = "admin branch create", .summary = "Add a branch", .method = "branch_create", .opts = BRANCH_OPTIONS},
    {.name = "admin branch list", .summary = "List the branches", .method = "branch_list", .columns = BRANCH_COLUMNS},
    {.name = "admin department create", .summary = "Add a department", .method = "department_create", .opts = DEPARTMENT_OPTIONS},
    {.name = "admin department head", .summary = "Say who leads a department", .method = "department_head",
     .opts = DEPARTMENT_HEAD_OPTIONS},
    {.name = "admin department list", .summary = "List the departments", .method = "department_list", .opts = BRANCH_FILTERS,
     .columns = DEPARTMENT_COLUMNS},
    {.name = "admin user create", .summary = "Add a user", .method = "user_create", .opts = USER_OPTIONS, .run = admin_user_create,
     .own_bytes = sizeof(struct password_options),
     .detail = "The password comes from --password-file or is asked for; ORDO_PASSWORD is yours and is not taken."},
    {.name = "admin user list", .summary = "List users", .method = "user_list", .opts = USER_LIST_OPTIONS, .columns = USER_COLUMNS},
    {.name = "admin user disable", .summary = "Lock a user out and end his sessions", .method = "user_disable", .opts = USER_OPTION},
    {.name = "admin user password", .summary = "Set a user's password", .method = "user_password", .opts = PASSWORD_OPTIONS,
     .run = admin_user_password, .own_bytes = sizeof(struct password_options)},
    {.name = "admin user roles", .summary = "Set a user's roles and scope", .method = "user_roles", .opts = ROLES_OPTIONS},
    {.name = "admin role put", .summary = "Put a role, or a new version of it, in force", .method = "role_put", .opts = ROLE_OPTIONS},
    {.name = "admin role list", .summary = "List the roles", .method = "role_list", .columns = ROLE_COLUMNS},
    {.name = "admin key create", .summary = "Make an API key", .method = "api_key_create", .opts = KEY_OPTIONS,
     .run = admin_key_create, .own_bytes = sizeof(struct key_options),
     .detail = "The key is made here and only its hash is sent. To use it: api_key_file in a profile, or ORDO_API_KEY_FILE."},
    {.name = "admin key revoke", .summary = "End an API key", .method = "api_key_revoke", .opts = KEY_REVOKE_OPTIONS},
    {.name = "admin certificate add", .summary = "Let a user log in by client certificate", .method = "certificate_add",
     .opts = CERTIFICATE_OPTIONS, .run = admin_certificate_add, .own_bytes = sizeof(struct key_options)},
    {.name = "admin calendar put", .summary = "Put a calendar, or a new version of it, in force", .method = "calendar_put",
     .opts = CALENDAR_OPTIONS},
    {.name = "admin calendar list", .summary = "List the calendars", .method = "calendar_list", .columns = CALENDAR_COLUMNS},
    {.name = "admin sla put", .summary = "Put an SLA, or a new version of it, in force", .method = "sla_put", .opts = SLA_OPTIONS,
     .run = admin_sla_put, .own_bytes = sizeof(struct sla_options)},
    {.name = "admin sla list", .summary = "List the SLAs", .method = "sla_list", .columns = SLA_COLUMNS},
    {.name = "admin type put", .summary = "Put a request type, or a new version of it, in force", .method = "request_type_put",
     .opts = TYPE_OPTIONS, .run = admin_type_put, .own_bytes = sizeof(struct type_options)},
    {.name = "admin type list", .summary = "List the request types", .method = "request_type_list", .columns = TYPE_COLUMNS},
    {.name = "admin clock get", .summary = "Show the business clock", .method = "clock_get"},
    {.name = "admin clock set", .summary = "Set the business clock of a development database", .method = "clock_set",
     .opts = CLOCK_OPTIONS},
    {0},
};
