using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks;

/// <summary>Random rows for the shallow methods, float64, 20 features.</summary>
internal sealed class ShallowProblem : IDisposable
{
    private const int Features = 20;
    private readonly Tensor _source;
    private readonly Tensor _target;

    public ShallowProblem(long source, long target)
    {
        using var generator = new RandomKey(0).Generator();
        _source = randn([source, Features], dtype: float64, generator: generator).DetachFromDisposeScope();
        using var scope = NewDisposeScope();
        _target = (
            (randn([target, Features], dtype: float64, generator: generator) * 0.9) + 0.3
        ).DetachFromDisposeScope();
    }

    /// <summary>Kernel mean matching: Gaussian kernel exp(-d²/20), bound 1000, the paper's tolerance.</summary>
    public void MatchKernelMeans() =>
        new KernelMeanMatching { Kernel = new GaussianKernel(1.0 / Features) }
            .Weigh(_source, _target)
            .Dispose();

    /// <summary>Transfer component analysis: linear kernel, 10 components, mu = 1.</summary>
    public void FindTransferComponents() =>
        new TransferComponentAnalysis
        {
            Kernel = new LinearKernel(),
            Components = 10,
            Ridge = 1,
        }
            .Fit(_source, _target)
            .Dispose();

    /// <summary>The same under a Gaussian kernel exp(-d²/20).</summary>
    public void FindGaussianTransferComponents() =>
        new TransferComponentAnalysis
        {
            Kernel = new GaussianKernel(1.0 / Features),
            Components = 10,
            Ridge = 1,
        }
            .Fit(_source, _target)
            .Dispose();

    /// <summary>
    /// Joint distribution adaptation: no kernel, 10 components, lambda = 1, 10 rounds, the nearest neighbor; the class
    /// is the first feature's sign.
    /// </summary>
    public void AdaptJointDistributions()
    {
        using var scope = NewDisposeScope();
        var labels = _source.select(1, 0).gt(0).to(int64);
        new JointDistributionAdaptation { Components = 10 }
            .Fit(new LabeledDomain(_source, labels), _target)
            .Dispose();
    }

    /// <summary>
    /// uLSIF: 100 target rows as centers, nine widths exp(-g d²) from g = 1/320 to 16/20 by twos, five penalties,
    /// chosen by the leave-one-out error.
    /// </summary>
    public void EstimateRatio() =>
        new LeastSquaresImportanceFitting
        {
            Gammas = [.. Enumerable.Range(-4, 9).Select(power => Math.Pow(2, power) / Features)],
        }
            .Fit(_source, _target)
            .Dispose();

    /// <summary>Exact transport at squared Euclidean cost.</summary>
    public void TransportExactly() => Transport(new ExactTransport());

    /// <summary>Entropic transport at squared Euclidean cost, regularization 5, marginal error 1e-9.</summary>
    public void TransportWithEntropy() => Transport(new EntropicTransport(5));

    private void Transport(ITransportSolver solver)
    {
        using var scope = NewDisposeScope();
        _ = solver.Plan(new TransportProblem(SquaredDistances.Between(_source, _target)));
    }

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
    }
}
