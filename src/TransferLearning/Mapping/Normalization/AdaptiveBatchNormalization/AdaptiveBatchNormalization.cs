using TorchSharp.Modules;
using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// AdaBN: gives a trained network's batch normalization the target's means and variances in place of the source's.
/// </summary>
/// <remarks>
/// Every batch normalization of the extractor's target branch and of the predictor forgets its running statistics and
/// takes the means and variances that its inputs have over one pass of the target's rows, all batches pooled (Li, Wang,
/// Shi, Hou and Liu 2018, "Adaptive Batch Normalization for Practical Domain Adaptation"); during the pass each batch
/// is normalized by its own. No parameter moves and no label is used; a pass that is canceled or fails leaves the
/// statistics as they were. Comes after <c>Train(...)</c>; it changes the network's buffers in place, so that source
/// rows are normalized by them too. Costs one pass; a batch at a time is in memory, whatever the target's size.
/// </remarks>
public sealed record AdaptiveBatchNormalization : IAdaptationStage
{
    private const string NoNormalization = "the network has no batch normalization with running statistics.";

    /// <summary>
    /// The most rows of one batch, at least 2; batches are as equal as possible. No batch has a single row: of an odd
    /// number of rows in twos, one has three. Default 256.
    /// </summary>
    [OptionRange(AtLeast = 2)]
    public int BatchSize { get; init; } = 256;

    /// <summary>False: statistics are the target's.</summary>
    public bool NeedsSource => false;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan is not { Extractor: { } extractor, Predictor: { } predictor })
        {
            plan.Fault("needs a trained network before it: call Train(...) first.");
        }
        else if (!Norms(extractor.For(DomainId.Target)).Concat(Norms(predictor)).Any())
        {
            plan.Fault(NoNormalization);
        }
        if (plan.Domains.Target.Count < 2)
        {
            plan.Fault($"needs at least 2 target rows; got {plan.Domains.Target.Count}.");
        }
        return plan;
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        Adapt(state.Extractor!.For(DomainId.Target), state.Predictor!, state.Domains.Target, run.Context);
        return state;
    }

    /// <summary>Replaces the statistics of some parts.</summary>
    /// <param name="extractor">The extractor, changed in place.</param>
    /// <param name="predictor">The predictor, likewise.</param>
    /// <param name="target">The target's rows, at least 2.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <exception cref="ArgumentException">No part has a batch normalization with running statistics.</exception>
    public void Adapt(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        UnlabeledDomain target,
        FitContext? context = null
    )
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Options(this);
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Count, 2, nameof(target));
        var norms = Norms(extractor).Concat(Norms(predictor)).Distinct(ReferenceEqualityComparer.Instance);
        var layers = norms.Cast<BatchNorm>().ToList();
        if (layers.Count == 0)
        {
            throw new ArgumentException(NoNormalization, nameof(extractor));
        }
        using var canceling = Canceling.By(context);
        using var mode = EvaluationMode.Of(extractor, predictor);
        using var quiet = no_grad();
        var pooled = new List<PooledNormalization>();
        try
        {
            layers.ForEach(layer => pooled.Add(new PooledNormalization(layer)));
            // A row alone has no variance: it joins a pair.
            var batches = Math.Min((target.Count + BatchSize - 1) / BatchSize, target.Count / 2);
            var device = PartDevice.Of(extractor) ?? PartDevice.Of(predictor);
            for (long i = 0; i < batches; i++)
            {
                context?.Report((double)i / batches);
                using var scope = NewDisposeScope();
                var (from, to) = (target.Count * i / batches, target.Count * (i + 1) / batches);
                var rows = BatchedPass.Read(target.Rows, from, to - from);
                predictor.Predict(extractor.Extract(device is null ? rows : rows.to(device)));
                pooled.ForEach(layer => layer.Absorb());
            }
            pooled.ForEach(layer => layer.Keep());
        }
        finally
        {
            pooled.ForEach(layer => layer.Dispose());
        }
    }

    private static IEnumerable<BatchNorm> Norms(IPart part) =>
        part.WithInner()
            .OfType<ITrainable>()
            .SelectMany(trainable => trainable.Module.modules().Append(trainable.Module))
            .OfType<BatchNorm>()
            .Where(layer => layer.track_running_stats);
}
