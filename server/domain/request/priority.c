/* SPDX-License-Identifier: Apache-2.0
 * Priority from impact and urgency (R0.9): derived, never typed by hand, and explained. */
#include <stdio.h>

#include "server/domain/request/request.h"

/* Rows: impact 1 (highest) to 4; columns: urgency critical, high, normal, low. */
static const unsigned char MATRIX[4][4] = {
    {1, 1, 2, 3},
    {1, 2, 3, 3},
    {2, 3, 3, 4},
    {3, 3, 4, 4},
};

static const char *const URGENCIES[] = {"low", "normal", "high", "critical"};

int request_priority(int impact, int urgency, char why[PRIORITY_WHY_TEXT])
{
    od_assert(impact >= 1 && impact <= 4 && urgency >= 1 && urgency <= 4);
    int priority = MATRIX[impact - 1][4 - urgency];
    snprintf(why, PRIORITY_WHY_TEXT, "impact %d of the request type x urgency %s = priority %d", impact, URGENCIES[urgency - 1],
             priority);
    return priority;
}
