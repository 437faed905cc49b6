using TransferLearning.Instance;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Internal;

/// <summary>A solver that stops at its step limit says so, in a chain and by itself, and once.</summary>
public sealed class RunWarningsTests
{
    private static readonly LogisticRegression Hasty = new() { MaxSteps = 1 };

    [Fact]
    public void Chain_WhoseLearnerStopsAtItsLimit_WarnsOnceWithStageAndRemedy()
    {
        using var scope = NewDisposeScope();
        var log = new LogLines();

        using var model = new AdaptationBuilder()
            .Add(new ProgressiveReplacement(Hasty))
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), new FitOptions { Logger = log });

        var warning = Assert.Single(log.Warnings, line => line.Contains("MaxSteps", StringComparison.Ordinal));
        Assert.Contains("stage 1 (ProgressiveReplacement)", warning, StringComparison.Ordinal);
        Assert.Contains(
            "LogisticRegression stopped at its MaxSteps of 1 before it reached its tolerance",
            warning,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Fit_WithAContext_WarnsOnlyWhereItDidNotSettle()
    {
        using var scope = NewDisposeScope();
        var log = new LogLines();
        var context = new FitContext { Logger = log };

        using var settled = (IDisposable)new LogisticRegression().Fit(Toy.Source(), context);
        Assert.Empty(log.Warnings);
        using var hasty = (IDisposable)Hasty.Fit(Toy.Source(), context);

        Assert.Single(log.Warnings);
    }

    [Fact]
    public void Fit_WithACanceledContext_Stops()
    {
        using var scope = NewDisposeScope();
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var context = new FitContext { Cancellation = stop.Token };

        Assert.ThrowsAny<OperationCanceledException>(() => new LogisticRegression().Fit(Toy.Source(), context));
    }
}
