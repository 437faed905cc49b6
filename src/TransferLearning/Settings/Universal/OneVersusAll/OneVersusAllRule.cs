using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// OVANet's rule: a row is unknown where the classifier of its best class says "not of it".
/// </summary>
/// <remarks>
/// The margin is the best class's logit of "not of this class" less that of "of it", so that a row is unknown from a
/// probability of 1/2 on, without a threshold to choose (Saito and Saenko 2021, "OVANet: One-vs-All Network for
/// Universal Domain Adaptation").
/// </remarks>
[SavedPart("one-versus-all-rule")]
public sealed class OneVersusAllRule : IUnknownRule, IComposite, ISavedPart
{
    private ILabelPredictor? heads;

    private OneVersusAllRule() { }

    /// <summary>A rule of some classifiers.</summary>
    /// <param name="heads">
    /// Features to <c>[n, 2 C]</c>: C logits for "not of this class", then C for "of it".
    /// </param>
    public OneVersusAllRule(ILabelPredictor heads)
    {
        ArgumentNullException.ThrowIfNull(heads);
        this.heads = heads;
    }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [heads!];

    /// <inheritdoc />
    public Tensor Margin(Tensor features, Tensor logs)
    {
        Guard.Rows(logs);
        Guard.Alive(features);
        using var scope = NewDisposeScope();
        var scores = heads!.Predict(features);
        if (scores.dim() != 2 || scores.shape[1] != 2 * logs.shape[1])
        {
            throw new ArgumentException(
                $"the one-versus-all classifiers give {Shape.Text(scores.shape)} for {logs.shape[1]} classes: end "
                    + $"them with {2 * logs.shape[1]} outputs.",
                nameof(logs)
            );
        }
        var best = logs.argmax(1).unsqueeze(1);
        return OpenHeads.Margins(scores).gather(1, best).squeeze(1).neg().MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("heads", ref heads);
    }
}
