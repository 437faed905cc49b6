#!/usr/bin/env bash
# Runs packed tests over the libtorch of this machine's Python torch. Usage: run.sh <file> [xunit arguments]
# Without arguments the CUDA tests run: those that skip where there is no GPU.
set -euo pipefail
file="$(realpath "$1")"
shift
(($# > 0)) || set -- -trait "Category=Cuda"
# Inside the repository, whose files some tests look at.
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
folder=artifacts/cuda/tests
mkdir -p "$folder"
tar --extract --xz --file "$file" --directory "$folder"

python3 -c 'import torch; print("torch", torch.__version__, torch.cuda.get_device_name(0) if torch.cuda.is_available() else "without a GPU")'
libraries="$(python3 - <<'PYTHON'
import glob, os, site, torch
own = os.path.join(os.path.dirname(torch.__file__), "lib")
nvidia = [path for root in site.getsitepackages() for path in glob.glob(os.path.join(root, "nvidia", "*", "lib"))]
print(":".join([own, *nvidia]))
PYTHON
)"
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
# Symbols that this libtorch lacks; binding is lazy, so each fails only where it is called.
ldd -r "$folder/libLibTorchSharp.so" 2>/dev/null | grep 'undefined symbol' || echo "all symbols are there"
chmod +x "$folder/TransferLearning.Tests"
"$folder/TransferLearning.Tests" -noColor "$@"
