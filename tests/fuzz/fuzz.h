/* SPDX-License-Identifier: Apache-2.0
 * What every fuzzer defines, and who calls it: libFuzzer with what it makes up, corpus.c with what is kept. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
