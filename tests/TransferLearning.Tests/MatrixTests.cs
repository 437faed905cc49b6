using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

namespace TransferLearning.Tests;

/// <summary>
/// Matrices, vectors and arrays go into domains and come back from tensors with every number in its place.
/// </summary>
public sealed class MatrixTests : IDisposable
{
    private static readonly double[,] Numbers =
    {
        { 1, 2, 3 },
        { 4, 5, 6.5 },
    };

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void LabeledDomain_FromAMatrix_HasItsRowsAndLabels()
    {
        var matrix = Matrix<double>.Build.DenseOfArray(Numbers);

        var classes = LabeledDomain.From(matrix, [1, 0], float32);
        var values = LabeledDomain.From(matrix, Vector<double>.Build.Dense([0.25, -2]));

        Assert.Equal(float32, classes.Inputs.dtype);
        Assert.Equal(float64, values.Inputs.dtype);
        Assert.Equal([1, 2, 3, 4, 5, 6.5f], classes.Inputs.data<float>().ToArray());
        Assert.Equal([1L, 0], classes.Labels.data<long>().ToArray());
        Assert.Equal(LabelSpace.Classes(2), classes.Space);
        Assert.Equal([0.25, -2], values.Labels.data<double>().ToArray());
    }

    [Fact]
    public void Domains_FromArrays_HaveTheirRowsAndDtype()
    {
        Assert.Equal(
            matrixOf(LabeledDomain.From(Numbers, [0, 1]).Inputs),
            matrixOf(UnlabeledDomain.From(Numbers).Inputs)
        );
        Assert.Equal([3L, 1], LabeledDomain.From(new float[3, 1], [0, 0, 1]).Inputs.shape);
        Assert.Equal(float32, UnlabeledDomain.From(new float[3, 1]).Inputs.dtype);

        static double[,] matrixOf(Tensor rows) => rows.ToMatrix().ToArray();
    }

    [Fact]
    public void ToMatrix_OfATransposedView_ReadsRowsAndColumns()
    {
        var back = UnlabeledDomain.From(Matrix<double>.Build.DenseOfArray(Numbers)).Inputs.t().ToMatrix();

        Assert.Equal(Matrix<double>.Build.DenseOfArray(Numbers).Transpose(), back);
    }

    [Fact]
    public void ToVector_OfClassesAndColumns_ReadsThem()
    {
        Assert.Equal([2.0, 0], tensor(new long[] { 2, 0 }).ToVector());
        Assert.Equal(
            [0.5, 1],
            tensor(
                    new float[,]
                    {
                        { 0.5f },
                        { 1 },
                    }
                )
                .ToVector()
        );
    }

    [Fact]
    public void Conversions_OfOtherShapes_SayWhich()
    {
        Assert.Contains(
            "[2, 3]",
            Assert.Throws<ArgumentException>("values", () => zeros(2, 3).ToVector()).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>("rows", () => zeros(2).ToMatrix());
        Assert.Throws<ArgumentException>("labels", () => LabeledDomain.From(Numbers, [0]));
    }
}
