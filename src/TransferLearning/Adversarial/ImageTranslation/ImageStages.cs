using System.Globalization;
using TorchSharp;
using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>What stages that train a generator of images have in common.</summary>
internal static class ImageStages
{
    /// <summary>Rows that pass a generator at a time.</summary>
    public const long RowsAtOnce = 256;

    /// <summary>What of a plan no generator of images can work on.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="options">The stage's own options, or null.</param>
    /// <param name="generators">The generators.</param>
    public static void Check(
        ChainPlan plan,
        TrainingOptions? options,
        params IReadOnlyList<IFeatureExtractor> generators
    )
    {
        if (options?.Validation is not null)
        {
            plan.Fault("its Options have a Validation, which scores predictions, and it makes none: leave it out.");
        }
        if (plan.RowShape is { Count: not 3 } shape)
        {
            plan.Fault(
                $"works on images [n, channels, height, width]; rows have the shape {Shape.Text(shape)}: reshape them "
                    + "to images before, and flatten them after it."
            );
            return;
        }
        if (plan.HasWeights || plan.Domains.Sources.Any(source => source.Weights is not null))
        {
            plan.Fault(
                "counts all source images alike, past ones included, and would not honor example weights: put the "
                    + "weighting after it."
            );
        }
        if (!plan.IsMapped)
        {
            var all = generators.SelectMany(part => part.WithInner()).OfType<ITrainable>();
            if (all.Select(part => part.Module).OfType<ResidualGenerator>().FirstOrDefault() is { } generator)
            {
                CheckRange(plan, generator);
            }
        }
    }

    /// <summary>
    /// The authors' way to train: Adam at 0.0002 with betas 0.5 and 0.999, falling to 0 in the second half.
    /// </summary>
    /// <param name="run">Whose epochs and batches they take.</param>
    public static TrainingOptions Defaults(TrainingOptions run) =>
        run with
        {
            Optimizer = parameters => optim.Adam(parameters, 2e-4, 0.5, 0.999),
            LearningRate = new Schedule(progress => Math.Min(1, 2 - (2 * progress))),
            Validation = null,
            RestoreBest = false,
        };

    /// <summary>A training of generators, which predicts nothing.</summary>
    public static NetworkTraining Training(IFeatureExtractor toTarget, DomainSet domains) =>
        new(Map(toTarget), new NoScores(domains.Space.Width));

    /// <summary>The state with source images translated and target images as they are.</summary>
    public static AdaptationState Translated(AdaptationState state, IFeatureExtractor toTarget, Device? device) =>
        state.Mapped(Map(toTarget), RowsAtOnce, device);

    // An empty chain is the identity.
    private static PerDomainExtractor Map(IFeatureExtractor toTarget) => new(toTarget, ExtractorChain.Of());

    private static void CheckRange(ChainPlan plan, ResidualGenerator generator)
    {
        using var scope = NewDisposeScope();
        var slack = (generator.White - generator.Black) / 1000;
        foreach (
            var (name, rows) in plan
                .Domains.Sources.Select((source, i) => (DomainId.Source(i), source.Rows))
                .Append((DomainId.Target, plan.Domains.Target.Rows))
        )
        {
            Canceling.Check();
            var some = BatchedPass.Read(rows, 0, Math.Min(rows.Count, RowsAtOnce));
            var (least, most) = (some.min().to(float64).item<double>(), some.max().to(float64).item<double>());
            if (!(least >= generator.Black - slack && most <= generator.White + slack))
            {
                plan.Fault(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"the generator makes pixels from {generator.Black} to {generator.White}, and those of {name} "
                            + $"are from {least:G4} to {most:G4}: scale the images, or give the generator their black "
                            + $"and white."
                    )
                );
                return;
            }
        }
    }

    private sealed class NoScores(long width) : ILabelPredictor
    {
        public ScoreKind ScoreKind => ScoreKind.Values;

        public Tensor Predict(Tensor features) =>
            zeros([features.shape[0], width], dtype: features.dtype, device: features.device);
    }
}
