using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Tensors;

public sealed class AutogradTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Grad_OfAGradient_GivesTheSecondDerivative()
    {
        var x = tensor([1.0, 2.0], requires_grad: true);
        var first = autograd.grad([x.pow(3).sum()], [x], retain_graph: true, create_graph: true)[0];
        Assert.Equal([3, 12], first.data<double>().ToArray());
        var second = autograd.grad([first.sum()], [x])[0];
        Assert.Equal([6, 12], second.data<double>().ToArray());
        Assert.Null(x.grad);
    }

    [Fact]
    public void Grad_WithWeightsOfTheOutputs_IsTheirCombination()
    {
        var x = tensor([1.0, 2.0], requires_grad: true);
        var found = autograd.grad([x * x], [x], grad_outputs: [tensor([10.0, 100.0])]);
        Assert.Equal([20, 400], found[0].data<double>().ToArray());
    }

    [Fact]
    public void Grad_OfAnInputNotUsed_IsNullIfAllowedAndThrowsIfNot()
    {
        var x = ones(1, requires_grad: true);
        var unused = ones(1, requires_grad: true);
        var found = autograd.grad([x * 2], [x, unused], allow_unused: true);
        Assert.NotNull(found[0]);
        Assert.Null(found[1]);
        Assert.Throws<ExternalException>(() => autograd.grad([x * 2], [unused]));
    }

    [Fact]
    public void Backward_Twice_NeedsTheGraphKept()
    {
        var x = ones(2, requires_grad: true);
        var y = (x * x).sum();
        y.backward(retain_graph: true);
        y.backward();
        Assert.Equal([4f, 4f], x.grad!.data<float>().ToArray());
        Assert.Throws<ExternalException>(y.backward);
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void Modes_Nested_AreRestored()
    {
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False(ones(1, requires_grad: true).mul(2).requires_grad);
            using (enable_grad())
                Assert.True(is_grad_enabled());
            Assert.False(is_grad_enabled());
        }
        Assert.True(is_grad_enabled());
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False(ones(1, requires_grad: true).mul(2).requires_grad);
        }
        Assert.False(is_inference_mode_enabled());
    }

    [Fact]
    public void DetectAnomaly_OnANaN_NamesTheFunction()
    {
        using var anomaly = autograd.detect_anomaly();
        var x = tensor([-1.0], requires_grad: true);
        var error = Assert.Throws<ExternalException>(() => (x.sqrt() * 0.5).sum().backward());
        Assert.Contains("SqrtBackward0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RetainGrad_OfAnInnerTensor_KeepsItsGradient()
    {
        var x = ones(2, requires_grad: true);
        var inner = x * 3;
        inner.retain_grad();
        inner.sum().backward();
        Assert.Equal([1f, 1f], inner.grad!.data<float>().ToArray());
    }
}
