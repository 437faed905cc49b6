using TorchSharp;
using TransferLearning;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>The modules of one fit, their first values drawn by its seed.</summary>
/// <remarks>They live as long as the model that is judged; nobody else uses them.</remarks>
internal sealed class Networks
{
    private readonly Func<nn.Module<Tensor, Tensor>> extractor;

    /// <summary>A network on rows or images.</summary>
    /// <param name="seed">Draws the first values.</param>
    /// <param name="extractor">Makes what gives the features.</param>
    /// <param name="width">How many features there are.</param>
    /// <param name="classes">How many classes there are.</param>
    public Networks(long seed, Func<nn.Module<Tensor, Tensor>> extractor, int width, int classes)
    {
        (this.extractor, Width, Classes) = (extractor, width, classes);
        _ = manual_seed(seed);
        Extractor = NewExtractor();
        Predictor = NewPredictor();
    }

    /// <summary>A network on rows: linear, ReLU and dropout give 256 features.</summary>
    public Networks(long seed, int inputs, int classes)
        : this(seed, () => nn.Sequential(nn.Linear(inputs, 256), nn.ReLU(), nn.Dropout(0.5)), 256, classes) { }

    /// <summary>What gives the features.</summary>
    public ModulePart Extractor { get; }

    /// <summary>A linear classifier of the features.</summary>
    public ModulePart Predictor { get; }

    /// <summary>How many features there are.</summary>
    public int Width { get; }

    /// <summary>How many classes there are.</summary>
    public int Classes { get; }

    /// <summary>The view that changes inputs much.</summary>
    public IAugmentation Strong { get; init; } = Recipes.StrongFeatureAugmentation();

    /// <summary>The view that changes inputs little.</summary>
    public IAugmentation Weak { get; init; } = Recipes.WeakFeatureAugmentation();

    /// <summary>A further extractor: a teacher's, a student's.</summary>
    public ModulePart NewExtractor() => new(extractor);

    /// <summary>A further classifier.</summary>
    public ModulePart NewPredictor() => new(() => nn.Linear(Width, Classes));

    /// <summary>A projection of the features to 64 numbers, for contrastive terms.</summary>
    public ModulePart NewProjection() =>
        new(() => nn.Sequential(nn.Linear(Width, Width), nn.ReLU(), nn.Linear(Width, 64)));

    /// <summary>A critic of one hidden layer.</summary>
    /// <param name="width">The width of what it judges; null for the features'.</param>
    public ModulePart Critic(int? width = null) =>
        new(() => nn.Sequential(nn.Linear(width ?? Width, Width), nn.ReLU(), nn.Linear(Width, 1)));
}
