#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ordo-lint and ordo-feel by rows: what they say and how they end (docs/bpmn.md, docs/feel.md).
# shellcheck disable=SC2016
set -eu
PATH=$(dirname "$(realpath "${ORDOD:-build/release/ordod}")"):$PATH
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
passed=0

# row NAME EXPECTED-EXIT EXPECTED-TEXT COMMAND...: the text is part of what the command says.
row() {
    name=$1 code=$2 text=$3
    shift 3
    got=0
    said=$("$@" 2>&1 </dev/null) || got=$?
    case $said in
    *"$text"*) ;;
    *) got="$got, without the text" ;;
    esac
    if [ "$got" != "$code" ]; then
        printf '[  FAILED  ] %s: exit %s, wanted %s with "%s", said:\n%s\n' "$name" "$got" "$code" "$text" "$said" >&2
        exit 1
    fi
    passed=$((passed + 1))
}
shell() { sh -c "$1"; }

cat >good.bpmn <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
  <process id="p" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="work"/>
    <userTask id="work" name="Do it"/>
    <sequenceFlow id="f2" sourceRef="work" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>
END
sed 's/userTask id="work"/choreographyTask id="work"/' good.bpmn >unsupported.bpmn
sed 's/targetRef="end"/targetRef="nowhere"/' good.bpmn >broken.bpmn

row "a model that runs has no errors" 0 '' ordo-lint good.bpmn
row "what is not executed is named with its line" 1 'unsupported.bpmn:6: error: [ordo:unsupported] choreographyTask work:' ordo-lint unsupported.bpmn
row "a reference that leads nowhere is named" 1 'broken.bpmn:7: error: [REF_EXISTENCE] sequenceFlow f2: targetRef leads to "nowhere"' ordo-lint broken.bpmn
row "each profile is known" 0 '' shell 'for p in deploy omg modeling; do ordo-lint --profile $p good.bpmn >/dev/null; done'
row "findings as JSON" 0 'REF_EXISTENCE 7 f2' shell 'ordo-lint --json broken.bpmn >out.json; python3 -c "
import json
for f in json.load(open(\"out.json\"))[0][\"findings\"]:
    if f[\"rule\"] == \"REF_EXISTENCE\":
        print(f[\"rule\"], f[\"line\"], f[\"id\"])"'
row "a file that is not there" 66 'No such file' ordo-lint nothing.bpmn
row "a profile that is not known" 64 'usage:' ordo-lint --profile mine good.bpmn

row "an expression" 0 '3' ordo-feel '1 + 2'
row "with variables" 0 'true' ordo-feel -c '{"amount": 1200, "status": "open"}' 'amount > 1000 and status = "open"'
row "a reason and a position beside null" 1 'ordo-feel: null: line 1, column 5: there is no amount' ordo-feel '1 + amount'
row "what cannot be read" 65 'line 1, column 4: the expression ends too early' ordo-feel '1 +'
row "unary tests of an input" 0 'true' ordo-feel -u 7 '[1..5), >6'
row "JSON, at a given time" 0 '"2026-01-31"' ordo-feel -j -n 2026-01-31T12:00:00Z 'today()'
row "lines of standard input" 0 '42' shell 'echo "2 * 21" | ordo-feel'

echo "[==========] tools: $passed row(s) run."
echo "[  PASSED  ] $passed row(s)."
