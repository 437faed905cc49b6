using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Class weights for label shift by expectation maximization: the target's class shares under which its rows are
/// likeliest.
/// </summary>
/// <remarks>
/// From a classifier's probabilities <c>p_s(y | x)</c> on target rows: repeats
/// <c>r_jy = w_y p_s(y | t_j) / sum_c w_c p_s(c | t_j)</c> and <c>p_t(y) = mean_j r_jy</c> with
/// <c>w_y = p_t(y) / p_s(y)</c>, from <c>w = 1</c>, which climbs the likelihood (Saerens, Latinne and Decaestecker
/// 2002, "Adjusting the Outputs of a Classifier to New a Priori Probabilities"). The probabilities should be
/// calibrated. Every source row weighs as its class. Costs one fit and m C a step.
/// </remarks>
public sealed record MaximumLikelihoodLabelShift : IInstanceWeighting
{
    /// <summary>The classifier. Default logistic regression.</summary>
    public ILabelLearner Classifier { get; init; } = new LogisticRegression();

    /// <summary>The most steps. Default 1000.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxSteps { get; init; } = 1000;

    /// <summary>The largest change of a class share at which the climb ends. Default 1e-8.</summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-8;

    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(Classifier);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var priors = HeldOutProbabilities.Priors(source);
        // Weights that the source may have would change the class shares that the probabilities lean on.
        var predictor = Classifier.Fit(source.WithWeights(null));
        using var owned = predictor as IDisposable;
        var probabilities = Probabilities.Of(predictor, target.Inputs);
        return HeldOutProbabilities
            .OfRows(ClassWeights(probabilities, priors, context), source)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The class weights for some predictions.</summary>
    /// <param name="targetProbabilities">
    /// Class probabilities of target rows <c>[m, C]</c> under the source's class shares.
    /// </param>
    /// <param name="sourcePriors">The source's class shares <c>[C]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>
    /// The weights, float64 <c>[C]</c>, 0 for a class that the source does not have; the caller disposes them.
    /// </returns>
    public Tensor ClassWeights(Tensor targetProbabilities, Tensor sourcePriors, FitContext? context = null)
    {
        Guard.Rows(targetProbabilities);
        Guard.Alive(sourcePriors);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var given = targetProbabilities.to(float64);
        var priors = sourcePriors.to(float64);
        var shares = priors;
        for (var step = 0; step < MaxSteps; step++)
        {
            context?.Cancellation.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var joint = given * Ratio(shares, priors);
            var next = (joint / joint.sum(1, keepdim: true).clamp_min(1e-300)).mean([0L]);
            var change = (next - shares).abs().max().item<double>();
            shares = next.MoveToOuterDisposeScope();
            if (change <= Tolerance)
            {
                break;
            }
            if (step == MaxSteps - 1)
            {
                RunWarnings.StepLimit(nameof(MaximumLikelihoodLabelShift), nameof(MaxSteps), MaxSteps, Tolerance);
            }
        }
        return Ratio(shares, priors).MoveToOuterDisposeScope();
    }

    private static Tensor Ratio(Tensor shares, Tensor priors) =>
        where(priors > 0, shares / priors.clamp_min(1e-300), zeros_like(shares));

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => HeldOutProbabilities.Faults(plan);
}
