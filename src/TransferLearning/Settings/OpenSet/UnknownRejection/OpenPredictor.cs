using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>A predictor of known classes that can also say "unknown".</summary>
/// <remarks>
/// For log-probabilities <c>l [n, C]</c> of the known classes it gives the logits <c>l_1 ... l_C, max_c l_c + m</c>, m
/// the margin of its rule: a row is unknown where m is positive, and of its best known class where it is not. Class
/// number C is "unknown".
/// </remarks>
[SavedPart("open-predictor")]
public sealed class OpenPredictor : ILabelPredictor, IComposite, ISavedPart
{
    private ILabelPredictor? known;
    private IUnknownRule? rule;

    private OpenPredictor() { }

    /// <summary>Puts a predictor and a rule together.</summary>
    /// <param name="known">Predicts the known classes.</param>
    /// <param name="rule">Decides which rows are of none of them.</param>
    public OpenPredictor(ILabelPredictor known, IUnknownRule rule)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(rule);
        (this.known, this.rule) = (known, rule);
    }

    /// <summary>The predictor of the known classes.</summary>
    public ILabelPredictor Known => known!;

    /// <summary>The rule.</summary>
    public IUnknownRule Rule => rule!;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [known!, rule!];

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Logits;

    /// <inheritdoc />
    public bool SaysUnknown => true;

    /// <summary>Logits of the known classes and, last, of "unknown".</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <returns>Logits <c>[n, C + 1]</c>; the caller disposes them.</returns>
    /// <exception cref="InvalidOperationException">The predictor gives values, not scores of classes.</exception>
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(features);
        using var scope = NewDisposeScope();
        var scores = known!.Predict(features);
        var logs =
            known.ScoreKind == ScoreKind.Logits
                ? scores.log_softmax(1)
                : Probabilities.Of(scores, known.ScoreKind).clamp_min(1e-30).log();
        var margin = rule!.Margin(features, logs).to(logs.dtype).reshape(-1, 1);
        return cat([logs, logs.amax([1L], keepdim: true) + margin], 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("known", ref known);
        state.Part("rule", ref rule);
    }
}
