using TransferLearning.Mapping;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Subspace alignment, the geodesic flow kernel and feature augmentation.</summary>
public sealed class SubspaceParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["subspace_alignment", "gfk", "feature_augmentation"];

    public ParityResult Compute(ParityInputs inputs)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        return inputs.Function switch
        {
            "subspace_alignment" => Alignment(inputs, source, target),
            "gfk" => Flow(inputs, source, target),
            _ => Augmentation(inputs, target),
        };
    }

    private static ParityResult Alignment(ParityInputs inputs, Tensor source, Tensor target)
    {
        var (sourceMap, targetMap) = new SubspaceAlignment { Components = inputs.Integer("n_components") }.Fit(
            source,
            target
        );
        var (aligned, projected) = (sourceMap.Extract(source), targetMap.Extract(target));
        return new ParityResult()
            .With("source_aligned", aligned)
            .With("target_projected", projected)
            .With("cross_gram", aligned.matmul(projected.t()))
            .Declines("alignment", "inner workings: a product of the two maps that the aligned rows pin");
    }

    private static ParityResult Flow(ParityInputs inputs, Tensor source, Tensor target)
    {
        var flow = new GeodesicFlowKernel { Components = inputs.Integer("dim") };
        using var map = flow.Fit(source, target);
        return new ParityResult()
            .With("kernel_matrix_G", map.Matrix.matmul(map.Matrix.t()))
            .With("principal_angles", flow.PrincipalAngles(source, target));
    }

    // Inputs name one source, or several by number; the library keeps domains apart, so they are stacked here as ADAPT
    // stacks them.
    private static ParityResult Augmentation(ParityInputs inputs, Tensor target)
    {
        var names = inputs.HasInput("source")
            ? ["source"]
            : Enumerable.Range(1, 9).Select(k => $"source{k}").Where(inputs.HasInput).ToArray();
        var map = new FeatureAugmentation().For(names.Length);
        var sources = names.Select((name, k) => map.For(DomainId.Source(k)).Extract(inputs[name])).ToList();
        var mappedTarget = map.For(DomainId.Target).Extract(target);
        return new ParityResult()
            .With("augmented", cat([.. sources, mappedTarget]))
            .With("labels", cat([inputs["source_labels"], inputs["target_labels"]]))
            .With("source_transform", cat([.. sources]))
            .With("target_transform", mappedTarget);
    }
}
