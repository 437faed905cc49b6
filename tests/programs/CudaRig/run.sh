#!/usr/bin/env bash
# Runs what publish.sh packed over the libtorch of this machine's Python torch. Usage: run.sh <file> [what [arguments]]
#   tests [xunit arguments]        the tests of the category Cuda, which skip where there is no GPU; or others
#   transfers [xunit arguments]    what a training step copies between host and device
#   benchmarks [gpu.py arguments]  times, into artifacts/cuda/times (or --out <folder>)
# TRANSFERLEARNING_LIBTORCH=<folder> takes that libtorch; the benchmarks' other side is Python's in any case.
set -euo pipefail
file="$(realpath "$1")"
what="${2:-tests}"
shift $(($# > 1 ? 2 : 1))
# Inside the repository, whose files some tests look at.
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
folder="$PWD/artifacts/cuda/rig"
python="${PYTHON:-python3}"
if [[ ! -e "$folder/unpacked" || "$file" -nt "$folder/unpacked" ]]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    tar --extract --xz --file "$file" --directory "$folder"
    chmod +x "$folder/tests/TransferLearning.Tests" "$folder/benchmarks/TransferLearning.Benchmarks"
    touch "$folder/unpacked"
fi

"$python" -c 'import torch; print("torch", torch.__version__, torch.cuda.get_device_name(0) if torch.cuda.is_available() else "without a GPU")'
libraries="${TRANSFERLEARNING_LIBTORCH:-$("$python" - <<'PYTHON'
import glob, os, site, torch
own = os.path.join(os.path.dirname(torch.__file__), "lib")
nvidia = [path for root in site.getsitepackages() for path in glob.glob(os.path.join(root, "nvidia", "*", "lib"))]
print(":".join([own, *nvidia]))
PYTHON
)}"
library_path="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
# Symbols that this libtorch lacks; binding is lazy, so each fails only where it is called.
LD_LIBRARY_PATH="$library_path" ldd -r "$folder/tests/libLibTorchSharp.so" 2>/dev/null | grep 'undefined symbol' ||
    echo "all symbols are there"

case "$what" in
tests)
    (($# > 0)) || set -- -trait "Category=Cuda"
    LD_LIBRARY_PATH="$library_path" "$folder/tests/TransferLearning.Tests" -noColor "$@"
    ;;
transfers)
    compiler="$(command -v cc || command -v gcc || true)"
    if [[ -z "$compiler" ]]; then
        echo "transfers: there is no C compiler here, so copies are not counted."
        exit 77
    fi
    "$compiler" -shared -fPIC -O2 -o "$folder/transfers.so" tests/programs/CudaRig/transfers.c -ldl
    (($# > 0)) || set -- -trait "Category=CudaTransfers"
    LD_LIBRARY_PATH="$library_path" LD_PRELOAD="$folder/transfers.so" \
        TRANSFERLEARNING_TRANSFERS="$folder/transfers.so" \
        "$folder/tests/TransferLearning.Tests" -noColor "$@"
    ;;
benchmarks)
    [[ " $* " == *" --out "* ]] || set -- --out artifacts/cuda/times "$@"
    # The libraries are the program's alone: Python finds its own.
    "$python" benchmarks/peers/gpu.py "$@" \
        -- env "LD_LIBRARY_PATH=$library_path" "$folder/benchmarks/TransferLearning.Benchmarks" --jobs
    ;;
*)
    echo "run.sh: '$what' is neither tests, transfers nor benchmarks" >&2
    exit 2
    ;;
esac
