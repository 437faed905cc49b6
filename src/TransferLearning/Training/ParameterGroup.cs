using TorchSharp.Modules;

namespace TransferLearning.Training;

/// <summary>Parameters that share a learning rate and a moment to wake up.</summary>
/// <param name="Parameters">The parameters.</param>
/// <param name="RateScale">A factor on the optimizer's learning rate.</param>
/// <param name="FromEpoch">The epoch, from 0, until which they stay frozen.</param>
public sealed record ParameterGroup(IReadOnlyList<Parameter> Parameters, double RateScale = 1, int FromEpoch = 0);
