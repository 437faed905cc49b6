using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// DeViSE: a linear map of features to the embedding of their class's name, by a hinge that ranks the right name above
/// all others.
/// </summary>
/// <remarks>
/// Minimizes <c>1/n sum_i w_i sum_{c != y_i} max(0, margin - x_i W t_{y_i}' + x_i W t_c')</c> over the seen classes c,
/// with embeddings t of length 1 (Frome et al. 2013, "DeViSE: A Deep Visual-Semantic Embedding Model", equation 1), by
/// Adagrad from W = 0; <c>score(x, c) = x W t_c'</c>. The authors go on to train the network below; here the features
/// stay as they are. Rows are divided by the root of their mean squared length, so that the margin means the same in
/// any unit.
/// </remarks>
/// <param name="Descriptions">The classes' embeddings.</param>
public sealed record VisualSemanticEmbedding(ClassDescriptions Descriptions) : IZeroShotLearner
{
    /// <inheritdoc />
    public ClassDescriptions Descriptions { get; } =
        Descriptions ?? throw new ArgumentNullException(nameof(Descriptions));

    /// <summary>
    /// What is taken off the scores of seen classes, not negative; infinity leaves only unseen classes. Default
    /// infinity.
    /// </summary>
    [OptionRange(AtLeast = 0, AllowsInfinity = true)]
    public double SeenPenalty { get; init; } = double.PositiveInfinity;

    /// <summary>The margin, positive. Default 0.1, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Margin { get; init; } = 0.1;

    /// <summary>Adagrad's rate, positive. Default 0.1.</summary>
    [OptionRange(Above = 0)]
    public double Rate { get; init; } = 0.1;

    /// <summary>How many times all rows pass, at least 1. Default 20.</summary>
    [OptionRange(AtLeast = 1)]
    public int Epochs { get; init; } = 20;

    /// <summary>Rows of a batch, at least 1. Default 128.</summary>
    [OptionRange(AtLeast = 1)]
    public int BatchSize { get; init; } = 128;

    /// <summary>The seed of the batches. Default 0.</summary>
    public long Seed { get; init; }

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = SemanticRows.Of(this, data);
        var unit = rows.Length();
        var vectors = SemanticRows.Unit(rows.Vectors);
        var w = zeros([rows.Rows.shape[1], vectors.shape[1]], float64, rows.Rows.device);
        Descent().Run(rows, rows.Rows / unit, SemanticRows.Unit(rows.SeenVectors), w, null, new RandomKey(Seed));
        return rows.Predictor(new SemanticMap(w / unit), ClassComparison.Product, vectors);
    }

    /// <summary>The ranking loss of some scores.</summary>
    /// <param name="scores">Scores <c>[n, z]</c>.</param>
    /// <param name="labels">The right classes, int64 <c>[n]</c>.</param>
    /// <param name="margin">The margin.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Loss(Tensor scores, Tensor labels, double margin = 0.1)
    {
        Guard.Rows(scores);
        Guard.Alive(labels);
        Guard.Positive(margin);
        using var scope = NewDisposeScope();
        var descent = new RankingDescent
        {
            Margin = margin,
            Rate = 1,
            Epochs = 1,
            BatchSize = 1,
            WeighsRanks = false,
        };
        return descent.Loss(scores, labels, ones_like(scores.select(1, 0))).MoveToOuterDisposeScope();
    }

    private RankingDescent Descent() =>
        new()
        {
            Margin = Margin,
            Rate = Rate,
            Epochs = Epochs,
            BatchSize = BatchSize,
            WeighsRanks = false,
        };

    /// <inheritdoc />
    public IZeroShotLearner WithSeenPenalty(double penalty) => this with { SeenPenalty = penalty };

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => SemanticRows.Faults(this, plan);
}
