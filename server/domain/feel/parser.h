/* SPDX-License-Identifier: Apache-2.0
 * The parser's state and the functions by which its files call each other. Internal.
 *
 *   parser.c         entry, unary tests, operators by precedence
 *   parse_tokens.c   tokens, failures, nodes
 *   parse_primary.c  literals, names, lists, contexts, ranges, calls, paths, filters
 *   parse_special.c  if, for, some, every, function, types
 *   names.c          which words make a name, by the scope */
#ifndef OD_FEEL_PARSER_H
#define OD_FEEL_PARSER_H

#include "server/domain/feel/lexer.h"
#include "server/domain/feel/program.h"

/* Names that the text itself brings in: iteration variables, parameters, earlier entries of a context. */
struct parse_scope {
    struct parse_scope *outer;
    struct od_str name;
};

struct parser {
    struct od_str text;
    const struct feel_scope *scope;
    struct parse_scope *locals;
    struct parse_scope *members; /* keys of contexts in the text that a run of words would not find */
    struct od_arena *arena;
    struct od_err *err;
    struct feel_token token;     /* the one that is looked at */
    enum od_status status;       /* the first failure; everything gives NULL from then on */
    unsigned depth;              /* of the recursion */
    unsigned filters;            /* filters around the place being read */
    unsigned functions;          /* function definitions so far: did a body make one? */
    unsigned partials, inputs;   /* uses of `partial` and of `?` so far */
    unsigned open_end;           /* the depth at which a [ may also be the open end of a range: [1..10[ */
    unsigned guesses;            /* how often that was tried: trying is bounded */
    uint64_t work;               /* names compared and bytes read twice so far */
    struct parse_inputs *free_names;
};

struct parse_inputs {
    struct parse_inputs *next;
    struct od_str name;
};

/* tokens */
void parse_next(struct parser *p);
void parse_seek(struct parser *p, uint32_t at); /* back or forth to a byte offset */
bool parse_is(const struct parser *p, char sign);
bool parse_is_word(const struct parser *p, const char *word);
bool parse_take(struct parser *p, char sign);
bool parse_take_word(struct parser *p, const char *word);
bool parse_expect(struct parser *p, char sign);
bool parse_expect_word(struct parser *p, const char *word);
void *parse_fail(struct parser *p, const char *why); /* at the token; NULL */
/* Counts what takes longer than the text is long: names compared, bytes read again (WORK_PER_BYTE each); fails at FEEL_PARSE_WORK_MAX. */
void parse_work(struct parser *p, uint64_t n);
enum { WORK_PER_BYTE = 128 };
static inline bool parse_ok(const struct parser *p) { return p->status == OD_OK; }

/* nodes */
struct feel_node *parse_node(struct parser *p, enum feel_op op, uint32_t at);
/* Sets the depth from the children; NULL when the tree is too deep. */
const struct feel_node *parse_done(struct parser *p, struct feel_node *n);
struct parse_items {
    const struct feel_node **items;
    struct od_str *names;
    uint32_t n, cap;
};
bool parse_items_add(struct parser *p, struct parse_items *list, const struct feel_node *n, struct od_str name);

/* grammar */
const struct feel_node *parse_expression(struct parser *p);
const struct feel_node *parse_additive(struct parser *p);
const struct feel_node *parse_postfix(struct parser *p);
const struct feel_node *parse_if(struct parser *p);
const struct feel_node *parse_for(struct parser *p);
const struct feel_node *parse_quantified(struct parser *p, enum feel_op op);
const struct feel_node *parse_function(struct parser *p);
const struct feel_type *parse_type(struct parser *p, struct od_str *ret_name); /* NULL: not known */

/* names */
void parse_local_push(struct parser *p, struct od_str name);
/* The name that starts at the token, in a place where a value is expected, after a dot, or in a filter; the parser moves
 * behind it. An empty name where a keyword stands instead. */
struct od_str parse_name_used(struct parser *p, bool after_dot);
/* A name that is being declared: everything up to a sign that cannot belong to it, or the word `stop`. */
struct od_str parse_name_declared(struct parser *p, const char *stop);
/* Whether a declared name and then a colon stand here: a named argument. */
bool parse_name_colon(const struct parser *p);
bool parse_keyword(struct od_str word);
bool parse_is_local(struct parser *p, struct od_str name);
size_t parse_place(const struct parser *p, struct od_str name); /* among the scope's names; n_names where it is none */
bool parse_is_known(struct parser *p, struct od_str name); /* local, or in the scope */

#endif
