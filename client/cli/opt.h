/* SPDX-License-Identifier: Apache-2.0
 * Options as data. A verb has one const table of rows, ended by a row without a name; parsing, checks, --help and completion
 * come from it. Knows neither verbs nor the service. */
#ifndef ORDO_CLI_OPT_H
#define ORDO_CLI_OPT_H

#include "client/cli/msg.h"

enum opt_kind {
    OPT_FLAG,   /* bool at offset */
    OPT_TEXT,   /* const char * at offset */
    OPT_NUMBER, /* int64_t at offset */
    OPT_LIST,   /* struct opt_list at offset; may be given again */
    OPT_FIELD,  /* the field of the request message, read by its type; a repeated field may be given again */
    OPT_PAIR,   /* NAME=VALUE: one more member of the repeated field, with a name and a value */
};

struct opt {
    const char *name;   /* "title" is --title; in capitals, "REQUEST", it is an argument by place */
    char letter;        /* or 0 */
    enum opt_kind kind;
    bool required;
    const char *unless;         /* not required when this option is given */
    size_t offset;      /* in the table's struct */
    const char *field;  /* of the request message */
    const char *lookup; /* what the field identifies: a name is accepted too, see lookup.h */
    int64_t min, max;   /* of a number; both 0: from 0 on */
    const char *value;  /* how the help calls the value */
    const char *help;
};

enum { OPT_LIST_MAX = 64 };

struct opt_list {
    size_t n;
    const char *v[OPT_LIST_MAX];
};

/* A table and the struct that its offsets mean. */
struct opt_table {
    const struct opt *rows;
    void *target;
};

/* A name that stands where an id belongs; to be looked up when there is a connection. */
struct opt_pending {
    const struct opt *opt;
    const char *text;
};

enum { OPT_PENDING_MAX = 64 };

struct opt_set {
    struct opt_table tables[3];
    size_t n_tables;
    ProtobufCMessage *request; /* for OPT_FIELD and OPT_PAIR, or NULL */
    const char *lookup_default; /* rows of this lookup are not required: there is a default */
    size_t n_places;           /* arguments that were given */
    struct opt_pending pending[OPT_PENDING_MAX];
    size_t n_pending;
};

bool opt_is_argument(const struct opt *opt);

/* Reads argv[*at..argc). With stop_at_word it ends before the first word that is no option, else words fill the arguments by
 * place. Texts are kept as pointers into argv. */
enum ordo_status opt_parse(struct opt_set *set, int argc, char *const argv[], int *at, bool stop_at_word, ordo_error *error);
/* Whether an option was given: in its target, in the request, or waiting for a look-up. */
bool opt_given(const struct opt_set *set, const struct opt *o, const void *target);
/* The same for the option of that name. */
bool opt_given_name(const struct opt_set *set, const char *name);

/* Names what is required and was not given. */
enum ordo_status opt_required(const struct opt_set *set, ordo_error *error);

/* " REQUEST --minutes N": the arguments, and what else is required. */
void opt_usage(struct od_buf *b, const struct opt *rows);
/* One line per row under a heading; nothing if there is none of this sort. */
void opt_help(struct od_buf *b, const char *heading, const struct opt *rows, bool arguments);
/* Text broken at spaces; `column` is where it begins, `indent` where its further lines do. */
void opt_wrap(struct od_buf *b, const char *text, size_t column, size_t indent);

#endif
