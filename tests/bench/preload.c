/* SPDX-License-Identifier: Apache-2.0
 * The parts of preloaded rows that only the product's own code can write.
 *
 *   preload targets | specs | fields    packed messages as hex: what each SLA promises, a type's fields, a request's
 *   preload requests N UNTIL_US         N lines, created a tenth of a second apart, the last at UNTIL_US: index, created, response
 *                                       due, resolution due (microseconds), clock as hex; by tabs */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin.pb-c.h"
#include "request.pb-c.h"

#include "common/base/str.h"
#include "server/domain/sla/clock_bytes.h"

/* Long enough that nothing falls due while it is measured. */
static const struct sla_amount RESPONSE = {.seconds = 14400}, RESOLUTION = {.seconds = 86400};

static void hex_line(const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%02x", ((const unsigned char *)p)[i]);
    putchar('\n');
}

static void message_line(const ProtobufCMessage *m)
{
    uint8_t packed[1024];
    od_assert(protobuf_c_message_get_packed_size(m) <= sizeof packed);
    hex_line(packed, protobuf_c_message_pack(m, packed));
}

static void targets(void)
{
    Ordo__SlaTarget rows[4], *at[4];
    Ordo__SlaPutReq m = ORDO__SLA_PUT_REQ__INIT;
    for (unsigned i = 0; i < 4; i++) {
        rows[i] = (Ordo__SlaTarget)ORDO__SLA_TARGET__INIT;
        rows[i].has_priority = rows[i].has_response_s = rows[i].has_resolution_s = 1;
        rows[i].priority = i + 1;
        rows[i].response_s = RESPONSE.seconds;
        rows[i].resolution_s = RESOLUTION.seconds;
        at[i] = &rows[i];
    }
    m.n_targets = 4;
    m.targets = at;
    message_line(&m.base);
}

static void specs(void)
{
    static char names[][8] = {"serial", "site"};
    Ordo__FieldSpec rows[2], *at[2];
    Ordo__FieldSpecs m = ORDO__FIELD_SPECS__INIT;
    for (unsigned i = 0; i < 2; i++) {
        rows[i] = (Ordo__FieldSpec)ORDO__FIELD_SPEC__INIT;
        rows[i].name = names[i];
        rows[i].has_kind = rows[i].has_mandatory = 1;
        rows[i].kind = ORDO__FIELD_KIND__TEXT;
        rows[i].mandatory = 1;
        at[i] = &rows[i];
    }
    m.n_fields = 2;
    m.fields = at;
    message_line(&m.base);
}

static void fields(void)
{
    static char texts[][2][16] = {{"serial", "A-1234"}, {"site", "North building"}};
    Ordo__Field rows[2], *at[2];
    Ordo__RequestRegisterReq m = ORDO__REQUEST_REGISTER_REQ__INIT;
    for (unsigned i = 0; i < 2; i++) {
        rows[i] = (Ordo__Field)ORDO__FIELD__INIT;
        rows[i].name = texts[i][0];
        rows[i].value = texts[i][1];
        at[i] = &rows[i];
    }
    m.n_fields = 2;
    m.fields = at;
    message_line(&m.base);
}

static void requests(int64_t n, int64_t until_us)
{
    struct od_arena arena;
    struct sla_terms terms = {.response_rule = SLA_RESPONSE_TAKE, .response = RESPONSE, .resolution = RESOLUTION};
    od_arena_init(&arena, 1 << 20);
    enum od_status s = calendar_parse(OD_STR("mon-sun 00:00-24:00"), OD_STR(""), OD_STR("UTC"), &arena, &terms.calendar, NULL);
    od_assert(s == OD_OK);
    for (int64_t i = 0; i < n; i++) {
        struct sla_clock c;
        unsigned char bytes[SLA_CLOCK_BYTES_MAX];
        s = sla_start(&c, &terms, until_us - (n - 1 - i) * OD_US_PER_S / 10, NULL);
        od_assert(s == OD_OK);
        printf("%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t", i, c.created_us, c.response.due_us, c.resolution.due_us);
        hex_line(bytes, sla_clock_encode(&c, bytes));
    }
    od_arena_done(&arena);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } kinds[] = {{"targets", targets}, {"specs", specs}, {"fields", fields}};
    int64_t n, until_us;
    if (argc == 4 && !strcmp(argv[1], "requests") && od_str_int(od_str_c(argv[2]), 1, 10000000, &n) &&
        od_str_int(od_str_c(argv[3]), 0, INT64_MAX, &until_us)) {
        requests(n, until_us);
        return 0;
    }
    for (size_t i = 0; argc == 2 && i < OD_LEN(kinds); i++) {
        if (!strcmp(argv[1], kinds[i].name)) {
            kinds[i].print();
            return 0;
        }
    }
    fprintf(stderr, "usage: preload targets|specs|fields, preload requests N UNTIL_US\n");
    return 64;
}
