using TransferLearning.Adversarial;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class TranslationNetworksTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(1, 8, 8, 2, -1, 1)]
    [InlineData(3, 12, 8, 2, 0, 1)]
    [InlineData(1, 7, 5, 0, 0, 255)]
    public void Generator_OfImages_KeepsShapeAndRange(
        int channels,
        int height,
        int width,
        int halvings,
        int black,
        int white
    )
    {
        Toy.SeedModules(3);
        using var generator = new ResidualGenerator(channels, 4, 2, halvings, black, white);
        var images = (rand(3, channels, height, width) * (white - black)) + black;

        var made = generator.call(images);

        Assert.Equal(images.shape, made.shape);
        Assert.True(made.min().item<float>() >= black && made.max().item<float>() <= white);
        Assert.True(made.std().item<float>() > 0);
    }

    [Fact]
    public void Generator_OfAnotherRange_IsTheSameUpToTheRange()
    {
        Toy.SeedModules(3);
        using var plain = new ResidualGenerator(1, 4, 1, 1);
        using var scaled = new ResidualGenerator(1, 4, 1, 1, black: 0, white: 255);
        scaled.load_state_dict(plain.state_dict());
        var images = (rand(2, 1, 8, 8) * 2) - 1;

        var (ofPlain, ofScaled) = (plain.call(images), scaled.call((images + 1) * 127.5));

        Assert.True(ofScaled.allclose((ofPlain + 1) * 127.5, 1e-4, 1e-3));
    }

    [Fact]
    public void Generator_InEvaluationMode_MakesTheSame()
    {
        using var generator = new ResidualGenerator(1, 4, 1);
        var images = rand(2, 1, 8, 8);

        var training = generator.call(images);
        generator.eval();

        Assert.True(generator.call(images).Equals(training));
        Assert.True(generator.call(images.narrow(0, 0, 1)).allclose(training.narrow(0, 0, 1), 1e-4, 1e-5));
    }

    [Fact]
    public void Networks_Weights_BeginSmall()
    {
        Toy.SeedModules(3);
        using var generator = new ResidualGenerator(1, 16, 2);
        using var critic = new PatchCritic(1, 16);
        foreach (var (name, weight) in generator.named_parameters().Concat(critic.named_parameters()))
        {
            var deviation = weight.numel() > 500 ? weight.std().item<float>() : 0.02f;
            Assert.True(
                name.EndsWith("bias", StringComparison.Ordinal)
                    ? weight.abs().max().item<float>() == 0
                    : deviation is > 0.018f and < 0.022f,
                $"{name} {deviation}"
            );
        }
    }

    [Theory]
    [InlineData(3, 32, 2)]
    [InlineData(3, 28, 1)]
    [InlineData(2, 28, 5)]
    [InlineData(1, 8, 2)]
    public void Critic_OfImages_GivesALogitForEachPatch(int layers, int side, int patches)
    {
        using var critic = new PatchCritic(2, 4, layers);

        var logits = critic.AsPart().Judge(rand(3, 2, side, side));

        Assert.Equal([3L, 1L, patches, patches], logits.shape);
    }

    [Fact]
    public void Critic_Patch_SeesItsOwnPixelsAlone()
    {
        using var critic = new PatchCritic(1, 4, 1);
        var images = rand(1, 1, 48, 48).requires_grad_();
        // Instance normalization looks at all pixels: without it, what a corner's logit depends on is 16 pixels wide.
        var plain = nn.Sequential(
            critic
                .modules()
                .Where(module =>
                    module
                        is not TorchSharp.Modules.InstanceNorm2d
                            and not TorchSharp.Modules.Sequential
                            and not PatchCritic
                )
                .Cast<nn.Module<Tensor, Tensor>>()
        );

        var logits = plain.call(images);
        var slope = autograd.grad([logits[0, 0, 10, 10]], [images])[0].abs()[0, 0];

        Assert.Equal(16, slope.sum(dim: 0).gt(0).sum().item<long>());
        Assert.Equal(16, slope.sum(dim: 1).gt(0).sum().item<long>());
    }

    [Fact]
    public void Networks_OfOtherInputs_SayWhatTheyTake()
    {
        using var generator = new ResidualGenerator(1, 4, 1);
        using var critic = new PatchCritic(1, 4, 2);

        void Refuses(string part, Func<Tensor> call) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>("input", call).Message, StringComparison.Ordinal);
        Refuses("images [n, 1, height, width]", () => generator.call(rand(2, 64)));
        Refuses("images [n, 1, height, width]", () => generator.call(rand(2, 3, 8, 8)));
        Refuses("images [n, 1, height, width]", () => generator.call(ones([2, 1, 8, 8], int64)));
        Refuses("that 4 divides", () => generator.call(rand(2, 1, 10, 8)));
        Refuses("at least 8", () => generator.call(rand(2, 1, 4, 4)));
        Refuses("images [n, 1, height, width]", () => critic.call(rand(2, 64)));
        Refuses("at least 12", () => critic.call(rand(2, 1, 8, 8)));
        Assert.Throws<ArgumentException>("white", () => new ResidualGenerator(1, black: 1, white: 1));
        Assert.Throws<ArgumentOutOfRangeException>("width", () => new ResidualGenerator(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>("layers", () => new PatchCritic(1, 4, 0));
    }

    [Fact]
    public void Dispose_OfNetworksMadeHere_DisposesThem_AndOfThoseGiven_DoesNot()
    {
        using var generator = new ResidualGenerator(1, 2, 1);
        using var critic = new PatchCritic(1, 2, 1);
        var made = new TranslationNetworks(1, 2, 1, 1);
        var given = new TranslationNetworks(generator, generator, critic, critic);
        var inside = ((ITrainable)made.ToTarget).Module.parameters().First();

        made.Dispose();
        given.Dispose();

        Assert.True(inside.IsInvalid);
        Assert.False(generator.parameters().First().IsInvalid);
        Assert.Equal(4, given.Inner.Count);
    }

    public void Dispose() => scope.Dispose();
}
