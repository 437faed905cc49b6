using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Measuring;

/// <summary>
/// Reverse validation: of several chains the one whose way to the target and back reads the source best.
/// </summary>
/// <remarks>
/// Fitted to every other source row, a chain names the target's rows; fitted from those names back to the same source
/// rows, it reads the ones that were held out (Zhong, Fan, Yang, Verscheure and Ren 2010, "Cross Validation Framework
/// to Choose amongst Models and Datasets for Transfer Learning"; Ganin et al. 2016 chose so on these reviews). No
/// target label is looked at.
/// </remarks>
public static class ReverseValidation
{
    /// <summary>A method that fits the best of some chains to all rows.</summary>
    /// <param name="name">Its heading.</param>
    /// <param name="candidates">The chains; the first of equals is taken.</param>
    public static EvaluationMethod Chosen(string name, IReadOnlyList<AdaptationBuilder> candidates) =>
        new(
            name,
            (data, options, stop) =>
            {
                var target = data.Target.WithoutLabels();
                var best =
                    candidates.Count == 1
                        ? candidates[0]
                        : candidates.MaxBy(chain => Score(chain, data.Source, target, options, stop))!;
                return best.Fit(data.Source, target, options, null, stop);
            }
        );

    // How many source rows are read rightly after the way there and back.
    private static long Score(
        AdaptationBuilder chain,
        LabeledDomain source,
        UnlabeledDomain target,
        FitOptions options,
        CancellationToken stop
    )
    {
        using var scope = NewDisposeScope();
        var isOdd = arange(source.Count).remainder(2);
        var (kept, held) = (Rows(source, isOdd.eq(0)), Rows(source, isOdd.eq(1)));
        using var there = chain.Fit(kept, target, options, null, stop);
        var believed = new LabeledDomain(target.Inputs, there.PredictClasses(target.Inputs), space: source.Space);
        using var back = chain.Fit(believed, kept.WithoutLabels(), options, null, stop);
        return back.PredictClasses(held.Inputs).eq(held.Labels).sum().item<long>();
    }

    private static LabeledDomain Rows(LabeledDomain domain, Tensor isWanted)
    {
        var rows = isWanted.nonzero().squeeze(1);
        return new LabeledDomain(
            domain.Inputs.index_select(0, rows),
            domain.Labels.index_select(0, rows),
            space: domain.Space
        );
    }
}
