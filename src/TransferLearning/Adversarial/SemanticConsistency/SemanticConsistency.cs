using TransferLearning.Internal;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// What CyCADA adds to an image translation: a network that was trained on the source must read translated images as
/// what they were.
/// </summary>
/// <remarks>
/// <c>CE(f(to target(x_s)), y_s) + CE(f(to source(x_t)), argmax f(x_t))</c>, f the fixed network (Hoffman et al. 2018,
/// "CyCADA: Cycle-Consistent Adversarial Domain Adaptation", equation 4). The paper takes <c>argmax f(x_s)</c> for
/// <c>y_s</c> (<see cref="KeepsPredictions"/>); the authors' program, which made its figures on digits, the labels. The
/// program trains f beside the generators, and leaves the term out while its loss is above 1; here f is trained before.
/// </remarks>
public sealed record SemanticConsistency
{
    /// <summary>
    /// Whether translated source images must keep what the network reads in them, as the paper has it, instead of their
    /// labels. Default false.
    /// </summary>
    public bool KeepsPredictions { get; init; }

    /// <summary>The term from scores.</summary>
    /// <param name="source">Logits of translated source images <c>[n, C]</c>.</param>
    /// <param name="labels">
    /// What they must be read as: class numbers <c>[n]</c>, or probabilities <c>[n, C]</c>.
    /// </param>
    /// <param name="target">Logits of translated target images <c>[m, C]</c>.</param>
    /// <param name="untranslated">
    /// Logits of the same target images before translation <c>[m, C]</c>; their largest is taken, as a constant.
    /// </param>
    /// <returns>A scalar, differentiable in the logits of translated images; the caller disposes it.</returns>
    public static Tensor Of(Tensor source, Tensor labels, Tensor target, Tensor untranslated)
    {
        Guard.Alive(source);
        Guard.Alive(labels);
        Guard.Pair(target, untranslated);
        using var scope = NewDisposeScope();
        return (
            CrossEntropy.Of(source, labels) + CrossEntropy.Of(target, untranslated.argmax(1))
        ).MoveToOuterDisposeScope();
    }
}
