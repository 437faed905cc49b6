using TorchSharp;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>How a network is trained. Immutable.</summary>
public sealed record TrainingOptions
{
    /// <summary>How many epochs; an epoch is one pass over the largest source, the other domains are cycled. Default 10.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>How many steps; where given, it decides and <see cref="Epochs"/> does not.</summary>
    public long? Steps { get; init; }

    /// <summary>Rows a step from each labeled domain. Default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Rows a step from the target; null takes <see cref="BatchSize"/>.</summary>
    public int? TargetBatchSize { get; init; }

    /// <summary>Makes the optimizer of a part that has none of its own. Default Adam at 0.001.</summary>
    public OptimizerFactory Optimizer { get; init; } = parameters => optim.Adam(parameters, 1e-3);

    /// <summary>A factor on every learning rate over progress. Default 1.</summary>
    public Schedule LearningRate { get; init; } = 1.0;

    /// <summary>The largest norm of a phase's gradient; longer ones are scaled down. Null does not clip.</summary>
    public double? GradientClipping { get; init; }

    /// <summary>How many batches make one step; their gradients are averaged. Default 1.</summary>
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>Whether the domains pass a shared extractor one by one or in one batch. Default one by one.</summary>
    public DomainPasses Passes { get; init; } = DomainPasses.Apart;

    /// <summary>The number format of forward and backward passes. Default that of the data.</summary>
    public Precision Precision { get; init; } = Precision.AsData;

    /// <summary>Scores the model at epoch ends, without target labels; the best one can be kept by the checkpoints.</summary>
    public IModelScore? Validation { get; init; }

    /// <summary>Every how many epochs <see cref="Validation"/> is asked. Default 1.</summary>
    public int ValidateEvery { get; init; } = 1;

    /// <summary>Whether the parts end in the state with the best <see cref="Validation"/> score rather than in the last. Default false.</summary>
    public bool RestoreBest { get; init; }

    internal IEnumerable<string> Faults()
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
        if (Epochs < 1)
        {
            yield return $"Epochs must be at least 1; got {Epochs}.";
        }
        if (Steps < 1)
        {
            yield return $"Steps must be at least 1; got {Steps}.";
        }
        if (BatchSize < 2 || TargetBatchSize < 2)
        {
            yield return $"batches need at least 2 rows; got BatchSize {BatchSize}, TargetBatchSize {TargetBatchSize ?? BatchSize}.";
        }
        if (GradientAccumulation < 1)
        {
            yield return $"GradientAccumulation must be at least 1; got {GradientAccumulation}.";
        }
        if (!(GradientClipping is null or > 0))
        {
            yield return $"GradientClipping must be positive, or null for none; got {GradientClipping}.";
        }
        if (ValidateEvery < 1)
        {
            yield return $"ValidateEvery must be at least 1; got {ValidateEvery}.";
        }
        if (RestoreBest && Validation is null)
        {
            yield return "RestoreBest needs a Validation score to know the best by.";
        }
        if (Validation is not null && Steps is null && ValidateEvery > Epochs)
        {
            yield return $"ValidateEvery is {ValidateEvery}, but there are {Epochs} Epochs: Validation would never be asked.";
        }
    }
}
