#nullable disable // TorchSharp declares its optimisers without nullable annotations.
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Parameters that share an optimiser's settings.</summary>
public class ParamGroup : optim.ILearningRateController
{
    public IEnumerable<Parameter> Parameters { get; set; }

    public OptimizerOptions Options { get; set; }

    public double LearningRate
    {
        get => Options.LearningRate.Value;
        set => Options.LearningRate = value;
    }

    public double InitialLearningRate
    {
        get => Options.InitialLearningRate;
        set => Options.InitialLearningRate = value;
    }
}
