using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// Draws the batches of any step without remembering earlier ones: a permutation a pass, from the random key.
/// </summary>
/// <remarks>
/// Of several processes each may draw its part of every batch; what is drawn does not depend on how many they are.
/// </remarks>
internal sealed class BatchSampler : IDisposable
{
    private const long BytesACollection = 64L << 20;

    private readonly DomainSet domains;
    private readonly RandomKey key;
    private readonly Device? device;
    private readonly Stream[] streams;
    private long passed;
    private readonly Dictionary<LabeledDomain, Tensor> means = new(ReferenceEqualityComparer.Instance);

    public BatchSampler(
        DomainSet domains,
        TrainingOptions options,
        RandomKey key,
        Device? device,
        ITrainingGroup? sharing = null
    )
    {
        (this.domains, this.key, this.device) = (domains, key, device);
        var target = options.TargetBatchSize ?? options.BatchSize;
        Stream Of(long count, long batch) => new(count, batch, sharing?.Rank ?? 0, sharing?.Size ?? 1);
        streams = [.. domains.Sources.Select(source => Of(source.Count, options.BatchSize))];
        if (domains.HasTarget)
        {
            streams = [.. streams, Of(domains.Target.Count, target)];
        }
        if (domains.LabeledTarget is { } few)
        {
            streams = [.. streams, Of(few.Count, options.BatchSize)];
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
            sources[i] = Labeled(domains.Sources[i], DomainId.Source(i), Drawn(i, step), step);
        }
        var target = domains.HasTarget ? Unlabeled(domains.Target, Drawn(sources.Length, step), step) : null;
        var few = domains.LabeledTarget is { } labeled
            ? Labeled(labeled, DomainId.Target, Drawn(sources.Length + 1, step), step)
            : null;
        return new StepBatch(sources, target, few);
    }

    public void Dispose()
    {
        foreach (var stream in streams)
        {
            stream.Dispose();
        }
        foreach (var mean in means.Values)
        {
            mean.Dispose();
        }
    }

    private UnlabeledBatch Unlabeled(UnlabeledDomain domain, Stream stream, long step)
    {
        var rows = stream.Rows(step, CPU);
        var members = domain.Members(rows);
        return new(
            Inputs(domain.Rows, stream, step),
            DomainId.Target,
            rows,
            members is null ? null : OnDevice(members)
        );
    }

    private LabeledBatch Labeled(LabeledDomain domain, DomainId id, Stream stream, long step) =>
        new(
            Inputs(domain.Rows, stream, step),
            OnDevice(domain.Labels.index_select(0, stream.Rows(step, domain.Labels.device))),
            id,
            stream.Rows(step, CPU),
            RelativeWeights(domain, stream, step),
            domain.Space
        );

    private Tensor Inputs(IRowSource rows, Stream stream, long step)
    {
        var where = rows is TensorRows memory ? memory.Inputs.device : CPU;
        var read = OnDevice(BatchedPass.Read(rows, stream.Rows(step, where)));
        var ahead = rows as ReadAheadRows;
        if (rows is not TensorRows)
        {
            LetGo(ahead, read.numel() * read.element_size());
        }
        ahead?.Expect(stream.Following(step, ahead.Ahead));
        return read;
    }

    // Of what a step computes, small native objects wait for a collection of the managed heap, which seldom comes while
    // tensors pass: between them the C library's heap is cut into pieces that no batch fits into any more, and grows by
    // gigabytes. A collection of the youngest objects, a millisecond for each 64 MiB of rows, keeps it flat.
    private void LetGo(ReadAheadRows? ahead, long bytes)
    {
        passed += bytes;
        if (passed >= BytesACollection)
        {
            passed = 0;
            static void Collect() => GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            if (ahead is null)
            {
                Collect();
            }
            else
            {
                ahead.BetweenReads(Collect);
            }
        }
    }

    // Relative to their mean over the domain, so that weighting does not change the scale of a loss.
    private Tensor? RelativeWeights(LabeledDomain domain, Stream stream, long step)
    {
        if (domain.Weights is not { } weights)
        {
            return null;
        }
        if (!means.TryGetValue(domain, out var mean))
        {
            means[domain] = mean = weights.mean().DetachFromDisposeScope();
        }
        return OnDevice(weights.index_select(0, stream.Rows(step, weights.device)) / mean);
    }

    // The stream of a domain with the permutation of that step's pass.
    private Stream Drawn(int domain, long step)
    {
        var stream = streams[domain];
        var pass = step / stream.StepsPerPass;
        if (stream.Pass != pass)
        {
            using var generator = key.Child(domain).Child(pass).Generator();
            stream.Begin(pass, randperm(stream.Count, generator: generator));
        }
        return stream;
    }

    // From page-locked memory the copy to a GPU runs beside what the host does next; from any other the host would wait
    // until all earlier work is done.
    private Tensor OnDevice(Tensor tensor)
    {
        if (device is null)
        {
            return tensor;
        }
        if (tensor.device_type != TorchSharp.DeviceType.CPU || device.type != TorchSharp.DeviceType.CUDA)
        {
            return tensor.to(device);
        }
        using var locked = tensor.pin_memory();
        return locked.to(device, non_blocking: true);
    }

    private sealed class Stream(long count, long batch, int part, int parts) : IDisposable
    {
        private Tensor? permutation;
        private Tensor? elsewhere;

        public long Count { get; } = count;

        public long Batch { get; } = Math.Min(batch, count);

        public long StepsPerPass { get; } = Math.Max(1, count / batch);

        public long Pass { get; private set; } = -1;

        /// <summary>Another pass over the rows, in an order that belongs to the stream from now on.</summary>
        public void Begin(long pass, Tensor order)
        {
            Dispose();
            (Pass, permutation) = (pass, order.DetachFromDisposeScope());
        }

        /// <summary>The row numbers of a step, on a device: there is one copy a pass, not one a step.</summary>
        public Tensor Rows(long step, Device where)
        {
            var order = permutation!;
            if (where.type != TorchSharp.DeviceType.CPU)
            {
                if (elsewhere?.device_type != where.type || elsewhere.device_index != where.index)
                {
                    elsewhere?.Dispose();
                    elsewhere = permutation!.to(where).DetachFromDisposeScope();
                }
                order = elsewhere;
            }
            var own = Batch / parts;
            return order.narrow(0, (step % StepsPerPass * Batch) + (part * own), own);
        }

        /// <summary>The row numbers of the next steps of this pass, so many at the most.</summary>
        public IEnumerable<long[]> Following(long step, int most)
        {
            var left = StepsPerPass - 1 - (step % StepsPerPass);
            for (var next = step + 1; next <= step + Math.Min(most, left); next++)
            {
                Canceling.Check();
                using var rows = Rows(next, CPU);
                yield return [.. rows.data<long>()];
            }
        }

        public void Dispose()
        {
            permutation?.Dispose();
            elsewhere?.Dispose();
            (permutation, elsewhere) = (null, null);
        }
    }
}
