#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs fuzzers one by one and writes what they found: run.py SECONDS OUT FUZZER...

Each starts from tests/fuzz/corpus/<name>; what it learns stays under build/fuzz/corpus, inputs that break something under
build/fuzz/found. OUT is a JSON list of {"fuzzer", "seconds", "execs", "findings"}. Exits with 1 when there is a finding.
"""
import json
import os
import re
import subprocess
import sys
import time


def run(program, seconds):
    name = os.path.basename(program).removesuffix("_fuzz")
    learned, found = f"build/fuzz/corpus/{name}", f"build/fuzz/found/{name}/"
    os.makedirs(learned, exist_ok=True)
    os.makedirs(found, exist_ok=True)
    for old in os.listdir(found):
        os.unlink(found + old)
    seeds = f"tests/fuzz/corpus/{name}"
    command = [program, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=65536",
               "-print_final_stats=1", f"-artifact_prefix={found}", learned] + ([seeds] if os.path.isdir(seeds) else [])
    began = time.monotonic()
    log = f"build/log/{name}_fuzz.log"
    os.makedirs("build/log", exist_ok=True)
    with open(log, "wb") as out:
        code = subprocess.run(command, stdout=out, stderr=out, check=False).returncode
    with open(log, encoding="utf-8", errors="replace") as text:
        stats = re.findall(r"stat::number_of_executed_units:\s*(\d+)", text.read())
    findings = len(os.listdir(found)) or (1 if code else 0)
    row = {"fuzzer": name, "seconds": round(time.monotonic() - began, 1), "execs": int(stats[-1]) if stats else 0,
           "findings": findings}
    print(f"{name:12} {row['seconds']:7.1f} s {row['execs']:10} execs {findings} findings" +
          (f"; see {found} and {log}" if findings else ""), file=sys.stderr)
    return row


def main():
    seconds, out, programs = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    rows = [run(program, seconds) for program in programs]
    text = json.dumps(rows, indent=1)
    if out:
        with open(out, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    else:
        print(text)
    return 1 if any(row["findings"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
