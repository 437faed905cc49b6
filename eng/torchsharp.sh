# Decides where the assembly TorchSharp comes from, and remembers it. Sourced by build.sh, never run.
#
#   package   the NuGet package, wherever it restores
#   system    src/TorchSharp.SystemLibTorch, our binding, over the libtorch of this machine
#
# The decision lies in eng/torchsharp.local.props, which every project imports, so that a plain 'dotnet build' and
# an editor follow it. A value given now that differs from the remembered one makes the decision anew.

local_props="$root/eng/torchsharp.local.props"
remembered_names=(TorchSharpSource TorchSharpVersion LibTorchPackage LibTorchPath TORCHSHARP_FEED)
minimum_libtorch=1.13
if [[ -d "${TORCHSHARP_FEED:-}" ]]; then TORCHSHARP_FEED="$(cd "$TORCHSHARP_FEED" && pwd)"; fi

# The decision, made now if it has not been made or what was asked for has changed.
ensure_torchsharp() {
    local name
    if [[ ! -f "$local_props" ]]; then
        decide_torchsharp
        return
    fi
    for name in "${remembered_names[@]}"; do
        if [[ -n "${!name:-}" && "${!name}" != "$(remembered "$name")" ]]; then
            say "$name is now '${!name}'; deciding anew where TorchSharp comes from."
            decide_torchsharp
            return
        fi
    done
    if [[ "$(torchsharp_source)" == system ]]; then check_system "$(remembered LibTorchPath)"; fi
}

torchsharp_source() { remembered TorchSharpSource; }

decide_torchsharp() {
    check_sdk
    local source="${TorchSharpSource:-}" version="${TorchSharpVersion:-0.107.0}"
    if [[ -z "$source" && -n "${LibTorchPath:-}" ]]; then source=system; fi
    case "$source" in
        package)
            restores "$version" || fail "TorchSharp $version does not restore, and TorchSharpSource=package forces it:
$restore_error"
            ;;
        system) check_system "${LibTorchPath:-}" ;;
        "")
            if restores "$version"; then
                source=package
            else
                [[ -z "${TORCHSHARP_FEED:-}" || "$restore_error" != NU1301* ]] || fail "TORCHSHARP_FEED does not answer: $restore_error"
                say "TorchSharp $version does not restore here ($restore_error)."
                source=system
                check_system ""
            fi
            ;;
        *) fail "TorchSharpSource is '$source'; it must be 'package' or 'system'" ;;
    esac
    remember "$source"
    case "$source" in
        package) say "TorchSharp: the NuGet package $version." ;;
        system) say "TorchSharp: our binding over libtorch $libtorch_version in $libtorch_folder." ;;
    esac
}

check_sdk() {
    command -v dotnet >/dev/null || fail "the .NET SDK 10 is missing: https://dotnet.microsoft.com/download"
    in_root dotnet --version >/dev/null 2>&1 || fail "global.json asks for a .NET SDK that is not here:
$(in_root dotnet --version 2>&1)"
}

# Whether the NuGet package of that version restores here; says why not in restore_error.
restores() {
    local probe output
    probe="$(mktemp -d)"
    cat >"$probe/probe.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <NuGetAudit>false</NuGetAudit>
    <RestoreAdditionalProjectSources>$(xml_escape "${TORCHSHARP_FEED:-}")</RestoreAdditionalProjectSources>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="TorchSharp" Version="[$1]" />
  </ItemGroup>
</Project>
XML
    cp "$root/nuget.config" "$root/global.json" "$probe/"
    if output="$(cd "$probe" && timeout 120 dotnet restore --nologo --verbosity quiet 2>&1)"; then
        restore_error=""
    else
        restore_error="$(grep -o 'NU[0-9]*: .*' <<<"$output" | head -1 | sed 's/ \[[^]]*\]$//')"
        restore_error="${restore_error:-${output:-no answer within two minutes}}"
    fi
    rm -rf "$probe"
    [[ -z "$restore_error" ]]
}

