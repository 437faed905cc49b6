using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>TCA as two libraries write it.</summary>
public sealed class TransferComponentAnalysisParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["tca_jindongwang", "tca_adapt"];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function == "tca_adapt" ? Adapt(inputs) : TransferLearningRepository(inputs);

    /// <summary>The kernel that the transferlearning repository names; null is its primal form.</summary>
    internal static IKernel? Kernel(ParityInputs inputs) =>
        inputs.Text("kernel_type") switch
        {
            "primal" => null,
            "linear" => new LinearKernel(),
            _ => new GaussianKernel(inputs.Number("gamma")),
        };

    /// <summary>Its rows, which it scales to unit length.</summary>
    internal static Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true);

    // lambda stands beside ee'/||ee'||_F, so the paper's mu is lambda ||ee'||_F = lambda (1/n + 1/m); columns of W and
    // rows in and out have unit length.
    private static ParityResult TransferLearningRepository(ParityInputs inputs)
    {
        var (source, target) = (Unit(inputs["source"]), Unit(inputs["target"]));
        using var map = new TransferComponentAnalysis
        {
            Kernel = Kernel(inputs),
            Components = inputs.Integer("dim"),
            PenaltyScale = PenaltyScale.Absolute,
            Ridge = inputs.Number("lambda") * ((1.0 / source.shape[0]) + (1.0 / target.shape[0])),
            Scale = ComponentScale.UnitWeights,
        }.Fit(source, target);
        Tensor Mapped(Tensor rows) => Unit(map.Extract(rows));
        var (mappedSource, mappedTarget) = (Mapped(source), Mapped(target));
        var all = cat([mappedSource, mappedTarget]);
        return new ParityResult()
            .With("source_new", mappedSource)
            .With("target_new", mappedTarget)
            .With("gram_first4", all.narrow(0, 0, 4).matmul(all.t()));
    }

    // ADAPT's mu multiplies the gap where the paper's multiplies the identity: ridge 1/mu, eigenvalues divided by mu.
    private static ParityResult Adapt(ParityInputs inputs)
    {
        const string Reason =
            "ADAPT hands a non-symmetric matrix to a symmetric eigensolver, which reads half of it; only the "
            + "eigenvalues recorded beside are the paper's";
        using var map = new TransferComponentAnalysis
        {
            Kernel =
                inputs.Text("kernel") == "linear" ? new LinearKernel() : new GaussianKernel(inputs.Number("gamma")),
            Components = inputs.Integer("n_components"),
            PenaltyScale = PenaltyScale.Absolute,
            Ridge = 1 / inputs.Number("mu"),
        }.Fit(inputs["source"], inputs["target"]);
        return new ParityResult()
            .With("true_eigenvalues_of_J", map.Eigenvalues / inputs.Number("mu"))
            .Declines("source_encoded", Reason)
            .Declines("target_encoded", Reason)
            .Declines("gram", Reason);
    }
}
