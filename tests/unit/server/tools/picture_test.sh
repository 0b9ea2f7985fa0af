#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ordo-picture by rows: what it draws (held against tests/golden/picture), what it refuses, and that a browser shows it.
# usage: picture_test.sh [--update]        ORDO_PICTURE: the program; CHROMIUM: the browser
set -eu
program=${ORDO_PICTURE:-build/release/ordo-picture}
golden=tests/golden/picture
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0

fail() {
    printf '[  FAILED  ] %s\n' "$*" >&2
    exit 1
}

# row NAME EXPECTED-EXIT EXPECTED-TEXT ARGUMENTS...: the text is part of what it says on standard error.
row() {
    name=$1 code=$2 text=$3
    shift 3
    got=0
    "$program" "$@" >"$dir/out" 2>"$dir/said" || got=$?
    grep -qF -- "$text" "$dir/said" || [ -z "$text" ] || fail "$name: without \"$text\": $(cat "$dir/said")"
    [ "$got" = "$code" ] || fail "$name: exit $got, wanted $code: $(cat "$dir/said")"
    passed=$((passed + 1))
}

printf '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">\n<process id="p">\n</definitions>\n' >"$dir/cut.bpmn"
printf '{"check": 2, "pack": 1}' >"$dir/tokens.json"
row 'help goes to standard output' 0 '' --help
grep -q '^usage: ordo-picture' "$dir/out" || fail 'help says how it is used'
row 'without a file it says how it is used' 64 'usage: ordo-picture'
row 'two files are one too many' 64 'usage: ordo-picture' a.bpmn b.bpmn
row 'an unknown option is refused' 64 'usage: ordo-picture' --colour $golden/order.bpmn
row 'a file that is not there' 66 "$dir/none.bpmn: No such file" "$dir/none.bpmn"
row 'a model that cannot be read is named with its line' 65 "$dir/cut.bpmn: line 3: mismatched tag" "$dir/cut.bpmn"
printf '<svg xmlns="http://www.w3.org/2000/svg"/>' >"$dir/picture.svg"
row 'an XML file of another kind' 65 "$dir/picture.svg: it is not a BPMN 2.0 model" "$dir/picture.svg"
row 'marks that are cut' 65 'tokens: JSON, byte 5: the text ends too early' --tokens '{"a":' $golden/order.bpmn
row 'marks of a file that is not there' 66 "$dir/none.json: No such file" --heat "$dir/none.json" $golden/order.bpmn
printf '[1]' >"$dir/list.json"
row 'marks that are no object' 65 "incidents of $dir/list.json: a JSON object" --incidents "$dir/list.json" $golden/order.bpmn
row 'an element that the model does not have' 65 "heat: $golden/order.bpmn has no element \"nobody\"" --heat '{"nobody": 1}' $golden/order.bpmn
row 'a number that is none' 65 'tokens: "check" wants a whole number from 0 to 999999' --tokens '{"check": "2"}' $golden/order.bpmn
row 'half a token' 65 'tokens: "check" wants a whole number' --tokens '{"check": 0.5}' $golden/order.bpmn
row 'more than all heat' 65 'heat: "check" wants a whole number from 0 to 100' --heat '{"check": 101}' $golden/order.bpmn
row 'an output that cannot be written' 73 "$dir/none/out.svg: No such file" -o "$dir/none/out.svg" $golden/order.bpmn

row 'a diagram' 0 '' -o "$dir/order.svg" $golden/order.bpmn
row 'with marks, of which a file holds some' 0 '' --tokens "$dir/tokens.json" --incidents '{"pack": 1}' \
    --heat '{"check": 80, "good": 30, "sent": 10}' -o "$dir/order-marked.svg" $golden/order.bpmn
row 'every sign of the notation, two diagrams, colours of the modeler' 0 '' --heat '{"o_f1": 80}' --tokens '{"o_t": 1234}' \
    -o "$dir/notation.svg" $golden/notation.bpmn
