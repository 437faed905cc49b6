using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>
/// How much of some labels a representation tells: what is read off its features by a rule that changes nothing in it.
/// </summary>
/// <remarks>
/// Features are computed once, without gradients, in batches and in evaluation mode. Only labels that stay out of the
/// fit judge. What is learned without labels is compared so (Zhang, Isola and Efros 2016 for the linear probe; Wu,
/// Xiong, Yu and Lin 2018 for neighbors).
/// </remarks>
public static class RepresentationProbe
{
    private const long RowsAtOnce = 256;

    /// <summary>
    /// The accuracy of a logistic regression on the features, which are standardized by those that it is fitted to.
    /// </summary>
    /// <param name="extractor">The representation.</param>
    /// <param name="fitted">Labeled rows that the regression is fitted to; their weights count.</param>
    /// <param name="judged">Other labeled rows of the same classes.</param>
    /// <param name="learner">The regression; null for <see cref="LogisticRegression"/> with its defaults.</param>
    public static AccuracyInterval Linear(
        IFeatureExtractor extractor,
        LabeledDomain fitted,
        LabeledDomain judged,
        ILabelLearner? learner = null
    )
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (ofFitted, ofJudged) = Features(extractor, fitted, judged);
        (ofFitted, ofJudged) = (ofFitted.to(fitted.Labels.device), ofJudged.to(fitted.Labels.device));
        var (mean, spread) = (ofFitted.mean([0L]), ofFitted.std(0, unbiased: false).clamp_min(1e-12));
        var predictor = (learner ?? new LogisticRegression()).Fit(fitted.WithInputs((ofFitted - mean) / spread));
        using var disposable = predictor as IDisposable;
        return AccuracyInterval.Of(predictor.Predict((ofJudged - mean) / spread), judged.Labels);
    }

    /// <summary>
    /// The accuracy of the nearest features' votes by cosine, each with <c>exp(cosine / temperature)</c>.
    /// </summary>
    /// <param name="extractor">The representation.</param>
    /// <param name="fitted">Labeled rows that vote; their weights count.</param>
    /// <param name="judged">Other labeled rows of the same classes.</param>
    /// <param name="neighbors">
    /// How many neighbors vote, at most as many as there are. Default 200, the authors'.
    /// </param>
    /// <param name="temperature">The temperature. Default 0.07, the authors'.</param>
    public static AccuracyInterval Neighbors(
        IFeatureExtractor extractor,
        LabeledDomain fitted,
        LabeledDomain judged,
        int neighbors = 200,
        double temperature = 0.07
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(neighbors, 1);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (ofFitted, ofJudged) = Features(extractor, fitted, judged);
        static Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true).clamp_min(1e-12);
        var known = Unit(ofFitted);
        var votes = nn.functional.one_hot(fitted.Labels.to(known.device), fitted.Space.Width).to(float64);
        votes *= RelativeWeights.Of(fitted).to(known.device).unsqueeze(1);
        var predicted = new List<Tensor>();
        foreach (var (start, count) in Kernels.SquaredDistances.Blocks(ofJudged.shape[0], known))
        {
            Canceling.Check();
            using var block = NewDisposeScope();
            var cosines = Unit(ofJudged.narrow(0, start, count)).matmul(known.t());
            var (nearest, which) = cosines.topk((int)Math.Min(neighbors, fitted.Count), 1);
            var strength = ((nearest - 1) / temperature).to(float64).exp().unsqueeze(2);
            var each = votes.index_select(0, which.reshape(-1)).reshape(count, -1, votes.shape[1]);
            predicted.Add((each * strength).sum(1).argmax(1).MoveToOuterDisposeScope());
        }
        return AccuracyInterval.Of(predicted.Count == 1 ? predicted[0] : cat(predicted), judged.Labels);
    }

    private static (Tensor Fitted, Tensor Judged) Features(
        IFeatureExtractor extractor,
        LabeledDomain fitted,
        LabeledDomain judged
    )
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(fitted);
        ArgumentNullException.ThrowIfNull(judged);
        if (!fitted.Space.IsClasses || !judged.Space.IsClasses)
        {
            throw new ArgumentException(
                $"a probe reads classes; fitted has {fitted.Space} and judged {judged.Space}.",
                fitted.Space.IsClasses ? nameof(judged) : nameof(fitted)
            );
        }
        return (
            BatchedPass.Over(fitted.Rows, extractor, batchSize: RowsAtOnce),
            BatchedPass.Over(judged.Rows, extractor, batchSize: RowsAtOnce)
        );
    }
}
