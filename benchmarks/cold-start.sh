#!/usr/bin/env bash
# How long a published build takes to explain one row of the sample, from the start of the process to its end.
# Publishes to a temporary folder, runs it once to warm the disk's cache, then N times (default 10), and prints the times and their
# median in milliseconds.
#
#   benchmarks/cold-start.sh [N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs=${1:-10}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

dotnet publish src/Interact.Cli -c Release -o "$folder" >&2

explain() {
  "$folder/interact" explain samples/breast-cancer/model.onnx samples/breast-cancer/rows.csv --rows 0..0 >/dev/null
}

explain
times=()

for ((run = 0; run < runs; run++)); do
  start=${EPOCHREALTIME/[.,]/}
  explain
  end=${EPOCHREALTIME/[.,]/}
  times+=("$(((end - start) / 1000))")
done

mapfile -t sorted < <(printf '%s\n' "${times[@]}" | sort -n)
echo "${times[*]} ms"
echo "median $(((sorted[(runs - 1) / 2] + sorted[runs / 2]) / 2)) ms"
