/* SPDX-License-Identifier: Apache-2.0
 * Single-byte encodings of XML texts, such as windows-1251 and windows-1252, by ICU. */
#ifndef OD_BASE_ENCODING_H
#define OD_BASE_ENCODING_H

#include "common/base/base.h"

/* What each byte of the encoding means, -1 for nothing; false if ICU does not know it or it is no single-byte one. */
bool od_encoding_map(const char *name, int map[256]);

#endif
