/* SPDX-License-Identifier: Apache-2.0
 * The report over what is stored. In JSON its figures are objects by name, and durations are seconds. */
#include "client/cli/cli.h"

#include <stdlib.h>
#include <string.h>

static const struct opt SUMMARY_OPTIONS[] = {
    {.name = "from", .kind = OPT_FIELD, .field = "from_us", .value = "TIME",
     .help = "requests registered at this time or later"},
    {.name = "to", .kind = OPT_FIELD, .field = "to_us", .value = "TIME", .help = "requests registered before this time"},
    {.name = "branch", .letter = 'b', .kind = OPT_FIELD, .field = "branch_id", .lookup = "branch",
     .help = "of this branch only"},
    {0},
};

#define US_PER_S 1000000

static json_t *seconds_json(int64_t us)
{
    return us % US_PER_S ? json_real((double)us / US_PER_S) : json_integer(us / US_PER_S);
}

static void count_add(json_t *o, const char *name, uint64_t n)
{
    json_t *had = json_object_get(o, name);
    json_object_set_new(o, name, json_integer((had ? json_integer_value(had) : 0) + (json_int_t)n));
}

static json_t *counts_json(Ordo__Count *const counts[], size_t n)
{
    json_t *o = json_object();
    for (size_t i = 0; i < n; i++)
        count_add(o, counts[i]->name ? counts[i]->name : "", counts[i]->n);
    return o;
}

/* A request that is open, given to somebody or in work is open to those who wait for it. */
static const char *state_group(const char *state)
{
    static const char *const open[] = {"open", "assigned", "assigned_to", "in_work"};
    for (size_t i = 0; i < OD_LEN(open); i++)
        if (!strcmp(state, open[i]))
            return "open";
    return state;
}

static json_t *states_json(const Ordo__ReportSummaryRep *rep)
{
    json_t *o = json_object();
    for (size_t i = 0; i < rep->n_by_state; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s", rep->by_state[i]->name ? rep->by_state[i]->name : "");
        for (char *p = name; *p; p++)
            *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p == ' ' ? '_' : *p;
        count_add(o, state_group(name), rep->by_state[i]->n);
    }
    return o;
}

static json_t *levels_json(const Ordo__ReportSummaryRep *rep)
{
    json_t *o = json_object();
    for (size_t i = 0; i < rep->n_by_level; i++) {
        const Ordo__LevelMarks *l = rep->by_level[i];
        json_object_set_new(o, l->level ? l->level : "",
                            json_pack("{s:I, s:I, s:I, s:I}", "response_met", (json_int_t)l->response_met, "response_missed",
                                      (json_int_t)l->response_missed, "resolution_met", (json_int_t)l->resolution_met,
                                      "resolution_missed", (json_int_t)l->resolution_missed));
    }
    return o;
}

static json_t *quantiles_json(bool has_median, int64_t median_us, bool has_p90, int64_t p90_us)
{
    json_t *o = json_object();
    json_object_set_new(o, "median", has_median ? seconds_json(median_us) : json_null());
    json_object_set_new(o, "p90", has_p90 ? seconds_json(p90_us) : json_null());
    return o;
}

static json_t *report_json(const Ordo__ReportSummaryRep *rep)
{
    json_t *o = json_object();
    json_object_set_new(o, "requests", json_integer((json_int_t)rep->requests));
    json_object_set_new(o, "events", json_integer((json_int_t)rep->events));
    json_object_set_new(o, "by_state", states_json(rep));
    json_object_set_new(o, "by_workgroup", counts_json(rep->by_department, rep->n_by_department));
    json_object_set_new(o, "by_service_level", levels_json(rep));
    json_object_set_new(o, "events_by_specialist", counts_json(rep->events_by_specialist, rep->n_events_by_specialist));
    json_object_set_new(o, "requests_by_customer", counts_json(rep->by_customer, rep->n_by_customer));
    json_object_set_new(o, "waiting_seconds", seconds_json(rep->waiting_us));
    json_object_set_new(o, "lead_seconds", quantiles_json(rep->has_lead_median_us, rep->lead_median_us, rep->has_lead_p90_us,
                                                          rep->lead_p90_us));
    json_object_set_new(o, "working_lead_seconds",
                        quantiles_json(rep->has_working_lead_median_us, rep->working_lead_median_us, rep->has_working_lead_p90_us,
                                       rep->working_lead_p90_us));
    return o;
}

/* --- for people ------------------------------------------------------------------------------------------------------- */

static void duration_put(struct od_buf *b, int64_t us)
{
    int64_t s = us / US_PER_S;
    if (s >= 86400)
        od_buf_printf(b, "%lld d ", (long long)(s / 86400));
    od_buf_printf(b, "%lld:%02lld:%02lld", (long long)(s % 86400 / 3600), (long long)(s % 3600 / 60), (long long)(s % 60));
}