"$program" - <$golden/order.bpmn >"$dir/out" || fail 'a model from standard input'
cmp "$dir/out" "$dir/order.svg" || fail 'standard input and output give the same picture'
for picture in order order-marked notation; do
    if [ "${1:-}" = --update ]; then
        cp "$dir/$picture.svg" "$golden/$picture.svg"
    else
        diff -u "$golden/$picture.svg" "$dir/$picture.svg" >"$dir/diff" || fail "$picture.svg is another: $(head -c 2000 "$dir/diff")"
    fi
    passed=$((passed + 1))
done

# What the notation's picture must not hold, and what it must: a golden file alone would take what is wrong with it along.
picture=$dir/notation.svg
has() { grep -qF -- "$2" "$picture" || fail "notation: $1: without $2"; passed=$((passed + 1)); }
hasnt() { ! grep -qF -- "$2" "$picture" || fail "notation: $1: with $2"; passed=$((passed + 1)); }
hasnt 'what is in a closed sub-process is not drawn' 'never seen'
hasnt 'what is no colour goes nowhere' 'url(#x)'
has 'a colour of the modeler' 'style="fill:#bbdefb"'
has 'a line in the colour of the modeler' '<g data-id="blue" style="color:#0d47a1">'
has 'a name that does not fit ends in an ellipsis' '…</text>'
has 'a data store takes its name from what it refers to' '>a store</text>'
has 'a group is named by its category value' '>data</text>'
has 'text of a note is escaped' '&lt;signs&gt; &amp; &quot;quotes&quot;'
has 'further diagrams have their name' '>Second diagram</text>'
has 'an exclusive gateway with its marker' '<g data-id="g0"><path class="b" d="M95.0,470.0L120.0,495.0L95.0,520.0L70.0,495.0Z"/><path class="s"'
has 'and one that hides it' '<g data-id="g1"><path class="b" d="M165.0,470.0L190.0,495.0L165.0,520.0L140.0,495.0Z"/></g>'
has 'an event beside its host is dashed, twice' '<g data-id="b_timer"><circle class="b d"'
has 'an interrupting one is not' '<g data-id="b_error"><circle class="b"'
has 'a call has a thick border' '<g data-id="call"><rect class="b e"'
has 'an event sub-process is dotted' '<g data-id="handler"><rect class="b o t"'
has 'heat of a flow' '<g data-id="o_f1"><path class="l" style="stroke:rgb(215,0,0)'

# What the browser made of it: a script counts what has a size on the screen, by the classes of the picture.
chromium=${CHROMIUM:-$(command -v chromium || true)}
if [ -z "$chromium" ]; then
    echo "picture: $passed rows passed; skipped: rendering, because there is no chromium"
    exit 0
fi
{
    echo '<!doctype html><meta charset="utf-8"><body>'
    cat "$dir/order-marked.svg"
    cat <<'END'
<script>
const seen = (what) => [...document.querySelectorAll(what)].filter((e) => { const b = e.getBoundingClientRect(); return b.width > 1 || b.height > 1; });
const svg = document.querySelector('svg').getBoundingClientRect();
const out = seen('svg .b, svg .l, svg text').filter((e) => {
    const b = e.getBoundingClientRect();
    return b.left < svg.left || b.top < svg.top || b.right > svg.right || b.bottom > svg.bottom;
});
const fill = (id) => getComputedStyle(seen('svg rect.b')[id]).fill;
document.body.innerHTML = `shapes=${seen('svg .b').length} flows=${seen('svg .l').length} badges=${seen('svg .k rect, svg .i rect').length} `
    + `outside=${out.length} hot=${seen('svg .b').filter((e) => getComputedStyle(e).fill === 'rgb(255, 85, 75)').length} `
    + `words=${seen('svg text').map((e) => e.textContent).join(' ')}`;
</script>
END
} >"$dir/page.html"
timeout 120 "$chromium" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$dir/browser" --dump-dom \
    "file://$dir/page.html" >"$dir/dom" 2>"$dir/browser.log" || fail "the browser: $(tail -n 3 "$dir/browser.log")"
for wanted in 'shapes=13 flows=8 badges=3 outside=0 hot=1' 'Shop' 'Front office' 'Check the order &amp; its price' 'Pack' 'two days'; do
    grep -qF -- "$wanted" "$dir/dom" || fail "rendering: without \"$wanted\": $(head -c 1000 "$dir/dom")"
done
echo "picture: $((passed + 1)) rows passed, rendered by a browser"
