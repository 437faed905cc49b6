using TransferLearning.Adversarial;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

/// <summary>Layers whose weight has the largest singular value 1.</summary>
public sealed class SpectralNormalizationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public SpectralNormalizationTests() => Toy.SeedModules(3);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Forward_AfterSomePasses_HasALargestSingularValueOfOne(bool isConvolution)
    {
        using var layer = Layer(isConvolution);
        var inputs = isConvolution ? rand(2, 3, 7, 7) : rand(2, 12);
        for (var i = 0; i < 50; i++)
        {
            layer.call(inputs).Dispose();
        }
        layer.eval();

        // What the layer makes of unit inputs, less its bias, is its matrix.
        using var quiet = no_grad();
        var weight = layer.get_parameter("layer.weight")!;
        var sigma = linalg.svdvals(weight.flatten(1)).max();
        var bias = layer.get_parameter("layer.bias")!;
        Tensor expected = isConvolution
            ? nn.functional.conv2d(inputs, weight / sigma, bias, padding: [1, 1], strides: [2, 2])
            : nn.functional.linear(inputs, weight / sigma, bias);
        Assert.True(layer.call(inputs).allclose(expected, 1e-3, 1e-4));
        if (!isConvolution)
        {
            var matrix = (layer.call(eye(12)) - bias).t();
            Assert.Equal(1, linalg.svdvals(matrix).max().item<float>(), 1e-3f);
        }
    }

    [Fact]
    public void Backward_WithUAndVHeld_IsTheGradientOfTheQuotient()
    {
        using var plain = nn.Linear(5, 4, dtype: float64);
        using var layer = new SpectralNormalization(plain);
        layer.eval(); // u and v stay
        var (inputs, slope) = (rand(3, 5, dtype: float64), rand(3, 4, dtype: float64));

        (layer.call(inputs) * slope).sum().backward();

        // d/dW <G, W x / sigma> = G x' / sigma - <G, W x> / sigma^2 u v', sigma = u' W v.
        using var quiet = no_grad();
        var (weight, u, v) = (plain.weight!, layer.get_buffer("u")!, layer.get_buffer("v")!);
        var sigma = u.dot(weight.mv(v));
        var of = slope.t().matmul(inputs);
        var expected = (of / sigma) - ((of * weight).sum() / sigma.square() * outer(u, v));
        Assert.True(weight.grad!.allclose(expected, 1e-10, 1e-12));
        Assert.True(plain.bias!.grad!.allclose(slope.sum(dim: 0), 1e-10, 1e-12));
    }

    [Fact]
    public void Forward_InTraining_TakesOneStepOfThePowerIteration()
    {
        using var plain = nn.Linear(5, 4, dtype: float64);
        using var layer = new SpectralNormalization(plain);
        using (no_grad())
        {
            plain.weight!.copy_(rand(4, 5, dtype: float64)); // u and v are of another matrix now
        }
        var before = layer.get_buffer("u")!.clone();

        layer.call(rand(3, 5, dtype: float64)).Dispose();

        using var quiet = no_grad();
        var v = nn.functional.normalize(plain.weight!.t().mv(before), dim: 0);
        var u = nn.functional.normalize(plain.weight!.mv(v), dim: 0);
        Assert.True(layer.get_buffer("v")!.allclose(v, 1e-12, 1e-14));
        Assert.True(layer.get_buffer("u")!.allclose(u, 1e-12, 1e-14));
        layer.eval();
        layer.call(rand(3, 5, dtype: float64)).Dispose();
        Assert.True(layer.get_buffer("u")!.Equals(u) || layer.get_buffer("u")!.allclose(u, 1e-14, 1e-15));
    }

    [Fact]
    public void Backward_OfTwoPassesAtOnce_IsNotDisturbedByTheSecond()
    {
        using var layer = new SpectralNormalization(nn.Linear(5, 1));

        var loss = layer.call(rand(3, 5)).sum() + layer.call(rand(3, 5)).sum();

        loss.backward();
        Assert.True(layer.get_parameter("layer.weight")!.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void StateBag_OfALayer_HoldsUAndV()
    {
        using var layer = new SpectralNormalization(nn.Linear(5, 4), key: new RandomKey(1));
        using var other = new SpectralNormalization(nn.Linear(5, 4), key: new RandomKey(2));
        using var saving = StateBag.ForSaving();
        saving.Module("layer", layer);
        using var loading = saving.Continue();

        loading.Module("layer", other);

        layer.eval();
        other.eval();
        var inputs = rand(3, 5);
        Assert.True(layer.call(inputs).Equals(other.call(inputs)));
        Assert.Equal(["layer.bias", "layer.weight", "u", "v"], layer.state_dict().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Critic_OfWidths_CannotBeSteeperThanOne()
    {
        using var critic = SpectralNormalization.Critic([4, 16, 16]);
        foreach (var parameter in critic.Module.parameters())
        {
            using var quiet = no_grad();
            parameter.mul_(30); // as steep as it gets
        }
        for (var i = 0; i < 30; i++)
        {
            critic.Judge(rand(2, 4)).Dispose();
        }
        critic.Module.eval();
        var rows = rand(64, 4).requires_grad_();

        var slopes = autograd.grad([critic.Judge(rows).sum()], [rows])[0];

        Assert.True(slopes.norm(1).max().item<float>() <= 1.001f);
        Assert.Equal([64L, 1L], critic.Judge(rows).shape);
        using var replica = critic.Replica();
        replica.Module.eval();
        Assert.True(replica.Judge(rows).Equals(critic.Judge(rows)));
    }

    [Fact]
    public void Constructor_OfAnotherLayer_SaysWhatItTakes()
    {
        Assert.Throws<ArgumentException>("layer", () => new SpectralNormalization(nn.BatchNorm1d(3)));
        Assert.Throws<ArgumentException>("layer", () => new SpectralNormalization(nn.ConvTranspose2d(1, 1, 3)));
        Assert.Throws<ArgumentOutOfRangeException>(
            "powerIterations",
            () => new SpectralNormalization(nn.Linear(2, 2), powerIterations: 0)
        );
    }

    public void Dispose() => scope.Dispose();

    private static SpectralNormalization Layer(bool isConvolution) =>
        new(isConvolution ? nn.Conv2d(3, 4, 3, stride: 2, padding: 1) : nn.Linear(12, 7));
}
