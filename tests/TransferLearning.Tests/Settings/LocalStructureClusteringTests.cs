using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>Adaptation without source rows that keeps what the source uses.</summary>
public sealed class LocalStructureClusteringTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // By angle 0 is nearest to 1 and 3 to 2; a row's own place in the memory counts as long as nobody leaves it out.
    [Theory]
    [InlineData(true, 1, 2)]
    [InlineData(false, 0, 3)]
    public void Of_SomeRows_IsTheLogarithmOfTheProductWithNeighbors(bool leavesOut, int ofFirst, int ofSecond)
    {
        double[] angles = [0, 0.1, 0.5, 1.2];
        var memory = stack([tensor(angles).cos(), tensor(angles).sin()], 1);
        var p = tensor(
            new[,]
            {
                { 0.9, 0.1 },
                { 0.8, 0.2 },
                { 0.3, 0.7 },
                { 0.4, 0.6 },
            }
        );
        var term = Term(neighbors: 1, leavesOut: leavesOut, epsilon: 0);
        var rows = tensor(new[] { 0L, 3 });
        double Log(int i, int j) => Math.Log((p[i] * p[j]).sum().item<double>());

        var value = term.Of(memory.index_select(0, rows) * 3, p.index_select(0, rows).log(), rows, memory, p);

        var mean = (p[0] + p[3]) / 2;
        var diversity = (mean * mean.log()).sum().item<double>();
        Assert.Equal(diversity - ((Log(0, ofFirst) + Log(3, ofSecond)) / 2), value.item<double>(), 1e-12);
    }

    [Fact]
    public void Of_Slopes_ReachTheScoresAlone()
    {
        var memory = nn.functional.normalize(randn(12, 3, generator: new Generator(3)), 2, 1);
        var batch = memory.narrow(0, 0, 4).clone().requires_grad_();
        var scores = randn(4, 2, generator: new Generator(4)).requires_grad_();

        var value = Term().Of(batch, scores, arange(4), memory, ones(12, 2) / 2);
        value.backward();

        Assert.True(scores.grad!.isfinite().all().item<bool>());
        Assert.Null(batch.grad);
    }

    [Fact]
    public void Freed_Features_KeepTheirNumbersAndLoseSlopes()
    {
        var features = Waves.Rows(5, 3, 0.4).requires_grad_();

        var freed = LocalStructureClustering.Freed(features, tensor(new[] { 1.0, 0, 0.25 }));
        freed.sum().backward();

        Assert.True(freed.equal(features).all().item<bool>());
        Assert.True(features.grad!.allclose(tensor(new[] { 0.0, 1, 0.75 }).expand(5, 3)));
    }

    // d/de of 100 sigmoid(e), whatever the sharpness, while the product of both is at most 10.
    [Fact]
    public void Mask_WithinTheBound_HasTheSlopeOfASoftOne()
    {
        var attention = new DomainAttention(3);
        var e = attention.parameters().Single();
        using (no_grad())
        {
            e.copy_(tensor(new[] { -0.5f, 0, 2 }));
        }

        foreach (var sharpness in new[] { 0.01, 1, 5 })
        {
            var mask = attention.Mask(sharpness);
            var slope = autograd.grad([mask.sum()], [e])[0];

            Assert.True(mask.allclose((e * sharpness).sigmoid(), 1e-4, 1e-4));
            Assert.True(slope.allclose(e.sigmoid() * (1 - e.sigmoid()) * 100, 1e-4, 1e-4));
        }
    }

    // 25 (cosh 10 + 1) / (cosh 12 + 1) and almost the same at 0.12; nothing is left at -50.
    [Fact]
    public void Mask_BeyondTheBound_HasTheSlopeOfASharpOne()
    {
        var attention = new DomainAttention(4);
        var e = attention.parameters().Single();
        using (no_grad())
        {
            e.copy_(tensor(new[] { -0.5f, 0, 0.12f, 9 }));
        }

        var mask = attention.Mask();
        var slope = autograd.grad([mask.sum()], [e])[0];

        Assert.True(mask.allclose(tensor(new[] { 0f, 0.5f, 0.99999386f, 1 }), 1e-6, 1e-7));
        Assert.True(slope.allclose(tensor(new[] { 0f, 25, 3.371496f, 0 }), 1e-3, 1e-6));
    }

    [Fact]
    public void Evaluate_AttendedCrossEntropy_IsTheSumOverBothMasks()
    {
        Toy.SeedModules(4);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var (ofSource, ofTarget) = (new DomainAttention(8), new DomainAttention(8));
        var step = Toy.Step(ExtractorChain.Of(extractor, ofSource.AsPart()), predictor, progress: 1);
        var batch = step.Sources[0];

        var value = new AttendedCrossEntropy(ofSource, ofTarget) { LabelSmoothing = 0, Sparsity = 0.5 }.Evaluate(step);

        double Loss(DomainAttention attention) =>
            nn
                .functional.cross_entropy(
                    predictor.Predict(attention.call(extractor.Extract(batch.Inputs))),
                    batch.Labels
                )
                .item<float>();
        var size = (ofSource.Mask().mean() + ofTarget.Mask().mean()).item<float>() / 2;
        Assert.Equal(Loss(ofSource) + Loss(ofTarget) + (0.5 * size), value.item<float>(), 1e-4);
    }

    // What the source's mask lets through must not move: neither what makes it nor what reads it.
    [Fact]
    public void Evaluate_Slopes_AreZeroWhereTheSourcesMaskIsOne()
    {
        Toy.SeedModules(4);
        using var body = new ModulePart(() => nn.Linear(4, 8));
        using var predictor = Toy.Predictor();
        var (ofSource, ofTarget) = (new DomainAttention(8), new DomainAttention(8));
        using (no_grad())
        {
            ofSource.parameters().Single().copy_(tensor(new[] { 1f, 1, 1, 1, -1, -1, -1, -1 }));
            ofTarget.parameters().Single().copy_(tensor(new[] { 1f, 1, -1, -1, 1, 1, -1, -1 }));
        }
        var step = Toy.Step(ExtractorChain.Of(body, ofTarget.AsPart()), predictor);

        var value = new LocalStructureClustering(ofSource, ofTarget).Evaluate(step);

        var slopes = autograd.grad(
            [value],
            [body.Module.parameters().First(), .. predictor.Module.parameters()],
            allow_unused: true
        );
        var (ofBody, ofPredictor) = (slopes[0].abs().sum(1), slopes[1].abs().sum(dim: 0));
        Assert.True(ofBody.narrow(0, 0, 4).eq(0).all().item<bool>());
        Assert.True(ofPredictor.narrow(0, 0, 4).abs().max().item<float>() < 1e-6);
        Assert.True(ofBody.narrow(0, 4, 2).gt(0).all().item<bool>());
        Assert.True(ofPredictor.narrow(0, 4, 2).gt(1e-5).all().item<bool>());
        Assert.True(ofBody.narrow(0, 6, 2).max().item<float>() < 1e-6); // neither mask lets these through
        Assert.True(slopes[2].abs().max().item<float>() < 1e-6); // the intercept is of both domains
    }

    [Fact]
    public void Evaluate_ExtractorWithoutAttention_IsRefused()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        Assert.Throws<ArgumentException>(() => Term(8).Evaluate(Toy.Step(extractor, predictor)));
    }

    [Fact]
    public void FitSourceFree_OfATrainedNetwork_ReadsTheTargetBetterAndStillTheSource()
    {
        var (before, nrc, own) = (new double[2], new double[2], new double[2]);
        const int Seeds = 4;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            Toy.SeedModules(seed);
            var source = Toy.Source();
            var (inputs, labels) = Toy.Clouds(400, 2, angle: 1.2, offset: 0.3);
            var target = new UnlabeledDomain(inputs);
            using var extractor = Wide();
            using var predictor = new ModulePart(() => nn.Linear(32, 2));
            var (ofSource, ofTarget) = (new DomainAttention(32), new DomainAttention(32));
            double[] Accuracies(AdaptedModel model) =>
                [
                    .. new[]
                    {
                        (source.Inputs, source.Labels, DomainId.Source(0)),
                        (inputs, labels, DomainId.Target),
                    }.Select(it =>
                        model.Predict(it.Item1, it.Item3).argmax(1).eq(it.Item2).to(float64).mean().item<double>()
                        / Seeds
                    ),
                ];
            void Add(double[] sums, AdaptedModel model)
            {
                var now = Accuracies(model);
                (sums[0], sums[1]) = (sums[0] + now[0], sums[1] + now[1]);
            }
            using var trained = Recipes
                .GSfdaSource(extractor, predictor, ofSource, ofTarget)
                .FitWithoutTarget([source], Options(150, seed));
            Add(before, trained);
            using var otherExtractor = extractor.Replica();
            using var otherPredictor = predictor.Replica();

            using var model = Recipes
                .GSfda(extractor, predictor, ofSource, ofTarget)
                .FitSourceFree(target, trained.Space!.Value, Options(150, seed));
            Add(own, model);
            using var other = Recipes
                .Nrc(otherExtractor, otherPredictor)
                .FitSourceFree(target, trained.Space!.Value, Options(150, seed));
            Add(nrc, other);
        }

        output.WriteLine(
            $"source and target: before {before[0]:F3} {before[1]:F3}, "
                + $"G-SFDA {own[0]:F3} {own[1]:F3}, NRC {nrc[0]:F3} {nrc[1]:F3}"
        );
        Assert.True(own[1] > before[1] + 0.02, $"{own[1]} after {before[1]}");
        Assert.True(own[0] > before[0] - 0.02, $"{own[0]} after {before[0]}");
    }

    public void Dispose() => scope.Dispose();

    private static ModulePart Wide() =>
        new(() => nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU()));

    private static FitOptions Options(int steps, long seed) =>
        new()
        {
            Seed = seed,
            Training = new TrainingOptions
            {
                Steps = steps,
                BatchSize = 64,
                Optimizer = p => optim.Adam(p, 0.005),
            },
        };

    private static LocalStructureClustering Term(int neighbors = 2, bool leavesOut = false, double epsilon = 1e-5) =>
        new(new DomainAttention(8), new DomainAttention(8))
        {
            Neighbors = neighbors,
            LeavesOutItself = leavesOut,
            Epsilon = epsilon,
        };
}
