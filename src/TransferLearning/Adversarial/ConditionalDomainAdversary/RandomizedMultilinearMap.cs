using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>The randomized multilinear map: an estimate of the multilinear map of a width that is chosen.</summary>
/// <remarks>
/// <c>h = (f R_f) * (p R_p) / sqrt(O)</c>, entry by entry, with matrices of standard normal numbers that are drawn
/// once: <c>E[h . h'] = (f . f') (p . p')</c>, the inner product of the exact maps (Long, Cao, Wang and Jordan 2018,
/// equation 6). The authors take it where <c>C d</c> is above 4096. The matrices follow the critic to its device and
/// stand in checkpoints.
/// </remarks>
public sealed class RandomizedMultilinearMap : ITrainable, IDisposable
{
    private readonly Draws draws;

    /// <summary>Draws the matrices.</summary>
    /// <param name="features">The number of features d.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="outputs">The width O of the map. Default 1024, the authors'.</param>
    /// <param name="key">What the matrices are drawn from.</param>
    public RandomizedMultilinearMap(long features, long classes, long outputs = 1024, RandomKey key = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        using var scope = NewDisposeScope();
        using var generator = key.Generator();
        draws = new Draws(
            randn([features, outputs], generator: generator).DetachFromDisposeScope(),
            randn([classes, outputs], generator: generator).DetachFromDisposeScope()
        );
    }

    /// <summary>The matrices as buffers; nothing in it moves.</summary>
    public nn.Module Module => draws;

    /// <summary>The map of some rows by the matrices drawn.</summary>
    /// <inheritdoc cref="Of(Tensor, Tensor, Tensor, Tensor)"/>
    public Tensor Of(Tensor features, Tensor probabilities)
    {
        Guard.Alive(features);
        Guard.Alive(probabilities);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(probabilities);
        using var scope = NewDisposeScope();
        return Of(
                features,
                probabilities,
                draws.OfFeatures.to(features.dtype).to(features.device),
                draws.OfClasses.to(probabilities.dtype).to(probabilities.device)
            )
            .MoveToOuterDisposeScope();
    }

    /// <summary>The map of some rows by given matrices.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <param name="probabilities">Class probabilities <c>[n, C]</c>.</param>
    /// <param name="ofFeatures">The features' matrix <c>[d, O]</c>.</param>
    /// <param name="ofClasses">The probabilities' matrix <c>[C, O]</c>.</param>
    /// <returns>Rows <c>[n, O]</c>, differentiable in features and probabilities; the caller disposes them.</returns>
    public static Tensor Of(Tensor features, Tensor probabilities, Tensor ofFeatures, Tensor ofClasses)
    {
        MultilinearMap.Check(features, probabilities);
        Guard.Pair(ofFeatures, ofClasses);
        Fits(features, ofFeatures, nameof(features));
        Fits(probabilities, ofClasses, nameof(probabilities));
        using var scope = NewDisposeScope();
        var product = features.matmul(ofFeatures) * probabilities.matmul(ofClasses);
        return (product / Math.Sqrt(ofFeatures.shape[1])).MoveToOuterDisposeScope();
    }

    /// <summary>Disposes the matrices.</summary>
    public void Dispose() => draws.Dispose();

    private static void Fits(Tensor rows, Tensor matrix, string name)
    {
        if (rows.shape[1] != matrix.shape[0])
        {
            throw new ArgumentException(
                $"{name} must be {matrix.shape[0]} wide, as the matrix was drawn; got {Shape.Of(rows)}.",
                name
            );
        }
    }

    private sealed class Draws : nn.Module
    {
        public Draws(Tensor ofFeatures, Tensor ofClasses)
            : base(nameof(RandomizedMultilinearMap))
        {
            register_buffer("features", ofFeatures);
            register_buffer("classes", ofClasses);
        }

        public Tensor OfFeatures => get_buffer("features")!;

        public Tensor OfClasses => get_buffer("classes")!;
    }
}
