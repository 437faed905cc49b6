using System.Runtime.InteropServices;
using TransferLearning.Tests.LifetimeHost;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Guards;

/// <summary>
/// No step of a training copies anything to the host, counted at the CUDA runtime by
/// <c>programs/CudaRig/transfers.c</c>.
/// </summary>
[Trait("Category", "CudaTransfers")]
public sealed class CudaTransfers
{
    private static readonly string? Counter = Environment.GetEnvironmentVariable("TRANSFERLEARNING_TRANSFERS");

    // What cannot do without: libtorch reads the return code of each factorization, exact plans are made on the host,
    // plans that are iterated to a tolerance look at their error, a kernel without a width asks for the batch's median.
    private static readonly HashSet<string> Reading = new(StringComparer.Ordinal)
    {
        "BatchNuclearNorm",
        "BatchSpectralPenalization",
        "BatchSpectralShrinkage",
        "CycleSelfTraining",
        "DeepJointDistributionOptimalTransport",
        "FrechetDistance",
        "GradientNormalization", // of a term that factorizes, here
        "GraphSpectralAlignment",
        "InverseGramDistance",
        "LinearDiscrepancy",
        "LogCorrelationAlignment",
        "MaximumMeanDiscrepancy",
        "Perspective",
        "RepresentationSubspaceDistance",
        "SinkhornDivergence",
        "UncertaintyWeighting", // likewise
        "Recipes.Bnm",
        "Recipes.Bsp",
        "Recipes.Bss",
        "Recipes.Cst",
        "Recipes.DareGram",
        "Recipes.DeepJdot",
        "Recipes.GradNorm",
        "Recipes.LogCoral",
        "Recipes.Rsd",
        "Recipes.Spa",
        "Recipes.Uncertainty",
    };

    private static readonly Dictionary<string, Chain> ByName = Chains
        .All()
        .ToDictionary(chain => chain.Name, StringComparer.Ordinal);

    public static TheoryData<string> ChainNames() => OtherDevice.Rows(ByName.Keys);

    [Theory]
    [MemberData(nameof(ChainNames))]
    public void Step_OnCuda_CopiesNothingToTheHost(string name)
    {
        var device = OtherDevice.OrSkip();
        Assert.SkipWhen(Counter is null, "run.sh transfers sets TRANSFERLEARNING_TRANSFERS.");
        var chain = ByName[name];
        using var scope = NewDisposeScope();
        using var set = new Setting();
        chain.Shape(set);
        var watch = new Watch(NativeLibrary.Load(Counter));
        var builder = chain.Build(set);
        var options = set.Options();
        options = options with
        {
            Device = device,
            Observers = [.. options.Observers, watch],
            Training = options.Training with { Steps = 5 },
        };

        builder.FitFewShot(set.Sources(), set.Target(), set.Few(), options).Dispose();

        set.DisposeDescriptions();
        Assert.SkipWhen(watch.Most is null, "no step in it.");
        var (toHost, toDevice, waits) = watch.Most.Value;
        OtherDevice.Note($"{name}: {toHost} copies to the host, {toDevice} to the device, {waits} waits a step");
        Assert.True(
            toHost == 0 || Reading.Contains(name.Split(' ')[0]),
            $"{toHost} copies to the host, {toDevice} to the device, {waits} waits a step."
        );
    }

    // The most between the ends of two steps; the first two load code and fill caches.
    private sealed class Watch(nint library) : ITrainingObserver
    {
        private readonly Count counted = Marshal.GetDelegateForFunctionPointer<Count>(
            NativeLibrary.GetExport(library, "transfers_counted")
        );
        private long[] before = [];

        private delegate long Count(int which);

        public (long ToHost, long ToDevice, long Waits)? Most { get; private set; }

        public void OnStep(StepReport report)
        {
            long[] now = [counted(0), counted(1), counted(2)];
            if (report.Step > 2)
            {
                var most = Most ?? default;
                Most = (
                    Math.Max(most.ToHost, now[0] - before[0]),
                    Math.Max(most.ToDevice, now[1] - before[1]),
                    Math.Max(most.Waits, now[2] - before[2])
                );
            }
            before = now;
        }
    }
}
