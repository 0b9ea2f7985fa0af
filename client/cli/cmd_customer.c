/* SPDX-License-Identifier: Apache-2.0
 * Customers, their contacts and contracts: calls by their rows. */
#include "client/cli/cli.h"

static const struct opt CREATE_OPTIONS[] = {
    {.name = "NAME", .kind = OPT_FIELD, .required = true, .field = "name", .help = "the company's name"},
    {.name = "branch", .letter = 'b', .kind = OPT_FIELD, .required = true, .field = "branch_id", .lookup = "branch",
     .help = "who looks after him; else the profile's branch"},
    {.name = "language", .kind = OPT_FIELD, .field = "language", .value = "BCP47", .help = "such as it or de-CH"},
    {.name = "customer-zone", .kind = OPT_FIELD, .field = "zone", .value = "ZONE",
     .help = "his time zone, such as Europe/Rome"},
    {.name = "communication", .kind = OPT_FIELD, .field = "communication", .value = "TEXT",
     .help = "what was agreed about reaching him"},
    {0},
};

static const struct opt GET_OPTIONS[] = {
    {.name = "CUSTOMER", .kind = OPT_FIELD, .required = true, .field = "customer_id", .lookup = "customer",
     .help = "his id or name"},
    {0},
};

static const struct opt LIST_OPTIONS[] = {
    {.name = "branch", .letter = 'b', .kind = OPT_FIELD, .field = "branch_id", .lookup = "branch",
     .help = "of this branch only"},
    {.name = "from", .kind = OPT_FIELD, .field = "name_from", .value = "NAME", .help = "names from here on"},
    {.name = "limit", .letter = 'n', .kind = OPT_FIELD, .field = "limit", .value = "N", .help = "so many at most"},
    {.name = "cursor", .kind = OPT_FIELD, .field = "cursor", .value = "HEX", .help = "go on behind an earlier list"},
    {0},
};

static const struct column LIST_COLUMNS[] = {
    {"ID", "id"}, {"NAME", "name"}, {"STATE", "state"}, {"BRANCH", "branch_id"}, {"CONTRACT", "contract_id"}, {"ZONE", "zone"},
    {"CREATED", "created_us"}, {0},
};

static const struct opt CONTACT_OPTIONS[] = {
    {.name = "CUSTOMER", .kind = OPT_FIELD, .required = true, .field = "customer_id", .lookup = "customer",
     .help = "whose contact"},
    {.name = "NAME", .kind = OPT_FIELD, .required = true, .field = "name", .help = "the person's name"},
    {.name = "phone", .kind = OPT_FIELD, .field = "phone", .value = "NUMBER", .help = "telephone"},
    {.name = "mail", .kind = OPT_FIELD, .field = "mail", .value = "ADDRESS", .help = "mail address"},
    {.name = "language", .kind = OPT_FIELD, .field = "language", .value = "BCP47", .help = "such as it or de-CH"},
    {.name = "contact-zone", .kind = OPT_FIELD, .field = "zone", .value = "ZONE", .help = "time zone"},
    {0},
};

static const struct opt CONTRACT_OPTIONS[] = {
    {.name = "CUSTOMER", .kind = OPT_FIELD, .required = true, .field = "customer_id", .lookup = "customer",
     .help = "with whom"},
    {.name = "number", .kind = OPT_FIELD, .required = true, .field = "number", .value = "TEXT",
     .help = "as it stands on the paper"},
    {.name = "sla", .kind = OPT_FIELD, .required = true, .field = "sla_id", .lookup = "sla",
     .help = "what is promised: its newest version"},
    {.name = "signed", .kind = OPT_FIELD, .field = "signed_on", .value = "DATE", .help = "such as 2026-01-31"},
    {.name = "contract", .kind = OPT_FIELD, .field = "contract_id", .value = "ID",
     .help = "a new version of this one; else a new contract"},
    {0},
};

const struct verb VERBS_CUSTOMER[] = {
    {.name = "customer create", .summary = "Register a customer", .method = "customer_create", .opts = CREATE_OPTIONS},
    {.name = "customer get", .summary = "Show a customer", .method = "customer_get", .opts = GET_OPTIONS},
    {.name = "customer list", .summary = "List customers by name", .method = "customer_list", .opts = LIST_OPTIONS,
     .columns = LIST_COLUMNS},
    {.name = "customer contact add", .summary = "Add a person to a customer", .method = "contact_create", .opts = CONTACT_OPTIONS},
    {.name = "customer contract put", .summary = "Put a contract, or a new version of it, in force", .method = "contract_put",
     .opts = CONTRACT_OPTIONS},
    {0},
};
