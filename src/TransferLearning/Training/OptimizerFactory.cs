using TorchSharp.Modules;

namespace TransferLearning.Training;

/// <summary>Makes an optimizer over some parameters.</summary>
/// <param name="parameters">The parameters to move.</param>
/// <returns>A new optimizer; the training stage disposes it.</returns>
public delegate OptimizerHelper OptimizerFactory(IEnumerable<Parameter> parameters);
