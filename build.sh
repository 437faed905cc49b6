#!/usr/bin/env bash
# The one door to this repository: ./build.sh --help
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
configuration=Release
packages="$root/artifacts/packages"

# shellcheck source=eng/common.sh
source "$root/eng/common.sh"
# shellcheck source=eng/torchsharp.sh
source "$root/eng/torchsharp.sh"

usage() {
    cat <<'HELP'
usage: ./build.sh [--libtorch <path>] <verb> [arguments]

  setup                     find or install what the build needs, and decide where TorchSharp comes from
  build                     build everything
  demo [arguments]          train the digit classifiers and write the report (demo --help lists its arguments)
  evaluate <suite>          measure methods on research data and write docs/results (evaluate --help lists suites and arguments)
  test [--all]              run the tests; --all adds the long ones
  parity [folder]           compare with the peer libraries' figures; folder adds cases of your own
  bench [filter] [--peers]  measure; --peers measures plain PyTorch and NumPy beside it; --memory what training holds;
                            --large time and peak memory from 1,000 to 100,000 rows
  pack                      write the NuGet packages to artifacts/packages
  format [--check]          format the sources, or only say what is not formatted
  clean                     remove everything that was built

Every verb does first what it needs. Where TorchSharp comes from can be forced:

  --libtorch <path>         build our binding against this libtorch (an unpacked download, or the folder
                            'torch' of a Python's site-packages) instead of the system's
  TorchSharpSource=...      'package' (NuGet) or 'system' (our binding over the machine's libtorch)
  TORCHSHARP_FEED=...       one more NuGet source, a folder or an address, that is asked for TorchSharp
  TorchSharpVersion=...     another version of the package (default 0.107.0)
  LibTorchPackage=...       the backend package of tests and samples (default libtorch-cpu; none: on the system)
HELP
}

build() {
    ensure_torchsharp
    step "Building ${1:-everything}"
    in_root dotnet build "${1:-TransferLearning.sln}" --configuration "$configuration" --nologo --verbosity quiet \
        -consoleLoggerParameters:NoSummary || fail "the build failed; the errors are above"
}

# Builds one program of the repository and runs it in the caller's own directory.
run_program() {
    local project="$1" name
    shift
    name="$(basename "$project")"
    build "$project"
    dotnet "$root/$project/bin/$configuration/net10.0/$name.dll" "$@"
}

# Runs the tests that a filter selects and adds up what the result files say.
run_tests() {
    local filter="$1" results="$root/artifacts/test-results" project counters status=0
    local total=0 executed=0 passed=0 failed=0
    rm -rf "$results"
    for project in "$root"/tests/*/*.csproj; do
        step "Testing $(basename "$project" .csproj)"
        in_root dotnet test "$project" --no-build --configuration "$configuration" --nologo --filter "$filter" \
            --logger "trx;LogFileName=$(basename "$project" .csproj).trx" --results-directory "$results" || status=1
    done
    for counters in "$results"/*.trx; do
        [[ -e "$counters" ]] || continue
        local line
        line="$(grep -o '<Counters [^>]*' "$counters")"
        total=$((total + $(counter "$line" total)))
        executed=$((executed + $(counter "$line" executed)))
        passed=$((passed + $(counter "$line" passed)))
    done
    failed=$((executed - passed))
    if ((status != 0 && failed == 0)); then
        say "A test run broke off before its end; the output above says where."
    fi
    say "tests: $passed passed, $failed failed, $((total - executed)) skipped"
    return "$status"
}

counter() {
    sed -n "s/.* $2=\"\([0-9]*\)\".*/\1/p" <<<"$1"
}

verb_test() {
    local filter="Category!=Long"
    case "${1:-}" in
        --all) filter="FullyQualifiedName~." ;;
        "") ;;
        *) fail "test: unknown argument '$1'; only --all is known" ;;
    esac
    build
    run_tests "$filter"
}

