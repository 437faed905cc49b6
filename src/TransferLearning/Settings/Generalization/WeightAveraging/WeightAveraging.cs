using TransferLearning.Internal;
using TransferLearning.Training;

namespace TransferLearning.Settings;

/// <summary>
/// Averaged weights: extractor and predictor end as the mean of what they were over the last part of the training.
/// </summary>
/// <remarks>
/// From <see cref="Start"/> on every <see cref="Every"/>-th step adds to the mean of each parameter and of each buffer
/// of a floating dtype, each step alike (Izmailov, Podoprikhin, Garipov, Vetrov and Wilson 2018, "Averaging Weights
/// Leads to Wider Optima and Better Generalization"). <see cref="DenseWeightAveraging"/> finds the first and the last
/// step by a validation loss. The mean is put into the modules when the training ends, early as well; validation scores
/// see the weights as they are. Where the best state is restored, the mean is that of the steps up to it. It needs one
/// more copy of the weights, which is in checkpoints. A constant learning rate suits it better than one that falls to
/// 0.
/// </remarks>
public sealed class WeightAveraging : ITrainingHook
{
    private readonly WeightMean mean = new();
    private IReadOnlyList<ITrainable> parts = [];

    /// <summary>The share of training after which weights are averaged, from 0 to below 1. Default 0.5.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Start { get; init; } = 0.5;

    /// <summary>Every how many steps the weights are added. Default 1, SWAD's.</summary>
    [OptionRange(AtLeast = 1)]
    public int Every { get; init; } = 1;

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        mean.Dispose();
        Begin(view);
    }

    /// <inheritdoc />
    public void OnResume(TrainingView view) => Begin(view);

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.Progress > Start && view.Step % Every == 0)
        {
            mean.Add(WeightMean.Followed(parts));
        }
    }

    /// <inheritdoc />
    public void OnEnd()
    {
        mean.Put(WeightMean.Followed(parts));
        mean.Dispose();
        parts = [];
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        mean.Exchange(state);
    }

    private void Begin(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Guard.Options(this);
        parts = TrainingParts.Trainables([view.Extractor, view.Predictor]);
    }
}
