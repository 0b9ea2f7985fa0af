/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a model: read, judged, compiled both ways, drawn, written and read again. What is read must survive the round trip. */
#include "common/base/limits.h"
#include "server/domain/process/def.h"
#include "server/domain/process/picture.h"
#include "tests/fuzz/fuzz.h"

enum { ARENA_BYTES = 64 << 20, PICTURE_BYTES = 4 << 20 };

static void compile(const struct model *m, struct od_arena *arena, struct lint_report *report)
{
    struct od_err err;
    const struct def *d, *again;
    for (unsigned i = 0; i < m->file.n_elements; i++) {
        const struct xml_node *e = m->file.elements[i];
        if (e->kind != BPMN_PROCESS && e->kind != BPMN_GLOBAL_SCRIPT_TASK)
            continue;
        for (int profile = DEF_DEPLOY; profile <= DEF_SIMULATE; profile++) {
            if (def_compile(m, e, (enum def_profile)profile, NULL, arena, report, &d, &err) != OD_OK || !d)
                continue;
            struct od_buf b;
            od_buf_init(&b, PICTURE_BYTES);
            def_encode(d, &b);
            if (!b.failed && !arena->exhausted) {
                enum od_status s = def_decode(od_buf_view(&b), NULL, arena, &again, &err);
                od_assert(s == OD_OK || arena->exhausted);
            }
            od_buf_done(&b);
        }
    }
}

static void round_trip(const struct model *m, struct od_arena *arena)
{
    struct od_buf b;
    struct model *again;
    struct od_err err;
    od_buf_init(&b, PICTURE_BYTES);
    xml_write(m->file.doc.root, &b);
    if (!b.failed && model_read(od_buf_view(&b), NULL, arena, &again, &err) == OD_OK)
        od_assert(arena->exhausted || xml_same(m->file.doc.root, again->file.doc.root));
    od_buf_clear(&b);
    picture_draw(m, NULL, 0, &b);
    od_buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct od_arena arena;
    struct lint_report report;
    struct model *m;
    struct od_err err;
    if (size > 16384)
        return 0;
    od_arena_init(&arena, ARENA_BYTES);
    lint_report_init(&report, LINT_MODELING, &arena);
    if (model_read((struct od_str){(const char *)data, size}, NULL, &arena, &m, &err) == OD_OK) {
        lint_model(m, &report);
        compile(m, &arena, &report);
        round_trip(m, &arena);
    }
    od_arena_done(&arena);
    return 0;
}
