#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/{bpmn,dmn,feel}.md against the code: every element and function that the code knows has its row, every attribute of BPMN is
# named, every row names a test, and every test that is named is there (a scenario, a function of a unit test that has the row's
# function in it, a row of a script).
set -eu
exec python3 - <<'END'
import pathlib
import re
import sys

problems, checked = [], 0


def must(ok, what):
    global checked
    checked += 1
    if not ok:
        problems.append(what)


def read(path):
    return pathlib.Path(path).read_text()


def rows(page):
    """(line, cells, header) of every row of every table."""
    header = None
    for number, line in enumerate(read(page).splitlines(), 1):
        if not line.startswith("|"):
            header = None
            continue
        cells = [c.strip() for c in line.strip("|").split(" | ")] if header else [c.strip() for c in line.strip("|").split("|")]
        if header is None:
            header = cells
        elif not re.fullmatch(r"[|\- ]+", line):
            yield f"{page}:{number}", cells, header


scenarios = {p.name[0].upper(): p for p in pathlib.Path("tests/scenario/process").glob("*.txt")}
scenarios.update({"L": pathlib.Path("tests/scenario/process/elements.txt"), "R": pathlib.Path("tests/scenario/process/triggers.txt"),
                  "E": pathlib.Path("tests/scenario/process/events.txt"), "T": pathlib.Path("tests/scenario/process/tasks.txt")})
names = {letter: set(re.findall(r"^scenario (.*\S)", p.read_text(), re.M)) for letter, p in scenarios.items()}
unit = {p.stem: p for p in pathlib.Path("tests/unit").rglob("*_test.c")}


def body(test, function):
    """The text of a function of a unit test; None where there is none."""
    found = re.search(rf"^static void {function}\(void \*\*state\)\n\{{\n(.*?)^\}}", read(unit[test]), re.M | re.S) if test in unit else None
    return found and found[1]


def cited(where, cell):
    """Checks what a cell of the column "test" names; the functions of unit tests that it names."""
    functions, found = [], 0
    for letter, name in re.findall(r'\b([A-Z]) "([^"]+)"', cell):
        found += 1
        must(name in names.get(letter, ()), f'{where}: {scenarios.get(letter, letter)} has no scenario "{name}"')
    for script, name in re.findall(r'`(\w+_test\.sh)` "([^"]+)"', cell):
        found += 1
        must(any(f'row "{name}"' in p.read_text() for p in pathlib.Path("tests").rglob(script)), f'{where}: {script} has no row "{name}"')
    for test, listed in re.findall(r"`(\w+_test)`((?: \w+(?:, \w+)*)?)", cell):
        found += 1
        for function in filter(None, re.split(r"[, ]+", listed)):
            must(body(test, function) is not None, f"{where}: {test} has no function {function}")
            functions.append((test, function))
        must(test in unit, f"{where}: there is no {test}")
    must(found, f"{where}: names no test")
    return functions


def check_tests(page):
    for where, cells, header in rows(page):
        if header[-1] != "test":
            continue
        must(len(cells) == len(header), f"{where}: {len(cells)} cells below {len(header)} names")
        functions = cited(where, cells[-1])
        texts = "".join(read(unit[t]) for t in {t for t, _ in functions}) + read("tests/unit/server/domain/dmn/models.h")
        for word in re.findall(r"`(\w+)`", cells[0]) if page == "docs/dmn.md" else ():
            must(re.search(rf"\b{word}\b", texts), f"{where}: the tests that it names have no {word}")
        for test, function in functions:
            for name in re.findall(r"`([a-z ]+)\(", cells[0]) if header[0] == "function" else ():
                called = re.search(rf"(?<![a-z])(?<![a-z] ){name}\(", body(test, function) or "")
                must(called, f"{where}: {test} {function} calls no {name}()")


def known(page, words, what):
    shown = set(re.findall(r"`([^`]+)`", "".join(" ".join(cells) for _, cells, _ in rows(page))))
    for word in words:
        must(word in shown, f"{page} has no row for the {what} {word}")


def signature(name, required, spread, parameters):
    params = [p + ("" if i < required else "?") for i, p in enumerate(parameters)]
    if spread == "ALL":
        params = [params[0] + ", or its items"]
    elif spread == "TAIL":
        params = [params[0], parameters[1] + "…"]
    return f"{name}({', '.join(params)})"


for page in ("docs/bpmn.md", "docs/dmn.md", "docs/feel.md"):
    check_tests(page)

kinds = dict(re.findall(r'^K\((\w+), +"(\w+)"', read("server/domain/process/kinds.def"), re.M))
known("docs/bpmn.md", kinds.values(), "element")
named = set(re.findall(r"`([^`\n]+)`", read("docs/bpmn.md")))
for attribute in re.findall(r'^A\(\w+, +"(\w+)"', read("server/domain/process/schema.def"), re.M):
    must(attribute in named, f"docs/bpmn.md says nothing of the attribute {attribute}")
executed = " ".join(cells[0] + cells[1] for _, cells, _ in rows("docs/bpmn.md") if "executed" in cells)
for node in re.findall(r'^N\(\w+, +"(\w+)"', read("server/domain/process/nodes.def"), re.M):
    must(f"`{node}`" in executed, f"docs/bpmn.md: {node} is executed by no row")

builtins = re.sub(r"\n  ", " ", read("server/domain/feel/builtins.def"))
wanted = set()
for name, required, spread, rest in re.findall(r'^B\("([^"]+)", \w+, (\d+), (\w+)(.*)\)$', builtins, re.M):
    wanted.add(signature(name, int(required), spread, re.findall(r'P\(\w+, "([^"]+)"\)', rest)))
must(len(wanted) > 90, "builtins.def cannot be read")
known("docs/feel.md", wanted, "function")

dmn = read("docs/dmn.md")
for source, table in (("elements.c", r"\} kinds\[\] = \{(.*?)\};"), ("boxed.c", r"\} KINDS\[\] = \{(.*?)\};"),
                      ("table.c", r"\} policies\[\] = \{(.*?)\};"), ("table.c", r"\} aggregations\[\] = \{(.*?)\};")):
    listed = re.search(table, read("server/domain/dmn/" + source), re.S)
    must(listed, f"{source}: its table cannot be read")
    for word in re.findall(r'\{"([^"]+)"', listed[1] if listed else ""):
        must(re.search(rf"^\|.*\b{word}\b", dmn, re.M), f"docs/dmn.md has no row for {word}")

for p in problems:
    print(p)
print(f"tables: {checked} checks, {len(problems)} failed")
sys.exit(bool(problems))
END
