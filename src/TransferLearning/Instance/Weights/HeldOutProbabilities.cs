using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>Class probabilities of source rows by learners that have not seen them, and of target rows by one that saw the whole source.</summary>
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
        if (folds < 2 || folds > source.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(folds),
                folds,
                $"Folds must lie in 2 ... {source.Count}, the number of source rows; got {folds}."
            );
        }
        var order = RatioBasis.Order(source.Inputs, context.Key.Child(0));
        var parts = new List<Tensor>();
        for (var fold = 0; fold < folds; fold++)
        {
            context.Report((double)fold / (folds + 1));
            var (from, to) = (source.Count * fold / folds, source.Count * (fold + 1) / folds);
            var rest = cat([order.narrow(0, 0, from), order.narrow(0, to, source.Count - to)]);
            parts.Add(
                Predicted(learner, Rows(source, rest), source.Inputs.index_select(0, order.narrow(0, from, to - from)))
            );
        }
        var back = order.argsort();
        return (cat([.. parts]).index_select(0, back), Predicted(learner, source, target.Inputs));
    }

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
