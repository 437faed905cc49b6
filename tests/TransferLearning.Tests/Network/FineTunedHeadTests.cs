using TorchSharp.Modules;
using TransferLearning.Evaluation;
using TransferLearning.Network;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

/// <summary>A head that is fitted on the labeled rows of each episode (Baseline, Baseline++).</summary>
public sealed class FineTunedHeadTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor support = Waves.Rows(6, 3, 0.5);
    private readonly Tensor labels = tensor(new long[] { 0, 1, 2, 0, 1, 2 });
    private readonly Tensor queries = Waves.Rows(4, 3, 2);

    // libtorch's own gradients and its SGD, on all rows at once, from the same first values.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Score_InFullBatches_IsWhatLibtorchsGradientsAndItsSgdGive(bool isCosine)
    {
        var rule = new FineTunedHead
        {
            IsCosine = isCosine,
            Passes = 25,
            BatchSize = 6,
            Rate = 0.3,
            WeightDecay = 0.05,
            Key = new RandomKey(4),
        };

        var scores = rule.Score(support, labels, queries, 3);

        using var generator = new RandomKey(4).Child(0).Generator();
        Tensor Drawn(params long[] shape) =>
            ((rand(shape, dtype: float64, generator: generator) * 2) - 1) / Math.Sqrt(3);
        var weight = new Parameter(Drawn(3, 3));
        var beside = new Parameter(isCosine ? weight.detach().norm(1) : Drawn(3));
        Tensor Read(Tensor rows) =>
            isCosine
                ? (rows / (rows.norm(1, keepdim: true) + 1e-5)).matmul((weight / weight.norm(1, keepdim: true)).t())
                    * beside
                    * 2
                : rows.matmul(weight.t()) + beside;
        using var descent = optim.SGD(
            [weight, beside],
            learningRate: 0.3,
            momentum: 0.9,
            dampening: 0.9,
            weight_decay: 0.05
        );
        for (var pass = 0; pass < 25; pass++)
        {
            descent.zero_grad();
            nn.functional.cross_entropy(Read(support), labels).backward();
            descent.step();
        }
        Assert.True(scores.allclose(Read(queries), 1e-9, 1e-9), $"{scores.str()} and {Read(queries).str()}");
    }

    [Fact]
    public void Score_IsRepeatedBitByBitAndDifferentiableInTheQueriesAlone()
    {
        var (fixedRows, rows) = (support.clone().requires_grad_(), queries.clone().requires_grad_());
        var rule = new FineTunedHead();

        var scores = rule.Score(fixedRows, labels, rows, 3);
        using (no_grad())
        {
            Assert.True(rule.Score(support, labels, queries, 3).equal(scores).all().item<bool>());
        }

        scores.sum().backward();
        Assert.True(rows.grad!.isfinite().all().item<bool>());
        Assert.True(fixedRows.grad is null);
        Assert.False((rule with { Key = new RandomKey(1) }).Score(support, labels, queries, 3).allclose(scores));
        Assert.Throws<ArgumentException>("labels", () => rule.Score(support, labels.narrow(0, 0, 2), queries, 3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Episodes_OfCloudsThatLieApart_AreReadNearlyAll(bool isCosine)
    {
        var (inputs, classes) = Toy.Clouds(120, 3, classes: 5);
        var rule = isCosine ? Recipes.BaselinePlusPlus() : Recipes.Baseline();

        var accuracy = EpisodeAccuracy.Of(
            nn.Identity().AsPart(),
            rule,
            new LabeledDomain(inputs, classes),
            shots: 5,
            queries: 10,
            episodes: 10
        );

        Assert.True(accuracy.Value > 0.75, $"{accuracy}");
    }

    public void Dispose() => scope.Dispose();
}
