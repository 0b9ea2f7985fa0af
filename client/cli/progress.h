/* SPDX-License-Identifier: Apache-2.0
 * Long work on standard error: a bar on a terminal, a line every few seconds elsewhere, nothing with --quiet. Time is an
 * argument. */
#ifndef ORDO_CLI_PROGRESS_H
#define ORDO_CLI_PROGRESS_H

#include "client/cli/cli.h"

struct progress {
    FILE *f;        /* NULL: quiet */
    bool bar;
    size_t width;
    const char *what; /* "events" */
    uint64_t total;
    uint64_t first;   /* done before this run: they count for the bar, not for the speed */
    int64_t start_us, shown_us;
};

void progress_begin(struct progress *p, const struct cli *cli, const char *what, uint64_t first, uint64_t total, int64_t now_us);
void progress_step(struct progress *p, uint64_t done, int64_t now_us);
/* Takes the bar away; other lines may follow. */
void progress_end(struct progress *p);

/* The line as it is shown, without its end; for a bar `width` columns wide. */
void progress_line(struct od_buf *b, const struct progress *p, uint64_t done, int64_t now_us);

#endif
