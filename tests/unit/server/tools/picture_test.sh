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
"$program" - <$golden/order.bpmn >"$dir/out" || fail 'a model from standard input'
cmp "$dir/out" "$dir/order.svg" || fail 'standard input and output give the same picture'
for picture in order order-marked; do
    if [ "${1:-}" = --update ]; then
        cp "$dir/$picture.svg" "$golden/$picture.svg"
    else
        diff -u "$golden/$picture.svg" "$dir/$picture.svg" >"$dir/diff" || fail "$picture.svg is another: $(head -c 2000 "$dir/diff")"
    fi
    passed=$((passed + 1))
done

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
document.body.innerHTML = `shapes=${seen('svg .b').length} flows=${seen('svg .l').length} badges=${seen('svg .k circle, svg .i circle').length} `
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
