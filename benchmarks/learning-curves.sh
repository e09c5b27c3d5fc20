#!/usr/bin/env bash
# Trains all forms on 3, 10, 30, 100 and 300 s of ring-60, scores them on the 20 s after, and draws src/docs/learning-curves.svg.
# Two hours on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f target/spikecast.jar ] && [ -d target/test-classes ] || mvn -q -B -DskipTests package
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
runs=()
for seconds in 3 10 30 100 300; do
  java -jar target/spikecast.jar run ring-60 --duration ${seconds}000 --test-duration 20000 --branches 100 --out "$out/$seconds"
  runs+=("$seconds" "$out/$seconds")
done
java -cp target/test-classes:target/spikecast.jar org.spikecast.cli.LearningCurves src/docs/learning-curves.svg "${runs[@]}"
