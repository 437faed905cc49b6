using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// Two models' predictions, each times a factor, added: what <see cref="LinearInterpolation"/> gives.
/// </summary>
/// <remarks>Probabilities of classes or labels are added, whatever the models' scores are, or values.</remarks>
[SavedPart("interpolated-predictor")]
public sealed class InterpolatedPredictor : ILabelPredictor, IComposite, ISavedPart, IGraphPart, IDisposable
{
    private ILabelPredictor? ofSource;
    private ILabelPredictor? ofTarget;
    private double sourceFactor;
    private double targetFactor;
    private long isOfValues;
    private long isMultiLabel;

    private InterpolatedPredictor() { }

    internal InterpolatedPredictor(
        ILabelPredictor ofSource,
        ILabelPredictor ofTarget,
        (double Source, double Target) factors,
        LabelSpace space
    )
    {
        (this.ofSource, this.ofTarget) = (ofSource, ofTarget);
        (sourceFactor, targetFactor) = factors;
        (isOfValues, isMultiLabel) = (space.IsValues ? 1 : 0, space.IsMultiLabel ? 1 : 0);
    }

    /// <summary>The factor of the sources' model.</summary>
    public double SourceFactor => sourceFactor;

    /// <summary>The factor of the target's model.</summary>
    public double TargetFactor => targetFactor;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [ofSource!, ofTarget!];

    /// <inheritdoc />
    public ScoreKind ScoreKind => isOfValues == 1 ? ScoreKind.Values : ScoreKind.Probabilities;

    /// <summary>The mixed probabilities <c>[n, classes]</c>, or values <c>[n, k]</c>.</summary>
    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(features);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor Weighted(ILabelPredictor model, double factor) =>
            Answers(model, features, isOfValues == 1, isMultiLabel == 1) * factor;
        var sum = Weighted(ofSource!, sourceFactor) + Weighted(ofTarget!, targetFactor);
        return sum.to(features.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>A model's values, or its probabilities, in float64. Opens no scope.</summary>
    internal static Tensor Answers(ILabelPredictor model, Tensor features, bool isOfValues, bool isMultiLabel)
    {
        var scores = model.Predict(features).to(float64);
        return isOfValues ? scores
            : isMultiLabel ? Probabilities.OfLabels(scores, model.ScoreKind)
            : Probabilities.Of(scores, model.ScoreKind);
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        GraphValue Weighted(ILabelPredictor model, string name, double factor)
        {
            var scores = graph.Part(model, inputs, name);
            var wide = graph.Wide(scores);
            var answers =
                isOfValues == 1 ? wide
                : isMultiLabel == 1 ? graph.LabelShares(wide, model.ScoreKind)
                : graph.Shares(wide, model.ScoreKind, graph.ExampleOf(scores).shape[1]);
            return graph.Multiply(answers, graph.Number(factor));
        }
        var sum = graph.Add(Weighted(ofSource!, "source", sourceFactor), Weighted(ofTarget!, "target", targetFactor));
        return graph.Like(sum, inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("source", ref ofSource);
        state.Part("target", ref ofTarget);
        state.Number("source factor", ref sourceFactor);
        state.Number("target factor", ref targetFactor);
        state.Number("values", ref isOfValues);
        state.Number("multi-label", ref isMultiLabel);
    }

    /// <summary>Disposes both models.</summary>
    public void Dispose()
    {
        (ofSource as IDisposable)?.Dispose();
        (ofTarget as IDisposable)?.Dispose();
    }
}
