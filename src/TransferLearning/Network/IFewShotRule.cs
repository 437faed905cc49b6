using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// How rows are read by a few labeled ones of classes that no training has shown: nothing is fitted but the features
/// that the rule works on.
/// </summary>
public interface IFewShotRule : IPart, IPlanned
{
    /// <summary>The rule's own parts, which learn with the extractor; none where it is a formula.</summary>
    IReadOnlyList<IPart> Learned => [];

    /// <summary>Scores of the classes of an episode.</summary>
    /// <param name="support">Features of the labeled rows <c>[m, d]</c>.</param>
    /// <param name="labels">
    /// Their classes, int64 <c>[m]</c>, each from 0 to <paramref name="ways"/> - 1 at least once.
    /// </param>
    /// <param name="queries">Features of the rows to read <c>[n, d]</c>.</param>
    /// <param name="ways">How many classes there are.</param>
    /// <returns>Scores <c>[n, ways]</c>, the larger the likelier; the caller disposes them.</returns>
    Tensor Score(Tensor support, Tensor labels, Tensor queries, int ways);

    /// <summary>What scores cost in a training.</summary>
    /// <param name="scores">Scores <c>[n, ways]</c>.</param>
    /// <param name="labels">The right classes, int64 <c>[n]</c>.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    Tensor Loss(Tensor scores, Tensor labels) => nn.functional.cross_entropy(scores, labels);
}
