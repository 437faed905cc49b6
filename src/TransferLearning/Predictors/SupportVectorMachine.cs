using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// A support vector machine (SVM) with a kernel and the hinge loss, one class against the rest, weighted.
/// </summary>
/// <remarks>
/// Minimizes for every class c <c>||f_c||^2 / 2 + C sum_i w_i max(0, 1 - y_ic (f_c(x_i) + b_c))</c> over the kernel's
/// functions, with <c>y_ic</c> 1 for rows of the class and -1 for all others and weights with mean 1 (Cortes and Vapnik
/// 1995, "Support-Vector Networks"). The scores are <c>f_c(x) + b_c</c>; the class with the largest one is predicted,
/// and of two classes one machine tells them apart. Where a row may have any of several labels, <c>y_ic</c> is 1 for
/// those that it has. scikit-learn's <c>SVC</c> is the same machine for two classes; of more it lets each pair vote.
/// Solved exactly by an interior-point method in float64: n^3 operations a class and n^2 memory.
/// </remarks>
public sealed record SupportVectorMachine : ILabelLearner
{
    private const int Matrices = 7;
    private const double LeastWeight = 1e-8; // what weighs less changes nothing, and its cost leaves no digits

    /// <summary>The kernel. Default a Gaussian one by the median heuristic.</summary>
    public IKernel Kernel { get; init; } = new GaussianKernel();

    /// <summary>
    /// The inverse strength C of the penalty: what a row costs that lies by 1 within its margin. Default 1.
    /// </summary>
    [OptionRange(Above = 0)]
    public double InversePenalty { get; init; } = 1;

    /// <summary>
    /// Whether rows are divided by their spread first, the root of their mean squared distance from their mean.
    /// Default: they are, and C means the same in any unit. Under a Gaussian kernel, whose values have no unit, nothing
    /// is divided.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        Guard.Options(this);
        LabelTargets.RefuseValues(data, "A support vector machine");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var weights = RelativeWeights.Of(data);
        var kept = weights.gt(LeastWeight).nonzero().squeeze(1);
        var n = kept.shape[0];
        MemoryNeed.Check(
            nameof(SupportVectorMachine),
            data.Inputs,
            n,
            n,
            Matrices,
            $"Use {nameof(LinearSupportVectorMachine)}, or fewer rows.",
            float64
        );
        var rows = data.Inputs.index_select(0, kept);
        var unit = RowUnit.Of(PenaltyScale, Kernel, rows);
        var exact = rows.to(float64) / unit;
        // A single row has no distance to read a width off.
        var kernel = Kernel.FixedFor(n > 1 ? exact : cat([exact, exact]));
        var similarities = kernel.Matrix(exact, exact);
        var costs = weights.index_select(0, kept) * InversePenalty;
        var signs = (LabelTargets.Of(data, float64).index_select(0, kept) * 2) - 1;
        var isOneMachine = data.Space is { IsClasses: true, Width: 2 };
        var (multipliers, intercepts) = (new List<Tensor>(), new List<Tensor>());
        for (var c = isOneMachine ? 1 : 0; c < signs.shape[1]; c++)
        {
            Canceling.Check();
            var (ofRows, intercept) = HingeMachine.Fit(similarities, signs.select(1, c), costs);
            multipliers.Add(ofRows);
            intercepts.Add(intercept);
        }
        if (isOneMachine)
        {
            multipliers.Insert(0, -multipliers[0]);
            intercepts.Insert(0, -intercepts[0]);
        }
        return new KernelPredictor(kernel, rows, stack([.. multipliers], 1), stack([.. intercepts]), unit);
    }
}
