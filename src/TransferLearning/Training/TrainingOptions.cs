using TorchSharp;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>How a network is trained. Immutable.</summary>
public sealed record TrainingOptions : IPlanned
{
    /// <summary>
    /// How many epochs; an epoch is one pass over the largest source, the other domains are cycled. Default 10.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Epochs { get; init; } = 10;

    /// <summary>How many steps; where given, it decides and <see cref="Epochs"/> does not.</summary>
    [OptionRange(AtLeast = 1)]
    public long? Steps { get; init; }

    /// <summary>Rows a step from each labeled domain. Default 64.</summary>
    [OptionRange(AtLeast = 2)]
    public int BatchSize { get; init; } = 64;

    /// <summary>Rows a step from the target; null takes <see cref="BatchSize"/>.</summary>
    [OptionRange(AtLeast = 2)]
    public int? TargetBatchSize { get; init; }

    /// <summary>Makes the optimizer of a part that has none of its own. Default Adam at 0.001.</summary>
    public OptimizerFactory Optimizer { get; init; } = parameters => optim.Adam(parameters, 1e-3);

    /// <summary>A factor on every learning rate over progress. Default 1.</summary>
    public Schedule LearningRate { get; init; } = 1.0;

    /// <summary>The largest norm of a phase's gradient; longer ones are scaled down. Null does not clip.</summary>
    [OptionRange(Above = 0, AllowsInfinity = true)]
    public double? GradientClipping { get; init; }

    /// <summary>How many batches make one step; their gradients are averaged. Default 1.</summary>
    [OptionRange(AtLeast = 1)]
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>Whether the domains pass a shared extractor one by one or in one batch. Default one by one.</summary>
    public DomainPasses Passes { get; init; } = DomainPasses.Apart;

    /// <summary>The number format of forward and backward passes. Default that of the data.</summary>
    public Precision Precision { get; init; } = Precision.AsData;

    /// <summary>
    /// Whether batches of images <c>[n, c, h, w]</c> lie in memory with the channels innermost, and with them what
    /// convolutions make of them: the numbers are the same up to rounding, and GPUs are faster by it, above all in half
    /// precision. Default false.
    /// </summary>
    public bool ChannelsLast { get; init; }

    /// <summary>
    /// Scores the model at epoch ends, without target labels; the best one can be kept by the checkpoints.
    /// </summary>
    public IModelScore? Validation { get; init; }

    /// <summary>Every how many epochs <see cref="Validation"/> is asked. Default 1.</summary>
    [OptionRange(AtLeast = 1)]
    public int ValidateEvery { get; init; } = 1;

    /// <summary>
    /// Whether the parts end in the state with the best <see cref="Validation"/> score rather than in the last. Default
    /// false.
    /// </summary>
    public bool RestoreBest { get; init; }

    /// <summary>What is wrong with these options on the rows that a stage meets.</summary>
    internal IEnumerable<string> RowFaults(ChainPlan plan) =>
        ChannelsLast && plan.RowShape is { Count: not 3 } shape
            ? [$"ChannelsLast is for images [n, c, h, w]; these rows are {Shape.Text(shape)}."]
            : [];

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        if (Optimizer is null)
        {
            yield return "Optimizer is null; give a factory, parameters => optim.Adam(parameters, 1e-3) for instance.";
        }
        if (LearningRate is null)
        {
            yield return "LearningRate is null; give a factor, 1.0 for instance.";
        }
        else if (LearningRate.Fault() is { } fault)
        {
            yield return $"LearningRate {fault}";
        }
        // The run's options meet no rows yet: each stage that takes them asks by its own.
        foreach (var wrong in plan.Current is null ? [] : RowFaults(plan))
        {
            yield return wrong;
        }
        if (RestoreBest && Validation is null)
        {
            yield return "RestoreBest needs a Validation score to know the best by.";
        }
        if (Validation is not null && Steps is null && ValidateEvery > Epochs)
        {
            yield return $"ValidateEvery is {ValidateEvery}, but there are {Epochs} Epochs: Validation would never be "
                + "asked.";
        }
    }
}
