using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// ETN's critic: a classifier of the source's classes that may give a row to none of them; what it gives to some class
/// is how much the row looks like the source.
/// </summary>
/// <remarks>
/// For scores <c>z [n, C]</c> the classes' probabilities are those of a leaky softmax, <c>p_c = exp(z_c) / (C + sum_k
/// exp(z_k))</c>, and the critic's logit is <c>log sum_k exp(z_k) - log C</c>: its probability of "source" is <c>sum_c
/// p_c</c> (Cao, You, Long, Wang and Yang 2019, "Learning to Transfer Examples for Partial Domain Adaptation").
/// </remarks>
/// <param name="classes">Features to scores <c>[n, C]</c>; it stays the caller's.</param>
public sealed class LeakyCritic(ILabelPredictor classes) : IDomainCritic, IComposite
{
    private readonly ILabelPredictor classes = classes ?? throw new ArgumentNullException(nameof(classes));

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [classes];

    /// <inheritdoc />
    public Tensor Judge(Tensor features)
    {
        Guard.Alive(features);
        using var scope = NewDisposeScope();
        return Logits(classes.Predict(features)).MoveToOuterDisposeScope();
    }

    /// <summary>The logits of "source" of some scores <c>[n]</c>. Opens no scope.</summary>
    internal static Tensor Logits(Tensor scores) => scores.logsumexp(1) - Math.Log(scores.shape[1]);
}
