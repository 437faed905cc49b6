using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// OVANet's target term: each class's classifier of "of it" against "not of it" is to be sure of target rows.
/// </summary>
/// <remarks>
/// The mean entropy, in nats, of each class's two logits over classes and target rows (Saito and Saenko 2021, "OVANet:
/// One-vs-All Network for Universal Domain Adaptation", equation 2).
/// </remarks>
/// <param name="heads">
/// Features to <c>[n, 2 C]</c>: C logits for "not of this class", then C for "of it".
/// </param>
public sealed class OneVersusAllEntropy(ILabelPredictor heads) : IObjective
{
    private readonly ILabelPredictor heads = heads ?? throw new ArgumentNullException(nameof(heads));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [heads];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Of(step.Scores(heads, step.Features(step.Target)));
    }

    /// <summary>The mean entropy of some logits.</summary>
    /// <param name="scores">The heads' logits <c>[n, 2 C]</c>.</param>
    /// <returns>A scalar from 0 to <c>log 2</c>, differentiable in the logits; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores)
    {
        OpenHeads.Check(scores);
        using var scope = NewDisposeScope();
        var margins = OpenHeads.Margins(scores);
        // H(sigmoid z) = softplus(z) - z sigmoid(z).
        var entropies = nn.functional.softplus(margins) - (margins * margins.sigmoid());
        return entropies.mean().MoveToOuterDisposeScope();
    }
}
