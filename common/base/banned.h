/* SPDX-License-Identifier: Apache-2.0
 * Force-included in every file of ours: what has no bound, no error or hidden state cannot be called. rand() is missing only
 * because OpenSSL's headers name parameters so; srand() is here. */
#ifndef OD_BASE_BANNED_H
#define OD_BASE_BANNED_H
#ifndef __cplusplus
/* System headers must have declared them before they are poisoned. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atof localtime gmtime asctime ctime srand gets
#endif
#endif
