using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>
/// Judges from which domain a representation comes: an adversary when deep, a density ratio when shallow.
/// </summary>
public interface IDomainCritic : IPart
{
    /// <summary>Scores every row by how much it looks like the source.</summary>
    /// <param name="features">
    /// Features <c>[n, d]</c>, or whatever joint representation the method feeds its critic.
    /// </param>
    /// <returns>One logit a row, <c>[n]</c> or <c>[n, 1]</c>: large and positive means "source".</returns>
    Tensor Judge(Tensor features);
}
