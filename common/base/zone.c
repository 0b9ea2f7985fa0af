/* SPDX-License-Identifier: Apache-2.0
 * The process's table of zones, and look-ups in a zone's transitions. ICU is asked once per zone, when it is first
 * wanted; nothing else here, and nothing in another file, knows ICU's calendars. */
#include "common/base/zone.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum {
    ZONE_NAME_MAX = 63,
    TRANSITIONS_MAX = 8192, /* a zone has some 1,200 in the range that is read */
    BUCKETS = 64,
    OFFSET_HOURS_MAX = 18, /* as ISO 8601 offsets are used; it also bounds how many fixed zones a peer can make */
};

/* Before the first clocks that any zone's data knows; and the 400-year cycle in which every later year has its like. */
#define RANGE_FROM_YEAR 1700
#define CYCLE_FROM_YEAR 2100
#define CYCLE_US (INT64_C(146097) * OD_S_PER_DAY * OD_US_PER_S)

struct transition {
    int64_t at_us;
    int32_t offset_s; /* from then on */
};

struct od_zone {
    struct od_zone *next; /* in its bucket; never changes once published */
    char name[ZONE_NAME_MAX + 1];
    int64_t cycle_from_us; /* instants from here on repeat */
    size_t n;
    struct transition t[]; /* t[0].at_us is INT64_MIN */
};

/* Readers walk the chains without the lock: a zone is complete before its bucket shows it, and never taken away. */
static struct {
    pthread_mutex_t lock; /* to add */
    struct od_zone *_Atomic buckets[BUCKETS];
} zones = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t year_us(int64_t year) { return od_days_from_civil(year, 1, 1) * OD_S_PER_DAY * OD_US_PER_S; }

/* How far `us` (or a wall time) lies beyond the cycle that was read. */
static int64_t cycles_beyond_us(const struct od_zone *z, int64_t us)
{
    return us < z->cycle_from_us ? 0 : (us - z->cycle_from_us) / CYCLE_US * CYCLE_US;
}

