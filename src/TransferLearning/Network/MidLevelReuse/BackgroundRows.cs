using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// Row weights that let the rows of a background class count less: patches that show none of the objects, of which
/// there are always too many.
/// </summary>
/// <remarks>
/// Rows of the class weigh <see cref="Share"/>, all others 1. The authors draw one background patch in ten instead,
/// which is the same in the mean over drawings (Oquab, Bottou, Laptev and Sivic 2014, section 3.3).
/// </remarks>
/// <param name="background">The number of the background class.</param>
public sealed class BackgroundRows(long background) : IRowWeights
{
    /// <summary>The number of the background class.</summary>
    public long Background { get; } =
        background >= 0
            ? background
            : throw new ArgumentOutOfRangeException(
                nameof(background),
                background,
                "background must be the number of a class, from 0."
            );

    /// <summary>What a background row weighs, from 0 to 1. Default 0.1, the authors'.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Share { get; init; } = 0.1;

    /// <inheritdoc />
    public Tensor Weigh(StepContext step, LabeledBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        // Of a row that is mixed of several, the share that is background.
        var share = batch.Labels.is_floating_point()
            ? batch.Labels.select(1, Background)
            : batch.Labels.eq(Background).to(float32);
        return (1 - (share * (1 - Share))).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        [
            .. plan.OfClasses(),
            .. plan.Domains.Space.IsClasses && Background >= plan.Domains.Space.Width
                ? [$"background is class {Background}, but the labels have {plan.Domains.Space.Width} classes, from 0."]
                : Array.Empty<string>(),
        ];
}
