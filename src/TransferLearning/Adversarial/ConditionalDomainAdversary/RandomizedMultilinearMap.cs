using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>The randomized multilinear map: an estimate of the multilinear map of a width that is chosen.</summary>
/// <remarks>
/// <para>
/// <c>h = (f R_f) * (p R_p) / sqrt(O)</c>, entry by entry, with matrices of standard normal numbers that are drawn
/// once: <c>E[h . h'] = (f . f') (p . p')</c>, the inner product of the exact maps (Long, Cao, Wang and Jordan 2018,
/// equation 6). The authors take it where <c>C d</c> is above 4096. The matrices follow the critic to its device and
/// stand in checkpoints.
/// </para>
/// <para>
/// Made for several layers it takes the features of each, <c>h = (f_1 R_1) * ... * (f_L R_L) * (p R_p) / sqrt(O)</c>,
/// whose exact map would have <c>d_1 ... d_L C</c> numbers (Long, Cao, Wang and Jordan 2017, "Domain Adaptation with
/// Randomized Multilinear Adversarial Networks"). <see cref="ConditionalDomainAdversary"/> gives it the outputs of the
/// last L links of the extractor. The authors' program divides by the root of O whose degree is the number of factors.
/// </para>
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
        : this([features], classes, outputs, key) { }

    /// <summary>Draws the matrices of several layers.</summary>
    /// <param name="features">
    /// The number of features of each layer, in the order in which rows pass them; the outputs of a layer of another
    /// shape are counted as one vector a row.
    /// </param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="outputs">The width O of the map. Default 1024, the authors'.</param>
    /// <param name="key">What the matrices are drawn from.</param>
    public RandomizedMultilinearMap(
        IReadOnlyList<long> features,
        long classes,
        long outputs = 1024,
        RandomKey key = default
    )
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentOutOfRangeException.ThrowIfZero(features.Count, nameof(features));
        foreach (var width in features)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(width, 1, nameof(features));
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        using var scope = NewDisposeScope();
        using var generator = key.Generator();
        draws = new Draws([
            .. features
                .Append(classes)
                .Select(width => randn([width, outputs], generator: generator).DetachFromDisposeScope()),
        ]);
    }

    /// <summary>How many layers' features it takes.</summary>
    public int Layers => draws.Count - 1;

    /// <summary>The matrices as buffers; nothing in it moves.</summary>
    public nn.Module Module => draws;

    /// <summary>The map of some rows by the matrices drawn.</summary>
    /// <inheritdoc cref="Of(Tensor, Tensor, Tensor, Tensor)"/>
    public Tensor Of(Tensor features, Tensor probabilities)
    {
        Guard.Alive(features);
        Guard.Alive(probabilities);
        if (Layers != 1)
        {
            return OfLayers([features], probabilities); // which says for how many it was drawn
        }
        using var scope = NewDisposeScope();
        return Of(
                features,
                probabilities,
                draws.Of(0).to(features.dtype).to(features.device),
                draws.Of(1).to(probabilities.dtype).to(probabilities.device)
            )
            .MoveToOuterDisposeScope();
    }

    /// <summary>The map of the rows of each layer and of their probabilities.</summary>
    internal Tensor OfLayers(IReadOnlyList<Tensor> features, Tensor probabilities)
    {
        if (features.Count != Layers)
        {
            throw new ArgumentException(
                $"the map was drawn for {Layers} layer(s) of features; got {features.Count}.",
                nameof(features)
            );
        }
        using var scope = NewDisposeScope();
        Tensor[] factors = [.. features.Select(rows => rows.dim() > 2 ? rows.flatten(1) : rows), probabilities];
        MultilinearMap.Check(factors[0], probabilities);
        return Of(factors, [.. factors.Select((rows, i) => draws.Of(i).to(rows.dtype).to(rows.device))])
            .MoveToOuterDisposeScope();
    }

    /// <summary>The product of the factors of some rows, each through a matrix of its own.</summary>
    /// <param name="factors">The features of each layer and the probabilities, <c>[n, .]</c> each.</param>
    /// <param name="matrices">A matrix <c>[., O]</c> for each factor.</param>
    /// <returns>Rows <c>[n, O]</c>, differentiable in the factors; the caller disposes them.</returns>
    public static Tensor Of(IReadOnlyList<Tensor> factors, IReadOnlyList<Tensor> matrices)
    {
        ArgumentNullException.ThrowIfNull(factors);
        ArgumentNullException.ThrowIfNull(matrices);
        if (factors.Count == 0 || factors.Count != matrices.Count)
        {
            throw new ArgumentException(
                $"matrices must be one for each of the {factors.Count} factor(s), and there must be one; got "
                    + $"{matrices.Count}.",
                nameof(matrices)
            );
        }
        using var scope = NewDisposeScope();
        Tensor? product = null;
        for (var i = 0; i < factors.Count; i++)
        {
            Canceling.Check();
            Guard.Rows(factors[i], name: nameof(factors));
            Guard.Rows(matrices[i], name: nameof(matrices));
            Fits(factors[i], matrices[i], nameof(factors));
            var image = factors[i].matmul(matrices[i]);
            product = product is null ? image : product * image;
        }
        return (product! / Math.Sqrt(product!.shape[1])).MoveToOuterDisposeScope();
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
        return Of([features, probabilities], [ofFeatures, ofClasses]);
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
        public Draws(IReadOnlyList<Tensor> matrices)
            : base(nameof(RandomizedMultilinearMap))
        {
            Count = matrices.Count;
            for (var i = 0; i < Count; i++)
            {
                register_buffer(NameOf(i), matrices[i]);
            }
        }

        public int Count { get; }

        public Tensor Of(int factor) => get_buffer(NameOf(factor))!;

        // The last layer's has the name that it had when there was one.
        private string NameOf(int factor) =>
            factor == Count - 1 ? "classes"
            : factor == Count - 2 ? "features"
            : $"features{factor}";
    }
}
