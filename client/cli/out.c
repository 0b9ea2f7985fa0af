/* SPDX-License-Identifier: Apache-2.0
 * The three forms of a result. A table's widths come from its first rows; later rows keep to them, so that a long list
 * needs no memory. */
#include "client/cli/out.h"

#include <stdlib.h>
#include <string.h>

#include "client/cli/text.h"

enum { WAITING_ROWS_MAX = 500, LABEL_COLUMN = 18, CELL_BYTES_MAX = 1024 * 1024, COLUMN_MIN = 6 };

static void buf_print(const struct out *out, struct od_buf *b)
{
    if (b->n)
        fwrite(b->p, 1, b->n, out->f);
    od_buf_done(b);
}

void out_json(struct out *out, json_t *json)
{
    json_dumpf(json, out->f, JSON_INDENT(2));
    fputc('\n', out->f);
    json_decref(json);
}

void out_csv_cell(struct od_buf *b, struct od_str cell)
{
    bool quote = false;
    for (size_t i = 0; i < cell.n && !quote; i++)
        quote = strchr(",\"\r\n", cell.p[i]) != NULL;
    if (!quote) {
        od_buf_str(b, cell);
        return;
    }
    od_buf_char(b, '"');
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] == '"')
            od_buf_char(b, '"');
        od_buf_char(b, cell.p[i]);
    }
    od_buf_char(b, '"');
}

/* --- one message ------------------------------------------------------------------------------------------------------ */

/* "created_us" is said as "created". */
static void label_put(struct od_buf *b, const char *prefix, const char *name)
{
    size_t n = strlen(name);
    if (n > 3 && !strcmp(name + n - 3, "_us"))
        n -= 3;
    struct od_buf text;
    od_buf_init(&text, 256);
    if (*prefix)
        od_buf_printf(&text, "%s ", prefix);
    for (size_t i = 0; i < n; i++)
        od_buf_char(&text, name[i] == '_' ? ' ' : name[i]);
    text_pad(b, od_buf_view(&text), LABEL_COLUMN, false);
    od_buf_char(b, ' ');
    od_buf_done(&text);
}

static void value_put(struct od_buf *b, const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i,
                      const struct od_zone *zone)
{
    struct od_buf raw;
    od_buf_init(&raw, CELL_BYTES_MAX);
    msg_show(&raw, m, f, i, zone, true);
    text_clean(b, od_buf_view(&raw));
    od_buf_done(&raw);
}

/* A member with a name and a value is a line of its own: `field colour  red`. */
static bool pair_put(struct od_buf *b, const ProtobufCMessage *m)
{
    const ProtobufCFieldDescriptor *name = msg_field(m->descriptor, "name"), *value = msg_field(m->descriptor, "value");
    if (m->descriptor->n_fields != 2 || !name || !value || !msg_count(m, name))
        return false;
    text_pad(b, od_str_c(msg_value(m, name, 0)), LABEL_COLUMN, false);
    od_buf_char(b, ' ');
    if (msg_count(m, value))
        text_clean(b, od_str_c(msg_value(m, value, 0)));
    od_buf_char(b, '\n');
    return true;
}

static void card_put(struct od_buf *b, const ProtobufCMessage *m, const char *prefix, const struct od_zone *zone)
{
    for (unsigned k = 0; k < m->descriptor->n_fields; k++) {
        const ProtobufCFieldDescriptor *f = &m->descriptor->fields[k];
        size_t n = msg_count(m, f);
        if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
            bool list = f->label == PROTOBUF_C_LABEL_REPEATED;
            for (size_t i = 0; i < n; i++) {
                const ProtobufCMessage *member = msg_value(m, f, i);
                /* the one thing that the answer is about needs no heading */
                const char *heading = m->descriptor->n_fields == 1 || !strcmp(f->name, "request") || !strcmp(f->name, "customer")
                                          ? ""
                                          : f->name;
                if (!list || !pair_put(b, member))
                    card_put(b, member, heading, zone);
            }
            continue;
        }
        if (!n)
            continue;
        label_put(b, prefix, f->name);
        for (size_t i = 0; i < n; i++) {
            od_buf_c(b, i ? ", " : "");
            value_put(b, m, f, i, zone);
        }
        od_buf_char(b, '\n');
    }
}

