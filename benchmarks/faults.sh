#!/bin/bash
# Breaks runs off and lets system calls fail, goes on with --resume, and compares the manifests (which hold the SHA-256 of every
# file) with that of an unbroken run. Linux, with strace. Prints one line per kind; exits with 1 if anything differs.
#
#   benchmarks/faults.sh [random N] [rename] [error]        all by default, N = 100
#
# random: kill -9 at N random moments, in train, run ring-60 and run ca1-regular-spiking in turn.
# rename: kill -9 at every rename of each of them, before it is carried out and after it.
# error:  ENOSPC from every write, EIO from every fsync and every rename of train.
#
# SPIKECAST is how the program is called; by default, java -jar target/spikecast.jar.
set -u
SPIKECAST=${SPIKECAST:-java -jar target/spikecast.jar}
[ $# -gt 0 ] || set -- random 100 rename error
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
RANDOM=7

awk 'BEGIN { srand(3); print "a,b"; for (r = 0; r < 400; r++) print int(3 * rand()) "," r % 4 }' > "$folder/table.csv"
names=(train ring ca1)
declare -A commands=(
  [train]="train --data $folder/table.csv --epochs 6 --batch 20"
  [ring]="run ring-60 --smoke"
  [ca1]="run ca1-regular-spiking --smoke --epochs 4"
)
declare -A seconds
for name in "${names[@]}"; do
  began=$(date +%s%N)
  $SPIKECAST ${commands[$name]} --out "$folder/whole-$name" > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
  seconds[$name]=$(( ($(date +%s%N) - began) / 1000000 ))
done

# Goes on with what is in $folder/out, and compares.
finish() { # NAME WHAT
  local resume=""
  if [ ! -e "$folder/out/manifest.json" ]; then
    [ -e "$folder/out/run.lock" ] && resume=--resume
    if ! $SPIKECAST ${commands[$1]} --out "$folder/out" $resume > "$folder/log" 2>&1; then
      echo "FAILED $1, $2: $(tail -1 "$folder/log")"
      failed=1
      return
    fi
  fi
  if ! cmp -s "$folder/whole-$1/manifest.json" "$folder/out/manifest.json"; then
    echo "FAILED $1, $2: other bytes"
    failed=1
  fi
}

random() {
  local n=$1 k name
  for ((k = 0; k < n; k++)); do
    name=${names[$((k % 3))]}
    rm -rf "$folder/out"
    $SPIKECAST ${commands[$name]} --out "$folder/out" --checkpoint-interval 0 > "$folder/log" 2>&1 &
    local pid=$!
    local ms=$(( 100 + RANDOM * ${seconds[$name]} / 32768 ))
    sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
    kill -9 $pid 2> /dev/null
    wait $pid 2> /dev/null
    finish "$name" "killed after $ms ms"
  done
  echo "random: $n kills"
}

# Runs a command under strace with an injection; the output goes to $folder/log.
inject() { # NAME INJECTION...
  local name=$1
  shift
  rm -rf "$folder/out"
  strace -f -o "$folder/trace" -e trace=write,pwrite64,fsync,rename,renameat,renameat2 "${@/#/--inject=}" \
    $SPIKECAST ${commands[$name]} --out "$folder/out" > "$folder/log" 2>&1
}

count() { # CALL: how many the main thread of the last trace made
  awk -v call="$1" '$2 ~ "^" call "\\(" { n[$1]++ } END { for (t in n) if (n[t] > most) most = n[t]; print most + 0 }' "$folder/trace"
}

rename() {
  local name k n all=0
  for name in "${names[@]}"; do
    inject "$name"
    n=$(count rename)
    for ((k = 1; k <= n; k++)); do
      inject "$name" "rename:error=EIO:signal=KILL:when=$k" 2> /dev/null
      finish "$name" "killed before rename $k"
      inject "$name" "rename:signal=KILL:when=$k" 2> /dev/null
      finish "$name" "killed after rename $k"
    done
    all=$((all + n))
  done
  echo "rename: $all renames, before and after each"
}

error() {
  local call error k n code all=0
  for call in write:ENOSPC fsync:EIO rename:EIO; do
    error=${call#*:}
    call=${call%:*}
    inject train
    n=$(count $call)
    for ((k = 1; k <= n; k++)); do
      inject train "$call:error=$error:when=$k"
      code=$?
      if [ $code -eq 3 ] && ! grep -q "spikecast: .*\($folder/out\|standard output\)" "$folder/log"; then
        echo "FAILED train, $call $k: the message names no file: $(tail -1 "$folder/log")"
        failed=1
      elif [ $code -ne 3 ] && [ $code -ne 0 ]; then
        echo "FAILED train, $call $k: exit code $code: $(tail -1 "$folder/log")"
        failed=1
      fi
      if find "$folder/out" -name '.spikecast-*' | grep -q .; then
        echo "FAILED train, $call $k: a temporary file is left"
        failed=1
      fi
      finish train "$call $k"
    done
    all=$((all + n))
  done
  echo "error: $all system calls"
}

while [ $# -gt 0 ]; do
  case $1 in
    random) random "$2"; shift 2 ;;
    rename) rename; shift ;;
    error) error; shift ;;
    *) echo "$0: random N, rename or error expected, got $1"; exit 2 ;;
  esac
done
exit $failed
