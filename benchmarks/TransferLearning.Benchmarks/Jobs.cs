using System.Diagnostics;

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

    public static IReadOnlyDictionary<string, Func<Func<double>>> All { get; } =
        new Dictionary<string, Func<Func<double>>>(
            [
                new("add", () => Timed(new TensorAddition(Additions).Run, units: Additions)),
                new("step-source", () => Training(TrainingSteps.SourceOnly())),
                new("step-dan", () => Training(TrainingSteps.DeepAdaptation())),
                new("step-dann", () => Training(TrainingSteps.DomainAdversarial())),
                .. Sizes.Select(size =>
                    Job($"kmm-{size}", () => Timed(new ShallowProblem(size, size).MatchKernelMeans))
                ),
                .. Sizes.Select(size =>
                    Job($"tca-{size}", () => Timed(new ShallowProblem(size / 2, size / 2).FindTransferComponents))
                ),
                .. OtherSizes.Select(size =>
                    Job($"jda-{size}", () => Timed(new ShallowProblem(size / 2, size / 2).AdaptJointDistributions))
                ),
                .. OtherSizes.Select(size =>
                    Job($"ulsif-{size}", () => Timed(new ShallowProblem(size, size).EstimateRatio))
                ),
                Job("tca-gaussian-4000", () => Timed(new ShallowProblem(2000, 2000).FindGaussianTransferComponents)),
                .. OtherSizes.Select(size =>
                    Job($"emd-{size}", () => Timed(new ShallowProblem(size, size).TransportExactly))
                ),
                .. OtherSizes.Select(size =>
                    Job($"sinkhorn-{size}", () => Timed(new ShallowProblem(size, size).TransportWithEntropy))
                ),
            ],
            StringComparer.Ordinal
        );

    private static KeyValuePair<string, Func<Func<double>>> Job(string name, Func<Func<double>> prepare) =>
        new(name, prepare);

    private static Func<double> Training(TrainingSteps training) => () => training.Measure(Steps);

    private static Func<double> Timed(Action work, int units = 1) =>
        () =>
        {
            var clock = Stopwatch.StartNew();
            work();
            return clock.Elapsed.TotalMilliseconds / units;
        };
}
