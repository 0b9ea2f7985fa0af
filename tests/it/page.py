#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""page.py PAGE [SHOWN=REAL...]: types every command of a page ("$ ordo ..." in a block) from the first to the last, and compares what
each prints with what the page shows: white space and digits may differ, a line of "…" stands for the rest. A command that shows
nothing must only end well; one that shows a refusal, its name and a colon, must be refused. ORDO names the program."""
import os
import re
import subprocess
import sys
import tempfile

PROMPT = re.compile(r"^(new password|password|the same again):$")


def commands(page):
    """(line number, command, lines that follow it)"""
    found, fenced = [], False
    for number, line in enumerate(page.split("\n"), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced and line.startswith("$ ordo"):
            found.append((number, line[2:], []))
        elif fenced and found:
            found[-1][2].append(line)
    return [(n, c, [s for s in shown if s and not PROMPT.match(s)]) for n, c, shown in found]


def steady(line):
    line = re.sub(r"(cursor) [0-9a-f]+", r"\1 N", line.rstrip())
    return re.sub(r"\s+", " ", re.sub(r"\d+", "N", line)).strip()


def differs(shown, said):
    for i, line in enumerate(shown):
        if line == "…":
            return None
        if i >= len(said) or steady(line) != steady(said[i]):
            return f"  shown: {line}\n  said:  {said[i] if i < len(said) else '(nothing more)'}"
    return f"  said more: {said[len(shown)]}" if len(said) > len(shown) else None


def main(path, *places):
    with open(path, encoding="utf-8") as f:
        steps = commands(f.read())
    real = dict(p.split("=", 1) for p in places)
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        env = dict(os.environ, ORDO_HOME=work + "/home", NO_COLOR="1", TZ="UTC", LC_ALL="C.UTF-8", COLUMNS="200",
                   PATH=os.path.dirname(os.path.realpath(os.environ["ORDO"])) + ":" + os.environ["PATH"])
        for name in ("ORDO_PROFILE", "ORDO_HOST"):
            env.pop(name, None)
        with open(work + "/password", "w", encoding="utf-8") as f:
            f.write(env["ORDO_PASSWORD"] + "\n")
        for number, command, shown in steps:
            for name, place in real.items():
                command = command.replace(name, place)
                shown = [s.replace(name, place) for s in shown]
            run = subprocess.run(["sh", "-c", command], cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
            said = [s for s in run.stdout.split("\n") if s]
            refused = any(re.match(r"ordo [a-z ]+: ", s) for s in shown)
            why = differs(shown, said) if shown else None
            if why is None and (run.returncode != 0) != refused:
                why = f"  exit {run.returncode}: {run.stdout}"
            if why:
                failed += 1
                print(f"{path}:{number}: {command}\n{why}")
                if "-v" in os.environ.get("PAGE", ""):
                    print(run.stdout)
            for i, line in enumerate(shown): # what people see of it is another number here
                if line.startswith("number ") and i < len(said):
                    real["#" + line.split()[1]] = "#" + said[i].split()[1]
                    real[f'"number":{line.split()[1]}'] = f'"number":{said[i].split()[1]}'
    print(f"{path}: {len(steps)} commands, {failed} are not as shown")
    return 1 if failed or not steps else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