/* The last transition at or before `us`; with `wall` that whose new offset's first wall time is at or before `us`. */
static size_t transition_at(const struct od_zone *z, int64_t us, bool wall)
{
    size_t lo = 0, hi = z->n;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        int64_t at = z->t[mid].at_us + (wall ? z->t[mid].offset_s * OD_US_PER_S : 0);
        if (at <= us)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

const char *od_zone_name(const struct od_zone *z) { return z->name; }

int32_t od_zone_offset_s(const struct od_zone *z, int64_t us)
{
    return z->t[transition_at(z, us - cycles_beyond_us(z, us), false)].offset_s;
}

struct od_zone_stretch od_zone_stretch(const struct od_zone *z, int64_t us)
{
    int64_t beyond = cycles_beyond_us(z, us);
    size_t i = transition_at(z, us - beyond, false);
    struct od_zone_stretch s = {z->t[i].at_us, INT64_MAX, z->t[i].offset_s};
    if (z->n == 1)
        return s; /* it never changes */
    if (beyond)
        s.from_us = (s.from_us < z->cycle_from_us ? z->cycle_from_us : s.from_us) + beyond;
    s.until_us = (i + 1 < z->n ? z->t[i + 1].at_us : z->cycle_from_us + CYCLE_US) + beyond;
    return s;
}

int64_t od_zone_to_us(const struct od_zone *z, int64_t wall_us, bool later)
{
    int64_t beyond = cycles_beyond_us(z, wall_us), wall = wall_us - beyond;
    size_t i = transition_at(z, wall, true);
    int64_t offset_s = z->t[i].offset_s;
    if (i && !later) {
        int64_t before_s = z->t[i - 1].offset_s;
        if (wall < z->t[i].at_us + before_s * OD_US_PER_S) /* the old offset shows this wall time too, and earlier */
            offset_s = before_s;
    }
    return wall_us - offset_s * OD_US_PER_S;
}

/* Two decimal digits. */
static bool two_digits(const char *p, int64_t max, int64_t *ret)
{
    return p[0] >= '0' && p[0] <= '9' && od_str_int((struct od_str){p, 2}, 0, max, ret);
}

/* "+02:00" */
static bool fixed_offset(struct od_str name, int32_t *ret_offset_s)
{
    int64_t h, m;
    if (name.n != 6 || (name.p[0] != '+' && name.p[0] != '-') || name.p[3] != ':' ||
        !two_digits(name.p + 1, OFFSET_HOURS_MAX, &h) || !two_digits(name.p + 4, 59, &m) ||
        (h == OFFSET_HOURS_MAX && m > 0))
        return false;
    *ret_offset_s = (int32_t)(h * 3600 + m * 60) * (name.p[0] == '-' ? -1 : 1);
    return true;
}

static struct od_zone *zone_alloc(struct od_str name, size_t n)
{
    struct od_zone *z = od_xcalloc(1, sizeof *z + n * sizeof *z->t);
    memcpy(z->name, name.p, name.n);
    z->cycle_from_us = year_us(CYCLE_FROM_YEAR);
    z->n = n;
    return z;
}

/* ICU also knows abbreviations of its own, and not as one would think: its BST is Bangladesh. These are IANA's. */
static bool is_iana(struct od_str name)
{
    static const char *const short_names[] = {"CET", "EET", "EST", "GMT", "HST", "MET", "MST",
                                              "PRC", "ROC", "ROK", "UCT", "UTC", "WET"};
    if (name.n >= 9 && !memcmp(name.p, "SystemV/", 8))
        return false;
    if (name.n != 3)
        return !od_str_eq(name, OD_STR("Factory"));
    for (size_t i = 0; i < OD_LEN(short_names); i++)
        if (od_str_eq_c(name, short_names[i]))
            return true;
    return false;
}

/* ICU opens any name, an unknown one as GMT without an error: only isSystemID tells them apart. */
static UCalendar *icu_open(struct od_str name)
{
    UChar id[ZONE_NAME_MAX + 1], canonical[ZONE_NAME_MAX + 1];
    UBool is_system = 0;
    UErrorCode e = U_ZERO_ERROR;
    u_charsToUChars(name.p, id, (int32_t)name.n);
    id[name.n] = 0;
    ucal_getCanonicalTimeZoneID(id, (int32_t)name.n, canonical, (int32_t)OD_LEN(canonical), &is_system, &e);
    if (U_FAILURE(e) || !is_system)
        return NULL;
    UCalendar *cal = ucal_open(id, (int32_t)name.n, "en", UCAL_GREGORIAN, &e);
    if (U_SUCCESS(e))
        return cal;
    ucal_close(cal);
    return NULL;
}

static int32_t icu_offset_s(UCalendar *cal, UDate ms, UErrorCode *e)
{
    ucal_setMillis(cal, ms, e);
    return (ucal_get(cal, UCAL_ZONE_OFFSET, e) + ucal_get(cal, UCAL_DST_OFFSET, e)) / 1000;
}

/* Every change of offset up to the end of one cycle; NULL if ICU fails. A change of name alone is none. */
static struct od_zone *icu_read(UCalendar *cal, struct od_str name)
{
    UErrorCode e = U_ZERO_ERROR;
    const int64_t from_ms = year_us(RANGE_FROM_YEAR) / OD_US_PER_MS,
                  until_ms = (year_us(CYCLE_FROM_YEAR) + CYCLE_US) / OD_US_PER_MS;
    const UDate end_ms = (UDate)until_ms;
    UDate ms = (UDate)from_ms;
    struct transition *t = od_xcalloc(TRANSITIONS_MAX, sizeof *t);
    size_t n = 1;
    t[0] = (struct transition){INT64_MIN, icu_offset_s(cal, ms, &e)};
    while (U_SUCCESS(e) && n < TRANSITIONS_MAX) {
        UDate next;
        ucal_setMillis(cal, ms, &e);
        if (!ucal_getTimeZoneTransitionDate(cal, UCAL_TZ_TRANSITION_NEXT, &next, &e) || U_FAILURE(e) || next <= ms ||
            next >= end_ms)
            break;
        ms = next;
        int32_t offset_s = icu_offset_s(cal, ms, &e);
        if (offset_s != t[n - 1].offset_s)
            t[n++] = (struct transition){(int64_t)ms * OD_US_PER_MS, offset_s};
    }
    struct od_zone *z = NULL;
    if (U_SUCCESS(e) && n < TRANSITIONS_MAX) {
        z = zone_alloc(name, n);
        memcpy(z->t, t, n * sizeof *t);
    }
    free(t);
    return z;
}

static struct od_zone *zone_new(struct od_str name)
{
    int32_t offset_s;
    if (fixed_offset(name, &offset_s)) {
        struct od_zone *z = zone_alloc(name, 1);
        z->t[0] = (struct transition){INT64_MIN, offset_s};
        return z;
    }
    UCalendar *cal = is_iana(name) ? icu_open(name) : NULL;
    struct od_zone *z = cal ? icu_read(cal, name) : NULL;
    ucal_close(cal);
    return z;
}

static unsigned bucket_of(struct od_str name)
{
    uint32_t h = 2166136261U; /* FNV-1a */
    for (size_t i = 0; i < name.n; i++)
        h = (h ^ (unsigned char)name.p[i]) * 16777619U;
    return h % BUCKETS;
}

static const struct od_zone *table_find(unsigned bucket, struct od_str name)
{
    const struct od_zone *z = atomic_load_explicit(&zones.buckets[bucket], memory_order_acquire);
    while (z && !od_str_eq_c(name, z->name))
        z = z->next;
    return z;
}

static const struct od_zone *table_add(unsigned bucket, struct od_str name)
{
    od_assert(pthread_mutex_lock(&zones.lock) == 0);
    const struct od_zone *z = table_find(bucket, name); /* somebody may have been faster */
    if (!z) {
        struct od_zone *made = zone_new(name);
        if (made) {
            made->next = atomic_load_explicit(&zones.buckets[bucket], memory_order_relaxed);
            atomic_store_explicit(&zones.buckets[bucket], made, memory_order_release);
        }
        z = made;
    }
    od_assert(pthread_mutex_unlock(&zones.lock) == 0);
    return z;
}

/* What every name consists of: no more than this reaches ICU. */
static bool name_is_sane(struct od_str name)
{
    if (!name.n || name.n > ZONE_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("+-/_:", c))))
            return false;
    }
    return true;
}

enum od_status od_zone_get(struct od_str name, const struct od_zone **ret_zone, struct od_err *err)
{
    const struct od_zone *z = NULL;
    if (name_is_sane(name)) {
        unsigned bucket = bucket_of(name);
        z = table_find(bucket, name);
        if (!z)
            z = table_add(bucket, name);
    }
    if (!z) {
        size_t shown = name.n > ZONE_NAME_MAX ? ZONE_NAME_MAX : name.n;
        while (shown < name.n && shown && ((unsigned char)name.p[shown] & 0xc0) == 0x80)
            shown--; /* not in the middle of a character */
        return od_fail(err, OD_R_ZONE_UNKNOWN, "zone=%.*s", (int)shown, name.p);
    }
    *ret_zone = z;
    return OD_OK;
}
