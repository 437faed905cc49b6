using System.Diagnostics;
using System.Globalization;

namespace TransferLearning.Benchmarks;

/// <summary>
/// The jobs by name. Each makes its data once and then answers, run by run, the milliseconds of one unit of work.
/// </summary>
internal static class Jobs
{
    private const int Additions = 20_000;
    private const int Steps = 20;
    private static readonly int[] Sizes = [500, 1000, 2000, 5000];
    private static readonly int[] OtherSizes = [500, 2000, 5000];

    private static readonly Dictionary<string, Func<Func<double>>> Unsized = new(StringComparer.Ordinal)
    {
        ["add"] = () => Timed(new TensorAddition(Additions).Run, units: Additions),
        ["step-source"] = () => Training(TrainingSteps.SourceOnly()),
        ["step-dan"] = () => Training(TrainingSteps.DeepAdaptation()),
        ["step-dann"] = () => Training(TrainingSteps.DomainAdversarial()),
        ["step-cdan"] = () => Training(TrainingSteps.Conditional()),
        ["step-mcd"] = () => Training(TrainingSteps.TwoClassifiers()),
        ["step-mdd"] = () => Training(TrainingSteps.MarginDisparity()),
        ["step-fixmatch"] = () => Training(TrainingSteps.NoisyViews()),
    };

    private static readonly Dictionary<string, (int[] Sizes, Func<int, Action> Work)> Sized = new(
        StringComparer.Ordinal
    )
    {
        ["kmm"] = (Sizes, size => new ShallowProblem(size, size).MatchKernelMeans),
        ["tca"] = (Sizes, size => new ShallowProblem(size / 2, size / 2).FindTransferComponents),
        ["jda"] = (OtherSizes, size => new ShallowProblem(size / 2, size / 2).AdaptJointDistributions),
        ["ulsif"] = (OtherSizes, size => new ShallowProblem(size, size).EstimateRatio),
        ["tca-gaussian"] = ([4000], size => new ShallowProblem(size / 2, size / 2).FindGaussianTransferComponents),
        ["emd"] = (OtherSizes, size => new ShallowProblem(size, size).TransportExactly),
        ["sinkhorn"] = (OtherSizes, size => new ShallowProblem(size, size).TransportWithEntropy),
    };

    /// <summary>The names of the jobs that are measured.</summary>
    public static IEnumerable<string> Names =>
        [.. Unsized.Keys, .. Sized.SelectMany(kind => kind.Value.Sizes.Select(size => $"{kind.Key}-{size}"))];

    /// <summary>Makes a job's data; one with a size can be had at every size.</summary>
    public static Func<double> Prepare(string name)
    {
        if (Unsized.TryGetValue(name, out var prepare))
        {
            return prepare();
        }
        if (DeviceJobs.Prepare(name) is { } onDevice)
        {
            return onDevice;
        }
        var dash = name.LastIndexOf('-');
        return Timed(Sized[name[..dash]].Work(int.Parse(name[(dash + 1)..], CultureInfo.InvariantCulture)));
    }

    private static Func<double> Training(TrainingSteps training) => () => training.Measure(Steps);

    private static Func<double> Timed(Action work, int units = 1) =>
        () =>
        {
            var clock = Stopwatch.StartNew();
            work();
            return clock.Elapsed.TotalMilliseconds / units;
        };
}
