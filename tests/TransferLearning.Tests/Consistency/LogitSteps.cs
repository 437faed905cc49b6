using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

/// <summary>Steps of a network that hands its inputs on as logits, so that values can be computed by hand.</summary>
internal static class LogitSteps
{
    /// <summary>A step whose source row i is of class i.</summary>
    public static StepContext Of(double[,] source, double[,] target, double progress = 0, Tensor? weights = null)
    {
        var same = nn.Identity().AsPart();
        var (labeled, unlabeled) = (tensor(source), tensor(target));
        var rows = arange(labeled.shape[0], dtype: int64);
        var batch = new StepBatch(
            [new LabeledBatch(labeled, rows, DomainId.Source(0), rows, weights, LabelSpace.Classes(2))],
            new UnlabeledBatch(unlabeled, DomainId.Target, arange(unlabeled.shape[0], dtype: int64))
        );
        return StepContext.For(batch, same, same, progress);
    }

    /// <summary>What a hook sees of a training of such steps.</summary>
    public static TrainingView View(StepContext step) =>
        new(
            new DomainSet([], new UnlabeledDomain(step.Target.Inputs)),
            step.Extractor,
            step.Predictor,
            0,
            0,
            0,
            new RandomKey(1)
        );

    /// <summary>What an objective keeps, by its name.</summary>
    public static Tensor Kept(ICheckpointed objective, string name)
    {
        using var saving = StateBag.ForSaving();
        objective.Exchange(saving);
        using var loading = saving.Continue();
        Tensor? kept = null;
        loading.Slot(name, ref kept);
        return kept!;
    }

    /// <summary>A view that multiplies logits.</summary>
    public sealed class Scaled(double by) : IAugmentation
    {
        public Tensor Apply(Tensor inputs, RandomKey key) => inputs * by;
    }
}
