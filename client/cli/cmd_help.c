/* SPDX-License-Identifier: Apache-2.0
 * Help by words, and the shell's completion, made of the same rows. */
#include "client/cli/cli.h"

#include <string.h>

struct help_options {
    const char *words[3];
};

static const struct opt HELP_OPTIONS[] = {
    {.name = "COMMAND", .kind = OPT_TEXT, .offset = offsetof(struct help_options, words[0]), .help = "such as request list"},
    {.name = "WORD", .kind = OPT_TEXT, .offset = offsetof(struct help_options, words[1]), .help = "its second word"},
    {.name = "WORD3", .kind = OPT_TEXT, .offset = offsetof(struct help_options, words[2]), .help = "its third word"},
    {0},
};

static enum ordo_status run_help(struct cli *cli, struct input *in)
{
    const struct help_options *o = in->own;
    struct od_buf words, b;
    const struct verb *found = NULL;
    od_buf_init(&words, 512);
    od_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < OD_LEN(o->words) && o->words[i]; i++)
        od_buf_printf(&words, "%s%s", i ? " " : "", o->words[i]);
    for (size_t f = 0; VERBS_ALL[f]; f++)
        for (const struct verb *v = VERBS_ALL[f]; v->name; v++)
            if (od_str_eq_c(od_buf_view(&words), v->name))
                found = v;
    if (found)
        verb_help(&b, found);
    else
        verbs_help(&b, od_buf_view(&words));
    fwrite(b.p, 1, b.n, cli->out.f);
    od_buf_done(&b);
    od_buf_done(&words);
    return ORDO_OK;
}

static void options_put(struct od_buf *b, const struct opt *rows)
{
    for (const struct opt *o = rows; o && o->name; o++)
        if (!opt_is_argument(o))
            od_buf_printf(b, " --%s", o->name);
}

/* The names one word longer than `words`, once each. */
static void next_words_put(struct od_buf *b, const char *words)
{
    size_t n = strlen(words);
    const char *last = "";
    size_t last_n = 0;
    for (size_t f = 0; VERBS_ALL[f]; f++)
        for (const struct verb *v = VERBS_ALL[f]; v->name; v++) {
            const char *rest = v->name + n + (n ? 1 : 0);
            if (n && (strncmp(v->name, words, n) != 0 || v->name[n] != ' '))
                continue;
            size_t word = strcspn(rest, " ");
            if (word == last_n && !memcmp(rest, last, word))
                continue;
            od_buf_printf(b, " %.*s", (int)word, rest);
            last = rest;
            last_n = word;
        }
}

static void groups_put(struct od_buf *b)
{
    char group[128] = "";
    for (size_t f = 0; VERBS_ALL[f]; f++)
        for (const struct verb *v = VERBS_ALL[f]; v->name; v++)
            for (const char *space = strchr(v->name, ' '); space; space = strchr(space + 1, ' ')) {
                char now[128];
                snprintf(now, sizeof now, "%.*s", (int)(space - v->name), v->name);
                if (!strcmp(now, group))
                    continue;
                if (strncmp(group, now, strlen(now)) == 0 && group[strlen(now)] == ' ')
                    continue;
                memcpy(group, now, sizeof group);
                od_buf_printf(b, "    '%s') words=\"", now);
                next_words_put(b, now);
                od_buf_c(b, "\" ;;\n");
            }
}

static enum ordo_status run_completion(struct cli *cli, struct input *in)
{
    struct od_buf b;
    (void)in;
    od_buf_init(&b, SIZE_MAX);
    od_buf_c(&b, "# bash completion of ordo; made by `ordo completion`\n"
                 "_ordo()\n{\n"
                 "  local current=\"${COMP_WORDS[COMP_CWORD]}\" verb='' words='' i\n"
                 "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
                 "    case \"${COMP_WORDS[i]}\" in -*) ;; *) verb=\"${verb:+$verb }${COMP_WORDS[i]}\" ;; esac\n"
                 "  done\n"
                 "  if [[ $current == -* ]]; then\n"
                 "    case \"$verb\" in\n");
    for (size_t f = 0; VERBS_ALL[f]; f++)
        for (const struct verb *v = VERBS_ALL[f]; v->name; v++)
            if (v->opts) {
                od_buf_printf(&b, "    '%s'|'%s '*) words=\"", v->name, v->name);
                options_put(&b, v->opts);
                od_buf_c(&b, "\" ;;\n");
            }
    od_buf_c(&b, "    esac\n    words=\"$words");
    options_put(&b, GLOBAL_OPTIONS);
    od_buf_c(&b, "\"\n  else\n    case \"$verb\" in\n    '') words=\"");
    next_words_put(&b, "");
    od_buf_c(&b, "\" ;;\n");
    groups_put(&b);
    od_buf_c(&b, "    esac\n  fi\n"
                 "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
                 "}\n"
                 "complete -o default -F _ordo ordo\n");
    fwrite(b.p, 1, b.n, cli->out.f);
    od_buf_done(&b);
    return ORDO_OK;
}

const struct verb VERBS_HELP[] = {
    {.name = "help", .summary = "Show all commands, or one of them", .opts = HELP_OPTIONS, .run = run_help,
     .own_bytes = sizeof(struct help_options)},
    {.name = "completion", .summary = "Print the completion for bash", .run = run_completion,
     .detail = "ordo completion > /usr/share/bash-completion/completions/ordo"},
    {0},
};
