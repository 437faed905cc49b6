using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Mini-batch optimal transport: plans between drawn batches, averaged, so that the n x m plan of all rows is never
/// made.
/// </summary>
/// <remarks>
/// <para>
/// Each of <see cref="Passes"/> passes lays the rows of both domains in a random order and cuts them into pairs of
/// batches; a solver gives the plan of each pair. Row i goes to <c>sum_k sum_j G^k_ij y_j / sum_k sum_j G^k_ij</c> over
/// the pairs k that hold it, and new rows move as the nearest known row does (Fatras, Zine, Flamary, Gribonval and
/// Courty 2020, "Learning with Minibatch Wasserstein: Asymptotic and Gradient Properties"; rows are drawn without
/// repetition within a pass, so that each of the larger domain occurs in every pass once). A batch can only be sent to
/// the batch across: the averaged plan is denser than the one of all rows, the more so the smaller the batches, and
/// images are drawn to the middle. With one batch of everything it is <see cref="OptimalTransport"/>.
/// </para>
/// <para>
/// Costs the solver's time for a batch, <c>Passes max(n, m) / BatchSize</c> times; memory <c>BatchSize^2</c> and the
/// rows. Target rows stay; source weights are taken as masses. Of rows in shards each process plans its part of the
/// pairs, and the averages are added up; the map holds all source rows in every process.
/// </para>
/// </remarks>
/// <param name="solver">Finds the plans; null for the exact one.</param>
public sealed class MiniBatchTransport(ITransportSolver? solver = null) : IFeatureMapping
{
    private readonly OptimalTransport transport = new(solver);

    /// <summary>The most rows of a batch on either side, at least 1. Default 1,000.</summary>
    [OptionRange(AtLeast = 1)]
    public int BatchSize { get; init; } = 1000;

    /// <summary>How many times the rows are laid out and cut, at least 1. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int Passes { get; init; } = 10;

    /// <summary>
    /// Whether a pair's costs are divided by their largest, so that regularizations need not know the features' scale.
    /// Default false.
    /// </summary>
    public bool NormalizesCost
    {
        get => transport.NormalizesCost;
        init => transport = new OptimalTransport(solver) { NormalizesCost = value };
    }

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        var (source, target) = (domains.PooledSources(), domains.Target.Rows);
        var map = (source.Rows as ShardedRows ?? target as ShardedRows) is { } shards
            ? Averaged(source, target, shards, context)
            : Fit(source, domains.Target.Inputs, context);
        return new PerDomainExtractor(map, ExtractorChain.Of());
    }

    /// <summary>Fits the map of source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>; their classes serve solvers that use them.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Randomness, cancellation and progress; null for seed 0.</param>
    /// <returns>The map; the caller disposes it.</returns>
    public BarycentricMap Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        using var canceling = Canceling.By(context);
        return Averaged(source, new TensorRows(target), null, context ?? new FitContext());
    }

    private BarycentricMap Averaged(LabeledDomain source, IRowSource target, ShardedRows? shards, FitContext run)
    {
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (n, m) = (source.Count, target.Count);
        var longer = Math.Max(n, m);
        var pairs = (longer + BatchSize - 1) / BatchSize;
        var like = BatchedPass.Read(target, 0, 1);
        Guard.Rows(like, name: nameof(target));
        var sums = zeros([n, like.shape[1]], float64, like.device);
        var sent = zeros(n, float64, like.device);
        var (first, stride) = (shards?.Rank ?? 0, shards?.Shards ?? 1);
        for (long pass = 0; pass < Passes; pass++)
        {
            using var passScope = NewDisposeScope();
            var key = run.Key.Child(pass);
            var (sources, targets) = (Batches(n, longer, pairs, key.Child(0)), Batches(m, longer, pairs, key.Child(1)));
            for (var pair = first; pair - first < pairs; pair += stride)
            {
                run.Report(((pass * pairs) + pair) / (double)(Passes * pairs));
                using var pairScope = NewDisposeScope();
                // Where the last turn has fewer pairs than processes, some of them only take part in the reads.
                var isMine = pair < pairs;
                var (rows, columns) = isMine ? (sources[pair], targets[pair]) : (Nothing(), Nothing());
                var (from, to) = (BatchedPass.Read(source.Rows, rows), BatchedPass.Read(target, columns));
                if (!isMine)
                {
                    continue;
                }
                if (shards is null)
                {
                    Send(source, rows, from, to, sums, sent, run);
                }
                else
                {
                    shards.ByItself(() => Send(source, rows, from, to, sums, sent, run));
                }
            }
        }
        shards?.Sum(sums, sent);
        return new BarycentricMap(InMemory(source.Rows), sent, sums);
    }

    private static Tensor Nothing() => empty([0], int64);

    // The map holds them all, wherever they were.
    private static Tensor InMemory(IRowSource rows) =>
        rows is ShardedRows shards
            ? shards.Gather(shards.ByItself(() => BatchedPass.Read(shards.Own, 0, shards.Own.Count)))
            : TensorRows.InMemory(rows);

    // Adds what the rows of one pair of batches send, and where to: false of a batch without mass.
    private bool Send(
        LabeledDomain source,
        Tensor rows,
        Tensor from,
        Tensor others,
        Tensor sums,
        Tensor sent,
        FitContext run
    )
    {
        using var scope = NewDisposeScope();
        var here = rows.to(sums.device);
        var weights = source.Weights?.index_select(0, here);
        if (weights is not null && weights.sum().ToDouble() <= 0)
        {
            return false;
        }
        var batch = new LabeledDomain(from, source.Labels.index_select(0, here), weights, source.Space);
        var plan = transport.Plan(batch, others, run);
        // Plans have mass 1; the batch's share of all mass is the rows', so that the sum over pairs is a plan between
        // all.
        var share = weights?.to(float64).sum() ?? rows.numel();
        sums.index_add_(0, here, plan.matmul(others.to(float64)) * share, 1);
        sent.index_add_(0, here, plan.sum(1) * share, 1);
        return true;
    }

    // A random order in pieces: the longer domain cut into equal ones, the shorter gone through again and again. Within
    // a piece the rows keep their own order.
    private List<Tensor> Batches(long count, long longer, long pairs, RandomKey key)
    {
        using var generator = key.Generator();
        var order = randperm(count, generator: generator);
        var batches = new List<Tensor>();
        for (long pair = 0; pair < pairs; pair++)
        {
            var length = Math.Min(count, BatchSize);
            var (start, end) =
                count == longer
                    ? (pair * count / pairs, (pair + 1) * count / pairs)
                    : (pair * length, (pair + 1) * length);
            var places = arange(start, end, dtype: int64).remainder(count);
            batches.Add(order.index_select(0, places).sort(0).Values);
        }
        return batches;
    }
}
