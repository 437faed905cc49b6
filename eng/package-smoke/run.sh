#!/usr/bin/env bash
# Packs what is built, restores the packages into a fresh program outside the repository, and runs it.
#   eng/package-smoke/run.sh <configuration> <package|system> <backend package> <its version>
# Asks no network: the packages come from their folder, everything else from what this machine has restored before.
set -euo pipefail

configuration="$1" source="$2"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export TorchSharpSource="$source" LibTorchPackage="$3" LibTorchVersion="$4"

pack() {
    (cd "$root" && dotnet pack "$1" --no-build --configuration "$configuration" --nologo --verbosity quiet --output "$work/feed")
}

mkdir "$work/feed" "$work/program"
pack src/TransferLearning
if [[ "$source" == system ]]; then pack src/TorchSharp.SystemLibTorch; fi

cp "$here/PackageSmoke.csproj" "$here/Program.cs" "$root/global.json" "$work/program/"
cat >"$work/program/nuget.config" <<XML
<configuration>
  <packageSources>
    <clear />
    <add key="packed" value="$work/feed" />
    <add key="restored before" value="${NUGET_PACKAGES:-$HOME/.nuget/packages}" />
  </packageSources>
  <packageSourceMapping>
    <clear />
  </packageSourceMapping>
</configuration>
XML

cd "$work/program"
export NUGET_PACKAGES="$work/packages"
dotnet run --configuration Release --verbosity quiet
