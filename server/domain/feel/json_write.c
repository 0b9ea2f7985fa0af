/* SPDX-License-Identifier: Apache-2.0
 * Values as JSON texts, typed and plain. */
#include "server/domain/feel/feel_json.h"

#include "server/domain/feel/temporal.h"

#include "common/base/limits.h"

void feel_json_string(struct od_str s, struct od_buf *out)
{
    size_t from = 0;
    od_buf_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        od_buf_put(out, s.p + from, i - from);
        from = i + 1;
        if (c == '"' || c == '\\')
            od_buf_printf(out, "\\%c", c);
        else if (c == '\n' || c == '\t' || c == '\r')
            od_buf_c(out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
        else
            od_buf_printf(out, "\\u%04x", c);
    }
    if (s.n)
        od_buf_put(out, s.p + from, s.n - from);
    od_buf_char(out, '"');
}

static const char *type_tag(enum feel_kind k)
{
    switch (k) {
    case FEEL_BOOLEAN: return "boolean";
    case FEEL_NUMBER: return "number";
    case FEEL_STRING: return "string";
    case FEEL_DATE: return "date";
    case FEEL_TIME: return "time";
    case FEEL_DATE_TIME: return "dateTime";
    case FEEL_DAYS_DURATION: case FEEL_MONTHS_DURATION: return "duration";
    case FEEL_LIST: return "list";
    case FEEL_CONTEXT: return "context";
    case FEEL_RANGE: return "range";
    case FEEL_FUNCTION: return "function";
    case FEEL_NULL: case FEEL_ANY: break;
    }
    return "null";
}

struct writer {
    struct od_buf *out;
    bool typed;
};

static void write_value(struct writer *w, const struct feel_value *v, unsigned depth);

static void write_list(struct writer *w, const struct feel_list *l, unsigned depth)
{
    od_buf_char(w->out, '[');
    for (size_t i = 0; i < l->n && !w->out->failed; i++) {
        od_buf_c(w->out, i ? "," : "");
        write_value(w, &l->items[i], depth);
    }
    od_buf_char(w->out, ']');
}

static void write_context(struct writer *w, const struct feel_context *c, unsigned depth)
{
    od_buf_char(w->out, '{');
    for (size_t i = 0; i < c->n && !w->out->failed; i++) {
        od_buf_c(w->out, i ? "," : "");
        feel_json_string(c->entries[i].name, w->out);
        od_buf_char(w->out, ':');
        write_value(w, &c->entries[i].value, depth);
    }
    od_buf_char(w->out, '}');
}

/* What JSON has no form for is a string. */
static void write_text(struct writer *w, const struct feel_value *v)
{
    struct od_buf text;
    od_buf_init(&text, w->out->max_bytes);
    feel_value_format(v, &text);
    feel_json_string(od_buf_view(&text), w->out);
    w->out->failed |= text.failed;
    od_buf_done(&text);
}

static void write_content(struct writer *w, const struct feel_value *v, unsigned depth)
{
    switch ((enum feel_kind)v->kind) {
    case FEEL_BOOLEAN: od_buf_c(w->out, v->boolean ? "true" : "false"); break;
    case FEEL_NUMBER:
        if (w->typed)
            write_text(w, v);
        else
            feel_value_format(v, w->out);
        break;
    case FEEL_STRING: feel_json_string(v->string, w->out); break;
    case FEEL_LIST: write_list(w, v->list, depth + 1); break;
    case FEEL_CONTEXT: write_context(w, v->context, depth + 1); break;
    case FEEL_NULL: od_buf_c(w->out, "null"); break;
    case FEEL_DATE: case FEEL_TIME: case FEEL_DATE_TIME: case FEEL_DAYS_DURATION: case FEEL_MONTHS_DURATION: case FEEL_RANGE:
    case FEEL_FUNCTION: case FEEL_ANY: write_text(w, v); break;
    }
}

static void write_value(struct writer *w, const struct feel_value *v, unsigned depth)
{
    if (depth > FEEL_VALUE_DEPTH_MAX)
        w->out->failed = true;
    if (w->out->failed)
        return;
    if (!w->typed) {
        write_content(w, v, depth);
        return;
    }
    od_buf_printf(w->out, "{\"t\":\"%s\"", type_tag((enum feel_kind)v->kind));
    if (v->kind != FEEL_NULL) {
        od_buf_c(w->out, ",\"v\":");
        write_content(w, v, depth);
    }
    od_buf_char(w->out, '}');
}

void feel_json_encode(const struct feel_value *v, struct od_buf *out) { write_value(&(struct writer){out, true}, v, 0); }
void feel_json_encode_plain(const struct feel_value *v, struct od_buf *out) { write_value(&(struct writer){out, false}, v, 0); }
