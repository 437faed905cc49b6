<#
.SYNOPSIS
Builds, tests and runs this repository on Windows, with TorchSharp from NuGet.

.DESCRIPTION
./build.ps1 build              builds everything
./build.ps1 demo [arguments]   trains the digit classifiers and writes the report
./build.ps1 test [--all]       runs the tests; --all adds the long ones
./build.ps1 pack               writes the NuGet packages to artifacts/packages
./build.ps1 clean              removes everything that was built

Our own TorchSharp binding over a system's libtorch, the comparison with the peer libraries and the set-up of a machine
are build.sh's, on Linux. The variables TORCHSHARP_FEED, TorchSharpVersion and LibTorchPackage work here as there.
#>
param(
    [Parameter(Position = 0)][ValidateSet('build', 'demo', 'test', 'pack', 'clean')][string] $Verb = 'build',
    [Parameter(Position = 1, ValueFromRemainingArguments)][string[]] $Arguments = @()
)

$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot
$env:TorchSharpSource = 'package'

function Invoke-DotNet {
    Push-Location $root
    try { & dotnet @args } finally { Pop-Location }
    if ($LASTEXITCODE -ne 0) { throw "dotnet $($args -join ' ') failed" }
}

switch ($Verb) {
    'build' { Invoke-DotNet build TransferLearning.sln --configuration Release }
    'demo' {
        Invoke-DotNet build samples/DigitAdaptation --configuration Release
        & dotnet "$root/samples/DigitAdaptation/bin/Release/net10.0/DigitAdaptation.dll" @Arguments
        exit $LASTEXITCODE
    }
    'test' {
        $filter = if ($Arguments -contains '--all') { 'FullyQualifiedName~.' } else { 'Category!=Long' }
        Invoke-DotNet test TransferLearning.sln --configuration Release --filter $filter
    }
    'pack' { Invoke-DotNet pack src/TransferLearning --configuration Release --output "$root/artifacts/packages" }
    'clean' {
        Get-ChildItem $root -Recurse -Directory -Include bin, obj, artifacts | Remove-Item -Recurse -Force
    }
}
