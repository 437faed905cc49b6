#!/usr/bin/env bash
# Everything that a GPU is needed for, each part within a time of its own: 8 minutes at most.
# Usage: check.sh <file> <folder of the logs> [parts]. A part that fails or ends late leaves the others alone.
set -uo pipefail
file="$(realpath "$1")"
out="$(realpath -m "$2")"
shift 2
(($# > 0)) || set -- tests chains times transfers float32
mkdir -p "$out"
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
export TRANSFERLEARNING_FIGURES="$out/figures.txt"
ends=0

# part <name> <seconds> <arguments of run.sh>
part() {
    local log="$out/$1.log" seconds="$2" began=$SECONDS
    # Small figures on many threads wait for each other; times want all of them.
    local threads=(env "OMP_NUM_THREADS=${OMP_NUM_THREADS:-4}")
    [[ "$1" != times ]] || threads=(env)
    shift 2
    timeout --kill-after=5 "$seconds" "${threads[@]}" tests/programs/CudaRig/run.sh "$file" "$@" >"$log" 2>&1
    local code=$?
    # 77: what the part needs is not on this machine, and its log says what.
    if ((code == 77)); then
        echo "$(basename "$log"): not run: $(tail -n 1 "$log")"
        return
    fi
    ((code == 0)) || ends=1
    echo "$(basename "$log"): exit $code after $((SECONDS - began)) s (of $seconds)"
    grep -E 'Total:|FAIL\]' "$log" | sed 's/^ *//' | tail -n 25
}

nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null || echo "no nvidia-smi"
for name in "$@"; do
    case "$name" in
    tests) part tests 60 tests -class '*CudaTests' -class '*CudaContracts' ;;
    chains) part chains 100 tests -class '*CudaChains' -method '*InFloat64*' ;;
    times)
        part times 220 benchmarks --limit 195 --out "$out"
        cat "$out/gpu.md"
        ;;
    transfers) part transfers 50 transfers ;;
    float32) part float32 50 tests -class '*CudaChains' -method '*InFloat32*' ;;
    esac
done
exit "$ends"
