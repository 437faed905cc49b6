using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Instance;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Boosting over a source and 100 labeled target rows of 20 features, 10 rounds.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Boosting")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class BoostingBenchmarks
{
    private const int Width = 20;
    private const int Targets = 100;
    private const int Rounds = 10;
    private static readonly LogisticRegression _learner = new();
    private LabeledDomain _source = null!;
    private LabeledDomain _target = null!;

    /// <summary>Source rows.</summary>
    [Params(500, 5000)]
    public int Rows { get; set; }

    /// <summary>Makes the rows.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        LabeledDomain Labeled(Tensor rows) => new(rows, MadeRows.NoisyClasses(rows), space: LabelSpace.Classes(2));
        (_source, _target) = (
            Labeled(MadeRows.Normal(Rows, Width)),
            Labeled(MadeRows.Normal(Targets, Width, shift: 0.4))
        );
        Agreement.Check("TrAdaBoost", Vote, PlainVote);
    }

    /// <summary>TrAdaBoost over logistic regression.</summary>
    [Benchmark]
    [BenchmarkCategory("TrAdaBoost")]
    public void TrAdaBoost() => Vote().Dispose();

    /// <summary>The same rounds in plain TorchSharp around the same learner.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("TrAdaBoost")]
    public void PlainTrAdaBoost() => PlainVote().Dispose();

    private Tensor Vote()
    {
        using var scope = NewDisposeScope();
        using var vote = new TrAdaBoost(_learner) { Rounds = Rounds }.Fit(_source, _target);
        return vote.Predict(_target.Inputs).argmax(1).MoveToOuterDisposeScope();
    }

    private Tensor PlainVote()
    {
        using var scope = NewDisposeScope();
        var (rows, labels) = (cat([_source.Inputs, _target.Inputs]), cat([_source.Labels, _target.Labels]));
        var (n, count) = (_source.Count, rows.shape[0]);
        var weights = ones(count, dtype: float64);
        var votes = zeros([Targets, 2], dtype: float64);
        var beta = 1 / (1 + Math.Sqrt(2 * Math.Log(n) / Rounds));
        for (var round = 0; round < Rounds; round++)
        {
            weights /= weights.mean();
            var predictor = _learner.Fit(new LabeledDomain(rows, labels, weights, LabelSpace.Classes(2)));
            var classes = predictor.Predict(rows).argmax(1);
            (predictor as IDisposable)?.Dispose();
            var wrong = classes.ne(labels).to(float64);
            var (ofTarget, wrongOfTarget) = (weights.narrow(0, n, Targets), wrong.narrow(0, n, Targets));
            var error = Math.Min(
                (ofTarget * wrongOfTarget).sum().item<double>() / ofTarget.sum().item<double>(),
                0.499
            );
            var own = error / (1 - error);
            weights = cat([
                weights.narrow(0, 0, n) * wrong.narrow(0, 0, n).mul(Math.Log(beta)).exp(),
                ofTarget * wrongOfTarget.mul(-Math.Log(own)).exp(),
            ]);
            if (round >= (Rounds + 1) / 2)
            {
                votes += nn.functional.one_hot(classes.narrow(0, n, Targets), 2) * -Math.Log(own);
            }
        }
        return votes.argmax(1).MoveToOuterDisposeScope();
    }
}
