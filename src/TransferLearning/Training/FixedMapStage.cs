using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// The stage that passes the rows through an extractor as it is: nothing is fitted, and the features are kept.
/// </summary>
internal sealed class FixedMapStage(string name, IFeatureExtractor map, long batchSize) : IAdaptationStage
{
    private const long TriedRows = 2;

    private readonly IFeatureExtractor map = map;
    private readonly long batchSize = batchSize;

    public string Name { get; } = name;

    public IEnumerable<IPart> Parts => [map];

    public bool NeedsSource => false;

    public bool NeedsTarget => false;

    public bool TakesTokens => true;

    public ChainPlan Plan(ChainPlan plan)
    {
        IReadOnlyList<long>? features = null;
        ScalarType? type = null;
        plan.AddFaults(plan.OneBranch(map));
        var rows = plan.Embedded();
        if (rows.RowShape is { } shape && plan.Faults.Count == 0)
        {
            TrainingChecks.Tries(
                $"the extractor does not accept rows of shape {Shape.Text(shape)}",
                plan,
                () => (features, type) = Tried(shape, rows)
            );
        }
        return rows.WithRows(features, type);
    }

    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        var device = run.Options.Device;
        if (device is not null)
        {
            TrainingParts.Trainables(Parts).ForEach(part => part.Module.to(device));
        }
        return state.Embedded().Mapped(map, batchSize, device);
    }

    private (long[] Shape, ScalarType Type) Tried(IReadOnlyList<long> shape, ChainPlan plan)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var mode = EvaluationMode.Of(map);
        var sample = BatchedPass.Read(plan.Domains.SampleRows, 0, 1);
        var device = plan.Options.Device ?? sample.device;
        TrainingParts.Trainables(Parts).ForEach(part => part.Module.to(device));
        ScalarType? type = null;
        long[] Shaped(DomainId id)
        {
            var features = map.For(id).Extract(zeros([TriedRows, .. shape], plan.TriedType(sample), device));
            type ??= features.dtype;
            return features.dim() >= 2 && features.shape[0] == TriedRows
                ? features.shape[1..]
                : throw new ArgumentException(
                    $"features must be [n, ...], a row for each input; got {Shape.Of(features)} for {TriedRows} inputs."
                );
        }
        var ofTarget = Shaped(default);
        var other = plan
            .Domains.Labeled.Select(pair => Shaped(pair.Id))
            .FirstOrDefault(own => !own.SequenceEqual(ofTarget));
        return other is null
            ? (ofTarget, type!.Value)
            : throw new ArgumentException(
                $"features must have one shape for all domains; got {Shape.Text(other)} and {Shape.Text(ofTarget)}."
            );
    }
}
