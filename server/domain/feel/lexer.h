/* SPDX-License-Identifier: Apache-2.0
 * Words and signs of FEEL (§10.3.1.2). What is a name depends on the scope, so a word here is one word only; names.h puts
 * words together. Internal. */
#ifndef OD_FEEL_LEXER_H
#define OD_FEEL_LEXER_H

#include "common/base/arena.h"

enum feel_token_kind {
    TOKEN_END,
    TOKEN_BAD,    /* no sign of the language, or a string without its end */
    TOKEN_WORD,   /* text */
    TOKEN_NUMBER, /* text */
    TOKEN_STRING, /* text: between the quotes, escapes as written */
    TOKEN_AT,     /* @"text" */
    TOKEN_DOTS,   /* .. */
    TOKEN_POWER,  /* ** */
    TOKEN_NE,
    TOKEN_LE,
    TOKEN_GE,
    TOKEN_ARROW,
    TOKEN_SIGN, /* one character: sign */
};

struct feel_token {
    enum feel_token_kind kind;
    char sign;
    uint32_t at, end; /* byte offsets of the token */
    struct od_str text;
};

/* The token at or behind `from`; white space and comments are skipped. */
struct feel_token feel_token_at(struct od_str text, uint32_t from);

uint32_t feel_space_skip(struct od_str text, uint32_t from); /* with comments */
/* Bytes of the white space character at `at`; 0 if there is none. */
unsigned feel_space_len(struct od_str text, uint32_t at);
bool feel_name_part(struct od_str text, uint32_t at); /* a character that may stand inside a word */
bool feel_name_sign(char c);                          /* . / - ' + *: may stand inside a name, not inside a word */

/* The characters that a string literal's text stands for; false if an escape is malformed or memory is out. */
bool feel_unescape(struct od_str raw, struct od_arena *a, struct od_str *ret);

/* Writes one code point as UTF-8; returns the bytes (0 for a surrogate or beyond U+10FFFF). */
unsigned feel_utf8_put(uint32_t c, char out[4]);
/* Reads one; *at moves behind it. The string must be valid UTF-8. */
uint32_t feel_utf8_get(struct od_str s, size_t *at);

#endif
