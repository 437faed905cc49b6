#!/usr/bin/env bash
# Packs the tests, .NET and TorchSharp's native library included, without libtorch: one file of some 40 MB that runs
# on any Linux x64 machine that has a Python with torch. Usage: publish.sh [file]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
file="$(realpath -m "${1:-artifacts/cuda/tests.tar.xz}")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$(dirname "$file")"
dotnet publish tests/TransferLearning.Tests -c Release -r linux-x64 --self-contained \
    -p:LibTorchPackage=none "-p:PublishDir=$work/" --nologo --verbosity quiet
tar --create --xz --file "$file" --directory "$work" .
ls -sh "$file"
