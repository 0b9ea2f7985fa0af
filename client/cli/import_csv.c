/* SPDX-License-Identifier: Apache-2.0
 * The CSV reader. */
#include "client/cli/import_csv.h"

#include <stdlib.h>

void csv_init(struct csv *c, char *p, size_t n, char separator)
{
    static const char mark[] = "\xef\xbb\xbf";
    *c = (struct csv){.p = p, .n = n, .separator = separator, .next_line = 1};
    if (n >= 3 && !memcmp(p, mark, 3))
        c->at = 3;
}

void csv_done(struct csv *c)
{
    free(c->fields);
    c->fields = NULL;
}

static void field_add(struct csv *c, char *p, size_t n)
{
    if (c->n_fields == c->cap_fields) {
        c->cap_fields = c->cap_fields ? 2 * c->cap_fields : 32;
        c->fields = od_xrealloc(c->fields, c->cap_fields * sizeof *c->fields);
    }
    c->fields[c->n_fields++] = (struct od_str){p, n};
}

static enum csv_result bad(struct csv *c, const char *why)
{
    char *end = memchr(c->p + c->at, '\n', c->n - c->at);
    c->at = end ? (size_t)(end - c->p) + 1 : c->n;
    c->next_line++;
    c->why = why;
    return CSV_BAD;
}

/* At the opening quote: finds the closing one before anything is changed, so that a row that is refused stays as it was. */
static bool quoted_field(struct csv *c)
{
    size_t from = c->at + 1, i = from, lines = 0;
    char *w = c->p + from;
    for (;; i++) {
        if (i >= c->n)
            return false;
        if (c->p[i] == '\n')
            lines++;
        if (c->p[i] != '"')
            continue;
        if (i + 1 >= c->n || c->p[i + 1] != '"')
            break;
        i++;
    }
    size_t end = i;
    for (i = from; i < end; i++) {
        *w++ = c->p[i];
        if (c->p[i] == '"')
            i++;
    }
    field_add(c, c->p + from, (size_t)(w - (c->p + from)));
    c->at = end + 1;
    c->next_line += lines;
    return true;
}

static bool plain_field(struct csv *c)
{
    size_t from = c->at;
    while (c->at < c->n && c->p[c->at] != c->separator && c->p[c->at] != '\n') {
        if (c->p[c->at] == '"')
            return false;
        c->at++;
    }
    size_t n = c->at - from;
    if (n && c->p[from + n - 1] == '\r' && (c->at >= c->n || c->p[c->at] == '\n'))
        n--;
    field_add(c, c->p + from, n);
    return true;
}

static bool line_is_empty(const struct csv *c)
{
    return c->p[c->at] == '\n' || (c->p[c->at] == '\r' && c->at + 1 < c->n && c->p[c->at + 1] == '\n');
}

enum csv_result csv_next(struct csv *c)
{
    while (c->at < c->n && line_is_empty(c)) {
        c->at += c->p[c->at] == '\r' ? 2 : 1;
        c->next_line++;
    }
    c->n_fields = 0;
    c->line = c->next_line;
    if (c->at >= c->n)
        return CSV_END;
    for (;;) {
        bool quoted = c->at < c->n && c->p[c->at] == '"';
        if (quoted && !quoted_field(c))
            return bad(c, "a quote is not closed");
        if (!quoted && !plain_field(c))
            return bad(c, "a quote stands inside a field that does not begin with one");
        if (c->at < c->n && c->p[c->at] == '\r' && (c->at + 1 == c->n || c->p[c->at + 1] == '\n'))
            c->at++;
        if (c->at >= c->n || c->p[c->at] == '\n')
            break;
        if (c->p[c->at] != c->separator)
            return bad(c, "something follows a closing quote");
        c->at++;
    }
    if (c->at < c->n)
        c->at++;
    c->next_line++;
    return CSV_ROW;
}
