using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>Cross-entropy of a weak and a strong view of the labeled batches: AdaMatch's source term.</summary>
/// <remarks>
/// <c>(mean_i w_i CE(z_i, y_i) + mean_i w_i CE(z'_i, y_i)) / 2</c> for logits z of the weak and <c>z'</c> of the strong
/// view, by example weights w; the batches' means are averaged (Berthelot, Roelofs, Sohn, Carlini and Kurakin 2022,
/// "AdaMatch: A Unified Approach to Semi-Supervised Learning and Domain Adaptation"). It takes the place of
/// <see cref="CrossEntropy"/>.
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class ViewCrossEntropy(IAugmentation strong, IAugmentation? weak = null) : IObjective
{
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var terms = step.Labeled.SelectMany(batch =>
        {
            IBatch plain = weak is null ? batch : step.View(weak, batch);
            IBatch[] looks = [plain, step.View(strong, batch)];
            return looks.Select(look => CrossEntropy.Of(step.Scores(look), batch.Labels, batch.Weights));
        });
        return stack([.. terms]).mean();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
