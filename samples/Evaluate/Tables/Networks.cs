using TorchSharp;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>The modules of one fit on rows of features, their first values drawn by its seed.</summary>
/// <remarks>They live as long as the model that is judged; nobody else uses them.</remarks>
internal sealed class Networks
{
    private const int Hidden = 256;
    private readonly int inputs;
    private readonly int classes;

    public Networks(long seed, int inputs, int classes)
    {
        (this.inputs, this.classes) = (inputs, classes);
        _ = manual_seed(seed);
        Extractor = NewExtractor();
        Predictor = NewPredictor();
    }

    /// <summary>Linear, ReLU and dropout: the features, 256 of them.</summary>
    public ModulePart Extractor { get; }

    /// <summary>A linear classifier of the features.</summary>
    public ModulePart Predictor { get; }

    /// <summary>How many features there are.</summary>
    public int Width => Hidden;

    /// <summary>How many classes there are.</summary>
    public int Classes => classes;

    /// <summary>A further extractor: a teacher's, a student's.</summary>
    public ModulePart NewExtractor() => new(() => nn.Sequential(nn.Linear(inputs, Hidden), nn.ReLU(), nn.Dropout(0.5)));

    /// <summary>A further classifier.</summary>
    public ModulePart NewPredictor() => new(() => nn.Linear(Hidden, classes));

    /// <summary>A critic of one hidden layer.</summary>
    /// <param name="width">The width of what it judges; null for the features'.</param>
    public ModulePart Critic(int? width = null) =>
        new(() => nn.Sequential(nn.Linear(width ?? Hidden, Hidden), nn.ReLU(), nn.Linear(Hidden, 1)));
}
