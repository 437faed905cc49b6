using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks;

/// <summary>Random rows for the shallow methods, float64, 20 features or as many as asked for.</summary>
internal sealed class ShallowProblem : IDisposable
{
    private readonly int _features;
    private readonly Tensor _source;
    private readonly Tensor _target;

    public ShallowProblem(long source, long target, int features = 20, Device? device = null)
    {
        _features = features;
        using var generator = new RandomKey(0).Generator();
        using var scope = NewDisposeScope();
        Tensor Rows(long count) =>
            randn([count, features], dtype: float64, generator: generator).to(device ?? CPU).DetachFromDisposeScope();
        _source = Rows(source);
        _target = Rows(target).mul_(0.9).add_(0.3);
    }

    /// <summary>Kernel mean matching: Gaussian kernel exp(-d²/features), bound 1000, the paper's tolerance.</summary>
    public void MatchKernelMeans() =>
        new KernelMeanMatching { Kernel = new GaussianKernel(1.0 / _features) }
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

    /// <summary>The same under a Gaussian kernel exp(-d²/features).</summary>
    public void FindGaussianTransferComponents() =>
        new TransferComponentAnalysis
        {
            Kernel = new GaussianKernel(1.0 / _features),
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
    /// uLSIF: 100 target rows as centers, nine widths exp(-g d²), g features from 1/16 to 16 by twos, five penalties,
    /// chosen by the leave-one-out error.
    /// </summary>
    public void EstimateRatio() =>
        new LeastSquaresImportanceFitting
        {
            Gammas = [.. Enumerable.Range(-4, 9).Select(power => Math.Pow(2, power) / _features)],
        }
            .Fit(_source, _target)
            .Dispose();

    /// <summary>Exact transport at squared Euclidean cost.</summary>
    public void TransportExactly() => Transport(new ExactTransport());

    /// <summary>Entropic transport at squared Euclidean cost, regularization features/4, marginal error 1e-9.</summary>
    public void TransportWithEntropy() => Transport(new EntropicTransport(_features / 4.0));

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