verb_parity() {
    local folder="${1:-}" summary="$root/artifacts/parity.txt" status=0
    if [[ -n "$folder" ]]; then
        [[ -d "$folder" ]] || fail "parity: there is no folder '$folder'"
        folder="$(cd "$folder" && pwd)"
    fi
    build
    mkdir -p "$root/artifacts"
    rm -f "$summary"
    in_root env TRANSFERLEARNING_PARITY="$folder" TRANSFERLEARNING_PARITY_SUMMARY="$summary" \
        dotnet test tests/TransferLearning.Tests --no-build --configuration "$configuration" --nologo \
        --filter Category=Parity || status=1
    [[ -s "$summary" ]] || fail "parity: the tests broke off before their summary"
    cat "$summary"
    return "$status"
}

verb_bench() {
    local filter="" peers=false report="" argument
    for argument in "$@"; do
        case "$argument" in
            --peers) peers=true ;;
            --memory | --large) report="$argument" ;;
            -*) fail "bench: unknown argument '$argument'; only --peers, --memory and --large are known" ;;
            *) filter="$argument" ;;
        esac
    done
    if [[ "$peers" == true ]]; then
        need_packages "measuring the peers" python3-torch python3-scipy python3-sklearn python3-cvxopt python3-pot
        build benchmarks/TransferLearning.Benchmarks
        "$peer_python" "$root/benchmarks/peers/compare.py" --filter "$filter" -- \
            dotnet "$root/benchmarks/TransferLearning.Benchmarks/bin/$configuration/net10.0/TransferLearning.Benchmarks.dll" --jobs
    elif [[ -n "$report" ]]; then
        run_program benchmarks/TransferLearning.Benchmarks "$report"
    else
        build benchmarks/TransferLearning.Benchmarks
        in_root dotnet run --no-build --configuration "$configuration" --project benchmarks/TransferLearning.Benchmarks \
            -- --filter "*$filter*"
    fi
}

verb_pack() {
    ensure_torchsharp
    step "Packing"
    rm -rf "$packages"
    pack_project src/TransferLearning
    if [[ "$(torchsharp_source)" == system ]]; then pack_project src/TorchSharp.SystemLibTorch; fi
    ls -1sh "$packages"
}

pack_project() {
    in_root dotnet pack "$1" --configuration "$configuration" --nologo --verbosity quiet --output "$packages" \
        -property:ContinuousIntegrationBuild=true || fail "packing $1 failed; the errors are above"
}

verb_format() {
    in_root dotnet tool restore >/dev/null || fail "the formatter (dotnet tool csharpier) did not restore"
    case "${1:-}" in
        --check) in_root dotnet csharpier check . || fail "some files are not formatted; ./build.sh format does it" ;;
        "") in_root dotnet csharpier format . ;;
        *) fail "format: unknown argument '$1'; only --check is known" ;;
    esac
}

verb_clean() {
    step "Cleaning"
    rm -rf "$root/artifacts" "$root/BenchmarkDotNet.Artifacts"
    find "$root/src" "$root/tests" "$root/benchmarks" "$root/samples" "$root/eng" \
        -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
}

arguments=()
while (($# > 0)); do
    case "$1" in
        --libtorch)
            [[ -n "${2:-}" ]] || fail "--libtorch needs a path"
            [[ -d "$2" ]] || fail "--libtorch: there is no folder '$2'"
            LibTorchPath="$(cd "$2" && pwd)"
            export LibTorchPath
            shift 2
            ;;
        *)
            arguments+=("$1")
            shift
            ;;
    esac
done
set -- "${arguments[@]:-}"
verb="${1:-}"
shift || true

case "$verb" in
    setup) decide_torchsharp ;;
    build) build ;;
    demo) run_program samples/DigitAdaptation "$@" ;;
    evaluate) run_program samples/Evaluate "$@" ;;
    test | parity | bench | pack | format | clean) "verb_$verb" "$@" ;;
    "" | -h | --help | help) usage ;;
    *)
        usage >&2
        fail "unknown verb '$verb'"
        ;;
esac
