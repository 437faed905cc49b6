using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Several layers or networks over the same input, their outputs side by side: <c>[n, d_1 + ... + d_r]</c>.
/// </summary>
/// <remarks>
/// The last part of an extractor for <see cref="MultiRepresentationDiscrepancy"/>: branches of different structure see
/// different things in the same input, as the four branches of the paper's module do. Owns the branches.
/// </remarks>
public sealed class ParallelBranches : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly nn.Module<Tensor, Tensor>[] branches;

    /// <summary>Makes the module.</summary>
    /// <param name="branches">The branches, at least one; each maps the input to rows <c>[n, d_r]</c>.</param>
    public ParallelBranches(params ReadOnlySpan<nn.Module<Tensor, Tensor>> branches)
        : base(nameof(ParallelBranches))
    {
        if (branches.Length == 0)
        {
            throw new ArgumentException("at least one branch is needed.", nameof(branches));
        }
        this.branches = branches.ToArray();
        for (var i = 0; i < this.branches.Length; i++)
        {
            register_module($"branch{i}", this.branches[i]);
        }
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return cat([.. branches.Select(branch => branch.call(input))], 1).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Beside([.. branches.Select((branch, i) => graph.Part(branch, inputs, $"branch{i}"))]);
}