static void message_csv(struct od_buf *head, struct od_buf *line, const ProtobufCMessage *m, const char *prefix,
                        const struct od_zone *zone)
{
    for (unsigned k = 0; k < m->descriptor->n_fields; k++) {
        const ProtobufCFieldDescriptor *f = &m->descriptor->fields[k];
        size_t n = msg_count(m, f);
        char path[128];
        snprintf(path, sizeof path, "%s%s%s", prefix, prefix[0] ? "." : "", f->name);
        if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
            if (n && f->label != PROTOBUF_C_LABEL_REPEATED)
                message_csv(head, line, msg_value(m, f, 0), path, zone);
            continue;
        }
        struct od_buf cell;
        od_buf_init(&cell, CELL_BYTES_MAX);
        for (size_t i = 0; i < n; i++) {
            od_buf_c(&cell, i ? ";" : "");
            msg_show(&cell, m, f, i, zone, false);
        }
        od_buf_c(head, head->n ? "," : "");
        od_buf_c(head, path);
        od_buf_c(line, line->n || k ? "," : "");
        out_csv_cell(line, od_buf_view(&cell));
        od_buf_done(&cell);
    }
}

void out_message(struct out *out, const ProtobufCMessage *m)
{
    struct od_buf b, line;
    if (out->format == OUT_JSON) {
        out_json(out, msg_to_json(m, out->zone));
        return;
    }
    od_buf_init(&b, SIZE_MAX);
    if (out->format == OUT_CSV) {
        od_buf_init(&line, SIZE_MAX);
        message_csv(&b, &line, m, "", out->zone);
        od_buf_c(&b, "\r\n");
        od_buf_str(&b, od_buf_view(&line));
        od_buf_c(&b, "\r\n");
        od_buf_done(&line);
    } else {
        card_put(&b, m, "", out->zone);
        if (!b.n)
            od_buf_c(&b, "done\n");
    }
    buf_print(out, &b);
}

/* --- lists ------------------------------------------------------------------------------------------------------------ */

void rows_begin(struct rows *r, struct out *out, const struct column *columns)
{
    memset(r, 0, sizeof *r);
    r->out = out;
    r->columns = columns;
    while (columns[r->n_columns].title)
        r->n_columns++;
    r->widths = od_xcalloc(r->n_columns, sizeof *r->widths);
    r->right = od_xcalloc(r->n_columns, sizeof *r->right);
    od_buf_init(&r->cells, SIZE_MAX);
    for (size_t i = 0; i < r->n_columns; i++)
        r->widths[i] = text_width(od_str_c(columns[i].title));
}

/* JSON and CSV begin with the first row or with the end, so that a call that is refused prints nothing. */
static void head_print(struct rows *r)
{
    if (r->headed)
        return;
    r->headed = true;
    if (r->out->format == OUT_JSON) {
        fputs("{\"rows\":[", r->out->f);
        return;
    }
    for (size_t i = 0; i < r->n_columns; i++)
        fprintf(r->out->f, "%s%s", i ? "," : "", r->columns[i].path);
    fputs("\r\n", r->out->f);
}

/* The widest columns give way until the line fits. */
static void widths_fit(struct rows *r)
{
    size_t total = r->n_columns ? 2 * (r->n_columns - 1) : 0;
    for (size_t i = 0; i < r->n_columns; i++)
        total += r->widths[i];
    while (r->out->width && total > r->out->width) {
        size_t widest = 0;
        for (size_t i = 1; i < r->n_columns; i++)
            if (r->widths[i] >= r->widths[widest])
                widest = i;
        if (r->widths[widest] <= COLUMN_MIN)
            break;
        r->widths[widest]--;
        total--;
    }
}

static void line_print(struct rows *r, const char *const cells[], bool head)
{
    struct od_buf b;
    od_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < r->n_columns; i++) {
        if (i)
            od_buf_c(&b, "  ");
        text_pad(&b, od_str_c(cells[i]), r->widths[i], r->right[i]);
    }
    while (b.n && b.p[b.n - 1] == ' ')
        b.n--;
    if (head && r->out->color)
        fprintf(r->out->f, "\033[1m" OD_STR_FMT "\033[0m\n", OD_STR_ARG(od_buf_view(&b)));
    else
        fprintf(r->out->f, OD_STR_FMT "\n", OD_STR_ARG(od_buf_view(&b)));
    od_buf_done(&b);
}

