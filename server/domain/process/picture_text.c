/* SPDX-License-Identifier: Apache-2.0
 * Text of the picture. SVG does not wrap: lines are cut here, by about the widths that letters have in a sans-serif font. */
#include "server/domain/process/picture_canvas.h"

enum { FONT_PX = 12, LINE_PX = 14, LABEL_FONT_PX = 11, LABEL_LINE_PX = 13, LABEL_WIDTH_MIN = 90, LINES_MAX = 24 };
static const char ELLIPSIS[] = "\xE2\x80\xA6";

struct font {
    double px, line;
    const char *class_;
};
static const struct font inside = {FONT_PX, LINE_PX, ""}, outside = {LABEL_FONT_PX, LABEL_LINE_PX, " class=\"h\""};

void picture_escaped(struct od_buf *out, struct od_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\t' ? ' ' : s.p[i];
        xml_escaped(out, (struct od_str){&c, 1}, true);
    }
}

/* Bytes of the character at s, and about how wide it is, as a part of the font's size. */
static size_t character(struct od_str s, double *ret_em)
{
    unsigned char c = (unsigned char)s.p[0];
    size_t n = 1;
    while (n < s.n && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n++;
    if (c >= 0xE1) /* from U+1000 on: most are as wide as high; but punctuation is U+20xx */
        *ret_em = c == 0xE2 ? 0.6 : 1;
    else if (c >= 0x80)
        *ret_em = 0.6;
    else if (strchr("ijl|!'.,:;", c))
        *ret_em = 0.25;
    else if (strchr(" ftrI/\\()[]{}-\"", c))
        *ret_em = 0.35;
    else if (strchr("mwMW@%", c))
        *ret_em = 0.87;
    else
        *ret_em = c >= 'A' && c <= 'Z' ? 0.7 : 0.56;
    return n;
}

/* The first line of s: up to a line break, the last space before the width, or the width itself. At least one character. */
static struct od_str line_of(struct od_str s, double width_em)
{
    size_t at = 0, space = 0;
    double x = 0, em;
    while (at < s.n && s.p[at] != '\n') {
        size_t n = character((struct od_str){s.p + at, s.n - at}, &em);
        if (at && x + em > width_em)
            return (struct od_str){s.p, space ? space : at};
        x += em;
        if (s.p[at] == ' ')
            space = at;
        at += n;
    }
    return (struct od_str){s.p, at};
}

/* Lines of s; *ret_rest is what max lines do not hold. */
static size_t wrap(struct od_str s, double width_em, struct od_str *lines, size_t max, struct od_str *ret_rest)
{
    size_t n = 0;
    s = od_str_trim(s);
    while (s.n && n < max) {
        lines[n] = line_of(s, width_em);
        size_t used = lines[n].n;
        lines[n] = od_str_trim(lines[n]);
        n++;
        s = od_str_trim((struct od_str){s.p + used, s.n - used});
    }
    *ret_rest = s;
    return n;
}

double picture_text_height(struct od_str s, double width)
{
    struct od_str lines[LINES_MAX], rest;
    return (double)wrap(s, width / inside.px, lines, LINES_MAX, &rest) * inside.line;
}

static void put_lines(struct canvas *c, const struct font *f, struct od_str *lines, size_t n, bool cut, double x, double y, bool left)
{
    for (size_t i = 0; i < n; i++) {
        od_buf_printf(c->out, "<text%s%s x=\"%.1f\" y=\"%.1f\">", f->class_, left ? " style=\"text-anchor:start\"" : "", x,
                      y + f->px - 1 + (double)i * f->line);
        picture_escaped(c->out, lines[i]);
        od_buf_c(c->out, cut && i + 1 == n ? ELLIPSIS : "");
        od_buf_c(c->out, "</text>");
    }
}

/* Wraps into at most max lines and makes room for the ellipsis where they do not hold all. */
static size_t fit(struct od_str s, const struct font *f, double width, size_t max, struct od_str *lines, bool *ret_cut)
{
    struct od_str rest;
    double em = width / f->px;
    size_t n = wrap(s, em, lines, max < 1 ? 1 : max < LINES_MAX ? max : LINES_MAX, &rest);
    *ret_cut = rest.n > 0;
    if (*ret_cut && n)
        lines[n - 1] = line_of(lines[n - 1], em - 1);
    return n;
}

void picture_text(struct canvas *c, struct od_str s, struct box b, enum picture_place place)
{
    struct od_str lines[LINES_MAX];
    bool cut, left = place == PICTURE_LEFT;
    size_t n = fit(s, &inside, b.w, left ? LINES_MAX : (size_t)(b.h / inside.line), lines, &cut);
    double y = place == PICTURE_TOP ? b.y : b.y + (b.h - (double)n * inside.line) / 2;
    put_lines(c, &inside, lines, n, cut, left ? b.x : b.x + b.w / 2, y, left);
}

void picture_name_put(struct canvas *c, const struct xml_node *di, const struct xml_node *e, double x, double y)
{
    const struct xml_node *label = picture_child(di, XML_NS_BPMNDI, "BPMNLabel");
    struct box at = {x, y, 0, 0};
    if (label && picture_bounds(label, &at))
        at.x += at.w / 2;
    picture_label(c, picture_name(c, e), at.x, at.y, at.w);
}

void picture_label(struct canvas *c, struct od_str s, double x, double y, double width)
{
    struct od_str lines[LINES_MAX];
    bool cut;
    size_t n = fit(s, &outside, width < LABEL_WIDTH_MIN ? LABEL_WIDTH_MIN : width, LINES_MAX, lines, &cut);
    put_lines(c, &outside, lines, n, cut, x, y, false);
}
