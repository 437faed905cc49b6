using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Modules;

/// <summary>Inputs and digests that the peer's program computes alike.</summary>
internal static class Sample
{
    /// <summary>sin(frequency i + 0.3) for element i, in double precision.</summary>
    internal static Tensor Wave(double frequency, params long[] shape)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var values = Enumerable.Range(0, (int)count).Select(i => Math.Sin((i * frequency) + 0.3)).ToArray();
        return tensor(values, dtype: float64).reshape(shape);
    }

    /// <summary>The module in double precision, its i-th parameter a wave of frequency 0.11 (i + 1).</summary>
    internal static T Filled<T>(T module)
        where T : nn.Module
    {
        module.to(float64);
        var position = 0;
        foreach (var parameter in module.parameters())
        {
            using var withoutGradient = no_grad();
            parameter.copy_(Wave(0.11 * ++position, parameter.shape));
        }
        return module;
    }

    /// <summary>Sum, cosine-weighted sum, first, last and number of the elements.</summary>
    internal static double[] Digest(Tensor tensor)
    {
        var values = Values(tensor);
        return
        [
            values.Sum(),
            values.Select((value, i) => value * Math.Cos(i)).Sum(),
            values[0],
            values[^1],
            values.Length,
        ];
    }

    internal static double[] Values(Tensor tensor) =>
        tensor.detach().to(float64).reshape(-1).contiguous().data<double>().ToArray();

    internal static void AssertClose(double[] expected, double[] actual, double tolerance = 1e-11)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance * (1 + Math.Abs(expected[i])),
                $"figure {i}: expected {expected[i]:R}, got {actual[i]:R}"
            );
        }
    }
}
