using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>The two terms of SPA: spectra of the batches' graphs, and classes from a target row's neighbors.</summary>
public sealed class GraphSpectralAlignmentTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor source = Waves.Rows(7, 4, 0.5);
    private readonly Tensor target = Waves.Rows(7, 4, 2);

    [Theory]
    [InlineData(GraphEdges.Distance, 0.044134855574096674)]
    [InlineData(GraphEdges.Gaussian, 0.024113818485533574)]
    public void Between_KnownSamples_IsNumPysFigure(GraphEdges edges, double expected)
    {
        var value = new GraphSpectralAlignment { Edges = edges }.Between(source, target);

        // Sorted eigenvalues of I - A / D, the Laplacian of the random walk, by NumPy's solver for general matrices.
        Assert.Equal(expected, value.item<double>(), 10);
    }

    [Fact]
    public void Between_SampleTurnedMovedAndStretched_HasTheSameSpectrum()
    {
        var (turn, _) = linalg.qr(Waves.Rows(4, 4, 1));
        var rows = source.index_select(0, arange(6, -1, -1, dtype: int64)).matmul(turn) * 3 + 5;

        Assert.Equal(0, new GraphSpectralAlignment().Between(source, rows).item<double>(), 10);
    }

    [Theory]
    [InlineData(GraphEdges.Distance)]
    [InlineData(GraphEdges.Gaussian)]
    public void Between_Gradient_IsThatOfFiniteDifferences(GraphEdges edges)
    {
        var alignment = new GraphSpectralAlignment { Edges = edges };
        var rows = source.clone().requires_grad_();
        var gradient = autograd.grad([alignment.Between(rows, target)], [rows])[0];
        // A direction that keeps the mean squared distance: the width carries no gradient.
        var slope = source - cat([source, target]).mean([0L]);
        var direction = Waves.Rows(7, 4, 3);
        direction -= slope * ((direction * slope).sum() / slope.square().sum());
        const double Length = 1e-6;

        var rise =
            (
                alignment.Between(source + (direction * Length), target)
                - alignment.Between(source - (direction * Length), target)
            ) / (2 * Length);

        Assert.Equal(rise.item<double>(), (gradient * direction).sum().item<double>(), 1e-6);
    }

    [Fact]
    public void Between_RowsThatCoincide_HasAFiniteGradient()
    {
        var rows = cat([source.narrow(0, 0, 4), source.narrow(0, 0, 3)]).requires_grad_();

        var value = new GraphSpectralAlignment().Between(rows, target);

        Assert.True(autograd.grad([value], [rows])[0].isfinite().all().item<bool>());
        var same = new GraphSpectralAlignment().Between(rows, rows);
        Assert.Equal(0, autograd.grad([same], [rows])[0].abs().max().item<double>());
    }

    [Fact]
    public void Between_SamplesOfTwoSizes_AreRefused() =>
        Assert.Equal(
            "target",
            Assert
                .Throws<ArgumentException>(() => new GraphSpectralAlignment().Between(source, target.narrow(0, 0, 6)))
                .ParamName
        );

    [Fact]
    public void NeighborPropagation_KnownMemory_IsNumPysFigure()
    {
        var (batch, scores) = (Waves.Rows(5, 4, 1), Waves.Rows(5, 3, 0.7));
        var memory = Waves.Rows(20, 4, 3);
        var unit = memory / memory.norm(1, keepdim: true);

        var value = new NeighborPropagation { Neighbors = 4 }.Of(
            batch,
            scores,
            tensor(new long[] { 3, 0, 19, 7, 11 }),
            unit,
            Waves.Rows(20, 3, 2).square()
        );

        // Neighbors by the cosine, their mean class, weighted cross-entropy, row by row in NumPy.
        Assert.Equal(0.8711377148499004, value.item<double>(), 10);
    }

    [Fact]
    public void NeighborPropagation_MemoryOfOneRow_TakesItsOwnClass()
    {
        var (batch, scores) = (Waves.Rows(1, 4, 1), Waves.Rows(1, 3, 0.7));

        var value = new NeighborPropagation().Of(
            batch,
            scores,
            zeros(1, int64),
            batch / batch.norm(1, keepdim: true),
            tensor(new[] { 0.2, 0.7, 0.1 }).unsqueeze(0)
        );

        Assert.Equal(nn.functional.cross_entropy(scores, ones(1, int64)).item<double>(), value.item<double>(), 12);
    }

    [Fact]
    public void NeighborPropagation_StoppedAndResumed_GivesTheBitsOfAnUninterruptedRun()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        var expected = InterruptedTraining.Run(new NeighborPropagation());

        Assert.Null(InterruptedTraining.Run(new NeighborPropagation(), checkpoints, stopAfter: 13));
        var resumed = InterruptedTraining.Run(
            new NeighborPropagation(),
            checkpoints with
            {
                Resume = ResumeMode.Required,
            }
        );

        Assert.Equal(expected, resumed);
    }

    [Fact]
    public void NeighborPropagation_AfterATrainingThatWasStopped_TakesOtherDomains()
    {
        var objective = new NeighborPropagation();
        Assert.Null(InterruptedTraining.Run(objective, stopAfter: 13));
        Toy.SeedModules(7);
        using var extractor = Toy.ImageExtractor();
        using var predictor = Toy.Predictor();

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(objective, 0.3))
            .Fit(Toy.Images(), Toy.Images(seed: 4).WithoutLabels());

        Assert.Equal([8L, 2L], model.Predict(Toy.Images(rows: 8).Inputs).shape);
    }

    [Fact]
    public void NeighborPropagation_AloneInAPhase_MovesWhatThePhaseMoves()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var before = Toy.Bits(extractor, predictor);

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new NeighborPropagation()))
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions { Training = new TrainingOptions { Steps = 2 } }
            );

        Assert.NotEqual(before, Toy.Bits(extractor, predictor));
    }

    // The memory would hold the last of a step's batches alone.
    [Fact]
    public void NeighborPropagation_StepsOfSeveralBatches_AreRefused()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var options = new FitOptions { Training = new TrainingOptions { GradientAccumulation = 2 } };

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes.Spa(extractor, predictor).Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), options)
        );

        Assert.Contains("GradientAccumulation must be 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recipe_WithItsDefaults_ReadsTheTarget()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var labeled = Toy.LabeledTarget();

        using var model = Recipes.Spa(extractor, predictor).Fit(Toy.Source(), labeled.WithoutLabels());

        var accuracy = Evaluation.AccuracyInterval.Of(model.PredictClasses(labeled.Inputs), labeled.Labels);
        Assert.True(accuracy.Value >= 0.7, $"SPA reads {accuracy} of the target");
    }

    public void Dispose() => scope.Dispose();
}