static void duration_row(struct out *out, const char *label, bool has, int64_t us)
{
    struct od_buf b;
    od_buf_init(&b, 128);
    if (has)
        duration_put(&b, us);
    else
        od_buf_char(&b, '-');
    fprintf(out->f, "  %-22s %s\n", label, od_buf_cstr(&b));
    od_buf_done(&b);
}

static const struct column COUNT_COLUMNS[] = {{"NAME", "name"}, {"N", "n"}, {0}};
static const struct column LEVEL_COLUMNS[] = {
    {"LEVEL", "level"}, {"RESPONSE MET", "response_met"}, {"MISSED", "response_missed"}, {"RESOLUTION MET", "resolution_met"},
    {"MISSED", "resolution_missed"}, {0},
};

static void counts_table(struct out *out, const char *heading, Ordo__Count *const counts[], size_t n)
{
    struct rows rows;
    fprintf(out->f, "\n%s\n", heading);
    rows_begin(&rows, out, COUNT_COLUMNS);
    for (size_t i = 0; i < n; i++)
        rows_add(&rows, &counts[i]->base);
    rows_end(&rows, NULL);
}

static void report_table(struct out *out, const Ordo__ReportSummaryRep *rep)
{
    struct rows rows;
    fprintf(out->f, "%llu requests, %llu events\n", (unsigned long long)rep->requests, (unsigned long long)rep->events);
    duration_row(out, "waiting, altogether", rep->has_waiting_us, rep->waiting_us);
    duration_row(out, "lead, median", rep->has_lead_median_us, rep->lead_median_us);
    duration_row(out, "lead, 90 %", rep->has_lead_p90_us, rep->lead_p90_us);
    duration_row(out, "working lead, median", rep->has_working_lead_median_us, rep->working_lead_median_us);
    duration_row(out, "working lead, 90 %", rep->has_working_lead_p90_us, rep->working_lead_p90_us);
    fputs("\nTargets by service level\n", out->f);
    rows_begin(&rows, out, LEVEL_COLUMNS);
    for (size_t i = 0; i < rep->n_by_level; i++)
        rows_add(&rows, &rep->by_level[i]->base);
    rows_end(&rows, NULL);
    counts_table(out, "Requests by state", rep->by_state, rep->n_by_state);
    counts_table(out, "Requests by department", rep->by_department, rep->n_by_department);
    counts_table(out, "Requests by customer", rep->by_customer, rep->n_by_customer);
    counts_table(out, "Events by specialist", rep->events_by_specialist, rep->n_events_by_specialist);
}

/* One figure a line: group, name, value. */
static void json_csv(struct od_buf *b, const char *group, json_t *value)
{
    const char *name;
    json_t *member;
    json_object_foreach(value, name, member)
    {
        char path[256];
        snprintf(path, sizeof path, "%s%s%s", group, group[0] ? "." : "", name);
        if (json_is_object(member)) {
            json_csv(b, path, member);
            continue;
        }
        char *text = json_is_null(member) ? NULL : json_dumps(member, JSON_ENCODE_ANY);
        out_csv_cell(b, od_str_c(path));
        od_buf_printf(b, ",%s\r\n", text ? text : "");
        free(text);
    }
}

static enum ordo_status run_summary(struct cli *cli, struct input *in)
{
    od_cleanup(msg_freep) ProtobufCMessage *reply = NULL;
    enum ordo_status s = cli_request_complete(cli, in);
    if (s == ORDO_OK)
        s = cli_call(cli, in->method, in->request, NULL, NULL, &reply);
    if (s != ORDO_OK)
        return s;
    const Ordo__ReportSummaryRep *rep = (const Ordo__ReportSummaryRep *)(const void *)reply;
    if (cli->out.format == OUT_TABLE) {
        report_table(&cli->out, rep);
    } else if (cli->out.format == OUT_JSON) {
        out_json(&cli->out, report_json(rep));
    } else {
        struct od_buf b;
        json_t *json = report_json(rep);
        od_buf_init(&b, SIZE_MAX);
        od_buf_c(&b, "figure,value\r\n");
        json_csv(&b, "", json);
        fwrite(b.p, 1, b.n, cli->out.f);
        od_buf_done(&b);
        json_decref(json);
    }
    return ORDO_OK;
}

const struct verb VERBS_REPORT[] = {
    {.name = "report summary", .summary = "Report on requests: states, times, promises met and missed", .method = "report_summary",
     .opts = SUMMARY_OPTIONS, .run = run_summary,
     .detail = "Lead is from registration to the last closing, over the requests that were ever closed; working lead counts the "
               "calendar's hours without waiting. In JSON a request that is open, given to somebody or in work counts as open, and "
               "durations are seconds."},
    {0},
};
