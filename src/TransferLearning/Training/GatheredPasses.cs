using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// The step of all processes' rows: each process passes its part of them, and the outputs are gathered.
/// </summary>
/// <param name="part">The step of this process's part of each batch.</param>
/// <param name="whole">The batches of all rows.</param>
/// <param name="group">The processes.</param>
/// <param name="passes">What the whole step has computed.</param>
internal sealed class GatheredPasses(StepContext part, StepBatch whole, ITrainingGroup group, StepPasses passes)
{
    private readonly Dictionary<Tensor, Tensor> parts = new(ReferenceEqualityComparer.Instance);

    /// <summary>The step of this process's part of each batch.</summary>
    public StepContext Own => part;

    /// <summary>
    /// This process's part of a batch. Null where every process passes all rows: where they cannot be shared evenly,
    /// and where they carry a graph, whose gradient the parts of others would miss.
    /// </summary>
    public IBatch? Part(IBatch batch)
    {
        var known = whole.All.Zip(part.Batch.All).FirstOrDefault(pair => ReferenceEquals(pair.First, batch)).Second;
        return known
            ?? (Part(batch.Inputs) is { } inputs ? new UnlabeledBatch(inputs, batch.Domain, batch.Rows) : null);
    }

    /// <summary>This process's part of a batch's inputs; null as for batches.</summary>
    public Tensor? Part(Tensor inputs)
    {
        if (inputs.requires_grad)
        {
            return null;
        }
        if (parts.TryGetValue(inputs, out var known))
        {
            return known;
        }
        var (rows, left) = Math.DivRem(inputs.shape[0], group.Size);
        if (left != 0 || rows == 0)
        {
            return null;
        }
        var own = whole
            .All.Zip(part.Batch.All)
            .FirstOrDefault(pair => ReferenceEquals(pair.First.Inputs, inputs))
            .Second;
        return parts[inputs] = own?.Inputs ?? passes.OfStep(inputs.narrow(0, rows * group.Rank, rows));
    }

    /// <summary>The rows of all processes, of which these are this one's.</summary>
    /// <remarks>
    /// Gradients of the own rows count as often as there are processes, because each of them passes its own rows alone
    /// and the gradients of parameters are averaged afterwards.
    /// </remarks>
    public Tensor Gathered(Tensor rows) =>
        passes.Pass(
            group,
            rows,
            input =>
            {
                using var scope = NewDisposeScope();
                var all = group.Gather(input);
                if (!input.requires_grad)
                {
                    return all.MoveToOuterDisposeScope();
                }
                var pieces = all.split(input.shape[0]);
                pieces[group.Rank] = ReversedGradient.Of(input, -group.Size);
                return cat(pieces).MoveToOuterDisposeScope();
            }
        );
}
