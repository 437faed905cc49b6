using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>A basis of functions of the label, as columns over the rows <c>[n, r]</c>.</summary>
internal static class LabelFunctions
{
    private const double MinShare = 1e-3;

    /// <summary>
    /// An indicator a class; or for values a constant and the smooth functions, of mean square 1, that a Gaussian
    /// kernel of the median width spans.
    /// </summary>
    public static Tensor Of(LabeledDomain data)
    {
        using var scope = NewDisposeScope();
        if (data.Space.IsClasses)
        {
            return nn.functional.one_hot(data.Labels, data.Space.Width).to(float64).MoveToOuterDisposeScope();
        }
        var values = data.Labels.reshape(data.Count, -1).to(float64);
        var (shares, functions) = linalg.eigh(new GaussianKernel().FixedFor(values).Matrix(values, values));
        var kept = shares.ge(MinShare * shares.max()).nonzero().reshape(-1);
        var smooth = functions.index_select(1, kept) * Math.Sqrt(data.Count);
        return cat([ones([data.Count, 1], float64, values.device), smooth], 1).MoveToOuterDisposeScope();
    }
}
