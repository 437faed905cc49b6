using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Turns inputs into a representation: a neural backbone, or a map fitted on data.</summary>
/// <remarks>
/// Implementations do not keep or dispose the tensors that they are given. A fitted extractor may be called from
/// several threads as long as nobody trains it at the same time. The result belongs to the caller.
/// </remarks>
public interface IFeatureExtractor : IPart
{
    /// <summary>Computes the representation of a batch of inputs.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c>.</param>
    /// <returns>Features <c>[n, d]</c>, on the inputs' device; differentiable wherever the extractor is.</returns>
    Tensor Extract(Tensor inputs);

    /// <summary>
    /// Whether gradients pass, so that a training may move it or what comes before it. Default true; an extractor that
    /// another runtime computes says false, and stands in <c>Frozen(...)</c>.
    /// </summary>
    bool HasGradient => true;
}
