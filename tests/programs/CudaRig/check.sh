#!/usr/bin/env bash
# Everything that a GPU is needed for, the most telling first, each part within a time of its own: 8 minutes at most.
# Usage: check.sh <file> <folder of the logs>. A part that fails or ends late leaves the others alone.
set -uo pipefail
file="$(realpath "$1")"
out="$(realpath -m "$2")"
mkdir -p "$out"
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
rig=tests/programs/CudaRig/run.sh
export TRANSFERLEARNING_FIGURES="$out/figures.txt"
ends=0

# part <seconds> <log> <arguments of run.sh>
part() {
    local seconds="$1" log="$out/$2" began=$SECONDS
    shift 2
    timeout --kill-after=5 "$seconds" "$rig" "$file" "$@" >"$log" 2>&1
    local code=$?
    ((code == 0)) || ends=1
    echo "$(basename "$log"): exit $code after $((SECONDS - began)) s (of $seconds)"
    grep -E 'Total:|FAIL\]' "$log" | sed 's/^ *//' | tail -n 25
}

tests() { part "$1" "$2" tests -trait Category=Cuda "${@:3}"; }

nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null || echo "no nvidia-smi"
tests 100 tests.log -class '*CudaTests' -class '*CudaContracts'
part 190 times.log benchmarks --limit 150 --out "$out"
cat "$out/gpu.md"
tests 80 chains.log -class '*CudaChains'
part 60 transfers.log transfers
exit "$ends"
