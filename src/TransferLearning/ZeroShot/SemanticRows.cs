using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// Labeled rows of seen classes beside the descriptions of all, in float64, and the checks that every zero-shot learner
/// asks for.
/// </summary>
internal sealed class SemanticRows
{
    private readonly IZeroShotLearner learner;

    private SemanticRows(IZeroShotLearner learner, LabeledDomain data)
    {
        this.learner = learner;
        Data = data;
        Rows = data.Inputs.to(float64);
        Weights = RelativeWeights.Of(data);
        Vectors = learner.Descriptions.Vectors.to(float64).to(Rows.device);
        Seen = learner.Descriptions.Seen(data.Labels);
        SeenClasses = Seen.nonzero().squeeze(1);
        // The number of each class among the seen ones.
        Labels = (Seen.to(int64).cumsum(0) - 1).index_select(0, data.Labels);
        SeenVectors = Vectors.index_select(0, SeenClasses);
    }

    /// <summary>The domain.</summary>
    public LabeledDomain Data { get; }

    /// <summary>The rows <c>[n, d]</c>.</summary>
    public Tensor Rows { get; }

    /// <summary>The weights <c>[n]</c>, of mean 1.</summary>
    public Tensor Weights { get; }

    /// <summary>Descriptions of all classes <c>[C, a]</c>.</summary>
    public Tensor Vectors { get; }

    /// <summary>Which classes are seen, bool <c>[C]</c>.</summary>
    public Tensor Seen { get; }

    /// <summary>The numbers of the seen classes, int64 <c>[z]</c>.</summary>
    public Tensor SeenClasses { get; }

    /// <summary>Each row's class by its place among the seen ones, int64 <c>[n]</c>.</summary>
    public Tensor Labels { get; }

    /// <summary>Descriptions of the seen classes <c>[z, a]</c>.</summary>
    public Tensor SeenVectors { get; }

    /// <summary>Checks and reads a domain; what it makes belongs to the caller's scope.</summary>
    public static SemanticRows Of(IZeroShotLearner learner, LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        Guard.Options(learner);
        foreach (var fault in Faults(learner, data.Space, [data]))
        {
            throw new ArgumentException(fault, nameof(data));
        }
        return new SemanticRows(learner, data);
    }

    /// <summary>What a plan knows to be wrong.</summary>
    public static IEnumerable<string> Faults(IZeroShotLearner learner, ChainPlan plan)
    {
        IEnumerable<LabeledDomain> labeled = plan.Domains.Sources;
        return Faults(
            learner,
            plan.Domains.Space,
            plan.Domains.LabeledTarget is { } few ? labeled.Append(few) : labeled
        );
    }

    /// <summary>The classes that only 0 and 1 describe.</summary>
    public static IEnumerable<string> BinaryFaults(ClassDescriptions descriptions)
    {
        using var scope = NewDisposeScope();
        var vectors = descriptions.Vectors;
        return (vectors * (1 - vectors)).count_nonzero().item<long>() == 0
            ? []
            : ["needs attributes that are 0 or 1; call Binary() on the descriptions, or take a method for real ones."];
    }

    /// <summary>Rows of length 1; zeros stay. Opens no scope.</summary>
    public static Tensor Unit(Tensor rows) =>
        rows / rows.norm(1, keepdim: true).clamp_min(rows.dtype == float64 ? 1e-300 : 1e-30);

    /// <summary>The rows with their classes numbered among the seen ones.</summary>
    public LabeledDomain OfSeenClasses() =>
        new(Data.Inputs, Labels, Data.Weights, LabelSpace.Classes(SeenClasses.shape[0]));

    /// <summary>The root of the rows' mean squared length; 1 where all are zero.</summary>
    public double Length()
    {
        var length = (Rows.square().sum(1) * Weights).mean().sqrt().item<double>();
        return length > 0 ? length : 1;
    }

    /// <summary>The predictor that reads rows so and compares them so.</summary>
    public SemanticPredictor Predictor(
        IFeatureExtractor? reader,
        ClassComparison comparison,
        Tensor? vectors = null,
        Tensor? priors = null
    ) => new(reader, vectors ?? Vectors, comparison, Seen, learner.SeenPenalty, priors);

    private static IEnumerable<string> Faults(
        IZeroShotLearner learner,
        LabelSpace space,
        IEnumerable<LabeledDomain> labeled
    )
    {
        var count = learner.Descriptions.Count;
        if (!space.IsClasses)
        {
            return [$"classifies; the labels are {space}."];
        }
        if (space.Width != count)
        {
            return
            [
                $"describes {count} classes, and the labels are of {space.Width}: give the labeled "
                    + $"domains all of them, space: LabelSpace.Classes({count}).",
            ];
        }
        if (!double.IsPositiveInfinity(learner.SeenPenalty))
        {
            return [];
        }
        using var scope = NewDisposeScope();
        var seen = zeros(count, ScalarType.Bool);
        foreach (var domain in labeled)
        {
            seen = seen.logical_or(learner.Descriptions.Seen(domain.Labels).cpu());
        }
        return seen.all().item<bool>()
            ?
            [
                $"leaves only unseen classes, and all {count} are seen: describe further ones, or "
                    + "make SeenPenalty finite.",
            ]
            : [];
    }
}
