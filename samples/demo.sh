#!/bin/sh
# The main job on samples/, in a fresh workspace demo/: messy files in, one clean base, flags and a segment out.
set -eu
cd "$(dirname "$0")/.."
PATH="${BIN:-$PWD/.venv/bin}:$PATH"
CRMTOOL_WORKSPACE="$PWD/demo"
export PATH CRMTOOL_WORKSPACE

step() { printf '\n\033[1m== %s\033[0m\n' "$1"; }
run() {
  printf '\033[1m$ crmtool %s\033[0m\n' "$*"
  crmtool "$@" || { code=$?; [ "$code" -eq 3 ] || exit "$code"; }  # 3: done, and some rows were rejected
}

if [ -e demo ]; then
  [ -f demo/crmtool.toml ] || { echo "demo/ is there and is no workspace; move it away first." >&2; exit 1; }
  rm -r demo
fi

step "1. A workspace"
run init demo

step "2. What would happen to the first 15 rows? Nothing is written."
run import samples/bitrix_export_cp1251.csv --sample 15 --dry-run

step "3. Three files in"
run import samples/bitrix_export_cp1251.csv --yes
run import samples/website_form_utf8.csv --yes
run import samples/event_guests.xlsx --yes

step "   A rejected row, corrected in the file of rejects, imported as it is"
sed -i.bak -e '/^120,/d' \
  -e 's/Звонить,после 18:00,\(.*\),22,\(.*\),новый/"Звонить, после 18:00",\1,новый,22,\2,/' \
  demo/rejects/bitrix_export_cp1251.rejected.csv
run import demo/rejects/bitrix_export_cp1251.rejected.csv --yes

step "4. The first file again changes nothing"
run import samples/bitrix_export_cp1251.csv --yes --quiet
run history

step "5. Duplicates"
run duplicates find --yes
run duplicates list
run duplicates merge 48 67 --yes
run duplicates unmerge 67 --yes

step "6. Freshness"
run audit --as-of 2026-11-21 --limit 8 -o demo/reports/report.html

step "7. A segment, for Excel"
run segments list
run export vip-kyiv -o demo/exports/vip.csv
cat demo/exports/vip.csv

step "8. Who changed what, and taking it back"
run history 2
run contacts show 17
run undo 3 --yes
run undo 8 --yes
run history
run history verify
