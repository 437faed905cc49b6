using Evaluate.Tables;
using TorchSharp;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Streams;

/// <summary>The networks of the streams: two linear layers with ReLU, no dropout, and linear heads.</summary>
internal static class StreamNetworks
{
    /// <summary>How many features there are behind each layer.</summary>
    public const int Width = 256;

    private const int Inputs = 512;
    private const int Classes = 7;

    /// <summary>How long each domain of a stream is learned.</summary>
    public static FitOptions Trained(FitOptions options) => PacsFeatures.Trained(options, epochs: 40);

    /// <summary>An extractor.</summary>
    public static ModulePart Extractor() => new(() => nn.Sequential(First(), nn.ReLU(), Second(), nn.ReLU()));

    /// <summary>A classifier.</summary>
    public static ModulePart Head() => new(() => nn.Linear(Width, Classes));

    /// <summary>A critic of one hidden layer.</summary>
    public static ModulePart Critic() => new(() => nn.Sequential(Second(), nn.ReLU(), nn.Linear(Width, 1)));

    /// <summary>The first layer.</summary>
    public static nn.Module<Tensor, Tensor> First() => nn.Linear(Inputs, Width);

    /// <summary>The second layer.</summary>
    public static nn.Module<Tensor, Tensor> Second() => nn.Linear(Width, Width);
}
