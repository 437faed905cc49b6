using TransferLearning.Internal;

namespace TransferLearning.Training;

/// <summary>Makes the batches of any step, transformed, and what objectives compute them by.</summary>
internal sealed class StepSource : IDisposable
{
    // The branches of the stage's random key, and of a step's.
    private const int SamplerBranch = 0;
    private const int StepBranch = 1;
    private const int TransformBranch = -2;

    // The branch of a step's key, or of a batch's, for what one of several processes draws by itself.
    private const int OwnBranch = -1;

    private readonly NetworkTraining training;
    private readonly TrainingOptions options;
    private readonly RandomKey key;
    private readonly ITrainingGroup? group;
    private readonly bool takesWhole;
    private readonly BatchSampler sampler;

    public StepSource(
        NetworkTraining training,
        TrainingOptions options,
        DomainSet domains,
        FitRun run,
        ITrainingGroup? group,
        bool hasHooks
    )
    {
        (this.training, this.options, this.group) = (training, options, group);
        key = run.Key.Child(StepBranch);
        takesWhole =
            group is not null
            && (
                training.Transforms.Count > 0
                || hasHooks
                || training
                    .Phases.SelectMany(phase => phase.Objectives)
                    .Any(term => term.Objective.Split == BatchSplit.Gathered)
            );
        sampler = new BatchSampler(
            domains,
            options,
            run.Key.Child(SamplerBranch),
            run.Options.Device,
            takesWhole ? null : group
        );
        StepsPerEpoch = Math.Max(1, sampler.StepsPerEpoch / options.GradientAccumulation);
    }

    /// <summary>Steps in one pass over the largest source, or over the target where there is none.</summary>
    public long StepsPerEpoch { get; }

    /// <summary>A step's batches, one context for each that its gradients are accumulated over.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="progress">The share of training that is done.</param>
    public StepContext[] At(long step, double progress)
    {
        var stepKey = key.Child(step);
        GlobalRandomness.Seed(Own(stepKey));
        var contexts = new StepContext[options.GradientAccumulation];
        for (var i = 0; i < contexts.Length; i++)
        {
            contexts[i] = Context((step * contexts.Length) + i, stepKey.Child(i), progress);
        }
        return contexts;
    }

    public void Dispose() => sampler.Dispose();

    private StepContext Context(long draw, RandomKey batchKey, double progress)
    {
        var batch = sampler.At(draw);
        for (var i = 0; i < training.Transforms.Count; i++)
        {
            batch = training.Transforms[i].Apply(batch, batchKey.Child(TransformBranch - i));
        }
        batch = options.ChannelsLast ? batch.WithChannelsLast() : batch;
        var own = takesWhole ? batch.Part(group!.Rank, group.Size) : batch;
        var context = new StepContext(
            own,
            training.Extractor,
            training.Predictor,
            progress,
            Own(batchKey),
            options.Passes
        );
        return takesWhole ? context.WithWhole(batch, batchKey, group!) : context;
    }

    // What a process draws for its own rows alone.
    private RandomKey Own(RandomKey shared) => group is null ? shared : shared.Child(OwnBranch).Child(group.Rank);
}
