#!/usr/bin/env bash
# Packs the tests and the benchmarks, .NET and TorchSharp's native library included, without libtorch: one file of some
# 40 MB that runs on any Linux x64 machine that has a Python with torch. Usage: publish.sh [file]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
file="$(realpath -m "${1:-artifacts/cuda/rig.tar.xz}")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$(dirname "$file")"
for program in tests/TransferLearning.Tests benchmarks/TransferLearning.Benchmarks; do
    dotnet publish "$program" -c Release -r linux-x64 --self-contained \
        -p:LibTorchPackage=none "-p:PublishDir=$work/${program%%/*}/" --nologo --verbosity quiet
done

# What only other machines, other tests and debuggers need.
cd "$work"
rm -rf tests/DnnImageModels tests/Microsoft.CodeCoverage tests/onnxruntime.dll {tests,benchmarks}/*.{dbg,dylib} \
    {tests,benchmarks}/lib{onnxruntime,onnxruntime_providers_shared,SkiaSharp,capstone,mscordaccore,mscordbi}.so
# What both have, once.
(cd benchmarks && find . -type f) | while read -r path; do
    if cmp --silent "tests/$path" "benchmarks/$path"; then ln --force "tests/$path" "benchmarks/$path"; fi
done
tar --create --file - tests benchmarks | xz --threads=0 >"$file"
ls -sh "$file"
