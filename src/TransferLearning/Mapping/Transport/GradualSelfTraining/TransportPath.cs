using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The domains between two that a transport plan lays: McCann's interpolation of their rows.</summary>
internal sealed class TransportPath
{
    private readonly Tensor from; // the rows that each kept entry of the plan joins
    private readonly Tensor to;

    /// <summary>
    /// Keeps the n + m largest entries of a plan <c>[n, m]</c>, of those that are more than rounding.
    /// </summary>
    public TransportPath(Tensor source, Tensor target, Tensor plan)
    {
        var (n, m) = (plan.shape[0], plan.shape[1]);
        var flat = plan.reshape(-1);
        var (masses, places) = flat.topk((int)Math.Min(n + m, n * m), 0);
        var count = masses.gt(1e-12 * masses[0]).sum().item<long>();
        places = places.narrow(0, 0, count);
        Masses = masses.narrow(0, 0, count);
        from = source.index_select(0, places.div(full_like(places, m), RoundingMode.floor));
        to = target.index_select(0, places.remainder(m));
    }

    /// <summary>The mass of each row <c>[k]</c>, float64.</summary>
    public Tensor Masses { get; }

    /// <summary>The rows <c>[k, d]</c> at a share of the way, from 0 to 1.</summary>
    public Tensor At(double share) => (from * (1 - share)) + (to * share);
}
