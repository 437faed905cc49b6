using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>Classes of rows by learners that have not seen them.</summary>
internal static class CrossFit
{
    /// <summary>
    /// The predicted class of every row, int64 <c>[n]</c>, by a fit to the rows of the other folds. Folds have the same
    /// share of every stratum, but for one row. They belong to the caller's scope.
    /// </summary>
    /// <param name="learner">The learner.</param>
    /// <param name="data">The rows with their labels.</param>
    /// <param name="folds">The number of folds, at least 2 and at most the number of rows.</param>
    /// <param name="key">Which rows are in which fold.</param>
    /// <param name="strata">The stratum of every row, int64 <c>[n]</c>; null takes the labels.</param>
    public static Tensor Classes(
        ILabelLearner learner,
        LabeledDomain data,
        int folds,
        RandomKey key,
        Tensor? strata = null
    )
    {
        ArgumentNullException.ThrowIfNull(learner);
        return Held(data, folds, key, strata, (seen, others) => Read(learner, seen, others));
    }

    /// <summary>
    /// What a fit to the rows of the other folds says of every row, <c>[n]</c>: <paramref name="read"/> makes a number
    /// for each row of what it has not seen.
    /// </summary>
    public static Tensor Held(
        LabeledDomain data,
        int folds,
        RandomKey key,
        Tensor? strata,
        Func<LabeledDomain, Tensor, Tensor> read
    )
    {
        Limit.Keep(new Limit("Folds", folds, data.Count, "the number of rows"));
        using var scope = NewDisposeScope();
        var fold = Folds(strata ?? data.Labels, folds, key);
        Tensor? all = null;
        for (var i = 0; i < folds; i++)
        {
            Canceling.Check();
            using var turn = NewDisposeScope();
            var (seen, held) = (fold.ne(i).nonzero().squeeze(1), fold.eq(i).nonzero().squeeze(1));
            var fit = new LabeledDomain(
                data.Inputs.index_select(0, seen),
                data.Labels.index_select(0, seen),
                data.Weights?.index_select(0, seen),
                data.Space
            );
            var said = read(fit, data.Inputs.index_select(0, held));
            all ??= zeros([data.Count], said.dtype, said.device).MoveToOuterDisposeScope();
            all.index_copy_(0, held, said);
        }
        return all!.MoveToOuterDisposeScope();
    }

    /// <summary>The classes, int64 <c>[m]</c>, that a learner reads other rows as.</summary>
    public static Tensor Read(ILabelLearner learner, LabeledDomain fit, Tensor rows)
    {
        using var scope = NewDisposeScope();
        var predictor = learner.Fit(fit);
        using var owned = predictor as IDisposable;
        return predictor.Predict(rows).argmax(1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Rows of both domains, labeled 0 for the source's and 1 for the target's, so weighted that the domains count
    /// alike; samples of one size have no weights.
    /// </summary>
    public static LabeledDomain Domains(Tensor source, Tensor target) =>
        Pooled(
            source,
            target,
            cat([zeros(source.shape[0], int64, source.device), ones(target.shape[0], int64, source.device)]),
            LabelSpace.Classes(2)
        );

    /// <summary>Labeled rows of two samples, so weighted that the samples count alike.</summary>
    public static LabeledDomain Pooled(Tensor source, Tensor target, Tensor labels, LabelSpace space)
    {
        var (n, m) = (source.shape[0], target.shape[0]);
        var weights =
            n == m
                ? null
                : cat([full(n, 0.5 / n, float64, source.device), full(m, 0.5 / m, float64, source.device)])
                    .mul(n + m)
                    .to(source.dtype);
        return new LabeledDomain(cat([source, target]), labels, weights, space);
    }

    /// <summary>The numbers of the rows of two halves, in a random order.</summary>
    public static (Tensor Fit, Tensor Held) Halves(Tensor rows, RandomKey key)
    {
        using var generator = key.Generator();
        var order = randperm(rows.shape[0], generator: generator).to(rows.device);
        var half = rows.shape[0] / 2;
        return (order.narrow(0, 0, half), order.narrow(0, half, rows.shape[0] - half));
    }

    // Sorted by stratum, in a random order within, dealt one by one.
    private static Tensor Folds(Tensor strata, int folds, RandomKey key)
    {
        using var generator = key.Generator();
        var count = strata.shape[0];
        var order = ((strata * count) + randperm(count, generator: generator).to(strata.device)).argsort();
        var dealt = arange(count, dtype: int64, device: strata.device).remainder(folds);
        return zeros_like(dealt).index_copy_(0, order, dealt);
    }
}
