using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>
/// Amazon's reviews of three kinds of goods: presence of the 1,500 words that most reviews of both domains hold, rows
/// of unit length.
/// </summary>
internal static class Reviews
{
    private static readonly string[] Names = ["books", "dvd", "electronics"];

    public static IEnumerable<(string From, string To)> Pairs =>
        Names.SelectMany(from => Names.Where(to => to != from).Select(to => (from, to)));

    /// <summary>The training reviews of one domain and the test reviews of another, or a skipped test.</summary>
    public static (LabeledDomain Source, LabeledDomain Target) Pair(string from, string to)
    {
        var file = SharedData.File("amazon_reviews", "amazon3_counts5000_csr.npz");
        var (source, labels) = Presences(file, from + "_train");
        var (target, hidden) = Presences(file, to + "_test");
        var words = (source.sum(dim: 0) + target.sum(dim: 0)).topk(1500, 0).indexes;
        Tensor Rows(Tensor presences)
        {
            var some = presences.index_select(1, words);
            return some / some.norm(1, keepdim: true).clamp_min(1e-9);
        }
        return (new LabeledDomain(Rows(source), labels), new LabeledDomain(Rows(target), hidden));
    }

    /// <summary>
    /// The share of the target's reviews, in percent, that a logistic regression at the end of a chain reads rightly.
    /// </summary>
    public static double Accuracy(string from, string to, AdaptationBuilder builder)
    {
        using var scope = NewDisposeScope();
        var (source, target) = Pair(from, to);
        using var model = builder
            .Learn(new LogisticRegression { Tolerance = 1e-5 })
            .Fit(source, target.WithoutLabels());
        return Accuracy(model, target);
    }

    /// <summary>The share of some reviews, in percent, that a model reads rightly.</summary>
    public static double Accuracy(AdaptedModel model, LabeledDomain reviews)
    {
        using var scope = NewDisposeScope();
        return 100 * model.PredictClasses(reviews.Inputs).eq(reviews.Labels).to(float64).mean().item<double>();
    }

    private static (Tensor Presences, Tensor Labels) Presences(string file, string part)
    {
        var columns = NumpyBytes.Read(file, part + "_indices").data<long>().ToArray();
        var starts = NumpyBytes.Read(file, part + "_indptr").data<long>().ToArray();
        var held = new float[(starts.Length - 1) * 5000];
        for (var row = 0; row < starts.Length - 1; row++)
        {
            for (var at = starts[row]; at < starts[row + 1]; at++)
            {
                held[(row * 5000) + columns[at]] = 1;
            }
        }
        return (tensor(held).reshape(-1, 5000), NumpyBytes.Read(file, part + "_y"));
    }
}
