using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Tensors;

public class TensorBasicsTests
{
    [Fact]
    public void Matmul_TwoMatrices_GivesTheProduct()
    {
        using var scope = NewDisposeScope();
        var a = tensor(
            new double[,]
            {
                { 1, 2 },
                { 3, 4 },
            }
        );
        var b = tensor(
            new double[,]
            {
                { 5, 6 },
                { 7, 8 },
            }
        );
        Assert.Equal([19, 22, 43, 50], a.matmul(b).data<double>().ToArray());
    }

    [Fact]
    public void Matmul_ShapesThatDoNotFit_ThrowsLibtorchsMessage()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));
        Assert.Contains(
            "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("frame #", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_OfASquare_GivesTwiceTheInput()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.0, -2.0, 3.0], requires_grad: true);
        (x * x).sum().backward();
        Assert.Equal([2, -4, 6], x.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Handle_OfADisposedTensor_Throws()
    {
        var x = ones(3);
        x.Dispose();
        Assert.True(x.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => x.sum());
    }
}
