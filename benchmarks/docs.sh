#!/usr/bin/env bash
# Runs the commands in README and src/docs, and measures the numbers of src/docs/numbers.tsv anew, by the commands that stand
# there and match a regular expression.
#
#   bash benchmarks/docs.sh                         the documents' commands, and what run ring-60 prints: two minutes
#   bash benchmarks/docs.sh 'ca1-regular-bursting$' a long command of the list
#   bash benchmarks/docs.sh .                       all commands of the list: a day
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f target/spikecast.jar ] && [ -d target/test-classes ] || mvn -q -B -DskipTests package
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
java --add-exports java.base/jdk.internal.module=ALL-UNNAMED -cp target/test-classes:target/spikecast.jar \
  org.spikecast.cli.DocumentNumbers "$out" "${1:-run ring-60$}"
