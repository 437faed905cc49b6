using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>The step's memo: what is computed once, what again.</summary>
public sealed class StepContextTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Features_AskedTwice_PassOnce()
    {
        var extractor = new Counting();
        var step = Context(extractor);

        var first = step.Features(step.Target);
        var second = step.Features(step.Target);

        Assert.Same(first, second);
        Assert.Equal(1, extractor.Passes);
    }

    [Fact]
    public void Features_OfAView_AreAnotherPassButTheViewIsTakenOnce()
    {
        var extractor = new Counting();
        var step = Context(extractor);
        var view = new Noise(1);

        var looked = step.View(view, step.Target);
        step.Features(step.Target);
        step.Features(looked);

        Assert.Same(looked, step.View(view, step.Target));
        Assert.Equal(2, extractor.Passes);
    }

    [Fact]
    public void Features_FirstWithoutGradient_StillGiveAGraphWhenOneIsNeeded()
    {
        using var extractor = Toy.Extractor();
        var step = Context(extractor);
        using (no_grad())
        {
            Assert.False(step.Features(step.Target).requires_grad);
        }

        Assert.True(step.Features(step.Target).requires_grad);
    }

    [Fact]
    public void Features_AskedInsideAnInnerScope_OutliveIt()
    {
        var step = Context(new Counting());
        using (NewDisposeScope())
        {
            step.Features(step.Target);
        }

        Assert.False(step.Features(step.Target).IsInvalid);
    }

    [Fact]
    public void Features_ThroughAPerDomainExtractor_UseTheDomainsBranch()
    {
        var (source, target) = (new Counting(), new Counting());
        var step = Context(new PerDomainExtractor(source, target));

        step.Features(step.Target);

        Assert.Equal((0, 1), (source.Passes, target.Passes));
    }

    [Fact]
    public void Fit_CriticSteps_ComputeTheFrozenExtractorsFeaturesOnce()
    {
        var extractor = new Counting();
        using var predictor = nn.Linear(4, 2);
        using var critic = nn.Linear(4, 1);

        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor.AsPart(),
                net => net.Minimize(new CrossEntropy()).GuideByWasserstein(critic.AsPart(), criticSteps: 5)
            )
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions { Training = new TrainingOptions { Steps = 3 } }
            );

        // In each of 3 steps two domains for all critic steps together and two, with a graph, for the main phase; two
        // for each phase in the trial before; one at the end, which looks at the classes that the target is read as.
        Assert.Equal(17, extractor.Passes);
    }

    [Fact]
    public void Features_JoinedPasses_AreOnePassAndTheSameNumbers()
    {
        using var quiet = no_grad();
        var (apart, joined) = (new Counting(), new Counting());
        var batch = Batch();
        var one = StepContext.For(batch, apart, Toy.Predictor());
        var other = new StepContext(batch, joined, Toy.Predictor(), 0, new RandomKey(0), DomainPasses.Joined);

        Assert.True(one.Features(one.Target).equal(other.Features(other.Target)).all().item<bool>());
        Assert.True(one.Features(one.Sources[0]).equal(other.Features(other.Sources[0])).all().item<bool>());
        Assert.Equal((2, 1), (apart.Passes, joined.Passes));
    }

    public void Dispose() => scope.Dispose();

    private static StepBatch Batch()
    {
        var (source, target) = (Toy.Source(rows: 6), Toy.LabeledTarget(rows: 5));
        return new StepBatch(
            [
                new LabeledBatch(
                    source.Inputs,
                    source.Labels,
                    DomainId.Source(0),
                    arange(6, dtype: int64),
                    null,
                    source.Space
                ),
            ],
            new UnlabeledBatch(target.Inputs, DomainId.Target, arange(5, dtype: int64))
        );
    }

    private static StepContext Context(IFeatureExtractor extractor) =>
        StepContext.For(Batch(), extractor, Toy.Predictor());

    private sealed class Counting : IFeatureExtractor
    {
        public int Passes { get; private set; }

        public Tensor Extract(Tensor inputs)
        {
            Passes++;
            return inputs * 2;
        }
    }
}
