using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>Relation networks: a second network learns how like a row and a class are.</summary>
/// <remarks>
/// <c>score(x, k) = g([s_k, x])</c>, s_k the sum of the labeled features of class k and g the relation network; in
/// training the squared error <c>1/n sum_i sum_k (sigmoid(score) - 1[k = y_i])^2 / ways</c> (Sung et al. 2018,
/// "Learning to Compare: Relation Network for Few-Shot Learning", equations 1 and 2).
/// </remarks>
/// <param name="Relation">
/// The relation network, pairs <c>[n, 2 d]</c> to one number <c>[n, 1]</c> before its sigmoid; it learns with the
/// extractor.
/// </param>
public sealed record RelationNetwork(ILabelPredictor Relation) : IFewShotRule
{
    /// <summary>The relation network.</summary>
    public ILabelPredictor Relation { get; } = Relation ?? throw new ArgumentNullException(nameof(Relation));

    /// <inheritdoc />
    public IReadOnlyList<IPart> Learned => [Relation];

    /// <inheritdoc />
    public Tensor Score(Tensor support, Tensor labels, Tensor queries, int ways)
    {
        Guard.Pair(support, queries);
        Guard.Alive(labels);
        using var scope = NewDisposeScope();
        var shots = nn.functional.one_hot(labels, ways).sum(dim: 0).unsqueeze(1).to(support.dtype);
        var sums = PrototypicalNetwork.Prototypes(support, labels, ways) * shots;
        var (n, d) = (queries.shape[0], queries.shape[1]);
        var pairs = cat([sums.unsqueeze(0).expand(n, -1, -1), queries.unsqueeze(1).expand(-1, ways, -1)], 2);
        var scores = Relation.Predict(pairs.reshape(n * ways, 2 * d));
        return scores.numel() == n * ways
            ? scores.reshape(n, ways).MoveToOuterDisposeScope()
            : throw new ArgumentException(
                $"the relation network must give one number a pair, [{n * ways}, 1]; got {Shape.Of(scores)}.",
                nameof(support)
            );
    }

    /// <inheritdoc />
    public Tensor Loss(Tensor scores, Tensor labels)
    {
        Guard.Rows(scores);
        Guard.Alive(labels);
        using var scope = NewDisposeScope();
        var wanted = nn.functional.one_hot(labels, scores.shape[1]).to(scores.dtype);
        return (scores.sigmoid() - wanted).square().mean().MoveToOuterDisposeScope();
    }
}
