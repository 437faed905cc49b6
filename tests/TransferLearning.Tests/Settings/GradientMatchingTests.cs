using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

public sealed class GradientMatchingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_OfOneStep_GoesItsShareOfTheWayOfAStepForEachSource()
    {
        var start = Numbers(0, 0.5);
        var whole = Numbers(1, 1);
        var half = Numbers(1, 0.5);

        Assert.True(half.allclose((start + whole) / 2, 1e-6, 1e-7));
        var byHand = new[] { ByHand([0, 1]), ByHand([1, 0]) };
        Assert.Contains(byHand, expected => whole.allclose(expected, 1e-5, 1e-6));
        Assert.False(byHand[0].allclose(byHand[1], 1e-5, 1e-6));
    }

    [Fact]
    public void Fit_StoppedAndResumed_EndsWithTheSameBits()
    {
        var (whole, resumed) = SourceRuns.StoppedAndResumed(net => net.MatchGradients(2));

        Assert.Equal(whole, resumed);
    }

    [Fact]
    public void Fit_WhatDoesNotFit_IsRefusedWithTheRemedy()
    {
        void Refuses(AdaptationBuilder chain, TrainingOptions training, string words)
        {
            var options = new FitOptions { Training = training };
            var fault = Assert.Throws<InvalidAdaptationException>(() =>
                chain.FitWithoutTarget(SourceRuns.Two(), options)
            );
            Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        }
        AdaptationBuilder Fish(int sources) => Recipes.Fish(Toy.Extractor(), Toy.Predictor(), sources);

        Refuses(Fish(3), new TrainingOptions(), "is of 3 sources, and this fit has 2");
        Refuses(Fish(2), new TrainingOptions { GradientAccumulation = 2 }, "GradientAccumulation must be 1");
        Refuses(Fish(2), new TrainingOptions { Precision = Precision.BFloat16 }, "Precision.AsData");
        Refuses(
            new AdaptationBuilder().Train(
                Toy.Extractor(),
                Toy.Predictor(),
                net => net.Minimize(new GradientMatching(2))
            ),
            new TrainingOptions(),
            "Repeat(2)"
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradientMatching(1));
    }

    [Fact]
    public void Fish_OnTwoSources_ReadsADomainThatItHasNotSeen()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var unseen = Toy.LabeledTarget();
        var options = new FitOptions { Training = new TrainingOptions { Steps = 300 } };

        using var model = Recipes.Fish(extractor, predictor, 2).FitWithoutTarget(SourceRuns.Two(), options);

        using var classes = model.PredictClasses(unseen.Inputs);
        Assert.True(Evaluation.AccuracyInterval.Of(classes, unseen.Labels).Value > 0.8);
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain[] Sources() => [Toy.Source(rows: 32), Toy.Source(rows: 32, seed: 7)];

    // All parameters after some steps, each of which sees all rows.
    private static Tensor Numbers(int steps, double rate)
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        if (steps > 0)
        {
            var options = new FitOptions
            {
                Training = new TrainingOptions
                {
                    Steps = steps,
                    BatchSize = 32,
                    Optimizer = parameters => optim.SGD(parameters, 0.1),
                },
            };
            Recipes.Fish(extractor, predictor, 2, rate).FitWithoutTarget(Sources(), options).Dispose();
        }
        return Flat(extractor, predictor);
    }

    private static Tensor ByHand(int[] order)
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        Tensor[] parameters = [.. extractor.Module.parameters(), .. predictor.Module.parameters()];
        foreach (var source in order.Select(i => Sources()[i]))
        {
            var loss = nn.functional.cross_entropy(predictor.Predict(extractor.Extract(source.Inputs)), source.Labels);
            var slopes = autograd.grad([loss], parameters);
            using var quiet = no_grad();
            foreach (var (parameter, slope) in parameters.Zip(slopes))
            {
                parameter.sub_(slope * 0.1);
            }
        }
        return Flat(extractor, predictor);
    }

    private static Tensor Flat(params ReadOnlySpan<ModulePart> parts)
    {
        var numbers = new List<Tensor>();
        foreach (var part in parts)
        {
            numbers.AddRange(part.Module.parameters().Select(parameter => parameter.detach().clone().reshape(-1)));
        }
        return cat([.. numbers]);
    }
}
