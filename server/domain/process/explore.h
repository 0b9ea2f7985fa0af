/* SPDX-License-Identifier: Apache-2.0
 * The explorer: runs step() over every order in which events can come and every way that a gateway can decide, within bounds, and
 * tells what can go wrong as warnings with the way that leads there. Data are not looked at: every condition may hold or not. */
#ifndef PROCESS_EXPLORE_H
#define PROCESS_EXPLORE_H

#include "server/domain/process/def.h"

/* Warnings: explore:deadlock, explore:completion (no way to an end any more), explore:endless (a circle without a wait),
 * explore:unsynchronized (a second token where one is), explore:unreachable. Beyond OD_EXPLORE_STATES_MAX states only what was
 * seen is told, and nothing about what was not. */
void explore_process(const struct model *m, const struct xml_node *process, struct od_arena *arena, struct lint_report *report);

#endif
