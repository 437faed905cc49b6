using System.Globalization;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>What a transport costs from each source row to each target row, and how much mass lies where.</summary>
public sealed record TransportProblem
{
    /// <summary>What every solver holds beside the cost: a kernel or a copy, and the plan.</summary>
    internal const int MinMatrices = 2;

    /// <summary>What to do where a plan of all rows does not fit.</summary>
    internal const string WayOut = "Wrap the solver in MiniBatchTransport.";

    /// <summary>A problem in float64 on the cost's device; the tensors stay the caller's.</summary>
    /// <param name="cost">The cost <c>[n, m]</c>, finite.</param>
    /// <param name="sourceWeights">The mass <c>[n]</c> of the source rows, not negative; null for 1/n each.</param>
    /// <param name="targetWeights">The mass <c>[m]</c> of the target rows, not negative; null for 1/m each.</param>
    /// <param name="sourceLabels">The classes <c>[n]</c>, int64, of the source rows, where a solver uses them.</param>
    public TransportProblem(
        Tensor cost,
        Tensor? sourceWeights = null,
        Tensor? targetWeights = null,
        Tensor? sourceLabels = null
    )
    {
        Guard.Rows(cost);
        using var scope = NewDisposeScope();
        if (!double.IsFinite(cost.sum().to(float64).item<double>()))
        {
            throw new ArgumentException("cost must be finite; it holds NaN or infinity.", nameof(cost));
        }
        Cost = cost.detach().to(float64).MoveToOuterDisposeScope();
        SourceWeights = Weights(sourceWeights, cost.shape[0], nameof(sourceWeights));
        TargetWeights = Weights(targetWeights, cost.shape[1], nameof(targetWeights));
        if (sourceLabels is not null && (sourceLabels.dim() != 1 || sourceLabels.shape[0] != cost.shape[0]))
        {
            throw new ArgumentException(
                $"sourceLabels must be [{cost.shape[0]}], one for each source row; got {Shape.Of(sourceLabels)}.",
                nameof(sourceLabels)
            );
        }
        SourceLabels = sourceLabels;
    }

    /// <summary>The cost <c>[n, m]</c>.</summary>
    public Tensor Cost { get; private init; }

    /// <summary>The mass <c>[n]</c> of the source rows.</summary>
    public Tensor SourceWeights { get; private init; }

    /// <summary>The mass <c>[m]</c> of the target rows.</summary>
    public Tensor TargetWeights { get; private init; }

    /// <summary>The classes <c>[n]</c> of the source rows, or null.</summary>
    public Tensor? SourceLabels { get; private init; }

    /// <summary>Where the source rows lie, <c>[n, d]</c>, or null: some solvers look at it beside the cost.</summary>
    public Tensor? SourceRows { get; init; }

    /// <summary>Where the target rows lie, <c>[m, d]</c>, or null.</summary>
    public Tensor? TargetRows { get; init; }

    /// <summary>Stops the solver.</summary>
    public CancellationToken Cancellation { get; init; }

    internal TransportProblem WithCost(Tensor cost) => this with { Cost = cost };

    /// <summary>
    /// A plan between the rows and columns that hold mass, which is 0 in the others; it belongs to the caller's scope.
    /// </summary>
    /// <remarks>Scaling has no meaning for a row without mass, and its kernel's values grow without bound.</remarks>
    /// <param name="plan">Finds the plan of a problem in which all rows and columns hold mass.</param>
    internal Tensor PlanOfMass(Func<TransportProblem, Tensor> plan)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = (SourceWeights.gt(0).nonzero().squeeze(1), TargetWeights.gt(0).nonzero().squeeze(1));
        if (rows.shape[0] == Cost.shape[0] && columns.shape[0] == Cost.shape[1])
        {
            return plan(this).MoveToOuterDisposeScope();
        }
        var some = this with
        {
            Cost = Cost.index_select(0, rows).index_select(1, columns),
            SourceWeights = SourceWeights.index_select(0, rows),
            TargetWeights = TargetWeights.index_select(0, columns),
            SourceLabels = SourceLabels?.index_select(0, rows),
            SourceRows = SourceRows?.index_select(0, rows),
            TargetRows = TargetRows?.index_select(0, columns),
        };
        var wide = zeros([rows.shape[0], Cost.shape[1]], float64, Cost.device).index_copy_(1, columns, plan(some));
        return zeros_like(Cost).index_copy_(0, rows, wide).MoveToOuterDisposeScope();
    }

    /// <summary>The classes as one-hot rows <c>[n, classes]</c>, float64.</summary>
    internal Tensor Memberships()
    {
        if (SourceLabels is null)
        {
            throw new InvalidOperationException("this solver needs the classes of the source rows: give sourceLabels.");
        }
        var (_, numbers, _) = SourceLabels.unique(return_inverse: true);
        return nn.functional.one_hot(numbers!).to(float64);
    }

    /// <summary>What a solver holds beside the cost must fit.</summary>
    internal void CheckMemory(string solver, int matrices) =>
        MemoryNeed.Check(solver, Cost, Cost.shape[0], Cost.shape[1], matrices, WayOut);

    /// <summary>Mass must be the same on both sides; solvers that keep all of it ask for this.</summary>
    internal void CheckBalance()
    {
        var (source, target) = (SourceWeights.sum().item<double>(), TargetWeights.sum().item<double>());
        if (Math.Abs(source - target) > 1e-6 * Math.Max(source, target))
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"both sides must hold the same mass; got {source} and {target}. "
                ) + "Normalize the weights, or use UnbalancedTransport."
            );
        }
    }

    private Tensor Weights(Tensor? given, long count, string name)
    {
        if (given is null)
        {
            return full(count, 1.0 / count, dtype: float64, device: Cost.device).MoveToOuterDisposeScope();
        }
        if (given.dim() != 1 || given.shape[0] != count)
        {
            throw new ArgumentException($"{name} must be [{count}]; got {Shape.Of(given)}.", name);
        }
        var weights = given.detach().to(float64);
        if (
            !weights.isfinite().all().item<bool>()
            || weights.min().item<double>() < 0
            || !(weights.max().item<double>() > 0)
        )
        {
            throw new ArgumentException($"{name} must be finite, none negative and not all zero.", name);
        }
        return weights.MoveToOuterDisposeScope();
    }
}
