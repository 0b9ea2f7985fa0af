#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""same EXPECTED.json ACTUAL.json: prints each figure that differs; exit 1 if any does. Keys that are not expected may be there."""
import json
import sys


def differ(expected, actual, at=""):
    if isinstance(expected, dict):
        actual = actual if isinstance(actual, dict) else {}
        return sum(differ(v, actual.get(k), f"{at}/{k}") for k, v in expected.items())
    if expected == actual or (isinstance(expected, (int, float)) and isinstance(actual, (int, float)) and abs(expected - actual) < 0.5):
        return 0
    print(f"{at}: expected {expected!r}, got {actual!r}")
    return 1


sys.exit(1 if differ(json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))) else 0)
