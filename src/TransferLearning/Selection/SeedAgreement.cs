using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>How often fits of one method that differ in nothing but the seed read a target row alike.</summary>
/// <remarks>
/// The mean over all pairs of fits of the share of rows with the same class. For two networks that are trained on rows
/// of the same distribution, the share of rows that they read alike is about their accuracy there (Jiang, Nagarajan,
/// Baek and Kolter 2022, "Assessing Generalization of SGD via Disagreement"). Under a shift that does not hold: fits
/// can agree on an error. What little agreement says is safe all the same: two fits that agree on a share a of the rows
/// cannot both be right on more than <c>(1 + a) / 2</c> of them, on average. Methods whose fit does not depend on the
/// seed agree always, and it says nothing of them.
/// </remarks>
public static class SeedAgreement
{
    /// <summary>The agreement of some fits.</summary>
    /// <param name="models">At least two fitted classifiers.</param>
    /// <param name="target">Rows of the target.</param>
    /// <returns>A number from 0 to 1.</returns>
    /// <exception cref="ArgumentException">There are fewer than two models.</exception>
    public static double Of(IReadOnlyList<AdaptedModel> models, UnlabeledDomain target)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(target);
        using var scope = NewDisposeScope();
        return Of([
            .. models.Select(model =>
                cat([zeros(0, int64), .. model.PredictBatches(target.Rows).Select(scores => scores.argmax(1).cpu())])
            ),
        ]);
    }

    /// <summary>The agreement of some predictions.</summary>
    /// <param name="classes">Each fit's classes of the same rows, int64 <c>[n]</c>; at least two fits.</param>
    /// <returns>A number from 0 to 1.</returns>
    /// <exception cref="ArgumentException">There are fewer than two fits, or they are of other rows.</exception>
    public static double Of(IReadOnlyList<Tensor> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count < 2)
        {
            throw new ArgumentException($"classes must be of at least two fits; got {classes.Count}.", nameof(classes));
        }
        foreach (var one in classes)
        {
            Canceling.Check();
            Guard.Alive(one, nameof(classes));
            if (one.dim() != 1 || one.shape[0] != classes[0].shape[0] || one.shape[0] == 0)
            {
                throw new ArgumentException(
                    $"classes must be [n] of the same rows, at least one; got {Shape.Of(classes[0])} and "
                        + $"{Shape.Of(one)}.",
                    nameof(classes)
                );
            }
        }
        using var scope = NewDisposeScope();
        return (
            from i in Enumerable.Range(0, classes.Count)
            from j in Enumerable.Range(0, i)
            select classes[i].eq(classes[j]).to(float64).mean().ToDouble()
        ).Average();
    }
}
