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
cat >lib.bpmn <<'END'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:lib"><message id="paid" name="paid"/></definitions>
END
cat >importing.bpmn <<'END'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:lib="urn:lib" targetNamespace="t">
  <import importType="http://www.omg.org/spec/BPMN/20100524/MODEL" location="lib.bpmn" namespace="urn:lib"/>
  <process id="p" isExecutable="true"><startEvent id="s"/><receiveTask id="r" messageRef="lib:paid"/><sequenceFlow id="f" sourceRef="s" targetRef="r"/></process>
</definitions>
END
sed 's/lib:paid/lib:gone/' importing.bpmn >dangling.bpmn
row "what a file imports is sought beside it" 0 'found' shell 'ordo-lint importing.bpmn && echo found'
row "and what it does not hold is missed" 1 'messageRef leads to "lib:gone"' ordo-lint dangling.bpmn
row "a file that is not there" 66 'No such file' ordo-lint nothing.bpmn
row "a profile that is not known" 64 'there is no profile mine' ordo-lint --profile mine good.bpmn
row "a file that cannot be read costs only itself" 66 'nothing.bpmn file 1, good.bpmn - 0, broken.bpmn REF_EXISTENCE 1, ' \
    shell 'ordo-lint -j nothing.bpmn good.bpmn broken.bpmn 2>/dev/null >out.json || code=$?; python3 -c "
import json
for f in json.load(open(\"out.json\")):
    found = f[\"findings\"]
    print(f[\"file\"], found[0][\"rule\"] if found else \"-\", f[\"errors\"], end=\", \")"; exit $code'
row "several files end in their totals" 1 '2 files: 1 error, 0 warnings' ordo-lint good.bpmn broken.bpmn
row "quiet: errors only" 0 '[]' shell 'ordo-lint -q -p modeling good.bpmn && echo "[$(ordo-lint -q -p modeling good.bpmn 2>&1)]"'
row "not quiet: the advice too" 0 'warning: [advice:' ordo-lint -p modeling good.bpmn
row "options may follow, and files after --" 0 '"errors":0' ordo-lint good.bpmn --json -- good.bpmn
cat >table.xml <<'END'
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">
  <decision id="d" name="d"><literalExpression><text>1 +</text></literalExpression></decision>
</definitions>
END
cp table.xml TABLE.DMN
row "DMN by its name, in capitals too" 1 'TABLE.DMN:2: error: [dmn] literalExpression' ordo-lint TABLE.DMN
row "DMN by its root" 1 'table.xml:2: error: [dmn] literalExpression' ordo-lint table.xml
row "DMN from standard input" 1 '-:2: error: [dmn] literalExpression' shell 'ordo-lint - <table.xml'
awk 'BEGIN { print "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"m\" namespace=\"urn:m\">"
    for (i = 2; i < 1008; i++)
        printf "<decision id=\"d%d\" name=\"d%d\"><literalExpression><text>1 +</text></literalExpression></decision>\n", i, i
    print "</definitions>" }' >many.dmn
row "of many findings the first are shown, each at its line" 0 'many.dmn:1001: error: [dmn] literalExpression d1001: ' \
    shell 'ordo-lint many.dmn | tail -2'
row "DMN that is no XML" 1 'cut.dmn:1: error: [XML_WELLFORMED] no element found' shell ': >cut.dmn && ordo-lint cut.dmn'
awk 'BEGIN { print "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\">"; for (i = 0; i < 300; i++) printf "<a>" }' >deep.dmn
cp deep.dmn deep.bpmn
row "a bound is no fault of the XML" 1 'deep.bpmn:2: error: [ordo:limit] nesting of a model is limited to 200' ordo-lint deep.bpmn
row "nor is one of DMN" 1 'deep.dmn:2: error: [ordo:limit] the depth of a model is limited to 100' ordo-lint deep.dmn
row "an output that cannot be written" 74 'standard output cannot be written' shell 'ordo-lint broken.bpmn >/dev/full'
row "help is no fault" 0 '--profile NAME' ordo-lint --help
row "versions" 0 'ordo-lint 0' shell 'ordo-lint --version && ordo-feel --version && ordo-picture --version'

row "an expression" 0 '3' ordo-feel '1 + 2'
row "with variables" 0 'true' ordo-feel -c '{"amount": 1200, "status": "open"}' 'amount > 1000 and status = "open"'
row "a reason and a position beside null" 1 'ordo-feel: null: line 1, column 5: there is no amount' ordo-feel '1 + amount'
row "what cannot be read" 65 'line 1, column 4: the expression ends too early' ordo-feel '1 +'
row "unary tests of an input" 0 'true' ordo-feel -u 7 '[1..5), >6'
row "JSON, at a given time" 0 '"2026-01-31"' ordo-feel -j -n 2026-01-31T12:00:00Z 'today()'
row "lines of standard input" 0 '42' shell 'echo "2 * 21" | ordo-feel'
row "a caret below the place" 65 '  1 * * 2
      ^' ordo-feel '1 * * 2'
row "a caret counts characters, and keeps tabs" 1 '  	"€" + x
  	      ^' ordo-feel "$(printf '"a" +\n\t"€" + x')"
row "an input that is null by an error is told" 1 'the input is null: line 1, column 1: there is no y' ordo-feel -u y 1
row "a context that is no JSON" 65 'the context: JSON, byte 1:' ordo-feel -c '{a' 1
row "a context that is no object" 65 'the context: a JSON object is wanted' ordo-feel -c '[1]' 1
row "a context from a file" 0 '3' shell 'echo "{\"a\": 2}" >context.json && ordo-feel -f context.json "a + 1"'
row "a file of variables that is not there" 66 'nothing.json: No such file' ordo-feel -f nothing.json 1
row "a directory is no context" 66 'Is a directory' ordo-feel -f . 1
row "two contexts" 64 'either --context or --file' ordo-feel -f context.json -c '{}' 1
row "a value that cannot be written" 74 'standard output cannot be written' shell 'ordo-feel 1 >/dev/full'

# At a terminal: an expression over two lines, a command, an error that ends nothing, history that the next one has.
terminal() { printf '%b' "$1" | HOME=$dir TERM=dumb script -qec 'ordo-feel -c "{\"amount\": 5}"' /dev/null; }
row "a prompt evaluates" 0 '42' terminal '40 + 2\n:quit\n'
row "what is not complete goes on in the next line" 0 '[1, 2]' terminal '[1,\n2]\n:quit\n'
row "an empty line ends it" 0 'line 1, column 4: the expression ends too early' terminal '1 +\n\n:quit\n'
row "the variables" 0 '{amount: 5}' terminal ':vars\n:quit\n'
row "an error ends nothing" 0 '[2, 4]' terminal '1 * * 2\n[2,4]\n:quit\n'
row "the history is kept" 0 '40' cat "$dir/.ordo_feel_history"

echo "[==========] tools: $passed row(s) run."
echo "[  PASSED  ] $passed row(s)."
