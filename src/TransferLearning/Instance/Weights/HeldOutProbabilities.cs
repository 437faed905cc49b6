using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Class probabilities of source rows by learners that have not seen them, and of target rows by one that saw the whole
/// source.
/// </summary>
internal static class HeldOutProbabilities
{
    public static (Tensor Source, Tensor Target) Of(
        ILabelLearner learner,
        LabeledDomain source,
        UnlabeledDomain target,
        int folds,
        FitContext context
    )
    {
        ArgumentNullException.ThrowIfNull(learner);
        Classes(source);
        Limit.Keep(Most(folds, source.Count));
        var order = RatioBasis.Order(source.Inputs, context.Key.Child(0));
        var parts = new List<Tensor>();
        for (var fold = 0; fold < folds; fold++)
        {
            context.Report((double)fold / (folds + 1));
            var (from, to) = (source.Count * fold / folds, source.Count * (fold + 1) / folds);
            var rest = cat([order.narrow(0, 0, from), order.narrow(0, to, source.Count - to)]);
            if (source.Weights is { } weights && weights.index_select(0, rest).max().ToDouble() <= 0)
            {
                throw new ArgumentException(
                    $"all weight of the source's rows lies in one of {folds} folds, so that none is left to learn from "
                        + "without it: let more rows have weight, or none (WithWeights(null)).",
                    nameof(source)
                );
            }
            parts.Add(
                Predicted(learner, Rows(source, rest), source.Inputs.index_select(0, order.narrow(0, from, to - from)))
            );
        }
        var back = order.argsort();
        return (cat([.. parts]).index_select(0, back), Predicted(learner, source, target.Inputs));
    }

    /// <summary>The faults of a plan: labels that are values, more folds than rows.</summary>
    public static IEnumerable<string> Faults(ChainPlan plan, int? folds = null)
    {
        if (!plan.Domains.Space.IsClasses)
        {
            yield return $"label shift is a change of class shares; the labels are {plan.Domains.Space}.";
        }
        foreach (var fault in Limit.Faults(plan.WeighedRows().Select(rows => Most(folds, rows))))
        {
            yield return fault;
        }
    }

    private static Limit Most(int? folds, long rows) => new("Folds", folds, rows, "the number of source rows");

    /// <summary>The share of every class <c>[C]</c>.</summary>
    public static Tensor Priors(LabeledDomain source)
    {
        Classes(source);
        return source.Labels.bincount(null, source.Space.Width).to(float64) / source.Count;
    }

    /// <summary>Refuses labels that are values.</summary>
    public static void Classes(LabeledDomain source)
    {
        if (!source.Space.IsClasses)
        {
            throw new ArgumentException(
                $"label shift is a change of class shares; the labels are {source.Space}.",
                nameof(source)
            );
        }
    }

    /// <summary>The weight of every row's class.</summary>
    public static Tensor OfRows(Tensor classWeights, LabeledDomain source) =>
        classWeights.index_select(0, source.Labels).to(source.Inputs.dtype);

    /// <summary>Some rows of a domain, weights included.</summary>
    public static LabeledDomain Rows(LabeledDomain domain, Tensor rows) =>
        new(
            domain.Inputs.index_select(0, rows),
            domain.Labels.index_select(0, rows),
            domain.Weights?.index_select(0, rows),
            domain.Space
        );

    private static Tensor Predicted(ILabelLearner learner, LabeledDomain data, Tensor rows)
    {
        var predictor = learner.Fit(data);
        using var owned = predictor as IDisposable;
        return Probabilities.Of(predictor, rows);
    }
}
