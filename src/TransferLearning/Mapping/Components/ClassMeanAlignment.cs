using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Components that align domain means and, by pseudo labels that are renewed from round to round, class means.
/// </summary>
internal sealed record ClassMeanAlignment(
    IKernel? Kernel,
    int Components,
    double Ridge,
    int Rounds,
    ComponentScale Scale,
    ILabelLearner Classifier
)
{
    /// <summary>What it is called in errors.</summary>
    public required string Method { get; init; }

    /// <summary>The weight of the domain means' gap.</summary>
    public required double Marginal { get; init; }

    /// <summary>The weight of each class means' gap.</summary>
    public required double Conditional { get; init; }

    /// <summary>Whether class means are weighted by the roots of the class shares.</summary>
    public bool HasClassShares { get; init; }

    /// <summary>How many rows stand for all in the kernel matrix, or null for all.</summary>
    public int? Landmarks { get; init; }

    /// <summary>Whether rows are divided by their spread.</summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>Fits the map.</summary>
    public KernelMap Fit(LabeledDomain source, Tensor target, FitContext? context)
    {
        Check(source, target);
        var run = context ?? new FitContext();
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var ns = source.Count;
        var (design, mapOf) = Landmarks is null
            ? OnAllRows(source.Inputs, target)
            : OnLandmarks(source.Rows, new TensorRows(target), Landmarks.Value, run);
        var components = AlignedComponents.OfRows(design);
        var sourceClasses = nn.functional.one_hot(source.Labels, source.Space.Width).to(float64);
        var domainGap = AlignedComponents.MeanGap(ns, target.shape[0], design.device);
        Tensor? pseudo = null;
        for (var round = 0; ; round++)
        {
            run.Report((double)round / Rounds);
            using var roundScope = NewDisposeScope();
            var gaps = pseudo is null
                ? domainGap
                : cat(
                    [
                        domainGap * Math.Sqrt(Marginal),
                        ClassGaps(sourceClasses, pseudo, HasClassShares) * Math.Sqrt(Conditional),
                    ],
                    1
                );
            gaps /= gaps.t().matmul(gaps).norm().sqrt(); // M = E E' of unit Frobenius norm
            var (weights, values) = components.Solve(
                design.t().matmul(gaps),
                Ridge,
                Components,
                Scale,
                design.shape[0],
                run.Cancellation
            );
            if (round == Rounds - 1)
            {
                return mapOf(weights, values);
            }
            var mapped = RowLengths.Unit(design.matmul(weights));
            var predictor = Classifier.Fit(source.WithInputs(mapped.narrow(0, 0, ns)));
            using var owned = predictor as IDisposable;
            var labels = predictor.Predict(mapped.narrow(0, ns, target.shape[0])).argmax(1);
            pseudo = nn.functional.one_hot(labels, source.Space.Width).to(float64).MoveToOuterDisposeScope();
        }
    }

    /// <summary>
    /// Column c: <c>1/n_c</c> for source rows of class c, <c>-1/m_c</c> for target rows believed to be of it; classes
    /// that either side lacks are left out.
    /// </summary>
    /// <param name="source">The source's classes, one-hot <c>[n, C]</c>.</param>
    /// <param name="target">The target's pseudo labels, one-hot <c>[m, C]</c>.</param>
    /// <param name="hasClassShares">Whether columns are weighted by the roots of the class shares.</param>
    public static Tensor ClassGaps(Tensor source, Tensor target, bool hasClassShares = false)
    {
        var (inSource, inTarget) = (source.sum(dim: 0), target.sum(dim: 0));
        var isShared = inSource.gt(0).logical_and(inTarget.gt(0)).to(float64);
        var (sourceScale, targetScale) = (isShared / inSource.clamp_min(1), isShared / inTarget.clamp_min(1));
        if (hasClassShares)
        {
            sourceScale *= (inSource / source.shape[0]).sqrt();
            targetScale *= (inTarget / target.shape[0]).sqrt();
        }
        return cat([source * sourceScale, target * -targetScale]);
    }

    // The rows F whose primal problem it is, in the caller's scope, and how directions become a map.
    private (Tensor Design, Func<Tensor, Tensor, KernelMap> MapOf) OnAllRows(Tensor source, Tensor target)
    {
        AlignedComponents.CheckMemory(Method, Kernel, source, source.shape[0] + target.shape[0]);
        var rows = cat([source, target]);
        var unit = RowUnit.Of(PenaltyScale, Kernel, source, target);
        var exact = rows.to(float64) / unit;
        var kernel = Kernel?.FixedFor(exact);
        var design = kernel is null ? exact : kernel.Matrix(exact, exact);
        return (design, (weights, values) => new KernelMap(kernel, rows, weights, values, unit));
    }

    private (Tensor Design, Func<Tensor, Tensor, KernelMap> MapOf) OnLandmarks(
        IRowSource source,
        TensorRows target,
        int landmarks,
        FitContext run
    )
    {
        var unit = RowUnit.Of(PenaltyScale, Kernel, [source, target], run);
        IRowSource[] scaled = [ScaledRows.Of(source, unit), ScaledRows.Of(target, unit)];
        var features = NystromFeatures.Of(Kernel!, scaled, landmarks, run.Key);
        var (n, r) = (source.Count + target.Count, features.Root.shape[0]);
        MemoryNeed.Check(Method, features.Root, n, r, 1, "Lower Landmarks.");
        var design = features.Of(scaled, run);
        var stretch = LandmarkComponents.Stretch(design.t().matmul(design));
        foreach (var (start, count) in RowBlocks.Of(design.shape[0], design.shape[1]))
        {
            Canceling.Check();
            using var pass = NewDisposeScope();
            var block = design.narrow(0, start, count);
            block.copy_(block.matmul(stretch));
        }
        var type = target.Inputs.dtype;
        return (
            design,
            (directions, values) => LandmarkComponents.Map(features, stretch, directions, values, type, unit)
        );
    }

    private void Check(LabeledDomain source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        AlignedComponents.CheckCount(Components, Kernel, Landmarks, source.Count + target.shape[0], target.shape[1]);
        ClassLabels.Check(source);
    }
}
