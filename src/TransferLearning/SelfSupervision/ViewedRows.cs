using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>The batches of a step that self-supervised objectives look at, and what they make of them.</summary>
internal static class ViewedRows
{
    /// <summary>The batches of some domains.</summary>
    /// <exception cref="ArgumentException">Rows among them have example weights.</exception>
    public static IReadOnlyList<IBatch> Of(StepContext step, ViewedDomains domains, string what)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (domains == ViewedDomains.Target)
        {
            return [step.Target];
        }
        if (step.Sources.Any(source => source.Weights is not null))
        {
            throw new ArgumentException(
                $"{what} cannot weigh rows, and the sources' have example weights: take the weights "
                    + "away, or let Domains be ViewedDomains.Target.",
                nameof(step)
            );
        }
        return domains == ViewedDomains.Sources ? step.Sources : [.. step.Sources, step.Target];
    }

    /// <summary>What is made of each batch, one below the other. Opens no scope.</summary>
    public static Tensor Joined(IReadOnlyList<IBatch> batches, Func<IBatch, Tensor> make) =>
        batches.Count == 1 ? make(batches[0]) : cat([.. batches.Select(make)]);

    /// <summary>The batch seen so, or as it is. Opens no scope.</summary>
    public static IBatch Seen(StepContext step, IAugmentation? view, IBatch batch) =>
        view is null ? batch : step.View(view, batch);

    /// <summary>Rows of length 1; zeros stay. Opens no scope.</summary>
    public static Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true).clamp_min(1e-12);
}
