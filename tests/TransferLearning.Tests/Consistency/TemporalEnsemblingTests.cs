using TransferLearning.Consistency;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

/// <summary>Predictions that agree with those of earlier steps.</summary>
public sealed class TemporalEnsemblingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Evaluate_OverThreeSteps_IsTheDistanceFromTheCorrectedAverage()
    {
        // Row 0 is read as 0.8, 0.5 and 0.9 of class 0, row 1 as 0.25 each time.
        double[] first = [0.8, 0.5, 0.9];
        var term = new TemporalEnsembling { Decay = 0.6 };
        var view = LogitSteps.View(Step(first[0]));
        var values = new List<double>();

        term.OnStart(view);
        foreach (var share in first)
        {
            var step = Step(share);
            values.Add(term.Evaluate(step).item<double>());
            term.OnStepped(view, step);
        }
        using var kept = LogitSteps.Kept(term, "ensemble");
        using var counts = LogitSteps.Kept(term, "counts");
        term.OnEnd();

        // Z: 0.4 0.8 = 0.32; 0.6 0.32 + 0.4 0.5 = 0.392; 0.6 0.392 + 0.4 0.9 = 0.5952.
        Assert.Equal(0, values[0]); // nothing to agree with yet
        // Corrected by 1 - 0.6: 0.8. The mean over two classes of two equal squares, and over two rows.
        Assert.Equal(Math.Pow(0.5 - 0.8, 2) / 2, values[1], 1e-12);
        Assert.Equal(Math.Pow(0.9 - (0.392 / (1 - 0.36)), 2) / 2, values[2], 1e-12);
        Assert.Equal(0.5952, kept[0, 0].item<double>(), 1e-12);
        Assert.Equal([3L, 3L], counts.data<long>());
    }

    [Fact]
    public void Evaluate_OfAStepWithoutTheTerm_RemembersNothing()
    {
        var term = new TemporalEnsembling { Decay = 0.6 };
        var step = Step(0.8);

        term.OnStart(LogitSteps.View(step));
        term.OnStepped(LogitSteps.View(step), step);
        using var counts = LogitSteps.Kept(term, "counts");
        term.OnEnd();

        Assert.Equal([0L, 0L], counts.data<long>());
    }

    [Fact]
    public void Evaluate_SummedOverTheClasses_IsAsManyTimesAsStrong()
    {
        double Second(bool sums)
        {
            var term = new TemporalEnsembling { SumsClasses = sums };
            var (one, other) = (Step(0.8), Step(0.3));
            term.OnStart(LogitSteps.View(one));
            term.Evaluate(one).Dispose();
            term.OnStepped(LogitSteps.View(one), one);
            var value = term.Evaluate(other).item<double>();
            term.OnEnd();
            return value;
        }

        Assert.Equal(2 * Second(false), Second(true), 1e-12);
    }

    [Fact]
    public void Corrected_OfRowsAndCounts_DividesByWhatIsMissing()
    {
        var ensemble = tensor(
            new double[,]
            {
                { 0.4, 0 },
                { 0.3, 0.21 },
                { 0, 0 },
            }
        );

        var corrected = TemporalEnsembling.Corrected(ensemble, tensor(new long[] { 1, 2, 0 }), 0.7);

        Assert.Equal(0.4 / 0.3, corrected[0, 0].item<double>(), 1e-12);
        Assert.Equal(0.21 / 0.51, corrected[1, 1].item<double>(), 1e-12);
        Assert.Equal(0, corrected[2].abs().sum().item<double>());
        Assert.Throws<ArgumentException>("counts", () => TemporalEnsembling.Corrected(ensemble, zeros(2, int64), 0.7));
    }

    [Fact]
    public void Evaluate_ItsGradient_ReachesThePresentReadingAlone()
    {
        var term = new TemporalEnsembling();
        var step = Step(0.8);
        term.OnStart(LogitSteps.View(step));
        term.Evaluate(step).Dispose();
        term.OnStepped(LogitSteps.View(step), step);
        var logits = log(
                tensor(
                    new[,]
                    {
                        { 0.5, 0.5 },
                        { 0.25, 0.75 },
                    }
                )
            )
            .requires_grad_();
        var next = LogitSteps.Of(
            new[,]
            {
                { 0.0, 0 },
            },
            new[,]
            {
                { 0.0, 0 },
                { 0, 0 },
            }
        );
        var moved = TransferLearning.Training.StepContext.For(
            new TransferLearning.Training.StepBatch(
                next.Batch.Sources,
                new TransferLearning.Training.UnlabeledBatch(logits, DomainId.Target, arange(2, dtype: int64))
            ),
            next.Extractor,
            next.Predictor
        );

        term.Evaluate(moved).backward();
        term.OnEnd();

        // d/dz_0 of 1/2 (p - 0.8)^2 over two rows and two classes: (p - 0.8) p (1 - p).
        Assert.Equal((0.5 - 0.8) * 0.25, logits.grad![0, 0].item<double>(), 1e-12);
        Assert.Equal(0, logits.grad![1, 0].item<double>(), 1e-12);
    }

    [Fact]
    public void Recipe_OnMovedClouds_ReadsTheTarget()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor(dropout: 0.1);
        using var predictor = Toy.Predictor();
        var target = Toy.LabeledTarget();

        using var model = Recipes
            .TemporalEnsembling(extractor, predictor, new Noise(0.2))
            .Fit(Toy.Source(), target.WithoutLabels());

        Assert.True(model.PredictClasses(target.Inputs).eq(target.Labels).to(float32).mean().item<float>() > 0.9);
    }

    public void Dispose() => scope.Dispose();

    private static TransferLearning.Training.StepContext Step(double share) =>
        LogitSteps.Of(
            new[,]
            {
                { 0.0, 0 },
            },
            new[,]
            {
                { Math.Log(share), Math.Log(1 - share) },
                { Math.Log(0.25), Math.Log(0.75) },
            }
        );
}
