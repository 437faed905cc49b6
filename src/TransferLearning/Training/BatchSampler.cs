using TransferLearning.Data;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// Draws the batches of any step without remembering earlier ones: a permutation a pass, from the random key.
/// </summary>
internal sealed class BatchSampler : IDisposable
{
    private readonly DomainSet domains;
    private readonly RandomKey key;
    private readonly Device? device;
    private readonly Stream[] streams;
    private readonly Dictionary<LabeledDomain, Tensor> means = new(ReferenceEqualityComparer.Instance);

    public BatchSampler(DomainSet domains, TrainingOptions options, RandomKey key, Device? device)
    {
        (this.domains, this.key, this.device) = (domains, key, device);
        var target = options.TargetBatchSize ?? options.BatchSize;
        streams = [.. domains.Sources.Select(source => new Stream(source.Count, options.BatchSize))];
        if (domains.HasTarget)
        {
            streams = [.. streams, new Stream(domains.Target.Count, target)];
        }
        if (domains.LabeledTarget is { } few)
        {
            streams = [.. streams, new Stream(few.Count, options.BatchSize)];
        }
        StepsPerEpoch = streams.Take(Math.Max(1, domains.Sources.Count)).Max(stream => stream.StepsPerPass);
    }

    /// <summary>
    /// Batches in one pass over the largest source, or over the target where there is none; the rest that fills no
    /// batch comes in other passes.
    /// </summary>
    public long StepsPerEpoch { get; }

    public StepBatch At(long step)
    {
        var sources = new LabeledBatch[domains.Sources.Count];
        for (var i = 0; i < sources.Length; i++)
        {
            sources[i] = Labeled(domains.Sources[i], DomainId.Source(i), RowsAt(i, step));
        }
        var target = domains.HasTarget ? Unlabeled(domains.Target, RowsAt(sources.Length, step)) : null;
        var few = domains.LabeledTarget is { } labeled
            ? Labeled(labeled, DomainId.Target, RowsAt(sources.Length + 1, step))
            : null;
        return new StepBatch(sources, target, few);
    }

    public void Dispose()
    {
        foreach (var stream in streams)
        {
            stream.Permutation?.Dispose();
        }
        foreach (var mean in means.Values)
        {
            mean.Dispose();
        }
    }

    private UnlabeledBatch Unlabeled(UnlabeledDomain domain, Tensor rows) =>
        new(OnDevice(BatchedPass.Read(domain.Rows, rows)), DomainId.Target, rows);

    private LabeledBatch Labeled(LabeledDomain domain, DomainId id, Tensor rows)
    {
        var onHost = rows.to(domain.Labels.device);
        return new LabeledBatch(
            OnDevice(BatchedPass.Read(domain.Rows, rows)),
            OnDevice(domain.Labels.index_select(0, onHost)),
            id,
            rows,
            RelativeWeights(domain, rows),
            domain.Space
        );
    }

    // Relative to their mean over the domain, so that weighting does not change the scale of a loss.
    private Tensor? RelativeWeights(LabeledDomain domain, Tensor rows)
    {
        if (domain.Weights is not { } weights)
        {
            return null;
        }
        if (!means.TryGetValue(domain, out var mean))
        {
            means[domain] = mean = weights.mean().DetachFromDisposeScope();
        }
        return OnDevice(weights.index_select(0, rows.to(weights.device)) / mean);
    }

    private Tensor RowsAt(int domain, long step)
    {
        var stream = streams[domain];
        var pass = step / stream.StepsPerPass;
        if (stream.Permutation is null || stream.Pass != pass)
        {
            stream.Permutation?.Dispose();
            using var generator = key.Child(domain).Child(pass).Generator();
            stream.Permutation = randperm(stream.Count, generator: generator).DetachFromDisposeScope();
            stream.Pass = pass;
        }
        return stream.Permutation.narrow(0, step % stream.StepsPerPass * stream.Batch, stream.Batch);
    }

    private Tensor OnDevice(Tensor tensor) => device is null ? tensor : tensor.to(device);

    private sealed class Stream(long count, long batch)
    {
        public long Count { get; } = count;

        public long Batch { get; } = Math.Min(batch, count);

        public long StepsPerPass { get; } = Math.Max(1, count / batch);

        public long Pass { get; set; } = -1;

        public Tensor? Permutation { get; set; }
    }
}
