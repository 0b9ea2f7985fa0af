/* SPDX-License-Identifier: Apache-2.0
 * How far long work has come, how fast it goes, and how long it will take. */
#include "client/cli/progress.h"

#include "common/base/time.h"

enum { BAR_EVERY_MS = 100, LINE_EVERY_MS = 5000, BAR_MAX = 30, TEXT_ROOM = 60, WIDTH_DEFAULT = 80 };

void progress_begin(struct progress *p, const struct cli *cli, const char *what, uint64_t first, uint64_t total, int64_t now_us)
{
    *p = (struct progress){
        .f = cli->global.quiet ? NULL : cli->err,
        .bar = cli->err_terminal,
        .width = cli->err_width ? cli->err_width : WIDTH_DEFAULT,
        .what = what,
        .first = first,
        .total = total,
        .start_us = now_us,
        .shown_us = now_us,
    };
}

static void duration_put(struct od_buf *b, int64_t seconds)
{
    if (seconds >= 3600)
        od_buf_printf(b, "%lld:%02lld:%02lld", (long long)(seconds / 3600), (long long)(seconds / 60 % 60), (long long)(seconds % 60));
    else
        od_buf_printf(b, "%lld:%02lld", (long long)(seconds / 60), (long long)(seconds % 60));
}

void progress_line(struct od_buf *b, const struct progress *p, uint64_t done, int64_t now_us)
{
    int64_t spent_us = now_us - p->start_us;
    uint64_t here = done - p->first, left = p->total > done ? p->total - done : 0;
    uint64_t percent = p->total ? done * 100 / p->total : 100;
    if (p->bar) {
        size_t cells = p->width > TEXT_ROOM + 4 ? p->width - TEXT_ROOM - 4 : 0;
        cells = cells > BAR_MAX ? BAR_MAX : cells;
        size_t full = p->total ? (size_t)(done * cells / p->total) : cells;
        if (cells)
            od_buf_char(b, '[');
        for (size_t i = 0; i < cells; i++)
            od_buf_char(b, i < full ? '#' : '.');
        if (cells)
            od_buf_c(b, "] ");
    }
    od_buf_printf(b, "%3llu %%  %llu of %llu %s", (unsigned long long)percent, (unsigned long long)done,
                  (unsigned long long)p->total, p->what);
    if (spent_us < OD_US_PER_S / 2 || !here)
        return;
    od_buf_printf(b, ", %llu/s", (unsigned long long)(here * 1000 / (uint64_t)(spent_us / 1000)));
    if (left) {
        od_buf_c(b, ", ");
        duration_put(b, (int64_t)((long double)spent_us / (long double)here * (long double)left / 1e6L + 0.5L));
        od_buf_c(b, " left");
    }
}

void progress_step(struct progress *p, uint64_t done, int64_t now_us)
{
    struct od_buf b;
    if (!p->f || now_us - p->shown_us < (p->bar ? BAR_EVERY_MS : LINE_EVERY_MS) * OD_US_PER_MS)
        return;
    p->shown_us = now_us;
    od_buf_init(&b, 1024);
    progress_line(&b, p, done, now_us);
    if (p->bar)
        fprintf(p->f, "\r\033[K%s", od_buf_cstr(&b));
    else
        fprintf(p->f, "%s\n", od_buf_cstr(&b));
    fflush(p->f);
    od_buf_done(&b);
}

void progress_end(struct progress *p)
{
    if (p->f && p->bar && p->shown_us != p->start_us)
        fputs("\r\033[K", p->f);
}
