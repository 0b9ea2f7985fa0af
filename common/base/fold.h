/* SPDX-License-Identifier: Apache-2.0
 * Names that are compared without case: logins and mail addresses. NFKC_Casefold (Unicode §5.18), by ICU. */
#ifndef OD_BASE_FOLD_H
#define OD_BASE_FOLD_H

#include "common/base/arena.h"

/* The folded form, in the arena; {NULL, 0} if s is not UTF-8, is longer than 1000 bytes, or memory is out. */
struct od_str od_fold(struct od_str s, struct od_arena *arena);

#endif
