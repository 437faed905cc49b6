using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// Attribute label embedding (ALE): features and descriptions are mapped into one space, in which a row lies nearer to
/// its own class than to others by a margin.
/// </summary>
/// <remarks>
/// <c>score(x, c) = x U (s_c V)'</c> with U <c>[d, k]</c> and V <c>[a, k]</c>; minimizes <c>1/n sum_i w_i f(r_i) sum_{c
/// != y_i} max(0, margin + score(x_i, c) - score(x_i, y_i))</c> over the seen classes, where r classes violate the
/// margin and <c>f(r) = (1 + 1/2 + ... + 1/r) / r</c> makes the top of the ranking count (Akata, Perronnin, Harchaoui
/// and Schmid 2016, "Label-Embedding for Image Classification", equation 10; Weston, Bengio and Usunier 2011 for the
/// common space), by Adagrad from drawn values. Rows are divided by the root of their mean squared length, and
/// descriptions have length 1.
/// </remarks>
/// <param name="Descriptions">What is known of the classes.</param>
public sealed record AttributeEmbedding(ClassDescriptions Descriptions) : IZeroShotLearner
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

    /// <summary>
    /// The width k of the common space, at least 1; null for the descriptions' own, where V is fixed to the identity
    /// and the problem is convex, without <see cref="WeighsRanks"/>. Default null, as in the paper's tables.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>Whether violations are weighed by their rank. Default true.</summary>
    public bool WeighsRanks { get; init; } = true;

    /// <summary>The margin, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double Margin { get; init; } = 1;

    /// <summary>Adagrad's rate, positive. Default 0.1.</summary>
    [OptionRange(Above = 0)]
    public double Rate { get; init; } = 0.1;

    /// <summary>How many times all rows pass, at least 1. Default 20.</summary>
    [OptionRange(AtLeast = 1)]
    public int Epochs { get; init; } = 20;

    /// <summary>Rows of a batch, at least 1. Default 128.</summary>
    [OptionRange(AtLeast = 1)]
    public int BatchSize { get; init; } = 128;

    /// <summary>The seed of the batches and of the first U and V. Default 0.</summary>
    public long Seed { get; init; }

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = SemanticRows.Of(this, data);
        var (unit, vectors, key) = (rows.Length(), SemanticRows.Unit(rows.Vectors), new RandomKey(Seed));
        var (d, a) = (rows.Rows.shape[1], vectors.shape[1]);
        using var generator = key.Child(-1).Generator();
        Tensor Drawn(long height, long width) =>
            (randn([height, width], dtype: float64, generator: generator) / Math.Sqrt(height)).to(vectors.device);
        var u = Components is { } k ? Drawn(d, k) : zeros([d, a], float64, vectors.device);
        var v = Components is { } width ? Drawn(a, width) : null;
        var descent = new RankingDescent
        {
            Margin = Margin,
            Rate = Rate,
            Epochs = Epochs,
            BatchSize = BatchSize,
            WeighsRanks = WeighsRanks,
        };
        descent.Run(rows, rows.Rows / unit, SemanticRows.Unit(rows.SeenVectors), u, v, key);
        return rows.Predictor(
            new SemanticMap(u / unit),
            ClassComparison.Product,
            v is null ? vectors : vectors.matmul(v)
        );
    }

    /// <inheritdoc />
    public IZeroShotLearner WithSeenPenalty(double penalty) => this with { SeenPenalty = penalty };

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => SemanticRows.Faults(this, plan);
}
