using TorchSharp;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// Says which parameters of a part move, from when, and at what rate: freezing, gradual unfreezing, discriminative
/// rates.
/// </summary>
public interface IParameterPlan : IPlanned
{
    /// <summary>Groups the parameters, each in one group at most; those in no group stay frozen.</summary>
    /// <param name="module">The part's module.</param>
    IReadOnlyList<ParameterGroup> Groups(nn.Module module);

    /// <summary>
    /// Modules that stay in evaluation mode while their parameters move: batch normalizations that keep their
    /// statistics. Default none.
    /// </summary>
    /// <param name="module">The part's module.</param>
    IReadOnlyList<nn.Module> AtRest(nn.Module module) => [];
}
