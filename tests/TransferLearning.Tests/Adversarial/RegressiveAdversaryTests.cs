using TransferLearning.Adversarial;
using TransferLearning.Evaluation;
using TransferLearning.Onnx;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

/// <summary>Figures of heatmaps [2, 3, 5, 4] by formula are those of a plain program with loops over cells.</summary>
public sealed class RegressiveAdversaryTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Locate_OfHeatmaps_GivesColumnThenRowInSharesOfTheImage()
    {
        // Columns and rows: (1, 0), (2, 2), (3, 4) of the first image; (0, 1), (0, 2), (1, 4) of the second.
        var expected = tensor(new[] { 0.25, 0, 0.5, 0.4, 0.75, 0.8, 0, 0.2, 0, 0.4, 0.25, 0.8 }, dtype: float64);

        var found = KeypointPredictor.Locate(Heatmaps().requires_grad_());

        Assert.True(found.allclose(expected.reshape(2, 6), 1e-12, 1e-12));
        Assert.False(found.requires_grad);
    }

    [Fact]
    public void Divergence_OfThreeEqualCells_IsTheHandComputedOne()
    {
        // A bell of e^-1/2, 1, e^-1/2 around the middle of three cells against a third in each.
        var found = KeypointDivergence.Of(zeros(1, 1, 1, 3, dtype: float64), Row(0.3, 0.1), sigma: 1);

        Assert.Equal(0.030166900189269617, found.item<double>(), 1e-12);
    }

    [Fact]
    public void Divergence_WithHiddenKeypointsAndWeights_IsThatOfALoopOverCells()
    {
        // The third keypoint of the first image is marked as hidden, the first of the second is nearest to a cell that
        // the heatmap does not have.
        var labels = tensor(new[] { 0.30, 0.10, 0.70, 0.55, -1, -1, 0.99, 0.5, 0, 0, 0.5, 0.79 }).reshape(2, 6);

        var plain = KeypointDivergence.Of(Heatmaps(), labels, sigma: 0.5);
        var weighted = KeypointDivergence.Of(Heatmaps(), labels, 0.5, tensor(new[] { 0.5, 1.5 }));

        Assert.Equal(1.3213916954025033, plain.item<double>(), 1e-12);
        Assert.Equal(1.4825751806975958, weighted.item<double>(), 1e-12);
    }

    [Fact]
    public void DisparityAndGroundFalse_OfTwoHeads_AreThoseOfALoopOverCells()
    {
        Assert.Equal(2.074363735341039, RegressionDisparity.Of(Heatmaps(), Rival(), 0.5).item<double>(), 1e-10);
        Assert.Equal(
            (0.5 * RegressionDisparity.Of(Heatmaps()[..1], Rival()[..1]).item<double>())
                + (1.5 * RegressionDisparity.Of(Heatmaps()[1..], Rival()[1..]).item<double>()),
            2 * RegressionDisparity.Of(Heatmaps(), Rival(), weights: tensor(new[] { 0.5, 1.5 })).item<double>(),
            1e-10
        );
        Assert.Equal(1.7558405235562524, GroundFalseDivergence.Of(Heatmaps(), Rival(), 0.5).item<double>(), 1e-10);
    }

    [Fact]
    public void Terms_OfTwoHeads_ReachTheAdversaryAlone()
    {
        var (heatmaps, rival) = (Heatmaps().requires_grad_(), Rival().requires_grad_());

        foreach (
            var value in new[]
            {
                RegressionDisparity.Of(heatmaps, rival, 0.5),
                GroundFalseDivergence.Of(heatmaps, rival, 0.5),
            }
        )
        {
            var slope = autograd.grad([value], [rival])[0];
            Assert.True(slope.isfinite().all().item<bool>() && slope.abs().sum().item<double>() > 0);
            // A softmax does not see what is added to a whole heatmap.
            Assert.True(slope.sum([2L, 3L]).abs().max().item<double>() < 1e-12);
        }
        Assert.Null(heatmaps.grad);
    }

    [Fact]
    public void Divergence_OfTheBellsOwnLogarithm_IsZero()
    {
        // Without a cut the logarithm of a bell is a parabola.
        var (c, r) = (arange(8, float64), arange(8, float64).unsqueeze(1));
        var parabola = ((c - 3).square() + (r - 5).square()).neg().div(2 * 9).reshape(1, 1, 8, 8);

        var found = KeypointDivergence.Of(parabola, Row(3 / 8.0, 5 / 8.0), sigma: 3);

        Assert.Equal(0, found.item<double>(), 1e-12);
        Assert.True(RegressionDisparity.Of(parabola, parabola, 3).item<double>() < 1e-5);
    }

    [Fact]
    public void GroundFalse_OfOneKeypoint_IsTheSameEverywhere()
    {
        var one = Heatmaps().narrow(1, 0, 1);

        var even = GroundFalseDivergence.Of(one, zeros_like(one));

        Assert.Equal(0, even.item<double>(), 1e-10);
    }

    [Fact]
    public void RegressionDisparity_Evaluated_ReachesTheFeaturesByItsFactor()
    {
        Toy.SeedModules(2);
        using var extractor = new ModulePart(() => nn.Linear(4, 6));
        using var heatmaps = Maps();
        using var adversary = Maps();
        var weight = ((TorchSharp.Modules.Linear)extractor.Module).weight!;
        var inner = adversary.Module.parameters().First();
        (Tensor OfExtractor, Tensor OfAdversary) Slopes(double factor, bool isOfTarget)
        {
            var term = new RegressionDisparity(adversary, factor) { Sigma = 1, IsOfTarget = isOfTarget };
            var step = Toy.Step(extractor, new KeypointPredictor(heatmaps));
            var slopes = autograd.grad([term.Evaluate(step)], [weight, inner]);
            return (slopes[0], slopes[1]);
        }

        foreach (var isOfTarget in new[] { false, true })
        {
            var (whole, tenth) = (Slopes(1, isOfTarget), Slopes(0.1, isOfTarget));

            Assert.True(whole.OfExtractor.abs().sum().item<float>() > 0);
            Assert.True(tenth.OfExtractor.allclose(whole.OfExtractor * 0.1, 1e-4, 1e-7));
            Assert.True(tenth.OfAdversary.allclose(whole.OfAdversary, 1e-4, 1e-7));
        }
    }

    [Fact]
    public void Phases_OfTheRecipe_MoveWhatTheAuthorsMove()
    {
        using var extractor = new ModulePart(() => nn.Linear(4, 6));
        using var heatmaps = Maps();
        using var adversary = Maps();
        NetworkTraining? training = null;
        _ = new AdaptationBuilder().Train(
            extractor,
            new KeypointPredictor(heatmaps),
            net => training = net.Minimize(new KeypointDivergence()).OpposeKeypoints(adversary)
        );

        IPart[][] expected =
        [
            [extractor, training!.Predictor, adversary],
            [adversary],
            [extractor],
        ];
        Assert.Equal(expected, training.Phases.Select(phase => phase.Moved.ToArray()));
        Assert.Equal(
            [nameof(KeypointDivergence), nameof(RegressionDisparity)],
            training.Phases[0].Objectives.Select(term => term.Objective.Name)
        );
        Assert.Equal(4, training.Phases[0].Objectives[1].Weight.At(0.5));
        Assert.IsType<GroundFalseDivergence>(Assert.Single(training.Phases[1].Objectives).Objective);
        Assert.True(
            Assert.IsType<RegressionDisparity>(Assert.Single(training.Phases[2].Objectives).Objective).IsOfTarget
        );
    }

    [Fact]
    public void Model_SavedLoadedAndExported_PredictsTheSameKeypoints()
    {
        Toy.SeedModules(3);
        using var extractor = new ModulePart(() => nn.Linear(4, 6));
        using var heatmaps = Maps();
        using var adversary = Maps();
        using var work = new TemporaryFolder();
        var (images, labels) = (Toy.Source(rows: 12).Inputs, rand(12, 4));
        using var model = Recipes
            .Regda(extractor, heatmaps, adversary, sigma: 1)
            .Fit(
                new LabeledDomain(images, labels),
                new UnlabeledDomain(images + 1),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 3, BatchSize = 4 },
                }
            );
        var expected = model.Predict(images);
        Assert.Equal([12L, 4L], expected.shape);
        Assert.True(expected.ge(0).all().item<bool>() && expected.lt(1).all().item<bool>());

        model.ExportOnnx(work.File("model.onnx"), new OnnxExportOptions { Example = images });
        model.Save(work.File("model"));
        using var otherExtractor = new ModulePart(() => nn.Linear(4, 6));
        using var otherHeatmaps = Maps();
        using var loaded = AdaptedModel.Load(
            work.File("model"),
            (nn.Module<Tensor, Tensor>)otherExtractor.Module,
            (nn.Module<Tensor, Tensor>)otherHeatmaps.Module
        );

        Assert.True(loaded.Predict(images).equal(expected).all().item<bool>());
        Assert.Equal(ScoreKind.Values, loaded.Predictor.ScoreKind);
    }

    [Fact]
    public void BadInput_IsRefusedByName()
    {
        var heatmaps = Heatmaps();
        Assert.Throws<ArgumentException>("heatmaps", () => KeypointPredictor.Locate(zeros(2, 4)));
        Assert.Throws<ArgumentException>("keypoints", () => KeypointDivergence.Of(heatmaps, zeros(2, 5)));
        Assert.Throws<ArgumentException>("keypoints", () => KeypointDivergence.Of(heatmaps, zeros(2, 6, int64)));
        Assert.Throws<ArgumentOutOfRangeException>("sigma", () => GroundFalseDivergence.Of(heatmaps, heatmaps, 0));
        Assert.Throws<ArgumentException>(
            "adversarial",
            () => RegressionDisparity.Of(heatmaps, heatmaps.narrow(1, 0, 2))
        );
        using var plain = Toy.Predictor();
        using var extractor = Toy.Extractor();
        var fault = Assert.Throws<ArgumentException>(() =>
            new KeypointDivergence().Evaluate(Toy.Step(extractor, plain))
        );
        Assert.Contains(nameof(KeypointPredictor), fault.Message, StringComparison.Ordinal);
    }

    // The figures of the page are of 300 steps, batches of 32 and 16 channels; these take seconds.
    [Fact]
    public void Regda_OfDrawnFigures_FindsMoreKeypointsThanTheSourceAlone()
    {
        var (source, target) = (StickFigures.Strokes(600, 1), StickFigures.Outlines(600, 2));
        var judged = StickFigures.Outlines(300, 4);
        var gains = new List<double>();

        for (var seed = 1; seed <= 2; seed++)
        {
            var alone = Accuracy(seed, source, target, judged, isAdapted: false);
            gains.Add(Accuracy(seed, source, target, judged, isAdapted: true) - alone);
        }

        Assert.True(gains.Average() > 0.03, string.Join(", ", gains));
    }

    [LongFact]
    public void Regda_OfDrawnFigures_HoldsOverThreeSeedsWithTheWholeNetwork()
    {
        var (source, target) = (StickFigures.Strokes(1000, 1), StickFigures.Outlines(1000, 2));
        var judged = StickFigures.Outlines(400, 4);
        var pairs = Enumerable
            .Range(1, 3)
            .Select(seed =>
                (
                    Alone: Accuracy(seed, source, target, judged, isAdapted: false, 300, 32, 16),
                    Adapted: Accuracy(seed, source, target, judged, isAdapted: true, 300, 32, 16)
                )
            )
            .ToList();

        Assert.All(pairs, pair => Assert.True(pair.Adapted > pair.Alone, $"{pair}"));
        Assert.True(pairs.Average(pair => pair.Adapted - pair.Alone) > 0.05, string.Join(", ", pairs));
    }

    public void Dispose() => scope.Dispose();

    private static double Accuracy(
        int seed,
        LabeledDomain source,
        LabeledDomain target,
        LabeledDomain judged,
        bool isAdapted,
        int steps = 150,
        int batch = 16,
        int width = 8
    )
    {
        using var inner = NewDisposeScope();
        Toy.SeedModules(seed);
        using var extractor = new ModulePart(() => StickFigures.Extractor(width));
        using var heatmaps = new ModulePart(() => StickFigures.Head(width));
        using var adversary = new ModulePart(() => StickFigures.Head(width));
        var chain = isAdapted
            ? Recipes.Regda(extractor, heatmaps, adversary, sigma: 1)
            : new AdaptationBuilder().Train(
                extractor,
                new KeypointPredictor(heatmaps),
                net => net.Minimize(new KeypointDivergence { Sigma = 1 })
            );
        var training = new TrainingOptions
        {
            Steps = steps,
            BatchSize = batch,
            Optimizer = parameters => optim.Adam(parameters, 1e-3),
        };
        using var model = chain.Fit(
            source,
            target.WithoutLabels(),
            new FitOptions { Seed = seed, Training = training }
        );
        return KeypointAccuracy.Of(model.Predict(judged.Inputs), judged.Labels, threshold: 0.1).Overall.Value;
    }

    private static ModulePart Maps() => new(() => nn.Sequential(nn.Linear(6, 24), nn.Unflatten(1, [2, 3, 4])));

    private static Tensor Numbers() => arange(2 * 3 * 5 * 4, float64).reshape(2, 3, 5, 4);

    private static Tensor Heatmaps() => ((Numbers() * 1.3) + 0.2).sin();

    private static Tensor Rival() => (Numbers() * 0.7).cos();

    private static Tensor Row(params double[] values) => tensor(values).reshape(1, -1);
}
