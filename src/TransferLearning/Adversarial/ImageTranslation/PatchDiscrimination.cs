using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// A critic's part of the game, <see cref="PatchAdversary.Critic"/> on one domain's images and on those that a
/// generator makes of the other's, past ones among them.
/// </summary>
/// <remarks>The past images are state: they are in checkpoints.</remarks>
/// <param name="critic">The critic.</param>
/// <param name="generator">The generator against it.</param>
/// <param name="isOfTarget">Whether the real images are the target's; otherwise they are the sources'.</param>
/// <param name="criterion">What the critic minimizes.</param>
/// <param name="poolSize">How many past images are kept.</param>
internal sealed class PatchDiscrimination(
    IPatchCritic critic,
    IFeatureExtractor generator,
    bool isOfTarget,
    CriticLoss criterion,
    int poolSize
) : IObjective, ITrainingHook
{
    private readonly ImagePool pool = new(poolSize);

    public string Name => isOfTarget ? "PatchDiscrimination.Target" : "PatchDiscrimination.Source";

    public IEnumerable<IPart> Parts => [critic, generator];

    public Tensor Evaluate(StepContext step)
    {
        var real = isOfTarget ? step.Target.Inputs : step.SourceImages();
        return PatchAdversary.Critic(
            step.PatchJudgment(critic, real),
            step.PatchJudgment(critic, Drawn(step).Shown),
            criterion
        );
    }

    public void OnStart(TrainingView view) => pool.Forget();

    public void OnStepped(TrainingView view, StepContext step) => pool.Keep(Drawn(step));

    public void OnEnd() => pool.Forget();

    public void Exchange(StateBag state) => pool.Exchange(state);

    private ImageDraw Drawn(StepContext step) =>
        step.Once(
            this,
            step.Batch,
            () =>
                pool.Draw(step.Fakes(generator, isOfTarget ? step.SourceImages() : step.Target.Inputs), step.NextKey())
        );
}
