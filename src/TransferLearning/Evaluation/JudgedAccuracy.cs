using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>A model's accuracy on a domain that may be larger than memory.</summary>
internal static class JudgedAccuracy
{
    /// <summary>Reads the domain block by block, and stops between two blocks.</summary>
    /// <param name="model">The model.</param>
    /// <param name="domain">The rows and their classes.</param>
    /// <param name="branch">Which domain of the fit the model takes the rows for.</param>
    /// <param name="cancellation">Stops the work.</param>
    public static AccuracyInterval Of(
        AdaptedModel model,
        LabeledDomain domain,
        DomainId branch,
        CancellationToken cancellation
    )
    {
        using var canceling = Canceling.By(cancellation);
        var right = 0L;
        foreach (var (start, count) in RowBlocks.Of(domain.Count, BatchedPass.NumbersOfARow(domain.Rows)))
        {
            Canceling.Check();
            using var block = NewDisposeScope();
            var rows = BatchedPass.Read(domain.Rows, start, count);
            var labels = domain.Labels.narrow(0, start, count);
            right += model.ClassesOf(rows, branch).eq(labels.to(rows.device)).sum().ToInt64();
        }
        return AccuracyInterval.Of(right, domain.Count);
    }
}
