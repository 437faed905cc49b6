using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Augmentation;

public sealed class DrawnAugmentationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Cutout_OfHoles_CoversAtMostTheirSquares()
    {
        var images = ones(50, 2, 12, 12);

        var covered = new Cutout { Length = 4, Holes = 2 }
            .Apply(images, new RandomKey(1))
            .eq(0);

        var pixels = covered.sum(dim: [1, 2, 3]).data<long>().ToArray();
        Assert.All(pixels, count => Assert.InRange(count, 2 * 2 * 2, 2 * 2 * 16)); // in a corner a quarter is left
        Assert.True(pixels.Distinct().Count() > 3);
        Assert.True(covered.select(1, 0).equal(covered.select(1, 1)).all().item<bool>());
        var half = new Cutout().Apply(ones(40, 1, 40, 32), new RandomKey(1)).eq(0);
        Assert.Equal(16, half.any(3).sum(2).max().item<long>()); // of the shorter side
    }

    [Fact]
    public void RandomErasing_OfShares_ErasesRectanglesOfTheirArea()
    {
        var images = ones(200, 2, 20, 20);
        var view = new RandomErasing
        {
            Probability = 1,
            LeastArea = 0.1,
            MostArea = 0.2,
            Fill = 0,
        };

        var erased = view.Apply(images, new RandomKey(1)).eq(0).select(1, 0);

        var heights = erased.any(2).sum(1);
        var widths = erased.any(1).sum(1);
        Assert.True((heights * widths).eq(erased.sum(dim: [1, 2])).all().item<bool>()); // rectangles
        var shares = (heights * widths).to(float64) / 400;
        // Sides are rounded to whole pixels.
        Assert.True(shares.ge(0.07).logical_and(shares.le(0.24)).all().item<bool>());
        Assert.Equal(0.15, shares.mean().item<double>(), 0.02);
        var untouched = (view with { Probability = 0 }).Apply(images, new RandomKey(1));
        Assert.True(untouched.equal(images).all().item<bool>());
    }

    [Fact]
    public void RandAugment_OfMarks_DrawsOperationsAndDirectionsEvenlyForEachImage()
    {
        var images = zeros(4000, 1, 1, 1, dtype: float64);
        var view = new RandAugment
        {
            Operations = 1,
            Strength = 0.25,
            Pool = [new Marked(1), new Marked(2), new Marked(4)],
        };

        var values = view.Apply(images, new RandomKey(1)).reshape(-1).data<double>().ToArray();

        double[] marks = [-1, -0.5, -0.25, 0.25, 0.5, 1];
        Assert.Equal(marks, values.Distinct().Order());
        Assert.All(marks, mark => Assert.Equal(4000.0 / 6, values.Count(value => value == mark), 100.0));
    }

    [Fact]
    public void RandAugment_OfSeveralOperations_AppliesThemOnTopOfEachOther()
    {
        var images = arange(300, dtype: float64).view(300, 1, 1, 1);
        var view = new RandAugment
        {
            Operations = 3,
            Strength = 1,
            DrawsStrength = true,
            Probability = 0.5,
            Pool = [new Marked(0.1)],
        };

        var added = (view.Apply(images, new RandomKey(1)) - images).reshape(-1);

        Assert.True(added.abs().le(0.3).all().item<bool>());
        Assert.Equal(300.0 / 8, added.eq(0).sum().item<long>(), 20.0); // none of three
        Assert.True(added.unique().output.shape[0] > 200);
    }

    [Fact]
    public void TrivialAugment_OfMarks_DrawsOneOfThirtyOneStrengths()
    {
        var images = zeros(3000, 1, 1, 1, dtype: float64);

        var seen = new TrivialAugment { Pool = [new Marked(30)] }
            .Apply(images, new RandomKey(1))
            .round()
            .reshape(-1);

        Assert.Equal(Enumerable.Range(-30, 61).Select(j => (double)j), seen.data<double>().Distinct().Order());
    }

    [Fact]
    public void AugMix_OfNoOperations_IsTheImage()
    {
        var images = rand([30, 3, 6, 6], dtype: float64);

        var mixed = new AugMix { Pool = [new Identity()] }.Apply(images, new RandomKey(1));

        Assert.True(mixed.allclose(images, 1e-12, 1e-12));
    }

    [Fact]
    public void AugMix_OfMarks_MixesEveryChainsSumByItsShare()
    {
        var images = zeros(4000, 1, 1, 1, dtype: float64);

        var mixed = new AugMix
        {
            Chains = 2,
            Depth = 1,
            Strength = 0.2,
            Pool = [new Plus()],
        }.Apply(images, new RandomKey(1));

        // m (w_1 |s_1| + w_2 |s_2|): half of the mean strength.
        Assert.Equal(0.5 * (0.01 + 0.2) / 2, mixed.mean().item<double>(), 0.002);
    }

    [Fact]
    public void AugMixConsistency_OfThreePredictions_IsTheirMeanDivergenceFromTheMean()
    {
        Tensor[] scores = [Random(1), Random(2), Random(3)];
        var weights = tensor(new double[] { 0, 1, 2, 1, 1, 1 });

        var value = AugMixConsistency.Of(scores[0], scores[1], scores[2], weights);

        Tensor[] p = [.. scores.Select(score => score.softmax(1))];
        var mean = (p[0] + p[1] + p[2]) / 3;
        // The entropy of the mean less the mean of the entropies.
        Tensor Entropy(Tensor of) => (of * of.log()).sum(1).neg();
        var divergence = Entropy(mean) - ((Entropy(p[0]) + Entropy(p[1]) + Entropy(p[2])) / 3);
        Assert.Equal((divergence * weights).mean().item<double>(), value.item<double>(), 1e-12);
        Assert.Equal(
            value.item<double>(),
            AugMixConsistency.Of(scores[2], scores[0], scores[1], weights).item<double>(),
            1e-12
        );
        Assert.Equal(0, AugMixConsistency.Of(scores[0], scores[0], scores[0]).item<double>(), 1e-12);
        var sure = eye(3, dtype: float64) * 100;
        var most = AugMixConsistency.Of(sure[0].unsqueeze(0), sure[1].unsqueeze(0), sure[2].unsqueeze(0));
        Assert.Equal(Math.Log(3), most.item<double>(), 1e-9);
    }

    [Fact]
    public void AugMixConsistency_OfOneView_LooksTwice()
    {
        Toy.SeedModules(1);
        var images = Toy.Images(rows: 8);
        using var extractor = Toy.ImageExtractor();
        using var predictor = Toy.Predictor();
        var rows = arange(8, dtype: int64);
        var source = new LabeledBatch(images.Inputs, images.Labels, DomainId.Source(0), rows, null, images.Space);
        var step = StepContext.For(
            new StepBatch([source], new UnlabeledBatch(images.Inputs, DomainId.Target, rows)),
            extractor,
            predictor
        );
        var term = new AugMixConsistency(new GaussianNoise());

        var value = term.Evaluate(step);

        var looks = term.Parts.Cast<IAugmentation>().Select(view => step.View(view, source).Inputs).ToList();
        Assert.False(looks[0].equal(looks[1]).all().item<bool>());
        var expected = AugMixConsistency.Of(
            step.Scores(source),
            predictor.Predict(extractor.Extract(looks[0])),
            predictor.Predict(extractor.Extract(looks[1]))
        );
        Assert.Equal(expected.item<float>(), value.item<float>(), 1e-7f);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.13)]
    [InlineData(0.5)]
    public void FourierDomainAdaptation_OfAShare_SwapsTheCentralSquareOfAmplitudes(double share)
    {
        var (images, partners) = (rand([2, 3, 16, 12], dtype: float64), rand([2, 3, 16, 12], dtype: float64) * 2);

        var swapped = FourierDomainAdaptation.Of(images, partners, share);

        // As the authors have it: shifted spectra, a square around their center, the real part of the way back.
        var (own, other) = (fft.fftshift(fft.fft2(images), [-2, -1]), fft.fftshift(fft.fft2(partners), [-2, -1]));
        var most = (long)(12 * share);
        var amplitudes = own.abs();
        var (height, width) = (Math.Min(16, 8 + most + 1) - (8 - most), Math.Min(12, 6 + most + 1) - (6 - most));
        amplitudes
            .narrow(2, 8 - most, height)
            .narrow(3, 6 - most, width)
            .copy_(other.abs().narrow(2, 8 - most, height).narrow(3, 6 - most, width));
        var back = fft.ifft2(fft.ifftshift(polar(amplitudes, own.angle()), [-2, -1])).real;
        Assert.True(swapped.allclose(back, 1e-9, 1e-9));
        Assert.True(FourierDomainAdaptation.Of(images, images, share).allclose(images, 1e-9, 1e-9));
    }

    [Fact]
    public void FourierDomainAdaptation_OfBlackImages_GivesThemTheTargetsMean()
    {
        var target = full([2, 1, 8, 8], 0.7, float64);

        var swapped = FourierDomainAdaptation.Of(zeros_like(target), target);

        Assert.True(swapped.allclose(target, 1e-9, 1e-9));
    }

    [Fact]
    public void FourierDomainAdaptation_OfAStep_ChangesTheSourcesAlone()
    {
        var images = Toy.Images(rows: 8);
        var rows = arange(8, dtype: int64);
        var weights = rand(8);
        LabeledBatch Labeled(DomainId id) => new(images.Inputs, images.Labels, id, rows, weights, images.Space);
        var target = new UnlabeledBatch(images.Inputs * 3, DomainId.Target, rows);
        var batch = new StepBatch(
            [Labeled(DomainId.Source(0)), Labeled(DomainId.Source(1))],
            target,
            Labeled(DomainId.Target)
        );

        var changed = new FourierDomainAdaptation().Apply(batch, new RandomKey(1));

        Assert.Same(target, changed.Target);
        Assert.Same(batch.LabeledTarget, changed.LabeledTarget);
        foreach (var source in changed.Sources)
        {
            Assert.Same(images.Labels, source.Labels);
            Assert.Same(weights, source.Weights);
            // Its mean is a target image's.
            var means = target.Inputs.mean([1L, 2, 3]);
            var nearest = (source.Inputs.mean([1L, 2, 3]).unsqueeze(1) - means).abs().amin([1L]);
            Assert.True(nearest.lt(1e-5).all().item<bool>());
        }
        Assert.False(changed.Sources[0].Inputs.equal(changed.Sources[1].Inputs).all().item<bool>());
    }

    [Fact]
    public void FeatureSwap_OfRows_TakesNumbersFromTheirOwnColumn()
    {
        var rows = arange(500, dtype: float64).unsqueeze(1) + (arange(3, dtype: float64) * 1000);

        var seen = new FeatureSwap { Probability = 0.3 }.Apply(rows, new RandomKey(1));

        Assert.True(seen.div(1000, RoundingMode.floor).equal(rows.div(1000, RoundingMode.floor)).all().item<bool>());
        Assert.Equal(0.3, seen.ne(rows).to(float64).mean().item<double>(), 0.04);
    }

    [Fact]
    public void FeatureDropout_OfRows_LeavesItsShareOut()
    {
        var seen = new FeatureDropout { Probability = 0.2 }.Apply(ones(1000, 4), new RandomKey(1));

        Assert.Equal(0.2, seen.eq(0).to(float64).mean().item<double>(), 0.03);
        Assert.True(seen.eq(0).logical_or(seen.eq(1)).all().item<bool>());
    }

    [Fact]
    public void NeighborMixing_OfTwoClouds_StaysBetweenARowAndItsNeighbor()
    {
        // Three rows on each of two lines far from each other.
        var rows = tensor(
            new double[,]
            {
                { 0, 0 },
                { 0, 1 },
                { 0, 3 },
                { 50, 0 },
                { 50, 1 },
                { 50, 3 },
            }
        );

        var seen = new NeighborMixing { Neighbors = 1 }.Apply(rows.repeat(1, 1), new RandomKey(1));

        Assert.True(seen.select(1, 0).equal(rows.select(1, 0)).all().item<bool>());
        var moved = seen.select(1, 1).data<double>().ToArray();
        Assert.All([0, 1, 3, 4], i => Assert.InRange(moved[i], 0.0, 1.0));
        Assert.All([2, 5], i => Assert.InRange(moved[i], 1.0, 3.0));
        Assert.True(seen.ne(rows).any().item<bool>());
        Assert.True(
            new NeighborMixing().Apply(rows.narrow(0, 0, 1), new RandomKey(1)).equal(rows[0]).all().item<bool>()
        );
    }

    [Fact]
    public void AugmentedInputs_OfAStep_KeepsLabelsAndTheTargetUnlessAsked()
    {
        var source = Toy.Source(rows: 6);
        var rows = arange(6, dtype: int64);
        LabeledBatch Labeled(DomainId id) => new(source.Inputs, source.Labels, id, rows, null, source.Space);
        var batch = new StepBatch(
            [Labeled(DomainId.Source(0)), Labeled(DomainId.Source(1))],
            new UnlabeledBatch(source.Inputs, DomainId.Target, rows),
            Labeled(DomainId.Target)
        );

        var labeled = new AugmentedInputs(new GaussianNoise()).Apply(batch, new RandomKey(1));
        var all = new AugmentedInputs(new GaussianNoise()) { IncludesTarget = true }.Apply(batch, new RandomKey(1));

        Assert.Same(batch.Target, labeled.Target);
        Tensor[] seen = [.. all.Labeled.Select(one => one.Inputs), all.Target!.Inputs];
        Assert.Equal(4, seen.Select(one => one.sum().item<float>()).Distinct().Count());
        Assert.All(all.Labeled, one => Assert.Same(source.Labels, one.Labels));
        Assert.Equal(DomainId.Target, all.LabeledTarget!.Domain);
    }

    [Fact]
    public void Augment_OfAView_TrainsOnChangedRows()
    {
        Toy.SeedModules(3);
        var seen = new Counting();

        using var model = new AdaptationBuilder()
            .Train(Toy.Extractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()).Augment(seen))
            .Fit(
                Toy.Source(rows: 40),
                Toy.LabeledTarget(rows: 20).WithoutLabels(),
                new FitOptions { Training = new TrainingOptions { Steps = 5 } }
            );

        Assert.True(seen.Looks >= 5, $"{seen.Looks} looks in 5 steps");
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Random(long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([6, 3], dtype: float64, generator: generator);
    }

    /// <summary>Adds its mark times the strength.</summary>
    private sealed class Marked(double mark) : IImageOperation
    {
        public Tensor Apply(Tensor inputs, RandomKey key) => throw new NotSupportedException();

        public Tensor Apply(Tensor images, Tensor strengths) => images + (strengths.view(-1, 1, 1, 1) * mark);
    }

    /// <summary>Adds the strength without its direction.</summary>
    private sealed class Plus : IImageOperation
    {
        public Tensor Apply(Tensor inputs, RandomKey key) => throw new NotSupportedException();

        public Tensor Apply(Tensor images, Tensor strengths) => images + strengths.abs().view(-1, 1, 1, 1);
    }

    private sealed class Counting : IAugmentation
    {
        public int Looks { get; private set; }

        public Tensor Apply(Tensor inputs, RandomKey key)
        {
            Looks++;
            return inputs + 0.01;
        }
    }
}