# Makes sure that our binding can be built: a compiler, CMake, a libtorch (that of the folder given, or the
# system's), and a fast BLAS beneath it.
check_system() {
    local path="$1"
    if ! command -v g++ >/dev/null && ! command -v c++ >/dev/null; then need_packages "our TorchSharp binding" g++; fi
    command -v cmake >/dev/null || need_packages "our TorchSharp binding" cmake
    if ! command -v make >/dev/null && ! command -v ninja >/dev/null; then need_packages "our TorchSharp binding" make; fi
    if [[ -n "$path" ]]; then
        find_libtorch "$path/share/cmake/Torch" "$path"/lib/*/cmake/Torch "$path/lib/cmake/Torch" ||
            fail "there is no libtorch in '$path': no TorchConfig.cmake below share/cmake/Torch or lib/cmake/Torch"
        return
    fi
    if ! find_system_libtorch; then
        need_packages "our TorchSharp binding" libtorch-dev libopenblas0-pthread
        find_system_libtorch || fail "libtorch-dev is installed, but its TorchConfig.cmake is nowhere below /usr"
    fi
    check_blas
}

find_system_libtorch() {
    find_libtorch /usr/local/share/cmake/Torch /usr/local/lib/cmake/Torch \
        /usr/lib/*/cmake/Torch /usr/lib/cmake/Torch /usr/share/cmake/Torch /opt/libtorch/share/cmake/Torch
}

# Finds libtorch_folder and libtorch_version by the CMake package in one of the folders, and refuses an old one.
find_libtorch() {
    local folder
    for folder in "$@"; do
        [[ -f "$folder/TorchConfig.cmake" ]] || continue
        libtorch_folder="$folder"
        libtorch_version="$(sed -n 's/^set(PACKAGE_VERSION "\([0-9.]*\).*/\1/p' "$folder/TorchConfigVersion.cmake")"
        [[ "$(printf '%s\n' "$minimum_libtorch" "$libtorch_version" | sort --version-sort | head -1)" == "$minimum_libtorch" ]] ||
            fail "libtorch in '$folder' is $libtorch_version; our binding needs $minimum_libtorch or later"
        return 0
    done
    return 1
}

# A libtorch that asks the system for its BLAS gets the reference implementation where no other is installed:
# a product of two 1024x1024 matrices then takes 780 ms instead of 9.
check_blas() {
    local library="$libtorch_folder/../../libtorch_cpu.so" blas
    [[ -f "$library" ]] || return 0
    blas="$(ldd "$library" | sed -n 's/.*libblas\.so\.3 => \([^ ]*\).*/\1/p')"
    [[ -n "$blas" ]] || return 0
    is_reference_blas "$blas" || return 0
    need_packages "a fast BLAS beneath libtorch" libopenblas0-pthread
    if is_reference_blas "$blas"; then
        say "warning: libtorch runs on the reference BLAS ($(readlink -f "$blas")), about 80 times slower than OpenBLAS."
        say "         OpenBLAS is installed but not chosen; as root: update-alternatives --auto libblas.so.3-$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || say x86_64-linux-gnu)"
    fi
}

is_reference_blas() { [[ "$(readlink -f "$1")" == */blas/libblas.so.3* ]]; }

# Writes what was decided. The properties yield to those that a command line or the environment gives.
remember() {
    local source="$1" name
    {
        say "<Project>"
        say "  <!-- Written by build.sh; ./build.sh setup writes it anew. -->"
        say "  <PropertyGroup>"
        for name in "${remembered_names[@]}"; do
            local value="${!name:-}"
            if [[ "$name" == TorchSharpSource ]]; then value="$source"; fi
            [[ -n "$value" ]] || continue
            say "    <$name Condition=\"'\$($name)' == ''\">$(xml_escape "$value")</$name>"
        done
        say "  </PropertyGroup>"
        say "</Project>"
    } >"$local_props.new"
    if cmp --silent "$local_props.new" "$local_props"; then rm "$local_props.new"; else mv "$local_props.new" "$local_props"; fi
}

# One remembered value, or nothing.
remembered() {
    [[ -f "$local_props" ]] || return 0
    sed -n "s|^ *<$1 [^>]*>\(.*\)</$1>\$|\1|p" "$local_props" | sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'
}

xml_escape() { sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' <<<"$1"; }
