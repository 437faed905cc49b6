using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Shallow learners on rows of 64 features and two classes, fitted and read once.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Predictors")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class PredictorBenchmarks
{
    private const int Width = 64;
    private Tensor _rows = null!;
    private Tensor _others = null!;
    private LabeledDomain _data = null!;

    /// <summary>Rows.</summary>
    [Params(500, 5000)]
    public int Rows { get; set; }

    /// <summary>Makes the rows.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        (_rows, _others) = (MadeRows.Normal(Rows, Width), MadeRows.Normal(Rows / 5, Width, shift: 0.4));
        _data = new LabeledDomain(_rows, MadeRows.NoisyClasses(_rows), space: LabelSpace.Classes(2));
        Agreement.Check("ridge regression", OfRidge, PlainOfRidge);
        Agreement.Check("logistic regression", OfLogistic, PlainOfLogistic, 1e-3);
        Agreement.Check("nearest neighbor", OfNeighbor, PlainOfNeighbor);
    }

    /// <summary>Ridge regression on one-hot classes.</summary>
    [Benchmark]
    [BenchmarkCategory("Ridge")]
    public void RidgeRegression() => OfRidge().Dispose();

    /// <summary>The same normal equations in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Ridge")]
    public void PlainRidgeRegression() => PlainOfRidge().Dispose();

    /// <summary>Logistic regression.</summary>
    [Benchmark]
    [BenchmarkCategory("Logistic")]
    public void LogisticRegression() => OfLogistic().Dispose();

    /// <summary>The same optimum by Newton's steps in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Logistic")]
    public void PlainLogisticRegression() => PlainOfLogistic().Dispose();

    /// <summary>The nearest neighbor's class.</summary>
    [Benchmark]
    [BenchmarkCategory("Neighbor")]
    public void NearestNeighbor() => OfNeighbor().Dispose();

    /// <summary>The same in plain TorchSharp, from the distances of all pairs.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Neighbor")]
    public void PlainNearestNeighbor() => PlainOfNeighbor().Dispose();

    private Tensor OfRidge() => Read(new RidgeRegression { PenaltyScale = PenaltyScale.Absolute }, _rows);

    private Tensor PlainOfRidge()
    {
        using var scope = NewDisposeScope();
        var y = nn.functional.one_hot(_data.Labels, 2).to(float64);
        var (centered, mean) = (_rows - _rows.mean([0L]), y.mean([0L]));
        var gram = centered.t().matmul(centered) + eye(Width, dtype: float64);
        return (centered.matmul(linalg.solve(gram, centered.t().matmul(y - mean))) + mean).MoveToOuterDisposeScope();
    }

    private Tensor OfLogistic()
    {
        using var scope = NewDisposeScope();
        var scores = Read(new LogisticRegression(), _rows);
        return (scores.select(1, 1) - scores.select(1, 0)).MoveToOuterDisposeScope();
    }

    private Tensor PlainOfLogistic() => PlainLogistic.Margins(_rows, _data.Labels);

    private Tensor OfNeighbor()
    {
        using var votes = Read(new NearestNeighbor(), _others);
        return votes.argmax(1);
    }

    private Tensor PlainOfNeighbor()
    {
        using var scope = NewDisposeScope();
        return _data.Labels.index_select(0, cdist(_others, _rows).argmin(1)).MoveToOuterDisposeScope();
    }

    private Tensor Read(ILabelLearner learner, Tensor rows)
    {
        var predictor = learner.Fit(_data);
        using var owned = predictor as IDisposable;
        return predictor.Predict(rows);
    }
}
