using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Tests.Parity;

namespace TransferLearning.Tests.Instance;

/// <summary>Kernel mean matching against cvxopt's solution of the same program.</summary>
public sealed class KernelMeanMatchingParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["kmm"];

    public ParityResult Compute(ParityInputs inputs)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        var kernel = new GaussianKernel(inputs.Number("gamma"));
        var weights = new KernelMeanMatching
        {
            Kernel = kernel,
            Bound = inputs.Number("B"),
            Epsilon = inputs.Number("eps"),
        }.Weigh(source, target);
        var pull = kernel.Matrix(source, target).sum(1) * ((double)source.shape[0] / target.shape[0]);
        var objective = (weights.dot(kernel.Matrix(source, source).mv(weights)) / 2) - pull.dot(weights);
        return new ParityResult()
            .With("objective", objective)
            .With("weights", weights)
            .With("weights_sum", weights.sum());
    }
}
