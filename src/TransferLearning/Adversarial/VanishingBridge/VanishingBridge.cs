using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// GVB: classifier and critic each subtract a bridge, what only one domain has; the bridges are kept small, so that
/// what they carry vanishes step by step.
/// </summary>
/// <remarks>
/// <para>
/// <c>sum_s w BCE(D(p_s), 1) + sum_t w BCE(D(p_t), 0) + l_g mean |bridge_g| + l_d mean |bridge_d|</c>:
/// <c>p = softmax(z)</c> of the classifier's scores less its bridge, D the critic's logit less its bridge, the bridges'
/// absolute values averaged over rows of both domains and outputs; <c>-lambda</c> times the gradient of the first two
/// terms goes to the network (Cui et al. 2020; l_g and l_d are 1). The critic sees the class probabilities and no
/// features.
/// </para>
/// <para>
/// Rows that are read surely count more: <c>w = exp(-H(p))</c>, H with 1e-5 inside its logarithm, divided by its sum
/// over the domain; its gradient is reversed too. The authors' program halves the first two terms. Source rows weigh by
/// their example weights as well, relative to their sum.
/// </para>
/// </remarks>
/// <param name="classifier">The classifier, which the training's predictor must be.</param>
/// <param name="critic">
/// The critic of class probabilities <c>[n, C]</c>, of one output; the phase moves it together with the network.
/// </param>
/// <param name="reversal">The factor lambda over progress. Default the ramp from 0 to 1, gamma 10.</param>
public sealed class VanishingBridge(Bridged classifier, Bridged critic, Schedule? reversal = null) : IObjective, IJudged
{
    private const double Epsilon = 1e-5;
    private readonly Bridged classifier = classifier ?? throw new ArgumentNullException(nameof(classifier));
    private readonly Bridged critic = critic ?? throw new ArgumentNullException(nameof(critic));
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp();

    /// <summary>The factor l_g of the classifier's bridge, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double ClassifierBridge { get; init; } = 1;

    /// <summary>The factor l_d of the critic's bridge, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double CriticBridge { get; init; } = 1;

    IReadOnlyList<IPart> IJudged.Critics => [critic.AsPart()];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic.AsPart()];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        if (!ReferenceEquals((step.Predictor as ITrainable)?.Module, classifier))
        {
            throw new ArgumentException(
                "the classifier must be the training's predictor: give one module to both.",
                nameof(step)
            );
        }
        using var scope = NewDisposeScope();
        var features = cat([step.SourceFeatures(), step.Features(step.Target)]);
        var (scores, ofClassifier) = Both(classifier, features);
        var coefficient = reversal.At(step.Progress);
        var (logits, ofCritic) = Both(critic, GradientReversal.Apply(scores.softmax(1), coefficient));
        var sources = step.Sources.Sum(batch => batch.Inputs.shape[0]);
        Tensor[] Domains(Tensor rows) => rows.split([sources, rows.shape[0] - sources]);
        var (judged, sure) = (Domains(logits.reshape(-1)), Domains(Sureness(scores, coefficient)));
        var loss = DomainAdversary.Loss(
            judged[0],
            judged[1],
            Relative(step.SourceWeights() is { } own ? sure[0] * own.to(sure[0].dtype) : sure[0]),
            Relative(sure[1])
        );
        var bridges = (ofClassifier.abs().mean() * ClassifierBridge) + (ofCritic.abs().mean() * CriticBridge);
        return (loss + bridges).MoveToOuterDisposeScope();
    }

    // In half precision a module converts rows where it is called, and here it is asked for its bridge instead.
    private static (Tensor Output, Tensor Bridge) Both(Bridged of, Tensor rows)
    {
        var (output, bridge) = of.Both(rows.to(of.Type));
        return (output.to(rows.dtype), bridge.to(rows.dtype));
    }

    // exp(-H), whose reversed gradient reaches the classifier.
    private static Tensor Sureness(Tensor scores, double coefficient)
    {
        var p = scores.softmax(1);
        var entropy = (p * (p + Epsilon).log()).sum(1).neg();
        return GradientReversal.Apply(entropy, coefficient).neg().exp();
    }

    private static Tensor Relative(Tensor weights) => weights / weights.detach().mean().clamp_min(1e-30);

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
