using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>Rows by a formula, so that the peers' figures can be computed on the same numbers elsewhere.</summary>
internal static class FormulaRows
{
    /// <summary>Source rows <c>sin(1.3 i + 2.1 f)</c>, <c>[14, 3]</c>.</summary>
    public static Tensor Source() => (Column(14, 1.3) + (Features() * 2.1)).sin();

    /// <summary>Target rows <c>1.5 cos(0.7 j + 1.7 f) + 0.4</c>, <c>[11, 3]</c>.</summary>
    public static Tensor Target() => ((Column(11, 0.7) + (Features() * 1.7)).cos() * 1.5) + 0.4;

    /// <summary>The numbers <c>0 .. count - 1</c> times a step, <c>[count, 1]</c>.</summary>
    public static Tensor Column(long count, double step) => arange(count, dtype: float64).unsqueeze(1) * step;

    /// <summary>The numbers of the three features.</summary>
    public static Tensor Features() => arange(3, dtype: float64);
}
