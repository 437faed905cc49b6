using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// UAN: domain-adversarial training whose rows weigh by how likely the other domain has their class, too.
/// </summary>
/// <remarks>
/// <para>
/// A first critic, which no gradient carries on to the extractor, tells the domains apart; its probability of "source"
/// d and the entropy H of the prediction give a row's transferability <c>d - H / log C</c>. Target rows weigh by it,
/// source rows by minus it with scores divided by 10, each brought to 0 ... 1 over the batch and divided by the mean. A
/// second critic opposes the extractor on the weighted rows of both domains:
/// <c>mean_s w BCE(D, 1) + mean_t w BCE(D, 0)</c> (You, Long, Cao, Wang and Jordan 2019, "Universal Domain Adaptation",
/// equations 3 to 8, with the weights of the authors' program). Both critics' losses are added; weights carry no
/// gradient.
/// </para>
/// <para>Example weights of source rows multiply theirs. Several sources count together as "source".</para>
/// </remarks>
/// <param name="critic">The critic that opposes the extractor; moved together with it.</param>
/// <param name="first">The critic that weighs; moved in the same phase.</param>
/// <param name="reversal">
/// The factor of the reversed gradient over progress. Default a ramp from 0 to 1 of gamma 40, the authors' for Office.
/// </param>
public sealed class UniversalAdversary(IDomainCritic critic, IDomainCritic first, Schedule? reversal = null)
    : IObjective,
        IJudged
{
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));
    private readonly IDomainCritic first = first ?? throw new ArgumentNullException(nameof(first));
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp(gamma: 40);

    /// <summary>
    /// What scores of source rows are divided by for their entropy, positive. Default 10, the authors'.
    /// </summary>
    [OptionRange(Above = 0)]
    public double SourceTemperature { get; init; } = 10;

    IReadOnlyList<IPart> IJudged.Critics => [critic];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic, first];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var sources = step.SourceFeatures();
        var features = cat([sources, step.Features(step.Target)]);
        var scores = cat([.. step.Sources.Select(step.Scores)]);
        var count = sources.shape[0];
        var own = step.Judgment(first, features.detach());
        var opposed = step.Judgment(critic, ReversedGradient.Of(features, reversal.At(step.Progress)));
        var (ofSource, ofTarget) = Halves(own, count);
        var (source, target) = Halves(opposed, count);
        var weights = SourceWeights(ofSource, scores, SourceTemperature);
        if (step.SourceWeights() is { } examples)
        {
            weights *= examples.to(weights.dtype);
        }
        return Loss(ofSource, ofTarget)
            + Loss(source, target, weights, TargetWeights(ofTarget, step.Scores(step.Target)));
    }

    /// <summary>How likely the classes of some rows are common to both domains, <c>d - H / log C</c>.</summary>
    /// <param name="judged">The first critic's logits <c>[n]</c>.</param>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="temperature">What they are divided by.</param>
    /// <returns>Numbers <c>[n]</c> from -1 to 1, without gradient; the caller disposes them.</returns>
    public static Tensor Transferability(Tensor judged, Tensor scores, double temperature = 1)
    {
        Guard.Alive(judged);
        Guard.Rows(scores);
        Guard.Positive(temperature);
        if (judged.dim() != 1 || judged.shape[0] != scores.shape[0])
        {
            throw new ArgumentException(
                $"judged must be one logit a row, [{scores.shape[0]}]; got {Shape.Of(judged)}.",
                nameof(judged)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var logs = (scores * (1 / temperature)).log_softmax(1);
        // Of a single class nobody is unsure.
        var most = Math.Log(Math.Max(2, scores.shape[1]));
        // A class that cannot be has the logarithm minus infinity, and adds nothing.
        var entropy = (logs.exp() * logs.clamp_min(-1e4)).sum(1) * (-1 / most);
        return (judged.to(logs.dtype).sigmoid() - entropy).MoveToOuterDisposeScope();
    }

    /// <summary>The weights of source rows.</summary>
    /// <inheritdoc cref="Transferability"/>
    /// <returns>Weights <c>[n]</c> of mean 1, without gradient; the caller disposes them.</returns>
    public static Tensor SourceWeights(Tensor judged, Tensor scores, double temperature = 10)
    {
        using var scope = NewDisposeScope();
        return Relative(Transferability(judged, scores, temperature).neg()).MoveToOuterDisposeScope();
    }

    /// <summary>The weights of target rows.</summary>
    /// <inheritdoc cref="Transferability"/>
    /// <returns>Weights <c>[n]</c> of mean 1, without gradient; the caller disposes them.</returns>
    public static Tensor TargetWeights(Tensor judged, Tensor scores, double temperature = 1)
    {
        using var scope = NewDisposeScope();
        return Relative(Transferability(judged, scores, temperature)).MoveToOuterDisposeScope();
    }

    // Where all rows are alike, so are their weights.
    private static Tensor Relative(Tensor values)
    {
        var (least, most) = (values.min(), values.max());
        var raised = (values - least) / (most - least).clamp_min(1e-30);
        var mean = raised.mean();
        return where(mean.gt(0), raised / mean.clamp_min(1e-30), ones_like(raised));
    }

    private static Tensor Loss(Tensor source, Tensor target, Tensor? ofSource = null, Tensor? ofTarget = null)
    {
        var (first, second) = (nn.functional.softplus(source.neg()), nn.functional.softplus(target));
        return (ofSource is null ? first : first * ofSource).mean()
            + (ofTarget is null ? second : second * ofTarget).mean();
    }

    private static (Tensor Source, Tensor Target) Halves(Tensor all, long sources) =>
        (all.narrow(0, 0, sources), all.narrow(0, sources, all.shape[0] - sources));
}
