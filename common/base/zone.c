/* SPDX-License-Identifier: Apache-2.0
 * The process's table of zones, and look-ups in a zone's transitions. A zone's file is read once, when the zone is first
 * wanted; nothing else here, and nothing in another file, knows where it lies. */
#include "common/base/zone.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/tzif.h"

enum {
    ZONE_NAME_MAX = 63,
    FILE_BYTES_MAX = 64 * 1024, /* the longest has under 4,000 */
    TRANSITIONS_MAX = 8192,     /* a zone has some 1,100 in the range that is read */
    BUCKETS = 64,
    OFFSET_HOURS_MAX = 18, /* as ISO 8601 offsets are used; it also bounds how many fixed zones a peer can make */
};

/* Debian's tzdata: what the system's own clock goes by, and what its security updates keep right. */
static const char ZONEINFO[] = "/usr/share/zoneinfo";

/* The 400-year cycle in which every later year has its like. */
#define CYCLE_FROM_YEAR 2100
#define CYCLE_YEARS 400
#define CYCLE_US (INT64_C(146097) * OD_S_PER_DAY * OD_US_PER_S)

struct od_zone {
    struct od_zone *next; /* in its bucket; never changes once published */
    char name[ZONE_NAME_MAX + 1];
    int64_t cycle_from_us; /* instants from here on repeat */
    size_t n;
    struct od_transition t[]; /* t[0].at_us is INT64_MIN */
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

/* A plain path below ZONEINFO and no file of the system's own: its present zone, the same zones with leap seconds. Dots do
 * not get this far. */
static bool is_iana(struct od_str name)
{
    static const char *const not_zones[] = {"Factory", "localtime", "posixrules"};
    static const char *const not_parts[] = {"posix/", "right/", "SystemV/"};
    if (!name.n || name.p[0] == '/' || name.p[name.n - 1] == '/' || memchr(name.p, ':', name.n))
        return false;
    for (size_t i = 0; i < OD_LEN(not_zones); i++)
        if (od_str_eq_c(name, not_zones[i]))
            return false;
    for (size_t i = 0; i < OD_LEN(not_parts); i++)
        if (name.n >= strlen(not_parts[i]) && !memcmp(name.p, not_parts[i], strlen(not_parts[i])))
            return false;
    return true;
}

/* The bytes of a zone's file; their number, 0 if there is none or it cannot be one. */
static size_t file_read(struct od_str name, char out[FILE_BYTES_MAX])
{
    char path[sizeof ZONEINFO + 1 + ZONE_NAME_MAX + 1];
    struct stat st;
    size_t n = 0;
    snprintf(path, sizeof path, "%s/" OD_STR_FMT, ZONEINFO, OD_STR_ARG(name));
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return 0;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= FILE_BYTES_MAX) {
        ssize_t got;
        while (n < (size_t)st.st_size && (got = read(fd, out + n, (size_t)st.st_size - n)) > 0)
            n += (size_t)got;
        if (n < (size_t)st.st_size)
            n = 0;
    }
    close(fd);
    return n;
}

/* Every change of offset up to the end of one cycle; NULL if there is no such zone. */
static struct od_zone *zone_read(struct od_str name)
{
    struct od_zone *z = NULL;
    struct od_transition *t = od_xcalloc(TRANSITIONS_MAX, sizeof *t);
    char *bytes = od_xcalloc(1, FILE_BYTES_MAX);
    size_t n = file_read(name, bytes);
    n = n ? od_tzif_read((struct od_str){bytes, n}, CYCLE_FROM_YEAR + CYCLE_YEARS, t, TRANSITIONS_MAX) : 0;
    if (n) {
        z = zone_alloc(name, n);
        memcpy(z->t, t, n * sizeof *t);
    }
    free(bytes);
    free(t);
    return z;
}

static struct od_zone *zone_new(struct od_str name)
{
    int32_t offset_s;
    if (fixed_offset(name, &offset_s)) {
        struct od_zone *z = zone_alloc(name, 1);
        z->t[0] = (struct od_transition){INT64_MIN, offset_s};
        return z;
    }
    return is_iana(name) ? zone_read(name) : NULL;
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

/* What every name consists of: no more than this reaches the file system. */
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