static void waiting_print(struct rows *r)
{
    const char **cells = od_xcalloc(r->n_columns, sizeof *cells);
    const char *at = r->cells.p;
    if (!r->headed) {
        r->headed = true;
        widths_fit(r);
        for (size_t i = 0; i < r->n_columns; i++)
            cells[i] = r->columns[i].title;
        line_print(r, cells, true);
    }
    for (size_t k = 0; k < r->n_waiting; k++) {
        for (size_t i = 0; i < r->n_columns; i++) {
            cells[i] = at;
            at += strlen(at) + 1;
        }
        line_print(r, cells, false);
    }
    od_buf_clear(&r->cells);
    r->n_waiting = 0;
    free(cells);
}

static void row_table(struct rows *r, const ProtobufCMessage *row)
{
    for (size_t i = 0; i < r->n_columns; i++) {
        const ProtobufCMessage *m;
        const ProtobufCFieldDescriptor *f;
        size_t from = r->cells.n;
        if (msg_path(row, r->columns[i].path, &m, &f)) {
            r->right[i] = f->type == PROTOBUF_C_TYPE_INT64 || f->type == PROTOBUF_C_TYPE_UINT32 ||
                          f->type == PROTOBUF_C_TYPE_UINT64 || f->type == PROTOBUF_C_TYPE_INT32;
            for (size_t k = 0; f->type != PROTOBUF_C_TYPE_MESSAGE && k < msg_count(m, f); k++) {
                od_buf_c(&r->cells, k ? ", " : "");
                value_put(&r->cells, m, f, k, r->out->zone);
            }
        }
        size_t width = text_width((struct od_str){r->cells.p + from, r->cells.n - from});
        od_buf_char(&r->cells, '\0');
        if (!r->headed && width > r->widths[i])
            r->widths[i] = width;
    }
    r->n_waiting++;
    if (r->n_waiting == WAITING_ROWS_MAX)
        waiting_print(r);
}

static void row_csv(struct rows *r, const ProtobufCMessage *row)
{
    struct od_buf b, cell;
    od_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < r->n_columns; i++) {
        const ProtobufCMessage *m;
        const ProtobufCFieldDescriptor *f;
        od_buf_c(&b, i ? "," : "");
        if (!msg_path(row, r->columns[i].path, &m, &f) || f->type == PROTOBUF_C_TYPE_MESSAGE)
            continue;
        od_buf_init(&cell, CELL_BYTES_MAX);
        for (size_t k = 0; k < msg_count(m, f); k++) {
            od_buf_c(&cell, k ? ";" : "");
            msg_show(&cell, m, f, k, r->out->zone, false);
        }
        out_csv_cell(&b, od_buf_view(&cell));
        od_buf_done(&cell);
    }
    od_buf_c(&b, "\r\n");
    buf_print(r->out, &b);
}

void rows_add(struct rows *r, const ProtobufCMessage *row)
{
    if (r->out->format != OUT_TABLE)
        head_print(r);
    if (r->out->format == OUT_CSV) {
        row_csv(r, row);
    } else if (r->out->format == OUT_TABLE) {
        row_table(r, row);
    } else {
        json_t *json = msg_to_json(row, r->out->zone);
        fputs(r->n ? ",\n " : "\n ", r->out->f);
        json_dumpf(json, r->out->f, JSON_COMPACT);
        json_decref(json);
    }
    r->n++;
}

void rows_end(struct rows *r, const ProtobufCBinaryData *cursor)
{
    struct od_buf hex;
    od_buf_init(&hex, 8192);
    if (r->out->format != OUT_TABLE)
        head_print(r);
    for (size_t i = 0; cursor && i < cursor->len; i++)
        od_buf_printf(&hex, "%02x", cursor->data[i]);
    if (r->out->format == OUT_JSON) {
        fputs(r->n ? "\n]" : "]", r->out->f);
        if (hex.n)
            fprintf(r->out->f, ",\"cursor\":\"%s\"", od_buf_cstr(&hex));
        fputs("}\n", r->out->f);
    } else if (r->out->format == OUT_TABLE) {
        if (!r->n)
            fputs("nothing found\n", r->out->f);
        else if (r->n_waiting)
            waiting_print(r);
        if (hex.n)
            fprintf(r->out->f, "more: --cursor %s\n", od_buf_cstr(&hex));
    }
    od_buf_done(&hex);
    rows_drop(r);
}

void rows_drop(struct rows *r)
{
    od_buf_done(&r->cells);
    free(r->widths);
    free(r->right);
}
