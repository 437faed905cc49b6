using MathNet.Numerics.LinearAlgebra;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Tensors as matrices and vectors of Math.NET Numerics: features, scores, predicted values.</summary>
/// <remarks>The numbers are copied, from whatever device and dtype; the tensor stays as it is.</remarks>
public static class MatrixExtensions
{
    /// <summary>Rows <c>[n, d]</c> as a matrix of n rows and d columns.</summary>
    /// <exception cref="ArgumentException">The tensor has not two dimensions, or one of them is 0.</exception>
    public static Matrix<double> ToMatrix(this Tensor rows)
    {
        Guard.Alive(rows);
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.dim() != 2 || rows.numel() == 0)
        {
            throw new ArgumentException($"rows must be [n, d], neither of them 0; got {Shape.Of(rows)}.", nameof(rows));
        }
        return Matrix<double>.Build.DenseOfRowMajor((int)rows.shape[0], (int)rows.shape[1], Numbers(rows));
    }

    /// <summary>Values <c>[n]</c> or <c>[n, 1]</c>, class numbers as well, as a vector of n entries.</summary>
    /// <exception cref="ArgumentException">The tensor has another shape, or no entry.</exception>
    public static Vector<double> ToVector(this Tensor values)
    {
        Guard.Alive(values);
        ArgumentNullException.ThrowIfNull(values);
        if (values.numel() == 0 || values.dim() is 0 or > 2 || values.numel() != values.shape[0])
        {
            throw new ArgumentException(
                $"values must be [n] or [n, 1], at least one; got {Shape.Of(values)}.",
                nameof(values)
            );
        }
        return Vector<double>.Build.Dense(Numbers(values));
    }

    private static double[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(float64).cpu().contiguous().data<double>().ToArray();
    }
}
