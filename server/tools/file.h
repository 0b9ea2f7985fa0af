/* SPDX-License-Identifier: Apache-2.0
 * How the tools read a file. */
#ifndef TOOLS_FILE_H
#define TOOLS_FILE_H

#include <errno.h>
#include <stdio.h>

#include "common/base/arena.h"
#include "common/base/buf.h"

/* All of a file, copied into arena; "-" is standard input. false with errno, which is 0 where it has more than max bytes. */
static inline bool tool_file_read(const char *path, size_t max, struct od_arena *arena, struct od_str *ret)
{
    bool standard = !strcmp(path, "-");
    FILE *f = standard ? stdin : fopen(path, "rb");
    struct od_buf b;
    char chunk[16384];
    size_t n;
    if (!f)
        return false;
    od_buf_init(&b, max);
    errno = 0;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        od_buf_put(&b, chunk, n);
    bool ok = !ferror(f) && !b.failed;
    int why = errno;
    if (!standard)
        fclose(f);
    *ret = od_arena_copy(arena, od_buf_view(&b));
    od_buf_done(&b);
    errno = ok ? 0 : why;
    return ok && (ret->p || !ret->n);
}

#endif
