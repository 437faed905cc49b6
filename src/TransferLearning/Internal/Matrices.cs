using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Matrices, vectors and arrays as tensors.</summary>
internal static class Matrices
{
    public static Tensor Rows(Matrix<double> matrix, ScalarType type)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return Kept(() => tensor(matrix.ToRowMajorArray(), [matrix.RowCount, matrix.ColumnCount]).to(type));
    }

    public static Tensor Values(Vector<double> values, ScalarType type)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Kept(() => tensor(values.ToArray()).to(type));
    }

    // Classes are numbered by int64; ints are what C# programs have.
    public static Tensor Classes(IEnumerable<int> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return tensor(labels.Select(label => (long)label).ToArray());
    }

    private static Tensor Kept(Func<Tensor> make)
    {
        using var scope = NewDisposeScope();
        return make().MoveToOuterDisposeScope();
    }
}
