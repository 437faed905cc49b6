using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>What the critic of Wasserstein guidance minimizes: minus the gap, plus a gradient penalty.</summary>
/// <remarks>
/// <c>-(mean D(f_s) - mean D(f_t)) + p mean (||grad D(x)|| - 1)^2</c> over the source features, the target features and
/// random points between them (Shen, Qu, Zhang and Yu 2018, "Wasserstein Distance Guided Representation Learning for
/// Domain Adaptation", equations 3 to 6). Of several sources the points' source rows are drawn from all.
/// </remarks>
/// <param name="critic">The critic.</param>
/// <param name="penalty">The coefficient p of the gradient penalty, not negative. Default 10.</param>
public sealed class WassersteinCritic(IDomainCritic critic, double penalty = 10) : IObjective, IJudged
{
    private readonly WassersteinGap gap = new(critic);
    private readonly double penalty = Checked(penalty);

    IReadOnlyList<IPart> IJudged.Critics => [critic];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var source = step.SourceFeatures().detach();
        var target = step.Features(step.Target).detach();
        var pairs = Math.Min(source.shape[0], target.shape[0]);
        using var generator = step.NextKey().Generator();
        var share = rand([pairs, 1], dtype: source.dtype, generator: generator).to(source.device);
        var ends =
            step.Sources.Count == 1
                ? source
                : source.index_select(0, randperm(source.shape[0], generator: generator).to(source.device));
        var between = (share * ends.narrow(0, 0, pairs)) + ((1 - share) * target.narrow(0, 0, pairs));
        return (GradientPenalty.Of(points => step.Judgment(critic, points), cat([source, target, between])) * penalty)
            - gap.Evaluate(step);
    }

    private static double Checked(double penalty)
    {
        Guard.NotNegative(penalty);
        return penalty;
    }
}
